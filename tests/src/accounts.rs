//! Accounts: given by an administrator with a one-time code, used by a person.

use domain::access::Role;

use crate::story::people::{PASSWORD, account_of, new_address, person};
use crate::story::{App, Engine, json, story, together};

story! {
    fn an_administrator_gives_a_person_an_account_and_a_code(app) {
        let body = person("Dominique Exemple", "Dominique@Example.ORG", Role::Coordinator);

        let answer = app.administrator().post("/v1/accounts", &body);

        let told = answer.is(201).json();
        assert_eq!((&told["state"], &told["name"], &told["email"]),
            (&json!("invited"), &json!("Dominique Exemple"), &json!("Dominique@example.org")));
        assert_eq!(told["code"].as_str().unwrap().len(), 34);
        assert_eq!(told["code_expires_at"], "2026-11-29T11:30:00Z");
        assert_eq!(answer.header("cache-control"), "no-store");
        let read = app.administrator().get(answer.header("location"));
        assert_eq!(read.is(200).json().get("code"), None);
        assert_eq!(read.etag(), answer.etag());
    }
}

story! {
    fn a_person_sets_a_password_with_the_code_and_is_logged_in(app) {
        let invited = app.invited("Dominique Exemple", Role::Coordinator);

        let answer = app.activate(&invited, PASSWORD);

        let told = answer.is(200).json();
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(told["scope"], "read write administer");
        app.bearing(told["access_token"].as_str().unwrap()).post("/v1/organisations", &crate::story::association("Réseda")).is(201);
        assert_eq!(app.administrator().get(&invited.account.path).json()["state"], "active");
        app.log_in(&invited.email, PASSWORD).is(200);
        app.log_in(&invited.email.to_uppercase(), PASSWORD).is(200);
    }
}

story! {
    fn a_code_serves_once_and_for_seven_days(app) {
        let used = app.invited("Dominique Exemple", Role::Reader);
        let late = app.invited("Camille Exemple", Role::Reader);
        app.activate(&used, PASSWORD).is(200);

        app.activate(&used, "quatre loutres sous le pont vieux").is_problem(401, "access.bad_code");
        app.advance_days(7);

        app.activate(&late, PASSWORD).is_problem(401, "access.bad_code");
    }
}

story! {
    fn two_who_use_one_code_at_once_do_not_both_get_in(app) {
        let invited = app.invited("Dominique Exemple", Role::Reader);

        let answers = together(2, |_| app.activate(&invited, PASSWORD).status);

        let mut answers = answers;
        answers.sort_unstable();
        assert_eq!(answers, [200, 401]);
    }
}

story! {
    fn an_unknown_address_and_a_wrong_code_answer_alike(app) {
        let invited = app.invited("Dominique Exemple", Role::Reader);
        let post = |email: &str, code: &str| {
            let given = json!({ "email": email, "code": code, "password": PASSWORD });
            let mut told = app.nobody().post("/v1/auth/activate", &given).is_problem(401, "access.bad_code");
            told["instance"] = json!(null);
            told
        };

        let wrong = post(&invited.email, "0000-0000-0000-0000-0000-0000-0000");
        let unknown = post("nobody@example.org", &invited.code);
        let nonsense = post("no address", "");

        assert_eq!((&wrong, &wrong), (&unknown, &nonsense));
        app.activate(&invited, PASSWORD).is(200);
    }
}

story! {
    fn codes_are_not_tried_for_ever(app) {
        let given = json!({ "email": "nobody@example.org", "code": "0", "password": PASSWORD });

        let refused = (0..1_000).any(|_| app.nobody().post("/v1/auth/activate", &given).status == 429);

        assert!(refused);
    }
}

story! {
    fn a_new_code_voids_the_old_one_and_sets_another_password(app) {
        let (mut person, before) = app.active(Role::Reader);
        let old = person.code.clone();
        let fresh = account_of(&app.administrator().get(&person.account.path));
        let given = app.administrator().ask("POST", &format!("{}/code", fresh.path)).if_match(&fresh.etag).send();
        let given = given.is(200).json();
        person.code = given["code"].as_str().unwrap().to_owned();

        assert_ne!(person.code, old);
        assert_eq!(given["state"], "active");
        before.client.get("/v1/organisations").is(200);
        app.activate(&person, "quatre loutres sous le pont vieux").is(200);

        before.client.get("/v1/organisations").is_problem(401, "access.revoked");
        app.log_in(&person.email, PASSWORD).is_problem(400, "access.bad_password");
        app.log_in(&person.email, "quatre loutres sous le pont vieux").is(200);
    }
}

