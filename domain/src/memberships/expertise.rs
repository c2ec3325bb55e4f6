//! What the members of a network may call on one another for.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::concerns::Theme;
use crate::values::{Label, words};

/// Something that a member knows how to do and that the others may call on. Never a case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Expertise {
    /// What, in a few words.
    pub name: Label,
    /// The theme that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<Theme>,
}

impl Expertise {
    /// Whether it is what is looked for: each folded word begins one of its own, and it is about the theme, if
    /// one is given.
    #[must_use]
    pub fn answers(&self, sought: &[String], theme: Option<Theme>) -> bool {
        let own = words(self.name.as_str());
        let begins = |word: &String| own.iter().any(|own| own.starts_with(word));
        sought.iter().all(begins) && theme.is_none_or(|theme| self.theme == Some(theme))
    }
}

#[cfg(test)]
mod laws {
    use super::*;

    fn knows(name: &str, theme: Option<Theme>) -> Expertise {
        let name = Label::parse(name).unwrap();
        Expertise { name, theme }
    }

    #[test]
    fn an_expertise_answers_when_each_word_sought_begins_one_of_its_own() {
        let tobacco = knows("Sevrage tabagique à l'hôpital", Some(Theme::Addictions));

        for (sought, theme, answers) in [
            ("", None, true),
            ("Tabag", None, true),
            ("hopital sevrage", Some(Theme::Addictions), true),
            ("tabac", None, false),
            ("sevrage alcool", None, false),
            ("sevrage", Some(Theme::Diabetes), false),
        ] {
            assert_eq!(tobacco.answers(&words(sought), theme), answers, "{sought}");
        }
        assert!(!knows("Sevrage", None).answers(&[], Some(Theme::Addictions)));
    }
}
