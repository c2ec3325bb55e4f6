//! How a search forgets spelling: accents, case, ligatures, apostrophes and hyphens.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The text without accents, in lower case, ligatures written out, and every run of anything
/// else than letters and digits as one space.
///
/// ```
/// assert_eq!(domain::values::fold("  L’Œuvre d'Alès-Cévennes "), "l oeuvre d ales cevennes");
/// ```
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
    {
        match c {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            c if c.is_alphanumeric() => folded.push(c),
            _ if folded.is_empty() || folded.ends_with(' ') => {}
            _ => folded.push(' '),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// The folded words of a text, each once, in order.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = fold(text)
        .split(' ')
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;

    use super::super::testing::labels;
    use super::*;

    proptest! {
        #[test]
        fn folding_what_is_folded_changes_nothing(text in "\\PC{0,40}") {
            let folded = fold(&text);

            prop_assert_eq!(fold(&folded), folded);
        }

        #[test]
        fn case_accents_and_signs_between_words_are_forgotten(name in labels()) {
            let folded = fold(name.as_str());

            prop_assert_eq!(&fold(&name.as_str().to_uppercase()), &folded);
            prop_assert_eq!(&fold(&format!("« {name} »")), &folded);
            prop_assert!(folded.chars().all(|c| c.is_ascii_alphanumeric() || c == ' '));
        }

        #[test]
        fn the_words_do_not_depend_on_their_order(one in labels(), other in labels()) {
            prop_assert_eq!(words(&format!("{one} {other}")), words(&format!("{other} {one}")));
        }
    }

    #[test]
    fn the_spellings_of_the_field_meet() {
        for (one, other) in [
            ("Œuvre", "OEUVRE"),
            ("cœur", "coeur"),
            ("Cæsar", "Caesar"),
            ("l’hôpital", "L'Hopital"),
            ("Saint-Jean-du-Gard", "saint jean du gard"),
            ("Alès", "ale\u{300}s"),
            ("Pays  d’Arles", "PAYS D'ARLES"),
            ("ﬁnancement", "financement"),
            ("Réseau n°2", "réseau N° 2"),
        ] {
            assert_eq!(fold(one), fold(other));
        }
        assert_eq!(fold(" - ’ "), "");
    }

    #[test]
    fn words_come_once_and_sorted() {
        assert_eq!(
            words("Santé, santé & Cœur d'Alès"),
            ["ales", "coeur", "d", "sante"]
        );
        assert!(words(" – ").is_empty());
    }
}
