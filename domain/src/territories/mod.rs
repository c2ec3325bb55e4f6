//! Territories: who holds whom at a date, as the reference lists give it and as the field draws it.
//!
//! - [`Territory`] is one as recorded; [`TerritoryFields`] is what a caller says of one it draws.
//! - Communes, EPCI, départements, régions and priority districts come from reference lists.
//!   [`compare`] says what the list of a new [`Vintage`] changes, and what it leaves alone.
//! - Such lists give the state of one day and no day of change. What changed between two of them
//!   did so [`Between`] their days, and on those days the answer is that it is not known.
//!
//! Deliberately not here: how the lists are written, which is the affair of who reads them.

mod compare;
mod drawn;
mod ground;
mod kinds;
mod known;
#[cfg(test)]
mod laws;
mod names;
mod qpv;
mod refusal;
mod table;
mod territory;
mod turn;
mod vintage;

pub use compare::{Comparison, Decision, compare};
pub use drawn::{EndOfTerritory, KnownMember, TerritoryFields, TerritoryMember};
pub use ground::{Extent, Ground};
pub use kinds::{EpciForm, Setting, TerritoryKind, TerritoryState, Uncertain};
pub use names::{TerritoryName, TerritoryNames};
pub use qpv::{QpvList, qpv_code};
pub use refusal::Refusal;
pub use table::Holders;
pub use territory::{
    EndedTerritory, Territory, TerritoryCode, TerritoryId, TerritoryPart, TerritoryPresent,
};
pub use turn::{Between, Turn};
pub use vintage::{ChangeDays, Entry, Key, Vintage, VintageRefusal};
