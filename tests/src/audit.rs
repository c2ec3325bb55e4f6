//! How the audit is read: under every filter from an index, in the order of the answer.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use diesel::connection::{
    Instrumentation, InstrumentationEvent, SimpleConnection, set_default_instrumentation,
};
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use domain::access::{Action, CallerId};
use domain::records::ResourceType;
use jiff::Timestamp;
use persistence::audit::{self, Filter, Place};
use persistence::{Database, Db, Fault, Settings};
use uuid::Uuid;

use crate::story::database::block_on;
use crate::story::{App, Base, Engine, story};

/// As many lines as no other story asks for at one time.
const ASKED: i64 = 137;

/// How many stories listen to what is asked of the bases; none, most of the time.
static LISTENERS: AtomicUsize = AtomicUsize::new(0);
static HEARD: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// What listens to a connection that is made meanwhile.
fn listener() -> Option<Box<dyn Instrumentation>> {
    let listens = || LISTENERS.load(Ordering::Relaxed) > 0;
    let hear = move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event
            && listens()
        {
            let heard = query.to_string();
            if heard.contains(&ASKED.to_string()) {
                HEARD
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(heard);
            }
        }
    };
    listens().then(|| -> Box<dyn Instrumentation> { Box::new(hear) })
}

/// The statement by which lines are read, without its values.
fn statement(app: &App, filter: Filter, before: Option<Place>) -> String {
    set_default_instrumentation(listener).unwrap();
    let settings = Settings {
        readers: 1,
        writers: 1,
        queue: 8,
        patience: Duration::from_secs(5),
    };
    LISTENERS.fetch_add(1, Ordering::Relaxed);
    let database = Database::open(&app.base.location, &settings).unwrap();
    let read = move |db: &mut Db| Ok::<_, Fault>(audit::lines(db, &filter, before, ASKED)?.len());
    block_on(database.read(read)).unwrap();
    LISTENERS.fetch_sub(1, Ordering::Relaxed);
    let quote = match app.engine() {
        Engine::Sqlite => "`audit`",
        Engine::Postgres => "\"audit\"",
    };
    let mut heard = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
    let place = heard
        .iter()
        .position(|heard| heard.contains(&format!("FROM {quote}")))
        .unwrap();
    let heard = heard.remove(place);
    heard.split(" -- binds").next().unwrap().to_owned()
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

/// How the base would go about it, whatever the values.
fn plan(base: &Base, statement: &str) -> String {
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
            let nothing = vec!["NULL"; statement.matches('$').count()].join(", ");
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

/// So many lines, of values so rare, that an index is worth its while; and what the base knows of them.
fn long_audit(base: &Base) {
    base.sql(match base.engine() {
        Engine::Sqlite => {
            "WITH RECURSIVE line(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM line WHERE n < 20000)
             INSERT INTO audit (at, caller, action, type, id, request_id)
                 SELECT 1700000000000000 + n * 60000000, CASE WHEN n % 3 > 0 THEN CAST('c' || n % 50 AS BLOB) END,
                     'a' || n % 200, 't' || n % 100, CAST('i' || n % 5000 AS BLOB), 'r' FROM line;
             ANALYZE"
        }
        Engine::Postgres => {
            "INSERT INTO audit (at, caller, action, type, id, request_id)
                 SELECT timestamptz '2023-01-01' + n * interval '1 minute',
                     CASE WHEN n % 3 > 0 THEN md5('c' || n % 50)::uuid END,
                     'a' || n % 200, 't' || n % 100, md5('i' || n % 5000)::uuid, 'r' FROM generate_series(1, 20000) AS n;
             ANALYZE audit"
        }
    });
}

story! {
    fn every_filter_of_the_audit_is_read_from_an_index_in_the_order_of_the_answer(app) {
        let all = Filter::default;
        let instant = |seconds| Some(Timestamp::from_second(seconds).unwrap());
        let days = || Filter { from: instant(1_700_000_000), before: instant(1_800_000_000), ..all() };
        let of_action = || Filter { action: Some(Action::EndGrant), ..all() };
        let cases = [
            ("audit_at_idx", all()),
            ("audit_at_idx", days()),
            ("audit_id_idx", Filter { id: Some(Uuid::nil()), ..all() }),
            ("audit_caller_idx", Filter { caller: Some(CallerId::PUBLIC), ..all() }),
            ("audit_operator_idx", Filter { by_operator: true, ..all() }),
            ("audit_action_idx", of_action()),
            ("audit_type_idx", Filter { resource_type: Some(ResourceType::Grant), ..all() }),
            ("audit_action_idx", Filter { from: days().from, before: days().before, ..of_action() }),
        ];
        let place = Place { at: Timestamp::from_second(1_700_600_000).unwrap(), line: 10_000 };
        let statements: Vec<(&str, String)> = cases.into_iter()
            .flat_map(|(index, filter)| [None, Some(place)].map(|before| (index, filter.clone(), before)))
            .map(|(index, filter, before)| (index, statement(app, filter, before)))
            .collect();

        long_audit(&app.base);

        for (index, statement) in statements {
            let plan = plan(&app.base, &statement);
            assert!(plan.contains(index), "{index} is not used for {statement}:\n{plan}");
            assert!(!plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{statement} sorts:\n{plan}");
        }
    }
}
