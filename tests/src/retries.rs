//! Requests that come again with the same idempotency key.

use domain::access::Role;

use crate::story::{Answer, App, Client, Options, association, json, story, together};

fn record(client: &Client, key: &str, name: &str) -> Answer {
    client
        .ask("POST", "/v1/organisations")
        .key(key)
        .json(&association(name))
        .send()
}

/// What a client compares of two answers.
fn told(answer: &Answer) -> (u16, String, String, String) {
    let header = |name: &str| answer.header(name).to_owned();
    (
        answer.status,
        header("location"),
        header("etag"),
        answer.text().to_owned(),
    )
}

story! {
    fn the_same_request_with_the_same_key_is_done_once_and_answered_alike(app) {
        let first = record(&app.administrator(), "k", "Réseda");

        let again = record(&app.administrator(), "k", "Réseda");
        let quoted = record(&app.administrator(), "\"k\"", "Réseda");

        first.is(201);
        assert!(!first.is_replayed());
        for again in [again, quoted] {
            assert!(again.is_replayed());
            assert_eq!(told(&again), told(&first));
        }
        assert_eq!(app.everything().len(), 1);
    }
}

/// Twenty connections with one key at once.
fn at_once(clients: &[Client]) -> Vec<Answer> {
    together(20, |number| {
        record(&clients[number % clients.len()].again(), "k", "Réseda")
    })
}

fn one_was_done(app: &App, answers: &[Answer]) {
    let first = answers.iter().find(|answer| !answer.is_replayed()).unwrap();
    first.is(201);
    for answer in answers {
        assert_eq!(told(answer), told(first));
    }
    assert_eq!(
        answers.iter().filter(|answer| answer.is_replayed()).count(),
        19
    );
    assert_eq!(app.everything().len(), 1);
}

story! {
    fn twenty_connections_with_one_key_at_once_record_one_organisation(app) {
        one_was_done(app, &at_once(&[app.administrator()]));
    }
}

story! {
    fn twenty_connections_to_two_servers_with_one_key_at_once_record_one_organisation(app) {
        let beside = app.beside(Options::default());

        one_was_done(app, &at_once(&[app.administrator(), beside.administrator()]));
    }
}

story! {
    fn the_same_key_with_another_request_is_refused(app) {
        let given = app.given_association("Autre");
        record(&app.administrator(), "k", "Réseda").is(201);

        let other_body = record(&app.administrator(), "k", "Réseau");
        let other_address = app.administrator().ask("POST", &format!("{}/end", given.path)).key("k").if_match(&given.etag)
            .json(&json!({ "ends_before": "2026-01-01" })).send();

        other_body.is_problem(422, "request.key_of_other_request");
        other_address.is_problem(422, "request.key_of_other_request");
        assert_eq!(app.everything().len(), 2);
    }
}

story! {
    fn a_key_is_forgotten_after_seven_days(app) {
        let administrator = |app: &App| app.bearing(&app.token(crate::story::database::client_of(Role::Administrator), None));
        let first = record(&administrator(app), "k", "Réseda");
        app.advance_days(7);
        app.set_clock(7 * 24 * 3600 - 1);
        assert!(record(&administrator(app), "k", "Réseda").is_replayed());

        app.advance(1);
        let later = record(&administrator(app), "k", "Réseda");
        let other = record(&administrator(app), "k", "Réseau");

        assert!(!later.is(201).is_replayed());
        assert_ne!(later.json()["id"], first.json()["id"]);
        other.is_problem(422, "request.key_of_other_request");
    }
}

story! {
    fn of_many_who_come_after_seven_days_one_is_done(app) {
        record(&app.administrator(), "k", "Réseda").is(201);
        app.advance_days(8);
        let late = app.bearing(&app.token(crate::story::database::client_of(Role::Administrator), None));

        let answers = at_once(&[late]);

        assert_eq!(answers.iter().filter(|answer| answer.is_replayed()).count(), 19, "{:?}", answers.iter().map(|a| a.status).collect::<Vec<_>>());
        assert_eq!(app.base.count("organisations"), 2);
    }
}

story! {
    fn each_caller_has_keys_of_its_own(app) {
        let (_, other) = app.new_client(Role::Administrator);
        let mine = record(&app.administrator(), "k", "Réseda");

        let theirs = record(&other, "k", "Réseda");

        assert!(!theirs.is(201).is_replayed());
        assert_ne!(theirs.json()["id"], mine.json()["id"]);
    }
}

