//! The statements that the program sends to its bases, and how a base would go about them.
//!
//! Every connection of the program's pools is listened to while the stories are told, so that no statement
//! can be forgotten: what is looked at is what was sent.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use diesel::connection::{
    Instrumentation, InstrumentationEvent, SimpleConnection, set_default_instrumentation,
};
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};

use super::{Base, Engine};

/// Where a statement was sent, as connections are told, and its text without the values.
static HEARD: Mutex<BTreeSet<(String, String)>> = Mutex::new(BTreeSet::new());

/// Listens to the connections that are made from now on.
pub fn listen() {
    set_default_instrumentation(listener).unwrap();
}

/// What listens to a connection that a pool makes. Those that stories make for themselves, or that read the
/// whole of a base because they are told to, are made by no pool.
fn listener() -> Option<Box<dyn Instrumentation>> {
    let mut place = String::new();
    let mut known = BTreeSet::new();
    let hear = move |event: InstrumentationEvent<'_>| match event {
        InstrumentationEvent::StartEstablishConnection { url, .. } => url.clone_into(&mut place),
        InstrumentationEvent::StartQuery { query, .. } => {
            let sent = query.to_string();
            let sent = without_values(&sent);
            if known.insert(sent.clone()) {
                let mut heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
                heard.insert((place.clone(), sent));
            }
        }
        _ => {}
    };
    let thread = std::thread::current();
    let pooled = thread
        .name()
        .is_some_and(|name| name.starts_with("r2d2-worker"));
    pooled.then(|| -> Box<dyn Instrumentation> { Box::new(hear) })
}

/// The text of a statement, the same however many values a list in it has.
fn without_values(sent: &str) -> String {
    let text = sent
        .rsplit_once(" -- binds: ")
        .map_or(sent, |(text, _)| text);
    let mut short = text.to_owned();
    while short.contains("IN (?, ?") {
        short = short.replace("IN (?, ?", "IN (?");
    }
    short
}

/// What was sent to bases of an engine so far.
pub fn sent_to(engine: Engine) -> BTreeSet<String> {
    let heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
    let there = heard.iter().filter(|(place, _)| engine == of(place));
    there.map(|(_, sent)| sent.clone()).collect()
}

/// What was sent to one base so far.
pub fn sent_to_base(base: &Base) -> BTreeSet<String> {
    let heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
    let place = match base.engine() {
        Engine::Sqlite => base.path().to_str().unwrap().to_owned(),
        Engine::Postgres => base.url(),
    };
    let there = heard.iter().filter(|(other, _)| *other == place);
    there.map(|(_, sent)| sent.clone()).collect()
}

fn of(place: &str) -> Engine {
    if place.starts_with("postgres") {
        Engine::Postgres
    } else {
        Engine::Sqlite
    }
}

#[derive(QueryableByName)]
struct Detail {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct QueryPlan {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    plan: String,
}

/// How a base would go about a statement, whatever the values.
pub fn plan(base: &Base, statement: &str) -> String {
    let steps: Vec<String> = match base.engine() {
        Engine::Sqlite => {
            let asked = sql_query(format!("EXPLAIN QUERY PLAN {statement}"));
            let steps: Vec<Detail> = asked.load(&mut base.sqlite()).unwrap();
            steps.into_iter().map(|step| step.detail).collect()
        }
        Engine::Postgres => {
            let mut connection = base.postgres();
            let prepared =
                format!("SET plan_cache_mode = force_generic_plan; PREPARE asked AS {statement}");
            connection.batch_execute(&prepared).unwrap();
            let values = (1..).take_while(|value| statement.contains(&format!("${value}")));
            let nothing = vec!["NULL"; values.count()].join(", ");
            let values = if nothing.is_empty() {
                nothing
            } else {
                format!("({nothing})")
            };
            let asked = sql_query(format!("EXPLAIN EXECUTE asked{values}"));
            let steps: Vec<QueryPlan> = asked.load(&mut connection).unwrap();
            steps.into_iter().map(|step| step.plan).collect()
        }
    };
    steps.join("\n")
}
