//! A checkpoint: what the audit record came to at some size, signed. In the form of C2SP's `tlog-checkpoint` inside its
//! `signed-note`, so that any tool that reads those can check ours.

mod key;

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};

pub use key::{BadKey, PublicKey, SecretKey};

use super::merkle::Hash;

/// How each signature line begins: an em dash and a space.
const SIGNED_BY: &str = "\u{2014} ";

/// The root of the tree over the first `size` events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: the name of its key, unique among logs.
    pub origin: String,
    /// Leaves in the tree.
    pub size: u64,
    /// Its root.
    pub root: Hash,
}

impl fmt::Display for Checkpoint {
    /// The text that is signed: three lines.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root)
    }
}

/// One signature of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The key's name.
    pub name: String,
    /// The first bytes of the key's hash.
    pub key_id: [u8; 4],
    /// The signature itself; 64 bytes for ed25519.
    pub bytes: Vec<u8>,
}

/// A signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What is signed.
    pub checkpoint: Checkpoint,
    /// What was signed, to the letter: extension lines of others' tools are kept.
    pub text: String,
    /// By whom; others (witnesses) may have added theirs.
    pub signatures: Vec<Signature>,
}

impl Note {
    /// Whether this key signed it.
    #[must_use]
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        self.signatures.iter().any(|signature| key.signed(self.text.as_bytes(), signature))
    }

    /// Whether one of these keys signed it, and is the key of the log that it names.
    #[must_use]
    pub fn is_signed_by_any(&self, keys: &[PublicKey]) -> bool {
        keys.iter().any(|key| key.name() == self.checkpoint.origin && self.is_signed_by(key))
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for Signature { name, key_id, bytes } in &self.signatures {
            writeln!(f, "{SIGNED_BY}{name} {}", STANDARD.encode([key_id.as_slice(), bytes].concat()))?;
        }
        Ok(())
    }
}

