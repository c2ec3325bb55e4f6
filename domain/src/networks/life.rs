//! The phases of a network's life, one after the other.

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ArrayBuilder, Schema};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};
use validator::Validate;

use super::NetworkState;
use crate::values::{Date, Misread, PartialDate, Pointer, Since, Text, ValueError};

/// The most phases that one network may have gone through.
const MOST: usize = 50;

/// A phase, from the day it begins until the day of the next one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "state": "dormant", "starts_on": "2019-05", "reason": "Plus d'animation." }))]
pub struct Phase {
    /// Where the network stands.
    pub state: NetworkState,
    /// When it begins, as precisely as is known; absent on the first phase when that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<PartialDate>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

impl Phase {
    /// The first day on which it may have begun, if that is known at all.
    fn begins(&self) -> Option<Date> {
        self.starts_on.map(PartialDate::earliest)
    }
}

/// One to fifty phases in their order: each from its day until the day of the next, and each one that may
/// follow the one before ([`NetworkState::next`]). None is `merged`: that is for lineage to say. Only the first may lack a day, when it is not known.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Vec<Phase>", into = "Vec<Phase>")]
pub struct Life {
    first: Phase,
    later: Vec<Phase>,
}

impl Life {
    /// The phases in their order.
    pub fn phases(&self) -> impl Iterator<Item = &Phase> {
        std::iter::once(&self.first).chain(&self.later)
    }

    /// The phase of a day; nothing before the first one began.
    #[must_use]
    pub fn on(&self, day: Date) -> Option<&Phase> {
        let begun = |phase: &&Phase| phase.begins().is_none_or(|begins| begins <= day);
        let phases: Vec<&Phase> = self.phases().collect();
        phases.into_iter().rfind(begun)
    }

    /// The last phase.
    #[must_use]
    pub fn last(&self) -> &Phase {
        self.later.last().unwrap_or(&self.first)
    }

    /// Each phase that has days, with them.
    pub fn spans(&self) -> impl Iterator<Item = (NetworkState, Since)> {
        let ends = self.later.iter().map(Phase::begins).chain([None]);
        self.phases().zip(ends).map(|(phase, ends_before)| {
            let since = Since {
                starts_on: phase.begins(),
                ends_before,
            };
            (phase.state, since)
        })
    }

    /// From its first phase until it is closed.
    #[must_use]
    pub fn lasts(&self) -> Since {
        let last = self.last();
        let ends_before = last.begins().filter(|_| last.state == NetworkState::Closed);
        Since {
            starts_on: self.first.begins(),
            ends_before,
        }
    }

    /// The days on which a phase begins.
    pub fn turning_days(&self) -> impl Iterator<Item = Date> + Clone {
        std::iter::once(&self.first)
            .chain(&self.later)
            .filter_map(Phase::begins)
    }

    /// The same life with one more phase. Refused as when it is read.
    pub fn followed_by(&self, phase: Phase) -> Result<Self, Misread> {
        let mut phases: Vec<Phase> = self.phases().cloned().collect();
        phases.push(phase);
        phases.try_into()
    }
}

impl TryFrom<Vec<Phase>> for Life {
    type Error = Misread;

    fn try_from(phases: Vec<Phase>) -> Result<Self, Misread> {
        let refuse = |error| Misread::new(error, serde_json::json!([{ "state": "active" }]));
        if phases.len() > MOST {
            return Err(refuse(ValueError::Count { min: 1, max: MOST }));
        }
        for (i, (earlier, later)) in phases.iter().zip(phases.iter().skip(1)).enumerate() {
            let phase = Pointer::root().join(i.saturating_add(1));
            match (earlier.begins(), later.begins()) {
                (_, None) => return Err(refuse(ValueError::Required).at(phase.join("starts_on"))),
                (Some(earlier), Some(later)) if later <= earlier => {
                    return Err(refuse(ValueError::NotInOrder).at(phase.join("starts_on")));
                }
                _ => {}
            }
            if !earlier.state.next().contains(&later.state) {
                let with = Pointer::root().join(i).join("state");
                return Err(refuse(ValueError::Contradicts { with }).at(phase.join("state")));
            }
        }
        if let Some(i) = phases
            .iter()
            .position(|one| one.state == NetworkState::Merged)
        {
            let merged = Pointer::root().join(i).join("state");
            return Err(refuse(ValueError::Fixed).at(merged));
        }
        let mut phases = phases.into_iter();
        match phases.next() {
            Some(first) => Ok(Self {
                first,
                later: phases.collect(),
            }),
            None => Err(refuse(ValueError::Count { min: 1, max: MOST })),
        }
    }
}

impl From<Life> for Vec<Phase> {
    fn from(life: Life) -> Self {
        std::iter::once(life.first).chain(life.later).collect()
    }
}

impl PartialSchema for Life {
    fn schema() -> RefOr<Schema> {
        ArrayBuilder::new()
            .items(Ref::from_schema_name(Phase::name()))
            .min_items(Some(1))
            .max_items(Some(MOST))
            .description(Some(
                "The phases of its life in their order, one on any day.",
            ))
            .into()
    }
}

impl ToSchema for Life {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Phase::name().into(), Phase::schema()));
        Phase::schemas(schemas);
    }
}
