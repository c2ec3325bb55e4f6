//! The names that something bore, one after the other.

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ArrayBuilder, Schema};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::{Date, Label, Misread, Pointer, ValueError, words};

/// The most names one thing may have borne.
const MOST: usize = 50;

/// A name, from the day it is borne until the day of the next one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Name {
    /// The official name.
    pub name: Label,
    /// The acronym or usual short name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_name: Option<Label>,
    /// The first day of this name; absent on the first name when that day is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<Date>,
}

/// One to fifty names in the order they were borne: each from its day until the day of the next,
/// so that there is exactly one on any day. Only the first may lack a day, when it is not known.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Vec<Name>", into = "Vec<Name>")]
pub struct Names {
    first: Name,
    later: Vec<Name>,
}

impl Name {
    /// The official name and the short one.
    pub fn texts(&self) -> impl Iterator<Item = &Label> {
        std::iter::once(&self.name).chain(&self.short_name)
    }
}

impl Names {
    /// The name borne on a day; before the first name's day, the first.
    #[must_use]
    pub fn on(&self, day: Date) -> &Name {
        let borne = |name: &&Name| name.starts_on.is_none_or(|starts| starts <= day);
        self.later.iter().rfind(borne).unwrap_or(&self.first)
    }

    /// The days on which the name changes.
    pub fn turning_days(&self) -> impl Iterator<Item = Date> + Clone {
        self.later.iter().filter_map(|name| name.starts_on)
    }

    /// The names in the order they were borne.
    pub fn iter(&self) -> impl Iterator<Item = &Name> {
        std::iter::once(&self.first).chain(&self.later)
    }

    /// The folded words of every name, past ones and short ones too, each once.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let texts = self.iter().flat_map(Name::texts);
        let mut words: Vec<String> = texts.flat_map(|text| words(text.as_str())).collect();
        words.sort_unstable();
        words.dedup();
        words
    }

    /// The names with the days between which each is the one borne; nothing where there is no end.
    pub fn spans(&self) -> impl Iterator<Item = (&Name, Option<Date>, Option<Date>)> {
        let from = std::iter::once(None).chain(self.later.iter().map(|name| name.starts_on));
        let until = self
            .later
            .iter()
            .map(|name| name.starts_on)
            .chain(std::iter::once(None));
        self.iter()
            .zip(from.zip(until))
            .map(|(name, (from, until))| (name, from, until))
    }
}

/// One name, borne on every day.
impl From<Name> for Names {
    fn from(name: Name) -> Self {
        Self {
            first: Name {
                starts_on: None,
                ..name
            },
            later: Vec::new(),
        }
    }
}

impl TryFrom<Vec<Name>> for Names {
    type Error = Misread;

    fn try_from(names: Vec<Name>) -> Result<Self, Misread> {
        let refuse = |error| Misread::new(error, serde_json::json!([{ "name": Label::EXAMPLE }]));
        if names.len() > MOST {
            return Err(refuse(ValueError::Count { min: 1, max: MOST }));
        }
        for (i, (earlier, later)) in names.iter().zip(names.iter().skip(1)).enumerate() {
            let pointer = || Pointer::root().join(i.saturating_add(1)).join("starts_on");
            match (earlier.starts_on, later.starts_on) {
                (_, None) => return Err(refuse(ValueError::Required).at(pointer())),
                (Some(earlier), Some(later)) if later <= earlier => {
                    return Err(refuse(ValueError::NotInOrder).at(pointer()));
                }
                _ => {}
            }
        }
        let mut names = names.into_iter();
        match names.next() {
            Some(first) => Ok(Self {
                first,
                later: names.collect(),
            }),
            None => Err(refuse(ValueError::Count { min: 1, max: MOST })),
        }
    }
}

impl From<Names> for Vec<Name> {
    fn from(names: Names) -> Self {
        std::iter::once(names.first).chain(names.later).collect()
    }
}

impl PartialSchema for Names {
    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new()
            .items(Ref::from_schema_name(Name::name()))
            .min_items(Some(1))
            .max_items(Some(MOST))
            .description(Some(
                "The names in the order they were borne, one on any day.",
            ))
            .into()
    }
}

impl ToSchema for Names {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Name::name().into(), Name::schema()));
        Name::schemas(schemas);
    }
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;

    use super::*;

    fn names(days: &[&str]) -> Result<Names, Misread> {
        let name = |day: &&str| Name {
            name: Label::parse(&format!("from {day}")).unwrap(),
            short_name: None,
            starts_on: day.parse().ok(),
        };
        days.iter().map(name).collect::<Vec<_>>().try_into()
    }

    #[test]
    fn a_later_name_needs_a_later_day() {
        let refused = names(&["2016-06-28", "2009-09-01"]).unwrap_err();

        assert_eq!(
            (refused.error, refused.at.as_str()),
            (ValueError::NotInOrder, "/1/starts_on")
        );
        assert_eq!(names(&["", ""]).unwrap_err().error, ValueError::Required);
        assert!(names(&[]).is_err());
    }

    #[test]
    fn a_new_name_is_borne_from_its_very_day() {
        let names = names(&["2009-09-01", "2016-06-28"]).unwrap();

        assert_eq!(
            names.on("2016-06-27".parse().unwrap()).name.as_str(),
            "from 2009-09-01"
        );
        assert_eq!(
            names.on("2016-06-28".parse().unwrap()).name.as_str(),
            "from 2016-06-28"
        );
        assert_eq!(
            names.on("1990-01-01".parse().unwrap()).name.as_str(),
            "from 2009-09-01"
        );
    }

    proptest! {
        #[test]
        fn exactly_one_span_holds_any_day(years in prop::collection::btree_set(1900_i16..2100, 0..5), at in 1900_i16..2100) {
            let days: Vec<String> = years.iter().map(|year| format!("{year}-03-01")).collect();
            let all: Vec<&str> = std::iter::once("").chain(days.iter().map(String::as_str)).collect();
            let names = names(&all).unwrap();
            let day: Date = format!("{at}-03-01").parse().unwrap();

            let holding: Vec<&Name> = names
                .spans()
                .filter(|(_, from, until)| from.is_none_or(|f| f <= day) && until.is_none_or(|u| day < u))
                .map(|(name, _, _)| name)
                .collect();

            prop_assert_eq!(holding, vec![names.on(day)]);
        }
    }
}
