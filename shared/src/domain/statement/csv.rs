//! The register's CSV: its columns in its order, lists as JSON, and no cell that a spreadsheet would run.

use serde_json::Value;

use super::{Statement, codes::csv_headings};
use crate::domain::time::Time;

/// A statement as it stands with the register, for one row.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The statement.
    pub statement: &'a Statement,
    /// The register's id for it, once it has one.
    pub uuid: Option<&'a str>,
    /// The platform's name in the register.
    pub platform: &'a str,
    /// When the register took it, or when it was made.
    pub created: Time,
}

/// The first line.
#[must_use]
pub fn headings() -> String {
    line(csv_headings().iter().map(String::as_str))
}

/// A statement's line.
#[must_use]
pub fn row(row: &Row<'_>) -> String {
    let fields = serde_json::to_value(row.statement).unwrap_or_default();
    let created = row.created.timestamp().strftime("%Y-%m-%d %H:%M:%S").to_string();
    let cells = csv_headings().iter().map(|heading| match heading.as_str() {
        "uuid" => row.uuid.unwrap_or_default().to_owned(),
        "content_id_ean" => row.statement.content_id.get("EAN-13").cloned().unwrap_or_default(),
        "platform_name" => row.platform.to_owned(),
        "platform_uid" => row.statement.puid.clone(),
        "created_at" => created.clone(),
        field => match &fields[field] {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            list => list.to_string(),
        },
    });
    line(cells)
}

/// Cells as one line with its end (RFC 4180).
fn line<T: AsRef<str>>(cells: impl IntoIterator<Item = T>) -> String {
    let mut line = String::new();
    for (n, cell) in cells.into_iter().enumerate() {
        if n > 0 {
            line.push(',');
        }
        push_cell(&mut line, cell.as_ref());
    }
    line.push_str("\r\n");
    line
}

/// A cell that begins like a formula gets an apostrophe before it (OWASP, "CSV Injection"), which spreadsheets hide.
fn push_cell(line: &mut String, cell: &str) {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quoted = formula || cell.contains([',', '"', '\n', '\r']);
    if quoted {
        line.push('"');
    }
    if formula {
        line.push('\'');
    }
    for c in cell.chars() {
        if c == '"' {
            line.push('"');
        }
        line.push(c);
    }
    if quoted {
        line.push('"');
    }
}
