//! The program as who runs it meets it: clients and accounts by its commands, each a process.

use std::process::{Command, Output};

use crate::imports::large::url;
use crate::story::people::{LoggedIn, PASSWORD, new_address};
use crate::story::program::program;
use crate::story::{App, Value, association, json, story};

/// Runs a command on the base of a story.
fn run(app: &App, arguments: &[&str]) -> Output {
    let mut command = Command::new(program());
    command.args(arguments).env("DATABASE_URL", url(app));
    command.output().unwrap()
}

/// What a command that succeeds prints as JSON.
#[track_caller]
fn told(app: &App, arguments: &[&str]) -> Value {
    let output = run(app, &[arguments, &["--json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The status of a command that fails, and whether it says why.
fn failed(app: &App, arguments: &[&str]) -> (Option<i32>, bool) {
    let output = run(app, arguments);
    assert!(output.stdout.is_empty(), "{output:?}");
    (output.status.code(), !output.stderr.is_empty())
}

fn text<'a>(told: &'a Value, member: &str) -> &'a str {
    told[member].as_str().unwrap()
}

story! {
    fn a_client_made_by_the_program_gets_tokens_until_the_program_withdraws_it(app) {
        let made = told(app, &["client", "create", "--name", "Robot", "--role", "coordinator"]);
        let id = text(&made, "client_id");
        let ask = |told: &Value| app.nobody().ask_token(text(told, "client_id"), text(told, "client_secret"), None);
        let token = ask(&made).is(200).json()["access_token"].as_str().unwrap().to_owned();
        app.bearing(&token).post("/v1/organisations", &association("Réseda")).is(201);

        let rotated = told(app, &["client", "rotate", id]);
        let (old, new) = (ask(&made), ask(&rotated));
        let revoked = told(app, &["client", "revoke", id]);

        old.is_problem(401, "access.bad_client");
        new.is(200);
        assert_eq!(revoked, json!({ "client_id": id, "revoked": true }));
        app.bearing(&token).get("/v1/organisations").is_problem(401, "access.revoked");
        ask(&rotated).is_problem(401, "access.bad_client");
        assert_eq!(failed(app, &["client", "revoke", id]), (Some(1), true));
        assert_eq!(failed(app, &["client", "rotate", id]), (Some(1), true));
        let lines = app.administrator().get(&format!("/v1/audit?by_operator=true&id={id}")).is(200).items();
        let acts: Vec<&str> = lines.iter().map(|line| text(line, "action")).collect();
        assert_eq!(acts, ["revoke_client", "change_client", "create_client"]);
    }
}

story! {
    fn a_client_made_by_the_program_over_one_organisation_sees_that_one(app) {
        let (seen, _) = (app.given_association("Réseda"), app.given_association("Ailleurs"));
        let scope = format!("organisation:{}", seen.id);

        let made = told(app, &["client", "create", "--name", "Robot", "--role", "reader", "--scope", &scope]);

        let token = app.nobody().ask_token(text(&made, "client_id"), text(&made, "client_secret"), None);
        let client = app.bearing(text(&token.is(200).json(), "access_token"));
        assert_eq!(client.get("/v1/organisations").ids(), [seen.id]);
    }
}

story! {
    fn the_program_says_why_it_makes_no_client_and_no_account(app) {
        let client = ["client", "create", "--name", "Robot", "--role"];
        let with = |more: &[&str]| failed(app, &[&client, more].concat());

        assert_eq!(with(&[]), (Some(2), true));
        assert_eq!(with(&["owner"]), (Some(1), true));
        assert_eq!(with(&["secretary"]), (Some(1), true), "a secretary of everything there is none");
        assert_eq!(with(&["reader", "--scope", "organisation"]), (Some(1), true));
        let account = ["account", "create", "--name", "Dominique", "--role", "reader", "--email", "nowhere"];
        assert_eq!(failed(app, &account), (Some(1), true));
        let nobody = uuid::Uuid::now_v7().to_string();
        assert_eq!(failed(app, &["account", "code", &nobody]), (Some(1), true));
        assert_eq!(failed(app, &["client", "revoke", &nobody]), (Some(1), true));
    }
}

story! {
    fn an_account_made_by_the_program_is_opened_by_its_last_code(app) {
        let email = new_address();
        let create = ["account", "create", "--name", "Dominique Exemple", "--email", &email, "--role", "reader"];
        let made = told(app, &create);
        let id = text(&made, "account_id");
        let activate = |told: &Value| app.nobody().post("/v1/auth/activate",
            &json!({ "email": email, "code": text(told, "code"), "password": PASSWORD }));

        let again = told(app, &["account", "code", id]);
        let (first, last) = (activate(&made), activate(&again));

        first.is_problem(401, "access.bad_code");
        let person = LoggedIn::of(app, &last).client;
        let me = person.get("/v1/me").is(200).json();
        assert_eq!((text(&me, "id"), text(&me, "name")), (id, "Dominique Exemple"));
        person.get("/v1/organisations").is(200);
        assert_eq!(failed(app, &create), (Some(1), true), "no two accounts have one address");
    }
}
