//! The words every room shares.
//!
//! A value that exists is a valid one: parsing is the only way in, and deserialising is parsing.
//! A value refused says so with a [`ValueError`]: a code and its facts, never a sentence.

mod apportion;
mod cents;
mod code;
mod date;
mod dated;
mod error;
mod finess;
mod fold;
mod fte;
mod id;
mod insee_code;
mod instant;
mod luhn;
mod names;
pub(crate) mod number;
mod partial_date;
mod period;
mod postcode;
mod rna;
mod rpps;
mod siren;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod text;
mod web;

pub use apportion::apportion;
pub use cents::{Amount, Cents};
pub use code::{Code, CodeList, Coded, System};
pub use date::Date;
pub use error::{Fault, Faults, Misread, Pointer, ValueError};
pub use finess::Finess;
pub use fold::{fold, words};
pub use fte::{Fte, WorkShare};
pub use id::{Id, Version};
pub use insee_code::InseeCode;
pub use instant::Instant;
pub use names::{Name, Names};
pub use partial_date::PartialDate;
pub use period::{Period, Since};
pub use postcode::Postcode;
pub use rna::Rna;
pub use rpps::Rpps;
pub use siren::{Siren, Siret};
pub use text::{Label, Text};
pub use web::{Email, Phone, WebAddress};

pub(crate) use code::code_list;
pub(crate) use dated::dated;
pub(crate) use text::text_value;
