//! What is refused about accounts and clients.

use actix_web::http::StatusCode;
use domain::access::{AccountId, AccountRefusal, ClientRefusal, Weakness};
use domain::values::{Fault, Instant, Pointer, ValueError};
use serde_json::{Map, Value, json};

use super::code_lists::Labelled;
use super::{Language, Tell, facts};

impl Tell for AccountRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::EmailTaken { .. } => "accounts.email_taken",
            Self::Revoked => "accounts.revoked",
            Self::WeakPassword(_) => "accounts.weak_password",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::EmailTaken { .. } | Self::Revoked => StatusCode::CONFLICT,
            Self::WeakPassword(_) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    fn title(&self, language: Language) -> &'static str {
        match self {
            Self::EmailTaken { .. } => language.pick("Adresse déjà prise", "Address taken"),
            Self::Revoked => language.pick("Compte retiré", "Account withdrawn"),
            Self::WeakPassword(_) => language.pick("Mot de passe trop faible", "Weak password"),
        }
    }

    fn detail(&self, language: Language) -> String {
        match self {
            Self::EmailTaken { .. } => language.pick(
                "Un autre compte en cours a cette adresse ; « account » dit lequel.".to_owned(),
                "Another account in force has this address; `account` says which.".to_owned(),
            ),
            Self::Revoked => language.pick(
                "L'accès de ce compte a été retiré pour de bon. Ouvrez-en un autre.".to_owned(),
                "The access of this account was withdrawn for good. Open another.".to_owned(),
            ),
            Self::WeakPassword(weakness) => {
                let (french, english) = weakness.labels();
                language.pick(
                    format!(
                        "{french}. Prenez par exemple une phrase de quelques mots peu communs."
                    ),
                    format!("{english}. Take a sentence of a few uncommon words, for instance."),
                )
            }
        }
    }

    fn facts(&self) -> Map<String, Value> {
        match self {
            Self::EmailTaken { account } => facts([("account", json!(account))]),
            Self::Revoked => Map::new(),
            Self::WeakPassword(weakness) => facts([("reason", json!(weakness))]),
        }
    }
}

impl Tell for ClientRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::Revoked => "clients.revoked",
            Self::OldSecret { .. } => "clients.old_secret",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Revoked => StatusCode::CONFLICT,
            Self::OldSecret { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    fn title(&self, language: Language) -> &'static str {
        match self {
            Self::Revoked => language.pick("Client retiré", "Client withdrawn"),
            Self::OldSecret { .. } => {
                language.pick("Ancien secret trop durable", "Old secret kept too long")
            }
        }
    }

    fn detail(&self, language: Language) -> String {
        match self {
            Self::Revoked => language.pick(
                "L'accès de ce client a été retiré pour de bon. Faites-en un autre.".to_owned(),
                "The access of this client was withdrawn for good. Make another.".to_owned(),
            ),
            Self::OldSecret { earliest, latest } => language.pick(
                format!(
                    "L'ancien secret reste bon jusqu'à un moment entre {earliest} et {latest}."
                ),
                format!(
                    "The old secret stays good until a moment between {earliest} and {latest}."
                ),
            ),
        }
    }

    fn facts(&self) -> Map<String, Value> {
        match self {
            Self::Revoked => Map::new(),
            Self::OldSecret { earliest, latest } => {
                facts([("earliest", json!(earliest)), ("latest", json!(latest))])
            }
        }
    }

    fn errors(&self) -> Vec<Fault> {
        match self {
            Self::Revoked => Vec::new(),
            Self::OldSecret { .. } => vec![Fault {
                pointer: Pointer::from("old_good_until"),
                error: ValueError::NotInOrder,
            }],
        }
    }
}

pub(super) fn samples() -> Vec<Box<dyn Tell>> {
    let mut all = super::boxed([
        AccountRefusal::EmailTaken {
            account: AccountId::new(uuid::Uuid::nil()),
        },
        AccountRefusal::Revoked,
        AccountRefusal::WeakPassword(Weakness::TooShort),
    ]);
    let epoch = Instant::try_from(jiff::Timestamp::UNIX_EPOCH).ok();
    let old_secret = epoch.map(|epoch| ClientRefusal::OldSecret {
        earliest: epoch,
        latest: epoch,
    });
    all.extend(super::boxed(
        std::iter::once(ClientRefusal::Revoked).chain(old_secret),
    ));
    all
}
