//! Who may not, and who is not known.

use actix_web::http::StatusCode;
use domain::access::{Action, Denied, Refusal, Role, Scope, TokenScope};
use domain::values::{CodeList, Date, Fault, Faults};
use serde_json::{Map, Value, json};

use super::{Language, Tell, facts};
use crate::access::Unproven;

impl Tell for Denied {
    fn code(&self) -> &'static str {
        match self {
            Self::Nobody { .. } => Unproven::NoToken.code(),
            Self::Role { .. } => "access.role",
            Self::Scope { .. } => "access.scope",
            Self::Token { .. } => "access.token_scope",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Nobody { .. } => StatusCode::UNAUTHORIZED,
            _ => StatusCode::FORBIDDEN,
        }
    }

    fn title(&self, language: Language) -> &'static str {
        match self {
            Self::Nobody { .. } => Unproven::NoToken.title(language),
            _ => language.pick("Non permis", "Not allowed"),
        }
    }

    fn detail(&self, language: Language) -> String {
        match self {
            Self::Nobody { .. } => Unproven::NoToken.detail(language),
            Self::Role { roles, action } if roles.is_empty() => language.pick(
                format!("Aucun rôle n'est tenu aujourd'hui : l'action « {action} » en demande un."),
                format!("No role is held today: the action `{action}` needs one."),
            ),
            Self::Role { action, .. } => language.pick(
                format!("Aucun des rôles tenus ne comprend l'action « {action} »."),
                format!("None of the roles held includes the action `{action}`."),
            ),
            Self::Scope { action } => language.pick(
                format!("L'action « {action} » est permise sur autre chose, pas ici."),
                format!("The action `{action}` is allowed on something else, not here."),
            ),
            Self::Token { needed } => language.pick(
                format!("Le jeton n'a pas été demandé avec la portée « {needed} »."),
                format!("The token was not asked for with the scope `{needed}`."),
            ),
        }
    }

    fn facts(&self) -> Map<String, Value> {
        match self {
            Self::Nobody { .. } => Map::new(),
            Self::Role { roles, action } => {
                facts([("roles", json!(roles)), ("action", json!(action))])
            }
            Self::Scope { action } => facts([("action", json!(action))]),
            Self::Token { needed } => facts([("scope", json!(needed))]),
        }
    }
}

