//! The policy, as a table.

use std::fmt::Write;

use super::{Action, Actor, CallerId, Role, TokenScope};
use crate::organisations::OrganisationId;
use crate::values::CodeList;

/// The rights of each role, on everything it may see.
///
/// An administrator keeps the installation. A reader reads and follows changes, and writes
/// nothing. Rights over one network, one organisation or its money come with the rooms that hold
/// these things.
pub const RIGHTS: &[(Role, &[Action])] = &[
    (Role::Administrator, Action::ALL),
    (
        Role::Reader,
        &[
            Action::ReadOrganisations,
            Action::ReadTerritories,
            Action::ReadChanges,
        ],
    ),
];

/// What an action is done on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// No record in particular: a list, a creation, the installation itself.
    Everything,
    /// One organisation.
    Organisation(OrganisationId),
}

/// What a caller may see of a kind of records; every list starts from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// All of it.
    Everything,
}

/// The proof that an actor may do an action on a scope. Only [`Actor::authorise`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit {
    caller: Option<CallerId>,
    action: Action,
    scope: Scope,
}

impl Permit {
    /// Who was permitted; nobody when the program's operator acts.
    #[must_use]
    pub fn caller(&self) -> Option<CallerId> {
        self.caller
    }

    /// To do what.
    #[must_use]
    pub fn action(&self) -> Action {
        self.action
    }

    /// On what.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope
    }
}

/// Why an actor may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The role does not include the action.
    #[error("the role {role} does not include {action}")]
    Role {
        /// The role held.
        role: Role,
        /// What was to be done.
        action: Action,
    },
    /// The role includes the action, the token was not asked for it.
    #[error("the token lacks the scope {needed}")]
    Token {
        /// The scope that the token would need.
        needed: TokenScope,
    },
}

impl Actor {
    /// A permit, when the role includes the action and the token was asked for it.
    pub fn authorise(&self, action: Action, scope: Scope) -> Result<Permit, Denied> {
        if !holds(self.role, action) {
            return Err(Denied::Role {
                role: self.role,
                action,
            });
        }
        let needed = action.token_scope();
        if !self.scopes.contains(&needed) {
            return Err(Denied::Token { needed });
        }
        Ok(Permit {
            caller: self.caller,
            action,
            scope,
        })
    }

    /// Whether [`Self::authorise`] would give a permit.
    #[must_use]
    pub fn may(&self, action: Action, scope: Scope) -> bool {
        self.authorise(action, scope).is_ok()
    }

    /// What this actor may see of the records that `action` reads.
    pub fn visibility(&self, action: Action) -> Result<Visibility, Denied> {
        self.authorise(action, Scope::Everything)
            .map(|_| Visibility::Everything)
    }
}

fn holds(role: Role, action: Action) -> bool {
    RIGHTS
        .iter()
        .any(|(holder, actions)| *holder == role && actions.contains(&action))
}

/// The policy as a table of text: one line an action, one column a role.
#[must_use]
pub fn matrix() -> String {
    let mut table = format!("{:<24}", "action");
    for role in Role::ALL {
        let _ = write!(table, "{:<15}", role.code());
    }
    for action in Action::ALL {
        table.truncate(table.trim_end().len());
        let _ = write!(table, "\n{:<24}", action.code());
        for role in Role::ALL {
            let _ = write!(
                table,
                "{:<15}",
                if holds(*role, *action) { "✔" } else { "✘" }
            );
        }
    }
    table.truncate(table.trim_end().len());
    table.push('\n');
    table
}

#[cfg(test)]
mod laws {
    use super::*;

    fn actor(role: Role, scopes: &[TokenScope]) -> Actor {
        Actor {
            role,
            scopes: scopes.to_vec(),
            ..Actor::operator()
        }
    }

    #[test]
    fn an_administrator_may_do_everything() {
        for action in Action::ALL {
            assert!(
                Actor::operator().may(*action, Scope::Everything),
                "{action}"
            );
        }
    }

    #[test]
    fn a_reader_writes_nothing() {
        for action in Action::ALL {
            let reader = actor(Role::Reader, TokenScope::ALL);

            let may = reader.may(*action, Scope::Everything);

            assert!(!may || action.token_scope() == TokenScope::Read, "{action}");
        }
    }

    #[test]
    fn a_token_narrows_and_never_widens() {
        for role in Role::ALL {
            for action in Action::ALL {
                let narrow = actor(*role, &[TokenScope::Read]);
                let wide = actor(*role, TokenScope::ALL);

                let narrowed = narrow.may(*action, Scope::Everything);

                assert!(!narrowed || wide.may(*action, Scope::Everything));
                assert!(!narrowed || action.token_scope() == TokenScope::Read);
            }
        }
    }

    #[test]
    fn every_role_has_its_line() {
        assert!(
            Role::ALL
                .iter()
                .all(|role| RIGHTS.iter().any(|(holder, _)| holder == role))
        );
    }
}
