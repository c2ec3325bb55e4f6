//! What acts on lineage refuse.

use actix_web::http::StatusCode;
use domain::lineage::{LineageEventId, Refusal};
use domain::values::{Date, Fault, Faults};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Language, Tell, facts};

impl Tell for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Values(_) => "lineage.bad_values",
            Self::NotThere { .. } => "lineage.not_there",
            Self::OutOfOrder { .. } => "lineage.out_of_order",
            Self::PartsStillOpen { .. } => "lineage.parts_still_open",
            Self::Contested { .. } => "lineage.contested",
            Self::Unassigned { .. } => "lineage.unassigned",
            Self::PartOfItself { .. } => "lineage.part_of_itself",
            Self::AlreadyUndone => "lineage.already_undone",
            Self::CannotUndo { .. } => "lineage.cannot_undo",
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
            Self::NotThere { .. } => ("N'existe pas ce jour-là", "Not there on that day"),
            Self::OutOfOrder { .. } => ("Dans le désordre", "Out of order"),
            Self::PartsStillOpen { .. } => (
                "Des parties y tiennent encore",
                "Others are still part of it",
            ),
            Self::Contested { .. } => ("Contesté", "Contested"),
            Self::Unassigned { .. } => ("Non réparti", "Unassigned"),
            Self::PartOfItself { .. } => ("Membre de soi-même", "A member of itself"),
            Self::AlreadyUndone => ("Déjà annulé", "Already taken back"),
            Self::CannotUndo { .. } => ("Ne peut plus être annulé", "Can no longer be taken back"),
        };
        language.pick(french, english)
    }

    fn detail(&self, language: Language) -> String {
        let (french, english) = match self {
            Self::Values(_) => (
                "Des valeurs se contredisent ou nomment ce qui n'existe pas ; « errors » dit lesquelles.".to_owned(),
                "Values contradict one another or name what does not exist; `errors` says which.".to_owned(),
            ),
            Self::NotThere { .. } => (
                "Ce qui disparaît doit exister la veille, ce qui en résulte le jour même ; « records » dit ce qui manque.".to_owned(),
                "What becomes another must be there on the eve, what it becomes on the day; `records` says what is not.".to_owned(),
            ),
            Self::OutOfOrder { effective_on, .. } => (
                format!("Un acte qui prend effet le {effective_on} le concerne déjà : on enregistre dans l'ordre, ou l'on annule d'abord celui-là."),
                format!("An event that takes effect on {effective_on} is recorded of it already: record in order, or take that one back first."),
            ),
            Self::PartsStillOpen { .. } => (
                "Des organisations en feraient partie au-delà de ce jour ; dites d'abord de quoi elles font partie ensuite.".to_owned(),
                "Organisations would be part of it beyond that day; say first what they are then part of.".to_owned(),
            ),
            Self::Contested { .. } => (
                "Les fiches nommées dans « relations » disent du même jour ce qu'un seul peut tenir. Terminez celles qui ne continuent pas, \
                 ou dites-le d'abord de ce qui en résulte.".to_owned(),
                "The records in `relations` say of one day what only one can hold. End those that do not go on, or say first \
                 what holds of the successor.".to_owned(),
            ),
            Self::Unassigned { .. } => (
                "Dites dans « assignments » avec qui continue chacune des fiches nommées dans « relations ».".to_owned(),
                "Say in `assignments` with whom each of the records in `relations` goes on.".to_owned(),
            ),
            Self::PartOfItself { through } => (
                format!("Un réseau serait membre de lui-même, par une chaîne de {through} autre(s)."),
                format!("A network would be a member of itself, by a chain of {through} other(s)."),
            ),
            Self::AlreadyUndone => (
                "Cet acte a déjà été annulé.".to_owned(),
                "This event was taken back already.".to_owned(),
            ),
            Self::CannotUndo { because } => (
                format!("{} fiche(s) ne sont plus comme cet acte les a laissées ; « because » dit lesquelles.", because.len()),
                format!("{} record(s) are no longer as this event left them; `because` says which.", because.len()),
            ),
        };
        language.pick(french, english)
    }

    fn facts(&self) -> Map<String, Value> {
        match self {
            Self::Values(_) | Self::AlreadyUndone => Map::new(),
            Self::NotThere { records } | Self::PartsStillOpen { records } => {
                facts([("records", json!(records))])
            }
            Self::OutOfOrder {
                record,
                event,
                effective_on,
            } => facts([
                ("record", json!(record)),
                ("event", json!(event)),
                ("effective_on", json!(effective_on)),
            ]),
            Self::Contested { relations } | Self::Unassigned { relations } => {
                facts([("relations", json!(relations))])
            }
            Self::PartOfItself { through } => facts([("through", json!(through))]),
            Self::CannotUndo { because } => facts([("because", json!(because))]),
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
    let none = Vec::new;
    super::boxed([
        Refusal::Values(Faults::default()),
        Refusal::NotThere { records: none() },
        Refusal::OutOfOrder {
            record: Uuid::nil(),
            event: LineageEventId::new(Uuid::nil()),
            effective_on: Date::MAX,
        },
        Refusal::PartsStillOpen { records: none() },
        Refusal::Contested { relations: none() },
        Refusal::Unassigned { relations: none() },
        Refusal::PartOfItself { through: 2 },
        Refusal::AlreadyUndone,
        Refusal::CannotUndo {
            because: Vec::new(),
        },
    ])
}
