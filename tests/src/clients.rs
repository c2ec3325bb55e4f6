//! Clients: scripts that an administrator gives access to.

use domain::access::Role;

use crate::story::people::client_of;
use crate::story::{Answer, App, Given, json, story};

fn ask_token(app: &App, client: &Given, secret: &str) -> Answer {
    app.nobody().ask_token(&client.id, secret, None)
}

/// A client and its secret.
fn created(app: &App, more: crate::story::Value) -> (Given, String) {
    let grants = json!([{ "role": "coordinator", "scope": { "kind": "everything" } }]);
    let fields =
        crate::story::given::with(json!({ "name": "Synchronisation", "grants": grants }), more);
    let answer = app.administrator().post("/v1/clients", &fields);
    let secret = answer.is(201).json()["client_secret"]
        .as_str()
        .unwrap()
        .to_owned();
    (client_of(&answer), secret)
}

story! {
    fn an_administrator_gives_a_script_its_access(app) {
        let (client, secret) = created(app, json!({}));

        let token = ask_token(app, &client, &secret);

        let token = token.is(200).json()["access_token"].as_str().unwrap().to_owned();
        app.bearing(&token).post("/v1/organisations", &crate::story::association("Réseda")).is(201);
        let read = app.administrator().get(&client.path);
        assert_eq!(read.is(200).json().get("client_secret"), None);
        assert_eq!(read.json()["token_scopes"], json!(["read", "write", "administer"]));
        assert_eq!(read.json()["last_used_at"], "2026-11-22T11:30:00Z");
    }
}

story! {
    fn a_repeated_request_for_a_client_shows_no_secret(app) {
        let ask = || app.administrator().ask("POST", "/v1/clients").key("k").json(&json!({ "name": "Synchronisation" })).send();

        let first = ask();
        let again = ask();

        assert!(again.is(201).is_replayed());
        assert!(first.json().get("client_secret").is_some());
        assert_eq!((again.json().get("client_secret"), &again.json()["id"]), (None, &first.json()["id"]));
    }
}

story! {
    fn a_token_is_never_for_more_than_its_client_may_be(app) {
        let (client, secret) = created(app, json!({ "token_scopes": ["read"] }));

        let all = app.nobody().ask_token(&client.id, &secret, None);
        let some = app.nobody().ask_token(&client.id, &secret, Some("read write"));
        let none = app.nobody().ask_token(&client.id, &secret, Some("write"));

        assert_eq!((&all.is(200).json()["scope"], &some.is(200).json()["scope"]), (&json!("read"), &json!("read")));
        assert_eq!(none.is_problem(400, "access.bad_grant")["error"], "invalid_scope");
    }
}

story! {
    fn a_client_is_narrowed_from_the_next_request_on(app) {
        let (client, secret) = created(app, json!({}));
        let token = ask_token(app, &client, &secret).json()["access_token"].as_str().unwrap().to_owned();
        let script = app.bearing(&token);
        script.post("/v1/organisations", &crate::story::association("Réseda")).is(201);

        let changed = app.administrator().patch(&client.path, &client.etag, &json!({ "token_scopes": ["read"], "name": "Lecture" }));

        assert_eq!(changed.is(200).json()["name"], "Lecture");
        script.post("/v1/organisations", &crate::story::association("Réseda")).is_problem(403, "access.token_scope");
        script.get("/v1/organisations").is(200);
    }
}

story! {
    fn a_client_is_served_until_it_expires(app) {
        let (client, secret) = created(app, json!({ "expires_at": "2026-11-22T11:31:00Z" }));
        let token = ask_token(app, &client, &secret).is(200).json()["access_token"].as_str().unwrap().to_owned();

        app.advance(60);

        app.bearing(&token).get("/v1/organisations").is_problem(401, "access.revoked");
        ask_token(app, &client, &secret).is_problem(401, "access.bad_client");
        let prolonged = app.administrator().patch(&client.path, &client.etag, &json!({ "expires_at": null }));
        prolonged.is(200);
        ask_token(app, &client, &secret).is(200);
    }
}

