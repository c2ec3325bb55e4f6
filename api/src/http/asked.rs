//! Who asks, and under which conditions.

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use domain::access::{Action, Actor, CallerId, Permit, Reached, SessionId, Target, TokenScope};
use domain::organisations::OnDuplicate;
use domain::records::Resource;
use domain::values::{Date, Id, Text, ValueError, Version};
use futures_util::future::{Ready, ready};
use jiff::Timestamp;
use persistence::callers::{Asker, Rights};
use persistence::folds::{self, Reach};
use persistence::{Document, Fault, Joined, Tx, joined};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{answer, guard, query};
use crate::access::Unproven;
use crate::problem::Problem;
use crate::words::{Language, Request};

/// A caller whose token was proved, or anybody at all where the settings open the directory.
/// Whether it was revoked since is asked of the base.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub id: CallerId,
    /// What the token was asked for.
    pub scopes: Vec<TokenScope>,
    /// The session that the token belongs to, when it is a person's.
    pub session: Option<SessionId>,
    /// When the request came.
    pub at: Timestamp,
    /// Whether anybody reads the public directory, and so this one too.
    pub open: bool,
}

impl Caller {
    /// Anybody at all.
    #[must_use]
    pub fn public(at: Timestamp) -> Self {
        Self {
            id: CallerId::PUBLIC,
            scopes: vec![TokenScope::Read],
            session: None,
            at,
            open: true,
        }
    }

    /// The caller with these rights, if the base knows it and it may still call.
    pub fn actor(&self, rights: Option<Rights>) -> Result<Actor, Unproven> {
        rights
            .and_then(|rights| rights.actor(self.id, self.scopes.clone(), self.open))
            .ok_or(Unproven::Revoked)
    }

    /// As the base knows the one who asks.
    #[must_use]
    pub fn asker(&self) -> Asker {
        Asker {
            id: self.id,
            session: self.session,
            at: self.at,
        }
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let proved = request
            .extensions()
            .get::<Result<Caller, Problem>>()
            .cloned();
        ready(proved.unwrap_or_else(|| Err(Unproven::NoToken.into())))
    }
}

/// What a read may add to what it asks for.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Who reads.
    pub caller: Caller,
    /// The state the reader already has.
    pub if_none_match: Option<String>,
}

impl FromRequest for Reading {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = Caller::from_request(request, payload).into_inner();
        let if_none_match = if_none_match(request.headers());
        ready(caller.and_then(|caller| {
            Ok(Self {
                caller,
                if_none_match: if_none_match?,
            })
        }))
    }
}

/// The conditions of a write.
#[derive(Clone, Debug)]
pub struct Writing {
    /// Who writes.
    pub caller: Caller,
    /// The request's id.
    pub request_id: String,
    /// In which language to tell of warnings.
    pub language: Language,
    /// The version that is to be changed.
    if_match: Option<IfMatch>,
    /// The key by which the same request may come again.
    idempotency_key: Option<String>,
    /// Whether nothing is to be kept.
    pub dry_run: bool,
    /// Why, in the author's words.
    pub reason: Option<String>,
    /// The method and address.
    target: String,
}

#[derive(Clone, Debug)]
enum IfMatch {
    Any,
    OneOf(Vec<Version>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WritingQuery {
    #[serde(default, deserialize_with = "query::truth")]
    dry_run: Option<bool>,
    #[serde(default)]
    reason: Option<String>,
}

impl FromRequest for Writing {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = Caller::from_request(request, payload).into_inner();
        ready(caller.and_then(|caller| {
            let query = query::members(request.query_string())?;
            Ok(Self::of(caller, request, query)?)
        }))
    }
}

/// The conditions of a write that may look like a record that is there.
#[derive(Clone, Debug)]
pub struct Wary {
    /// The conditions of every write.
    pub writing: Writing,
    /// What is to be done then.
    pub on_duplicate: OnDuplicate,
}

impl FromRequest for Wary {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = Caller::from_request(request, payload).into_inner();
        ready(caller.and_then(|caller| Self::of(caller, request).map_err(Problem::from)))
    }
}

