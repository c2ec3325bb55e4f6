//! A stored record into an answer, without parsing it: what depends on the day, on the reader or
//! on what the request asked beside it is joined to the stored bytes.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use domain::access::{Action, Actor, Target, Visibility};
use domain::records::{ChangeKind, Resource, ResourceType, Warning};
use domain::values::{CodeList, Date};
use persistence::documents::{Present, read_back};
use persistence::{Db, Document, Fault, Joined, folds, history, joined, scopes};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::format::Format;
use super::query::members;
use crate::problem::Problem;
use crate::words::{self, Language, Request};

/// To whom records are shown, and for which day.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// To whom.
    pub actor: &'a Actor,
    /// For which day.
    pub day: Date,
}

impl Shown<'_> {
    /// The record as this reader sees it on this day. `beside` are more members, as JSON.
    pub fn json<R: Resource>(
        &self,
        document: &Document,
        beside: &[(&str, &str)],
    ) -> Result<String, Problem> {
        let computed;
        let present = if document.present.holds_on(self.day) {
            &document.present
        } else {
            computed = Present::of(&document.resource::<R>()?, self.day)?;
            &computed
        };
        let body = document.body.strip_suffix('}').unwrap_or(&document.body);
        let room = beside
            .iter()
            .map(|(name, json)| name.len() + json.len() + 8)
            .sum::<usize>();
        let mut json = String::with_capacity(body.len() + present.json.len() + room + 200);
        json.push_str(body);
        let _ = write!(json, ",\"as_of\":\"{}\"", self.day);
        if let Some(members) = present
            .json
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
            .filter(|members| !members.is_empty())
        {
            json.push(',');
            json.push_str(members);
        }
        self.push_acts(&mut json, document);
        for (name, value) in needed(self.actor, &document.joined, document.target()) {
            let _ = write!(json, ",\"{name}\":{value}");
        }
        for (name, value) in beside {
            let _ = write!(json, ",\"{name}\":{value}");
        }
        json.push('}');
        Ok(json)
    }

    /// The acts that both the record's state and the reader's rights allow.
    fn acts<'a>(&'a self, document: &'a Document) -> impl Iterator<Item = Action> + 'a {
        let target = document.target();
        let acts = document.acts.iter().copied();
        acts.filter(move |act| self.actor.may(*act, target))
    }

    fn push_acts(&self, json: &mut String, document: &Document) {
        json.push_str(",\"acts\":[");
        for (index, act) in self.acts(document).enumerate() {
            let comma = if index > 0 { "," } else { "" };
            let _ = write!(json, "{comma}\"{act}\"");
        }
        json.push(']');
    }

    /// A digest of what is shown beside the record itself: the acts, and what is joined to it.
    fn shown_beside(&self, document: &Document) -> String {
        let mut shown = Sha256::new();
        for act in self.acts(document) {
            shown.update(act.code());
        }
        for (name, value) in needed(self.actor, &document.joined, document.target()) {
            shown.update(name);
            shown.update(value);
        }
        let digest = shown.finalize();
        let digest = digest.iter().take(4);
        digest.fold(String::new(), |all, byte| all + &format!("{byte:02x}"))
    }

    /// The tag of this state in this form: the version, then what else makes the bytes.
    #[must_use]
    pub fn etag(&self, document: &Document, form: &str) -> String {
        let beside = self.shown_beside(document);
        format!("\"{}-{}-{beside}{form}\"", document.version, self.day)
    }
}

/// What is joined to a record whenever it is answered, as far as a reader needs it.
fn needed<'a>(
    actor: &'a Actor,
    joined: &'a Joined,
    target: Target<'a>,
) -> impl Iterator<Item = (&'static str, &'a str)> {
    let always = joined.always.iter();
    let always = always.map(|(name, value)| (*name, value.as_str()));
    let by_need = joined.by_need.iter();
    let by_need = by_need.filter(move |(need, ..)| actor.may(*need, target));
    always.chain(by_need.map(|(_, name, value)| (*name, value.as_str())))
}