story! {
    fn an_address_belongs_to_one_account_that_is_not_revoked(app) {
        let invited = app.invited("Dominique Exemple", Role::Reader);
        let same = person("Camille Exemple", &invited.email.to_uppercase(), Role::Reader);
        let other = app.invited("Claude Exemple", Role::Reader);

        let taken = app.administrator().post("/v1/accounts", &same).is_problem(409, "accounts.email_taken");
        let changed = app.administrator().patch(&other.account.path, &other.account.etag, &json!({ "email": invited.email }));
        changed.is_problem(409, "accounts.email_taken");
        app.administrator().ask("POST", &format!("{}/revoke", invited.account.path)).if_match(&invited.account.etag).send().is(200);

        assert_eq!(taken["account"], invited.account.id);
        app.administrator().post("/v1/accounts", &same).is(201);
    }
}

story! {
    fn two_administrators_do_not_give_one_address_twice(app) {
        let body = person("Dominique Exemple", &new_address(), Role::Reader);
        let by = app.administrator();

        let mut answers = together(4, |_| by.again().post("/v1/accounts", &body).status);

        answers.sort_unstable();
        assert_eq!(answers, [201, 409, 409, 409]);
    }
}

story! {
    fn a_person_changes_name_or_address_and_the_tag_tells(app) {
        let (invited, _) = app.active(Role::Reader);
        let present = account_of(&app.administrator().get(&invited.account.path));

        let named = app.administrator().patch(&present.path, &present.etag, &json!({ "name": "Dominique Autre" }));
        let moved = app.administrator().patch(&present.path, &named.etag(), &json!({ "email": "autre@example.org" }));
        let stale = app.administrator().patch(&present.path, &present.etag, &json!({ "name": "Personne" }));

        assert_eq!(named.is(200).json()["name"], "Dominique Autre");
        assert_ne!(named.etag(), present.etag);
        assert_ne!(moved.etag(), named.etag());
        assert_eq!(stale.is_problem(412, "request.precondition_failed")["current"]["email"], "autre@example.org");
        app.log_in("autre@example.org", PASSWORD).is(200);
        app.log_in(&invited.email, PASSWORD).is_problem(400, "access.bad_password");
    }
}

story! {
    fn a_revoked_account_is_refused_at_the_next_request_by_every_process(app) {
        let (invited, logged_in) = app.active(Role::Administrator);
        let other = app.beside(crate::story::Options::default());
        let there = other.bearing(logged_in.client.token.as_ref().unwrap());
        there.get("/v1/organisations").is(200);
        let present = account_of(&app.administrator().get(&invited.account.path));

        let revoked = app.administrator().ask("POST", &format!("{}/revoke", present.path)).if_match(&present.etag).send();

        assert_eq!(revoked.is(200).json()["state"], "revoked");
        assert_eq!(revoked.json()["acts"], json!([]));
        there.get("/v1/organisations").is_problem(401, "access.revoked");
        logged_in.client.get("/v1/organisations").is_problem(401, "access.revoked");
        app.refresh(&logged_in.refresh_token, None).is_problem(400, "access.bad_refresh_token");
        app.log_in(&invited.email, PASSWORD).is_problem(400, "access.bad_password");
        for (method, path) in [("POST", "/code"), ("POST", "/revoke"), ("PATCH", "")] {
            let administrator = app.administrator();
            let again = administrator.ask(method, &format!("{}{path}", present.path)).if_match("*");
            let again = if method == "PATCH" { again.json(&json!({ "name": "Personne" })) } else { again };
            again.send().is_problem(409, "accounts.revoked");
        }
    }
}

story! {
    fn a_repeated_request_for_an_account_shows_no_code(app) {
        let body = person("Dominique Exemple", &new_address(), Role::Reader);
        let ask = || app.administrator().ask("POST", "/v1/accounts").key("k").json(&body).send();

        let first = ask();
        let again = ask();

        assert!(again.is(201).is_replayed());
        assert!(first.json().get("code").is_some());
        assert_eq!(again.json().get("code"), None);
        assert_eq!((&again.json()["id"], &again.json()["email"]), (&first.json()["id"], &first.json()["email"]));
        assert_eq!(app.base.count("accounts"), 1);
    }
}

story! {
    fn a_first_role_over_what_is_not_there_is_refused(app) {
        let scope = json!({ "kind": "organisation", "id": "0198f1c2-7a00-7000-8000-0000000000ff" });
        let grants = json!([{ "role": "reader", "scope": { "kind": "everything" } }, { "role": "reader", "scope": scope }]);
        let body = json!({ "name": "Dominique Exemple", "email": new_address(), "grants": grants });

        let refused = app.administrator().post("/v1/accounts", &body);

        refused.is_problem(422, "grants.bad_values");
        assert_eq!(refused.pointers(), ["/grants/1/scope/id"]);
        assert_eq!(app.base.count("persons"), 0);
    }
}

