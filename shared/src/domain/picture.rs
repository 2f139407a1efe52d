//! Pictures small enough for a terminal, made from what a listing shows when somebody asks to see it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{refused::Fault, span};

/// The longest side, in pixels: 30 columns by 15 rows of half-blocks, some 10 KB on a slow link.
pub const SIDE: u16 = 30;

/// A small picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: u16,
    height: u16,
    pixels: Vec<[u8; 3]>,
}

impl Picture {
    /// A picture of so many columns, each at most [`SIDE`]; its pixels (red, green, blue) row by row. `None` if they are none.
    #[must_use]
    pub fn new(width: u16, height: u16, pixels: Vec<[u8; 3]>) -> Option<Self> {
        let fits = (1..=SIDE).contains(&width) && (1..=SIDE).contains(&height);
        (fits && pixels.len() == usize::from(width) * usize::from(height)).then_some(Self { width, height, pixels })
    }

    /// Columns and rows.
    #[must_use]
    pub const fn size(&self) -> (u16, u16) {
        (self.width, self.height)
    }

    /// The pixel in a column and a row; `None` outside.
    #[must_use]
    pub fn at(&self, x: u16, y: u16) -> Option<[u8; 3]> {
        let at = usize::from(y) * usize::from(self.width) + usize::from(x);
        self.pixels.get(at).copied().filter(|_| x < self.width)
    }

    /// Its pixels as six hexadecimal digits each.
    #[must_use]
    pub fn to_hex(&self) -> String {
        self.pixels.iter().map(|[r, g, b]| format!("{r:02x}{g:02x}{b:02x}")).collect()
    }

    /// A picture from what [`Picture::to_hex`] gave; `None` if it is none.
    #[must_use]
    pub fn from_hex(width: u16, height: u16, hex: &str) -> Option<Self> {
        let byte = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
        let pixels = (0..hex.len() / 6).map(|n| Some([byte(n * 6)?, byte(n * 6 + 2)?, byte(n * 6 + 4)?]));
        Self::new(width, height, pixels.collect::<Option<_>>()?)
    }
}

/// What a picture's address is kept under: addresses may be longer than an index takes.
#[must_use]
pub fn digest(url: &str) -> String {
    Sha256::digest(url).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a worker spends on a stranger's picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PicturePolicy {
    /// Bytes that are read of it at most. Default 8 MiB: marketplaces take up to 7 to 12 MB.
    pub bytes_max: u32,
    /// Pixels that are decoded at most, of which each takes up to 8 bytes of memory. Default 25 million, a camera's.
    pub pixels_max: u32,
    /// How long fetching, and then decoding, may take. Default 10 s each.
    #[serde(with = "span")]
    pub timeout: Duration,
    /// After so long it is fetched anew, since what is at an address changes. Default 1 day.
    #[serde(with = "span")]
    pub keep: Duration,
}

impl Default for PicturePolicy {
    fn default() -> Self {
        Self {
            bytes_max: 8 * 1024 * 1024,
            pixels_max: 25_000_000,
            timeout: Duration::from_secs(10),
            keep: Duration::from_secs(24 * 3600),
        }
    }
}

impl PicturePolicy {
    /// What is wrong with the numbers.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = vec![];
        let mut fault = |field: &str, problem: String, fix: &str| {
            faults.push(Fault::new(format!("console.pictures.{field}"), problem, fix));
        };
        if !(1024..=64 * 1024 * 1024).contains(&self.bytes_max) {
            fault("bytes_max", format!("{} is too few or too many", self.bytes_max), "give 1024 to 67108864");
        }
        if !(1..=100_000_000).contains(&self.pixels_max) {
            fault("pixels_max", format!("{} is too few or too many", self.pixels_max), "give 1 to 100000000");
        }
        if !(Duration::from_secs(1)..=Duration::from_secs(60)).contains(&self.timeout) {
            fault("timeout", format!("{} is too short or too long", span::words(self.timeout)), "give 1 s to 60 s");
        }
        if !(Duration::from_secs(60)..=Duration::from_secs(30 * 24 * 3600)).contains(&self.keep) {
            fault("keep", format!("{} is too short or too long", span::words(self.keep)), "give 1 min to 30 days");
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_reads_back_and_what_is_none_is_none() {
        let picture = Picture::new(2, 1, vec![[0, 127, 255], [1, 2, 3]]).unwrap();
        assert_eq!(picture.to_hex(), "007fff010203");
        assert_eq!(Picture::from_hex(2, 1, "007fff010203"), Some(picture.clone()));
        assert_eq!((picture.at(0, 0), picture.at(1, 0)), (Some([0, 127, 255]), Some([1, 2, 3])));
        assert_eq!((picture.at(2, 0), picture.at(0, 1)), (None, None));
        for (width, height, hex) in
            [(1, 1, ""), (2, 1, "007fff"), (1, 1, "00zzff"), (31, 1, &"0".repeat(186)), (1, 1, "é0é0")]
        {
            assert_eq!(Picture::from_hex(width, height, hex), None, "{hex}");
        }
    }

    #[test]
    fn numbers_that_nobody_can_work_with_are_named() {
        assert!(PicturePolicy::default().faults().is_empty());
        let wrong = PicturePolicy { bytes_max: 0, pixels_max: 0, timeout: Duration::ZERO, keep: Duration::ZERO };
        assert_eq!(wrong.faults().len(), 4);
    }
}
