//! What is said of a relation, said of other records and other days.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::relations::Stated;
use crate::values::{Pointer, Since};

/// What becomes of a record that a relation names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is named as before.
    Stays,
    /// This one is named instead.
    Is(Uuid),
    /// It is named no more.
    Gone,
}

/// The same on these days, naming what stands for the records that it named. What is then named twice in a
/// list is named once. An end that is no longer foreseen has no reason.
///
/// A relation says itself where it names records, so this is one for all kinds. Nothing when what is left
/// cannot be said, which no fate of a member that must be there brings about but [`Fate::Gone`].
pub fn restated<F: Stated>(said: &F, since: Since, fate: impl Fn(Uuid) -> Fate) -> Option<F> {
    let mut value = serde_json::to_value(said).ok()?;
    let named = said.named().into_iter().map(|(at, one)| (at, one.id));
    let peers = said.peers().into_iter().map(|law| (law.at, law.id));
    let mut lists = BTreeSet::new();
    for (at, id) in named.chain(peers) {
        let instead = match fate(id) {
            Fate::Stays => continue,
            Fate::Is(other) => json!(other),
            Fate::Gone => Value::Null,
        };
        lists.extend(list_of(&at));
        if let Some(place) = value.pointer_mut(at.as_str()) {
            *place = instead;
        }
    }
    for list in lists {
        if let Some(Value::Array(items)) = value.get_mut(&list) {
            let mut kept: Vec<Value> = Vec::new();
            for item in items.drain(..) {
                if !item.is_null() && !kept.contains(&item) {
                    kept.push(item);
                }
            }
            *items = kept;
        }
    }
    if let Some(members) = value.as_object_mut() {
        members.insert("starts_on".to_owned(), json!(since.starts_on));
        members.insert("ends_before".to_owned(), json!(since.ends_before));
        if since.ends_before.is_none() {
            members.insert("end_reason".to_owned(), Value::Null);
        }
    }
    serde_json::from_value(value).ok()
}

/// The member that a pointer leads through.
fn list_of(at: &Pointer) -> Option<String> {
    at.as_str().split('/').nth(1).map(ToOwned::to_owned)
}
