//! Recording organisations, changing them, ending them, taking back.

use domain::access::Role;

use crate::story::database::client_of;
use crate::story::given::{association_with, with};
use crate::story::{App, association, exercised, json, story, together};

story! {
    fn recording_an_organisation_gives_it_an_address_and_a_tag(app) {
        let answer = app.administrator().post("/v1/organisations", &association("Réseda"));

        answer.is(201);
        let body = answer.json();
        assert_eq!(answer.header("location"), format!("/v1/organisations/{}", body["id"].as_str().unwrap()));
        assert!(answer.etag().starts_with("\"1-"), "{answer}");
        assert_eq!((&body["version"], &body["name"], &body["state"]), (&json!(1), &json!("Réseda"), &json!("open")));
    }
}

story! {
    fn what_was_recorded_reads_back_the_same(app) {
        let fields = json!({
            "kind": "association",
            "sectors": ["health", "medico_social"],
            "names": [
                { "name": "Réseau gérontologique du Pays d'Alès", "starts_on": "1999-03-01" },
                { "name": "Réseda", "short_name": "RSD", "starts_on": "2009-09-01" },
            ],
            "identifiers": [{ "system": "siren", "value": "732 829 320", "starts_on": "1999-03-01" }],
            "addresses": [{ "use": "seat", "lines": ["1 rue Mistral"], "postcode": "30100", "locality": "Alès", "commune": "30007" }],
            "contact": { "email": "contact@reseda.example", "website": "https://reseda.example" },
            "constituted_on": "1999-03",
        });

        let given = app.given(&fields);

        let read = app.reader().get(&given.path).json();
        for member in ["kind", "sectors", "names", "addresses", "contact", "constituted_on"] {
            assert_eq!(read[member], fields[member], "{member}");
        }
        assert_eq!(read["identifiers"][0]["value"], "732829320");
    }
}

story! {
    fn a_reader_who_has_the_present_state_is_told_so_in_brief(app) {
        let given = app.given_association("Réseda");
        let administrator = app.administrator();

        let same = administrator.ask("GET", &given.path).header("if-none-match", &given.etag).send();
        let weak = administrator.ask("GET", &given.path).header("if-none-match", format!("\"0\", W/{}", given.etag)).send();
        let other = administrator.ask("GET", &given.path).header("if-none-match", "\"0\"").send();

        assert_eq!(same.is(304).etag(), given.etag);
        weak.is(304);
        other.is(200);
    }
}

story! {
    fn an_answer_without_a_body_has_no_content_type(app) {
        let given = app.given_association("Réseda");

        let same = app.administrator().ask("GET", &given.path).header("if-none-match", &given.etag).send();

        assert_eq!(same.is(304).header("content-type"), "");
    }
}

story! {
    fn a_changed_state_a_new_day_and_other_acts_each_have_another_tag(app) {
        let given = app.given_association("Réseda");
        let first = app.administrator().get(&given.path).etag();

        let narrow = app.token(client_of(Role::Administrator), Some("read"));
        let others = app.bearing(&narrow).get(&given.path).etag();
        let expanded = app.administrator().get(&format!("{}?expand=part_of", given.path)).etag();
        app.administrator().patch(&given.path, &given.etag, &json!({ "sectors": ["health"] })).is(200);
        let changed = app.administrator().get(&given.path).etag();
        app.advance_days(1);
        let token = app.token(client_of(Role::Administrator), None);
        let tomorrow = app.bearing(&token).get(&given.path).etag();

        let mut tags = vec![first, others, expanded, changed, tomorrow];
        let count = tags.len();
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), count, "{tags:?}");
    }
}

