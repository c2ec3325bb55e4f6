//! What a caller says of a person.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{Engagement, Identity, Person, PersonCapacity, WorkFunction};
use crate::organisations::OrganisationId;
use crate::records::RecordRef;
use crate::values::{Coded, Email, Faults, Label, Phone, Pointer, Rpps, dated};

/// What is said of a person at work, and can be changed. Of their work alone: no patient, no case, no private
/// address, no date of birth has a place here.
#[derive(Clone, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "family_name": "Exemple",
    "given_name": "Dominique",
    "capacities": [{ "capacity": "professional", "starts_on": "2010-09-01" }],
    "professions": [{ "system": "TRE_G15-ProfessionSante", "code": "60" }],
    "rpps": "10000000009",
    "email": "d.exemple@example.org",
    "works_for": [{
        "organisation": "0198f1c2-7a00-7000-8000-000000000001",
        "engagement": "employed",
        "function": "coordination",
        "starts_on": "2019-01-01",
    }],
    "fictitious": true,
}))]
pub struct PersonSaid {
    /// The family name.
    pub family_name: Label,
    /// The given name.
    #[serde(default)]
    pub given_name: Option<Label>,
    /// The number in the shared directory of health professionals.
    #[serde(default)]
    pub rpps: Option<Rpps>,
    /// The e-mail address at work.
    #[serde(default)]
    pub email: Option<Email>,
    /// The telephone at work.
    #[serde(default)]
    pub phone: Option<Phone>,
    /// As what the person takes part.
    #[serde(default)]
    #[validate(length(max = 20))]
    #[schema(max_items = 20)]
    pub capacities: Vec<CapacityHeld>,
    /// The professions, in others' nomenclatures.
    #[serde(default)]
    #[validate(length(max = 20))]
    #[schema(max_items = 20)]
    pub professions: Vec<Coded>,
    /// For whom the person works.
    #[serde(default)]
    #[validate(length(max = 100))]
    #[schema(max_items = 100)]
    pub works_for: Vec<Work>,
    /// Whether the person was invented, for a demonstration or a test.
    #[serde(default)]
    pub fictitious: bool,
}

/// What a person does: nothing of it says who it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Occupation {
    /// As what the person takes part.
    #[schema(max_items = 20)]
    pub capacities: Vec<CapacityHeld>,
    /// The professions, in others' nomenclatures.
    #[schema(max_items = 20)]
    pub professions: Vec<Coded>,
    /// For whom the person works.
    #[schema(max_items = 100)]
    pub works_for: Vec<Work>,
    /// Whether the person was invented, for a demonstration or a test.
    pub fictitious: bool,
}

dated! {
    /// A capacity that a person has for some time.
    pub struct CapacityHeld {
        /// The capacity.
        pub capacity: PersonCapacity,
    }
}

dated! {
    /// An organisation for which a person works for some time.
    pub struct Work {
        /// The organisation.
        pub organisation: OrganisationId,
        /// By what; absent when not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub engagement: Option<Engagement>,
        /// Doing what; absent when not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub function: Option<WorkFunction>,
    }
}

/// Says nothing of the person: this may end in a log.
impl fmt::Debug for PersonSaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonSaid")
    }
}

impl PersonSaid {
    /// What is recorded of a person, as it would be said; nothing where nobody knows who it is.
    #[must_use]
    pub fn of(person: &Person) -> Option<Self> {
        let identity = person.identity.clone()?;
        let occupation = person.occupation.clone();
        Some(Self {
            family_name: identity.family_name().clone(),
            given_name: identity.given_name().cloned(),
            rpps: identity.rpps,
            email: identity.email,
            phone: identity.phone,
            capacities: occupation.capacities,
            professions: occupation.professions,
            works_for: occupation.works_for,
            fictitious: occupation.fictitious,
        })
    }

    /// Who it is, and apart from that what the person does.
    pub(super) fn parted(self) -> (Identity, Occupation) {
        let identity = Identity {
            rpps: self.rpps,
            email: self.email,
            phone: self.phone,
            ..Identity::named(self.family_name, self.given_name)
        };
        let occupation = Occupation {
            capacities: self.capacities,
            professions: self.professions,
            works_for: self.works_for,
            fictitious: self.fictitious,
        };
        (identity, occupation)
    }

    /// The organisations that it names, and where.
    #[must_use]
    pub fn named(&self) -> Vec<(Pointer, RecordRef)> {
        let works = self.works_for.iter().enumerate();
        let named = works.map(|(i, work)| {
            let pointer = Pointer::root().join("works_for").join(i);
            (pointer.join("organisation"), work.organisation.into())
        });
        named.collect()
    }

    /// Where it contradicts itself: twice one capacity, or one function in one organisation, on one day.
    pub(super) fn faults(&self) -> Faults {
        let mut faults = Faults::default();
        faults.repeated("professions", &self.professions);
        faults.contradicting("capacities", &self.capacities, |one, other| {
            one.capacity == other.capacity && one.since().overlaps(other.since())
        });
        faults.contradicting("works_for", &self.works_for, |one, other| {
            let alike = one.organisation == other.organisation && one.function == other.function;
            alike && one.since().overlaps(other.since())
        });
        faults
    }
}
