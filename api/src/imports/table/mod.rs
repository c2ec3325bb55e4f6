//! Tables as people's spreadsheets write them: CSV in constant memory, row by row.
//!
//! The encoding is found over the whole file, the separator in its first line. A row that cannot
//! be read is given all the same, with what is wrong with it, so that no bad row costs a good one:
//! a quote that nothing closes soon is that row's fault alone.
//!
//! ```
//! use api::imports::table::Table;
//!
//! let file = std::io::Cursor::new("code;nom\n30007;Alès\n");
//! let mut table = Table::open(file).unwrap();
//!
//! assert_eq!(table.header(), ["code", "nom"]);
//! assert_eq!(table.next().unwrap().unwrap().cells, ["30007", "Alès"]);
//! ```

mod encoding;
mod lines;
mod split;

use std::collections::VecDeque;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use domain::imports::RowFault;
use domain::values::fold;

pub use encoding::Encoding;
use lines::{Line, Lines};
use split::{Ended, Splitter};

/// The longest cell, in bytes; no value of ours is nearly as long.
pub const LONGEST_CELL: usize = 32 * 1024;

/// How many lines one row may take, and how many bytes.
const MOST_LINES: usize = 100;
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// The separators that are tried, the most likely first.
const SEPARATORS: [u8; 4] = [b';', b',', b'\t', b'|'];

/// A table being read.
pub struct Table<R> {
    lines: Lines<BufReader<R>>,
    /// Lines that were looked at ahead, and belong to the rows to come.
    ahead: VecDeque<Line>,
    encoding: Encoding,
    separator: u8,
    header: Vec<String>,
    bytes: u64,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line it begins on, from 1, as an editor counts them.
    pub line: u64,
    /// Its cells, as far as they could be read.
    pub cells: Vec<String>,
    /// Why it cannot be taken.
    pub fault: Option<RowFault>,
}

/// Why a file is no table.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It cannot be read at all.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is a workbook or a text in UTF-16, not a CSV file.
    #[error("not a CSV file")]
    NotCsv,
    /// It holds nothing.
    #[error("no header")]
    Empty,
    /// Two columns bear the same name.
    #[error("the column {name} is named twice")]
    RepeatedColumn {
        /// Their name.
        name: String,
    },
    /// Its first line cannot be read as names of columns.
    #[error("unreadable header")]
    Header,
}

impl<R: Read + Seek> Table<R> {
    /// Finds encoding and separator, and reads the names of the columns.
    ///
    /// Refused when it is no text, has no header, or names a column twice.
    pub fn open(mut source: R) -> Result<Self, Unreadable> {
        source.seek(SeekFrom::Start(0))?;
        let (encoding, bytes) = encoding::find(&mut source)?;
        let encoding = encoding.ok_or(Unreadable::NotCsv)?;
        source.seek(SeekFrom::Start(encoding.beginning()))?;
        let mut lines = Lines::new(BufReader::new(source), MOST_BYTES);
        let first = loop {
            match lines.next_line()? {
                None => return Err(Unreadable::Empty),
                Some(line) if line.is_blank() => {}
                Some(line) => break line,
            }
        };
        let separator = separator_of(&first.bytes);
        let mut table = Self {
            lines,
            ahead: VecDeque::from([first]),
            encoding,
            separator,
            header: Vec::new(),
            bytes,
        };
        let row = table.row()?.ok_or(Unreadable::Empty)?;
        if row.fault.is_some() {
            return Err(Unreadable::Header);
        }
        let header: Vec<String> = row
            .cells
            .iter()
            .map(|name| name.trim().to_owned())
            .collect();
        table.header = once_each(header)?;
        Ok(table)
    }
}

impl<R: Read> Table<R> {
    /// The names of the columns.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// How it is written.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// What stands between two cells.
    #[must_use]
    pub fn separator(&self) -> char {
        char::from(self.separator)
    }

