//! What anybody may know of an organisation or a network.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Resource, ResourceType};
use crate::values::{Date, Label, WebAddress};

/// The public fields of a record on a day: what stands in the directory, and beside what names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Card {
    /// Its type.
    #[serde(rename = "type")]
    pub resource_type: ResourceType,
    /// Its id.
    pub id: Uuid,
    /// Its nature, a code of the list of its type.
    pub kind: String,
    /// The name it bears that day.
    pub name: Label,
    /// The acronym or usual short name it bears that day.
    pub short_name: Option<Label>,
    /// Where it stands that day, a code of the list of its type.
    pub state: Option<String>,
    /// Its site.
    pub website: Option<WebAddress>,
    /// Whether it was invented, for a demonstration or a test.
    pub fictitious: bool,
}

/// A record of which some is public.
pub trait Carded: Resource {
    /// What is public of it on a day.
    fn card(&self, day: Date) -> Card;
}
