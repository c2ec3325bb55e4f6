//! What the stories exercised, for the tests in `whole`.

use std::collections::BTreeSet;
use std::sync::{LazyLock, Mutex, PoisonError};

use serde_json::Value;

use super::Engine;

static OPERATIONS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
static CODES: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
static ENDED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::to_value(api::document()).unwrap());

static CATALOGUE: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    api::words::catalogue()
        .iter()
        .map(|told| told.code())
        .collect()
});

/// The published document.
pub fn document() -> &'static Value {
    &DOCUMENT
}

/// The code of every problem there is.
pub fn catalogue() -> &'static BTreeSet<&'static str> {
    &CATALOGUE
}

/// Every operation of the document: method, path and what it says.
pub fn documented() -> impl Iterator<Item = (String, &'static str, &'static Value)> {
    let paths = document()["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, item)| {
        let methods = ["get", "post", "patch", "delete", "put"];
        methods
            .into_iter()
            .filter_map(|method| Some((method.to_uppercase(), path.as_str(), item.get(method)?)))
    })
}

/// Notes that an operation was done with success. The walks over all of them that check rights and look for leaks
/// tell nothing of what each does, so they do not stand for a story.
pub fn operation(method: &str, address: &str) {
    let test = std::thread::current();
    let walks = |name: &str| name.starts_with("permissions::") || name.starts_with("leaks::");
    if test.name().is_some_and(walks) {
        return;
    }
    if let Some((template, _)) = operation_at(method, address) {
        note(&OPERATIONS, format!("{method} {template}"));
    }
}

/// The operation that a method at an address is, with the template of its path: one of that very
/// address goes before one with an id in it.
pub fn operation_at(method: &str, address: &str) -> Option<(&'static str, &'static Value)> {
    let here = documented().map(|(_, template, _)| template);
    let template = here
        .filter(|template| fits(template, address))
        .min_by_key(|template| template.matches('{').count())?;
    let (_, _, operation) =
        documented().find(|(known, other, _)| known == method && *other == template)?;
    Some((template, operation))
}

/// Whether an address is one of a template.
fn fits(template: &str, address: &str) -> bool {
    let steps: Vec<&str> = address.split('?').next().unwrap().split('/').collect();
    let known: Vec<&str> = template.split('/').collect();
    known.len() == steps.len()
        && known
            .iter()
            .zip(&steps)
            .all(|(known, step)| known == step || known.starts_with('{'))
}

/// The media types in which an address succeeds, as the document says; JSON where it says nothing.
pub fn answers_in(address: &str) -> impl Iterator<Item = &'static str> {
    let here = documented().filter(move |(_, template, _)| fits(template, address));
    let answers = here.flat_map(|(_, _, operation)| operation["responses"].as_object().unwrap());
    let successes = answers.filter(|(status, _)| status.starts_with('2'));
    let types = successes
        .filter_map(|(_, answer)| answer.get("content")?.as_object())
        .flat_map(|content| content.keys().map(String::as_str));
    types.chain(["application/json"])
}

/// Notes that a problem was answered.
pub fn code(code: &str) {
    note(&CODES, code.to_owned());
}

/// The operations done with success so far.
pub fn operations() -> BTreeSet<String> {
    OPERATIONS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

/// The problems answered so far.
pub fn codes() -> BTreeSet<String> {
    CODES.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The tests of stories that ended so far, by name.
pub fn ended() -> BTreeSet<String> {
    ENDED.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn note(set: &Mutex<BTreeSet<String>>, noted: String) {
    set.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(noted);
}

/// A story being told. Dropped when it ends, well or badly.
pub struct Telling(String);

impl Telling {
    /// The story of this module on this engine.
    pub fn of(module: &str, engine: Engine) -> Self {
        let name = module.split_once("::").map_or(module, |(_, name)| name);
        Self(format!("{name}::{}", engine.name()))
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        note(&ENDED, std::mem::take(&mut self.0));
    }
}
