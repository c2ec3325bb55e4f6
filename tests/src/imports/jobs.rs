//! Imports as jobs: who sees them, how they are asked again, what others do meanwhile.

use std::time::Duration;

use domain::access::{Role, Scope};

use super::{address, counts};
use crate::story::app::Options;
use crate::story::database::{HOME, client_of};
use crate::story::{App, Engine, Value, association, json, story};

const FILE: &str = "kind,name\nassociation,Réseda\n";

/// A file of so many associations, the same each time.
pub fn associations(count: usize) -> String {
    let row = |number| format!("k{number},association,Association {number:06}\n");
    let rows: String = (0..count).map(row).collect();
    format!("source_key,kind,name\n{rows}")
}

story! {
    fn an_import_is_seen_by_who_asked_and_by_administrators(app) {
        let (_, one) = app.new_client(Role::Coordinator);
        let (_, other) = app.new_client(Role::Coordinator);
        let answer = one.ask("POST", &address("")).body("text/csv", FILE).send();
        let path = answer.is(202).header("location").to_owned();
        one.import_ended(&path);

        assert_eq!(one.get("/v1/imports").ids().len(), 1);
        assert_eq!(app.administrator().get(&path).is(200).json()["state"], "done");
        assert_eq!(other.get("/v1/imports").ids().len(), 0);
        for part in ["", "/report", "/refused"] {
            other.get(&format!("{path}{part}")).is_problem(404, "request.not_found");
        }
        let (_, narrow) = app.new_client_on(Role::Coordinator, Scope::Organisation(HOME));
        narrow.ask("POST", &address("")).body("text/csv", FILE).send().is_problem(403, "access.scope");
    }
}

story! {
    fn imports_are_listed_page_after_page_the_last_first(app) {
        let jobs: Vec<String> = (0..3).map(|_| app.given_import().id).collect();

        let listed = app.administrator().all_pages("/v1/imports?limit=2&state=done");

        let ids: Vec<&str> = listed.iter().map(|job| job["id"].as_str().unwrap()).collect();
        assert_eq!(ids, [&jobs[2], &jobs[1], &jobs[0]]);
        app.administrator().get("/v1/imports?after=nonsense").is_problem(400, "request.bad_cursor");
        app.administrator().get("/v1/imports/nonsense").is_problem(404, "request.not_found");
    }
}

story! {
    fn a_report_is_read_page_after_page(app) {
        let file = format!("kind,name\n{}", "association,\n".repeat(5));
        let job = app.administrator().import("mode=partial", file);
        let path = format!("/v1/imports/{}/report?limit=2", job["id"].as_str().unwrap());

        let lines = app.administrator().all_pages(&path);

        let places: Vec<i64> = lines.iter().map(|line| line["line"].as_i64().unwrap()).collect();
        assert_eq!(places, [2, 3, 4, 5, 6]);
        assert_eq!((lines[0]["code"].as_str(), lines[0]["detail"].as_str()), (Some("required"), Some("Requis.")));
    }
}

story! {
    fn the_same_request_again_is_answered_with_the_first_import(app) {
        let ask = |file: &str| app.administrator().ask("POST", &address("mode=partial")).key("k1").body("text/csv", file).send();

        let first = ask(FILE);
        let again = ask(FILE);

        assert!(!first.is_replayed() && again.is(202).is_replayed());
        assert_eq!(first.header("location"), again.header("location"));
        ask("kind,name\ngip,Other\n").is_problem(422, "request.key_of_other_request");
        app.administrator().import_ended(first.header("location"));
        assert_eq!(app.base.count("imports"), 1);
    }
}

story! {
    fn the_key_of_an_import_stands_for_it_seven_days(app) {
        let ask = |app: &App, file: &str| {
            let by = app.bearing(&app.token(client_of(Role::Administrator), None));
            let answer = by.ask("POST", &address("mode=partial")).key("k1").body("text/csv", file).send();
            by.import_ended(answer.is(202).header("location"));
            answer
        };
        let first = ask(app, FILE);
        app.set_clock(7 * 24 * 3600 - 1);
        assert!(ask(app, FILE).is_replayed());

        app.advance(1);
        let later = ask(app, "kind,name\ngip,Autre\n");
        let again = ask(app, "kind,name\ngip,Autre\n");

        assert!(!later.is_replayed() && again.is_replayed());
        assert_ne!(first.header("location"), later.header("location"));
        assert_eq!(later.header("location"), again.header("location"));
    }
}

story! {
    fn what_is_no_csv_or_too_large_is_refused_at_once(app, Options {
        limits: api::app::Limits { import_bytes: 2_000, ..api::app::Limits::default() },
        ..Options::default()
    }) {
        let by = app.administrator();
        let ask = |query: &str, kind: &str, file: String| by.ask("POST", query).body(kind, file).send();

        ask(&address(""), "application/json", "{}".to_owned()).is_problem(415, "request.unsupported_media_type");
        ask(&address(""), "text/csv", associations(500)).is_problem(413, "request.too_large");
        ask("/v1/imports", "text/csv", FILE.to_owned()).is_problem(400, "request.bad_query");
        ask("/v1/imports?type=people", "text/csv", FILE.to_owned()).is_problem(400, "request.bad_query");
        ask(&address("mode=some"), "text/csv", FILE.to_owned()).is_problem(400, "request.bad_query");
        ask(&address(""), "text/csv; charset=windows-1252", FILE.to_owned()).is(202);
    }
}