/// The address of a record.
#[must_use]
pub fn address(resource_type: ResourceType, id: Uuid) -> String {
    format!("/v1/{}/{id}", resource_type.collection())
}

/// Why a record is not there: it was folded into another, it was deleted, or it never was.
///
/// One that was folded leads to the record that stands for it, at the end of every fold, as far as
/// the reader may see that one.
pub fn absent(
    db: &mut Db,
    visible: Visibility,
    resource_type: ResourceType,
    id: Uuid,
) -> Result<Problem, Problem> {
    let way = folds::way(db, resource_type, id)?;
    let sought = way.map_or(id, |way| way.survivor);
    let last = history::last(db, visible, resource_type, sought)?;
    let deleted = |last: &history::Past| last.change == ChangeKind::Deleted;
    Ok(match (last, way) {
        (None, _) => Request::NotFound.into(),
        (Some(last), Some(way)) if !deleted(&last) => {
            Problem::folded(id, way.survivor, way.version)
        }
        _ => Request::Deleted.into(),
    })
}

/// Whether the reader already has the state with this tag.
#[must_use]
pub fn is_known(if_none_match: Option<&str>, etag: &str) -> bool {
    if_none_match.is_some_and(|tags| {
        tags.trim() == "*"
            || tags
                .split(',')
                .any(|tag| tag.trim().trim_start_matches("W/") == etag)
    })
}

/// The answer to a write: the record, its tag, its address when it is new, and its warnings; `odd`
/// are those that depend on other records.
pub fn written<R: Resource>(
    shown: &Shown<'_>,
    document: &Document,
    odd: Vec<Warning>,
    status: StatusCode,
    language: Language,
    replayed: bool,
    dry_run: bool,
) -> Result<HttpResponse, Problem> {
    let resource: R = document.resource()?;
    let warnings = resource.warnings().into_iter().chain(odd);
    let warnings: Vec<_> = warnings.map(|warning| told(&warning, language)).collect();
    let warnings = json!(warnings).to_string();
    let mut answer = json(if dry_run { StatusCode::OK } else { status });
    if dry_run {
        answer.insert_header(("Dry-Run", "true"));
    } else {
        answer.insert_header((header::ETAG, shown.etag(document, "")));
        if status == StatusCode::CREATED {
            answer.insert_header((
                header::LOCATION,
                address(document.resource_type, document.id),
            ));
        }
    }
    if replayed {
        answer.insert_header(("Idempotent-Replayed", "true"));
    }
    answer.insert_header((header::CONTENT_LANGUAGE, language.tag()));
    let mut beside = vec![("warnings", warnings.as_str())];
    // What a trial run shows is never kept, a secret least of all.
    let once = document.joined.once.iter().filter(|_| !dry_run);
    beside.extend(once.map(|(name, json)| (*name, json.as_str())));
    if !document.joined.once.is_empty() {
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
    }
    Ok(answer.body(shown.json::<R>(document, &beside)?))
}

fn told(warning: &Warning, language: Language) -> Map<String, Value> {
    let mut told = words::facts([
        ("pointer", json!(warning.pointer())),
        ("code", json!(warning.code())),
        ("detail", json!(words::tell_warning(warning, language))),
    ]);
    if let Warning::LikelyDuplicate { candidates, .. } = warning {
        told.insert("candidates".to_owned(), json!(candidates));
    }
    if let Warning::AlsoWritten { written, .. } = warning {
        told.insert("written".to_owned(), json!(written));
    }
    told
}

/// More members of each of several records, as JSON, by the record's id.
pub type Beside = HashMap<Uuid, Vec<(&'static str, String)>>;

/// Those of one of the records.
pub(super) fn beside<'a>(beside: &'a Beside, document: &Document) -> Vec<(&'static str, &'a str)> {
    let members = beside.get(&document.id).into_iter().flatten();
    members.map(|(name, json)| (*name, json.as_str())).collect()
}

