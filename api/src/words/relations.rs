//! What relations of every kind refuse.

use actix_web::http::StatusCode;
use domain::relations::Refusal;
use domain::values::{Date, Fault, Faults};
use serde_json::{Map, Value, json};

use super::{Language, Tell, facts};

impl Tell for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Values(_) => "relations.bad_values",
            Self::Overlapping { .. } => "relations.overlapping",
            Self::PartOfItself { .. } => "relations.part_of_itself",
            Self::ConditionNotMet { .. } => "relations.condition_not_met",
            Self::Tied { .. } => "relations.tied",
            Self::AlreadyEnded { .. } => "relations.already_ended",
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
            Self::Overlapping { .. } => ("Deux fois le même jour", "Twice on one day"),
            Self::PartOfItself { .. } => ("Membre de soi-même", "A member of itself"),
            Self::ConditionNotMet { .. } => ("Condition non remplie", "Condition not met"),
            Self::Tied { .. } => ("D'autres fiches y tiennent", "Other records are tied to it"),
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
            Self::Overlapping { with } => (
                format!("{} autre(s) fiche(s) disent déjà la même chose d'un même jour ; « with » dit lesquelles.", with.len()),
                format!("{} other record(s) already say the same of one and the same day; `with` says which.", with.len()),
            ),
            Self::PartOfItself { through: 0 } => (
                "Rien n'est membre de soi-même.".to_owned(),
                "Nothing is a member of itself.".to_owned(),
            ),
            Self::PartOfItself { through } => (
                format!("Le réseau serait membre de lui-même, par une chaîne de {through} autre(s)."),
                format!("The network would be a member of itself, by a chain of {through} other(s)."),
            ),
            Self::ConditionNotMet { .. } => (
                "Il vaudrait des jours où sa condition légale n'est pas remplie ; « met » dit quand elle l'est.".to_owned(),
                "It would hold on days on which its legal condition is not met; `met` says when it is.".to_owned(),
            ),
            Self::Tied { count } => (
                format!("Y tiennent ou y ont tenu {count} autre(s) fiche(s). Terminez-le plutôt."),
                format!("{count} other record(s) are or were tied to it. End it instead."),
            ),
            Self::AlreadyEnded { ends_before } => (
                format!("Ce lien ne vaut plus à partir du {ends_before}."),
                format!("This relation holds no longer from {ends_before} on."),
            ),
        };
        language.pick(french, english)
    }

    fn facts(&self) -> Map<String, Value> {
        match self {
            Self::Values(_) => Map::new(),
            Self::Overlapping { with } => facts([("with", json!(with))]),
            Self::PartOfItself { through } => facts([("through", json!(through))]),
            Self::ConditionNotMet { met } => facts([("met", json!(met))]),
            Self::Tied { count } => facts([("count", json!(count))]),
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
    super::boxed([
        Refusal::Values(Faults::default()),
        Refusal::Overlapping { with: Vec::new() },
        Refusal::PartOfItself { through: 2 },
        Refusal::ConditionNotMet { met: Vec::new() },
        Refusal::Tied { count: 2 },
        Refusal::AlreadyEnded {
            ends_before: Date::MAX,
        },
    ])
}
