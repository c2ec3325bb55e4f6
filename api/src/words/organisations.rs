//! What organisations refuse.

use actix_web::http::StatusCode;
use domain::organisations::{OrganisationId, Others, Refusal};
use domain::values::{Date, Fault, Faults};
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Language, Tell, facts};

impl Tell for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Values(_) => "organisations.bad_values",
            Self::PartOfItself { .. } => "organisations.part_of_itself",
            Self::WholeEnded { .. } => "organisations.whole_ended",
            Self::TooManyLevels { .. } => "organisations.too_many_levels",
            Self::AlreadyEnded { .. } => "organisations.already_ended",
            Self::NotEnded => "organisations.not_ended",
            Self::PartsStillOpen { .. } => "organisations.parts_still_open",
            Self::LikelyDuplicate { .. } => "organisations.likely_duplicate",
            Self::SameRecord => "organisations.same_record",
            Self::SurvivorEnded { .. } => "organisations.survivor_ended",
            Self::ContradictingIdentifiers { .. } => "organisations.contradicting_identifiers",
            Self::ListTooLong { .. } => "organisations.list_too_long",
            Self::NotFolded => "organisations.not_folded",
            Self::CannotUnfold { .. } => "organisations.cannot_undo_duplicate",
            Self::Tied { .. } => "organisations.tied",
            Self::HasParts { .. } => "organisations.has_parts",
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
            Self::PartOfItself { .. } => ("Partie d'elle-même", "Part of itself"),
            Self::WholeEnded { .. } => ("L'ensemble a pris fin", "The whole has ended"),
            Self::TooManyLevels { .. } => ("Trop de niveaux", "Too many levels"),
            Self::AlreadyEnded { .. } => ("Déjà terminée", "Already ended"),
            Self::NotEnded => ("Non terminée", "Not ended"),
            Self::PartsStillOpen { .. } => ("Des parties subsistent", "Parts remain"),
            Self::LikelyDuplicate { .. } => ("Doublon probable", "Likely duplicate"),
            Self::SameRecord => ("Une seule et même fiche", "One and the same record"),
            Self::SurvivorEnded { .. } => (
                "La fiche à garder a pris fin",
                "The record to keep has ended",
            ),
            Self::ContradictingIdentifiers { .. } => {
                ("Numéros contradictoires", "Contradicting numbers")
            }
            Self::ListTooLong { .. } => ("Liste trop longue", "List too long"),
            Self::NotFolded => ("Pas un doublon", "Not a duplicate"),
            Self::CannotUnfold { .. } => (
                "Doublon dont autre chose dépend",
                "Duplicate on which something depends",
            ),
            Self::Tied { .. } => ("D'autres fiches y tiennent", "Other records are tied to it"),
            Self::HasParts { .. } => ("D'autres en font partie", "Others are part of it"),
        };
        language.pick(french, english)
    }

    fn detail(&self, language: Language) -> String {
        let (french, english) = match self {
            Self::Values(_) => (
                "Des valeurs se contredisent ou nomment ce qui n'existe pas ; « errors » dit lesquelles.".to_owned(),
                "Values contradict one another or name what does not exist; `errors` says which.".to_owned(),
            ),
            Self::PartOfItself { through } => (
                format!("L'organisation ferait partie d'elle-même, par une chaîne de {}.", counted(through, language)),
                format!("The organisation would be part of itself, by a chain of {}.", counted(through, language)),
            ),
            Self::WholeEnded { ends_before, .. } => (
                format!("L'ensemble n'existe plus à partir du {ends_before} : l'appartenance doit finir avant."),
                format!("The whole no longer exists from {ends_before} on: being part of it must end before."),
            ),
            Self::TooManyLevels { max } => (
                format!("Une organisation ne peut être partie d'une autre sur plus de {max} niveaux."),
                format!("Organisations cannot be parts of one another over more than {max} levels."),
            ),
            Self::AlreadyEnded { ends_before } => (
                format!("L'organisation n'existe plus à partir du {ends_before}."),
                format!("The organisation no longer exists from {ends_before} on."),
            ),
            Self::NotEnded => (
                "L'organisation n'a pas pris fin.".to_owned(),
                "The organisation has not ended.".to_owned(),
            ),
            Self::PartsStillOpen { parts } => (
                format!("En feraient encore partie ce jour-là : {}.", counted(parts, language)),
                format!("Still part of it on that day: {}.", counted(parts, language)),
            ),
            Self::LikelyDuplicate { candidates } => (
                format!("{} organisation(s) déjà enregistrée(s) lui ressemblent ; « candidates » dit lesquelles et pourquoi.", candidates.len()),
                format!("{} organisation(s) already recorded look like it; `candidates` says which and why.", candidates.len()),
            ),
            Self::SameRecord => (
                "Une fiche n'est ni le doublon d'elle-même, ni distincte d'elle-même.".to_owned(),
                "A record is neither a duplicate of itself nor distinct from itself.".to_owned(),
            ),
            Self::SurvivorEnded { ends_before } => (
                format!("L'organisation à garder n'existe plus à partir du {ends_before} : gardez l'autre fiche, ou rouvrez-la."),
                format!("The organisation to keep no longer exists from {ends_before} on: keep the other record, or reopen it."),
            ),
            Self::ContradictingIdentifiers { contradictions } => (
                format!("{} paire(s) de numéros qu'une même organisation ne peut pas porter le même jour : corrigez d'abord.", contradictions.len()),
                format!("{} pair(s) of numbers that one organisation cannot bear on one day: correct them first.", contradictions.len()),
            ),
            Self::ListTooLong { list, max } => (
                format!("La liste « {list} » de la fiche gardée aurait plus de {max} lignes."),
                format!("The list `{list}` of the record that is kept would have more than {max} items."),
            ),
            Self::NotFolded => (
                "Cette fiche n'est pas enregistrée comme le doublon d'une autre.".to_owned(),
                "This record is not recorded as the duplicate of another.".to_owned(),
            ),
            Self::CannotUnfold { because } => (
                format!("Ont changé depuis : {} ; « because » dit lesquelles et comment.", counted(because, language)),
                format!("Changed since: {}; `because` says which and how.", counted(because, language)),
            ),
            Self::Tied { count } => (
                format!("Y tiennent ou y ont tenu {count} autre(s) fiche(s) : faites-leur d'abord nommer une autre organisation, ou terminez-la."),
                format!("{count} other record(s) are or were tied to it: let them name another organisation first, or end it."),
            ),
            Self::HasParts { parts } => (
                format!("En font ou en ont fait partie : {}. Terminez-la plutôt.", counted(parts, language)),
                format!("Are or were part of it: {}. End it instead.", counted(parts, language)),
            ),
        };
        language.pick(french, english)
    }

    fn facts(&self) -> Map<String, Value> {
        match self {
            Self::Values(_) | Self::NotEnded | Self::SameRecord | Self::NotFolded => Map::new(),
            Self::ContradictingIdentifiers { contradictions } => {
                facts([("contradictions", json!(contradictions))])
            }
            Self::ListTooLong { list, max } => facts([("list", json!(list)), ("max", json!(max))]),
            Self::CannotUnfold { because } => told("because", because),
            Self::PartOfItself { through } => told("through", through),
            Self::WholeEnded { whole, ends_before } => {
                facts([("whole", json!(whole)), ("ends_before", json!(ends_before))])
            }
            Self::TooManyLevels { max } => facts([("max", json!(max))]),
            Self::Tied { count } => facts([("count", json!(count))]),
            Self::AlreadyEnded { ends_before } | Self::SurvivorEnded { ends_before } => {
                facts([("ends_before", json!(ends_before))])
            }
            Self::LikelyDuplicate { candidates } => facts([("candidates", json!(candidates))]),
            Self::PartsStillOpen { parts } | Self::HasParts { parts } => told("parts", parts),
        }
    }

    fn errors(&self) -> Vec<Fault> {
        match self {
            Self::Values(faults) => faults.iter().cloned().collect(),
            _ => Vec::new(),
        }
    }
}

