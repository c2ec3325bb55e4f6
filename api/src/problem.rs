//! How a refusal or a failure reaches a client: RFC 9457, in its language.

use std::fmt;
use std::sync::Arc;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use domain::values::Version;
use persistence::{Failure, Fault};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::words::{self, Folded, Language, Tell};

/// What a code is named as an address; docs/problems.md tells what each means.
const TYPE_BASE: &str = "urn:maillage:problem:";

/// How many bad values one answer tells.
const MOST_ERRORS: usize = 20;

/// Anything that ends a request without success.
#[derive(Clone, Debug)]
pub struct Problem {
    told: Arc<dyn Tell>,
    fault: Option<Arc<Fault>>,
    headers: Vec<(header::HeaderName, String)>,
    moved: Option<(Uuid, Uuid)>,
}

impl Problem {
    /// Not a problem, but where to ask instead: a record that another one now stands for. The tag is
    /// that of the state in which it went.
    #[must_use]
    pub fn folded(folded: Uuid, survivor: Uuid, version: Version) -> Self {
        let moved = Some((folded, survivor));
        let tag = format!("\"{version}\"");
        Self {
            moved,
            ..Self::from(Folded { folded, survivor }).with_header(header::ETAG, tag)
        }
    }

    /// The address to ask instead of this one.
    #[must_use]
    pub fn instead_of(&self, path: &str, query: &str) -> Option<String> {
        let (folded, survivor) = self.moved?;
        let survivor = survivor.to_string();
        let is_folded = |step: &&str| step.parse().ok() == Some(folded);
        let steps = path.split('/');
        let steps: Vec<&str> = steps
            .map(|step| if is_folded(&step) { &survivor } else { step })
            .collect();
        let mark = if query.is_empty() { "" } else { "?" };
        Some(format!("{}{mark}{query}", steps.join("/")))
    }

    /// The problem with one more header.
    #[must_use]
    pub fn with_header(mut self, name: header::HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The status it answers.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.told.status()
    }

    /// The failure of ours behind it, for the log.
    #[must_use]
    pub fn cause(&self) -> Option<&Fault> {
        self.fault.as_deref()
    }

    /// The failure of ours behind it, taken out.
    #[must_use]
    pub fn into_fault(self) -> Option<Fault> {
        Arc::into_inner(self.fault?)
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.told.code()
    }

    /// The answer, in a language.
    #[must_use]
    pub fn render(&self, language: Language, request_id: &str) -> HttpResponse {
        let told = &self.told;
        let mut body = Map::new();
        body.insert(
            "type".to_owned(),
            json!(format!("{TYPE_BASE}{}", told.code())),
        );
        body.insert("title".to_owned(), json!(told.title(language)));
        body.insert("status".to_owned(), json!(told.status().as_u16()));
        body.insert("detail".to_owned(), json!(told.detail(language)));
        body.insert(
            "instance".to_owned(),
            json!(format!("urn:request:{request_id}")),
        );
        body.insert("code".to_owned(), json!(told.code()));
        let errors: Vec<Value> = told
            .errors()
            .iter()
            .take(MOST_ERRORS)
            .map(|fault| describe(fault, language))
            .collect();
        if !errors.is_empty() {
            body.insert("errors".to_owned(), Value::Array(errors));
        }
        body.extend(told.facts());
        let mut answer = HttpResponse::build(told.status());
        answer.content_type(if told.status().is_redirection() {
            "application/json"
        } else {
            "application/problem+json"
        });
        answer.insert_header((header::CONTENT_LANGUAGE, language.tag()));
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(seconds) = body.get("retry_after_seconds").and_then(Value::as_u64) {
            answer.insert_header((header::RETRY_AFTER, seconds));
        }
        for (name, value) in &self.headers {
            answer.insert_header((name.clone(), value.as_str()));
        }
        answer.body(Value::Object(body).to_string())
    }
}

/// One bad value: where, why, and its facts.
fn describe(fault: &domain::values::Fault, language: Language) -> Value {
    let mut described = match serde_json::to_value(&fault.error) {
        Ok(Value::Object(facts)) => facts,
        _ => Map::new(),
    };
    described.insert("pointer".to_owned(), json!(fault.pointer));
    described.insert(
        "detail".to_owned(),
        json!(words::tell_value(&fault.error, language)),
    );
    Value::Object(described)
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.told.code())
    }
}

/// A middleware renders problems, since only it knows the language: the body here is a stopgap.
impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.told.status()
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.told.status())
    }
}

impl<T: Tell + 'static> From<T> for Problem {
    fn from(told: T) -> Self {
        Self {
            told: Arc::new(told),
            fault: None,
            headers: Vec::new(),
            moved: None,
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        let fault = Arc::new(fault);
        let told = Arc::new(words::Failed::of(&fault));
        Self {
            told,
            fault: Some(fault),
            headers: Vec::new(),
            moved: None,
        }
    }
}

impl Failure for Problem {
    fn fault(&self) -> Option<&Fault> {
        self.fault.as_deref()
    }
}
