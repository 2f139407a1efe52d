//! Rows of a CSV file (RFC 4180): cells may hold line breaks, a row may not outgrow a line.

use std::io::{self, BufRead};

use csv_core::ReadRecordResult;
use jointforce_shared::domain::refused::Fault;

use super::lines::{KEPT_MAX, LINE_MAX, Lines, Read};

/// Cells of a row; our widest table has 14.
const CELLS_MAX: usize = 100;

/// Splits lines into cells.
pub struct Csv {
    parser: csv_core::Reader,
    /// The cells of the row read last, one after the other.
    text: Vec<u8>,
    /// Where each cell ends in [`Self::text`].
    ends: Vec<usize>,
    cells: usize,
}

impl Default for Csv {
    fn default() -> Self {
        Self { parser: csv_core::Reader::new(), text: vec![], ends: vec![0; CELLS_MAX], cells: 0 }
    }
}

impl Csv {
    /// Reads the next row; its lines are appended to `into` as they stand in the file. `None` at the end of the file.
    /// A row that is no row gives its fault.
    ///
    /// # Errors
    /// What the file says.
    pub fn read<R: BufRead>(
        &mut self,
        lines: &mut Lines<R>,
        into: &mut Vec<u8>,
    ) -> io::Result<Option<Result<(), Fault>>> {
        self.parser.reset();
        let start = into.len();
        let first = lines.number + 1;
        let (mut text, mut cells) = (0, 0);
        loop {
            let line_start = into.len();
            match lines.read(into)? {
                Read::End if into.len() == start => return Ok(None),
                Read::End => return Ok(Some(Err(unclosed(into, start, first, lines.number)))),
                Read::TooLong => return Ok(Some(Err(too_long()))),
                Read::Line => {}
            }
            if into.last() != Some(&b'\n') {
                into.push(b'\n');
            }
            if into.len() - start > LINE_MAX {
                return Ok(Some(Err(unclosed(into, start, first, lines.number))));
            }
            let line = &into[line_start..];
            self.text.resize((into.len() - start).max(self.text.len()), 0);
            let (result, read, written, ended) =
                self.parser.read_record(line, &mut self.text[text..], &mut self.ends[cells..]);
            text += written;
            cells += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record if line[read..].iter().all(|byte| *byte == b'\n') => {
                    self.cells = cells;
                    return Ok(Some(Ok(())));
                }
                ReadRecordResult::Record => {
                    return Ok(Some(Err(Fault::new(
                        "line",
                        "it has a carriage return in the middle",
                        "End each row with a line feed, and put cells with line breaks in quotes.",
                    ))));
                }
                _ => {
                    let problem = format!("it has more than {CELLS_MAX} cells");
                    return Ok(Some(Err(Fault::new("line", problem, "Put cells that hold commas in quotes."))));
                }
            }
        }
    }

    /// The cells of the row read last.
    ///
    /// # Errors
    /// A cell is not UTF-8.
    pub fn cells(&self) -> Result<Vec<&str>, Fault> {
        let mut from = 0;
        let mut cells = Vec::with_capacity(self.cells);
        for (n, &end) in self.ends[..self.cells].iter().enumerate() {
            let cell = std::str::from_utf8(&self.text[from..end]).map_err(|_| {
                Fault::new(format!("cell {}", n + 1), "it is not UTF-8", "Save the file as UTF-8 and import it again.")
            })?;
            cells.push(cell);
            from = end;
        }
        Ok(cells)
    }
}

/// The fault of a line that is too long.
pub fn too_long() -> Fault {
    let problem = format!("it is longer than {LINE_MAX} bytes");
    Fault::new("line", problem, "Shorten its texts; each record stands in a line of its own.")
}

fn unclosed(into: &mut Vec<u8>, start: usize, first: u64, last: u64) -> Fault {
    into.truncate(into.len().min(start + KEPT_MAX));
    let problem = format!("a quote that opens here is not closed by line {last}, so that all of it is one row");
    Fault::new("line", problem, format!("Close the quote in line {first}; a quote inside a cell is written twice."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Result<Vec<String>, String>> {
        let mut lines = Lines::new(text.as_bytes());
        let mut csv = Csv::default();
        let mut rows = vec![];
        loop {
            let mut into = b"before".to_vec();
            match csv.read(&mut lines, &mut into).unwrap() {
                None => return rows,
                Some(Err(fault)) => rows.push(Err(fault.problem)),
                Some(Ok(())) => rows.push(Ok(csv.cells().unwrap().iter().map(|cell| (*cell).to_owned()).collect())),
            }
        }
    }

    fn row(cells: &[&str]) -> Result<Vec<String>, String> {
        Ok(cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn cells_may_hold_commas_quotes_and_line_breaks() {
        assert_eq!(
            rows("\u{feff}a,\"b, \"\"c\"\"\",\r\n\"two\r\nlines\",d,e\nlast,,"),
            [row(&["a", "b, \"c\"", ""]), row(&["two\r\nlines", "d", "e"]), row(&["last", "", ""])]
        );
    }

    #[test]
    fn a_quote_that_is_never_closed_does_not_swallow_the_file() {
        let unclosed = rows("a,b\nc,\"d\ne,f\n");
        assert_eq!(unclosed[0], row(&["a", "b"]));
        assert!(unclosed[1].as_ref().unwrap_err().contains("not closed by line 3"), "{unclosed:?}");

        let long = format!("\"open\n{}good,row\n", "x,y\n".repeat(LINE_MAX / 4));
        let long = rows(&long);
        assert!(long[0].as_ref().unwrap_err().contains("not closed"));
        assert_eq!(long.last(), Some(&row(&["good", "row"])));
    }

    #[test]
    fn rows_that_are_no_rows_are_said_so() {
        assert!(rows("a,b\rc,d\n")[0].as_ref().unwrap_err().contains("carriage return"));
        assert!(rows(&",".repeat(500))[0].as_ref().unwrap_err().contains("more than 100 cells"));
        assert!(rows(&"x".repeat(LINE_MAX + 1))[0].as_ref().unwrap_err().contains("longer than"));
    }
}