/// Those in sight, and how many others there are.
fn told<T>(name: &'static str, others: &Others<T>) -> Map<String, Value>
where
    T: Copy + Into<OrganisationId> + Serialize,
{
    facts([
        (name, json!(others.seen())),
        ("hidden", json!(others.hidden())),
    ])
}

fn counted<T: Copy + Into<OrganisationId>>(others: &Others<T>, language: Language) -> String {
    let (count, hidden) = (others.count(), others.hidden());
    if hidden == 0 {
        return format!("{count} organisation(s)");
    }
    language.pick(
        format!("{count} organisation(s), dont {hidden} hors de votre vue"),
        format!("{count} organisation(s), {hidden} of them out of your sight"),
    )
}

pub(super) fn samples() -> Vec<Box<dyn Tell>> {
    let id = OrganisationId::new(Uuid::nil());
    let all = vec![
        Refusal::Values(Faults::default()),
        Refusal::PartOfItself {
            through: vec![id].into(),
        },
        Refusal::WholeEnded {
            whole: id,
            ends_before: Date::MAX,
        },
        Refusal::TooManyLevels { max: 12 },
        Refusal::AlreadyEnded {
            ends_before: Date::MAX,
        },
        Refusal::NotEnded,
        Refusal::PartsStillOpen {
            parts: vec![id].into(),
        },
        Refusal::LikelyDuplicate {
            candidates: Vec::new(),
        },
        Refusal::SameRecord,
        Refusal::SurvivorEnded {
            ends_before: Date::MAX,
        },
        Refusal::ContradictingIdentifiers {
            contradictions: Vec::new(),
        },
        Refusal::ListTooLong {
            list: "identifiers",
            max: 200,
        },
        Refusal::NotFolded,
        Refusal::Tied { count: 2 },
        Refusal::CannotUnfold {
            because: Vec::new().into(),
        },
        Refusal::HasParts {
            parts: vec![id].into(),
        },
    ];
    super::boxed(all)
}