story! {
    fn a_person_reads_who_it_is(app) {
        let (invited, logged_in) = app.active(Role::Coordinator);

        let me = logged_in.client.get("/v1/me").is(200).json();

        assert_eq!((&me["id"], &me["kind"], &me["name"]), (&json!(invited.account.id), &json!("account"), &json!("Dominique Exemple")));
    }
}

story! {
    fn a_trial_run_shows_no_code_and_keeps_nothing(app) {
        let body = person("Dominique Exemple", &new_address(), Role::Reader);

        let tried = app.administrator().post("/v1/accounts?dry_run=true", &body);

        assert_eq!(tried.is(200).json().get("code"), None);
        assert_eq!((app.base.count("accounts"), app.base.count("persons")), (0, 0));
    }
}

story! {
    fn accounts_are_found_by_name_address_and_state(app) {
        let invited = app.invited("Éléonore Exemple", Role::Reader);
        let (active, _) = app.active(Role::Reader);
        let ids = |query: &str| app.administrator().get(&format!("/v1/accounts?{query}")).is(200).ids();

        assert_eq!(ids("q=eleo"), [invited.account.id.as_str()]);
        assert_eq!(ids(&format!("q={}", active.email)), [active.account.id.as_str()]);
        assert_eq!(ids("state=active"), [active.account.id.as_str()]);
        assert_eq!(app.administrator().get("/v1/accounts?count=exact").json()["count"], 2);
        let table = app.administrator().ask("GET", "/v1/accounts").header("accept", "text/csv").send();
        assert!(table.is(200).text().contains("Éléonore Exemple"), "{table}");
    }
}

story! {
    fn a_weak_password_is_refused_for_its_reason_and_the_code_stays_good(app) {
        let invited = app.invited("Dominique Exemplaire", Role::Reader);
        for (password, reason) in [
            ("court", "too_short"),
            (&"é".repeat(201), "too_long"),
            ("password1234", "common"),
            ("aaaaaaaaaaaaaaaa", "pattern"),
            ("ExemplaireDominique", "personal"),
        ] {
            let refused = app.activate(&invited, password).is_problem(422, "accounts.weak_password");
            assert_eq!(refused["reason"], reason, "{password}");
        }

        app.activate(&invited, PASSWORD).is(200);
    }
}

/// The tables with a row that holds this text, whatever the column.
fn tables_with(app: &App, text: &str) -> Vec<String> {
    let hex: String = text
        .bytes()
        .fold(String::new(), |all, byte| all + &format!("{byte:02x}"));
    let holds = |table: &str| {
        match app.engine() {
        Engine::Postgres => app.base.number(&format!(
            "SELECT count(*) AS n FROM {table} t WHERE t::text ILIKE '%{text}%' OR t::text ILIKE '%{hex}%'"
        )),
        Engine::Sqlite => {
            let columns = app.base.texts(&format!("SELECT name AS t FROM pragma_table_info('{table}')"));
            let held = columns.iter().map(|column| format!("CAST(\"{column}\" AS TEXT) LIKE '%{text}%'"));
            let held: Vec<String> = held.collect();
            app.base.number(&format!("SELECT count(*) AS n FROM {table} WHERE {}", held.join(" OR ")))
        }
    }
    };
    let tables = app.base.tables().into_iter();
    tables.filter(|table| holds(table) > 0).collect()
}

story! {
    fn the_name_of_a_person_stands_in_one_row_only(app) {
        let body = person("Zéphyrine Quincampoix", "zephyrine@quincampoix.example", Role::Coordinator);
        let new = app.administrator().ask("POST", "/v1/accounts").key("k").json(&body).send();
        let code = new.is(201).json()["code"].as_str().unwrap().to_owned();
        let given = json!({ "email": "zephyrine@quincampoix.example", "code": code, "password": PASSWORD });
        app.nobody().post("/v1/auth/activate", &given).is(200);
        app.log_in("zephyrine@quincampoix.example", "wrong").is_problem(400, "access.bad_password");
        app.log_in("zephyrine@quincampoix.example", PASSWORD).is(200);
        let account = account_of(&app.administrator().get(new.header("location")));
        let renamed = json!({ "name": "Zéphyrine Quincampoix-Exemple" });
        app.administrator().patch(&account.path, &account.etag, &renamed).is(200);

        let found = tables_with(app, "uincampoix");

        assert_eq!(found, ["persons"]);
        assert_eq!(app.base.count("persons"), 1);
    }
}

story! {
    fn an_erased_person_is_told_nowhere_and_the_account_stays(app) {
        let (invited, _) = app.active(Role::Reader);
        let before = account_of(&app.administrator().get(&invited.account.path));

        app.base.sql("UPDATE persons SET name = NULL, email = NULL, email_key = NULL, words = ''");

        let after = app.administrator().get(&invited.account.path);
        assert_eq!((&after.is(200).json()["name"], &after.json()["email"]), (&json!(null), &json!(null)));
        assert_ne!(after.etag(), before.etag);
    }
}
