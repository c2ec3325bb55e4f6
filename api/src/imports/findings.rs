//! What is found wrong with the rows of a file, kept on disk until it can be recorded: a file may
//! have as many bad rows as it has rows.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};

use domain::imports::RowError;
use persistence::imports::Line;
use serde::{Deserialize, Serialize};

/// The most of a value that is reported, in characters.
const MOST_REPORTED: usize = 200;

/// Something found wrong with a row.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Finding {
    /// The line of the file, from 1.
    pub line: u64,
    /// The column, as the file names it.
    pub column: Option<String>,
    /// The value.
    pub value: Option<String>,
    /// What is wrong.
    pub error: RowError,
    /// The whole row, on the first finding that says why it was not taken.
    pub cells: Option<Vec<String>>,
}

/// Findings on disk.
pub struct Findings {
    file: BufWriter<File>,
    count: u64,
}

impl Findings {
    /// None yet.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            file: BufWriter::new(tempfile::tempfile()?),
            count: 0,
        })
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Adds some.
    pub fn add(&mut self, findings: &[Finding]) -> io::Result<()> {
        for finding in findings {
            let kept = Finding {
                value: finding.value.as_deref().map(shortened),
                ..finding.clone()
            };
            serde_json::to_writer(&mut self.file, &kept)?;
            self.file.write_all(b"\n")?;
            self.count = self.count.saturating_add(1);
        }
        Ok(())
    }

    /// All of them in order as lines of a report, so many at a time.
    pub fn pieces(self, at_once: usize) -> io::Result<impl Iterator<Item = io::Result<Vec<Line>>>> {
        let mut file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        let mut numbered = (1_i64..).zip(BufReader::new(file).lines());
        Ok(std::iter::from_fn(move || {
            let piece = numbered.by_ref().take(at_once).map(|(number, text)| {
                let found: Finding = serde_json::from_str(&text?).map_err(io::Error::from)?;
                line_of(number, found)
            });
            let piece: io::Result<Vec<Line>> = piece.collect();
            match piece {
                Ok(lines) if lines.is_empty() => None,
                piece => Some(piece),
            }
        }))
    }
}

fn line_of(number: i64, found: Finding) -> io::Result<Line> {
    let cells = found.cells.as_ref().map(serde_json::to_string);
    Ok(Line {
        number,
        line: i64::try_from(found.line).unwrap_or(i64::MAX),
        column: found.column.map(storable),
        value: found.value.map(storable),
        error: serde_json::to_string(&found.error)?,
        cells: cells.transpose()?,
    })
}

/// PostgreSQL holds no text with a NUL.
fn storable(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "\u{FFFD}")
    } else {
        text
    }
}

fn shortened(text: &str) -> String {
    let mut kept: String = text.chars().take(MOST_REPORTED).collect();
    if kept.len() < text.len() {
        kept.push('…');
    }
    kept
}
