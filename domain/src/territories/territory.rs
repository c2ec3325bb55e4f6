//! A territory as recorded, and what is true of it on a day.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Between, EpciForm, Setting, TerritoryKind, TerritoryMember, TerritoryNames, TerritoryState,
    Turn, Uncertain,
};
use crate::access::Action;
use crate::records::{OnDay, Resource, ResourceType, Tie};
use crate::values::{
    Date, Id, InseeCode, Label, Names, Postcode, Siren, Text, ValueError, Version, text_value,
};

text_value! {
    /// The official code of a territory within its kind: an INSEE code, or the SIREN of an EPCI.
    /// The same code may mean another territory in another kind. Letters are put in upper case.
    pub struct TerritoryCode = code; example "30007", pattern "^[0-9A-Za-z]{1,9}$", max 9
}

fn code(given: &str) -> Result<String, ValueError> {
    let expected = || ValueError::Format {
        expected: "[0-9A-Za-z]{1,9}".to_owned(),
    };
    let fits = (1..=9).contains(&given.len()) && given.bytes().all(|b| b.is_ascii_alphanumeric());
    fits.then(|| given.to_ascii_uppercase())
        .ok_or_else(expected)
}

impl From<&InseeCode> for TerritoryCode {
    fn from(code: &InseeCode) -> Self {
        Self(code.as_str().to_owned())
    }
}

/// The id of a territory.
pub type TerritoryId = Id<Territory>;

/// A territory as recorded.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Territory {
    /// Its name for ever.
    pub id: TerritoryId,
    /// How many times it was written.
    pub version: Version,
    /// What it is.
    pub kind: TerritoryKind,
    /// Its official code within its kind; a drawn one has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<TerritoryCode>,
    /// The year of the list that the code belongs to, where each list gives its own codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vintage: Option<i16>,
    /// Its names in the order it bore them.
    pub names: TerritoryNames,
    /// The legal form of an EPCI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<EpciForm>,
    /// The SIREN of the authority that governs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub siren: Option<Siren>,
    /// The postcodes of a commune.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub postcodes: Vec<Postcode>,
    /// The inhabitants of a commune, as the source gives them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub population: Option<u32>,
    /// The territories it is or was part of.
    #[serde(default)]
    pub part_of: Vec<TerritoryPart>,
    /// The communes and EPCI that make up a drawn one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<TerritoryMember>,
    /// In the country or in town, when somebody says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setting: Option<Setting>,
    /// The first day on which it exists, when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<Date>,
    /// The days between which that day lies, when only these are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_between: Option<Between>,
    /// Its end, if it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<EndedTerritory>,
    /// The day for which the source gives all this: 1 January of its vintage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attested_on: Option<Date>,
    /// Where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Label>,
    /// Whether it was invented, for a demonstration or a test.
    #[serde(default)]
    pub fictitious: bool,
}

/// Being part of a larger territory for some time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct TerritoryPart {
    /// The larger territory.
    pub whole: TerritoryId,
    /// What that one is.
    pub kind: TerritoryKind,
    /// The first day, when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<Date>,
    /// The days between which the first day lies, when only these are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_between: Option<Between>,
    /// The first day on which it no longer is, when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_before: Option<Date>,
    /// The days between which that day lies, when only these are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_between: Option<Between>,
}

impl TerritoryPart {
    /// Being part from a turn on; for as long as is known when there is none.
    #[must_use]
    pub fn from(whole: TerritoryId, kind: TerritoryKind, start: Option<Turn>) -> Self {
        Self {
            whole,
            kind,
            starts_on: start.and_then(Turn::on),
            starts_between: start.and_then(Turn::between),
            ends_before: None,
            ends_between: None,
        }
    }

    /// When it became part, if that is known at all.
    #[must_use]
    pub fn start(&self) -> Option<Turn> {
        Turn::of(self.starts_on, self.starts_between)
    }

    /// When it ceased to be part, if it did.
    #[must_use]
    pub fn end(&self) -> Option<Turn> {
        Turn::of(self.ends_before, self.ends_between)
    }

    /// The same, over from `turn` on.
    #[must_use]
    pub(super) fn ending(self, turn: Turn) -> Self {
        Self {
            ends_before: turn.on(),
            ends_between: turn.between(),
            ..self
        }
    }
}

