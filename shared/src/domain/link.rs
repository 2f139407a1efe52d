//! Signed links: what a letter carries so that its reader may do one thing, once, without an account.
//!
//! A link is a capability. It says what may be done to which request, for which brand and until when, and is signed with
//! HMAC-SHA256 under the house's key; whoever changes a bit of it has nothing. That it is used once is the store's affair.

use std::{fmt, str};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use ulid::Ulid;

use super::{
    ids::{BrandId, RequestId},
    refused::Refused,
    time::Time,
};

/// Bytes of a signature.
const MAC_BYTES: usize = 32;
/// Characters of a token; the longest that we make has 250.
const TOKEN_CHARS_MAX: usize = 400;
/// Bytes of a key at least: as many as the signature has.
const KEY_BYTES_MIN: usize = 32;
/// Signatures for one thing are none for another, and those of a later form none of this one.
const CONTEXT: &[u8] = b"joint force link 1\0";

/// The key that links are signed with. Never shown.
#[derive(Clone)]
pub struct LinkKey(Vec<u8>);

impl LinkKey {
    /// A key of these bytes.
    ///
    /// # Errors
    /// Refused if they are fewer than 32.
    pub fn new(bytes: &[u8]) -> Result<Self, Refused> {
        if bytes.len() < KEY_BYTES_MIN {
            return Err(Refused::one(
                "link key",
                format!("it has {} bytes", bytes.len()),
                "Give at least 32 random bytes: head -c 32 /dev/urandom | base64 > FILE; chmod 600 FILE",
            ));
        }
        Ok(Self(bytes.to_owned()))
    }

    fn mac(&self) -> Option<Hmac<Sha256>> {
        // HMAC takes a key of any length, so this never fails.
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(CONTEXT);
        Some(mac)
    }
}

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkKey")
    }
}

/// What a link lets its holder do: answer one authenticity request, for one brand, until a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The request to be answered.
    pub request: RequestId,
    /// In whose name.
    pub brand: BrandId,
    /// When it ends.
    pub until: Time,
    /// What makes this link another than every other one of the same request.
    pub nonce: Ulid,
}

/// Why a link opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadLink {
    /// It is none of ours: altered, cut, or made up. Nothing in it is believed.
    #[error("the link is not whole")]
    Altered,
    /// It was ours, and its time is over.
    #[error("the link has expired")]
    Expired,
}

impl Link {
    /// The link as it stands in an address: letters, digits, `-` and `_`.
    #[must_use]
    pub fn token(&self, key: &LinkKey) -> String {
        let mut token = format!("answer {} {} {} {}", self.request, self.until.0, self.nonce, self.brand).into_bytes();
        let Some(mut mac) = key.mac() else { return String::new() };
        mac.update(&token);
        token.extend_from_slice(&mac.finalize().into_bytes());
        URL_SAFE_NO_PAD.encode(token)
    }

    /// The link that a token is, checked before a word of it is read. The check takes the same time however much of the
    /// signature is right.
    ///
    /// # Errors
    /// [`BadLink::Altered`] unless this house signed it; [`BadLink::Expired`] after its time.
    pub fn open(token: &str, key: &LinkKey, now: Time) -> Result<Self, BadLink> {
        let bytes = (token.len() <= TOKEN_CHARS_MAX).then(|| URL_SAFE_NO_PAD.decode(token).ok()).flatten();
        let bytes = bytes.ok_or(BadLink::Altered)?;
        let body_len = bytes.len().checked_sub(MAC_BYTES).ok_or(BadLink::Altered)?;
        let (body, signature) = bytes.split_at(body_len);
        let mut mac = key.mac().ok_or(BadLink::Altered)?;
        mac.update(body);
        mac.verify_slice(signature).map_err(|_| BadLink::Altered)?;
        let link = str::from_utf8(body).ok().and_then(Self::read).ok_or(BadLink::Altered)?;
        if now < link.until { Ok(link) } else { Err(BadLink::Expired) }
    }

    fn read(body: &str) -> Option<Self> {
        let mut words = body.strip_prefix("answer ")?.split(' ');
        let request = words.next()?.parse().ok()?;
        let until = Time(words.next()?.parse().ok()?);
        let nonce = Ulid::from_string(words.next()?).ok()?;
        let brand = words.next()?.parse().ok()?;
        words.next().is_none().then_some(Self { request, brand, until, nonce })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(byte: u8) -> LinkKey {
        LinkKey::new(&[byte; 32]).unwrap()
    }

    fn link() -> Link {
        Link {
            request: RequestId::from_ulid(Ulid(7)),
            brand: "acme".parse().unwrap(),
            until: Time(1_000),
            nonce: Ulid(u128::MAX),
        }
    }

    #[test]
    fn a_link_opens_what_it_says_until_it_ends() {
        let token = link().token(&key(1));
        assert_eq!(Link::open(&token, &key(1), Time(999)), Ok(link()));
        assert_eq!(Link::open(&token, &key(1), Time(1_000)), Err(BadLink::Expired));
        assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{token}");
        assert!(token.len() < 200, "{}", token.len());
    }

    #[test]
    fn no_bit_of_a_link_can_be_changed() {
        let bytes = URL_SAFE_NO_PAD.decode(link().token(&key(1))).unwrap();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                let token = URL_SAFE_NO_PAD.encode(changed);
                assert_eq!(Link::open(&token, &key(1), Time(0)), Err(BadLink::Altered), "byte {at}, bit {bit}");
            }
        }
    }

    #[test]
    fn another_house_s_link_is_none_and_neither_is_an_expired_one_that_was_altered() {
        let token = link().token(&key(2));
        assert_eq!(Link::open(&token, &key(1), Time(0)), Err(BadLink::Altered));
        assert_eq!(Link::open(&token, &key(1), Time(5_000)), Err(BadLink::Altered), "nothing is learned from it");
        for bad in ["", "x", "answer", &token[1..], &format!("{token}A"), &"A".repeat(5_000)] {
            assert_eq!(Link::open(bad, &key(2), Time(0)), Err(BadLink::Altered), "{bad}");
        }
    }

    #[test]
    fn a_short_key_is_refused_and_a_key_is_never_shown() {
        assert!(LinkKey::new(&[0; 31]).is_err());
        assert_eq!(format!("{:?}", key(77)), "LinkKey");
    }

    proptest! {
        #[test]
        fn nobody_panics_on_a_token(token in "\\PC{0,500}") {
            prop_assert!(Link::open(&token, &key(1), Time(0)).is_err());
        }
    }
}
