//! Roles given to callers, over something, for some time.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::{Action, CallerId, Role, Scope};
use crate::records::{Cell, OnDay, Resource, ResourceType, Tabular, Tie};
use crate::values::{Date, Faults, Id, Misread, Pointer, Since, ValueError, Version, code_list};

/// The id of a grant.
pub type GrantId = Id<Grant>;

/// A role given to a caller.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Grant {
    /// Its name for ever.
    pub id: GrantId,
    /// How many times it was written.
    pub version: Version,
    /// To whom.
    pub caller: CallerId,
    /// What is given.
    #[serde(flatten)]
    pub fields: GrantFields,
}

/// What is said when a role is given.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(try_from = "GrantMembers", deny_unknown_fields)]
#[schema(example = json!({
    "role": "reader",
    "scope": { "kind": "organisation", "id": "0198f1c2-7a00-7000-8000-000000000001" },
    "starts_on": "2026-01-01",
}))]
pub struct GrantFields {
    /// The role.
    pub role: Role,
    /// Over what.
    pub scope: Scope,
    /// The first day; from the moment it is recorded when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_on: Option<Date>,
    /// The first day on which it is no longer held; for ever when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_before: Option<Date>,
}

/// The members of a [`GrantFields`] before its period is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GrantMembers {
    role: Role,
    scope: Scope,
    #[serde(default)]
    starts_on: Option<Date>,
    #[serde(default)]
    ends_before: Option<Date>,
}

impl GrantMembers {
    /// The fields, if the period holds a day; `example` is a whole that would be taken.
    fn checked(self, example: Value) -> Result<GrantFields, Misread> {
        let since = Since::new(self.starts_on, self.ends_before)
            .map_err(|error| Misread::new(error, example).at("ends_before"))?;
        Ok(GrantFields {
            role: self.role,
            scope: self.scope,
            starts_on: since.starts_on,
            ends_before: since.ends_before,
        })
    }
}

impl TryFrom<GrantMembers> for GrantFields {
    type Error = Misread;

    fn try_from(given: GrantMembers) -> Result<Self, Misread> {
        let example = json!({ "role": given.role, "scope": given.scope });
        given.checked(example)
    }
}

/// What is said when a role is given to somebody.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(try_from = "NewGrantMembers", deny_unknown_fields)]
#[schema(example = json!({
    "caller": "0198f1c2-7a00-7000-8000-000000000002",
    "role": "reader",
    "scope": { "kind": "organisation", "id": "0198f1c2-7a00-7000-8000-000000000001" },
    "starts_on": "2026-01-01",
}))]
pub struct NewGrant {
    /// To whom.
    pub caller: CallerId,
    /// What is given.
    #[serde(flatten)]
    pub fields: GrantFields,
}

/// The members of a [`NewGrant`] before its period is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewGrantMembers {
    caller: CallerId,
    role: Role,
    scope: Scope,
    #[serde(default)]
    starts_on: Option<Date>,
    #[serde(default)]
    ends_before: Option<Date>,
}

impl TryFrom<NewGrantMembers> for NewGrant {
    type Error = Misread;

    fn try_from(given: NewGrantMembers) -> Result<Self, Misread> {
        let NewGrantMembers {
            caller,
            role,
            scope,
            starts_on,
            ends_before,
        } = given;
        let members = GrantMembers {
            role,
            scope,
            starts_on,
            ends_before,
        };
        let example = json!({ "caller": caller, "role": role, "scope": scope });
        let fields = members.checked(example)?;
        Ok(Self { caller, fields })
    }
}

impl Validate for NewGrant {
    fn validate(&self) -> Result<(), validator::ValidationErrors> {
        Ok(())
    }
}

/// Whether what a grant names is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// The caller, with an access that was not withdrawn.
    pub caller: bool,
    /// The record that the scope is of.
    pub scope: bool,
    /// The record that stands for it, where it was folded.
    pub folded_into: Option<Uuid>,
}

