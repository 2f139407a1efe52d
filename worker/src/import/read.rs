//! The thread that reads: it takes the input apart into batches of records, never further ahead of the writing than a
//! few batches. However long the file, that is all there is in memory.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read as _},
    ops::Range,
};

use jointforce_shared::{
    config::exit,
    domain::{google_bulk, notice::RawNotice, refused::Fault},
};
use tokio::sync::mpsc::Sender;

use super::{
    Format, Stop,
    csv::{Csv, too_long},
    lines::{Lines, Read, without_end},
    records::{Record, Row},
    refused::RefusedRow,
    source::Source,
};

/// A batch is full when its rows have this many bytes, whatever their number.
const BATCH_BYTES: usize = 2 << 20;

/// Rows that are loaded together.
#[derive(Debug)]
pub struct Batch<R> {
    /// What could be read.
    pub records: Vec<R>,
    /// The line and the place in [`Self::text`] of each record.
    origins: Vec<(u64, Range<usize>)>,
    text: Vec<u8>,
    /// What could not.
    pub refused: Vec<RefusedRow>,
    /// Rows read, the refused ones included.
    pub rows: u64,
    /// Rows left out because a later one of this batch says the same thing anew.
    pub replaced: u64,
    /// Bytes of the input up to its end.
    pub bytes: u64,
    weight: usize,
    places: HashMap<String, usize>,
}

impl<R> Default for Batch<R> {
    fn default() -> Self {
        Self {
            records: vec![],
            origins: vec![],
            text: vec![],
            refused: vec![],
            rows: 0,
            replaced: 0,
            bytes: 0,
            weight: 0,
            places: HashMap::new(),
        }
    }
}

impl<R: Record> Batch<R> {
    /// The record at this place, refused.
    #[must_use]
    pub fn refuse(&self, place: usize, faults: Vec<Fault>) -> RefusedRow {
        let (line, span) = self.origins[place].clone();
        RefusedRow::new(line, &self.text[span], faults)
    }

    fn take(&mut self, line: u64, start: usize, read: Result<R, Vec<Fault>>) {
        self.rows += 1;
        match read {
            Err(faults) => {
                self.refused.push(RefusedRow::new(line, &self.text[start..], faults));
                self.weight += 1;
            }
            Ok(record) => {
                let origin = (line, start..self.text.len());
                let place = record.replaced_by().map(|id| {
                    let next = self.records.len();
                    *self.places.entry(id.to_owned()).or_insert(next)
                });
                match place {
                    // PostgreSQL takes no row twice in one statement; and the later one would win anyway.
                    Some(place) if place < self.records.len() => {
                        self.records[place] = record;
                        self.origins[place] = origin;
                        self.replaced += 1;
                    }
                    _ => {
                        self.weight += record.weight();
                        self.records.push(record);
                        self.origins.push(origin);
                    }
                }
            }
        }
    }

    fn is_full(&self, batch: usize) -> bool {
        self.weight >= batch || self.text.len() >= BATCH_BYTES
    }
}

/// Reads `source` to its end and sends it on in batches of `size` records. Whoever receives may hang up at any time.
pub fn feed<R: Record>(
    source: Source,
    format: Option<Format>,
    template: &RawNotice,
    size: usize,
    to: &Sender<Result<Batch<R>, Stop>>,
) {
    let name = source.name;
    let mut reader = BufReader::with_capacity(256 << 10, source.reader);
    let feeder = Feeder { to, size, batch: Batch::default() };
    let fed = sniff(&mut reader, format).and_then(|format| match format {
        Format::Jsonl => feeder.jsonl(Lines::new(reader)),
        Format::Csv => feeder.csv(Lines::new(reader)),
        Format::Google => feeder.google(reader, template),
    });
    if let Err(stop) = fed {
        // Nobody listens: then nobody minds.
        let _ = to.blocking_send(Err(Stop { why: format!("{name}: {}", stop.why), ..stop }));
    }
}

/// The format that was asked for, or the one that the first bytes look like.
fn sniff(reader: &mut impl BufRead, format: Option<Format>) -> Result<Format, Stop> {
    let wrong = |why: &str| Err(Stop::new(exit::DATA, why));
    let head = reader.fill_buf().map_err(|error| Stop::new(exit::IO, error))?;
    if head.starts_with(&[0xfe, 0xff]) || head.starts_with(&[0xff, 0xfe]) {
        return wrong("it is UTF-16. Save it as UTF-8 and import it again");
    }
    if head.starts_with(&[0x1f, 0x8b]) {
        return wrong("it is compressed. Pipe it in: zcat FILE | jointforce-worker import ... -");
    }
    let head = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head).trim_ascii_start();
    if format != Some(Format::Csv) && head.starts_with(b"[") {
        return wrong(
            "it is one long JSON list. Write one object a line: jq -c '.[]' FILE | jointforce-worker import ... -",
        );
    }
    Ok(format.unwrap_or_else(|| match head {
        [] | [b'{', ..] => Format::Jsonl,
        _ if head.starts_with(b"#") || head.starts_with(b"http") => Format::Google,
        _ => Format::Csv,
    }))
}

struct Feeder<'a, R> {
    to: &'a Sender<Result<Batch<R>, Stop>>,
    size: usize,
    batch: Batch<R>,
}