impl Wary {
    fn of(caller: Caller, request: &HttpRequest) -> Result<Self, Request> {
        let mut query = query::members(request.query_string())?;
        let asked = query.remove("on_duplicate");
        let on_duplicate = match asked.as_ref().map(Value::as_str) {
            None | Some(Some("warn")) => OnDuplicate::Warn,
            Some(Some("refuse")) => OnDuplicate::Refuse,
            Some(_) => {
                return Err(Request::BadQuery {
                    parameter: Some("on_duplicate".to_owned()),
                    error: Some(ValueError::Format {
                        expected: "warn | refuse".to_owned(),
                    }),
                });
            }
        };
        let writing = Writing::of(caller, request, query)?;
        Ok(Self {
            writing,
            on_duplicate,
        })
    }
}

impl Writing {
    fn of(
        caller: Caller,
        request: &HttpRequest,
        query: Map<String, Value>,
    ) -> Result<Self, Request> {
        let headers = request.headers();
        let query: WritingQuery = query::read(query)?;
        let key = key_of(request)?;
        Ok(Self {
            caller,
            request_id: guard::request_id(request),
            language: guard::language(request),
            if_match: text(headers, &header::IF_MATCH, "If-Match")?
                .map(|tags| if_match(&tags))
                .transpose()?,
            idempotency_key: key.filter(|_| request.method() == Method::POST),
            dry_run: query.dry_run.unwrap_or(false),
            reason: query.reason.as_deref().map(reason).transpose()?,
            target: format!("{} {}", request.method(), request.uri()),
        })
    }

    /// The key by which this request may come again, with a digest of everything it asks.
    #[must_use]
    pub fn retried(&self, body: &[u8], status: u16) -> Option<persistence::Retried> {
        let key = self.idempotency_key.clone()?;
        let mut asked = Sha256::new();
        for part in [
            self.target.as_bytes(),
            &[0],
            format!("{:?}", self.if_match).as_bytes(),
            &[0],
            body,
        ] {
            asked.update(part);
        }
        Some(persistence::Retried {
            caller: self.caller.id,
            key,
            request: asked.finalize().to_vec(),
            status,
        })
    }

    /// A permit to change a record: allowed, and of the version that the caller knows.
    ///
    /// In that order, so that one who may not change it learns nothing of its version.
    pub fn authorise<R: Resource>(
        &self,
        actor: &Actor,
        action: Action,
        Present {
            record,
            within,
            joined,
        }: &Present<R>,
        today: Date,
    ) -> Result<Permit, Problem> {
        let own = record.scope();
        let permit = actor.authorise(action, Target::One { own, within })?;
        let present = record;
        match &self.if_match {
            None => Err(Request::PreconditionRequired.into()),
            Some(IfMatch::Any) => Ok(permit),
            Some(IfMatch::OneOf(versions)) if versions.contains(&present.version()) => Ok(permit),
            Some(IfMatch::OneOf(_)) => {
                let mut document = Document::render(present, today)?;
                document.within.clone_from(within);
                document.joined.clone_from(joined);
                let shown = answer::Shown { actor, day: today };
                let current =
                    serde_json::from_str(&shown.json::<R>(&document, &[])?).unwrap_or_default();
                let problem = Problem::from(Request::PreconditionFailed {
                    version: present.version(),
                    current,
                });
                Ok(Err(
                    problem.with_header(header::ETAG, shown.etag(&document, ""))
                )?)
            }
        }
    }
}

/// A record found for a change.
pub struct Present<R> {
    /// As it is now.
    pub record: R,
    /// The scopes within which it may be changed beside its own, where it matters to the actor.
    pub within: Vec<Reached>,
    /// What is answered beside the stored bytes.
    pub joined: Joined,
}

