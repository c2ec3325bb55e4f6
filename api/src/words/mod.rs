//! The only place that knows French and English.
//!
//! Everything that may be refused [`Tell`]s its code, status, facts and words by an exhaustive
//! match: a refusal without words does not compile.

mod access;
mod access_lists;
mod accounts;
pub mod code_lists;
mod faults;
mod folded;
mod imports;
mod lineage;
mod network_lists;
mod networks;
mod organisations;
mod people;
mod relation_lists;
mod relations;
mod requests;
mod territories;
mod values;
mod warnings;

use std::fmt::Debug;

use actix_web::http::StatusCode;
use domain::values::Fault as ValueFault;
use serde_json::{Map, Value};

pub use faults::Failed;
pub use folded::Folded;
pub use imports::{Import, tell_reason, tell_row};
pub use requests::Request;
pub use values::tell as tell_value;
pub use warnings::tell as tell_warning;

/// A language we speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// French, unless another is asked for.
    #[default]
    French,
    /// English.
    English,
}

impl Language {
    /// Its tag, as `Content-Language` gives it.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::English => "en",
        }
    }

    /// The first of ours in an `Accept-Language`, by weight and then by order.
    #[must_use]
    pub fn preferred(header: &str) -> Self {
        let weigh = |part: &str| {
            let (tag, parameters) = part.split_once(';').unwrap_or((part, ""));
            let weight = parameters
                .trim()
                .strip_prefix("q=")
                .map_or(Some(1.0), |q| q.trim().parse().ok())?;
            let language = match tag.trim().get(..2)?.to_ascii_lowercase().as_str() {
                "fr" => Self::French,
                "en" => Self::English,
                _ => return None,
            };
            (weight > 0.0_f32).then_some((weight, language))
        };
        let mut best: Option<(f32, Self)> = None;
        for (weight, language) in header.split(',').filter_map(weigh) {
            if best.is_none_or(|(highest, _)| weight > highest) {
                best = Some((weight, language));
            }
        }
        best.map_or(Self::French, |(_, language)| language)
    }

    /// The text of this language.
    pub(crate) fn pick<T>(self, french: T, english: T) -> T {
        match self {
            Self::French => french,
            Self::English => english,
        }
    }
}

/// Something that can be told to a client as a problem (RFC 9457).
pub trait Tell: Debug + Send + Sync {
    /// The stable code, `room.thing`, never renamed.
    fn code(&self) -> &'static str;

    /// The status of the answer.
    fn status(&self) -> StatusCode;

    /// What kind of problem it is: the same words for every problem of this code.
    fn title(&self, language: Language) -> &'static str;

    /// What happened this time.
    fn detail(&self, language: Language) -> String;

    /// The facts, by name.
    fn facts(&self) -> Map<String, Value> {
        Map::new()
    }

    /// The bad values and where they stand.
    fn errors(&self) -> Vec<ValueFault> {
        Vec::new()
    }
}

fn boxed<T: Tell + 'static>(all: impl IntoIterator<Item = T>) -> Vec<Box<dyn Tell>> {
    let boxed = |one| -> Box<dyn Tell> { Box::new(one) };
    all.into_iter().map(boxed).collect()
}

/// The facts of a problem, by name.
pub(crate) fn facts<const N: usize>(facts: [(&str, Value); N]) -> Map<String, Value> {
    facts
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// One of every problem there is, for docs/problems.md and its test.
#[must_use]
pub fn catalogue() -> Vec<Box<dyn Tell>> {
    let mut all: Vec<Box<dyn Tell>> = Vec::new();
    all.extend(requests::samples());
    all.extend(access::samples());
    all.extend(accounts::samples());
    all.extend(faults::samples());
    all.extend(folded::samples());
    all.extend(organisations::samples());
    all.extend(networks::samples());
    all.extend(people::samples());
    all.extend(relations::samples());
    all.extend(lineage::samples());
    all.extend(territories::samples());
    all.extend(imports::samples());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_of_our_languages_is_spoken() {
        assert_eq!(Language::preferred("en-GB,fr;q=0.8"), Language::English);
        assert_eq!(
            Language::preferred("de, en;q=0.2, fr;q=0.4"),
            Language::French
        );
        assert_eq!(Language::preferred("de, *;q=0.1"), Language::French);
        assert_eq!(Language::preferred("fr;q=0, en;q=0.1"), Language::English);
        assert_eq!(Language::preferred("é"), Language::French);
    }

    #[test]
    fn no_two_problems_have_the_same_code() {
        let mut codes: Vec<&str> = catalogue().iter().map(|problem| problem.code()).collect();
        codes.sort_unstable();
        let count = codes.len();
        codes.dedup();

        assert_eq!(codes.len(), count);
    }
}