impl<R: Record> Feeder<'_, R> {
    /// Sends the batch if it is full, or if this `is_the_end`. False when nobody listens any more.
    fn send(&mut self, bytes: u64, is_the_end: bool) -> bool {
        if !(self.batch.is_full(self.size) || is_the_end && self.batch.rows > 0) {
            return true;
        }
        let mut batch = std::mem::take(&mut self.batch);
        batch.bytes = bytes;
        self.to.blocking_send(Ok(batch)).is_ok()
    }

    fn jsonl(mut self, mut lines: Lines<impl BufRead>) -> Result<(), Stop> {
        loop {
            let start = self.batch.text.len();
            let read = lines.read(&mut self.batch.text).map_err(|error| Stop::new(exit::IO, error))?;
            let record = match read {
                Read::End => {
                    self.send(lines.bytes, true);
                    return Ok(());
                }
                Read::TooLong => Err(vec![too_long()]),
                Read::Line => {
                    let mut line = without_end(&self.batch.text[start..]);
                    if lines.number == 1 {
                        line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
                    }
                    if line.trim_ascii().is_empty() {
                        self.batch.text.truncate(start);
                        continue;
                    }
                    std::str::from_utf8(line)
                        .map_err(|error| vec![not_utf8(&error)])
                        .and_then(|line| R::read(Row::Json(line)))
                }
            };
            self.batch.take(lines.number, start, record);
            if !self.send(lines.bytes, false) {
                return Ok(());
            }
        }
    }

    fn csv(mut self, mut lines: Lines<impl BufRead>) -> Result<(), Stop> {
        let mut csv = Csv::default();
        let header = header::<R>(&mut csv, &mut lines)?;
        loop {
            let start = self.batch.text.len();
            let line = lines.number + 1;
            let row = csv.read(&mut lines, &mut self.batch.text).map_err(|error| Stop::new(exit::IO, error))?;
            let Some(row) = row else {
                self.send(lines.bytes, true);
                return Ok(());
            };
            if row.is_ok() && self.batch.text[start..].trim_ascii().is_empty() {
                self.batch.text.truncate(start);
                continue;
            }
            let record = row
                .and_then(|()| csv.cells())
                .map_err(|fault| vec![fault])
                .and_then(|cells| R::read(Row::Cells(&header, cells)));
            self.batch.take(line, start, record);
            if !self.send(lines.bytes, false) {
                return Ok(());
            }
        }
    }

    fn google(mut self, reader: impl BufRead, template: &RawNotice) -> Result<(), Stop> {
        let mut text = Vec::new();
        let limit = google_bulk::BYTES_MAX as u64 + 1;
        reader.take(limit).read_to_end(&mut text).map_err(|error| Stop::new(exit::IO, error))?;
        let bytes = text.len() as u64;
        let parsed = std::str::from_utf8(&text)
            .map_err(|error| vec![not_utf8(&error)])
            .and_then(|text| google_bulk::parse(text).map_err(|refused| refused.faults));
        let blocks = match parsed {
            Ok(blocks) => blocks,
            // A file is taken whole or not at all: its parts say what the others mean.
            Err(faults) => {
                self.batch.text = text;
                self.batch.take(1, 0, Err(faults));
                vec![]
            }
        };
        for block in blocks {
            let start = self.batch.text.len();
            let line = block.line as u64;
            for words in block.description.lines() {
                self.batch.text.extend(format!("# {words}\n").bytes());
            }
            for url in std::iter::once(&block.original).chain(&block.infringing) {
                self.batch.text.extend(format!("{url}\n").bytes());
            }
            let Some(record) = R::of_block(block, template) else {
                let why = "Google's bulk text holds notices. Say `import notices`, or name the format with --format";
                return Err(Stop::new(exit::USAGE, why));
            };
            self.batch.take(line, start, Ok(record));
            if !self.send(bytes, false) {
                return Ok(());
            }
        }
        self.send(bytes, true);
        Ok(())
    }
}

/// The names of the columns. A name that no field has is a fault of every row, so it is said once and nothing is read.
fn header<R: Record>(csv: &mut Csv, lines: &mut Lines<impl BufRead>) -> Result<Vec<String>, Stop> {
    let wrong = |why: String| {
        let fields = R::FIELDS.join(", ");
        Stop::new(exit::DATA, format!("{why}. The first row of a CSV file names the fields, each once: {fields}"))
    };
    let mut text = vec![];
    let row = csv.read(lines, &mut text).map_err(|error| Stop::new(exit::IO, error))?;
    let Some(row) = row else { return Ok(vec![]) };
    let names = row.and_then(|()| csv.cells()).map_err(|fault| wrong(fault.problem))?;
    let names: Vec<String> = names.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
    for (n, name) in names.iter().enumerate() {
        if !R::FIELDS.contains(&name.as_str()) {
            return Err(wrong(format!("there is no field {}", super::fields::quoted(name))));
        }
        if names[..n].contains(name) {
            return Err(wrong(format!("the field {name} is named twice")));
        }
    }
    Ok(names)
}

fn not_utf8(error: &std::str::Utf8Error) -> Fault {
    let problem = format!("it is not UTF-8 at byte {}", error.valid_up_to() + 1);
    Fault::new("line", problem, "Save the file as UTF-8 and import it again.")
}
