//! The number of a health professional.

use super::ValueError;
use super::luhn::luhn;
use super::text::{digits, text_value};

text_value! {
    /// The number of a professional in the shared directory (RPPS): 11 digits. Spaces are accepted
    /// and removed. It is personal data, to be kept out of what is public.
    ///
    /// A wrong key is no refusal, see [`Rpps::key_matches`].
    ///
    /// Source: docs/glossary.md.
    pub struct Rpps = rpps; example "10000000009", pattern "^[0-9]{11}$", max 11
}

impl Rpps {
    /// Whether the last digit is the Luhn key of the others. One that is not deserves a warning.
    #[must_use]
    pub fn key_matches(&self) -> bool {
        luhn(self.as_str())
    }
}

fn rpps(given: &str) -> Result<String, ValueError> {
    digits(given, 11)
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_printed_reads_back_the_same(text in "[0-9]{5} ?[0-9]{6}") {
            let rpps = Rpps::parse(&text).unwrap();

            prop_assert_eq!(Rpps::parse(rpps.as_str()), Ok(rpps));
        }
    }

    #[test]
    fn a_wrong_key_is_said_and_not_refused() {
        assert!(Rpps::parse(Rpps::EXAMPLE).unwrap().key_matches());
        assert!(!Rpps::parse("10000000008").unwrap().key_matches());
    }

    #[test]
    fn an_old_adeli_number_is_refused() {
        let expected = "99999999999".to_owned();

        assert_eq!(
            Rpps::parse("309312345"),
            Err(ValueError::Format { expected })
        );
    }
}
