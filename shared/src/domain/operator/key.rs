//! The SSH keys with which operators come in.

use std::{fmt, str::FromStr};

use serde::Serialize;
use ssh_key::{Algorithm, HashAlg, PublicKey};

use crate::domain::{ids::BadId, refused::Refused, safe_text::SafeText};

/// The shortest RSA key that is taken, in bits: 128 bits of strength (NIST SP 800-57, part 1, table 2).
const RSA_BITS_MIN: usize = 3072;

/// Which key: `SHA256:` and 43 characters, as `ssh-keygen -l` and sshd's logs print it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Fingerprint {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        match text.parse::<ssh_key::Fingerprint>() {
            Ok(print) if print.is_sha256() => Ok(Self(print.to_string())),
            _ => Err(BadId {
                kind: "a key's fingerprint",
                text: text.chars().take(80).collect(),
                fix: "it begins with SHA256:, as `operators keys list` and `ssh-keygen -l` print it",
            }),
        }
    }
}

/// A public key, as its `.pub` file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorKey {
    /// Which.
    pub fingerprint: Fingerprint,
    /// Kind and base64, as sshd wants to read it.
    pub public_key: String,
    /// What its owner calls it, cleaned; perhaps nothing.
    pub comment: String,
}

impl OperatorKey {
    /// Reads one line of a `.pub` file.
    ///
    /// # Errors
    /// Refused for anything else, for a private key (which is not repeated), and for keys too weak to let somebody in:
    /// DSA, and RSA below 3,072 bits.
    pub fn parse(line: &str) -> Result<Self, Refused> {
        if line.contains("PRIVATE KEY") {
            let problem = "it is the private half, which nobody but its owner may have";
            return Err(Refused::one("key", problem, "Give the file that ends with .pub."));
        }
        let key = PublicKey::from_openssh(line.trim()).map_err(|error| {
            let fix =
                "Give one line of a .pub file: a kind such as ssh-ed25519, base64, a comment; no options before it.";
            Refused::one("key", format!("it is no public key of OpenSSH: {error}"), fix)
        })?;
        let weak = match key.algorithm() {
            Algorithm::Dsa => Some("DSA keys are broken".to_owned()),
            Algorithm::Rsa { .. } => key
                .key_data()
                .rsa()
                .and_then(|rsa| rsa.n.as_positive_bytes())
                .map(|n| n.len() * 8)
                .filter(|bits| *bits < RSA_BITS_MIN)
                .map(|bits| format!("RSA with {bits} bits is too weak, {RSA_BITS_MIN} are needed")),
            Algorithm::Other(_) => Some("its kind is unknown here".to_owned()),
            _ => None,
        };
        if let Some(problem) = weak {
            return Err(Refused::one("key", problem, "Make another one: ssh-keygen -t ed25519."));
        }
        let mut bare = key.clone();
        bare.set_comment("");
        let public_key = bare.to_openssh().map_err(|error| {
            Refused::one(
                "key",
                format!("it can't be written again: {error}"),
                "Make another one: ssh-keygen -t ed25519.",
            )
        })?;
        Ok(Self {
            fingerprint: Fingerprint(key.fingerprint(HashAlg::Sha256).to_string()),
            public_key: public_key.trim().to_owned(),
            comment: SafeText::line(key.comment().trim(), 100).into_string(),
        })
    }
}

/// Where somebody sits who was let in by sshd: what the console is told in its forced command, and believes only from an
/// account that is a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seat {
    /// `key:SHA256:…`: whoever has this key.
    Key(Fingerprint),
    /// `certificate:ann`: whoever the certificate's key id names; sshd has checked who signed it.
    Certificate(super::OperatorId),
}

impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(fingerprint) => write!(f, "key:{fingerprint}"),
            Self::Certificate(id) => write!(f, "certificate:{id}"),
        }
    }
}

impl FromStr for Seat {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        match text.split_once(':') {
            Some(("key", fingerprint)) => fingerprint.parse().map(Self::Key),
            Some(("certificate", id)) => id.parse().map(Self::Certificate),
            _ => Err(BadId {
                kind: "a seat",
                text: text.chars().take(80).collect(),
                fix: "sshd writes it, as `authorized-keys` and `authorized-principals` print it",
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJrHKXmGNKnqSwTPMkRURtKNCTQIRU1qq0N1hwIXvhVj ann\u{202e}@laptop\n";

    #[test]
    fn a_key_is_read_and_its_comment_cleaned() {
        let key = OperatorKey::parse(ANN).unwrap();
        assert_eq!(key.public_key, ANN.split(" ann").next().unwrap());
        assert_eq!(key.comment, "ann‹U+202E›@laptop");
        assert_eq!(key.fingerprint.as_str().parse(), Ok(key.fingerprint.clone()));
        assert_eq!(key.fingerprint.as_str().len(), "SHA256:".len() + 43);
        let seat = Seat::Key(key.fingerprint);
        assert_eq!(seat.to_string().parse(), Ok(seat));
    }

    #[test]
    fn what_is_no_key_or_a_weak_one_is_refused() {
        let rsa_1024 = concat!(
            "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDGUElj/O+BVZ4Mg/E7KnxZeUqBGybbqosrdvNfTFW+DaerBU3jntJvo8FJLmKGZWX12Xpo",
            "Ge6IWbOxW40Hiy81hBn8dwG79I7S1Ygh8A1lRfWW7LPcd4LBMITEF2c2zLuhBbc9ofz2Tljrfh5ad+Yh9FJgOCJNQumBMujQ0S8olw== x"
        );
        for (line, problem) in [
            ("", "no public key"),
            ("ssh-ed25519", "no public key"),
            ("ssh-ed25519 AAAA", "no public key"),
            (
                "command=\"sh\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJrHKXmGNKnqSwTPMkRURtKNCTQIRU1qq0N1hwIXvhVj",
                "no public key",
            ),
            ("-----BEGIN OPENSSH PRIVATE KEY-----", "private half"),
            (rsa_1024, "too weak"),
        ] {
            let refused = OperatorKey::parse(line).unwrap_err().to_string();
            assert!(refused.contains(problem), "{line}: {refused}");
            assert!(!refused.contains("BEGIN"), "{refused}");
        }
    }

    #[test]
    fn a_seat_that_nobody_wrote_is_none() {
        for text in ["", "ann", "key:", "key:MD5:aa", "key:SHA256:x y", "certificate:", "certificate:a b", "root:ann"] {
            assert!(text.parse::<Seat>().is_err(), "{text}");
        }
    }
}
