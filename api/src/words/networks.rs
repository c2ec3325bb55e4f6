//! What networks refuse.

use actix_web::http::StatusCode;
use domain::networks::{LegalBasis, Refusal};
use domain::values::{Date, Fault, Faults};
use serde_json::{Map, Value, json};

use super::code_lists::Labelled;
use super::{Language, Tell, facts};

impl Tell for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Values(_) => "networks.bad_values",
            Self::Repealed { .. } => "networks.repealed",
            Self::TextsInForce { .. } => "networks.texts_in_force",
            Self::Tied { .. } => "networks.tied",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Values(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Repealed { .. } | Self::TextsInForce { .. } | Self::Tied { .. } => {
                StatusCode::CONFLICT
            }
        }
    }

    fn title(&self, language: Language) -> &'static str {
        let (french, english) = match self {
            Self::Values(_) => ("Valeurs contradictoires", "Contradicting values"),
            Self::Repealed { .. } => ("Article abrogé", "Article repealed"),
            Self::TextsInForce { .. } => ("Des textes en dépendent", "Founding texts rest on it"),
            Self::Tied { .. } => ("D'autres fiches y tiennent", "Other records are tied to it"),
        };
        language.pick(french, english)
    }

    fn detail(&self, language: Language) -> String {
        let (french, english) = match self {
            Self::Values(_) => (
                "Des valeurs se contredisent ou nomment ce qui n'existe pas ; « errors » dit lesquelles.".to_owned(),
                "Values contradict one another or name what does not exist; `errors` says which.".to_owned(),
            ),
            Self::Repealed { basis, over_from } => (
                format!("« {} » : à partir du {over_from}, plus aucun réseau ne fonctionne sous cet article.", basis.labels().0),
                format!("\"{}\": from {over_from} on, no network works under this article.", basis.labels().1),
            ),
            Self::TextsInForce { count } => (
                format!("{count} texte(s) fondateur(s) resteraient en vigueur hors de l'article L6321-1. Terminez-les d'abord."),
                format!("{count} founding text(s) would stay in force outside article L6321-1. End them first."),
            ),
            Self::Tied { count } => (
                format!("Y tiennent ou y ont tenu {count} autre(s) fiche(s). Clôturez-le plutôt."),
                format!("{count} other record(s) are or were tied to it. Close it instead."),
            ),
        };
        language.pick(french, english)
    }

    fn facts(&self) -> Map<String, Value> {
        match self {
            Self::Values(_) => Map::new(),
            Self::Repealed { basis, over_from } => {
                facts([("basis", json!(basis)), ("over_from", json!(over_from))])
            }
            Self::TextsInForce { count } | Self::Tied { count } => facts([("count", json!(count))]),
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
        Refusal::Repealed {
            basis: LegalBasis::L6321_1,
            over_from: Date::MAX,
        },
        Refusal::TextsInForce { count: 1 },
        Refusal::Tied { count: 2 },
    ])
}
