//! Every operation of the document, asked by nobody, by each role, and by one who was revoked.

use domain::access::{RIGHTS, Role, TokenScope};
use domain::values::CodeList;

use crate::story::client::Asking;
use crate::story::{App, Client, Given, Value, association, exercised, json, story};

/// The scope that an operation asks of a token; nothing when anybody may.
fn needed(operation: &Value) -> Option<Vec<TokenScope>> {
    let needs = operation["security"].as_array().unwrap();
    let bearer = needs.iter().find_map(|need| need.get("bearer"))?;
    let scopes = bearer.as_array().unwrap().iter();
    Some(
        scopes
            .map(|scope| scope.as_str().unwrap().parse().unwrap())
            .collect(),
    )
}

/// Whether a role has any right of this scope.
fn holds(role: Role, scope: TokenScope) -> bool {
    RIGHTS.iter().any(|(holder, actions)| {
        *holder == role && actions.iter().any(|action| action.token_scope() == scope)
    })
}

/// A record on which the operation can be done.
fn ready_for(app: &App, template: &str) -> Given {
    if template.starts_with("/v1/territories/") {
        return app.given_commune("30007", "Alès");
    }
    let given = app.given_association("Réseau gérontologique");
    if template.ends_with("/reopen") {
        app.ended(&given, "2026-01-01")
    } else {
        given
    }
}

/// The operation as one who may would ask for it.
fn asking<'a>(by: &'a Client, method: &str, template: &str, on: &Given) -> Asking<'a> {
    let path = template.replace("{id}", &on.id).replace("{list}", "roles");
    let asking = by.ask(method, &path);
    let asking = if template.contains("{id}") && method != "GET" {
        asking.if_match(&on.etag)
    } else {
        asking
    };
    match (method, template) {
        ("POST", "/v1/auth/token") => {
            let (secret, _) = crate::story::database::secret();
            let id = crate::story::database::client_of(Role::Reader);
            asking.form(&format!(
                "grant_type=client_credentials&client_id={id}&client_secret={secret}"
            ))
        }
        ("POST", "/v1/organisations") => asking.json(&association("Réseda")),
        ("PATCH", _) => asking.json(&json!({ "sectors": ["health"] })),
        ("POST", template) if template.ends_with("/end") => {
            asking.json(&json!({ "ends_before": "2027-01-01" }))
        }
        _ => asking,
    }
}

story! {
    fn nobody_is_served_what_needs_a_token(app) {
        for (method, template, operation) in exercised::documented() {
            let on = ready_for(app, template);

            let answer = asking(&app.nobody(), &method, template, &on).send();

            match needed(operation) {
                Some(_) => { answer.is_problem(401, "access.no_token"); }
                None => assert!(answer.status < 300, "{answer}"),
            }
        }
    }
}

story! {
    fn each_role_does_what_the_matrix_says_and_nothing_else(app) {
        for role in Role::ALL {
            for (method, template, operation) in exercised::documented() {
                let on = ready_for(app, template);
                let by = app.of(*role);
                let by = if template == "/v1/auth/token" { app.nobody() } else { by };

                let answer = asking(&by, &method, template, &on).send();

                match needed(operation) {
                    Some(scopes) if scopes.iter().any(|scope| !holds(*role, *scope)) => { answer.is_problem(403, "access.role"); }
                    _ => assert!(answer.status < 300, "{role}: {answer}"),
                }
            }
        }
    }
}

story! {
    fn a_revoked_client_is_served_nothing_that_needs_a_token(app) {
        let (id, revoked) = app.new_client(Role::Administrator);
        app.revoke(id);

        for (method, template, operation) in exercised::documented() {
            let Some(_) = needed(operation) else { continue };
            let on = ready_for(app, template);

            let answer = asking(&revoked, &method, template, &on).send();

            answer.is_problem(401, "access.revoked");
        }
    }
}

story! {
    fn a_token_does_only_what_it_was_asked_for(app) {
        for scope in TokenScope::ALL {
            let id = crate::story::database::client_of(Role::Administrator);
            let narrow = app.bearing(&app.token(id, Some(scope.code())));

            for (method, template, operation) in exercised::documented() {
                let Some(asked) = needed(operation) else { continue };
                let on = ready_for(app, template);

                let answer = asking(&narrow, &method, template, &on).send();

                if asked != [*scope] {
                    answer.is_problem(403, "access.token_scope");
                }
            }
        }
    }
}

story! {
    fn a_token_suffices_with_the_scope_that_the_document_names(app) {
        for (method, template, operation) in exercised::documented() {
            let Some(scopes) = needed(operation) else { continue };
            let scopes = scopes.iter().map(|scope| scope.code()).collect::<Vec<_>>().join(" ");
            let token = app.token(crate::story::database::client_of(Role::Administrator), Some(&scopes));
            let on = ready_for(app, template);

            let answer = asking(&app.bearing(&token), &method, template, &on).send();

            assert!(answer.status < 300, "{scopes}: {answer}");
        }
    }
}

story! {
    fn the_acts_of_a_record_are_those_its_reader_may_do(app) {
        let given = app.given_association("Réseau gérontologique");

        let kept = app.administrator().get(&given.path).json();
        let read = app.reader().get(&given.path).json();
        let narrow = app.token(crate::story::database::client_of(Role::Administrator), Some("read"));
        let narrowed = app.bearing(&narrow).get(&given.path).json();

        assert_eq!(kept["acts"], json!(["change_organisation", "end_organisation", "delete_organisation"]));
        assert_eq!(read["acts"], json!([]));
        assert_eq!(narrowed["acts"], json!([]));
    }
}

story! {
    fn one_who_may_not_change_learns_nothing_of_the_version(app) {
        let given = app.given_association("Réseda");

        let without = app.reader().ask("PATCH", &given.path).json(&json!({})).send();
        let stale = app.reader().patch(&given.path, "\"7\"", &json!({}));

        without.is_problem(403, "access.role");
        stale.is_problem(403, "access.role");
    }
}
