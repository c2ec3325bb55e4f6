//! A record on another day, and as it was known at another time.

use crate::story::{App, json, story};

story! {
    fn a_name_changes_on_its_day_and_not_the_day_before(app) {
        let given = app.given(&json!({ "kind": "association", "names": [
            { "name": "Réseau gérontologique", "starts_on": "1999-03-01" },
            { "name": "Réseda", "short_name": "RSD", "starts_on": "2009-09-01" },
        ]}));

        let before = app.reader().get(&format!("{}?as_of=2009-08-31", given.path));
        let on = app.reader().get(&format!("{}?as_of=2009-09-01", given.path));

        let named = |body: crate::story::Value| (body["as_of"].clone(), body["name"].clone(), body["short_name"].clone());
        assert_eq!(named(before.json()), (json!("2009-08-31"), json!("Réseau gérontologique"), json!(null)));
        assert_eq!(named(on.json()), (json!("2009-09-01"), json!("Réseda"), json!("RSD")));
        assert_eq!(before.header("etag"), "");
    }
}

story! {
    fn before_its_first_name_an_organisation_answers_with_that_one(app) {
        let given = app.given(&json!({ "kind": "association", "names": [{ "name": "Réseda", "starts_on": "2009-09-01" }] }));

        assert_eq!(app.reader().get(&format!("{}?as_of=1000-01-01", given.path)).json()["name"], "Réseda");
    }
}

story! {
    fn a_state_depends_on_the_day(app) {
        let given = app.given(&json!({ "kind": "association", "names": [{ "name": "Réseda" }], "constituted_on": "2009-09" }));
        app.ended(&given, "2026-11-01");

        let state = |day: &str| app.reader().get(&format!("{}?as_of={day}", given.path)).json()["state"].clone();

        assert_eq!(state("2009-08-31"), "expected");
        assert_eq!(state("2009-09-01"), "open");
        assert_eq!(state("2026-10-31"), "open");
        assert_eq!(state("2026-11-01"), "ended");
    }
}

story! {
    fn a_name_that_begins_tomorrow_is_borne_tomorrow_without_a_write(app) {
        let given = app.given(&json!({ "kind": "association", "names": [
            { "name": "Aujourd'hui" }, { "name": "Demain", "starts_on": "2026-11-23" },
        ]}));
        assert_eq!(app.reader().get(&given.path).json()["name"], "Aujourd'hui");

        app.advance_days(1);

        let token = app.token(crate::story::database::client_of(domain::access::Role::Reader), None);
        let read = app.bearing(&token).get(&given.path).json();
        assert_eq!((&read["name"], &read["as_of"], &read["version"]), (&json!("Demain"), &json!("2026-11-23"), &json!(1)));
    }
}

story! {
    fn today_is_the_day_in_paris(app) {
        let given = app.given_association("Réseda");
        app.advance(11 * 3600 + 29 * 60);
        let token = app.token(crate::story::database::client_of(domain::access::Role::Reader), None);

        let before = app.bearing(&token).get(&given.path).json();
        app.advance(120);
        let after = app.bearing(&token).get(&given.path).json();

        assert_eq!(before["as_of"], "2026-11-22");
        assert_eq!(after["as_of"], "2026-11-23");
    }
}

story! {
    fn what_was_known_before_a_change_is_still_told(app) {
        let given = app.given_association("Réseda");
        app.advance(60);
        app.administrator().patch(&given.path, &given.etag, &json!({ "sectors": ["health"] })).is(200);

        let known = |at: &str| app.reader().get(&format!("{}?known_at={at}", given.path)).is(200).json();

        assert_eq!(known("2026-11-22T11:30:59Z")["sectors"], json!([]));
        assert_eq!(known("2026-11-22T11:31:00Z")["sectors"], json!(["health"]));
        assert_eq!(known("2026-11-22T12:30:59%2B01:00")["version"], 1);
        assert_eq!(known("2026-11-22T11:31:00Z")["version"], 2);
    }
}

story! {
    fn nothing_was_known_before_it_was_recorded_nor_after_it_was_deleted(app) {
        let given = app.given_association("Réseda");
        app.advance(60);
        app.administrator().delete(&given.path, &given.etag).is(204);

        let known = |at: &str| app.reader().get(&format!("{}?known_at={at}", given.path));

        known("2026-11-22T11:29:59Z").is_problem(404, "request.not_found");
        known("2026-11-22T11:30:30Z").is(200);
        known("2026-11-22T11:31:00Z").is_problem(410, "request.deleted");
    }
}

story! {
    fn what_was_known_is_told_for_the_day_asked(app) {
        let given = app.given_association("Réseda");
        app.advance(60);
        app.ended(&given, "2026-01-01");

        let asked = |at: &str, day: &str| app.reader()
            .get(&format!("{}?known_at={at}&as_of={day}", given.path)).is(200).json()["state"].clone();

        assert_eq!(asked("2026-11-22T11:30:00Z", "2026-06-01"), "open");
        assert_eq!(asked("2026-11-22T11:31:00Z", "2026-06-01"), "ended");
        assert_eq!(asked("2026-11-22T11:31:00Z", "2025-06-01"), "open");
    }
}

story! {
    fn a_past_state_offers_no_act(app) {
        let given = app.given_association("Réseda");

        let known = app.administrator().get(&format!("{}?known_at=2026-11-22T11:30:00Z", given.path));

        assert_eq!(known.json()["acts"], json!([]));
        assert_eq!(known.header("etag"), "");
    }
}

story! {
    fn a_moment_that_cannot_be_read_is_refused(app) {
        let given = app.given_association("Réseda");

        for (query, parameter) in [
            ("as_of=2026-02-30", "as_of"),
            ("as_of=0999-12-31", "as_of"),
            ("as_of=2026-01-01T00:00:00Z", "as_of"),
            ("known_at=2026-01-01", "known_at"),
            ("known_at=yesterday", "known_at"),
        ] {
            let problem = app.reader().get(&format!("{}?{query}", given.path)).is_problem(400, "request.bad_query");
            assert_eq!(problem["parameter"], parameter);
        }
    }
}

story! {
    fn what_is_beside_a_record_is_not_told_of_a_past_state(app) {
        let given = app.given_association("Réseda");

        let answer = app.reader().get(&format!("{}?expand=part_of&known_at=2026-01-01T00:00:00Z", given.path));

        let problem = answer.is_problem(422, "request.not_together");
        assert_eq!((&problem["parameter"], &problem["with"]), (&json!("expand"), &json!("known_at")));
    }
}

story! {
    fn nothing_was_known_ten_thousand_years_ago(app) {
        let given = app.given_association("Réseda");

        let answer = app.reader().get(&format!("{}?known_at=-009998-01-01T00:00:00Z", given.path));

        assert!(matches!(answer.status, 400 | 404), "{answer}");
    }
}
