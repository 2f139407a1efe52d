//! Google's bulk format for copyright notices: a text file in which `#` lines describe a work, then comes the
//! original's URL, then the infringing ones; a blank line ends the block.
//!
//! ```text
//! # Product photographs of the spring catalogue
//! https://brand.example/spring
//! https://market.example/i/4711
//! https://market.example/i/4712
//! ```

use super::{
    notice::{Faults, RawNotice, URL_CHARS_MAX, is_web_address, quoted},
    refused::Refused,
};

/// Bytes of a file.
pub const BYTES_MAX: usize = 1_000_000;

/// One work and what infringes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Block {
    /// The line of the file where it starts, from 1.
    pub line: usize,
    /// What the `#` lines say, with line breaks between them.
    pub description: String,
    /// Where the original is.
    pub original: String,
    /// Where it is infringed; at least one.
    pub infringing: Vec<String>,
}

impl Block {
    /// The notice of this block; `template` holds the sender's data. The description becomes the explanation, the
    /// original the first evidence. Blocks may share a reference: the line is added to it.
    #[must_use]
    pub fn into_raw(self, template: RawNotice) -> RawNotice {
        let mut evidence = vec![self.original];
        evidence.extend(template.evidence);
        let reference = match template.reference.trim() {
            "" => String::new(),
            shared => format!("{shared}#{}", self.line),
        };
        RawNotice { reference, explanation: self.description, listings: self.infringing, evidence, ..template }
    }
}

/// The blocks of a file.
///
/// # Errors
/// Every line that is wrong, by number; after 20 faults only how many more.
pub fn parse(text: &str) -> Result<Vec<Block>, Refused> {
    if text.len() > BYTES_MAX {
        let problem = format!("it has {} bytes; at most {BYTES_MAX}", text.len());
        return Err(Refused::one("file", problem, "Split it between two blocks."));
    }
    let mut reader = Reader::default();
    for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        reader.read(number, line.trim());
    }
    reader.end_block();
    let Reader { mut faults, blocks, .. } = reader;
    if blocks.is_empty() {
        faults.add("file", || ("it holds no block", "Write # lines, the original's URL, then the infringing URLs."));
    }
    faults.or(|| Some(blocks))
}

#[derive(Default)]
struct Reader {
    block: Option<Block>,
    blocks: Vec<Block>,
    faults: Faults,
}

impl Reader {
    fn read(&mut self, number: usize, line: &str) {
        if line.is_empty() {
            // A blank line between a description and its URLs ends nothing.
            if self.block.as_ref().is_some_and(|block| !block.original.is_empty()) {
                self.end_block();
            }
            return;
        }
        if let Some(words) = line.strip_prefix('#') {
            if self.block.as_ref().is_some_and(|block| !block.original.is_empty()) {
                self.end_block();
            }
            let block = self.block.get_or_insert_with(|| Block { line: number, ..Block::default() });
            let words = words.trim();
            if !block.description.is_empty() && !words.is_empty() {
                block.description.push('\n');
            }
            block.description.push_str(words);
            return;
        }
        if line.len() > URL_CHARS_MAX || !is_web_address(line) {
            self.faults.add(format!("line {number}"), || {
                let fix = format!("Write an address from https:// on, of at most {URL_CHARS_MAX} characters.");
                (format!("{} is neither a # line nor an address of the web", quoted(line)), fix)
            });
        }
        let block = self.block.get_or_insert_with(|| Block { line: number, ..Block::default() });
        if block.original.is_empty() {
            line.clone_into(&mut block.original);
        } else {
            block.infringing.push(line.to_owned());
        }
    }

    fn end_block(&mut self) {
        let Some(block) = self.block.take() else { return };
        let field = || format!("line {}", block.line);
        if block.description.is_empty() {
            self.faults.add(field(), || ("the work is not described", "Describe it in lines that start with #."));
        }
        if block.infringing.is_empty() {
            self.faults.add(field(), || {
                (
                    "the block names nothing that infringes",
                    "Write the original's URL, then each infringing URL in a line.",
                )
            });
        }
        self.blocks.push(block);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn block(line: usize, description: &str, original: &str, infringing: &[&str]) -> Block {
        let infringing = infringing.iter().map(|&url| url.to_owned()).collect();
        Block { line, description: description.to_owned(), original: original.to_owned(), infringing }
    }

    fn faults(text: &str) -> Vec<String> {
        parse(text).unwrap_err().faults.iter().map(|fault| format!("{}: {}", fault.field, fault.problem)).collect()
    }

    #[test]
    fn blocks_are_read_however_they_are_spaced() {
        let text = "\u{feff}# A photograph\r\n#\r\n#  of a shoe \r\n\r\nhttps://b.example/1\r\n  https://m.example/7\r\n\
                    https://m.example/8\r\n\r\n\r\n# Text\nhttps://b.example/2\nhttps://m.example/9\n# Next\n\
                    http://b.example/3\nhttps://m.example/9";
        let expect = [
            block(1, "A photograph\nof a shoe", "https://b.example/1", &["https://m.example/7", "https://m.example/8"]),
            block(10, "Text", "https://b.example/2", &["https://m.example/9"]),
            block(13, "Next", "http://b.example/3", &["https://m.example/9"]),
        ];
        assert_eq!(parse(text).unwrap(), expect);
    }

    #[test]
    fn every_wrong_line_is_named() {
        assert_eq!(faults(""), ["file: it holds no block"]);
        assert_eq!(
            faults(
                "https://b.example/1\nhttps://m.example/1\n\n# Work\nhttps://b.example/1\n\n# W\nshoe 7\njavascript:x"
            ),
            [
                "line 1: the work is not described",
                "line 4: the block names nothing that infringes",
                "line 8: \"shoe 7\" is neither a # line nor an address of the web",
                "line 9: \"javascript:x\" is neither a # line nor an address of the web",
            ]
        );
        assert_eq!(faults("# Work"), ["line 1: the block names nothing that infringes"]);
        assert_eq!(faults(&"x".repeat(BYTES_MAX + 1)), ["file: it has 1000001 bytes; at most 1000000"]);
        let many = faults(&"no address\n".repeat(300));
        assert_eq!((many.len(), many[20].as_str()), (21, "notice: and 281 more"));
    }

    #[test]
    fn a_block_becomes_a_notice_of_the_sender() {
        let template = RawNotice {
            reference: "spring".to_owned(),
            brand: "acme".to_owned(),
            evidence: vec!["https://b.example/deed".to_owned()],
            ..RawNotice::default()
        };
        let raw = block(10, "Text", "https://b.example/2", &["https://m.example/9"]).into_raw(template.clone());
        assert_eq!(
            (raw.reference.as_str(), raw.brand.as_str(), raw.explanation.as_str()),
            ("spring#10", "acme", "Text")
        );
        assert_eq!(raw.evidence, ["https://b.example/2", "https://b.example/deed"]);
        assert_eq!(raw.listings, ["https://m.example/9"]);
        let unnamed = RawNotice { reference: String::new(), ..template };
        assert_eq!(Block::default().into_raw(unnamed).reference, "");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

        #[test]
        fn no_text_breaks_the_reader(text in "([# \nhtps:/.a\u{0}é]|https://a.b/c\n|\n\n){0,80}") {
            for block in parse(&text).unwrap_or_default() {
                prop_assert!(is_web_address(&block.original) && !block.infringing.is_empty());
            }
        }
    }
}
