//! Who acts.

use super::{Role, TokenScope};
use crate::values::{Id, code_list};

/// Marks the id of somebody or something that calls the API.
pub enum Caller {}

/// The id of a caller.
pub type CallerId = Id<Caller>;

code_list! {
    /// What a caller is.
    pub enum CallerKind in "caller_kinds" {
        /// A script or another server, with a secret of its own.
        Client = "client",
    }
}

/// The author of a request, with the rights held at that moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The caller, or nobody when the program itself acts at the hand of its operator.
    pub caller: Option<CallerId>,
    /// What the caller is here for.
    pub role: Role,
    /// What the token was asked for.
    pub scopes: Vec<TokenScope>,
    /// Grows with every change of the caller's rights.
    pub rights_version: i64,
}

impl Actor {
    /// The one who runs the program on its machine, and could as well open the base by hand.
    #[must_use]
    pub fn operator() -> Self {
        Self {
            caller: None,
            role: Role::Administrator,
            scopes: vec![TokenScope::Read, TokenScope::Write, TokenScope::Administer],
            rights_version: 0,
        }
    }
}
