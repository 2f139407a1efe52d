//! The keys that sign checkpoints: ed25519, in the texts of Go's `sumdb/note`, which C2SP's tools read too.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

use super::{Checkpoint, Note, Signature};
use crate::domain::merkle::Hash;

/// C2SP's number for ed25519.
const ED25519: u8 = 1;
const SECRET: &str = "PRIVATE+KEY+";

/// A text that is no key, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// The name.
    #[error("a key's name is 1 to 100 characters without blanks and without +")]
    Name,
    /// The text.
    #[error("it is no key: NAME+8 hexadecimal digits+BASE64, as `jointforce-worker audit key` prints it")]
    Text,
    /// The digits in it.
    #[error("its digits are not those of its name and bytes: it was cut or altered")]
    Digits,
}

/// What checks a log's signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    name: String,
    key: VerifyingKey,
}

impl PublicKey {
    /// The log's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first bytes of its hash, which stand in each signature.
    fn id(&self) -> [u8; 4] {
        let digest = Sha256::new()
            .chain_update(self.name.as_bytes())
            .chain_update([b'\n', ED25519])
            .chain_update(self.key.as_bytes())
            .finalize();
        [digest[0], digest[1], digest[2], digest[3]]
    }

    pub(super) fn signed(&self, text: &[u8], signature: &Signature) -> bool {
        signature.name == self.name
            && signature.key_id == self.id()
            && ed25519_dalek::Signature::from_slice(&signature.bytes)
                .is_ok_and(|bytes| self.key.verify_strict(text, &bytes).is_ok())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = u32::from_be_bytes(self.id());
        let code = STANDARD.encode([&[ED25519], self.key.as_bytes().as_slice()].concat());
        write!(f, "{}+{id:08x}+{code}", self.name)
    }
}

impl FromStr for PublicKey {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let (name, id, bytes) = parts(text)?;
        let key = Self { name, key: VerifyingKey::from_bytes(&bytes).map_err(|_| BadKey::Text)? };
        if u32::from_be_bytes(key.id()) == id { Ok(key) } else { Err(BadKey::Digits) }
    }
}

/// What signs a log's checkpoints. Its debug text holds no secret.
#[derive(Clone)]
pub struct SecretKey {
    public: PublicKey,
    key: SigningKey,
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey of {}", self.public)
    }
}

impl SecretKey {
    /// The key of the log `name` with these random bytes.
    ///
    /// # Errors
    /// A name that can't stand in a signature line.
    pub fn from_seed(name: &str, seed: [u8; 32]) -> Result<Self, BadKey> {
        if name.is_empty() || name.len() > 100 || name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
        {
            return Err(BadKey::Name);
        }
        let key = SigningKey::from_bytes(&seed);
        Ok(Self { public: PublicKey { name: name.to_owned(), key: key.verifying_key() }, key })
    }

    /// What checks its signatures.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        self.public.clone()
    }

    /// Signs the checkpoint of its log at this size.
    #[must_use]
    pub fn sign(&self, size: u64, root: Hash) -> Note {
        let checkpoint = Checkpoint { origin: self.public.name.clone(), size, root };
        let text = checkpoint.to_string();
        let signature = self.signature(text.as_bytes());
        Note { checkpoint, text, signatures: vec![signature] }
    }

    fn signature(&self, text: &[u8]) -> Signature {
        let bytes = self.key.sign(text).to_bytes().to_vec();
        Signature { name: self.public.name.clone(), key_id: self.public.id(), bytes }
    }

    /// The text for its file. It is a secret: it belongs nowhere else.
    #[must_use]
    pub fn secret_text(&self) -> String {
        let id = u32::from_be_bytes(self.public.id());
        let code = STANDARD.encode([&[ED25519], self.key.as_bytes().as_slice()].concat());
        format!("{SECRET}{}+{id:08x}+{code}", self.public.name)
    }
}

impl FromStr for SecretKey {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let (name, id, seed) = parts(text.strip_prefix(SECRET).ok_or(BadKey::Text)?)?;
        let key = Self::from_seed(&name, seed)?;
        if u32::from_be_bytes(key.public.id()) == id { Ok(key) } else { Err(BadKey::Digits) }
    }
}

/// Name, digits and the 32 bytes of `NAME+digits+base64`.
fn parts(text: &str) -> Result<(String, u32, [u8; 32]), BadKey> {
    // The name has no plus; base64 may have some.
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(code)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(BadKey::Text);
    };
    let id = u32::from_str_radix(id, 16).map_err(|_| BadKey::Text)?;
    let bytes = STANDARD.decode(code).map_err(|_| BadKey::Text)?;
    match bytes.split_first() {
        Some((&ED25519, key)) if !name.is_empty() => {
            Ok((name.to_owned(), id, key.try_into().map_err(|_| BadKey::Text)?))
        }
        _ => Err(BadKey::Text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Go's `golang.org/x/mod/sumdb/note`.
    #[test]
    fn keys_and_signatures_are_those_of_other_tools() {
        let secret: SecretKey =
            "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz".parse().unwrap();
        let public = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        assert_eq!(secret.public().to_string(), public);
        let text =
            "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
        let signature = secret.signature(text.as_bytes());
        let line = STANDARD.encode([signature.key_id.as_slice(), &signature.bytes].concat());
        assert_eq!(
            line,
            "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
        );
        assert!(public.parse::<PublicKey>().unwrap().signed(text.as_bytes(), &signature));
    }

    #[test]
    fn keys_survive_their_texts_and_say_what_is_wrong_with_others() {
        let secret = SecretKey::from_seed("log.example/audit", [9; 32]).unwrap();
        let read: SecretKey = secret.secret_text().parse().unwrap();
        assert_eq!(read.public(), secret.public());
        let public = secret.public().to_string();
        assert_eq!(public.parse(), Ok(secret.public()));
        assert!(!format!("{secret:?}").contains(&secret.secret_text()[20..]));
        assert_eq!(public.replace("log.", "lag.").parse::<PublicKey>(), Err(BadKey::Digits));
        for bad in ["", "a+b", "a+00000000+", "a+00000000+AAAA", &public[..60], "PRIVATE+KEY+x"] {
            assert_eq!(bad.parse::<PublicKey>(), Err(BadKey::Text), "{bad}");
        }
        for name in ["", "two words", "a+b", &"x".repeat(101)] {
            assert_eq!(SecretKey::from_seed(name, [1; 32]).unwrap_err(), BadKey::Name);
        }
    }
}
