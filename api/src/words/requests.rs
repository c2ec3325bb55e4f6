//! What is wrong with a request before any rule of the field is asked.

use actix_web::http::StatusCode;
use domain::values::{Fault, Faults, ValueError, Version};
use serde_json::{Map, Value, json};

use super::{Language, Tell, facts};

/// A request that cannot be served as it is.
#[derive(Clone, Debug)]
pub enum Request {
    /// The body is not JSON, or not UTF-8.
    MalformedJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// A value of the body has another JSON type than expected.
    WrongType {
        /// Where it stands.
        fault: Fault,
    },
    /// The body is nested deeper than accepted.
    TooDeep {
        /// The deepest accepted.
        max: usize,
    },
    /// The query string cannot be read.
    BadQuery {
        /// The parameter, when one can be named.
        parameter: Option<String>,
        /// What is wrong with it.
        error: Option<ValueError>,
    },
    /// A cursor that we did not give.
    BadCursor,
    /// A header cannot be read.
    BadHeader {
        /// Its name.
        header: &'static str,
    },
    /// Values of the body are refused.
    BadValues(Faults),
    /// There is nothing at this address.
    UnknownAddress,
    /// There is no such record, or the caller may not know of it.
    NotFound,
    /// It was deleted.
    Deleted,
    /// The address does not know this method.
    MethodNotAllowed {
        /// Those it knows.
        allowed: Vec<String>,
    },
    /// No format in which this address answers is accepted.
    NotAcceptable {
        /// Those in which it does.
        offered: Vec<&'static str>,
    },
    /// A parameter that has no meaning in the format asked for.
    NotInThisFormat {
        /// The parameter.
        parameter: &'static str,
        /// The format.
        format: &'static str,
    },
    /// Two parameters that contradict one another.
    NotTogether {
        /// One.
        parameter: &'static str,
        /// The other.
        with: &'static str,
    },
    /// Words to search by, without any letter or digit.
    NoWords,
    /// A mesh of more networks than one is drawn of.
    TooManyNodes {
        /// The most of which one is.
        most: i64,
    },
    /// The body did not come in time.
    TooSlow,
    /// The body is larger than accepted.
    TooLarge {
        /// The largest accepted, in bytes.
        max_bytes: usize,
    },
    /// The body is in another format than accepted.
    UnsupportedMediaType {
        /// The one accepted.
        expected: &'static str,
    },
    /// `If-Match` is missing.
    PreconditionRequired,
    /// `If-Match` names another version than the present one.
    PreconditionFailed {
        /// The present version.
        version: Version,
        /// The present state.
        current: Value,
    },
    /// The idempotency key was used for another request.
    KeyOfOtherRequest,
    /// Reading the feed cannot go on from this cursor.
    Resync {
        /// Why, as a code.
        reason: &'static str,
    },
    /// Too many requests.
    TooMany {
        /// When to come again, in seconds.
        retry_after_seconds: u64,
    },
    /// A request that the server could not read at all.
    BadRequest,
}