/// A page of records, with the cursor of the next.
pub fn page<R: Resource>(
    shown: &Shown<'_>,
    documents: &[&Document],
    joined: &Beside,
    next: Option<&str>,
    count: Option<i64>,
) -> Result<String, Problem> {
    let size: usize = documents
        .iter()
        .map(|document| document.body.len() + 300)
        .sum();
    let mut body = String::with_capacity(size);
    body.push_str("{\"items\":[");
    for (index, document) in documents.iter().enumerate() {
        if index > 0 {
            body.push(',');
        }
        body.push_str(&shown.json::<R>(document, &beside(joined, document))?);
    }
    body.push_str("],\"next\":");
    let _ = match next {
        Some(next) => write!(body, "\"{next}\""),
        None => write!(body, "null"),
    };
    if let Some(count) = count {
        let _ = write!(body, ",\"count\":{count}");
    }
    body.push('}');
    Ok(body)
}

/// The `Link` to the same address with another cursor.
#[must_use]
pub fn link_to_next(request: &HttpRequest, cursor: &str) -> (header::HeaderName, String) {
    // Its name may be written in several ways: `%61fter`.
    let is_after = |pair: &&str| members(pair).is_ok_and(|said| said.contains_key("after"));
    let kept = request.query_string().split('&');
    let kept = kept.filter(|pair| !pair.is_empty() && !is_after(pair));
    let pairs: Vec<String> = kept
        .map(str::to_owned)
        .chain([format!("after={cursor}")])
        .collect();
    let link = format!("<{}?{}>; rel=\"next\"", request.path(), pairs.join("&"));
    (header::LINK, link)
}

/// A past state of a record as it was recorded, for a day.
pub fn past<R: Resource>(
    shown: &Shown<'_>,
    id: Uuid,
    past: &history::Past,
) -> Result<Option<String>, Problem> {
    let Some(body) = &past.body else {
        return Ok(None);
    };
    let resource: R = read_back(body, id)?;
    let mut document = Document::render(&resource, shown.day)?;
    document.acts = Vec::new();
    shown.json::<R>(&document, &[]).map(Some)
}

/// Joins to states as they were stored what their bytes do not say: of people, who they are today.
pub fn complete<'a>(
    db: &mut Db,
    actor: &Actor,
    states: impl Iterator<Item = (ResourceType, Uuid, &'a mut String)>,
) -> Result<(), Fault> {
    let people = states.filter(|(of, ..)| *of == ResourceType::Person);
    let people: Vec<(Uuid, &mut String)> = people.map(|(_, id, body)| (id, body)).collect();
    if people.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = people.iter().map(|(id, _)| *id).collect();
    let known = joined::of_people(db, &ids)?;
    let reaching = if actor.is_narrow() {
        scopes::reaching(db, &ids)?
    } else {
        BTreeMap::new()
    };
    for (id, body) in people {
        let Some(joined) = known.get(&id) else {
            continue;
        };
        let within = reaching.get(&id).map_or(&[][..], Vec::as_slice);
        let own = ResourceType::Person.scope(id);
        let members = needed(actor, joined, Target::One { own, within });
        body.pop();
        for (name, value) in members {
            let _ = write!(body, ",\"{name}\":{value}");
        }
        body.push('}');
    }
    Ok(())
}

/// An answer in JSON that only the asker may keep, and must ask about again.
#[must_use]
pub fn json(status: StatusCode) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer.content_type("application/json");
    answer.insert_header((header::CACHE_CONTROL, "private, no-cache"));
    answer.insert_header((header::VARY, "Authorization, Accept, Accept-Language"));
    answer
}

/// Makes of an answer one in this format, that is kept as a file of this name.
pub fn as_file(answer: &mut HttpResponseBuilder, format: Format, name: &str) {
    let file = format!("attachment; filename=\"{name}.{}\"", format.extension());
    answer.content_type(format.content_type());
    answer.insert_header((header::CONTENT_DISPOSITION, file));
}