story! {
    fn a_first_attempt_that_failed_leaves_the_key_free(app) {
        let refused = app.administrator().ask("POST", "/v1/organisations").key("k")
            .json(&json!({ "kind": "association", "names": [{ "name": "Antenne" }],
                "part_of": [{ "whole": "0198f1c2-7a00-7000-8000-0000000000ff", "as": "antenna" }] })).send();
        let malformed = app.administrator().ask("POST", "/v1/organisations").key("k").body("application/json", "{").send();
        let denied = record(&app.reader(), "k", "Réseda");

        refused.is(422);
        malformed.is(400);
        denied.is(403);
        assert!(!record(&app.administrator(), "k", "Réseda").is(201).is_replayed());
    }
}

story! {
    fn a_replay_gives_the_state_that_the_first_left_whatever_came_since(app) {
        let first = record(&app.administrator(), "k", "Réseda");
        app.administrator().patch(first.header("location"), "*", &json!({ "sectors": ["health"] })).is(200);

        let again = record(&app.administrator(), "k", "Réseda");

        assert!(again.is_replayed());
        assert_eq!(told(&again), told(&first));
    }
}

story! {
    fn a_replay_gives_the_state_that_the_first_left_even_when_it_was_deleted_since(app) {
        let first = record(&app.administrator(), "k", "Réseda");
        app.administrator().delete(first.header("location"), "*").is(204);

        let again = record(&app.administrator(), "k", "Réseda");

        assert_eq!(told(&again), told(&first));
        assert_eq!(app.everything().len(), 0);
    }
}

story! {
    fn an_act_with_a_key_is_done_once(app) {
        let given = app.given_association("Réseda");
        let end = || app.administrator().ask("POST", &format!("{}/end", given.path)).key("k").if_match(&given.etag)
            .json(&json!({ "ends_before": "2026-01-01" })).send();

        let (first, again) = (end(), end());

        assert_eq!(told(first.is(200)), told(&again));
        assert!(again.is_replayed());
        assert_eq!(app.fresh(&given).etag, first.etag());
    }
}

story! {
    fn a_replay_tells_its_warnings_again_in_the_language_asked(app) {
        let fields = json!({ "kind": "association", "names": [{ "name": "Réseda" }],
            "identifiers": [{ "system": "finess_et", "value": "300000024" }] });
        let ask = |language: &str| app.administrator().ask("POST", "/v1/organisations").key("k")
            .header("accept-language", language).json(&fields).send().is(201).json()["warnings"][0]["detail"].clone();

        assert!(ask("fr").as_str().unwrap().starts_with("La clé"));
        assert!(ask("en").as_str().unwrap().starts_with("The key"));
    }
}

story! {
    fn nothing_is_replayed_to_one_who_may_no_longer_do_it(app) {
        let (id, client) = app.new_client(Role::Administrator);
        record(&client, "k", "Réseda").is(201);

        app.give_role(id, Role::Reader);
        record(&client, "k", "Réseda").is_problem(403, "access.role");
        app.revoke(id);
        record(&client, "k", "Réseda").is_problem(401, "access.revoked");
    }
}

story! {
    fn nothing_is_replayed_to_a_token_that_was_not_asked_for_it(app) {
        record(&app.administrator(), "k", "Réseda").is(201);
        let narrow = app.token(crate::story::database::client_of(Role::Administrator), Some("read"));

        record(&app.bearing(&narrow), "k", "Réseda").is_problem(403, "access.token_scope");
    }
}

story! {
    fn a_revoked_client_learns_nothing_of_its_keys(app) {
        let (id, client) = app.new_client(Role::Administrator);
        record(&client, "k", "Réseda").is(201);
        app.revoke(id);

        record(&client, "k", "Réseau").is_problem(401, "access.revoked");
    }
}

story! {
    fn another_patch_with_the_key_of_a_first_one_is_not_lost(app) {
        let given = app.given_association("Réseda");
        let patch = |sector: &str| app.administrator().ask("PATCH", &given.path).key("k").if_match(&given.etag)
            .json(&json!({ "sectors": [sector] })).send();
        patch("health").is(200);

        let other = patch("justice");

        assert!(matches!(other.status, 400 | 412 | 422), "{other}");
    }
}

story! {
    fn a_key_that_cannot_be_read_is_refused(app) {
        for key in ["", " ", "\"\"", "two words", &"k".repeat(256)] {
            record(&app.administrator(), key, "Réseda").is_problem(400, "request.bad_header");
        }
        app.administrator().ask("POST", "/v1/organisations").header("idempotency-key", b"cl\xE9").json(&association("A"))
            .send().is_problem(400, "request.bad_header");
        record(&app.administrator(), &"k".repeat(255), "Réseda").is(201);
    }
}

story! {
    fn a_dry_run_takes_no_key(app) {
        app.administrator().ask("POST", "/v1/organisations?dry_run=true").key("k").json(&association("Réseda")).send().is(200);

        assert!(!record(&app.administrator(), "k", "Réseda").is(201).is_replayed());
    }
}
