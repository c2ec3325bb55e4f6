//! The floor under passwords.

use domain::access::{AccountRefusal, PersonFields, Weakness};
use zxcvbn::feedback::Warning;
use zxcvbn::{Score, zxcvbn};

/// The fewest characters of a password.
pub(super) const FEWEST: usize = 12;

/// The most characters of a password.
pub(super) const MOST: usize = 200;

/// Refused when the password is short, or when one who knows the person could guess it: when zxcvbn
/// takes it for less than "safely unguessable" (10⁸ guesses).
pub(super) fn check(password: &str, person: &PersonFields) -> Result<(), AccountRefusal> {
    let length = password.chars().count();
    let weakness = if length < FEWEST {
        Some(Weakness::TooShort)
    } else if length > MOST {
        Some(Weakness::TooLong)
    } else {
        guessable(password, person)
    };
    weakness.map_or(Ok(()), |weakness| {
        Err(AccountRefusal::WeakPassword(weakness))
    })
}

fn guessable(password: &str, person: &PersonFields) -> Option<Weakness> {
    let (name, email) = (person.name.as_str(), person.email.as_str());
    let parts = name.split_whitespace();
    let parts = parts.chain(email.split(|c: char| !c.is_alphanumeric()));
    let about: Vec<&str> = [name, email].into_iter().chain(parts).collect();
    let told = zxcvbn(password, &about);
    if told.score() >= Score::Three {
        return None;
    }
    if zxcvbn(password, &[]).score() >= Score::Three {
        return Some(Weakness::Personal);
    }
    let warning = told
        .feedback()
        .and_then(zxcvbn::feedback::Feedback::warning);
    Some(match warning {
        Some(
            Warning::StraightRowsOfKeysAreEasyToGuess
            | Warning::ShortKeyboardPatternsAreEasyToGuess
            | Warning::RepeatsLikeAaaAreEasyToGuess
            | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess
            | Warning::SequencesLikeAbcAreEasyToGuess,
        ) => Weakness::Pattern,
        Some(
            Warning::ThisIsATop10Password
            | Warning::ThisIsATop100Password
            | Warning::ThisIsACommonPassword
            | Warning::ThisIsSimilarToACommonlyUsedPassword,
        ) => Weakness::Common,
        Some(Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess) => {
            Weakness::Date
        }
        Some(
            Warning::AWordByItselfIsEasyToGuess
            | Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
            | Warning::CommonNamesAndSurnamesAreEasyToGuess,
        ) => Weakness::Word,
        None => Weakness::Guessable,
    })
}

#[cfg(test)]
mod tests {
    use domain::values::{Email, Label};

    use super::*;

    fn verdict(password: &str) -> Result<(), AccountRefusal> {
        let person = PersonFields {
            name: Label::parse("Dominique Exemplaire").unwrap(),
            email: Email::parse("d.exemplaire@maison-des-reseaux.example").unwrap(),
        };
        check(password, &person)
    }

    #[test]
    fn a_long_sentence_of_ones_own_is_good() {
        assert_eq!(verdict("trois mésanges sur le Gardon"), Ok(()));
        assert_eq!(verdict("vX8#qL2!mN5z"), Ok(()));
    }

    #[test]
    fn what_could_be_guessed_is_refused_for_its_reason() {
        for (password, weakness) in [
            ("vX8#qL2!mN5", Weakness::TooShort),
            (&"é".repeat(201), Weakness::TooLong),
            ("aaaaaaaaaaaaaa", Weakness::Pattern),
            ("password1234", Weakness::Common),
            ("ExemplaireDominique", Weakness::Personal),
        ] {
            assert_eq!(
                verdict(password),
                Err(AccountRefusal::WeakPassword(weakness)),
                "{password}"
            );
        }
    }
}
