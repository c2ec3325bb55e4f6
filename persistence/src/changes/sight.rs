//! What a reader may see of the feed, and around which positions.

use std::collections::BTreeSet;

use domain::access::{Actor, Scope, Visibility};
use domain::records::ResourceType;
use domain::values::CodeList;
use uuid::Uuid;

use crate::scopes::Span;

/// What a reader may see of the types that the feed tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// The types of which everything is in sight.
    pub(super) wide: Vec<ResourceType>,
    /// The other types that may be in sight, each with the scopes that are.
    pub(super) narrow: Vec<(ResourceType, Vec<Scope>)>,
}

impl Sight {
    /// What these roles bring in sight.
    #[must_use]
    pub fn of(actor: &Actor) -> Self {
        let (mut wide, mut narrow) = (Vec::new(), Vec::new());
        let told = ResourceType::ALL.iter().filter(|of| of.is_in_feed());
        for of in told {
            match actor.visibility(of.read()).map(Visibility::scopes) {
                Ok(None) => wide.push(*of),
                Ok(Some(scopes)) => narrow.push((*of, scopes)),
                Err(_) => {}
            }
        }
        Self { wide, narrow }
    }

    /// Only of these types, when some are named.
    #[must_use]
    pub fn only(mut self, types: &[ResourceType]) -> Self {
        if !types.is_empty() {
            self.wide.retain(|of| types.contains(of));
            self.narrow.retain(|(of, _)| types.contains(of));
        }
        self
    }

    /// Whether what comes in sight and goes out between this and `other` can be told record by
    /// record: not when it is all there is of a type.
    #[must_use]
    pub fn can_become(&self, other: &Self) -> bool {
        self.wide == other.wide
    }

    pub(super) fn scopes(&self) -> BTreeSet<Scope> {
        let scopes = self.narrow.iter().flat_map(|(_, scopes)| scopes);
        scopes.copied().collect()
    }

    /// Whether a record is in sight today.
    pub(super) fn reaches_now(&self, of: ResourceType, id: Uuid, spans: &[Span]) -> bool {
        let (_, after) = self.around(i64::MAX, of, id, spans);
        after
    }

    /// Whether a record was in sight just before a position, and is from it on.
    pub(super) fn around(
        &self,
        position: i64,
        of: ResourceType,
        id: Uuid,
        spans: &[Span],
    ) -> (bool, bool) {
        if self.wide.contains(&of) {
            return (true, true);
        }
        let Some((_, scopes)) = self.narrow.iter().find(|(narrow, _)| *narrow == of) else {
            return (false, false);
        };
        if scopes.contains(&of.scope(id)) {
            return (true, true);
        }
        let reaching = spans.iter().filter(|span| scopes.contains(&span.scope));
        reaching
            .map(|span| span.around(position))
            .fold((false, false), |all, one| (all.0 || one.0, all.1 || one.1))
    }
}
