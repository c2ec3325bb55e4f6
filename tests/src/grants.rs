//! Roles given over something, for some time, and what is told of them.

use domain::access::{Role, Scope};

use crate::story::database::{HOME, client_of};
use crate::story::{App, Value, association, json, story};

fn to_reader_on_home(more: Value) -> Value {
    let grant = json!({
        "caller": client_of(Role::Secretary),
        "role": "reader",
        "scope": { "kind": "organisation", "id": HOME },
    });
    crate::story::given::with(grant, more)
}

/// How many organisations the one to whom the stories give roles may see; nothing without a role.
fn seen(app: &App) -> Option<usize> {
    let answer = app.of(Role::Secretary).get("/v1/organisations");
    (answer.status == 200).then(|| answer.ids().len())
}

story! {
    fn a_role_is_held_from_the_next_request_on_and_until_it_is_ended(app) {
        app.home();
        assert_eq!(seen(app), None);

        let given = app.administrator().post("/v1/grants", &to_reader_on_home(json!({})));
        given.is(201);
        assert_eq!(given.json()["state"], "held");
        assert_eq!(seen(app), Some(1));

        let ended = app.administrator().ask("POST", &format!("{}/end", given.header("location")))
            .if_match(&given.etag()).json(&json!({ "ends_before": "2026-11-22" })).send();
        assert_eq!(ended.is(200).json()["state"], "ended");
        assert_eq!(seen(app), None);
    }
}

story! {
    fn a_role_given_for_later_is_held_on_its_first_day_and_no_longer_on_its_end(app) {
        app.home();
        let given = app.administrator().post("/v1/grants", &to_reader_on_home(json!({ "starts_on": "2026-11-24", "ends_before": "2026-11-26" })));
        let other = app.beside(crate::story::Options::default());

        let (mut days, mut states) = (Vec::new(), Vec::new());
        for _ in 0..5 {
            days.push((seen(app), seen(&other)));
            states.push(app.administrator().get(given.header("location")).is(200).json()["state"].clone());
            app.advance_days(1);
        }

        let (none, one) = ((None, None), (Some(1), Some(1)));
        assert_eq!(days, [none, none, one, one, none]);
        assert_eq!(states, ["expected", "expected", "held", "held", "ended"]);
    }
}

story! {
    fn a_role_given_by_mistake_is_taken_back(app) {
        app.home();
        let given = app.administrator().post("/v1/grants", &to_reader_on_home(json!({})));

        app.administrator().delete(given.header("location"), &given.etag()).is(204);

        assert_eq!(seen(app), None);
        app.administrator().get(given.header("location")).is_problem(410, "request.deleted");
    }
}

story! {
    fn a_role_is_given_only_where_it_makes_sense_and_to_somebody_that_is_there(app) {
        app.home();
        let give = |more: Value| app.administrator().post("/v1/grants", &to_reader_on_home(more));

        give(json!({ "role": "secretary", "scope": { "kind": "everything" } })).is_problem(409, "grants.not_given_on");
        give(json!({ "role": "administrator" })).is_problem(409, "grants.not_given_on");
        give(json!({ "role": "public" })).is_problem(409, "grants.not_given_on");
        let unknown = "0198f1c2-7a00-7000-8000-00000000dead";
        let nobody = give(json!({ "caller": unknown }));
        nobody.is_problem(422, "grants.bad_values");
        assert_eq!(nobody.pointers(), ["/caller"]);
        let nowhere = give(json!({ "scope": { "kind": "organisation", "id": unknown } }));
        nowhere.is_problem(422, "grants.bad_values");
        assert_eq!(nowhere.pointers(), ["/scope/id"]);
        give(json!({ "caller": "00000000-0000-0000-0000-000000000000" })).is_problem(422, "grants.bad_values");
        let backwards = give(json!({ "starts_on": "2027-01-01", "ends_before": "2026-01-01" }));
        backwards.is_problem(422, "request.bad_values");
        assert_eq!(backwards.pointers(), ["/ends_before"]);
    }
}

story! {
    fn an_end_shortens_what_was_given_and_never_lengthens_it(app) {
        app.home();
        let given = app.administrator().post("/v1/grants", &to_reader_on_home(json!({ "ends_before": "2027-01-01" })));
        let end = |day: &str| app.administrator().ask("POST", &format!("{}/end", given.header("location")))
            .if_match("*").json(&json!({ "ends_before": day })).send();

        end("2027-06-01").is_problem(409, "grants.already_ended");
        end("2026-11-21").is_problem(422, "grants.bad_values");
        end("2026-12-01").is(200);
    }
}

story! {
    fn grants_are_found_by_caller_role_scope_and_day(app) {
        app.home();
        app.administrator().post("/v1/grants", &to_reader_on_home(json!({ "starts_on": "2027-01-01" }))).is(201);
        let count = |query: &str| {
            let answer = app.administrator().get(&format!("/v1/grants?count=exact&{query}"));
            answer.is(200).json()["count"].as_i64().unwrap()
        };

        assert_eq!(count(&format!("caller={}", client_of(Role::Secretary))), 2);
        assert_eq!(count(&format!("caller={}&role=reader", client_of(Role::Secretary))), 1);
        assert_eq!(count(&format!("caller={}&as_of=2026-12-31", client_of(Role::Secretary))), 1);
        assert_eq!(count(&format!("scope=organisation:{HOME}&as_of=2027-01-01")), 3);
        app.administrator().get("/v1/grants?scope=organisation").is_problem(400, "request.bad_query");
    }
}

