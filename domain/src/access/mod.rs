//! Who may do what, on what. The policy is one table that can be read to a lawyer; the answer to
//! a question of right is a [`Permit`], without which nothing can be written.
//!
//! Not here: passwords, tokens, keys. Those are how a caller proves who it is.

mod action;
mod actor;
mod policy;
mod role;

pub use action::{Action, TokenScope};
pub use actor::{Actor, Caller, CallerId, CallerKind};
pub use policy::{Denied, Permit, RIGHTS, Scope, Visibility, matrix};
pub use role::Role;