    /// How large it is, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How much of it was read, in bytes.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.lines.bytes_read().min(self.bytes)
    }

    fn line(&mut self) -> io::Result<Option<Line>> {
        match self.ahead.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.lines.next_line(),
        }
    }

    fn row(&mut self) -> io::Result<Option<Row>> {
        loop {
            let Some(line) = self.line()? else {
                return Ok(None);
            };
            if line.is_blank() || line.bytes.iter().all(|byte| *byte == self.separator) {
                continue;
            }
            return self.row_from(&line).map(Some);
        }
    }

    fn row_from(&mut self, first: &Line) -> io::Result<Row> {
        let mut splitter = Splitter::new(self.separator);
        let ended = splitter.feed(&first.bytes);
        if first.is_cut || ended == Ended::Whole {
            let cells = splitter.into_cells();
            return Ok(self.checked(first.number, &cells, first.is_cut, true));
        }
        if ended == Ended::Within
            && let Some(cells) = self.over_several_lines(splitter, first.bytes.len())?
        {
            return Ok(self.checked(first.number, &cells, false, true));
        }
        // Without the quotes' help the cells are only what a person would see on this line.
        let cells: Vec<Vec<u8>> = first
            .bytes
            .split(|byte| *byte == self.separator)
            .map(<[u8]>::to_vec)
            .collect();
        let row = self.checked(first.number, &cells, false, false);
        let column = cells.iter().position(|cell| cell.contains(&b'"'));
        let fault = RowFault::StrayQuote {
            column: column.unwrap_or_default(),
        };
        Ok(Row {
            fault: Some(fault),
            ..row
        })
    }

    /// The cells of a row whose first line ends within quotes, when a later line closes them and
    /// the row then has as many cells as there are columns. Otherwise nothing is taken.
    fn over_several_lines(
        &mut self,
        mut splitter: Splitter,
        mut bytes: usize,
    ) -> io::Result<Option<Vec<Vec<u8>>>> {
        for taken in 0..MOST_LINES {
            if taken == self.ahead.len() {
                match self.lines.next_line()? {
                    None => return Ok(None),
                    Some(line) => self.ahead.push_back(line),
                }
            }
            let Some(line) = self.ahead.get(taken) else {
                return Ok(None);
            };
            bytes = bytes.saturating_add(line.bytes.len());
            if bytes > MOST_BYTES || line.is_cut {
                return Ok(None);
            }
            match splitter.feed(&line.bytes) {
                Ended::Within => {}
                Ended::Astray => return Ok(None),
                Ended::Whole => {
                    let cells = splitter.into_cells();
                    if cells.len() != self.header.len() {
                        return Ok(None);
                    }
                    self.ahead.drain(..=taken);
                    return Ok(Some(cells));
                }
            }
        }
        Ok(None)
    }

    /// The row as text, with the first thing that is wrong with it.
    fn checked(&self, line: u64, cells: &[Vec<u8>], is_cut: bool, counted: bool) -> Row {
        let mut fault = None;
        let mut texts = Vec::with_capacity(cells.len());
        let last = cells.len().saturating_sub(1);
        for (column, cell) in cells.iter().enumerate() {
            let too_long = cell.len() > LONGEST_CELL || (is_cut && column == last);
            let (text, exact) = if too_long {
                let kept = cell.get(..200).unwrap_or(cell);
                (self.encoding.read(kept).0, true)
            } else {
                self.encoding.read(cell)
            };
            if fault.is_none() && too_long {
                let max = LONGEST_CELL;
                fault = Some(RowFault::LongCell { column, max });
            } else if fault.is_none() && !exact {
                fault = Some(RowFault::NotUtf8 { column });
            }
            texts.push(if too_long { text + "…" } else { text });
        }
        let (expected, found) = (self.header.len(), cells.len());
        if fault.is_none() && counted && expected > 0 && found != expected {
            fault = Some(RowFault::Cells { expected, found });
        }
        Row {
            line,
            cells: texts,
            fault,
        }
    }
}

impl<R: Read> Iterator for Table<R> {
    type Item = io::Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        self.row().transpose()
    }
}

/// The separator that stands most often in the header, outside quotes.
fn separator_of(header: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = [0_usize; SEPARATORS.len()];
    for byte in header {
        quoted ^= *byte == b'"';
        let known = SEPARATORS.iter().position(|known| known == byte);
        if let Some(count) = known.and_then(|at| counts.get_mut(at))
            && !quoted
        {
            *count = count.saturating_add(1);
        }
    }
    let mut best = (b';', 0);
    for (separator, count) in SEPARATORS.into_iter().zip(counts) {
        if count > best.1 {
            best = (separator, count);
        }
    }
    best.0
}

/// The names, unless one comes twice. Accents, case and signs make no other name; columns without
/// a name are nobody's.
fn once_each(header: Vec<String>) -> Result<Vec<String>, Unreadable> {
    let folded: Vec<String> = header.iter().map(|name| fold(name)).collect();
    for (at, name) in folded.iter().enumerate() {
        if !name.is_empty() && folded.iter().take(at).any(|earlier| earlier == name) {
            let name = header.get(at).cloned().unwrap_or_default();
            return Err(Unreadable::RepeatedColumn { name });
        }
    }
    Ok(header)
}

#[cfg(test)]
mod tests;
