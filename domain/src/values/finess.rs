//! The number of a health or social establishment, or of the body that runs it.

use super::ValueError;
use super::insee_code::{has_digits_after_two, starts_with_departement};
use super::luhn::luhn;
use super::text::{compact, text_value};

text_value! {
    /// A number of the FINESS register, of an establishment or of a legal entity: 9 characters, of
    /// which the first two are the département (`2A` and `2B` in Corsica, `97` and `98` overseas).
    /// Spaces are accepted and removed, letters put in upper case.
    ///
    /// A wrong key is no refusal, see [`Finess::key_matches`].
    ///
    /// Source: docs/glossary.md.
    pub struct Finess = finess; example "300000023", pattern "^(0[1-9]|[1-8][0-9]|9[0-578]|2[AB])[0-9]{7}$", max 9
}

impl Finess {
    /// Whether the last digit is the Luhn key of the others; nothing in Corsica, where how the
    /// letter counts is not known. A key that does not match deserves a warning.
    #[must_use]
    pub fn key_matches(&self) -> Option<bool> {
        let number = self.as_str();
        number
            .bytes()
            .all(|c| c.is_ascii_digit())
            .then(|| luhn(number))
    }
}

fn finess(given: &str) -> Result<String, ValueError> {
    let number = compact(given);
    if starts_with_departement(&number) && has_digits_after_two(&number, 7) {
        Ok(number)
    } else {
        Err(ValueError::Format {
            expected: "999999999".to_owned(),
        })
    }
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_printed_reads_back_the_same(
            text in "(0[1-9]|[1-8][0-9]|9[0-578]|2[ABab]) ?[0-9]{3} ?[0-9]{4}",
        ) {
            let finess = Finess::parse(&text).unwrap();

            prop_assert_eq!(Finess::parse(finess.as_str()), Ok(finess));
        }

        #[test]
        fn of_ten_last_digits_exactly_one_matches(number in "(30|06|97|98)[0-9]{6}") {
            let matching = (0..10)
                .map(|key| Finess::parse(&format!("{number}{key}")).unwrap())
                .filter(|finess| finess.key_matches() == Some(true));

            prop_assert_eq!(matching.count(), 1);
        }
    }

    #[test]
    fn a_wrong_key_is_said_and_not_refused() {
        assert_eq!(
            Finess::parse(Finess::EXAMPLE).unwrap().key_matches(),
            Some(true)
        );
        assert_eq!(
            Finess::parse("300000024").unwrap().key_matches(),
            Some(false)
        );
    }

    #[test]
    fn the_key_is_not_judged_in_corsica() {
        let finess = Finess::parse("2a0000022").unwrap();

        assert_eq!((finess.as_str(), finess.key_matches()), ("2A0000022", None));
    }

    #[test]
    fn another_shape_is_refused() {
        for text in [
            "",
            "30000002",
            "3000000230",
            "2C0000022",
            "000000000",
            "960000000",
            "30000002A",
        ] {
            assert_eq!(
                Finess::parse(text).map_err(|error| error.code()),
                Err("format"),
                "{text}"
            );
        }
    }
}
