//! The names of a territory, the day of some of which is not known.

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ArrayBuilder, Schema};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::{Between, Turn};
use crate::values::{Date, Label, Misread, Name, Names, words};

/// A name, from the day it is borne until the day of the next one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TerritoryName {
    /// The official name.
    pub name: Label,
    /// The acronym or usual short name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_name: Option<Label>,
    /// The first day of this name, when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<Date>,
    /// The days between which that day lies, when it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_between: Option<Between>,
}

impl TerritoryName {
    fn turn(&self) -> Option<Turn> {
        Turn::of(self.starts_on, self.starts_between)
    }
}

/// One to fifty names in the order they were borne, one on any day. On days between two vintages
/// that give different names, the one before is told, and that it is not certain.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Vec<TerritoryName>", into = "Vec<TerritoryName>")]
pub struct TerritoryNames {
    told: Vec<TerritoryName>,
    /// The same, each from the first day on which it was surely borne.
    borne: Names,
}

impl TerritoryNames {
    /// One name, borne for as long as is known.
    pub fn one(name: Label) -> Result<Self, Misread> {
        let (short_name, starts_on, starts_between) = (None, None, None);
        vec![TerritoryName {
            name,
            short_name,
            starts_on,
            starts_between,
        }]
        .try_into()
    }

    /// The name surely borne on a day, or the one before where that is not known.
    #[must_use]
    pub fn on(&self, day: Date) -> &Name {
        self.borne.on(day)
    }

    /// Whether the name borne on a day is known.
    #[must_use]
    pub fn is_sure_on(&self, day: Date) -> bool {
        let mut turns = self.told.iter().skip(1).filter_map(TerritoryName::turn);
        turns.all(|turn| turn.had_come(day).is_some())
    }

    /// The names as they are found and sorted by.
    #[must_use]
    pub fn borne(&self) -> &Names {
        &self.borne
    }

    /// The last name, which is borne still.
    #[must_use]
    pub fn last(&self) -> Option<&Label> {
        self.told.last().map(|name| &name.name)
    }

    /// The days on which the name or its certainty changes.
    pub fn turning_days(&self) -> impl Iterator<Item = Date> + Clone {
        let turns = self.told.iter().skip(1).filter_map(TerritoryName::turn);
        turns.flat_map(Turn::turning_days)
    }

    /// The same with another last name: a change of name from `turn` on, but only another spelling
    /// when the words are the same or when no time passed.
    pub(super) fn renamed(&self, name: &Label, turn: Option<Turn>) -> Result<Self, Misread> {
        let mut told = self.told.clone();
        let respelt = self
            .last()
            .is_some_and(|last| words(last.as_str()) == words(name.as_str()));
        match (turn.filter(|_| !respelt), told.last_mut()) {
            (Some(turn), _) => told.push(TerritoryName {
                name: name.clone(),
                short_name: None,
                starts_on: turn.on(),
                starts_between: turn.between(),
            }),
            (None, Some(last)) => last.name = name.clone(),
            (None, None) => {}
        }
        told.try_into()
    }
}

impl TryFrom<Vec<TerritoryName>> for TerritoryNames {
    type Error = Misread;

    fn try_from(told: Vec<TerritoryName>) -> Result<Self, Misread> {
        let borne = told.iter().map(|name| Name {
            name: name.name.clone(),
            short_name: name.short_name.clone(),
            starts_on: name.turn().map(Turn::surely_by),
        });
        let borne = borne.collect::<Vec<_>>().try_into()?;
        Ok(Self { told, borne })
    }
}

impl From<TerritoryNames> for Vec<TerritoryName> {
    fn from(names: TerritoryNames) -> Self {
        names.told
    }
}

impl From<Names> for TerritoryNames {
    fn from(borne: Names) -> Self {
        let told = borne.iter().map(|name| TerritoryName {
            name: name.name.clone(),
            short_name: name.short_name.clone(),
            starts_on: name.starts_on,
            starts_between: None,
        });
        Self {
            told: told.collect(),
            borne,
        }
    }
}

impl PartialSchema for TerritoryNames {
    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new()
            .items(Ref::from_schema_name(TerritoryName::name()))
            .min_items(Some(1))
            .max_items(Some(50))
            .description(Some(
                "The names in the order they were borne, one on any day.",
            ))
            .into()
    }
}

impl ToSchema for TerritoryNames {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((TerritoryName::name().into(), TerritoryName::schema()));
        TerritoryName::schemas(schemas);
    }
}
