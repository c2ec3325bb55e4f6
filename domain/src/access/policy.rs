//! The policy, as a table.

use std::fmt::Write;

use super::{
    AccountId, Action, Actor, Author, CallerId, Held, Reached, Role, Scope, Sway, TokenScope,
};
use crate::values::CodeList;

/// The rights of each role, over what it is held on.
///
/// Read it as sentences: "a contributor reads organisations and territories, follows changes, and
/// changes organisations — those its grant is on". Reference data, such as communes, is read by
/// whoever may read it at all, wherever the grant is on; territories are drawn by those whose grant is
/// over everything.
///
/// A role whose matters come with a room that is not built yet holds nothing until then: the
/// decisions of bodies (secretary), money and its reports (funder).
pub const RIGHTS: &[(Role, &[Action])] = &[
    (Role::Administrator, Action::ALL),
    (
        Role::Coordinator,
        &[
            Action::ReadOrganisations,
            Action::ReadHistory,
            Action::CreateOrganisation,
            Action::ChangeOrganisation,
            Action::EndOrganisation,
            Action::ReopenOrganisation,
            Action::DeleteOrganisation,
            Action::FoldOrganisation,
            Action::UnfoldOrganisation,
            Action::TellOrganisationsApart,
            Action::ImportOrganisations,
            Action::ImportNetworks,
            Action::ImportMemberships,
            Action::ReadDirectory,
            Action::ReadNetworks,
            Action::CreateNetwork,
            Action::ChangeNetwork,
            Action::EnterPhase,
            Action::DeleteNetwork,
            Action::ReadPeople,
            Action::ReadContacts,
            Action::CreatePerson,
            Action::ChangePerson,
            Action::DeletePerson,
            Action::ReadMemberships,
            Action::CreateMembership,
            Action::ChangeMembership,
            Action::EndMembership,
            Action::DeleteMembership,
            Action::ReadBearers,
            Action::CreateBearer,
            Action::ChangeBearer,
            Action::EndBearer,
            Action::HandOverBearer,
            Action::DeleteBearer,
            Action::ReadFacilitations,
            Action::CreateFacilitation,
            Action::ChangeFacilitation,
            Action::EndFacilitation,
            Action::DeleteFacilitation,
            Action::ReadObjectives,
            Action::CreateObjective,
            Action::ChangeObjective,
            Action::EndObjective,
            Action::DeleteObjective,
            Action::ReadActions,
            Action::CreateAction,
            Action::ChangeAction,
            Action::EndAction,
            Action::DeleteAction,
            Action::ReadPoolings,
            Action::CreatePooling,
            Action::ChangePooling,
            Action::EndPooling,
            Action::DeletePooling,
            Action::ReadFoundingTexts,
            Action::CreateFoundingText,
            Action::ChangeFoundingText,
            Action::EndFoundingText,
            Action::DeleteFoundingText,
            Action::ReadLineage,
            Action::RecordLineage,
            Action::UndoLineage,
            Action::ReadTerritories,
            Action::CreateTerritory,
            Action::ChangeTerritory,
            Action::EndTerritory,
            Action::DeleteTerritory,
            Action::ReadChanges,
            Action::ExportRecords,
        ],
    ),
    (
        Role::NetworkCoordinator,
        &[
            Action::ReadOrganisations,
            Action::ReadHistory,
            Action::ReadDirectory,
            Action::ReadNetworks,
            Action::ChangeNetwork,
            Action::EnterPhase,
            Action::ReadPeople,
            Action::ReadContacts,
            Action::ReadMemberships,
            Action::CreateMembership,
            Action::ChangeMembership,
            Action::EndMembership,
            Action::DeleteMembership,
            Action::ReadBearers,
            Action::CreateBearer,
            Action::ChangeBearer,
            Action::EndBearer,
            Action::HandOverBearer,
            Action::DeleteBearer,
            Action::ReadFacilitations,
            Action::CreateFacilitation,
            Action::ChangeFacilitation,
            Action::EndFacilitation,
            Action::DeleteFacilitation,
            Action::ReadObjectives,
            Action::CreateObjective,
            Action::ChangeObjective,
            Action::EndObjective,
            Action::DeleteObjective,
            Action::ReadActions,
            Action::CreateAction,
            Action::ChangeAction,
            Action::EndAction,
            Action::DeleteAction,
            Action::ReadPoolings,
            Action::CreatePooling,
            Action::ChangePooling,
            Action::EndPooling,
            Action::DeletePooling,
            Action::ReadFoundingTexts,
            Action::CreateFoundingText,
            Action::ChangeFoundingText,
            Action::EndFoundingText,
            Action::DeleteFoundingText,
            Action::ReadLineage,
            Action::ReadTerritories,
            Action::ReadChanges,
        ],
    ),
    (Role::Secretary, &[]),
    (
        Role::Contributor,
        &[
            Action::ReadOrganisations,
            Action::ReadHistory,
            Action::ChangeOrganisation,
            Action::ReadDirectory,
            Action::ReadNetworks,
            Action::ReadPeople,
            Action::ReadMemberships,
            Action::ReadBearers,
            Action::ReadFacilitations,
            Action::ReadObjectives,
            Action::ReadActions,
            Action::ReadPoolings,
            Action::ReadFoundingTexts,
            Action::ReadLineage,
            Action::ReadTerritories,
            Action::ReadChanges,
        ],
    ),
    (Role::Funder, &[]),
    (
        Role::Federation,
        &[
            Action::ReadOrganisations,
            Action::ReadHistory,
            Action::ReadDirectory,
            Action::ReadNetworks,
            Action::ReadPeople,
            Action::ReadMemberships,
            Action::ReadBearers,
            Action::ReadFacilitations,
            Action::ReadObjectives,
            Action::ReadActions,
            Action::ReadPoolings,
            Action::ReadFoundingTexts,
            Action::ReadLineage,
            Action::ReadTerritories,
            Action::ReadChanges,
            Action::ExportRecords,
        ],
    ),
    (
        Role::Reader,
        &[
            Action::ReadOrganisations,
            Action::ReadHistory,
            Action::ReadDirectory,
            Action::ReadNetworks,
            Action::ReadPeople,
            Action::ReadMemberships,
            Action::ReadBearers,
            Action::ReadFacilitations,
            Action::ReadObjectives,
            Action::ReadActions,
            Action::ReadPoolings,
            Action::ReadFoundingTexts,
            Action::ReadLineage,
            Action::ReadTerritories,
            Action::ReadChanges,
            Action::ExportRecords,
        ],
    ),
    (
        Role::Public,
        &[
            Action::ReadOrganisations,
            Action::ReadDirectory,
            Action::ReadTerritories,
        ],
    ),
];

