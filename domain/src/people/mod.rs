//! People at work: professionals, elected officials, volunteers, users, carers, employees.
//!
//! - [`PersonSaid`] is what a caller says of one.
//! - [`Person`] is one as recorded: what the person does, which lasts; beside it [`Identity`], who it is, which can be
//!   erased.
//!
//! Deliberately not here: patients, cases, anything private; accounts of this installation, which are `access`.

mod identity;
mod kinds;
#[cfg(test)]
mod laws;
mod person;
mod refusal;
mod said;
mod table;

pub use identity::Identity;
pub use kinds::{Engagement, PersonCapacity, WorkFunction};
pub use person::{Person, PersonId, PersonPresent};
pub use refusal::Refusal;
pub use said::{CapacityHeld, Occupation, PersonSaid, Work};
