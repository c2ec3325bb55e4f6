//! The two texts on which a réseau de santé of article L6321-1 rests: its charter and its constitutive convention.
//!
//! - [`FoundingTextFields`] is what a caller says of one: how far each item is, and who signed.
//! - [`FoundingText`] is one as recorded: a [`Relation`], which holds only while the network works under that
//!   article.
//! - [`missing`] says what a text lacks on a day.
//!
//! Source: Code de la santé publique, articles D6321-4 and D6321-5 (décret 2002-1463 of 17 December 2002).

mod fields;
mod items;
#[cfg(test)]
mod laws;
mod missing;
mod table;

pub use fields::{FoundingTextFields, Signature, under_the_article};
pub use items::{FoundingTextKind, ItemState, RequiredItem, TextItem};
pub use missing::{Missing, missing};

use crate::relations::Relation;
use crate::values::Id;

/// A founding text as recorded.
pub type FoundingText = Relation<FoundingTextFields>;

/// The id of a founding text.
pub type FoundingTextId = Id<FoundingText>;