/// What an action is done on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// The installation as a whole: only who holds the right over everything.
    Everything,
    /// One record, by its own scope and those that reach it.
    One {
        /// Its own scope.
        own: Scope,
        /// The scopes that reach it beside its own.
        within: &'a [Reached],
    },
}

/// What a caller may see of a kind of records; every list starts from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility<'a> {
    /// All of it.
    Everything,
    /// What is reached by those of these roles that include the action.
    Within(&'a [Held], Action),
}

impl Visibility<'_> {
    /// The scopes in sight; nothing where all is.
    #[must_use]
    pub fn scopes(self) -> Option<Vec<Scope>> {
        match self {
            Self::Everything => None,
            Self::Within(held, action) => Some(
                held.iter()
                    .filter(|held| held.role.rights().contains(&action))
                    .map(|held| held.scope)
                    .collect(),
            ),
        }
    }

    /// Whether a record is in sight, by its own scope and those that reach it.
    #[must_use]
    pub fn covers(self, own: Scope, within: &[Reached]) -> bool {
        match self.scopes() {
            None => true,
            Some(scopes) => scopes
                .iter()
                .any(|scope| *scope == own || within.iter().any(|reached| reached.by == *scope)),
        }
    }
}

/// The proof that an actor may do an action on a scope. Only [`Actor::authorise`] makes one, but for
/// what a person does with its own account ([`Permit::on_oneself`]); from one follows what the act
/// brings with it ([`Permit::in_consequence`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit {
    actor: Actor,
    action: Action,
    scope: Scope,
}

impl Permit {
    /// What a person does with its own account, once it proved who it is, needs no role.
    #[must_use]
    pub fn on_oneself(account: AccountId) -> Self {
        Self {
            actor: Actor {
                author: Author::Caller(CallerId::new(account.uuid())),
                held: Vec::new(),
                scopes: Vec::new(),
                rights_version: 0,
            },
            action: Action::ChangeAccount,
            scope: Scope::Everything,
        }
    }

    /// A permit for something else that the same request does, if its author may.
    pub fn and(&self, action: Action, target: Target) -> Result<Self, Denied> {
        self.actor.authorise(action, target)
    }

    /// Who was permitted.
    #[must_use]
    pub fn author(&self) -> Author {
        self.actor.author
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

    /// The same act by the same author on another record, which it changes too.
    pub fn also(&self, target: Target) -> Result<Self, Denied> {
        self.actor.authorise(self.action, target)
    }

    /// What the act brings with it for another record, over which its author needs no right.
    #[must_use]
    pub fn in_consequence(&self, own: Scope) -> Self {
        Self {
            scope: own,
            ..self.clone()
        }
    }

    /// What its holder may see of the records that `read` reads; nothing without that right. What
    /// a request names and its author may not see is not there for it.
    #[must_use]
    pub fn visibility(&self, read: Action) -> Visibility<'_> {
        self.actor
            .visibility(read)
            .unwrap_or(Visibility::Within(&[], read))
    }
}