impl Tell for Request {
    fn code(&self) -> &'static str {
        match self {
            Self::MalformedJson { .. } => "request.malformed_json",
            Self::WrongType { .. } => "request.wrong_type",
            Self::TooDeep { .. } => "request.too_deep",
            Self::BadQuery { .. } => "request.bad_query",
            Self::BadCursor => "request.bad_cursor",
            Self::BadHeader { .. } => "request.bad_header",
            Self::BadValues(_) => "request.bad_values",
            Self::UnknownAddress => "request.unknown_address",
            Self::NotFound => "request.not_found",
            Self::Deleted => "request.deleted",
            Self::MethodNotAllowed { .. } => "request.method_not_allowed",
            Self::NotAcceptable { .. } => "request.not_acceptable",
            Self::NotInThisFormat { .. } => "request.not_in_this_format",
            Self::NotTogether { .. } => "request.not_together",
            Self::NoWords => "request.no_words",
            Self::TooManyNodes { .. } => "request.too_many_nodes",
            Self::TooSlow => "request.too_slow",
            Self::TooLarge { .. } => "request.too_large",
            Self::UnsupportedMediaType { .. } => "request.unsupported_media_type",
            Self::PreconditionRequired => "request.precondition_required",
            Self::PreconditionFailed { .. } => "request.precondition_failed",
            Self::KeyOfOtherRequest => "request.key_of_other_request",
            Self::Resync { .. } => "changes.resync",
            Self::TooMany { .. } => "request.too_many",
            Self::BadRequest => "request.bad_request",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::MalformedJson { .. }
            | Self::WrongType { .. }
            | Self::TooDeep { .. }
            | Self::BadQuery { .. }
            | Self::BadCursor
            | Self::BadHeader { .. }
            | Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::BadValues(_)
            | Self::NotInThisFormat { .. }
            | Self::NotTogether { .. }
            | Self::NoWords
            | Self::TooManyNodes { .. }
            | Self::KeyOfOtherRequest => StatusCode::UNPROCESSABLE_ENTITY,
            Self::UnknownAddress | Self::NotFound => StatusCode::NOT_FOUND,
            Self::Deleted | Self::Resync { .. } => StatusCode::GONE,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAcceptable { .. } => StatusCode::NOT_ACCEPTABLE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::PreconditionFailed { .. } => StatusCode::PRECONDITION_FAILED,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    fn title(&self, language: Language) -> &'static str {
        let (french, english) = match self {
            Self::MalformedJson { .. } => ("JSON illisible", "Unreadable JSON"),
            Self::WrongType { .. } => ("Type JSON inattendu", "Unexpected JSON type"),
            Self::TooDeep { .. } => ("JSON trop profond", "JSON nested too deep"),
            Self::BadQuery { .. } => ("Paramètres d'adresse illisibles", "Unreadable query"),
            Self::BadCursor => ("Curseur inconnu", "Unknown cursor"),
            Self::BadHeader { .. } => ("En-tête illisible", "Unreadable header"),
            Self::BadValues(_) => ("Valeurs refusées", "Values refused"),
            Self::UnknownAddress => ("Adresse inconnue", "Unknown address"),
            Self::NotFound => ("Introuvable", "Not found"),
            Self::Deleted => ("Supprimé", "Deleted"),
            Self::MethodNotAllowed { .. } => ("Méthode non permise", "Method not allowed"),
            Self::NotAcceptable { .. } => ("Format non disponible", "Format not available"),
            Self::NotInThisFormat { .. } => {
                ("Sans objet dans ce format", "Meaningless in this format")
            }
            Self::NotTogether { .. } => (
                "Paramètres qui se contredisent",
                "Parameters that contradict one another",
            ),
            Self::NoWords => ("Rien à chercher", "Nothing to search by"),
            Self::TooManyNodes { .. } => ("Trop de réseaux", "Too many networks"),
            Self::TooSlow => ("Requête trop lente", "Request too slow"),
            Self::TooLarge { .. } => ("Corps trop grand", "Body too large"),
            Self::UnsupportedMediaType { .. } => ("Format non accepté", "Format not accepted"),
            Self::PreconditionRequired => ("Version requise", "Version required"),
            Self::PreconditionFailed { .. } => ("Version dépassée", "Stale version"),
            Self::KeyOfOtherRequest => ("Clé déjà utilisée", "Key already used"),
            Self::Resync { .. } => ("Reprise complète nécessaire", "Resync needed"),
            Self::TooMany { .. } => ("Trop de requêtes", "Too many requests"),
            Self::BadRequest => ("Requête illisible", "Unreadable request"),
        };
        language.pick(french, english)
    }

