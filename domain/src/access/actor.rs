//! Who acts.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use super::{Role, Scope, TokenScope};
use crate::values::{Id, ValueError, code_list};

/// Marks the id of somebody or something that calls the API.
pub enum Caller {}

/// The id of a caller.
pub type CallerId = Id<Caller>;

/// Marks the id of a session: one log-in of one person.
pub enum Session {}

/// The id of a session.
pub type SessionId = Id<Session>;

impl CallerId {
    /// Anybody at all. Every base knows this caller; the settings say whether it is served.
    pub const PUBLIC: Self = Self::new(Uuid::nil());
}

code_list! {
    /// What a caller is.
    pub enum CallerKind in "caller_kinds" {
        /// A script or another server, with a secret of its own.
        Client = "client",
        /// A person with an account of this installation.
        Account = "account",
        /// Somebody whom another issuer of tokens vouches for.
        Subject = "subject",
        /// Anybody at all.
        Public = "public",
    }
}

/// Who is behind a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// The one who runs the program on its machine, and could as well open the base by hand.
    Operator,
    /// A caller of the API.
    Caller(CallerId),
}

impl Author {
    /// The caller; nobody when the program's operator acts.
    #[must_use]
    pub fn caller(self) -> Option<CallerId> {
        match self {
            Self::Operator => None,
            Self::Caller(id) => Some(id),
        }
    }
}

/// A role that somebody holds today, and over what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Held {
    /// The role.
    pub role: Role,
    /// What it is held over.
    pub scope: Scope,
}

/// As it is stored in one word: `reader@everything`.
impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.role, self.scope)
    }
}

impl FromStr for Held {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let expected = || ValueError::Format {
            expected: "role@scope".to_owned(),
        };
        let (role, scope) = text.split_once('@').ok_or_else(expected)?;
        Ok(Self {
            role: role.parse()?,
            scope: scope.parse()?,
        })
    }
}

/// The author of a request, with the rights held at that moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub author: Author,
    /// The roles held today.
    pub held: Vec<Held>,
    /// What the token was asked for.
    pub scopes: Vec<TokenScope>,
    /// Grows with every change of the caller's rights.
    pub rights_version: i64,
}

impl Actor {
    /// The one who runs the program on its machine.
    #[must_use]
    pub fn operator() -> Self {
        Self {
            author: Author::Operator,
            held: vec![Held {
                role: Role::Administrator,
                scope: Scope::Everything,
            }],
            scopes: vec![TokenScope::Read, TokenScope::Write, TokenScope::Administer],
            rights_version: 0,
        }
    }

    /// The caller; nobody when the program's operator acts.
    #[must_use]
    pub fn caller(&self) -> Option<CallerId> {
        self.author.caller()
    }

    /// Whether some role is held over less than everything: only then does it matter what a record
    /// belongs to.
    #[must_use]
    pub fn is_narrow(&self) -> bool {
        self.held.iter().any(|held| held.scope != Scope::Everything)
    }
}
