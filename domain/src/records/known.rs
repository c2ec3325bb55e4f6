//! What is known of the records that another names.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::RecordRef;
use crate::values::{Faults, Pointer, ValueError};

/// What is known of the records that another names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Those that are there and may be named.
    pub existing: BTreeSet<RecordRef>,
    /// Those that were folded into another record, and that one.
    pub folded: BTreeMap<RecordRef, Uuid>,
}

impl Known {
    /// A fault for each that may not be named.
    #[must_use]
    pub fn faults(&self, named: impl IntoIterator<Item = (Pointer, RecordRef)>) -> Faults {
        let mut faults = Faults::default();
        for (pointer, one) in named {
            if !self.existing.contains(&one) {
                faults.push(pointer, self.why_not(one));
            }
        }
        faults
    }

    fn why_not(&self, one: RecordRef) -> ValueError {
        let into = self.folded.get(&one);
        into.map_or(ValueError::UnknownReference, |into| ValueError::Folded {
            into: into.to_string(),
        })
    }
}