    #[expect(
        clippy::too_many_lines,
        reason = "the words of every problem, in two languages"
    )]
    fn detail(&self, language: Language) -> String {
        let (french, english) = match self {
            Self::MalformedJson { line, column } => (
                format!("Le corps cesse d'être du JSON à la ligne {line}, colonne {column}."),
                format!("The body stops being JSON at line {line}, column {column}."),
            ),
            Self::WrongType { .. } => (
                "Une valeur n'a pas le type JSON attendu.".to_owned(),
                "A value has not the JSON type expected.".to_owned(),
            ),
            Self::TooDeep { max } => (
                format!("Le corps dépasse {max} niveaux d'imbrication."),
                format!("The body is nested more than {max} levels deep."),
            ),
            Self::BadQuery { parameter: Some(parameter), .. } => (
                format!("Le paramètre « {parameter} » est inconnu, répété ou illisible."),
                format!("The parameter `{parameter}` is unknown, repeated or unreadable."),
            ),
            Self::BadQuery { parameter: None, .. } => (
                "Un paramètre est inconnu, répété ou illisible.".to_owned(),
                "A parameter is unknown, repeated or unreadable.".to_owned(),
            ),
            Self::BadCursor => (
                "Ce curseur ne vient pas d'ici, ou d'une autre liste.".to_owned(),
                "This cursor was not given here, or belongs to another list.".to_owned(),
            ),
            Self::BadHeader { header } => (
                format!("L'en-tête {header} est illisible."),
                format!("The header {header} cannot be read."),
            ),
            Self::BadValues(faults) => {
                let count = faults.iter().count();
                (
                    format!("{count} valeur(s) refusée(s) ; « errors » dit où et pourquoi."),
                    format!("{count} value(s) refused; `errors` says where and why."),
                )
            }
            Self::UnknownAddress => (
                "Il n'y a rien à cette adresse.".to_owned(),
                "There is nothing at this address.".to_owned(),
            ),
            Self::NotFound => (
                "Aucune fiche visible ne porte cet identifiant.".to_owned(),
                "No record you may see bears this id.".to_owned(),
            ),
            Self::Deleted => (
                "Cette fiche, enregistrée par erreur, a été supprimée.".to_owned(),
                "This record was a mistake and has been deleted.".to_owned(),
            ),
            Self::MethodNotAllowed { allowed } => (
                format!("Cette adresse connaît : {}.", allowed.join(", ")),
                format!("This address knows: {}.", allowed.join(", ")),
            ),
            Self::NotAcceptable { offered } => (
                format!("Cette adresse répond en {}.", offered.join(", ")),
                format!("This address answers in {}.", offered.join(", ")),
            ),
            Self::NotInThisFormat { parameter, format } => (
                format!("En {format} la liste est donnée entière et à plat : « {parameter} » n'y a pas d'objet."),
                format!("In {format} the list is given whole and flat: `{parameter}` means nothing there."),
            ),
            Self::NotTogether { parameter, with } => (
                format!("« {parameter} » ne va pas avec « {with} »."),
                format!("`{parameter}` does not go with `{with}`."),
            ),
            Self::NoWords => (
                "« q » ne contient ni lettre ni chiffre.".to_owned(),
                "`q` has no letter and no digit.".to_owned(),
            ),
            Self::TooManyNodes { most } => (
                format!("Un maillage a {most} réseaux au plus : choisir par thème ou par territoire."),
                format!("A mesh has {most} networks at most: choose by theme or territory."),
            ),
            Self::TooSlow => (
                "Le corps n'est pas arrivé à temps.".to_owned(),
                "The body did not come in time.".to_owned(),
            ),
            Self::TooLarge { max_bytes } => (
                format!("Le corps dépasse {max_bytes} octets."),
                format!("The body is larger than {max_bytes} bytes."),
            ),
            Self::UnsupportedMediaType { expected } => (
                format!("Le corps doit être en {expected}."),
                format!("The body must be {expected}."),
            ),
            Self::PreconditionRequired => (
                "Donnez dans If-Match l'ETag de l'état que vous modifiez.".to_owned(),
                "Give in If-Match the ETag of the state you are changing.".to_owned(),
            ),
            Self::PreconditionFailed { version, .. } => (
                format!("La fiche en est à la version {version} ; « current » la donne."),
                format!("The record is at version {version}; `current` gives it."),
            ),
            Self::KeyOfOtherRequest => (
                "Cette clé d'idempotence a servi à une autre requête.".to_owned(),
                "This idempotency key was used for another request.".to_owned(),
            ),
            Self::Resync { .. } => (
                "On ne peut pas continuer d'ici sans rien manquer : relisez tout, puis suivez de nouveau."
                    .to_owned(),
                "Nothing can be told from here without missing something: read everything, then follow again."
                    .to_owned(),
            ),
            Self::TooMany { retry_after_seconds } => (
                format!("Revenez dans {retry_after_seconds} s."),
                format!("Come again in {retry_after_seconds} s."),
            ),
            Self::BadRequest => (
                "La requête est illisible.".to_owned(),
                "The request cannot be read.".to_owned(),
            ),
        };
        language.pick(french, english)
    }

    fn facts(&self) -> Map<String, Value> {
        match self {
            Self::MalformedJson { line, column } => {
                facts([("line", json!(line)), ("column", json!(column))])
            }
            Self::TooDeep { max } => facts([("max_depth", json!(max))]),
            Self::BadQuery { parameter, error } => {
                let mut facts = facts([("parameter", json!(parameter))]);
                facts.retain(|_, value| !value.is_null());
                if let Some(error) = error {
                    facts.insert("reason".to_owned(), json!(error));
                }
                facts
            }
            Self::BadHeader { header } => facts([("header", json!(header))]),
            Self::NotAcceptable { offered } => facts([("offered", json!(offered))]),
            Self::NotInThisFormat { parameter, format } => {
                facts([("parameter", json!(parameter)), ("format", json!(format))])
            }
            Self::NotTogether { parameter, with } => {
                facts([("parameter", json!(parameter)), ("with", json!(with))])
            }
            Self::TooManyNodes { most } => facts([("most", json!(most))]),
            Self::MethodNotAllowed { allowed } => facts([("allowed", json!(allowed))]),
            Self::TooLarge { max_bytes } => facts([("max_bytes", json!(max_bytes))]),
            Self::UnsupportedMediaType { expected } => facts([("expected", json!(expected))]),
            Self::PreconditionFailed { version, current } => {
                facts([("version", json!(version)), ("current", current.clone())])
            }
            Self::Resync { reason } => facts([("reason", json!(reason))]),
            Self::TooMany {
                retry_after_seconds,
            } => facts([("retry_after_seconds", json!(retry_after_seconds))]),
            _ => Map::new(),
        }
    }

    fn errors(&self) -> Vec<Fault> {
        match self {
            Self::BadValues(faults) => faults.iter().cloned().collect(),
            Self::WrongType { fault } => vec![fault.clone()],
            _ => Vec::new(),
        }
    }
}

