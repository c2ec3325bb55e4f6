//! Where to ask instead of the address of a duplicate.

use actix_web::http::StatusCode;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Language, Tell, facts};

/// A record that was folded into another, since the same thing was recorded twice.
#[derive(Clone, Copy, Debug)]
pub struct Folded {
    /// The record that was asked for.
    pub folded: Uuid,
    /// The one that stands for it.
    pub survivor: Uuid,
}

impl Tell for Folded {
    fn code(&self) -> &'static str {
        "request.folded"
    }

    fn status(&self) -> StatusCode {
        StatusCode::TEMPORARY_REDIRECT
    }

    fn title(&self, language: Language) -> &'static str {
        language.pick("Doublon", "Duplicate")
    }

    fn detail(&self, language: Language) -> String {
        let survivor = self.survivor;
        language.pick(
            format!("Cette fiche était un doublon : {survivor} répond à sa place, quelle que soit la date."),
            format!("This record was a duplicate: {survivor} answers in its place, whatever the date."),
        )
    }

    fn facts(&self) -> Map<String, Value> {
        facts([
            ("folded", json!(self.folded)),
            ("survivor", json!(self.survivor)),
        ])
    }
}

pub(super) fn samples() -> Vec<Box<dyn Tell>> {
    let (folded, survivor) = (Uuid::nil(), Uuid::nil());
    super::boxed([Folded { folded, survivor }])
}