/// A text that is no signed checkpoint, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is no signed checkpoint: {0}")]
pub struct BadNote(&'static str);

impl FromStr for Note {
    type Err = BadNote;

    fn from_str(text: &str) -> Result<Self, BadNote> {
        let (body, below) = text.split_once("\n\n").ok_or(BadNote("no empty line ends its text"))?;
        let body = format!("{body}\n");
        let mut lines = body.lines();
        let origin = lines.next().filter(|origin| !origin.is_empty()).ok_or(BadNote("its first line names no log"))?;
        let size = lines.next().and_then(plain_number).ok_or(BadNote("its second line is no size"))?;
        let root = lines.next().and_then(|root| root.parse().ok()).ok_or(BadNote("its third line is no root"))?;
        let checkpoint = Checkpoint { origin: origin.to_owned(), size, root };
        let signatures: Vec<Signature> =
            below.lines().filter(|line| !line.is_empty()).map(signature).collect::<Result<_, _>>()?;
        if signatures.is_empty() {
            return Err(BadNote("nobody signed it"));
        }
        Ok(Self { checkpoint, text: body, signatures })
    }
}

/// A number as C2SP wants it: digits without a sign, a zero in front or anything else.
fn plain_number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

fn signature(line: &str) -> Result<Signature, BadNote> {
    const BAD: BadNote = BadNote("a signature line is not `— name base64`");
    let (name, code) = line.strip_prefix(SIGNED_BY).and_then(|rest| rest.split_once(' ')).ok_or(BAD)?;
    let bytes = STANDARD.decode(code).map_err(|_| BAD)?;
    // No kind of signature is shorter than ed25519's 64 bytes: less is a line that was cut off.
    let (key_id, bytes) = bytes.split_first_chunk().filter(|(_, bytes)| bytes.len() >= 64).ok_or(BAD)?;
    Ok(Signature { name: name.to_owned(), key_id: *key_id, bytes: bytes.to_vec() })
}

/// Reads notes that follow each other with an empty line between them, as they are exported. Gives those that can be
/// read, and the line numbers (from 1) of what can't: the torn end of a write that was cut off, or somebody's hand.
#[must_use]
pub fn read_notes(text: &str) -> (Vec<Note>, Vec<usize>) {
    let (mut notes, mut torn) = (vec![], vec![]);
    // A note is two paragraphs, the second one made of signatures.
    let mut pending: Option<(usize, String)> = None;
    let mut line = 1;
    for paragraph in text.split("\n\n") {
        let at = line;
        line += paragraph.matches('\n').count() + 2;
        let trimmed = paragraph.trim_matches('\n');
        if trimmed.is_empty() {
            continue;
        }
        if !trimmed.starts_with(SIGNED_BY) {
            torn.extend(pending.replace((at, trimmed.to_owned())).map(|(at, _)| at));
            continue;
        }
        match pending.take() {
            Some((from, body)) => match format!("{body}\n\n{trimmed}\n").parse() {
                Ok(note) => notes.push(note),
                Err(_) => torn.push(from),
            },
            None => torn.push(at),
        }
    }
    torn.extend(pending.map(|(at, _)| at));
    (notes, torn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::merkle::leaf_hash;

    fn note(size: u64) -> Note {
        let key = SecretKey::from_seed("log.example/audit", [7; 32]).unwrap();
        key.sign(size, leaf_hash(&size.to_be_bytes()))
    }

    #[test]
    fn a_note_is_three_lines_and_a_signature_and_survives_its_text() {
        let note = note(1000);
        let text = note.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..2], ["log.example/audit", "1000"]);
        assert_eq!((lines[3], &lines[4][..22]), ("", "\u{2014} log.example/audit "));
        assert_eq!(text.parse::<Note>().unwrap(), note);
    }

    #[test]
    fn whatever_is_changed_in_a_note_its_signature_no_longer_holds() {
        let key = SecretKey::from_seed("log.example/audit", [7; 32]).unwrap().public();
        let stranger = SecretKey::from_seed("log.example/audit", [8; 32]).unwrap().public();
        let good = note(1000);
        assert!(good.is_signed_by(&key) && good.is_signed_by_any(std::slice::from_ref(&key)));
        assert!(!good.is_signed_by(&stranger));
        let text = good.to_string();
        let root = good.checkpoint.root.to_string();
        let other = note(1001).checkpoint.root.to_string();
        for (from, to) in
            [("\n1000\n", "\n1001\n"), ("log.example/audit\n", "log.example/other\n"), (root.as_str(), other.as_str())]
        {
            let changed: Note = text.replacen(from, to, 1).parse().unwrap();
            assert!(!changed.is_signed_by_any(std::slice::from_ref(&key)), "{changed}");
        }
        let extended: Note = text.replacen("\n\n", "\nmore\n\n", 1).parse().unwrap();
        assert!(!extended.is_signed_by(&key));
    }

    #[test]
    fn what_is_no_note_is_refused() {
        let good = note(5).to_string();
        for bad in [
            String::new(),
            good.replace("\n5\n", "\n05\n"),
            good.replace("\n5\n", "\n-5\n"),
            good.replace("\n5\n", "\n\n"),
            good.replace('\u{2014}', "-"),
            good.split("\n\n").next().unwrap().to_owned() + "\n\n",
            good.trim_end().to_owned() + "*\n",
        ] {
            assert!(bad.parse::<Note>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn exported_notes_are_read_past_a_torn_one() {
        let whole = format!("{}\n{}\n", note(1), note(2));
        let (notes, torn) = read_notes(&whole);
        assert_eq!((notes, torn), (vec![note(1), note(2)], vec![]));
        for cut in 1..note(2).to_string().chars().count() - 1 {
            let torn_one: String = note(2).to_string().chars().take(cut).collect();
            let text = format!("{}\n{torn_one}\n\n{}\n", note(1), note(3));
            let (notes, torn) = read_notes(&text);
            assert_eq!((notes, torn.first()), (vec![note(1), note(3)], Some(&7)), "{text}");
        }
        assert_eq!(read_notes("junk\n"), (vec![], vec![1]));
    }
}
