//! Proofs that a stranger can check with a log's public key and no database: that an event is in the audit record, and
//! that a newer record begins with an older one.

use serde::{Deserialize, Serialize};

use super::{
    checkpoint::{Note, PublicKey},
    merkle::{self, Hash},
    refused::Refused,
};

/// A proof; written as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "proves", rename_all = "snake_case", deny_unknown_fields)]
pub enum Proof {
    /// That an event is in the record.
    Inclusion {
        /// Its number.
        leaf: u64,
        /// What was sealed, to the letter: the event as JSON.
        content: String,
        /// The hashes beside the way from the leaf to the root, in base64.
        path: Vec<String>,
        /// The signed checkpoint with the root.
        checkpoint: String,
    },
    /// That the record with the newer checkpoint begins with the one of the older: nothing was taken out or changed.
    Growth {
        /// The older signed checkpoint.
        older: String,
        /// RFC 6962's consistency proof, in base64.
        path: Vec<String>,
        /// The newer signed checkpoint.
        newer: String,
    },
}

impl Proof {
    /// Whether it holds under one of these keys; gives what it shows, in words.
    ///
    /// # Errors
    /// Refused with the field that is wrong.
    pub fn check(&self, keys: &[PublicKey]) -> Result<String, Refused> {
        match self {
            Self::Inclusion { leaf, content, path, checkpoint } => {
                let note = signed("checkpoint", checkpoint, keys)?;
                let path = hashes(path)?;
                let (size, root) = (note.checkpoint.size, note.checkpoint.root);
                if merkle::includes(&root, size, *leaf, merkle::leaf_hash(content.as_bytes()), &path) {
                    return Ok(format!(
                        "the event is number {leaf} of the {size} that {} sealed under root {root}",
                        note.checkpoint.origin
                    ));
                }
                Err(Refused::one(
                    "path",
                    "leaf, content and path don't lead to the checkpoint's root",
                    "The event isn't in the record as it is written here; ask for the proof again.",
                ))
            }
            Self::Growth { older, path, newer } => {
                let (older, newer) =
                    (signed("older", older, keys)?.checkpoint, signed("newer", newer, keys)?.checkpoint);
                let holds = older.origin == newer.origin
                    && merkle::extends((older.size, &older.root), (newer.size, &newer.root), &hashes(path)?);
                if holds {
                    return Ok(format!(
                        "the record of {} with {} events begins with the one that had {}",
                        newer.origin, newer.size, older.size
                    ));
                }
                Err(Refused::one(
                    "path",
                    "the newer record doesn't begin with the older one",
                    "Compare the checkpoints with exported ones: `audit verify --against FILE`.",
                ))
            }
        }
    }
}

fn signed(field: &str, text: &str, keys: &[PublicKey]) -> Result<Note, Refused> {
    let fix = "Take the checkpoint from an export, and the key from whoever runs the log.";
    let note: Note = text.parse().map_err(|error| Refused::one(field, format!("{error}"), fix))?;
    if note.is_signed_by_any(keys) {
        Ok(note)
    } else {
        Err(Refused::one(field, "none of the given keys signed it for its log", fix))
    }
}

fn hashes(path: &[String]) -> Result<Vec<Hash>, Refused> {
    let read = |(n, text): (usize, &String)| {
        text.parse().map_err(|error| Refused::one(format!("path[{n}]"), format!("{error}"), "Ask for the proof again."))
    };
    path.iter().enumerate().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{checkpoint::SecretKey, merkle::Tree};

    #[test]
    fn a_proof_holds_under_its_key_and_for_its_own_content_only() {
        let key = SecretKey::from_seed("log.example/audit", [3; 32]).unwrap();
        let stranger = SecretKey::from_seed("log.example/audit", [4; 32]).unwrap();
        let leaves = [b"a", b"b", b"c"].map(|content| merkle::leaf_hash(content));
        let mut tree = Tree::default();
        leaves.iter().for_each(|leaf| tree.push(*leaf));
        let note = key.sign(3, tree.root()).to_string();
        let path = vec![leaves[0].to_string(), leaves[2].to_string()];
        let proof = Proof::Inclusion { leaf: 1, content: "b".into(), path: path.clone(), checkpoint: note.clone() };
        let json = serde_json::to_string(&proof).unwrap();
        assert_eq!(serde_json::from_str::<Proof>(&json).unwrap(), proof);
        assert!(proof.check(&[key.public()]).unwrap().contains("number 1 of the 3"));
        assert_eq!(proof.check(&[stranger.public()]).unwrap_err().faults[0].field, "checkpoint");
        let other = Proof::Inclusion { leaf: 1, content: "B".into(), path, checkpoint: note.clone() };
        assert_eq!(other.check(&[key.public()]).unwrap_err().faults[0].field, "path");

        let older = key.sign(1, leaves[0]).to_string();
        let path = vec![leaves[1].to_string(), leaves[2].to_string()];
        let growth = Proof::Growth { older, path: path.clone(), newer: note.clone() };
        assert!(growth.check(&[key.public()]).is_ok());
        let fork = key.sign(1, leaves[1]).to_string();
        assert!(Proof::Growth { older: fork, path, newer: note }.check(&[key.public()]).is_err());
    }
}
