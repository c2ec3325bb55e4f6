//! A lineage event as recorded, and the acts on it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::{Hindered, Kin, Lineage, LineageHindrance, Refusal, Standing};
use crate::access::{Action, Sway};
use crate::networks::NetworkId;
use crate::organisations::OrganisationId;
use crate::records::{
    Facet, Known, OnDay, RecordRef, Resource, ResourceType, Tie, TieKind, one_of,
};
use crate::relations::RelationState;
use crate::values::{
    Date, Faults, Id, Label, Pointer, Since, Text, ValueError, Version, code_list,
};

/// The id of a lineage event.
pub type LineageEventId = Id<LineageEvent>;

code_list! {
    /// How some become others.
    pub enum LineageKind in "lineage_kinds" {
        /// One or several go on as one that others stand in too: fusion, absorption.
        Merger = "merger",
        /// One goes on as several: scission.
        Split = "split",
        /// One goes on as another: a réseau, a PTA, a MAIA as a DAC.
        Succession = "succession",
    }
}

one_of! {
    /// What has a lineage.
    pub enum Subject {
        /// A network.
        Network(NetworkId),
        /// An organisation.
        Organisation(OrganisationId),
    }
}

/// With which successors a relation of the predecessor goes on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// A relation that is tied to the predecessor.
    pub relation: Uuid,
    /// With these it goes on; with none, it ends.
    #[schema(max_items = 20)]
    pub to: Vec<Uuid>,
}

/// What is said of a lineage event.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "merger",
    "predecessors": [
        { "type": "network", "id": "0198f1c2-7a00-7000-8000-000000000001" },
        { "type": "network", "id": "0198f1c2-7a00-7000-8000-000000000002" },
    ],
    "successors": [{ "type": "network", "id": "0198f1c2-7a00-7000-8000-000000000003" }],
    "effective_on": "2019-01-01",
    "reason": "Fusion des réseaux régionaux.",
}))]
pub struct LineageFields {
    /// How.
    pub kind: LineageKind,
    /// What goes on as others, each once.
    #[validate(length(min = 1, max = 50))]
    #[schema(min_items = 1, max_items = 50)]
    pub predecessors: Vec<Subject>,
    /// As what: of the same type, and perhaps there before.
    #[validate(length(min = 1, max = 20))]
    #[schema(min_items = 1, max_items = 20)]
    pub successors: Vec<Subject>,
    /// The first day on which the successors stand for the predecessors.
    pub effective_on: Date,
    /// Of a split: with which successors each relation of the predecessor goes on. Its own members go on with
    /// each of them unless that is said.
    #[serde(default)]
    #[validate(length(max = 5000))]
    #[schema(max_items = 5000)]
    pub assignments: Vec<Assignment>,
    /// Why.
    #[serde(default)]
    pub reason: Option<Text>,
    /// Where that is written: a treaty, a decision, an article.
    #[serde(default)]
    pub source: Option<Label>,
    /// Whether it was invented, for a demonstration or a test.
    #[serde(default)]
    pub fictitious: bool,
}

/// What is said when an event is taken back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Le traité n'a pas été signé." }))]
pub struct Undo {
    /// Why.
    #[serde(default)]
    pub reason: Option<Text>,
}

/// A lineage event as recorded.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct LineageEvent {
    /// Its name for ever.
    pub id: LineageEventId,
    /// How many times it was written.
    pub version: Version,
    /// What is said of it.
    #[serde(flatten)]
    pub fields: LineageFields,
    /// That it was taken back, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone: Option<Undo>,
}

/// What is true of a lineage event on a day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct LineagePresent {
    /// Whether it took effect; `ended` when it was taken back.
    pub state: RelationState,
}

