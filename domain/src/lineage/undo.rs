//! Taking back what an event made of the relations of one kind.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::carry::allow_links;
use super::{Hindered, LineageFields, LineageHindrance, Refusal};
use crate::records::Resource;
use crate::relations::{Link, Relation, Stated};
use crate::values::Version;

/// A relation that an event wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<F> {
    /// Which.
    pub id: Uuid,
    /// As it was before; nothing when the event recorded it.
    pub before: Option<Relation<F>>,
    /// The version that the event left it with.
    pub left: Version,
    /// Whether the event left it deleted.
    pub was_gone: bool,
    /// As it is now; nothing when it is gone.
    pub now: Option<Relation<F>>,
    /// How many others, that the event did not write, are tied to it.
    pub tied: usize,
}

/// What taking an event back makes of the relations of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored<F> {
    /// Those that are again as they were.
    pub changed: Vec<Relation<F>>,
    /// Those that are there again.
    pub back: Vec<Relation<F>>,
    /// Those that are gone with the event.
    pub gone: Vec<Relation<F>>,
}

/// Everything again as it was before the event. `all` are the relations of the kind that name a predecessor or a
/// successor.
///
/// Refused, with what is in the way, when one that the event wrote was written by another act since or has
/// others tied to it, and when one was recorded since that ties a predecessor to something on a day on which it
/// would be there again; and when a network would be a member of itself, where `above` is every membership of
/// networks in networks that names neither a predecessor nor a successor.
pub fn restore<F: Stated>(
    event: &LineageFields,
    changes: Vec<Change<F>>,
    all: &[Relation<F>],
    above: &[Link],
) -> Result<Restored<F>, Refusal> {
    let written: BTreeSet<Uuid> = changes.iter().map(|change| change.id).collect();
    let since = all
        .iter()
        .filter(|one| event.takes(*one) && !written.contains(&one.uuid()));
    let since = since.map(|one| Hindered {
        id: one.uuid(),
        what: LineageHindrance::RecordedSince,
        version: Some(one.version),
    });
    let hindrances = changes.iter().filter_map(Change::hindrance);
    let because: BTreeSet<Hindered> = hindrances.chain(since).collect();
    if !because.is_empty() {
        let because = because.into_iter().collect();
        return Err(Refusal::CannotUndo { because });
    }
    let mut restored = Restored {
        changed: Vec::new(),
        back: Vec::new(),
        gone: Vec::new(),
    };
    for change in changes {
        match (change.before, change.now) {
            (None, Some(now)) => restored.gone.push(now),
            (Some(before), now) => {
                let there = now.is_some();
                let again = Relation {
                    version: change.left.next(),
                    ..before
                };
                let list = if there {
                    &mut restored.changed
                } else {
                    &mut restored.back
                };
                list.push(again);
            }
            (None, None) => {}
        }
    }
    let untouched = all.iter().filter(|one| !written.contains(&one.uuid()));
    let again = restored.changed.iter().chain(&restored.back);
    allow_links(again.chain(untouched), above)?;
    Ok(restored)
}

impl<F: Stated> Change<F> {
    fn hindrance(&self) -> Option<Hindered> {
        let what = match &self.now {
            None if !self.was_gone => LineageHindrance::Deleted,
            Some(now) if self.was_gone || now.version != self.left => LineageHindrance::Changed,
            Some(_) if self.before.is_none() && self.tied > 0 => LineageHindrance::Tied,
            _ => return None,
        };
        Some(Hindered {
            id: self.id,
            what,
            version: self.now.as_ref().map(|now| now.version),
        })
    }
}