story! {
    fn while_a_file_is_imported_as_one_others_are_told_how_long_and_readers_are_served(app) {
        let by = app.administrator();
        let (_, person) = app.active(Role::Reader);
        let path = by.ask("POST", &address("source=s")).body("text/csv", associations(12_000)).send().header("location").to_owned();
        while by.get(&path).json()["progress"]["rows"].as_u64() < Some(500) {
            std::thread::sleep(Duration::from_millis(5));
        }

        let refused = by.post("/v1/organisations", &association("Meanwhile"));
        let refreshed = app.refresh(&person.refresh_token, None);
        let read = app.reader().get("/v1/organisations?count=exact").is(200).json()["count"].clone();

        let problem = refused.is_problem(503, "imports.running");
        let seconds = problem["retry_after_seconds"].as_u64().unwrap();
        assert_eq!(refused.header("retry-after"), seconds.to_string());
        assert!((1..600).contains(&seconds), "{problem}");
        match app.engine() {
            Engine::Sqlite => _ = refreshed.is_problem(503, "imports.running"),
            Engine::Postgres => _ = refreshed.is(200),
        }
        assert_eq!(read, json!(0), "nothing of it is seen before its end");
        assert_eq!(counts(&by.import_ended(&path)), [12_000, 0, 0, 0, 0]);
        by.post("/v1/organisations", &association("Afterwards")).is(201);
    }
}

story! {
    fn while_good_rows_are_kept_some_hundred_at_a_time_others_write_between(app) {
        let by = app.administrator();
        let path = by.ask("POST", &address("source=s&mode=partial")).body("text/csv", associations(6_000)).send().header("location").to_owned();

        let mut written = 0;
        while by.get(&path).json()["state"] != "done" {
            by.post("/v1/organisations", &association(&format!("Meanwhile {written}"))).is(201);
            written += 1;
        }

        assert!(written > 1);
        assert_eq!(by.get("/v1/organisations?count=exact&limit=1").json()["count"], json!(6_000 + written));
    }
}

story! {
    fn what_was_there_before_page_one_is_listed_exactly_once_while_an_import_adds_others(app) {
        for number in 0..60 {
            app.given_association(&format!("Association {:06}", number * 50));
        }
        let by = app.administrator();
        let before: Vec<Value> = by.all_pages("/v1/organisations?limit=200").iter().map(|one| one["id"].clone()).collect();
        for sort in ["id", "name"] {
            let path = by.ask("POST", &address(&format!("source={sort}&mode=partial"))).body("text/csv", associations(2_000)).send().header("location").to_owned();

            let listed = by.all_pages(&format!("/v1/organisations?limit=20&sort={sort}"));

            for id in &before {
                let count = listed.iter().filter(|one| one["id"] == *id).count();
                assert_eq!(count, 1, "{id} by {sort}");
            }
            by.import_ended(&path);
        }
    }
}

story! {
    fn an_import_whose_process_is_gone_has_failed(app) {
        let path = app.given_import().path;
        let gone = "00000000-0000-4000-8000-000000000001";
        let process = match app.engine() {
            Engine::Sqlite => format!("x'{}'", gone.replace('-', "")),
            Engine::Postgres => format!("'{gone}'"),
        };
        app.base.sql(&format!("UPDATE imports SET state = 'running', process = {process}, ended_at = NULL"));

        let job = app.administrator().get(&path).json();

        assert_eq!((job["state"].as_str(), job["reason"]["code"].as_str()), (Some("failed"), Some("interrupted")));
        app.administrator().post("/v1/organisations", &association("Afterwards")).is(201);
    }
}

story! {
    fn another_server_on_the_same_base_sees_an_import_alive_and_tells_how_long(app) {
        let other = app.beside(Options::default());
        let by = app.administrator();
        let path = by.ask("POST", &address("source=s")).body("text/csv", associations(4_000)).send().header("location").to_owned();
        while by.get(&path).json()["progress"]["rows"].as_u64() < Some(500) {
            std::thread::sleep(Duration::from_millis(5));
        }

        let seen = other.administrator().get(&path).json();
        let refused = other.administrator().post("/v1/organisations", &association("Meanwhile"));

        assert_eq!(seen["state"], "running");
        refused.is_problem(503, "imports.running");
        by.import_ended(&path);
    }
}

story! {
    fn the_values_of_a_report_are_forgotten_after_thirty_days(app) {
        let path = app.given_import().path;
        let tidy = |app: &App| crate::story::database::block_on(api::imports::resource::forget(&app.database, app.now())).unwrap();
        app.advance_days(29);
        let early = tidy(app);
        app.advance_days(2);

        let late = tidy(app);

        assert_eq!((early, late), (0, 1));
        assert_eq!(app.base.count("import_rows"), 0);
        let by = app.bearing(&app.token(client_of(Role::Administrator), None));
        assert_eq!(by.get(&format!("{path}/report")).items().len(), 0);
        let job = by.get(&path).json();
        assert_eq!((job["forgotten"].as_bool(), counts(&job)[3]), (Some(true), 1));
    }
}
