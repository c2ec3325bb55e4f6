//! How the audit is read: under every filter from an index, in the order of the answer.

use domain::access::{Action, CallerId};
use domain::records::ResourceType;
use jiff::Timestamp;
use persistence::audit::{self, Filter, Place};
use persistence::{Db, Fault};
use uuid::Uuid;

use crate::story::database::block_on;
use crate::story::statements::{plan, sent_to_base};
use crate::story::{App, Base, Engine, story};

/// The statement by which lines are read, without its values.
fn statement(app: &App, filter: Filter, before: Option<Place>) -> String {
    let quoted = match app.engine() {
        Engine::Sqlite => "FROM `audit`",
        Engine::Postgres => "FROM \"audit\"",
    };
    let earlier = sent_to_base(&app.base);
    let read = move |db: &mut Db| Ok::<_, Fault>(audit::lines(db, &filter, before, 50)?.len());
    block_on(app.database.read(read)).unwrap();
    let sent = sent_to_base(&app.base);
    let mut new = sent.difference(&earlier);
    new.find(|sent| sent.contains(quoted)).unwrap().clone()
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
