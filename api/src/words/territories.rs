//! What territories refuse.

use actix_web::http::StatusCode;
use domain::territories::{Refusal, TerritoryId, TerritoryKind};
use domain::values::{Date, Fault, Faults};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::code_lists::Labelled;
use super::{Language, Tell, facts};

impl Tell for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Values(_) => "territories.bad_values",
            Self::Reference { .. } => "territories.reference",
            Self::NotAMember { .. } => "territories.not_a_member",
            Self::AlreadyEnded { .. } => "territories.already_ended",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Values(_) => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::CONFLICT,
        }
    }

    fn title(&self, language: Language) -> &'static str {
        let (french, english) = match self {
            Self::Values(_) => ("Valeurs contradictoires", "Contradicting values"),
            Self::Reference { .. } => ("Territoire de référence", "Reference territory"),
            Self::NotAMember { .. } => ("Ne peut en faire partie", "Cannot be a member"),
            Self::AlreadyEnded { .. } => ("Déjà terminé", "Already ended"),
        };
        language.pick(french, english)
    }

    fn detail(&self, language: Language) -> String {
        let (french, english) = match self {
            Self::Values(_) => (
                "Des valeurs se contredisent ou nomment ce qui n'existe pas ; « errors » dit lesquelles.".to_owned(),
                "Values contradict one another or name what does not exist; `errors` says which.".to_owned(),
            ),
            Self::Reference { kind } => (
                format!("Nature « {} » : une liste officielle en décide, chargée par « maillage import territories ».", kind.labels().0),
                format!("Kind \"{}\": an official list decides on it, loaded by `maillage import territories`.", kind.labels().1),
            ),
            Self::NotAMember { kind, .. } => (
                format!("Un territoire dessiné réunit des communes et des EPCI ; « territory » est de nature « {} ».", kind.labels().0),
                format!("A drawn territory is made of communes and EPCI; `territory` is of the kind \"{}\".", kind.labels().1),
            ),
            Self::AlreadyEnded { ends_before } => (
                format!("Le territoire n'existe plus à partir du {ends_before}."),
                format!("The territory no longer exists from {ends_before} on."),
            ),
        };
        language.pick(french, english)
    }

    fn facts(&self) -> Map<String, Value> {
        match self {
            Self::Values(_) => Map::new(),
            Self::Reference { kind } => facts([("kind", json!(kind))]),
            Self::NotAMember { territory, kind } => {
                facts([("territory", json!(territory)), ("kind", json!(kind))])
            }
            Self::AlreadyEnded { ends_before } => facts([("ends_before", json!(ends_before))]),
        }
    }

    fn errors(&self) -> Vec<Fault> {
        match self {
            Self::Values(faults) => faults.iter().cloned().collect(),
            _ => Vec::new(),
        }
    }
}

pub(super) fn samples() -> Vec<Box<dyn Tell>> {
    let all = vec![
        Refusal::Values(Faults::default()),
        Refusal::Reference {
            kind: TerritoryKind::Commune,
        },
        Refusal::NotAMember {
            territory: TerritoryId::new(Uuid::nil()),
            kind: TerritoryKind::Region,
        },
        Refusal::AlreadyEnded {
            ends_before: Date::MAX,
        },
    ];
    super::boxed(all)
}
