//! Organisations: who exists, under which names and numbers, where, and as part of whom.
//!
//! - [`OrganisationFields`] is what a caller says of one; reading it is already checking each value.
//! - [`Organisation`] is one as recorded: its fields, its end if it ended, and what may be done.
//! - [`Fold`] is what becomes of two records of one organisation.
//! - [`likeness`] says what makes two records likely to be one organisation.
//! - [`Wholes`] are the facts about others that being part of them depends on.
//!
//! Deliberately not here: members and networks (a federation's members are another room's), and
//! people: an organisation's contact is a switchboard, never a person.

mod fields;
mod fold;
mod identifier;
pub mod import;
mod kinds;
#[cfg(test)]
mod laws;
mod likeness;
mod organisation;
mod parts;
mod refusal;
mod table;

pub use fields::{Address, Contact, OrganisationFields, OtherName, PartOf};
pub use fold::{
    Changed, Contradiction, DistinctFrom, DuplicateOf, Fold, Folded, Found, Hindered, Hindrance,
};
pub use identifier::{Identifier, identifier_facet};
pub use kinds::{
    AddressUse, IdentifierSystem, OrganisationKind, OrganisationState, PartKind, Sector,
};
pub(crate) use likeness::what_matters;
pub use likeness::{Likeness, LikenessReason, LookAlike, OnDuplicate, allow, likeness};
pub use organisation::{
    EndOfOrganisation, Ended, Imported, Organisation, OrganisationId, OrganisationPresent,
};
pub use parts::{Link, MOST_LEVELS, Whole, Wholes, levels_below};
pub use refusal::{Others, Refusal};
