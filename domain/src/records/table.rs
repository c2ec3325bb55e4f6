//! Records as rows of a table, for those who work in a spreadsheet.
//!
//! What stands in a cell is decided here, so that what is written out and what is read back in
//! agree; separators and decimal signs are the business of whoever writes the file.

use super::Resource;
use crate::values::{Cents, Date};

/// What one cell of a table holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing is known, or there is nothing.
    Empty,
    /// A text, a code, a day.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A sum of money, written in euros.
    Cents(Cents),
    /// Yes or no.
    Truth(bool),
}

impl Cell {
    /// A text, or nothing.
    pub fn text(text: &impl ToString) -> Self {
        let text = text.to_string();
        if text.is_empty() {
            Self::Empty
        } else {
            Self::Text(text)
        }
    }

    /// A text when there is one.
    pub fn known(text: Option<impl ToString>) -> Self {
        text.map_or(Self::Empty, |text| Self::text(&text))
    }

    /// Several texts in one cell, as [`joined`] writes them.
    pub fn several<T: ToString>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::text(&joined(texts))
    }
}

/// A record that can stand as one row of a table.
pub trait Tabular: Resource {
    /// The names of its columns, in order; never renamed, only added to at the end.
    const COLUMNS: &'static [&'static str];

    /// What its row says of other records.
    type Around;

    /// Its row on a day, one cell for each column.
    fn cells(&self, day: Date, around: &Self::Around) -> Vec<Cell>;
}

/// What stands between two texts in one cell.
const BETWEEN: char = '|';

/// Written before a [`BETWEEN`] that belongs to a text, and before itself.
const ESCAPE: char = '\\';

/// Several texts as one, with `|` between them. A `|` or `\` within a text has a `\` before it.
pub fn joined<T: ToString>(texts: impl IntoIterator<Item = T>) -> String {
    let mut all = String::new();
    for (number, text) in texts.into_iter().enumerate() {
        if number > 0 {
            all.push(BETWEEN);
        }
        for c in text.to_string().chars() {
            if c == BETWEEN || c == ESCAPE {
                all.push(ESCAPE);
            }
            all.push(c);
        }
    }
    all
}

/// The texts that [`joined`] made one of; none of an empty text.
#[must_use]
pub fn parted(all: &str) -> Vec<String> {
    if all.is_empty() {
        return Vec::new();
    }
    let mut texts = Vec::new();
    let mut text = String::new();
    let mut chars = all.chars();
    while let Some(c) = chars.next() {
        match c {
            BETWEEN => texts.push(std::mem::take(&mut text)),
            ESCAPE => text.extend(chars.next()),
            c => text.push(c),
        }
    }
    texts.push(text);
    texts
}

/// Written before a text that a spreadsheet would take for a formula.
const SHIELD: char = '\'';

/// The text with a `'` before it when a spreadsheet would take it for a formula: when it begins
/// with `=`, `+`, `-`, `@`, a tab or a carriage return, or with a `'` before one of these.
///
/// Source: OWASP, "CSV Injection".
#[must_use]
pub fn shielded(text: &str) -> String {
    if looks_like_formula(text.trim_start_matches(SHIELD)) {
        format!("{SHIELD}{text}")
    } else {
        text.to_owned()
    }
}

/// The text that [`shielded`] was given.
#[must_use]
pub fn unshielded(text: &str) -> &str {
    match text.strip_prefix(SHIELD) {
        Some(bare) if looks_like_formula(bare.trim_start_matches(SHIELD)) => bare,
        _ => text,
    }
}

fn looks_like_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_joined_in_one_cell_come_apart_again(texts in prop::collection::vec("[a|\\\\é ]{1,6}", 0..5)) {
            prop_assert_eq!(parted(&joined(&texts)), texts);
        }

        #[test]
        fn what_is_shielded_reads_back_the_same(text in "['=+@\t\r-]{0,4}[a-zé ]{0,4}") {
            let told = shielded(&text);

            prop_assert_eq!(unshielded(&told), text);
            prop_assert!(!looks_like_formula(&told));
        }
    }

    #[test]
    fn texts_that_are_no_formula_are_left_as_they_are() {
        for text in ["Réseda", "'t Hooge", "l'=", "", "a+b"] {
            assert_eq!((shielded(text).as_str(), unshielded(text)), (text, text));
        }
        assert_eq!(shielded("+33 4 66 00 00 00"), "'+33 4 66 00 00 00");
        assert_eq!(shielded("=cmd|'/c calc'!A0"), "'=cmd|'/c calc'!A0");
    }

    #[test]
    fn an_escape_at_the_very_end_stands_for_nothing() {
        assert_eq!(parted("a|b\\"), ["a", "b"]);
    }
}
