//! Roles.

use super::{Action, Scope, ScopeKind};
use crate::values::code_list;

code_list! {
    /// What somebody is here for. The rights of each role are in [`super::RIGHTS`].
    pub enum Role in "roles" {
        /// Keeps the installation: may do everything that the rules of the field allow.
        Administrator = "administrator",
        /// Coordinates for the association: keeps its directory and its territories up to date.
        Coordinator = "coordinator",
        /// Coordinates one network.
        NetworkCoordinator = "network_coordinator",
        /// Records the decisions of the bodies of one owner, and of no other.
        Secretary = "secretary",
        /// Keeps up to date what is recorded of one organisation.
        Contributor = "contributor",
        /// Reads the money and the reports of what it funds.
        Funder = "funder",
        /// Copies what it may see: reads the feed and the exports.
        Federation = "federation",
        /// Reads what is recorded and follows its changes; writes nothing.
        Reader = "reader",
        /// Anybody at all, where the settings open the directory. Nobody is given this role.
        Public = "public",
    }
}

impl Role {
    /// Whether this role may be given on such a scope.
    ///
    /// An installation is kept whole. Whoever records the decisions of a body does so for its one
    /// owner, a network is sovereign, and a contribution is to one organisation: these are never given
    /// on everything.
    #[must_use]
    pub fn may_be_given_on(self, scope: Scope) -> bool {
        let kind = scope.kind();
        match self {
            Self::Administrator => kind == ScopeKind::Everything,
            Self::NetworkCoordinator => kind == ScopeKind::Network,
            Self::Secretary => kind != ScopeKind::Everything,
            Self::Contributor => kind == ScopeKind::Organisation,
            Self::Coordinator | Self::Funder | Self::Federation | Self::Reader => true,
            Self::Public => false,
        }
    }

    /// What this role may do.
    #[must_use]
    pub fn rights(self) -> &'static [Action] {
        super::RIGHTS
            .iter()
            .find(|(role, _)| *role == self)
            .map_or(&[], |(_, actions)| actions)
    }
}