impl Named {
    /// Refused when something is not there.
    pub fn check(self) -> Result<(), Refusal> {
        self.check_at(&Pointer::root())
    }

    /// The same for a grant that stands somewhere within a request.
    pub fn check_at(self, at: &Pointer) -> Result<(), Refusal> {
        let mut faults = Faults::default();
        if !self.caller {
            faults.push(at.join("caller"), ValueError::UnknownReference);
        }
        if !self.scope {
            let folded = self.folded_into.map(|into| ValueError::Folded {
                into: into.to_string(),
            });
            let error = folded.unwrap_or(ValueError::UnknownReference);
            faults.push(at.join("scope").join("id"), error);
        }
        Ok(faults.into_result()?)
    }
}

/// What is said when a grant ends.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "ends_before": "2027-01-01" }))]
pub struct EndOfGrant {
    /// The first day on which it is no longer held; today to end it at once.
    pub ends_before: Date,
}

code_list! {
    /// Where a grant stands on a day.
    pub enum GrantState in "grant_states" {
        /// Not held yet.
        Expected = "expected",
        /// Held.
        Held = "held",
        /// Held no longer.
        Ended = "ended",
    }
}

/// What is true of a grant on a given day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct GrantPresent {
    /// Where it stands that day.
    pub state: GrantState,
}

/// An act on a grant that the rules forbid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Some values contradict one another, or name what does not exist.
    #[error("bad values")]
    Values(Faults),
    /// This role is not given on this kind of scope.
    #[error("the role {role} is not given on {scope}")]
    NotGivenOn {
        /// The role.
        role: Role,
        /// The scope.
        scope: Scope,
    },
    /// It ended already on the day that is said, or before.
    #[error("already ended")]
    AlreadyEnded {
        /// The first day on which it was no longer held.
        ends_before: Date,
    },
}

impl From<Faults> for Refusal {
    fn from(faults: Faults) -> Self {
        Self::Values(faults)
    }
}

impl Grant {
    /// Gives a role.
    ///
    /// Refused when the role is not given on such a scope, see [`Role::may_be_given_on`].
    pub fn give(id: GrantId, caller: CallerId, fields: GrantFields) -> Result<Self, Refusal> {
        if !fields.role.may_be_given_on(fields.scope) {
            return Err(Refusal::NotGivenOn {
                role: fields.role,
                scope: fields.scope,
            });
        }
        Ok(Self {
            id,
            version: Version::FIRST,
            caller,
            fields,
        })
    }

    /// Says until when it is held. It can be shortened, never made longer: that is another grant.
    ///
    /// Refused when it would end before it was ever held (one given by mistake is deleted), in the
    /// past of `today`, or when it already ends by that day.
    pub fn end(self, end: &EndOfGrant, today: Date) -> Result<Self, Refusal> {
        if let Some(ends_before) = self.fields.ends_before
            && ends_before <= end.ends_before
        {
            return Err(Refusal::AlreadyEnded { ends_before });
        }
        let never_held = |starts: Date| end.ends_before <= starts;
        if end.ends_before < today || self.fields.starts_on.is_some_and(never_held) {
            let mut faults = Faults::default();
            faults.push(Pointer::root().join("ends_before"), ValueError::NotInOrder);
            return Err(faults.into());
        }
        Ok(Self {
            version: self.version.next(),
            fields: GrantFields {
                ends_before: Some(end.ends_before),
                ..self.fields
            },
            ..self
        })
    }

    /// The days on which it is held.
    #[must_use]
    pub fn since(&self) -> Since {
        Since {
            starts_on: self.fields.starts_on,
            ends_before: self.fields.ends_before,
        }
    }
}

impl Resource for Grant {
    const TYPE: ResourceType = ResourceType::Grant;

    const READ: Action = Action::ReadAccess;

    type Present = GrantPresent;

    fn uuid(&self) -> Uuid {
        self.id.uuid()
    }

    fn version(&self) -> Version {
        self.version
    }

