//! Who may do what, on what. The policy is one table that can be read to a lawyer; the answer to
//! a question of right is a [`Permit`], without which nothing can be written.
//!
//! Not here: passwords, tokens, keys. Those are how a caller proves who it is.

mod account;
mod action;
mod actor;
mod belonging;
mod client;
mod grant;
mod policy;
mod role;
mod scope;
mod tries;
mod vouching;

pub use account::{
    Account, AccountId, AccountPresent, AccountRefusal, AccountState, NewAccount, Person,
    PersonFields, PersonId, Weakness,
};
pub use action::{Action, TokenScope};
pub use actor::{Actor, Author, Caller, CallerId, CallerKind, Held, Session, SessionId};
pub use belonging::{Belonging, MOST_LEVELS, Reached, Sway, scopes_of};
pub use client::{
    Client, ClientFields, ClientId, ClientPresent, ClientRefusal, NewClient, RotationOfSecret,
};
pub use grant::{
    EndOfGrant, Grant, GrantFields, GrantId, GrantPresent, GrantState, Named, NewGrant, Refusal,
};
pub use policy::{Denied, Permit, RIGHTS, Target, Visibility, matrix};
pub use role::Role;
pub use scope::{Scope, ScopeKind};
pub use tries::{Limit, OF_ONE_LANE, OF_STRANGERS, Tally, TooManyTries};
pub use vouching::{BadRule, Claim, MOST_HELD, Rule, RuleFields, Testimony, TooManyHeld, held_by};