/// The end of a territory.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct EndedTerritory {
    /// The first day on which it no longer exists, when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_before: Option<Date>,
    /// The days between which that day lies, when only these are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_between: Option<Between>,
    /// The territories that came after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub successors: Vec<TerritoryId>,
    /// Why it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

impl EndedTerritory {
    /// The end at a turn, with what came after.
    #[must_use]
    pub fn at(turn: Turn, successors: Vec<TerritoryId>) -> Self {
        Self {
            ends_before: turn.on(),
            ends_between: turn.between(),
            successors,
            reason: None,
        }
    }

    /// When it ended.
    #[must_use]
    pub fn turn(&self) -> Option<Turn> {
        Turn::of(self.ends_before, self.ends_between)
    }
}

/// What is true of a territory on a given day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct TerritoryPresent {
    /// The name it bears that day.
    pub name: Label,
    /// Where it stands in its life that day.
    pub state: TerritoryState,
    /// What of this is not known of that day, because it changed between two vintages.
    pub uncertain: Vec<Uncertain>,
}

impl Territory {
    /// When it began, if that is known at all.
    #[must_use]
    pub fn start(&self) -> Option<Turn> {
        Turn::of(self.starts_on, self.starts_between)
    }

    /// When it ended, if it did.
    #[must_use]
    pub fn ending(&self) -> Option<Turn> {
        self.ended.as_ref().and_then(EndedTerritory::turn)
    }

    /// Where it stands in its life on a day.
    #[must_use]
    pub fn state_on(&self, day: Date) -> TerritoryState {
        let ended = self.ending().map_or(Some(false), |turn| turn.had_come(day));
        let begun = self.start().map_or(Some(true), |turn| turn.had_come(day));
        match (begun, ended) {
            (_, Some(true)) => TerritoryState::Ended,
            (Some(false), _) => TerritoryState::Expected,
            (None, _) | (_, None) => TerritoryState::Unknown,
            (Some(true), Some(false)) => TerritoryState::Open,
        }
    }

    fn uncertain_on(&self, day: Date) -> Vec<Uncertain> {
        let name = !self.names.is_sure_on(day);
        let state = self.state_on(day) == TerritoryState::Unknown;
        let part_of = self.part_turns().any(|turn| turn.had_come(day).is_none());
        [
            (name, Uncertain::Name),
            (state, Uncertain::State),
            (part_of, Uncertain::PartOf),
        ]
        .into_iter()
        .filter_map(|(uncertain, what)| uncertain.then_some(what))
        .collect()
    }

    fn part_turns(&self) -> impl Iterator<Item = Turn> + Clone {
        let parts = self.part_of.iter();
        parts.flat_map(|part| part.start().into_iter().chain(part.end()))
    }

    /// The days on which the answer may change.
    fn turning_days(&self) -> impl Iterator<Item = Date> + Clone {
        let life = self.start().into_iter().chain(self.ending());
        let turns = life.chain(self.part_turns().filter(|turn| turn.between().is_some()));
        self.names
            .turning_days()
            .chain(turns.flat_map(Turn::turning_days))
    }
}

impl Resource for Territory {
    const TYPE: ResourceType = ResourceType::Territory;

    const READ: Action = Action::ReadTerritories;

    type Present = TerritoryPresent;

    fn uuid(&self) -> Uuid {
        self.id.uuid()
    }

    fn version(&self) -> Version {
        self.version
    }

    fn names(&self) -> Option<&Names> {
        Some(self.names.borne())
    }

    fn ties(&self) -> Vec<Tie> {
        Vec::new()
    }

    fn acts(&self) -> Vec<Action> {
        if !self.kind.is_drawn() {
            return Vec::new();
        }
        let end = self.ended.is_none().then_some(Action::EndTerritory);
        let acts = std::iter::once(Action::ChangeTerritory).chain(end);
        acts.chain([Action::DeleteTerritory]).collect()
    }

    fn on(&self, day: Date) -> OnDay<TerritoryPresent> {
        let answer = TerritoryPresent {
            name: self.names.on(day).name.clone(),
            state: self.state_on(day),
            uncertain: self.uncertain_on(day),
        };
        OnDay::between(self.turning_days(), day, answer)
    }
}
