//! Handing a function over: one act that ends a bearer and begins the next on the same day.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{Bearer, BearerFields, BearerId};
use crate::organisations::OrganisationId;
use crate::relations::{Around, EndOfRelation, Refusal};
use crate::values::{Date, Text};

/// What is said when a function is handed over.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "on": "2027-01-01", "organisation": "0198f1c2-7a00-7000-8000-000000000001",
    "reason": "Association locale constituée.", "review_on": "2029-01-01",
}))]
pub struct HandOver {
    /// The first day on which the next one holds it.
    pub on: Date,
    /// Who holds it from then on; absent when the network itself does.
    #[serde(default)]
    pub organisation: Option<OrganisationId>,
    /// Whether the network itself holds it from then on.
    #[serde(default)]
    pub autonomous: bool,
    /// Whether it is held only until a local structure can.
    #[serde(default)]
    pub interim: bool,
    /// Why it is handed over.
    #[serde(default)]
    pub reason: Option<Text>,
    /// When it is to be looked at again.
    #[serde(default)]
    pub review_on: Option<Date>,
}

impl HandOver {
    /// What is then said of the one who takes over from `present`.
    #[must_use]
    pub fn next(&self, present: &BearerFields) -> BearerFields {
        BearerFields {
            network: present.network,
            function: present.function,
            organisation: self.organisation,
            autonomous: self.autonomous,
            interim: self.interim,
            review_on: self.review_on,
            reason: self.reason.clone(),
            starts_on: Some(self.on),
            ends_before: present.ends_before,
            end_reason: None,
            fictitious: present.fictitious,
        }
    }
}

/// The present bearer, ended, and the one with this id that takes over, until the end that was foreseen if
/// there was one.
///
/// Refused when the present one would have held it on no day, or already ends by then; and as when
/// recording. `around` is of what is said of the next one.
pub fn hand_over(
    present: Bearer,
    id: BearerId,
    said: &HandOver,
    around: &Around,
) -> Result<(Bearer, Bearer), Refusal> {
    let next = said.next(&present.fields);
    let left = present.id.uuid();
    let ended = present.end(&EndOfRelation {
        ends_before: said.on,
        reason: said.reason.clone(),
    })?;
    let mut around = around.clone();
    around.rivals.retain(|rival| rival.id != left);
    let next = Bearer::create(id, next, &around)?;
    Ok((ended, next))
}