impl Tell for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Values(_) => "grants.bad_values",
            Self::NotGivenOn { .. } => "grants.not_given_on",
            Self::AlreadyEnded { .. } => "grants.already_ended",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Values(_) => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::CONFLICT,
        }
    }

    fn title(&self, language: Language) -> &'static str {
        match self {
            Self::Values(_) => language.pick("Valeurs contradictoires", "Contradicting values"),
            Self::NotGivenOn { .. } => {
                language.pick("Rôle qui ne se donne pas là", "Role not given there")
            }
            Self::AlreadyEnded { .. } => language.pick("Déjà terminé", "Already ended"),
        }
    }

    fn detail(&self, language: Language) -> String {
        let (french, english) = match self {
            Self::Values(_) => (
                "Des valeurs se contredisent ou nomment ce qui n'existe pas ; « errors » dit lesquelles.".to_owned(),
                "Values contradict one another or name what does not exist; `errors` says which.".to_owned(),
            ),
            Self::NotGivenOn { role, scope } => (
                format!("Le rôle « {role} » ne se donne pas sur « {} ».", scope.kind()),
                format!("The role `{role}` is not given on `{}`.", scope.kind()),
            ),
            Self::AlreadyEnded { ends_before } => (
                format!("Ce rôle n'est déjà plus tenu à partir du {ends_before}. Pour le prolonger, donnez-en un autre."),
                format!("This role is no longer held from {ends_before} on. To prolong it, give another."),
            ),
        };
        language.pick(french, english)
    }

    fn facts(&self) -> Map<String, Value> {
        match self {
            Self::Values(_) => Map::new(),
            Self::NotGivenOn { role, scope } => {
                facts([("role", json!(role)), ("scope", json!(scope))])
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

impl Tell for Unproven {
    fn code(&self) -> &'static str {
        match self {
            Self::NoToken => "access.no_token",
            Self::BadToken => "access.bad_token",
            Self::ExpiredToken => "access.expired_token",
            Self::NoKeys => "access.issuer_unreachable",
            Self::Revoked => "access.revoked",
            Self::BadClient => "access.bad_client",
            Self::BadPassword => "access.bad_password",
            Self::BadRefresh => "access.bad_refresh_token",
            Self::BadCode => "access.bad_code",
            Self::NoSession => "access.no_session",
            Self::TooManyTries { .. } => "access.too_many_attempts",
            Self::BadGrant { .. } => "access.bad_grant",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            // As OAuth 2.0 has it (RFC 6749, 5.2); a 401 would make browsers ask for a password.
            Self::BadGrant { .. } | Self::BadPassword | Self::BadRefresh => StatusCode::BAD_REQUEST,
            Self::NoKeys => StatusCode::SERVICE_UNAVAILABLE,
            Self::NoSession => StatusCode::CONFLICT,
            Self::TooManyTries { .. } => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::UNAUTHORIZED,
        }
    }

    fn title(&self, language: Language) -> &'static str {
        match self {
            Self::BadGrant { .. } => {
                language.pick("Demande de jeton refusée", "Token request refused")
            }
            Self::NoKeys => language.pick("Émetteur injoignable", "Issuer unreachable"),
            Self::NoSession => language.pick("Pas de session", "No session"),
            Self::TooManyTries { .. } => language.pick("Trop d'essais", "Too many attempts"),
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
                "Ce jeton n'est pas de ceux auxquels ce serveur se fie.",
                "This token is not one that this server believes.",
            ),
            Self::ExpiredToken => (
                "Ce jeton a expiré : demandez-en un autre.",
                "This token expired: ask for another.",
            ),
            Self::NoKeys => (
                "L'émetteur de ce jeton ne donne pas ses clés en ce moment : rien ne permet d'en juger.",
                "The issuer of this token does not give its keys at the moment: nothing tells whether it is good.",
            ),
            Self::Revoked => ("Cet accès a été retiré.", "This access was withdrawn."),
            Self::BadClient => (
                "Client inconnu, ou mauvais secret.",
                "Unknown client, or wrong secret.",
            ),
            Self::BadPassword => (
                "Adresse inconnue, ou mauvais mot de passe.",
                "Unknown address, or wrong password.",
            ),
            Self::BadRefresh => (
                "Ce jeton de renouvellement n'est pas bon, ou ne l'est plus : connectez-vous de nouveau.",
                "This refresh token is not good, or no longer: log in again.",
            ),
            Self::BadCode => (
                "Adresse inconnue, ou code à usage unique faux, périmé ou déjà utilisé.",
                "Unknown address, or a one-time code that is wrong, too old or used already.",
            ),
            Self::NoSession => (
                "C'est affaire d'une personne connectée ici : ce jeton n'appartient à aucune session.",
                "This is for a person who logged in here: this token belongs to no session.",
            ),
            Self::TooManyTries {
                retry_after_seconds,
            } => {
                return language.pick(
                    format!("Trop d'essais ont échoué : réessayez dans {retry_after_seconds} s, ou demandez un code à usage unique à un administrateur."),
                    format!("Too many attempts failed: try again in {retry_after_seconds} s, or ask an administrator for a one-time code."),
                );
            }
            Self::BadGrant { error } => match *error {
                "unsupported_grant_type" => (
                    "grant_type vaut client_credentials, password ou refresh_token.",
                    "grant_type is client_credentials, password or refresh_token.",
                ),
                "invalid_scope" => (
                    "Une portée est inconnue (read, write, administer) ou n'est pas accordée à l'appelant.",
                    "A scope is unknown (read, write, administer) or not granted to the caller.",
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
            Self::NoKeys => facts([("retry_after_seconds", json!(30))]),
            Self::BadPassword | Self::BadRefresh => facts([("error", json!("invalid_grant"))]),
            Self::TooManyTries {
                retry_after_seconds,
            } => facts([("retry_after_seconds", json!(retry_after_seconds))]),
            _ => Map::new(),
        }
    }
}

pub(super) fn samples() -> Vec<Box<dyn Tell>> {
    vec![
        Box::new(Refusal::Values(Faults::default())),
        Box::new(Refusal::NotGivenOn {
            role: Role::Secretary,
            scope: Scope::Everything,
        }),
        Box::new(Refusal::AlreadyEnded {
            ends_before: Date::MAX,
        }),
        Box::new(Denied::Role {
            roles: vec![Role::Reader],
            action: Action::CreateOrganisation,
        }),
        Box::new(Denied::Scope {
            action: Action::ChangeOrganisation,
        }),
        Box::new(Denied::Token {
            needed: TokenScope::ALL.first().copied().unwrap_or(TokenScope::Read),
        }),
        Box::new(Unproven::NoToken),
        Box::new(Unproven::BadToken),
        Box::new(Unproven::ExpiredToken),
        Box::new(Unproven::NoKeys),
        Box::new(Unproven::Revoked),
        Box::new(Unproven::BadClient),
        Box::new(Unproven::BadPassword),
        Box::new(Unproven::BadRefresh),
        Box::new(Unproven::BadCode),
        Box::new(Unproven::NoSession),
        Box::new(Unproven::TooManyTries {
            retry_after_seconds: 900,
        }),
        Box::new(Unproven::BadGrant {
            error: "unsupported_grant_type",
        }),
    ]
}
