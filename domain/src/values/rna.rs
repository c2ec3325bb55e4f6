//! The number of an association in the national register.

use super::ValueError;
use super::text::{compact, text_value};

text_value! {
    /// The number of an association in the RNA: `W`, then 9 characters, of which the second may be
    /// a letter (`W2A…` and `W2B…` in Corsica, `W9R…` overseas). Spaces are accepted and removed,
    /// letters put in upper case. It has no check digit.
    ///
    /// Source: docs/glossary.md, wider than the `^W\d{9}$` of the SCDL, which forgets Corsica.
    pub struct Rna = rna; example "W302001234", pattern "^W[0-9][0-9A-Z][0-9]{7}$", max 10
}

fn rna(given: &str) -> Result<String, ValueError> {
    let rna = compact(given);
    let digit = |c: &u8| c.is_ascii_digit();
    match rna.as_bytes() {
        [b'W', first, second, rest @ ..]
            if digit(first)
                && (digit(second) || second.is_ascii_uppercase())
                && rest.len() == 7
                && rest.iter().all(digit) =>
        {
            Ok(rna)
        }
        _ => Err(ValueError::Format {
            expected: "W999999999".to_owned(),
        }),
    }
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_printed_reads_back_the_same(text in "[Ww][0-9][0-9A-Za-z][0-9]{7}") {
            let rna = Rna::parse(&text).unwrap();

            prop_assert_eq!(Rna::parse(rna.as_str()), Ok(rna));
        }
    }

    #[test]
    fn corsica_and_overseas_may_hold_a_letter() {
        for (text, expected) in [
            ("W302001234", "W302001234"),
            ("w2a1234567", "W2A1234567"),
            ("W2B 1234 567", "W2B1234567"),
            ("W9R1234567", "W9R1234567"),
        ] {
            assert_eq!(Rna::parse(text).unwrap().as_str(), expected);
        }
    }

    #[test]
    fn another_shape_is_refused() {
        for text in [
            "",
            "W",
            "302001234",
            "W30200123",
            "W3020012345",
            "WA02001234",
            "W30A001234",
            "W2É1234567",
        ] {
            assert_eq!(
                Rna::parse(text).map_err(|error| error.code()),
                Err("format"),
                "{text}"
            );
        }
    }
}
