//! What records of people refuse, and the labels of their code lists.

use actix_web::http::StatusCode;
use domain::people::{Engagement, PersonCapacity, Refusal, WorkFunction};
use domain::values::{Fault, Faults};
use serde_json::{Map, Value, json};

use super::code_lists::Labelled;
use super::{Language, Tell, facts};

impl Tell for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Values(_) => "people.bad_values",
            Self::Erased => "people.erased",
            Self::Tied { .. } => "people.tied",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Values(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Erased | Self::Tied { .. } => StatusCode::CONFLICT,
        }
    }

    fn title(&self, language: Language) -> &'static str {
        let (french, english) = match self {
            Self::Values(_) => ("Valeurs contradictoires", "Contradicting values"),
            Self::Erased => ("Personne effacée", "Erased person"),
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
            Self::Erased => (
                "L'identité de cette personne a été effacée : plus rien n'en est connu ni ne peut en être dit.".to_owned(),
                "Who this person is was erased: nothing is known any more, and nothing can be said.".to_owned(),
            ),
            Self::Tied { count } => (
                format!("Y tiennent ou y ont tenu {count} autre(s) fiche(s). Effacez plutôt l'identité de la personne."),
                format!("{count} other record(s) are or were tied to it. Erase who the person is instead."),
            ),
        };
        language.pick(french, english)
    }

    fn facts(&self) -> Map<String, Value> {
        match self {
            Self::Values(_) | Self::Erased => Map::new(),
            Self::Tied { count } => facts([("count", json!(count))]),
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
        Refusal::Erased,
        Refusal::Tied { count: 2 },
    ])
}

impl Labelled for PersonCapacity {
    const TITLE: (&'static str, &'static str) =
        ("Qualités d'une personne", "Capacities of a person");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Professional => ("Professionnel", "Professional"),
            Self::ElectedOfficial => ("Élu", "Elected official"),
            Self::Volunteer => ("Bénévole", "Volunteer"),
            Self::User => ("Usager", "User"),
            Self::Carer => ("Aidant", "Carer"),
            Self::Employee => ("Salarié", "Employee"),
        }
    }
}

impl Labelled for Engagement {
    const TITLE: (&'static str, &'static str) =
        ("Liens de travail", "Ways of working for somebody");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Employed => ("Salarié ou agent", "Employed"),
            Self::Seconded => ("Mis à disposition", "Seconded"),
            Self::SelfEmployed => ("À son compte", "Self-employed"),
            Self::Volunteer => ("Bénévole", "Volunteer"),
            Self::Elected => ("Élu", "Elected"),
        }
    }
}

impl Labelled for WorkFunction {
    const TITLE: (&'static str, &'static str) = ("Fonctions", "Functions at work");

    fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Direction => ("Direction", "Direction"),
            Self::Governance => ("Gouvernance", "Governance"),
            Self::Coordination => ("Coordination", "Coordination"),
            Self::Care => ("Soins et accompagnement", "Care"),
            Self::Prevention => ("Prévention et formation", "Prevention and training"),
            Self::Administration => ("Administration", "Administration"),
            Self::InformationSystems => ("Systèmes d'information", "Information systems"),
            Self::Other => ("Autre", "Other"),
        }
    }
}
