//! A number that a register gave to an organisation, for some time.

use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::IdentifierSystem;
use crate::values::{Date, Finess, Misread, Rna, Since, Siren, Siret, ValueError};

/// A number that a register gave, and when it was this organisation's.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "IdentifierParts", into = "IdentifierParts")]
pub struct Identifier {
    system: IdentifierSystem,
    value: String,
    since: Since,
}

/// The text by which a number is found: the same number means nothing in another register.
#[must_use]
pub fn identifier_facet(system: IdentifierSystem, value: &str) -> String {
    format!("{system}:{value}")
}

/// An identifier as it is written.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Identifier)]
struct IdentifierParts {
    /// The register that gave it.
    system: IdentifierSystem,
    /// The number; spaces are removed, letters capitalised.
    #[schema(min_length = 1, max_length = 40, example = "732829320")]
    value: String,
    /// The first day on which it was this organisation's; absent when not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    starts_on: Option<Date>,
    /// The first day on which it no longer was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ends_before: Option<Date>,
}

impl Identifier {
    /// Refused when the number is not one of that register, or the period holds no day. A FINESS
    /// number with a wrong key is accepted: its rule is not certain for Corsica
    /// (docs/glossary.md), so [`super::Organisation::warnings`] tells of it.
    pub fn new(system: IdentifierSystem, value: &str, since: Since) -> Result<Self, ValueError> {
        let value = match system {
            IdentifierSystem::Siren => Siren::parse(value)?.to_string(),
            IdentifierSystem::Siret => Siret::parse(value)?.to_string(),
            IdentifierSystem::Rna => Rna::parse(value)?.to_string(),
            IdentifierSystem::FinessEj | IdentifierSystem::FinessEt => {
                Finess::parse(value)?.to_string()
            }
        };
        Ok(Self {
            system,
            value,
            since,
        })
    }

    /// The register.
    #[must_use]
    pub fn system(&self) -> IdentifierSystem {
        self.system
    }

    /// The number in its canonical form.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// When it was this organisation's.
    #[must_use]
    pub fn since(&self) -> Since {
        self.since
    }

    /// The same number on other days.
    pub(super) fn during(&self, since: Since) -> Self {
        Self {
            since,
            ..self.clone()
        }
    }

    /// Whether no organisation can have borne both on some day: two numbers of a register that
    /// gives one at a time, or numbers of two legal entities. The same number does not contradict
    /// itself.
    #[must_use]
    pub fn contradicts(&self, other: &Self) -> bool {
        let other_number = self.system == other.system && self.value != other.value;
        let of_another = self.siren().zip(other.siren());
        self.since.overlaps(other.since)
            && ((other_number && is_borne_alone(self.system))
                || of_another.is_some_and(|(one, other)| one != other))
    }

    /// Whether the key of a FINESS number is wrong, where the rule of the key is certain.
    #[must_use]
    pub fn has_wrong_key(&self) -> bool {
        match self.system {
            IdentifierSystem::FinessEj | IdentifierSystem::FinessEt => {
                Finess::parse(&self.value).is_ok_and(|finess| finess.key_matches() == Some(false))
            }
            _ => false,
        }
    }

    /// The nine digits of the legal entity, for a SIREN or a SIRET.
    #[must_use]
    pub(super) fn siren(&self) -> Option<Siren> {
        match self.system {
            IdentifierSystem::Siren => Siren::parse(&self.value).ok(),
            IdentifierSystem::Siret => Siret::parse(&self.value).ok().map(|siret| siret.siren()),
            _ => None,
        }
    }
}

/// Whether an organisation has at most one such number on any day. An entity may be recorded with
/// the SIRET and FINESS ET of several of its establishments.
fn is_borne_alone(system: IdentifierSystem) -> bool {
    match system {
        IdentifierSystem::Siren | IdentifierSystem::Rna | IdentifierSystem::FinessEj => true,
        IdentifierSystem::Siret | IdentifierSystem::FinessEt => false,
    }
}

impl TryFrom<IdentifierParts> for Identifier {
    type Error = Misread;

    fn try_from(parts: IdentifierParts) -> Result<Self, Misread> {
        let example = || serde_json::json!({ "system": "siren", "value": Siren::EXAMPLE });
        let since = Since::new(parts.starts_on, parts.ends_before)
            .map_err(|error| Misread::new(error, example()).at("ends_before"))?;
        Self::new(parts.system, &parts.value, since)
            .map_err(|error| Misread::new(error, example()).at("value"))
    }
}

impl From<Identifier> for IdentifierParts {
    fn from(identifier: Identifier) -> Self {
        Self {
            system: identifier.system,
            value: identifier.value,
            starts_on: identifier.since.starts_on,
            ends_before: identifier.since.ends_before,
        }
    }
}

impl PartialSchema for Identifier {
    fn schema() -> RefOr<Schema> {
        IdentifierParts::schema()
    }
}

impl ToSchema for Identifier {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        IdentifierParts::schemas(schemas);
    }
}