story! {
    fn the_audit_tells_who_did_what_why_and_the_record_before_and_after(app) {
        let (id, client) = app.new_client_on(Role::Coordinator, Scope::Everything);
        let given = app.given_association("Réseau gérontologique");

        let named = json!({ "names": [{ "name": "Réseda" }] });
        client.patch(&format!("{}?reason=Nouveau%20nom%20au%20JO", given.path), &given.etag, &named).is(200);
        client.get("/v1/audit").is_problem(403, "access.role");
        let told = app.administrator().get(&format!("/v1/audit?type=organisation&id={}", given.id));

        let lines = told.is(200).items();
        assert_eq!(lines.len(), 2);
        let (changed, recorded) = (&lines[0], &lines[1]);
        assert_eq!(changed["caller"]["id"], json!(id));
        assert_eq!(changed["caller"]["name"], "coordinator");
        assert_eq!(changed["action"], "change_organisation");
        assert_eq!(changed["reason"], "Nouveau nom au JO");
        assert_eq!(changed["before"]["names"][0]["name"], "Réseau gérontologique");
        assert_eq!(changed["after"]["names"][0]["name"], "Réseda");
        assert_eq!(recorded["before"], Value::Null);
        assert_eq!(recorded["reason"], Value::Null);
    }
}

story! {
    fn the_audit_is_filtered_by_record_person_act_and_day_and_read_page_by_page(app) {
        app.given_association("La veille");
        app.advance_days(1);
        let (id, client) = app.new_client_on(Role::Coordinator, Scope::Everything);
        for number in 0..5 {
            client.post("/v1/organisations", &association(&format!("Réseau {number}"))).is(201);
        }
        let administrator = app.administrator();
        let count = |query: &str| administrator.all_pages(&format!("/v1/audit?limit=2&{query}")).len();

        assert_eq!(count(&format!("caller={id}")), 5);
        assert_eq!(count("action=create_organisation"), 6);
        assert_eq!(count("action=create_organisation&before=2026-11-23"), 1);
        assert_eq!(count("action=create_organisation&from=2026-11-23"), 5);
        assert!(count("by_operator=true&type=client") > 0);
        administrator.get("/v1/audit?after=x").is_problem(400, "request.bad_cursor");
        administrator.get(&format!("/v1/organisations?reason={}", "x".repeat(501))).is_problem(400, "request.bad_query");
        administrator.ask("POST", &format!("/v1/organisations?reason={}", "x".repeat(501))).json(&association("R")).send()
            .is_problem(400, "request.bad_query");
    }
}

story! {
    fn a_dry_run_gives_no_role_and_leaves_no_line_in_the_audit(app) {
        app.home();
        let before = app.administrator().get("/v1/audit").items().len();

        app.administrator().post("/v1/grants?dry_run=true", &to_reader_on_home(json!({}))).is(200);

        assert_eq!(seen(app), None);
        assert_eq!(app.administrator().get("/v1/audit").items().len(), before);
    }
}

story! {
    fn who_asks_is_told_its_roles_and_what_it_may_do_where(app) {
        let home = app.home();
        let (id, client) = app.new_client_on(Role::Contributor, Scope::Organisation(HOME));

        let me = client.get("/v1/me").is(200).json();

        assert_eq!(me["id"], json!(id));
        assert_eq!(me["kind"], "client");
        assert_eq!(me["roles"], json!([{ "role": "contributor", "scope": { "kind": "organisation", "id": home.id } }]));
        assert!(me["may"][0]["actions"].as_array().unwrap().contains(&json!("change_organisation")));
        let narrow = app.bearing(&app.token(id, Some("read")));
        assert!(!narrow.get("/v1/me").json()["may"][0]["actions"].as_array().unwrap().contains(&json!("change_organisation")));
        let all = app.administrator().get("/v1/me").json()["may"][0]["actions"].clone();
        assert!(all.as_array().unwrap().contains(&json!("read_audit")), "{all}");
        assert!(!all.to_string().contains("load_territories") && !all.to_string().contains("heed_issuer"), "{all}");
        app.nobody().get("/v1/me").is_problem(401, "access.no_token");
    }
}

story! {
    fn the_audit_and_the_roles_given_are_read_whole_as_csv_and_line_by_line(app) {
        app.home();
        app.administrator().post("/v1/grants?reason=Pour%20le%20bilan%3B%20juin", &to_reader_on_home(json!({}))).is(201);
        let whole = |path: &str, accept: &str| {
            let answer = app.administrator().ask("GET", path).header("accept", accept).send();
            answer.is(200).text().to_owned()
        };

        let lines = whole("/v1/audit?type=grant&action=give_grant", "application/x-ndjson");
        let table = whole("/v1/audit?type=grant&action=give_grant", "text/csv");
        let french = whole("/v1/audit?type=grant&action=give_grant&csv=fr", "*/*");
        let grants = whole("/v1/grants?role=reader", "text/csv");

        let line: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
        assert_eq!(line["reason"], "Pour le bilan; juin");
        let columns = "line,at,caller,caller_kind,caller_name,action,type,id,version_before,version_after,request_id,reason";
        assert!(table.starts_with(&format!("{columns}\r\n")), "{table}");
        assert!(table.contains(",give_grant,grant,"), "{table}");
        assert!(french.starts_with('\u{feff}') && french.contains("\"Pour le bilan; juin\""), "{french}");
        assert!(grants.starts_with("id,caller,role,scope,"), "{grants}");
        app.administrator().ask("GET", "/v1/audit?limit=2").header("accept", "text/csv").send()
            .is_problem(422, "request.not_in_this_format");
    }
}
