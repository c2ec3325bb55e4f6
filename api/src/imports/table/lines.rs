//! Lines of which none takes more memory than allowed.

use std::io::{self, BufRead, Read};

/// A line without its end.
#[derive(Debug)]
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) number: u64,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
    /// Whether there were more bytes than are kept.
    pub(super) is_cut: bool,
}

impl Line {
    pub(super) fn is_blank(&self) -> bool {
        self.bytes.iter().all(u8::is_ascii_whitespace)
    }
}

pub(super) struct Lines<R> {
    source: R,
    longest: usize,
    number: u64,
    bytes_read: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(source: R, longest: usize) -> Self {
        Self {
            source,
            longest,
            number: 0,
            bytes_read: 0,
        }
    }

    pub(super) fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    pub(super) fn next_line(&mut self) -> io::Result<Option<Line>> {
        let mut bytes = Vec::new();
        let most = u64::try_from(self.longest).unwrap_or(u64::MAX);
        let mut read = self
            .source
            .by_ref()
            .take(most)
            .read_until(b'\n', &mut bytes)?;
        if read == 0 {
            return Ok(None);
        }
        let is_cut = read == self.longest && bytes.last() != Some(&b'\n');
        if is_cut {
            read = read.saturating_add(self.source.skip_until(b'\n')?);
        }
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        }
        // Of a text that was given the ends of Windows twice, all of `\r\r\n` is the end.
        while bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        self.number = self.number.saturating_add(1);
        self.bytes_read = self
            .bytes_read
            .saturating_add(u64::try_from(read).unwrap_or_default());
        Ok(Some(Line {
            number: self.number,
            bytes,
            is_cut,
        }))
    }
}
