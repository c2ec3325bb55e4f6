//! The family tree of a network or an organisation: as far up and down as its reader may see.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::Visibility;
use domain::lineage::{LineageEvent, LineageEventId, LineageKind, Subject};
use domain::records::{Card, RecordRef};
use domain::values::{Date, Label, Text};
use persistence::{Db, lineage, records as store};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::problem::Problem;

/// The most steps from the one asked about.
const MOST_STEPS: usize = 20;

/// The most records that are told.
const MOST: usize = 500;

/// Those that a record comes from, those that it became, and theirs in turn.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FamilyTree {
    /// The one asked about.
    root: Uuid,
    /// What is public of each, as of today.
    #[schema(max_items = 1000)]
    nodes: Vec<Card>,
    /// What made one of the other, in the order of their days. None that was taken back.
    #[schema(max_items = 1000)]
    events: Vec<FamilyEvent>,
    /// Whether there is more, further away.
    truncated: bool,
}

/// An event of a family tree.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FamilyEvent {
    /// Its record.
    id: LineageEventId,
    /// How.
    kind: LineageKind,
    /// From which day on.
    effective_on: Date,
    /// What went on as others.
    #[schema(max_items = 50)]
    predecessors: Vec<Subject>,
    /// As what.
    #[schema(max_items = 20)]
    successors: Vec<Subject>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Text>,
    /// Where that is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Label>,
}

/// The family of a record, step by step.
pub(super) fn of(
    db: &mut Db,
    visible: Visibility,
    root: RecordRef,
    today: Date,
) -> Result<FamilyTree, Problem> {
    let mut events: BTreeMap<LineageEventId, LineageEvent> = BTreeMap::new();
    let mut all = BTreeSet::from([root]);
    let mut next = BTreeSet::from([root.id]);
    let mut steps = 0;
    while !next.is_empty() && steps < MOST_STEPS && all.len() < MOST {
        let found = lineage::events_of(db, visible, &next)?;
        next.clear();
        for event in found.into_iter().filter(|event| event.undone.is_none()) {
            for (_, one) in event.fields.named() {
                if all.insert(one) {
                    next.insert(one.id);
                }
            }
            events.insert(event.id, event);
        }
        steps += 1;
    }
    let cards = store::cards(db, &all, today)?;
    let mut events: Vec<FamilyEvent> = events.into_values().map(FamilyEvent::from).collect();
    events.sort_by_key(|event| (event.effective_on, event.id));
    Ok(FamilyTree {
        root: root.id,
        nodes: cards.into_values().collect(),
        events,
        truncated: !next.is_empty(),
    })
}

impl From<LineageEvent> for FamilyEvent {
    fn from(event: LineageEvent) -> Self {
        let fields = event.fields;
        Self {
            id: event.id,
            kind: fields.kind,
            effective_on: fields.effective_on,
            predecessors: fields.predecessors,
            successors: fields.successors,
            reason: fields.reason,
            source: fields.source,
        }
    }
}