/// A record that the actor may see, found for a change and kept from others until the transaction
/// ends; otherwise gone, or never there.
pub fn found<R: Resource>(
    tx: &mut Tx,
    actor: &Actor,
    for_change: impl FnOnce(&mut Tx, Id<R>) -> Result<Option<R>, Fault>,
    id: Id<R>,
) -> Result<Present<R>, Problem> {
    let visible = actor.visibility(R::READ)?;
    let Some(record) = for_change(tx, id)? else {
        return Err(answer::absent(tx, visible, R::TYPE, id.uuid())?);
    };
    let reach = if actor.is_narrow() {
        folds::reach(tx, &record)?
    } else {
        Reach::default()
    };
    if !visible.covers(record.scope(), &reach.known) {
        return Err(Request::NotFound.into());
    }
    let mut document = Document::render(&record, tx.today())?;
    joined::fill(tx, [&mut document].into_iter())?;
    Ok(Present {
        record,
        within: reach.changed,
        joined: document.joined,
    })
}

/// The longest value of a header that is read here.
const LONGEST: usize = 255;

/// A header, of which a request may have one.
fn text(
    headers: &HeaderMap,
    name: impl header::AsHeaderName,
    told: &'static str,
) -> Result<Option<String>, Request> {
    let mut given = headers.get_all(name);
    let (first, second) = (given.next(), given.next());
    match (first.map(|value| value.to_str()), second) {
        (None, _) => Ok(None),
        (Some(Ok(text)), None) if text.len() <= LONGEST => Ok(Some(text.to_owned())),
        _ => Err(Request::BadHeader { header: told }),
    }
}

/// Tags separated by commas, or `*`. A tag that is none of ours is the tag of no version.
fn if_match(tags: &str) -> Result<IfMatch, Request> {
    if tags.trim() == "*" {
        return Ok(IfMatch::Any);
    }
    let version = |opaque: &str| {
        let number = opaque.split_once('-').map_or(opaque, |(number, _)| number);
        number.parse().ok().map(Version::new)
    };
    let opaque = entity_tags(tags, "If-Match")?;
    let versions = opaque.into_iter().filter_map(version);
    Ok(IfMatch::OneOf(versions.collect()))
}

/// The states that a reader already has. What names none is refused also where it is not looked at,
/// as on another day.
fn if_none_match(headers: &HeaderMap) -> Result<Option<String>, Request> {
    let given = text(headers, &header::IF_NONE_MATCH, "If-None-Match")?;
    if let Some(tags) = given.as_deref().filter(|tags| tags.trim() != "*") {
        entity_tags(tags, "If-None-Match")?;
    }
    Ok(given)
}

/// What stands between the quotes of tags separated by commas.
fn entity_tags<'a>(tags: &'a str, header: &'static str) -> Result<Vec<&'a str>, Request> {
    tags.split(',')
        .map(|tag| entity_tag(tag).ok_or(Request::BadHeader { header }))
        .collect()
}

/// What stands between the quotes of a tag, if it is one (RFC 9110, 8.8.3).
fn entity_tag(tag: &str) -> Option<&str> {
    let tag = tag.trim();
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    let opaque = tag.strip_prefix('"')?.strip_suffix('"')?;
    let fits = |byte: u8| byte.is_ascii_graphic() && byte != b'"';
    opaque.bytes().all(fits).then_some(opaque)
}

/// Why something is done: a text of one line or several, 500 characters at most.
fn reason(given: &str) -> Result<String, Request> {
    const MOST: usize = 500;
    let refuse = |error| Request::BadQuery {
        parameter: Some("reason".to_owned()),
        error: Some(error),
    };
    if given.chars().count() > MOST {
        return Err(refuse(ValueError::TooLong { max: MOST }));
    }
    Text::parse(given)
        .map(|text| text.as_str().to_owned())
        .map_err(refuse)
}

/// The key by which a request may come again.
pub fn key_of(request: &HttpRequest) -> Result<Option<String>, Request> {
    let key = text(request.headers(), "idempotency-key", "Idempotency-Key")?;
    key.as_deref().map(idempotency_key).transpose()
}

/// 1 to 255 visible characters, bare or quoted as a structured field.
fn idempotency_key(given: &str) -> Result<String, Request> {
    let key = given.trim().trim_matches('"');
    let fits = (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if fits {
        Ok(key.to_owned())
    } else {
        Err(Request::BadHeader {
            header: "Idempotency-Key",
        })
    }
}
