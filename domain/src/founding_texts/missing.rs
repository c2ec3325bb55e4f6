//! What a founding text lacks on a day.

use std::collections::BTreeSet;

use super::{FoundingTextFields, ItemState, RequiredItem};
use crate::records::RecordRef;
use crate::relations::Stated;
use crate::values::Date;

/// What a founding text lacks on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// What the law asks of it and is not settled, in the order of the law.
    pub items: Vec<RequiredItem>,
    /// The members who have not signed it.
    pub unsigned: BTreeSet<RecordRef>,
}

/// What a text lacks on a day on which these are the members of its network; nothing when it is not in force
/// that day, for then the law asks nothing of it.
///
/// "Co-signed by each of the members": D6321-4. "Signed by every new member": D6321-5.
#[must_use]
pub fn missing(
    text: &FoundingTextFields,
    members: &BTreeSet<RecordRef>,
    day: Date,
) -> Option<Missing> {
    if !text.since().contains(day) {
        return None;
    }
    let settled = |item: RequiredItem| {
        let mut told = text.items.iter();
        told.any(|one| one.item == item && one.state == ItemState::Settled)
    };
    let signed = text.signatures.iter();
    let signed = signed.filter(|one| one.signed_on.is_some_and(|on| on <= day));
    let signed: BTreeSet<RecordRef> = signed.map(|one| one.signatory.record()).collect();
    Some(Missing {
        items: RequiredItem::of(text.text)
            .filter(|item| !settled(*item))
            .collect(),
        unsigned: members.difference(&signed).copied().collect(),
    })
}