/// Why an actor may not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// It is for those who say who they are.
    #[error("nobody in particular may not do {action}")]
    Nobody {
        /// What was to be done.
        action: Action,
    },
    /// No role held includes the action.
    #[error("no role held includes {action}")]
    Role {
        /// The roles held.
        roles: Vec<Role>,
        /// What was to be done.
        action: Action,
    },
    /// A role held includes the action, but over something else.
    #[error("the roles held include {action} over something else")]
    Scope {
        /// What was to be done.
        action: Action,
    },
    /// A role held includes the action, the token was not asked for it.
    #[error("the token lacks the scope {needed}")]
    Token {
        /// The scope that the token would need.
        needed: TokenScope,
    },
}

impl Actor {
    /// A permit, when a role held over the target includes the action and the token was asked for
    /// it.
    pub fn authorise(&self, action: Action, target: Target) -> Result<Permit, Denied> {
        self.entitle(action)?;
        let least = match action.token_scope() {
            TokenScope::Read => Sway::Sight,
            TokenScope::Write | TokenScope::Administer => Sway::Full,
        };
        let reaches =
            |scope: Scope| move |reached: &Reached| reached.by == scope && reached.sway >= least;
        let covers = |scope: Scope| match target {
            _ if scope == Scope::Everything => true,
            Target::Everything => false,
            Target::One { own, within } => scope == own || within.iter().any(reaches(scope)),
        };
        if !self.over(action).any(covers) {
            return Err(Denied::Scope { action });
        }
        let scope = match target {
            Target::Everything => Scope::Everything,
            Target::One { own, .. } => own,
        };
        Ok(Permit {
            actor: self.clone(),
            action,
            scope,
        })
    }

    /// Whether [`Self::authorise`] would give a permit.
    #[must_use]
    pub fn may(&self, action: Action, target: Target) -> bool {
        self.authorise(action, target).is_ok()
    }

    /// What this actor may see of the records that `action` reads.
    pub fn visibility(&self, action: Action) -> Result<Visibility<'_>, Denied> {
        self.entitle(action)?;
        let everything =
            action.reads_reference() || self.over(action).any(|scope| scope == Scope::Everything);
        Ok(if everything {
            Visibility::Everything
        } else {
            Visibility::Within(&self.held, action)
        })
    }

    /// The same with only those roles that include an action: what is read by such an act starts
    /// from what these reach.
    #[must_use]
    pub fn holding(&self, action: Action) -> Self {
        let holding = self.held.iter().copied();
        let holding = holding.filter(|held| held.role.rights().contains(&action));
        Self {
            held: holding.collect(),
            ..self.clone()
        }
    }

    /// Refused unless some role held includes the action, over whatever, and the token too.
    pub fn entitle(&self, action: Action) -> Result<(), Denied> {
        if self.over(action).next().is_none() {
            let roles: Vec<Role> = self.held.iter().map(|held| held.role).collect();
            return Err(if roles == [Role::Public] {
                Denied::Nobody { action }
            } else {
                Denied::Role { roles, action }
            });
        }
        let needed = action.token_scope();
        if !self.scopes.contains(&needed) {
            return Err(Denied::Token { needed });
        }
        Ok(())
    }

    /// What the roles that include an action are held over.
    fn over(&self, action: Action) -> impl Iterator<Item = Scope> {
        self.held
            .iter()
            .filter(move |held| held.role.rights().contains(&action))
            .map(|held| held.scope)
    }
}

/// The policy as a table of text: one line an action, one column a role; then on what each role may
/// be given.
#[must_use]
pub fn matrix() -> String {
    let mut table = format!("{:<28}", "action");
    for role in Role::ALL {
        let _ = write!(table, "{:<21}", role.code());
    }
    let mut line = |name: &str, holds: &dyn Fn(Role) -> bool| {
        table.truncate(table.trim_end().len());
        let _ = write!(table, "\n{name:<28}");
        for role in Role::ALL {
            let _ = write!(table, "{:<21}", if holds(*role) { "✔" } else { "✘" });
        }
    };
    for action in Action::ALL {
        line(action.code(), &|role| role.rights().contains(action));
    }
    line("", &|_| false);
    line("given on everything", &|role| {
        role.may_be_given_on(Scope::Everything)
    });
    line("given on one record", &|role| {
        let one = Scope::Organisation(crate::organisations::OrganisationId::new(uuid::Uuid::nil()));
        role.may_be_given_on(one)
    });
    let lines = table.lines().map(str::trim_end);
    let kept: Vec<&str> = lines
        .map(|line| if line.starts_with("   ") { "" } else { line })
        .collect();
    kept.join("\n") + "\n"
}

#[cfg(test)]
#[path = "laws.rs"]
mod laws;