impl LineageFields {
    /// The records that it is about, and where it names them.
    #[must_use]
    pub fn named(&self) -> Vec<(Pointer, RecordRef)> {
        let list = |list: &'static str, all: &[Subject]| {
            let all = all.iter().enumerate();
            let named = all.map(|(i, one)| {
                let at = Pointer::root().join(list).join(i).join("id");
                (at, one.record())
            });
            named.collect::<Vec<_>>()
        };
        let successors = list("successors", &self.successors);
        let predecessors = list("predecessors", &self.predecessors);
        predecessors.into_iter().chain(successors).collect()
    }

    /// Whether this record is one of its predecessors.
    #[must_use]
    pub fn takes_from(&self, id: Uuid) -> bool {
        self.predecessors.iter().any(|one| one.record().id == id)
    }

    /// Whether this record is one of its successors.
    #[must_use]
    pub fn gives_to(&self, id: Uuid) -> bool {
        self.successors.iter().any(|one| one.record().id == id)
    }

    fn check(&self) -> Result<(), Faults> {
        let mut faults = Faults::default();
        faults.repeated("predecessors", &self.predecessors);
        let (before, after) = (self.predecessors.len(), self.successors.len());
        let most = |max| ValueError::Count { min: 1, max };
        let (several, whole) = match self.kind {
            LineageKind::Merger => (50, (1, 1)),
            LineageKind::Split => (1, (2, 20)),
            LineageKind::Succession => (1, (1, 1)),
        };
        if before > several {
            faults.push("predecessors".into(), most(several));
        }
        if !(whole.0..=whole.1).contains(&after) {
            let (min, max) = whole;
            faults.push("successors".into(), ValueError::Count { min, max });
        }
        let kind = self.predecessors.first().map(|one| one.record());
        let of_another = |one: &Subject| {
            kind.is_some_and(|kind| kind.resource_type != one.record().resource_type)
        };
        let with = Pointer::root().join("predecessors").join(0);
        for (list, all) in [
            ("predecessors", &self.predecessors),
            ("successors", &self.successors),
        ] {
            for (i, _) in all.iter().enumerate().filter(|(_, one)| of_another(one)) {
                let here = Pointer::root().join(list).join(i).join("type");
                let with = with.clone();
                faults.push(here, ValueError::Contradicts { with });
            }
        }
        for (i, one) in self.successors.iter().enumerate() {
            let here = Pointer::root().join("successors").join(i);
            if self.predecessors.contains(one)
                || self.successors.iter().take(i).any(|other| other == one)
            {
                let with = Pointer::root().join("predecessors");
                faults.push(here, ValueError::Contradicts { with });
            }
        }
        self.check_assignments(&mut faults);
        faults.into_result()
    }

    fn check_assignments(&self, faults: &mut Faults) {
        let list = Pointer::root().join("assignments");
        if self.kind != LineageKind::Split && !self.assignments.is_empty() {
            let with = Pointer::root().join("kind");
            faults.push(list.clone(), ValueError::Contradicts { with });
        }
        let mut first = BTreeMap::new();
        for (i, one) in self.assignments.iter().enumerate() {
            let earlier = *first.entry(one.relation).or_insert(i);
            if earlier != i {
                let with = list.join(earlier);
                faults.push(list.join(i), ValueError::Contradicts { with });
            }
        }
        for (i, one) in self.assignments.iter().enumerate() {
            if !one.to.iter().all(|id| self.gives_to(*id)) {
                let with = Pointer::root().join("successors");
                faults.push(list.join(i).join("to"), ValueError::Contradicts { with });
            }
        }
    }
}

impl LineageEvent {
    /// Records an event. `known` is what is known of the records that it names, `standing` how they stand.
    ///
    /// Refused when values contradict one another or name what is not there; when a predecessor does not exist
    /// on the eve of the day, or a successor on the day; when another event of that day or a later one says
    /// already what became of a predecessor, or what a successor comes from; when others would be part of a
    /// predecessor that is no more.
    pub fn record(
        id: LineageEventId,
        fields: LineageFields,
        known: &Known,
        standing: &[Standing],
    ) -> Result<Self, Refusal> {
        fields.check()?;
        known.faults(fields.named()).into_result()?;
        let day = fields.effective_on;
        for one in standing {
            in_order(one, &fields)?;
        }
        let absent = standing.iter().filter(|one| {
            let lasts = one.lineage.until_merged(one.lasts);
            let asked = if fields.takes_from(one.record.id) {
                day.yesterday()
            } else {
                Some(day)
            };
            !asked.is_some_and(|asked| lasts.contains(asked))
        });
        let records: Vec<Uuid> = absent.map(|one| one.record.id).collect();
        if !records.is_empty() {
            return Err(Refusal::NotThere { records });
        }
        let outlived = standing.iter().filter(|one| {
            let lasts = |part: &Since| part.ends_before.is_none_or(|end| day < end);
            fields.takes_from(one.record.id) && one.parts.iter().any(lasts)
        });
        let records: Vec<Uuid> = outlived.map(|one| one.record.id).collect();
        if !records.is_empty() {
            return Err(Refusal::PartsStillOpen { records });
        }
        Ok(Self {
            id,
            version: Version::FIRST,
            fields,
            undone: None,
        })
    }

