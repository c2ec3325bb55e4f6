//! Where a record comes from.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::values::Label;

/// The row of a file that a record was last written from, one for each source.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Provenance {
    /// Whose data it is, as the import named it.
    pub source: Label,
    /// The source's own key of the record.
    #[schema(example = "300000023")]
    pub key: String,
    /// The name of the file, when it had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<Label>,
    /// The line of the file, from 1.
    pub line: u64,
    /// The import.
    pub import: Uuid,
}

impl Provenance {
    /// This one in the place of what the same source said before.
    #[must_use]
    pub fn among(self, others: &[Self]) -> Vec<Self> {
        let others = others.iter().filter(|other| other.source != self.source);
        let mut all: Vec<Self> = others.cloned().collect();
        all.push(self);
        all
    }
}