pub(super) fn samples() -> Vec<Box<dyn Tell>> {
    let fault = Fault {
        pointer: domain::values::Pointer::root().join("kind"),
        error: ValueError::Format {
            expected: "string".to_owned(),
        },
    };
    let all = vec![
        Request::MalformedJson { line: 1, column: 1 },
        Request::WrongType { fault },
        Request::TooDeep { max: 32 },
        Request::BadQuery {
            parameter: None,
            error: None,
        },
        Request::BadCursor,
        Request::BadHeader { header: "If-Match" },
        Request::BadValues(Faults::default()),
        Request::UnknownAddress,
        Request::NotFound,
        Request::Deleted,
        Request::MethodNotAllowed {
            allowed: vec!["GET".to_owned()],
        },
        Request::NotAcceptable {
            offered: vec!["application/json"],
        },
        Request::NotInThisFormat {
            parameter: "limit",
            format: "text/csv",
        },
        Request::NotTogether {
            parameter: "expand",
            with: "known_at",
        },
        Request::NoWords,
        Request::TooManyNodes { most: 200 },
        Request::TooSlow,
        Request::TooLarge {
            max_bytes: 1_048_576,
        },
        Request::UnsupportedMediaType {
            expected: "application/json",
        },
        Request::PreconditionRequired,
        Request::PreconditionFailed {
            version: Version::FIRST,
            current: Value::Null,
        },
        Request::KeyOfOtherRequest,
        Request::Resync { reason: "trimmed" },
        Request::TooMany {
            retry_after_seconds: 1,
        },
        Request::BadRequest,
    ];
    super::boxed(all)
}
