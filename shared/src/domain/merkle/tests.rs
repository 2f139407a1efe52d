//! The tree beside the definition of RFC 6962 written down as it stands there, and the vectors of its first
//! implementation (Certificate Transparency's).

use proptest::prelude::*;

use super::*;

/// RFC 6962, section 2.1, word by word.
fn mth(leaves: &[Hash]) -> Hash {
    match leaves.len() {
        0 => Hash(Sha256::digest([]).into()),
        1 => leaves[0],
        n => {
            let k = n.next_power_of_two() / 2;
            node_hash(&mth(&leaves[..k]), &mth(&leaves[k..]))
        }
    }
}

/// RFC 6962, section 2.1.1.
fn path(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    let n = leaves.len();
    if n == 1 {
        return vec![];
    }
    let k = n.next_power_of_two() / 2;
    let (mut found, beside) =
        if m < k { (path(m, &leaves[..k]), mth(&leaves[k..])) } else { (path(m - k, &leaves[k..]), mth(&leaves[..k])) };
    found.push(beside);
    found
}

/// RFC 6962, section 2.1.2.
fn subproof(m: usize, leaves: &[Hash], is_root: bool) -> Vec<Hash> {
    let n = leaves.len();
    if m == n {
        return if is_root { vec![] } else { vec![mth(leaves)] };
    }
    let k = n.next_power_of_two() / 2;
    let (mut found, beside) = if m <= k {
        (subproof(m, &leaves[..k], is_root), mth(&leaves[k..]))
    } else {
        (subproof(m - k, &leaves[k..], false), mth(&leaves[..k]))
    };
    found.push(beside);
    found
}

fn leaves(n: usize) -> Vec<Hash> {
    (0..n).map(|n| leaf_hash(&n.to_be_bytes())).collect()
}

/// Leaves and kept nodes, as the store has them.
fn kept(leaves: &[Hash]) -> Vec<Vec<Hash>> {
    let mut tiles = Tiles::default();
    let mut levels = vec![leaves.to_vec(), vec![], vec![], vec![], vec![]];
    for leaf in leaves {
        for node in tiles.push(*leaf) {
            assert_eq!(node.node as usize, levels[usize::from(node.level)].len());
            assert_eq!(node.span().len(), width(node.level));
            levels[usize::from(node.level)].push(node.hash);
        }
    }
    levels
}

/// The root of a span from kept nodes alone, as the store makes it; no level gives more than a tile.
fn span_root(kept: &[Vec<Hash>], span: Span) -> Hash {
    let mut tree = Tree::default();
    for piece in pieces(span) {
        assert!(piece.to - piece.from < TILE, "{piece:?} of {span:?}");
        for hash in &kept[usize::from(piece.level)][piece.from as usize..piece.to as usize] {
            tree.push_subtree(piece.height(), *hash);
        }
    }
    tree.root()
}

#[test]
fn the_roots_are_those_of_certificate_transparency() {
    let contents = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut tree = Tree::default();
    assert_eq!(hex(&tree.root()), roots[0]);
    for (content, root) in contents.iter().zip(&roots[1..]) {
        let bytes: Vec<u8> =
            (0..content.len()).step_by(2).map(|at| u8::from_str_radix(&content[at..at + 2], 16).unwrap()).collect();
        tree.push(leaf_hash(&bytes));
        assert_eq!(hex(&tree.root()), *root);
    }
}

fn hex(hash: &Hash) -> String {
    hash.0.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn every_small_tree_proves_every_leaf_and_every_older_tree_and_nothing_else() {
    let all = leaves(33);
    for size in 1..=all.len() {
        let (tree, root) = (&all[..size], mth(&all[..size]));
        let levels = kept(tree);
        for leaf in 0..size {
            let spans = inclusion(leaf as u64, size as u64);
            let proof: Vec<Hash> = spans.iter().map(|span| span_root(&levels, *span)).collect();
            assert_eq!(proof, path(leaf, tree));
            for claimed in 0..size + 2 {
                let holds = includes(&root, size as u64, claimed as u64, tree[leaf], &proof);
                assert_eq!(holds, claimed == leaf, "leaf {leaf} of {size} as {claimed}");
            }
        }
        for old in 1..=size {
            let spans = consistency(old as u64, size as u64);
            let proof: Vec<Hash> = spans.iter().map(|span| span_root(&levels, *span)).collect();
            assert_eq!(proof, subproof(old, tree, true));
            for claimed in 1..size + 2 {
                let older = mth(&all[..old]);
                let holds = extends((claimed as u64, &older), (size as u64, &root), &proof);
                assert_eq!(holds, claimed == old, "{old} of {size} as {claimed}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_tree_is_the_naive_one_at_any_size(size in 1usize..3000, leaf: prop::sample::Index, old: prop::sample::Index) {
        let all = leaves(size);
        let (leaf, old) = (leaf.index(size), old.index(size) + 1);
        let levels = kept(&all);
        let root = mth(&all);
        let whole = span_root(&levels, Span { from: 0, to: size as u64 });
        prop_assert_eq!(whole, root);
        let mut tiles = Tiles::default();
        for (n, hash) in all.iter().enumerate() {
            tiles.push(*hash);
            if n + 1 == old {
                prop_assert_eq!(tiles.root(), mth(&all[..old]));
            }
        }
        prop_assert_eq!((tiles.root(), tiles.size()), (root, size as u64));

        let proof: Vec<Hash> = inclusion(leaf as u64, size as u64).iter().map(|span| span_root(&levels, *span)).collect();
        prop_assert_eq!(&proof, &path(leaf, &all));
        prop_assert!(includes(&root, size as u64, leaf as u64, all[leaf], &proof));
        prop_assert!(!includes(&root, size as u64, leaf as u64, leaf_hash(b"another"), &proof));
        let growth: Vec<Hash> = consistency(old as u64, size as u64).iter().map(|span| span_root(&levels, *span)).collect();
        prop_assert_eq!(&growth, &subproof(old, &all, true));
        let older = mth(&all[..old]);
        prop_assert!(extends((old as u64, &older), (size as u64, &root), &growth));
        prop_assert!(old == size || !extends((old as u64, &leaf_hash(b"another")), (size as u64, &root), &growth));
    }

    #[test]
    fn a_hash_survives_its_text(bytes: [u8; 32], junk in ".{0,60}") {
        let hash = Hash(bytes);
        prop_assert_eq!(hash.to_string().parse::<Hash>(), Ok(hash));
        if let Ok(read) = junk.parse::<Hash>() {
            prop_assert_eq!(read.to_string(), junk);
        }
    }
}

#[test]
fn a_large_span_takes_at_most_a_tile_of_each_level() {
    let size = 10_000_000;
    for leaf in [0, 1, 4_999_999, 8_388_608, 9_999_999] {
        for span in inclusion(leaf, size) {
            let parts = pieces(span);
            assert!(parts.iter().all(|piece| piece.to - piece.from < TILE), "{parts:?}");
            let covered: u64 = parts.iter().map(|piece| (piece.to - piece.from) * width(piece.level)).sum();
            assert_eq!(covered, span.to - span.from);
        }
    }
}