    fn ties(&self) -> Vec<Tie> {
        Vec::new()
    }

    fn acts(&self) -> Vec<Action> {
        vec![Action::EndGrant, Action::DeleteGrant]
    }

    fn on(&self, day: Date) -> OnDay<GrantPresent> {
        let state = match (self.fields.starts_on, self.fields.ends_before) {
            (_, Some(end)) if end <= day => GrantState::Ended,
            (Some(start), _) if day < start => GrantState::Expected,
            _ => GrantState::Held,
        };
        let turns = [self.fields.starts_on, self.fields.ends_before];
        OnDay::between(turns.into_iter().flatten(), day, GrantPresent { state })
    }
}

impl Tabular for Grant {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "caller",
        "role",
        "scope",
        "starts_on",
        "ends_before",
        "state",
        "version",
    ];

    type Around = ();

    fn cells(&self, day: Date, (): &()) -> Vec<Cell> {
        vec![
            Cell::text(&self.id),
            Cell::text(&self.caller),
            Cell::text(&self.fields.role),
            Cell::text(&self.fields.scope),
            Cell::known(self.fields.starts_on),
            Cell::known(self.fields.ends_before),
            Cell::text(&self.on(day).answer.state),
            Cell::Whole(self.version.number()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::networks::NetworkId;
    use crate::organisations::OrganisationId;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn given(role: Role, scope: Scope) -> Result<Grant, Refusal> {
        let fields = GrantFields {
            role,
            scope,
            starts_on: None,
            ends_before: None,
        };
        Grant::give(GrantId::new(Uuid::nil()), CallerId::PUBLIC, fields)
    }

    #[test]
    fn an_association_wide_grant_never_records_the_decisions_of_a_body() {
        assert!(given(Role::Secretary, Scope::Everything).is_err());
        assert!(given(Role::NetworkCoordinator, Scope::Everything).is_err());
    }

    #[test]
    fn a_network_is_coordinated_over_that_network_and_an_organisation_kept_over_that_organisation()
    {
        let network = Scope::Network(NetworkId::new(Uuid::from_u128(2)));
        let organisation = Scope::Organisation(OrganisationId::new(Uuid::from_u128(1)));

        assert!(given(Role::NetworkCoordinator, network).is_ok());
        assert!(given(Role::NetworkCoordinator, organisation).is_err());
        assert!(given(Role::Contributor, organisation).is_ok());
        assert!(given(Role::Contributor, network).is_err());
    }

    #[test]
    fn nobody_is_made_the_public() {
        assert!(given(Role::Public, Scope::Everything).is_err());
    }

    #[test]
    fn a_grant_over_a_folded_record_is_told_which_one_stands_for_it() {
        let into = Uuid::from_u128(7);
        let named = |folded_into| Named {
            caller: true,
            scope: false,
            folded_into,
        };
        let fault = |named: Named| match named.check() {
            Err(Refusal::Values(faults)) => faults.iter().next().cloned().unwrap(),
            other => panic!("{other:?}"),
        };

        let folded = fault(named(Some(into)));
        let unknown = fault(named(None));

        assert_eq!(folded.pointer.to_string(), "/scope/id");
        assert_eq!(
            folded.error,
            ValueError::Folded {
                into: into.to_string()
            }
        );
        assert_eq!(unknown.error, ValueError::UnknownReference);
    }

    #[test]
    fn an_end_shortens_and_never_lengthens() {
        let today = day("2026-11-22");
        let end = |ends_before| EndOfGrant {
            ends_before: day(ends_before),
        };
        let grant = given(Role::Reader, Scope::Everything).unwrap();

        let ended = grant.clone().end(&end("2027-01-01"), today).unwrap();

        assert!(ended.clone().end(&end("2027-06-01"), today).is_err());
        assert!(ended.end(&end("2026-12-01"), today).is_ok());
        assert!(grant.clone().end(&end("2026-11-21"), today).is_err());
        assert!(grant.end(&end("2026-11-22"), today).is_ok());
    }
}
