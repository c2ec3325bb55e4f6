//! Our own failures. Their causes are for the log; a client learns only what it can do.

use std::sync::Arc;

use actix_web::http::StatusCode;
use persistence::Fault;
use serde_json::{Map, Value, json};

use super::{Language, Tell, facts};

/// What a client is told of a failure of ours.
#[derive(Clone, Debug)]
pub enum Failed {
    /// Nothing was done; coming again later will do.
    Unavailable,
    /// It may or may not have been kept.
    OutcomeUnknown,
    /// The first request with this key is still running.
    KeyInFlight,
    /// This process, or its base, only reads.
    ReadOnly,
    /// It took longer than we allow ourselves.
    TimedOut,
    /// Anything else.
    Internal,
}

impl Failed {
    /// What to tell of a fault.
    #[must_use]
    pub fn of(fault: &Arc<Fault>) -> Self {
        match fault.as_ref() {
            Fault::Unavailable(_) | Fault::Transient(_) | Fault::Waited(_) => Self::Unavailable,
            Fault::OutcomeUnknown(_) => Self::OutcomeUnknown,
            Fault::KeyInFlight => Self::KeyInFlight,
            Fault::ReadOnly => Self::ReadOnly,
            Fault::CorruptRow { .. } | Fault::Schema(_) | Fault::Database(_) | Fault::Panic(_) => {
                Self::Internal
            }
        }
    }
}

/// After how many seconds to come again.
const RETRY_AFTER_SECONDS: u64 = 2;

/// The same where nothing may be written: a replica takes the place of its primary in that order of time.
const READ_ONLY_RETRY_AFTER_SECONDS: u64 = 30;

impl Tell for Failed {
    fn code(&self) -> &'static str {
        match self {
            Self::Unavailable => "server.unavailable",
            Self::OutcomeUnknown => "server.outcome_unknown",
            Self::KeyInFlight => "request.key_in_flight",
            Self::ReadOnly => "server.read_only",
            Self::TimedOut => "server.timed_out",
            Self::Internal => "server.internal",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Unavailable | Self::OutcomeUnknown | Self::ReadOnly | Self::TimedOut => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::KeyInFlight => StatusCode::CONFLICT,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn title(&self, language: Language) -> &'static str {
        let (french, english) = match self {
            Self::Unavailable => ("Momentanément indisponible", "Unavailable for now"),
            Self::OutcomeUnknown => ("Issue inconnue", "Outcome unknown"),
            Self::KeyInFlight => ("Requête encore en cours", "Request still running"),
            Self::ReadOnly => ("Lecture seule", "Read only"),
            Self::TimedOut => ("Délai dépassé", "Timed out"),
            Self::Internal => ("Erreur interne", "Internal error"),
        };
        language.pick(french, english)
    }

    fn detail(&self, language: Language) -> String {
        let (french, english) = match self {
            Self::Unavailable => (
                "Rien n'a été fait. Réessayez dans quelques secondes.",
                "Nothing was done. Try again in a few seconds.",
            ),
            Self::OutcomeUnknown => (
                "L'écriture a pu être gardée ou non. Répétez la requête avec la même clé d'idempotence.",
                "The write may or may not have been kept. Repeat the request with the same idempotency key.",
            ),
            Self::KeyInFlight => (
                "La première requête avec cette clé n'est pas terminée. Réessayez.",
                "The first request with this key has not ended. Try again.",
            ),
            Self::ReadOnly => (
                "Rien n'a été fait : ce serveur ne fait que lire pour le moment. Écrivez auprès de celui qui écrit.",
                "Nothing was done: for now this server only reads. Write to the one that writes.",
            ),
            Self::TimedOut => (
                "La requête a pris trop de temps.",
                "The request took too long.",
            ),
            Self::Internal => (
                "Une erreur de notre côté. Donnez l'identifiant de la requête à qui tient ce serveur.",
                "A failure of ours. Give the request's id to whoever keeps this server.",
            ),
        };
        language.pick(french, english).to_owned()
    }

    fn facts(&self) -> Map<String, Value> {
        match self.status() {
            _ if matches!(self, Self::ReadOnly) => {
                facts([("retry_after_seconds", json!(READ_ONLY_RETRY_AFTER_SECONDS))])
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                facts([("retry_after_seconds", json!(RETRY_AFTER_SECONDS))])
            }
            _ => Map::new(),
        }
    }
}

pub(super) fn samples() -> Vec<Box<dyn Tell>> {
    let all = [
        Failed::Unavailable,
        Failed::OutcomeUnknown,
        Failed::KeyInFlight,
        Failed::ReadOnly,
        Failed::TimedOut,
        Failed::Internal,
    ];
    super::boxed(all)
}
