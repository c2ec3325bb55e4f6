//! Networks: réseaux de santé, dispositifs, working groups and projects, each with its own life.
//!
//! - [`NetworkFields`] is what a caller says of one; reading it is already checking each value.
//! - [`Network`] is one as recorded, and what may be done with it.
//! - [`Life`] is the succession of its phases.
//!
//! Deliberately not here: who is member, who bears it and who animates it, which are dated relations of
//! rooms of their own; and its decisions, which only its own bodies take.

mod fields;
pub mod import;
mod kinds;
#[cfg(test)]
mod laws;
mod life;
mod network;
mod refusal;
mod table;

pub use fields::{Financing, NetworkFields, NetworkLegalBasis, NetworkTerritory};
pub use kinds::{FinancingState, LegalBasis, NetworkFamily, NetworkKind, NetworkState, Reach};
pub use life::{Life, Phase};
pub use network::{Network, NetworkId, NetworkPresent};
pub use refusal::Refusal;
