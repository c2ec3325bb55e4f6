//! What a caller says of an objective.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::ObjectiveId;
use crate::access::{Action, Sway};
use crate::concerns::{Population, Theme};
use crate::networks::NetworkId;
use crate::records::{Facet, RecordRef, ResourceType, Tie, TieKind, one_of};
use crate::relations::{Acts, PeerLaw, Stated};
use crate::values::{Date, Faults, Label, Pointer, Since, Text, ValueError, code_list, words};

code_list! {
    /// How far an objective reaches.
    pub enum ObjectiveLevel in "objective_levels" {
        /// What is to be reached in the end.
        General = "general",
        /// A step towards it that can be checked.
        Operational = "operational",
    }
}

code_list! {
    /// How far an objective went.
    pub enum ObjectiveStatus in "objective_statuses" {
        /// Nothing is done yet.
        Planned = "planned",
        /// It is worked on.
        Running = "running",
        /// It is reached.
        Reached = "reached",
        /// It is given up.
        Abandoned = "abandoned",
    }
}

code_list! {
    /// Whether something is valid for its owner. A network is sovereign: only a decision of its own plenary or
    /// steering committee makes it so.
    #[derive(Default)]
    pub enum Validity in "validities" {
        /// Somebody proposed it.
        #[default]
        Proposed = "proposed",
    }
}

one_of! {
    /// Whose objective or action it is.
    pub enum Owner {
        /// A network's.
        Network(NetworkId),
    }
}

/// What is said of an objective, and can be changed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "owner": { "type": "network", "id": "0198f1c2-7a00-7000-8000-000000000002" },
    "level": "general",
    "title": "Réduire les risques liés aux addictions",
    "themes": ["addictions"],
    "status": "running",
}))]
pub struct ObjectiveFields {
    /// Whose it is.
    pub owner: Owner,
    /// How far it reaches.
    pub level: ObjectiveLevel,
    /// The general objective of the same owner that an operational one serves.
    #[serde(default)]
    pub under: Option<ObjectiveId>,
    /// What is to be reached.
    pub title: Label,
    /// More about it.
    #[serde(default)]
    pub description: Option<Text>,
    /// What it is about, each once.
    #[serde(default)]
    #[validate(length(max = 23))]
    #[schema(max_items = 23)]
    pub themes: Vec<Theme>,
    /// For whom, each once.
    #[serde(default)]
    #[validate(length(max = 14))]
    #[schema(max_items = 14)]
    pub populations: Vec<Population>,
    /// How far it went.
    pub status: ObjectiveStatus,
    /// Whether it is valid for its owner.
    #[serde(default)]
    pub validity: Validity,
    /// The first day on which it is worked on; absent when not known.
    #[serde(default)]
    pub starts_on: Option<Date>,
    /// The first day on which it no longer is.
    #[serde(default)]
    pub ends_before: Option<Date>,
    /// Why it ended.
    #[serde(default)]
    pub end_reason: Option<Text>,
    /// Whether it was invented, for a demonstration or a test.
    #[serde(default)]
    pub fictitious: bool,
}

impl Stated for ObjectiveFields {
    const TYPE: ResourceType = ResourceType::Objective;

    const NAME: &'static str = "Objective";

    const ACTS: Acts = Acts {
        read: Action::ReadObjectives,
        create: Action::CreateObjective,
        change: Action::ChangeObjective,
        end: Action::EndObjective,
        delete: Action::DeleteObjective,
    };

    fn since(&self) -> Since {
        Since {
            starts_on: self.starts_on,
            ends_before: self.ends_before,
        }
    }

    fn ended(self, ends_before: Date, reason: Option<Text>) -> Self {
        Self {
            ends_before: Some(ends_before),
            end_reason: reason.or(self.end_reason),
            ..self
        }
    }

    fn end_reason(&self) -> Option<&Text> {
        self.end_reason.as_ref()
    }

    fn named(&self) -> Vec<(Pointer, RecordRef)> {
        vec![(
            Pointer::root().join("owner").join("id"),
            self.owner.record(),
        )]
    }

    fn fixed(&self) -> Vec<(&'static str, String)> {
        let owner = self.owner.record().id;
        vec![
            ("owner", owner.to_string()),
            ("level", self.level.to_string()),
        ]
    }

    fn ties(&self, itself: RecordRef) -> Vec<Tie> {
        let owner = self.owner.record();
        let under = self.under.map(RecordRef::from);
        let under = under.map(|under| Tie::always(TieKind::Serves, itself, under, None));
        let under = under.into_iter();
        let belongs = Tie::always(TieKind::OwnedBy, itself, owner, Some(Sway::Full));
        under.chain([belongs]).collect()
    }

    fn facets(&self) -> Vec<(Facet, String)> {
        let words = words(self.title.as_str()).into_iter();
        let words = words.map(|word| (Facet::Word, word));
        let themes = self
            .themes
            .iter()
            .map(|one| (Facet::Theme, one.to_string()));
        let populations = self.populations.iter();
        let populations = populations.map(|one| (Facet::Population, one.to_string()));
        let own = [
            (Facet::Kind, self.level.to_string()),
            (Facet::Status, self.status.to_string()),
            (Facet::Validity, self.validity.to_string()),
            (Facet::Fictitious, self.fictitious.to_string()),
        ];
        words.chain(themes).chain(populations).chain(own).collect()
    }

    /// A general objective of the same owner.
    fn peers(&self) -> Vec<PeerLaw> {
        let under = self.under.map(|under| PeerLaw {
            at: Pointer::root().join("under"),
            id: under.uuid(),
            owner: self.owner.record(),
            kind: Some(ObjectiveLevel::General.to_string()),
        });
        under.into_iter().collect()
    }

    fn check(&self, faults: &mut Faults) {
        faults.repeated("themes", &self.themes);
        faults.repeated("populations", &self.populations);
        if self.under.is_some() && self.level == ObjectiveLevel::General {
            let with = Pointer::root().join("level");
            faults.push(
                Pointer::root().join("under"),
                ValueError::Contradicts { with },
            );
        }
    }
}