story! {
    fn a_new_secret_replaces_the_old_one_at_once_or_in_a_week_at_most(app) {
        let (client, first) = created(app, json!({}));
        let rotate = |until: Option<&str>| {
            let body = until.map_or_else(|| json!({}), |until| json!({ "old_good_until": until }));
            app.administrator().ask("POST", &format!("{}/rotate", client.path)).if_match("*").json(&body).send()
        };
        let secret = |answer: Answer| answer.is(200).json()["client_secret"].as_str().unwrap().to_owned();

        let second = secret(rotate(Some("2026-11-22T11:40:00Z")));
        for good in [&first, &second] {
            ask_token(app, &client, good).is(200);
        }
        app.advance(600);
        ask_token(app, &client, &first).is_problem(401, "access.bad_client");
        let third = secret(rotate(None));

        ask_token(app, &client, &second).is_problem(401, "access.bad_client");
        ask_token(app, &client, &third).is(200);
        for refused in [rotate(Some("2026-11-29T11:40:01Z")), rotate(Some("2026-11-22T11:39:59Z"))] {
            let told = refused.is_problem(422, "clients.old_secret");
            assert_eq!(told["latest"], "2026-11-29T11:40:00Z");
        }
    }
}

story! {
    fn either_of_two_secrets_costs_one_comparison(app) {
        let (client, first) = created(app, json!({}));
        let body = json!({ "old_good_until": "2026-11-23T00:00:00Z" });
        let rotated = app.administrator().ask("POST", &format!("{}/rotate", client.path)).if_match("*").json(&body).send();
        let second = rotated.is(200).json()["client_secret"].as_str().unwrap().to_owned();

        let mut compared = vec![app.secrets_compared()];
        for secret in [first.as_str(), second.as_str(), "wrong"] {
            ask_token(app, &client, secret);
            compared.push(app.secrets_compared());
        }

        assert!(compared.windows(2).all(|pair| pair[1] - pair[0] == 1), "{compared:?}");
    }
}

story! {
    fn a_revoked_client_is_refused_by_every_process_for_good(app) {
        let (client, secret) = created(app, json!({}));
        let token = ask_token(app, &client, &secret).json()["access_token"].as_str().unwrap().to_owned();
        let other = app.beside(crate::story::Options::default());
        other.bearing(&token).get("/v1/organisations").is(200);

        let revoked = app.administrator().ask("POST", &format!("{}/revoke", client.path)).if_match(&client.etag).send();

        assert_eq!(revoked.is(200).json()["revoked_at"], "2026-11-22T11:30:00Z");
        other.bearing(&token).get("/v1/organisations").is_problem(401, "access.revoked");
        ask_token(app, &client, &secret).is_problem(401, "access.bad_client");
        for path in ["/revoke", "/rotate"] {
            app.administrator().ask("POST", &format!("{}{path}", client.path)).if_match("*").json(&json!({})).send()
                .is_problem(409, "clients.revoked");
        }
        let ids = app.administrator().get("/v1/clients?revoked=true").is(200).ids();
        assert_eq!(ids, [client.id.as_str()]);
    }
}

story! {
    fn clients_are_listed_with_their_last_use_to_the_hour(app) {
        let (client, secret) = created(app, json!({}));
        let by = || app.bearing(&app.token(crate::story::database::client_of(Role::Administrator), None));
        let last = || by().get(&client.path).json()["last_used_at"].clone();
        let before = last();
        ask_token(app, &client, &secret).is(200);
        app.advance(3599);
        ask_token(app, &client, &secret).is(200);
        let within_the_hour = last();
        app.advance(1);
        ask_token(app, &client, &secret).is(200);

        assert_eq!(before, json!(null));
        assert_eq!(within_the_hour, "2026-11-22T11:30:00Z");
        assert_eq!(last(), "2026-11-22T12:30:00Z");
        assert_eq!(by().get("/v1/clients?count=exact").json()["count"], 9);
        let by = by();
        let table = by.ask("GET", "/v1/clients?revoked=false").header("accept", "text/csv").send();
        assert!(table.is(200).text().contains("Synchronisation"), "{table}");
    }
}

story! {
    fn what_is_said_of_a_client_is_checked(app) {
        let post = |body| app.administrator().post("/v1/clients", &body);

        assert_eq!(post(json!({ "name": "", "token_scopes": ["all"] })).pointers(), ["/name", "/token_scopes/0"]);
        assert_eq!(post(json!({ "name": "A", "token_scopes": [] })).pointers(), ["/token_scopes"]);
        let secretary = json!([{ "role": "secretary", "scope": { "kind": "everything" } }]);
        post(json!({ "name": "A", "grants": secretary })).is_problem(409, "grants.not_given_on");
        assert_eq!(app.administrator().get("/v1/clients?count=exact").json()["count"], 8);
        assert_eq!(app.of(Role::Reader).get("/v1/clients").is_problem(403, "access.role")["action"], "read_access");
    }
}
