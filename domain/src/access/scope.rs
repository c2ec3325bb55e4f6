//! What a right is a right over.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::networks::NetworkId;
use crate::organisations::OrganisationId;
use crate::records::ResourceType;
use crate::values::{CodeList, ValueError, code_list};

code_list! {
    /// What a scope is.
    pub enum ScopeKind in "scope_kinds" {
        /// All that is recorded.
        Everything = "everything",
        /// One organisation, and all that is part of it.
        Organisation = "organisation",
        /// One network, and all that belongs to it.
        Network = "network",
    }
}

/// What a role is held over.
///
/// A scope of one record reaches that record and everything that belongs to it on the day, through
/// any number of levels. Rooms to come add their own kinds.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, ToSchema,
)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Scope {
    /// All that is recorded.
    Everything,
    /// One organisation, and all that is part of it.
    Organisation(OrganisationId),
    /// One network, and all that belongs to it.
    Network(NetworkId),
}

impl Scope {
    /// What kind of scope this is.
    #[must_use]
    pub fn kind(self) -> ScopeKind {
        match self {
            Self::Everything => ScopeKind::Everything,
            Self::Organisation(_) => ScopeKind::Organisation,
            Self::Network(_) => ScopeKind::Network,
        }
    }

    /// The type of the record at its root, if it is the scope of one record.
    #[must_use]
    pub fn resource_type(self) -> Option<ResourceType> {
        match self {
            Self::Everything => None,
            Self::Organisation(_) => Some(ResourceType::Organisation),
            Self::Network(_) => Some(ResourceType::Network),
        }
    }

    /// The record at its root, if it is the scope of one record.
    #[must_use]
    pub fn root(self) -> Option<Uuid> {
        match self {
            Self::Everything => None,
            Self::Organisation(id) => Some(id.uuid()),
            Self::Network(id) => Some(id.uuid()),
        }
    }
}

/// As it is stored and shown in one word: `everything`, or its kind, a colon and an id.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.root() {
            None => f.write_str(self.kind().code()),
            Some(id) => write!(f, "{}:{id}", self.kind()),
        }
    }
}

impl FromStr for Scope {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let expected = || ValueError::Format {
            expected: "everything, organisation:<id>, network:<id>".to_owned(),
        };
        let (kind, id) = match text.split_once(':') {
            None => (text, None),
            Some((kind, id)) => (kind, Some(id)),
        };
        match (kind.parse::<ScopeKind>(), id) {
            (Ok(ScopeKind::Everything), None) => Ok(Self::Everything),
            (Ok(ScopeKind::Organisation), Some(id)) => {
                id.parse().map(Self::Organisation).or(Err(expected()))
            }
            (Ok(ScopeKind::Network), Some(id)) => id.parse().map(Self::Network).or(Err(expected())),
            _ => Err(expected()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_read_as_it_is_written() {
        let one = Scope::Organisation(OrganisationId::new(Uuid::from_u128(7)));
        let network = Scope::Network(NetworkId::new(Uuid::from_u128(8)));
        for scope in [Scope::Everything, one, network] {
            assert_eq!(scope.to_string().parse(), Ok(scope));
        }
        assert!("organisation".parse::<Scope>().is_err());
        assert!("everything:7".parse::<Scope>().is_err());
    }
}
