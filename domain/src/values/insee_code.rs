//! The official code of a commune.

use super::ValueError;
use super::text::{compact, text_value};

text_value! {
    /// The code of a commune in the official geographic code: that of its département, then a
    /// number, 5 characters in all. Spaces are accepted and removed, letters put in upper case.
    ///
    /// It is text (`2A004`, `01001`) and not a postcode. Its shape is checked and not whether the
    /// commune exists, which depends on the day.
    ///
    /// Source: INSEE, code officiel géographique; docs/glossary.md.
    pub struct InseeCode = insee_code;
    example "30007", pattern "^(0[1-9]|[1-8][0-9]|9[0-578]|2[AB])[0-9]{3}$", max 5
}

impl InseeCode {
    /// The code of its département, or of its collectivity overseas: 2 characters, 3 overseas.
    #[must_use]
    pub fn departement(&self) -> &str {
        let code = self.as_str();
        let width = if code.starts_with("97") || code.starts_with("98") {
            3
        } else {
            2
        };
        code.get(..width).unwrap_or_default()
    }
}

fn insee_code(given: &str) -> Result<String, ValueError> {
    let code = compact(given);
    if starts_with_departement(&code) && has_digits_after_two(&code, 3) {
        Ok(code)
    } else {
        Err(ValueError::Format {
            expected: "99999".to_owned(),
        })
    }
}

/// Whether a code begins as départements do: 01 to 95, 2A, 2B, 97 and 98. The former 20 of Corsica
/// is among them, since the past is kept.
pub(super) fn starts_with_departement(code: &str) -> bool {
    match code.get(..2) {
        Some("2A" | "2B" | "97" | "98") => true,
        Some(two) => super::date::digits(two, 2).is_some_and(|n: u8| (1..=95).contains(&n)),
        None => false,
    }
}

/// Whether `count` digits follow the first two characters, and nothing else.
pub(super) fn has_digits_after_two(code: &str, count: usize) -> bool {
    code.get(2..)
        .is_some_and(|rest| rest.len() == count && rest.bytes().all(|digit| digit.is_ascii_digit()))
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_printed_reads_back_the_same(
            text in "(0[1-9]|[1-8][0-9]|9[0-578]|2[ABab]) ?[0-9]{3}",
        ) {
            let code = InseeCode::parse(&text).unwrap();

            prop_assert!(code.as_str().starts_with(code.departement()));
            prop_assert_eq!(InseeCode::parse(code.as_str()), Ok(code));
        }
    }

    #[test]
    fn the_departement_is_read_in_corsica_and_overseas_too() {
        for (code, departement) in [
            ("30007", "30"),
            ("01001", "01"),
            ("2a004", "2A"),
            ("2B033", "2B"),
            ("97411", "974"),
            ("97502", "975"),
            ("98818", "988"),
        ] {
            assert_eq!(InseeCode::parse(code).unwrap().departement(), departement);
        }
    }

    #[test]
    fn another_shape_is_refused() {
        for text in [
            "", "3000", "300070", "3A007", "2C004", "00001", "96001", "99100", "300A7", "é0007",
        ] {
            assert_eq!(
                InseeCode::parse(text).map_err(|error| error.code()),
                Err("format"),
                "{text}"
            );
        }
    }
}
