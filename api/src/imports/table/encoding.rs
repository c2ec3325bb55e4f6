//! How a file is written: found over the whole of it, for the first accent may be far down.

use std::borrow::Cow;
use std::io::{self, Read};

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8 {
        /// Whether the mark stands at its beginning that spreadsheets put there.
        marked: bool,
    },
    /// The code page of western Windows, which older spreadsheets still write.
    Cp1252,
}

const UTF8_MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// What no text in UTF-8 or cp1252 begins with: UTF-16, and zip archives such as workbooks.
const FOREIGN: [&[u8]; 3] = [&[0xFF, 0xFE], &[0xFE, 0xFF], b"PK\x03\x04"];

impl Encoding {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 { .. } => "utf-8",
            Self::Cp1252 => "cp1252",
        }
    }

    /// Where the text begins, in bytes.
    pub(super) fn beginning(self) -> u64 {
        match self {
            Self::Utf8 { marked: true } => 3,
            _ => 0,
        }
    }

    /// The text of some bytes, and whether every byte could be read.
    pub(super) fn read(self, bytes: &[u8]) -> (String, bool) {
        match self {
            Self::Utf8 { .. } => match String::from_utf8_lossy(bytes) {
                Cow::Borrowed(text) => (text.to_owned(), true),
                Cow::Owned(text) => (text, false),
            },
            Self::Cp1252 => {
                let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes);
                (text.into_owned(), true)
            }
        }
    }
}

/// How a source is written, and how many bytes it has; nothing when it is no text of ours.
///
/// One good letter of several bytes makes it UTF-8: in cp1252 such a run is nonsense.
pub(super) fn find(source: &mut impl Read) -> io::Result<(Option<Encoding>, u64)> {
    let mut buffer = vec![0; 64 * 1024];
    let (mut kept, mut length) = (0, 0_u64);
    let (mut marked, mut foreign, mut letters, mut strays) = (false, false, false, false);
    loop {
        let room = buffer.get_mut(kept..).unwrap_or_default();
        let read = source.read(room)?;
        let filled = buffer.get(..kept.saturating_add(read)).unwrap_or_default();
        if length == 0 {
            marked = filled.starts_with(&UTF8_MARK);
            foreign = FOREIGN.iter().any(|mark| filled.starts_with(mark));
        }
        length = length.saturating_add(u64::try_from(read).unwrap_or_default());
        let mut rest = filled;
        while !rest.is_empty() {
            let (good, bad) = match std::str::from_utf8(rest) {
                Ok(_) => (rest.len(), 0),
                Err(error) => match error.error_len() {
                    Some(bad) => (error.valid_up_to(), bad),
                    // A letter may go on in the next piece, but not after the end.
                    None if read == 0 => (error.valid_up_to(), rest.len()),
                    None => (error.valid_up_to(), 0),
                },
            };
            letters |= rest.get(..good).is_some_and(|good| !good.is_ascii());
            strays |= bad > 0;
            rest = rest.get(good.saturating_add(bad)..).unwrap_or_default();
            if bad == 0 {
                break;
            }
        }
        if read == 0 {
            break;
        }
        let rest = rest.to_vec();
        kept = rest.len();
        for (place, byte) in buffer.iter_mut().zip(rest) {
            *place = byte;
        }
    }
    let encoding = match (foreign, marked || letters || !strays) {
        (true, _) => None,
        (false, true) => Some(Encoding::Utf8 { marked }),
        (false, false) => Some(Encoding::Cp1252),
    };
    Ok((encoding, length))
}