story! {
    fn a_merge_patch_changes_what_it_names_replaces_lists_and_clears_by_null(app) {
        let given = app.given(&association_with("Réseda", json!({
            "sectors": ["health", "social"],
            "contact": { "email": "contact@reseda.example", "phone": "04 66 00 00 00" },
            "constituted_on": "1999",
        })));

        let changed = app.administrator().patch(&given.path, &given.etag, &json!({
            "sectors": ["education"],
            "contact": { "phone": null },
            "constituted_on": null,
        }));

        let body = changed.is(200).json();
        assert_eq!(body["sectors"], json!(["education"]));
        assert_eq!(body["contact"], json!({ "email": "contact@reseda.example" }));
        assert_eq!(body["constituted_on"], json!(null));
        assert_eq!((&body["name"], &body["version"]), (&json!("Réseda"), &json!(2)));
    }
}

story! {
    fn a_member_is_cleared_that_is_not_there_but_none_that_no_record_has(app) {
        let given = app.given_association("Réseda");
        let patch = |body: &serde_json::Value| app.administrator().patch(&given.path, "*", body);

        patch(&json!({ "contact": { "phone": null }, "operates_from": null })).is(200);

        let problem = patch(&json!({ "colour": null, "contact": { "fax/telex": null } })).is_problem(422, "request.bad_values");
        let pointers: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|error| &error["pointer"]).collect();
        assert_eq!(pointers, ["/colour", "/contact/fax~1telex"]);
    }
}