    /// What a record says of its kin once this event is recorded.
    #[must_use]
    pub fn told_to(&self, id: Uuid, mut lineage: Lineage) -> Lineage {
        let kin = |of: &[Subject]| {
            let of = of.iter().map(|one| Kin {
                id: one.record().id,
                event: self.id,
                effective_on: self.fields.effective_on,
            });
            of.collect::<Vec<_>>()
        };
        if self.fields.takes_from(id) {
            lineage.successors.extend(kin(&self.fields.successors));
        } else {
            lineage.predecessors.extend(kin(&self.fields.predecessors));
        }
        lineage
    }

    /// Takes it back: it took no effect. What it carried is restored beside, see [`super::restore`].
    ///
    /// Refused when it was taken back already, and when a later event says what became of a successor.
    pub fn undo(self, undo: &Undo, standing: &[Standing]) -> Result<Self, Refusal> {
        if self.undone.is_some() {
            return Err(Refusal::AlreadyUndone);
        }
        let later = standing.iter().filter(|one| {
            let fields = &self.fields;
            fields.gives_to(one.record.id) && !one.lineage.successors.is_empty()
        });
        let because: Vec<Hindered> = later
            .map(|one| Hindered {
                id: one.record.id,
                what: LineageHindrance::LaterEvent,
                version: None,
            })
            .collect();
        if !because.is_empty() {
            return Err(Refusal::CannotUndo { because });
        }
        Ok(Self {
            version: self.version.next(),
            undone: Some(undo.clone()),
            ..self
        })
    }
}

/// Refused when an event of that day or a later one says already what became of a predecessor, or when one
/// that is later says what a successor comes from or became.
fn in_order(one: &Standing, fields: &LineageFields) -> Result<(), Refusal> {
    let day = fields.effective_on;
    let is_before = fields.takes_from(one.record.id);
    let came = one.lineage.predecessors.iter();
    let came = came.filter(|kin| day < kin.effective_on || is_before && day == kin.effective_on);
    let became = one.lineage.successors.iter();
    let became = became.filter(|kin| is_before || day < kin.effective_on);
    match came.chain(became).next() {
        None => Ok(()),
        Some(kin) => Err(Refusal::OutOfOrder {
            record: one.record.id,
            event: kin.event,
            effective_on: kin.effective_on,
        }),
    }
}

impl Resource for LineageEvent {
    const TYPE: ResourceType = ResourceType::LineageEvent;

    const READ: Action = Action::ReadLineage;

    type Present = LineagePresent;

    fn uuid(&self) -> Uuid {
        self.id.uuid()
    }

    fn version(&self) -> Version {
        self.version
    }

    fn facets(&self) -> Vec<(Facet, String)> {
        vec![
            (Facet::Kind, self.fields.kind.to_string()),
            (Facet::Fictitious, self.fields.fictitious.to_string()),
        ]
    }

    /// From the day on which it takes effect.
    fn exists(&self) -> Since {
        Since {
            starts_on: Some(self.fields.effective_on),
            ends_before: None,
        }
    }

    /// Each of those that it is about keeps it.
    fn ties(&self) -> Vec<Tie> {
        let tie =
            |kind, of: &Subject| Tie::always(kind, self.itself(), of.record(), Some(Sway::Full));
        let before = self.fields.predecessors.iter();
        let after = self.fields.successors.iter();
        let before = before.map(|one| tie(TieKind::Predecessor, one));
        let after = after.map(|one| tie(TieKind::Successor, one));
        before.chain(after).collect()
    }

    fn acts(&self) -> Vec<Action> {
        if self.undone.is_some() {
            return Vec::new();
        }
        vec![Action::UndoLineage]
    }

    fn on(&self, day: Date) -> OnDay<LineagePresent> {
        let effective_on = self.fields.effective_on;
        let state = match () {
            () if self.undone.is_some() => RelationState::Ended,
            () if day < effective_on => RelationState::Expected,
            () => RelationState::Current,
        };
        OnDay::between(std::iter::once(effective_on), day, LineagePresent { state })
    }
}
