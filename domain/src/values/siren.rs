//! The numbers of the French register of enterprises, and of their establishments.

use super::ValueError;
use super::luhn::luhn;
use super::text::{digits, text_value};

text_value! {
    /// The number of an enterprise, an association or a public body in SIRENE: 9 digits, the last
    /// one a Luhn key. Spaces are accepted and removed. An EPCI is known by its SIREN.
    ///
    /// Source: Code de commerce, R123-220 and following; docs/glossary.md.
    pub struct Siren = siren; example "732829320", pattern "^[0-9]{9}$", max 9
}

text_value! {
    /// The number of an establishment in SIRENE: the SIREN it belongs to, then 5 digits, the last
    /// one a Luhn key over all 14. Spaces are accepted and removed.
    ///
    /// The establishments of La Poste outgrew their keys: with its SIREN, a sum of digits that is
    /// a multiple of 5 is accepted too. Several organisations may share one SIRET.
    ///
    /// Source: INSEE, note on the SIRET of La Poste; docs/glossary.md.
    pub struct Siret = siret; example "73282932000074", pattern "^[0-9]{14}$", max 14
}

/// The only enterprise whose establishments may break Luhn's key.
const LA_POSTE: &str = "356000000";

impl Siret {
    /// The enterprise it belongs to.
    #[must_use]
    pub fn siren(&self) -> Siren {
        Siren(self.as_str().chars().take(9).collect())
    }
}

fn siren(given: &str) -> Result<String, ValueError> {
    let siren = digits(given, 9)?;
    if luhn(&siren) {
        Ok(siren)
    } else {
        Err(ValueError::CheckDigit)
    }
}

fn siret(given: &str) -> Result<String, ValueError> {
    let all = digits(given, 14)?;
    let siren = all.get(..9).unwrap_or_default();
    let sum: u32 = all.chars().filter_map(|digit| digit.to_digit(10)).sum();
    let excepted = siren == LA_POSTE && sum.is_multiple_of(5);
    if luhn(siren) && (luhn(&all) || excepted) {
        Ok(all)
    } else {
        Err(ValueError::CheckDigit)
    }
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;

    use super::super::testing::{sirens, sirets};
    use super::*;

    /// Every text that differs from `digits` in one digit.
    fn slips(digits: &str) -> impl Iterator<Item = String> {
        (0..digits.len()).flat_map(move |at| {
            (b'0'..=b'9').filter_map(move |digit| {
                let mut slip = digits.as_bytes().to_vec();
                let changed = std::mem::replace(slip.get_mut(at)?, digit) != digit;
                changed.then(|| String::from_utf8(slip).unwrap())
            })
        })
    }

    proptest! {
        #[test]
        fn every_single_digit_error_in_a_siren_is_caught(siren in sirens()) {
            for slip in slips(siren.as_str()) {
                prop_assert_eq!(Siren::parse(&slip), Err(ValueError::CheckDigit));
            }
        }

        #[test]
        fn every_single_digit_error_in_a_siret_is_caught_save_at_la_poste(siret in sirets()) {
            prop_assume!(siret.siren().as_str() != LA_POSTE);
            for slip in slips(siret.as_str()) {
                prop_assert_eq!(Siret::parse(&slip), Err(ValueError::CheckDigit));
            }
        }

        #[test]
        fn the_siren_of_a_siret_is_one(siret in sirets()) {
            prop_assert_eq!(Siren::parse(siret.siren().as_str()), Ok(siret.siren()));
        }

        #[test]
        fn what_is_printed_reads_back_the_same(siren in sirens(), siret in sirets()) {
            prop_assert_eq!(Siren::parse(&siren.to_string()), Ok(siren));
            prop_assert_eq!(Siret::parse(&siret.to_string()), Ok(siret));
        }

        #[test]
        fn spaces_anywhere_change_nothing(siret in sirets(), at in 0..=14_usize) {
            let (before, after) = siret.as_str().split_at(at);
            let spaced = format!(" {before} \u{a0}\u{202f}{after}\t");

            prop_assert_eq!(Siret::parse(&spaced), Ok(siret));
        }
    }

    #[test]
    fn the_known_numbers_are_read() {
        for text in [
            "73282932000074",
            "23350001600040",
            "38047555800058",
            "35600000049837",
        ] {
            assert_eq!(
                Siret::parse(text).map(|siret| siret.to_string()),
                Ok(text.to_owned())
            );
        }
        for text in ["732829320", "356000000"] {
            assert_eq!(
                Siren::parse(text).map(|siren| siren.to_string()),
                Ok(text.to_owned())
            );
        }
        assert_eq!(
            Siren::EXAMPLE.parse::<Siren>().unwrap().as_str(),
            "732829320"
        );
        assert_eq!(
            Siret::parse("732 829 320 00074").unwrap().siren().as_str(),
            "732829320"
        );
    }

    #[test]
    fn la_poste_may_break_the_key_and_no_one_else() {
        assert!(!luhn("35600000049837"));
        assert_eq!(Siret::parse("35600000049838"), Err(ValueError::CheckDigit));
        // Its digits add up to 45 too, but it is not La Poste's.
        assert_eq!(Siret::parse("73282932000083"), Err(ValueError::CheckDigit));
    }

    #[test]
    fn the_last_key_does_not_excuse_the_first() {
        // Luhn-valid over 14 digits, while 732829321 is no SIREN.
        let siret = (0..10)
            .map(|key| format!("7328293210007{key}"))
            .find(|text| luhn(text));

        assert_eq!(Siret::parse(&siret.unwrap()), Err(ValueError::CheckDigit));
    }

    #[test]
    fn what_is_not_so_many_digits_is_refused() {
        for text in [
            "",
            "73282932",
            "7328293200",
            "73282932A",
            "732.829.320",
            "７３２８２９３２０",
        ] {
            let expected = "999999999".to_owned();
            assert_eq!(
                Siren::parse(text),
                Err(ValueError::Format { expected }),
                "{text}"
            );
        }
        let expected = "99999999999999".to_owned();
        assert_eq!(
            Siret::parse("732829320"),
            Err(ValueError::Format { expected })
        );
    }
}