story! {
    fn a_merge_patch_may_say_what_it_is(app) {
        let given = app.given_association("Réseda");

        let changed = app.administrator().ask("PATCH", &given.path).if_match(&given.etag)
            .body("application/merge-patch+json", r#"{"sectors":["health"]}"#).send();

        changed.is(200);
    }
}

story! {
    fn a_merge_patch_that_clears_what_is_required_is_refused(app) {
        let given = app.given_association("Réseda");

        let refused = app.administrator().patch(&given.path, &given.etag, &json!({ "kind": null, "names": [] }));

        refused.is_problem(422, "request.bad_values");
        let mut pointers = refused.pointers();
        pointers.sort();
        assert_eq!(pointers, ["/kind", "/names"]);
    }
}

story! {
    fn a_change_without_a_condition_is_not_made(app) {
        let given = app.given_association("Réseda");
        let administrator = app.administrator();

        for asking in [
            administrator.ask("PATCH", &given.path).json(&json!({})),
            administrator.ask("DELETE", &given.path),
            administrator.ask("POST", &format!("{}/end", given.path)).json(&json!({ "ends_before": "2027-01-01" })),
            administrator.ask("POST", &format!("{}/reopen", given.path)),
        ] {
            asking.send().is_problem(428, "request.precondition_required");
        }
    }
}

story! {
    fn a_change_of_an_older_state_is_refused_with_the_present_one(app) {
        let given = app.given_association("Réseda");
        let changed = app.administrator().patch(&given.path, &given.etag, &json!({ "sectors": ["health"] }));

        let refused = app.administrator().patch(&given.path, &given.etag, &json!({ "sectors": ["justice"] }));

        let problem = refused.is_problem(412, "request.precondition_failed");
        assert_eq!(problem["version"], 2);
        assert_eq!(problem["current"], app.administrator().get(&given.path).json());
        assert_eq!(refused.etag(), changed.etag());
    }
}

story! {
    fn of_two_who_change_the_same_state_at_once_one_wins(app) {
        for round in 0..5 {
            let given = app.given_association(&format!("Réseau {round}"));
            let sectors = ["health", "justice"];

            let answers = together(2, |number| {
                app.administrator().patch(&given.path, &given.etag, &json!({ "sectors": [sectors[number]] }))
            });

            let winner = answers.iter().position(|answer| answer.status == 200).unwrap();
            let problem = answers[1 - winner].is_problem(412, "request.precondition_failed");
            assert_eq!(problem["current"]["sectors"], json!([sectors[winner]]));
            assert_eq!(app.administrator().get(&given.path).json()["sectors"], json!([sectors[winner]]));
        }
    }
}

story! {
    fn any_state_will_do_for_a_star(app) {
        let given = app.given_association("Réseda");
        app.administrator().patch(&given.path, &given.etag, &json!({ "sectors": ["health"] })).is(200);

        app.administrator().patch(&given.path, "*", &json!({ "sectors": ["justice"] })).is(200);
    }
}

story! {
    fn five_bad_values_are_told_in_one_answer(app) {
        let refused = app.administrator().post("/v1/organisations", &json!({
            "kind": "club",
            "names": [{ "name": "  ", "starts_on": "2026-02-30" }],
            "identifiers": [{ "system": "siren", "value": "732829321" }],
            "contact": { "email": "nobody" },
        }));

        refused.is_problem(422, "request.bad_values");
        let mut pointers = refused.pointers();
        pointers.sort();
        assert_eq!(pointers, ["/contact/email", "/identifiers/0/value", "/kind", "/names/0/name", "/names/0/starts_on"]);
    }
}

story! {
    fn values_that_contradict_one_another_are_all_told(app) {
        let refused = app.administrator().post("/v1/organisations", &association_with("Réseda", json!({
            "sectors": ["health", "health"],
            "identifiers": [
                { "system": "siren", "value": "732829320" },
                { "system": "siren", "value": "552100554" },
            ],
        })));

        refused.is_problem(422, "organisations.bad_values");
        let mut pointers = refused.pointers();
        pointers.sort();
        assert_eq!(pointers, ["/identifiers/1/value", "/sectors/1"]);
    }
}

story! {
    fn a_name_may_begin_on_the_first_day_of_the_calendar(app) {
        let answer = app.administrator().post("/v1/organisations", &json!({
            "kind": "association",
            "names": [{ "name": "Avant" }, { "name": "Après", "starts_on": "1000-01-01" }],
        }));

        assert!(matches!(answer.status, 201 | 422), "{answer}");
    }
}

story! {
    fn what_ended_is_ended_from_that_day_on(app) {
        let given = app.given_association("Réseda");

        let ended = app.administrator().ask("POST", &format!("{}/end", given.path)).if_match(&given.etag)
            .json(&json!({ "ends_before": "2026-11-01", "reason": "Dissolution." })).send();

        let body = ended.is(200).json();
        assert_eq!(body["state"], "ended");
        assert_eq!(body["ended"], json!({ "ends_before": "2026-11-01", "reason": "Dissolution." }));
        assert_eq!(body["acts"], json!(["change_organisation", "reopen_organisation", "fold_organisation", "tell_organisations_apart", "delete_organisation"]));
        let before = app.reader().get(&format!("{}?as_of=2026-10-31", given.path)).json();
        assert_eq!(before["state"], "open");
    }
}

story! {
    fn what_ended_does_not_end_again(app) {
        let given = app.given_association("Réseda");
        let ended = app.ended(&given, "2026-11-01");

        let again = app.administrator().ask("POST", &format!("{}/end", given.path)).if_match(&ended.etag)
            .json(&json!({ "ends_before": "2026-12-01" })).send();

        let problem = again.is_problem(409, "organisations.already_ended");
        assert_eq!(problem["ends_before"], "2026-11-01");
    }
}

story! {
    fn nothing_ends_before_it_began(app) {
        let given = app.given(&association_with("Réseda", json!({ "constituted_on": "2020-06-01" })));

        let refused = app.administrator().ask("POST", &format!("{}/end", given.path)).if_match(&given.etag)
            .json(&json!({ "ends_before": "2020-06-01" })).send();

        refused.is_problem(422, "organisations.bad_values");
        assert_eq!(refused.pointers(), ["/ends_before"]);
    }
}

story! {
    fn an_end_recorded_by_mistake_is_taken_back(app) {
        let given = app.given_association("Réseda");
        let ended = app.ended(&given, "2026-11-01");

        let open = app.administrator().ask("POST", &format!("{}/reopen", given.path)).if_match(&ended.etag).send();

        let body = open.is(200).json();
        assert_eq!((&body["state"], &body["ended"]), (&json!("open"), &json!(null)));
    }
}

story! {
    fn what_has_not_ended_is_not_reopened(app) {
        let given = app.given_association("Réseda");

        let refused = app.administrator().ask("POST", &format!("{}/reopen", given.path)).if_match(&given.etag).send();

        refused.is_problem(409, "organisations.not_ended");
    }
}

story! {
    fn a_mistake_that_was_deleted_is_gone_and_keeps_its_history(app) {
        let given = app.given_association("Réseda");

        let deleted = app.administrator().delete(&given.path, &given.etag);

        assert_eq!(deleted.is(204).header("content-type"), "");
        for asking in [
            app.administrator().ask("GET", &given.path),
            app.administrator().ask("GET", &format!("{}?as_of=2020-01-01", given.path)),
            app.administrator().ask("PATCH", &given.path).if_match("*").json(&json!({})),
            app.administrator().ask("DELETE", &given.path).if_match("*"),
            app.administrator().ask("POST", &format!("{}/reopen", given.path)).if_match("*"),
        ] {
            asking.send().is_problem(410, "request.deleted");
        }
        let history = app.reader().get(&format!("{}/history", given.path)).items();
        assert_eq!((&history[0]["op"], &history[0]["body"]["name"]), (&json!("created"), &json!("Réseda")));
        assert_eq!((&history[1]["op"], &history[1]["body"]), (&json!("deleted"), &json!(null)));
        assert!(app.reader().get("/v1/organisations").items().is_empty());
    }
}

story! {
    fn what_never_was_is_not_found(app) {
        for path in [
            "/v1/organisations/0198f1c2-7a00-7000-8000-0000000000ff",
            "/v1/organisations/0198f1c2-7a00-7000-8000-0000000000ff/history",
            "/v1/organisations/not-an-id",
            "/v1/organisations/%00",
            "/v1/organisations/%FF",
        ] {
            app.reader().get(path).is_problem(404, "request.not_found");
        }
    }
}

story! {
    fn a_finess_number_with_a_wrong_key_is_kept_with_a_warning_in_both_languages(app) {
        let fields = association_with("Réseda", json!({
            "identifiers": [{ "system": "finess_et", "value": "300000024" }],
        }));

        let french = app.administrator().post("/v1/organisations", &fields);
        let english = app.administrator().ask("POST", "/v1/organisations").header("accept-language", "en").json(&fields).send();

        let french = french.is(201).json();
        let english = english.is(201).json();
        assert_eq!(french["warnings"][0]["pointer"], "/identifiers/0/value");
        assert_eq!(french["warnings"][0]["code"], "wrong_key");
        assert!(french["warnings"][0]["detail"].as_str().unwrap().starts_with("La clé"));
        assert!(english["warnings"][0]["detail"].as_str().unwrap().starts_with("The key"));
    }
}

story! {
    fn a_code_outside_the_extract_of_a_nomenclature_is_kept_with_a_warning(app) {
        let lists = app.nobody().get("/v1/code-lists").items();
        let extract = lists.iter().find_map(|list| {
            let name = list["list"].as_str().unwrap();
            let whole = app.nobody().get(&format!("/v1/code-lists/{name}")).json();
            (whole["complete"] == false).then(|| name.to_owned())
        });
        let Some(system) = extract else { return };

        let answer = app.administrator().post("/v1/organisations", &association_with("Réseda", json!({
            "classifications": [{ "system": system, "code": "9999" }],
        })));

        assert_eq!(answer.is(201).json()["warnings"][0]["code"], "unlisted_code");
    }
}

/// Everything that a write may leave behind: how many rows each table has.
fn traces(app: &App) -> Vec<(String, i64)> {
    let tables = app.base.tables();
    tables
        .into_iter()
        .map(|table| (table.clone(), app.base.count(&table)))
        .collect()
}

story! {
    fn trying_a_write_keeps_nothing(app) {
        let given = app.given_association("Réseda");
        let before = traces(app);
        let administrator = app.administrator();

        let tries = [
            administrator.ask("POST", "/v1/organisations?dry_run=true").key("k1").json(&association("Autre")).send(),
            administrator.ask("PATCH", &format!("{}?dry_run=true", given.path)).if_match(&given.etag)
                .json(&json!({ "sectors": ["health"] })).send(),
            administrator.ask("POST", &format!("{}/end?dry_run=true", given.path)).if_match(&given.etag).key("k2")
                .json(&json!({ "ends_before": "2027-01-01" })).send(),
        ];
        let deletion = administrator.ask("DELETE", &format!("{}?dry_run=true", given.path)).if_match(&given.etag).send();

        for answer in &tries {
            assert_eq!(answer.is(200).header("dry-run"), "true", "{answer}");
            assert_eq!((answer.header("etag"), answer.header("location")), ("", ""), "{answer}");
        }
        deletion.is(204);
        assert_eq!(traces(app), before);
        assert_eq!(administrator.get(&given.path).etag(), given.etag);
    }
}

story! {
    fn trying_a_write_meets_the_same_refusals(app) {
        let given = app.given_association("Réseda");
        let administrator = app.administrator();

        let bad = administrator.post("/v1/organisations?dry_run=true", &json!({ "kind": "club", "names": [{ "name": "A" }] }));
        let stale = administrator.patch(&format!("{}?dry_run=true", given.path), "\"9\"", &json!({}));
        let denied = app.reader().post("/v1/organisations?dry_run=true", &association("A"));

        bad.is_problem(422, "request.bad_values");
        stale.is_problem(412, "request.precondition_failed");
        denied.is_problem(403, "access.role");
    }
}

story! {
    fn trying_a_write_shows_what_it_would_leave(app) {
        let given = app.given(&with(association("Réseda"), json!({ "sectors": ["health"] })));

        let tried = app.administrator().patch(&format!("{}?dry_run=true", given.path), &given.etag, &json!({ "sectors": [] }));
        let done = app.administrator().patch(&given.path, &given.etag, &json!({ "sectors": [] }));

        assert_eq!(tried.is(200).json(), done.is(200).json());
    }
}

story! {
    fn an_unchanged_state_can_be_told_from_its_history(app) {
        let given = app.given_association("Réseda");
        let ended = app.ended(&given, "2026-11-01");
        app.administrator().ask("POST", &format!("{}/reopen", given.path)).if_match(&ended.etag).send().is(200);

        let first = app.reader().get(&format!("{}/history?limit=2", given.path));
        let rest = app.reader().get(&format!("{}/history?limit=2&after={}", given.path, first.next()));

        let changes = |items: Vec<crate::story::Value>| items.iter().map(|item| item["op"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(changes(first.items()), ["created", "ended"]);
        assert_eq!(changes(rest.items()), ["updated"]);
        assert_eq!(rest.json()["next"], json!(null));
    }
}

story! {
    fn the_examples_of_the_document_are_accepted_as_they_stand(app) {
        let schemas = &exercised::document()["components"]["schemas"];
        let example = |name: &str| {
            let schema = &schemas[name];
            schema.get("example").or(schema["examples"].get(0)).unwrap_or_else(|| panic!("{name} has no example")).clone()
        };

        let created = app.administrator().post("/v1/organisations", &example("OrganisationFields"));
        created.is(201);
        let path = created.header("location").to_owned();
        let changed = app.administrator().patch(&path, created.header("etag"), &example("OrganisationFieldsPatch"));
        changed.is(200);
        let ended = app.administrator().ask("POST", &format!("{path}/end")).if_match(changed.header("etag")).json(&example("EndOfOrganisation")).send();

        ended.is(200);
    }
}
