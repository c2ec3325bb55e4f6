//! Who may not, and who is not known.

use actix_web::http::StatusCode;
use domain::access::{Action, Denied, Role, TokenScope};
use domain::values::CodeList;
use serde_json::{Map, Value, json};

use super::{Language, Tell, facts};
use crate::access::Unproven;

impl Tell for Denied {
    fn code(&self) -> &'static str {
        match self {
            Self::Role { .. } => "access.role",
            Self::Token { .. } => "access.token_scope",
        }
    }

    fn status(&self) -> StatusCode {
        StatusCode::FORBIDDEN
    }

    fn title(&self, language: Language) -> &'static str {
        language.pick("Non permis", "Not allowed")
    }

    fn detail(&self, language: Language) -> String {
        match self {
            Self::Role { role, action } => language.pick(
                format!("Le rôle « {role} » ne comprend pas l'action « {action} »."),
                format!("The role `{role}` does not include the action `{action}`."),
            ),
            Self::Token { needed } => language.pick(
                format!("Le jeton n'a pas été demandé avec la portée « {needed} »."),
                format!("The token was not asked for with the scope `{needed}`."),
            ),
        }
    }

    fn facts(&self) -> Map<String, Value> {
        match self {
            Self::Role { role, action } => {
                facts([("role", json!(role)), ("action", json!(action))])
            }
            Self::Token { needed } => facts([("scope", json!(needed))]),
        }
    }
}

impl Tell for Unproven {
    fn code(&self) -> &'static str {
        match self {
            Self::NoToken => "access.no_token",
            Self::BadToken => "access.bad_token",
            Self::ExpiredToken => "access.expired_token",
            Self::Revoked => "access.revoked",
            Self::BadClient => "access.bad_client",
            Self::BadGrant { .. } => "access.bad_grant",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::BadGrant { .. } => StatusCode::BAD_REQUEST,
            _ => StatusCode::UNAUTHORIZED,
        }
    }

    fn title(&self, language: Language) -> &'static str {
        match self {
            Self::BadGrant { .. } => {
                language.pick("Demande de jeton refusée", "Token request refused")
            }
            _ => language.pick("Non identifié", "Not identified"),
        }
    }

    fn detail(&self, language: Language) -> String {
        let (french, english) = match self {
            Self::NoToken => (
                "Donnez un jeton : Authorization: Bearer …",
                "Give a token: Authorization: Bearer …",
            ),
            Self::BadToken => (
                "Ce jeton n'est pas des nôtres.",
                "This token is not one of ours.",
            ),
            Self::ExpiredToken => (
                "Ce jeton a expiré : demandez-en un autre.",
                "This token expired: ask for another.",
            ),
            Self::Revoked => ("Cet accès a été retiré.", "This access was withdrawn."),
            Self::BadClient => (
                "Client inconnu, ou mauvais secret.",
                "Unknown client, or wrong secret.",
            ),
            Self::BadGrant { error } => match *error {
                "unsupported_grant_type" => (
                    "Seul grant_type=client_credentials est accepté.",
                    "Only grant_type=client_credentials is accepted.",
                ),
                "invalid_scope" => (
                    "Portées connues : read, write, administer.",
                    "Known scopes: read, write, administer.",
                ),
                _ => (
                    "La demande est incomplète, ou dit deux fois qui la fait.",
                    "The request is incomplete, or says twice who makes it.",
                ),
            },
        };
        language.pick(french, english).to_owned()
    }

    /// The members that OAuth 2.0 clients look for (RFC 6749, 5.2).
    fn facts(&self) -> Map<String, Value> {
        match self {
            Self::BadClient => facts([("error", json!("invalid_client"))]),
            Self::BadGrant { error } => facts([("error", json!(error))]),
            _ => Map::new(),
        }
    }
}

pub(super) fn samples() -> Vec<Box<dyn Tell>> {
    vec![
        Box::new(Denied::Role {
            role: Role::Reader,
            action: Action::CreateOrganisation,
        }),
        Box::new(Denied::Token {
            needed: TokenScope::ALL.first().copied().unwrap_or(TokenScope::Read),
        }),
        Box::new(Unproven::NoToken),
        Box::new(Unproven::BadToken),
        Box::new(Unproven::ExpiredToken),
        Box::new(Unproven::Revoked),
        Box::new(Unproven::BadClient),
        Box::new(Unproven::BadGrant {
            error: "unsupported_grant_type",
        }),
    ]
}
