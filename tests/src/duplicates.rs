//! One organisation recorded twice: proposed, told apart, folded, taken back.

use domain::access::{Role, Scope};

use crate::story::database::HOME;
use crate::story::given::{association_with, with};
use crate::story::{Answer, App, Given, Value, association, json, story, together};

/// An association in the commune of this INSEE code.
fn at(commune: &str, name: &str) -> Value {
    association_with(
        name,
        json!({ "addresses": [{ "use": "seat", "commune": commune }] }),
    )
}

/// An association with this number.
fn bearing(name: &str, system: &str, value: &str) -> Value {
    association_with(
        name,
        json!({ "identifiers": [{ "system": system, "value": value }] }),
    )
}

/// The candidates of the one warning of likely duplicates, if there is one.
#[track_caller]
fn candidates(answer: &Answer) -> Vec<Value> {
    let body = answer.json();
    let warnings = body["warnings"].as_array().unwrap();
    let told = warnings
        .iter()
        .find(|warning| warning["code"] == "likely_duplicate");
    told.map_or_else(Vec::new, |told| {
        told["candidates"].as_array().unwrap().clone()
    })
}

story! {
    fn one_who_records_a_known_organisation_is_told(app) {
        let known = app.given(&bearing("Réseau gérontologique", "siret", "73282932000074"));

        let answer = app.administrator().post("/v1/organisations", &bearing("Résau gérontologique", "siret", "732 829 320 00074"));

        answer.is(201);
        assert_eq!(candidates(&answer), [json!({
            "id": known.id,
            "name": "Réseau gérontologique",
            "because": [{ "reason": "same_identifier", "system": "siret", "value": "73282932000074" }],
        })]);
    }
}

story! {
    fn a_number_once_borne_and_a_name_in_the_same_commune_are_recognised(app) {
        app.given(&association_with("Ancien numéro", json!({ "identifiers": [
            { "system": "rna", "value": "W302003454", "ends_before": "2010-01-01" },
        ]})));
        app.given(&with(at("30007", "Comité d'Alès"), json!({ "names": [
            { "name": "Comité d'Alès" }, { "name": "Union", "short_name": "UCA", "starts_on": "2020-01-01" },
        ]})));
        let reasons = |fields: &Value| {
            let answer = app.administrator().post("/v1/organisations?dry_run=true", fields);
            let found = candidates(answer.is(200));
            found.iter().map(|found| found["because"][0]["reason"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };

        assert_eq!(reasons(&bearing("Autre", "rna", "W302003454")), ["same_identifier"]);
        assert_eq!(reasons(&at("30007", "COMITE D’ALES")), ["same_name"]);
        assert_eq!(reasons(&at("30007", "uca")), ["same_name"]);
        assert_eq!(reasons(&at("30007", "Association du comité Alès")), ["similar_name"]);
        assert_eq!(reasons(&at("30189", "Comité d'Alès")), [""; 0]);
    }
}

story! {
    fn establishments_of_one_entity_are_told_apart_by_their_own_numbers(app) {
        let entity = app.given(&bearing("Hôpital", "siren", "732829320"));
        let site = bearing("Site nord", "siret", "73282932000074");
        let north = app.given(&site);

        let south = app.administrator().post("/v1/organisations", &bearing("Site sud", "siret", "73282932000082"));
        let part = app.administrator().post("/v1/organisations", &with(
            bearing("Site ouest", "siret", "73282932000090"), json!({ "part_of": entity.as_whole() }),
        ));
        let again = app.administrator().post("/v1/organisations?dry_run=true", &bearing("Hôpital", "siren", "732829320"));

        let ids = |answer: &Answer| candidates(answer).iter().map(|one| one["id"].clone()).collect::<Vec<_>>();
        assert_eq!(ids(south.is(201)), [json!(entity.id)]);
        assert_eq!(ids(part.is(201)), [""; 0]);
        assert!(ids(again.is(200)).contains(&json!(north.id)));
    }
}

story! {
    fn one_who_asks_so_is_refused_a_likely_duplicate(app) {
        let known = app.given(&at("30007", "Réseda"));
        let before = app.everything().len();

        let refused = app.administrator().post("/v1/organisations?on_duplicate=refuse", &at("30007", "RESEDA"));
        let escaped = app.administrator().post("/v1/organisations?on%5Fduplicate=ref%75se", &at("30007", "RESEDA"));
        let other = app.administrator().post("/v1/organisations?on_duplicate=refuse", &at("30189", "Réseda"));
        let unread = app.administrator().post("/v1/organisations?on_duplicate=perhaps", &association("Réseda"));

        let problem = refused.is_problem(409, "organisations.likely_duplicate");
        assert_eq!(problem["candidates"][0]["id"], json!(known.id));
        escaped.is_problem(409, "organisations.likely_duplicate");
        other.is(201);
        unread.is_problem(400, "request.bad_query");
        assert_eq!(app.everything().len(), before + 1);
    }
}

story! {
    fn a_change_is_warned_of_only_when_it_makes_a_likeness(app) {
        let known = app.given(&at("30007", "Réseda"));
        let other = app.given(&at("30007", "Autre"));
        let change = |query: &str, change: Value| app.administrator()
            .ask("PATCH", &format!("{}{query}", other.path)).if_match("*").json(&change).send();

        let refused = change("?on_duplicate=refuse", json!({ "names": [{ "name": "Réseda" }] }));
        let named = change("", json!({ "names": [{ "name": "Réseda" }] }));
        let later = change("?on_duplicate=refuse", json!({ "sectors": ["health"] }));

        refused.is_problem(409, "organisations.likely_duplicate");
        assert_eq!(candidates(named.is(200))[0]["id"], json!(known.id));
        assert_eq!(candidates(later.is(200)), [""; 0]);
    }
}

story! {
    fn a_request_that_comes_again_is_told_of_the_likely_duplicates_of_now(app) {
        let post = || app.administrator().ask("POST", "/v1/organisations?on_duplicate=refuse").key("once").json(&at("30007", "Réseda")).send();

        let first = post();
        let twin = app.given(&at("30007", "Réseda"));
        let again = post();

        assert_eq!(candidates(first.is(201)), [""; 0]);
        assert!(again.is(201).is_replayed());
        assert_eq!(candidates(&again)[0]["id"], json!(twin.id));
    }
}

story! {
    fn no_more_than_twenty_candidates_are_told(app) {
        for _ in 0..22 {
            app.given(&at("30007", "Réseda"));
        }

        let answer = app.administrator().post("/v1/organisations?dry_run=true", &at("30007", "Réseda"));

        assert_eq!(candidates(answer.is(200)).len(), 20);
    }
}

story! {
    fn likely_duplicates_among_what_was_recorded_before_are_found_once_migrated(app) {
        app.given(&with(at("30007", "Réseau de santé d'Alès"), json!({ "identifiers": [
            { "system": "siren", "value": "732829320" }, { "system": "rna", "value": "W302003454" },
        ]})));
        app.given(&with(at("30189", "Œuvre"), json!({ "identifiers": [
            { "system": "siret", "value": "73282932000074" }, { "system": "finess_ej", "value": "300780038" },
        ]})));
        let marks = || {
            let found = "SELECT facet || ' ' || value AS t FROM facets WHERE facet IN ('likeness', 'of_entity') ORDER BY 1";
            app.base.texts(found)
        };
        let kept = marks();
        app.base.sql("DELETE FROM facets WHERE facet IN ('likeness', 'of_entity')");
        let migration = match app.engine() {
            crate::story::Engine::Sqlite => include_str!("../../migrations/sqlite/2026-11-22-000006_duplicates/up.sql"),
            crate::story::Engine::Postgres => include_str!("../../migrations/postgres/2026-11-22-000006_duplicates/up.sql"),
        };

        for statement in migration.split(";\n").filter(|statement| statement.contains("INSERT INTO facets")) {
            app.base.sql(statement);
        }

        assert!(kept.len() >= 7, "{kept:?}");
        assert_eq!(marks(), kept);
    }
}

/// What an organisation is now, without what depends on the reader.
#[track_caller]
fn said(app: &App, given: &Given) -> Value {
    let mut said = app.administrator().get(&given.path).is(200).json();
    for member in ["version", "acts"] {
        said.as_object_mut().unwrap().remove(member);
    }
    said
}

fn fold(app: &App, given: &Given, of: &Given) -> Answer {
    let path = format!("{}/duplicate", given.path);
    app.administrator()
        .ask("POST", &path)
        .if_match(&given.etag)
        .json(&json!({ "of": of.id }))
        .send()
}

fn undo(app: &App, folded: &Given) -> Answer {
    let path = format!("{}/undo-duplicate", folded.path);
    app.administrator()
        .ask("POST", &path)
        .if_match(&folded.etag)
        .send()
}

story! {
    fn the_address_of_a_duplicate_leads_to_the_survivor_for_ever(app) {
        let (old, kept) = (app.given_association("Résau"), app.given_association("Réseau"));
        let query = "?as_of=2001-01-01&expand=part_of";

        let folded = fold(app, &old, &kept);
        let read = app.reader().get(&format!("{}{query}", old.path));
        let written = app.administrator().patch(&old.path, &old.etag, &json!({ "sectors": ["health"] }));
        let ended = app.administrator().ask("POST", &format!("{}/end?dry_run=true", old.path))
            .if_match("*").json(&json!({ "ends_before": "2027-01-01" })).send();
        let deleted = app.administrator().delete(&old.path, "*");

        let tombstone = folded.is(200).json();
        assert_eq!((&tombstone["folded"], &tombstone["acts"]), (&json!({ "into": kept.id }), &json!(["unfold_organisation"])));
        assert_eq!(read.is(307).header("location"), format!("{}{query}", kept.path));
        let body = read.json();
        assert_eq!((&body["code"], &body["survivor"]), (&json!("request.folded"), &json!(kept.id)));
        assert_eq!(read.etag(), "\"2\"");
        assert_eq!(written.is(307).header("location"), kept.path);
        assert_eq!(ended.is(307).header("location"), format!("{}/end?dry_run=true", kept.path));
        assert_eq!(deleted.is(307).header("location"), kept.path);
        assert_eq!(app.everything().len(), 1);
    }
}

story! {
    fn numbers_and_names_of_a_duplicate_are_kept_with_their_days(app) {
        let old = app.given(&association_with("Comité des Cévennes", json!({
            "names": [
                { "name": "Comité des Cévennes", "short_name": "CC", "starts_on": "2001-01-01" },
                { "name": "Union des Cévennes", "starts_on": "2010-01-01" },
            ],
            "identifiers": [{ "system": "rna", "value": "W302003454", "starts_on": "2001-01-01" }],
            "sectors": ["social"],
        })));
        let kept = app.given(&bearing("Union des Cévennes", "siret", "73282932000074"));

        app.folded(&old, &kept);

        let survivor = app.reader().get(&kept.path).json();
        assert_eq!(survivor["other_names"], json!([
            { "name": "Comité des Cévennes", "short_name": "CC", "starts_on": "2001-01-01", "ends_before": "2010-01-01" },
        ]));
        assert_eq!(survivor["identifiers"], json!([
            { "system": "siret", "value": "73282932000074" },
            { "system": "rna", "value": "W302003454", "starts_on": "2001-01-01" },
        ]));
        assert_eq!(survivor["sectors"], json!(["social"]));
        for found in ["q=comite", "q=cc", "identifier=rna:W302003454"] {
            assert_eq!(app.reader().get(&format!("/v1/organisations?{found}")).ids(), std::slice::from_ref(&kept.id));
        }
    }
}

story! {
    fn the_history_of_a_duplicate_still_tells_its_own_past(app) {
        let (old, kept) = (app.given_association("Résau"), app.given_association("Réseau"));
        app.advance(60);
        app.folded(&old, &kept);

        let history = app.reader().get(&format!("{}/history", old.path));
        let recorded = history.items()[0]["at"].as_str().unwrap().to_owned();
        let before = app.reader().get(&format!("{}?known_at={recorded}", old.path));
        let after = app.reader().get(&format!("{}?known_at=2027-01-01T00:00:00Z", old.path));

        let ops: Vec<Value> = history.items().iter().map(|state| state["op"].clone()).collect();
        assert_eq!(ops, ["created", "duplicate"]);
        assert_eq!(history.items()[1]["body"]["folded"]["into"], json!(kept.id));
        assert_eq!(before.is(200).json()["name"], "Résau");
        after.is(307);
    }
}

story! {
    fn a_chain_of_duplicates_leads_straight_to_its_end(app) {
        let all: Vec<Given> = ["A", "B", "C"].iter().map(|name| app.given_association(name)).collect();
        app.folded(&all[0], &all[1]);
        app.folded(&app.fresh(&all[1]), &all[2]);

        let first = app.reader().get(&all[0].path);
        let into_folded = fold(app, &app.fresh(&all[2]), &all[0]);
        let deleted = app.administrator().delete(&all[2].path, "*");

        assert_eq!(first.is(307).header("location"), all[2].path);
        into_folded.is_problem(422, "organisations.bad_values");
        assert_eq!(into_folded.json()["errors"][0]["into"], json!(all[2].id));
        deleted.is(204);
        app.reader().get(&all[0].path).is_problem(410, "request.deleted");
    }
}

story! {
    fn parts_of_a_duplicate_become_parts_of_the_survivor(app) {
        let (old, kept) = (app.given_association("Résau"), app.given_association("Réseau"));
        let part = app.given_part("Antenne", &old);
        let cursor = app.reader().get("/v1/changes?after=now").next();

        app.folded(&app.fresh(&old), &kept);
        let late = app.administrator().post("/v1/organisations", &association_with("Autre", json!({ "part_of": old.as_whole() })));

        let part_of = app.reader().get(&part.path).json()["part_of"].clone();
        assert_eq!(part_of, kept.as_whole());
        let told: Vec<Value> = app.reader().get(&format!("/v1/changes?after={cursor}")).items().iter()
            .map(|entry| json!([entry["op"], entry["id"], entry["version"]])).collect();
        assert_eq!(told, [
            json!(["updated", part.id, 2]), json!(["updated", kept.id, 2]), json!(["duplicate", old.id, 2]),
        ]);
        late.is_problem(422, "organisations.bad_values");
        let error = late.json()["errors"][0].clone();
        assert_eq!((&error["code"], &error["pointer"], &error["into"]), (&json!("folded"), &json!("/part_of/0/whole"), &json!(kept.id)));
    }
}

story! {
    fn two_parts_of_one_whole_are_folded_without_saying_it_twice(app) {
        let whole = app.given_association("Fédération");
        let part = |starts_on: &str, ends_before: Value| app.given(&association_with("Antenne", json!({ "part_of": [
            { "whole": whole.id, "as": "antenna", "starts_on": starts_on, "ends_before": ends_before },
        ]})));
        let (old, kept) = (part("2010-01-01", json!("2020-01-01")), part("2015-01-01", Value::Null));

        app.folded(&old, &kept);

        let part_of = app.reader().get(&kept.path).json()["part_of"].clone();
        assert_eq!(part_of, json!([
            { "whole": whole.id, "as": "antenna", "starts_on": "2015-01-01" },
            { "whole": whole.id, "as": "antenna", "starts_on": "2010-01-01", "ends_before": "2015-01-01" },
        ]));
    }
}

story! {
    fn a_whole_and_its_part_are_not_one(app) {
        let whole = app.given_association("Fédération");
        let part = app.given_part("Antenne", &whole);
        let far = app.given_part("Sous-antenne", &part);

        for (one, other) in [(&whole, &part), (&part, &whole), (&whole, &far), (&far, &whole)] {
            fold(app, &app.fresh(one), other).is_problem(409, "organisations.part_of_itself");
        }
    }
}

story! {
    fn what_cannot_be_one_organisation_is_not_folded(app) {
        let old = app.given(&bearing("Réseau", "siren", "732829320"));
        let other = app.given(&bearing("Réseau", "siren", "356000000"));
        let ended = app.ended(&app.given_association("Réseau"), "2026-01-01");
        let deleted = app.given_association("Réseau");
        app.administrator().delete(&deleted.path, "*").is(204);

        let contradicting = fold(app, &old, &other).is_problem(409, "organisations.contradicting_identifiers");
        fold(app, &old, &old).is_problem(409, "organisations.same_record");
        fold(app, &old, &ended).is_problem(409, "organisations.survivor_ended");
        let unknown = fold(app, &old, &deleted);
        undo(app, &old).is_problem(409, "organisations.not_folded");
        let unmatched = app.administrator().post(&format!("{}/duplicate", old.path), &json!({ "of": ended.id }));

        assert_eq!(contradicting["contradictions"], json!([{
            "folded": { "system": "siren", "value": "732829320" },
            "survivor": { "system": "siren", "value": "356000000" },
        }]));
        unknown.is_problem(422, "organisations.bad_values");
        assert_eq!(unknown.pointers(), ["/of"]);
        unmatched.is_problem(428, "request.precondition_required");
        assert_eq!(app.reader().get(&old.path).is(200).json()["version"], 1);
    }
}

story! {
    fn a_list_that_a_fold_would_make_too_long_forbids_it(app) {
        let numbered = |from: usize| {
            let numbers: Vec<Value> = (from..from + 150)
                .map(|number| json!({ "system": "finess_et", "value": format!("{:09}", 300_000_000 + number) }))
                .collect();
            app.given(&association_with("Réseau", json!({ "identifiers": numbers })))
        };
        let (old, kept) = (numbered(0), numbered(1_000));

        let refused = fold(app, &old, &kept);

        let problem = refused.is_problem(409, "organisations.list_too_long");
        assert_eq!((&problem["list"], &problem["max"]), (&json!("identifiers"), &json!(200)));
    }
}

story! {
    fn a_fold_is_taken_back_as_if_it_had_not_been(app) {
        let old = app.given(&bearing("Résau", "rna", "W302003454"));
        let kept = app.given(&bearing("Réseau", "siren", "732829320"));
        let part = app.given_part("Antenne", &old);
        let before = [said(app, &old), said(app, &kept), said(app, &part)];

        let folded = app.folded(&app.fresh(&old), &kept);
        let stale = undo(app, &old);
        let cursor = app.reader().get("/v1/changes?after=now").next();
        let undone = undo(app, &folded);

        stale.is_problem(412, "request.precondition_failed");
        assert_eq!(undone.is(200).json()["version"], 3);
        assert_eq!([said(app, &old), said(app, &kept), said(app, &part)], before);
        let told: Vec<Value> = app.reader().get(&format!("/v1/changes?after={cursor}")).items().iter()
            .map(|entry| json!([entry["op"], entry["id"]])).collect();
        assert_eq!(told, [json!(["updated", old.id]), json!(["updated", part.id]), json!(["updated", kept.id])]);
        assert_eq!(app.reader().get("/v1/organisations?q=resau").ids(), [old.id]);
        assert_eq!(app.reader().get("/v1/organisations?identifier=rna:W302003454").ids().len(), 1);
    }
}

story! {
    fn a_fold_on_which_something_depends_is_not_taken_back(app) {
        let (old, kept, last) = (app.given_association("A"), app.given_association("B"), app.given_association("C"));
        let part = app.given_part("Antenne", &old);
        let folded = app.folded(&app.fresh(&old), &kept);
        let because = |answer: Answer| answer.is_problem(409, "organisations.cannot_undo_duplicate")["because"].clone();
        let administrator = app.administrator();

        administrator.patch(&part.path, "*", &json!({ "sectors": ["health"] })).is(200);
        let after_edit = because(undo(app, &folded));
        administrator.patch(&part.path, "*", &json!({ "sectors": [] })).is(200);
        let onwards = app.folded(&app.fresh(&kept), &last);
        let after_fold = because(undo(app, &folded));
        undo(app, &onwards).is(200);
        let at_last = undo(app, &folded);

        assert_eq!(after_edit, json!([{ "id": part.id, "what": "changed" }]));
        assert!(after_fold.as_array().unwrap().contains(&json!({ "id": kept.id, "what": "folded" })), "{after_fold}");
        at_last.is(200);
        assert_eq!(app.reader().get(&part.path).json()["part_of"], old.as_whole());
    }
}

story! {
    fn a_duplicate_does_not_come_back_into_a_whole_that_is_gone(app) {
        let whole = app.given_association("Fédération");
        let old = app.given_part("Antenne", &whole);
        let kept = app.given(&association_with("Antenne", json!({ "part_of": [
            { "whole": whole.id, "as": "antenna", "ends_before": "2000-01-01" },
        ]})));
        let other = app.given_association("Autre");
        app.administrator().patch(&kept.path, "*", &json!({ "part_of": other.as_whole() })).is(200);
        let folded = app.folded(&old, &app.fresh(&kept));
        app.administrator().delete(&whole.path, "*").is(204);

        let refused = undo(app, &folded);

        let problem = refused.is_problem(409, "organisations.cannot_undo_duplicate");
        assert_eq!(problem["because"], json!([{ "id": whole.id, "what": "deleted" }]));
    }
}

story! {
    fn a_fold_tried_out_changes_nothing_and_one_that_comes_again_is_done_once(app) {
        let (old, kept) = (app.given_association("Résau"), app.given_association("Réseau"));
        let ask = |query: &str| app.administrator().ask("POST", &format!("{}/duplicate{query}", old.path))
            .if_match(&old.etag).key("once").json(&json!({ "of": kept.id, "reason": "Saisie double." })).send();

        let tried = ask("?dry_run=true");
        let there = app.reader().get(&old.path);
        let done = ask("");
        let again = ask("");

        assert_eq!(tried.is(200).json()["folded"]["reason"], "Saisie double.");
        there.is(200);
        assert_eq!(done.is(200).json()["version"], again.is(200).json()["version"]);
        assert!(again.is_replayed());
    }
}

story! {
    fn of_two_who_fold_in_opposite_directions_at_once_one_wins(app) {
        for round in 0..5 {
            let (one, other) = (app.given_association(&format!("Un {round}")), app.given_association(&format!("Deux {round}")));

            let answers = together(2, |number| {
                let (old, kept) = if number == 0 { (&one, &other) } else { (&other, &one) };
                let path = format!("{}/duplicate", old.path);
                app.administrator().again().ask("POST", &path).if_match("*").json(&json!({ "of": kept.id })).send()
            });

            let won = answers.iter().filter(|answer| answer.status == 200).count();
            assert_eq!(won, 1, "{answers:?}");
        }
    }
}

story! {
    fn likely_duplicates_are_listed_until_they_are_told_apart_or_folded(app) {
        let all: Vec<Given> = (0..3).map(|_| app.given(&at("30007", "Réseda"))).collect();
        app.given(&at("30189", "Réseda"));
        let part = app.given(&with(at("30007", "Réseda"), json!({ "part_of": all[0].as_whole() })));
        app.administrator().delete(&part.path, "*").is(204);
        let pairs = || app.reader().all_pages("/v1/organisations/duplicates?limit=1").iter()
            .map(|pair| (pair["one"]["id"].clone(), pair["other"]["id"].clone())).collect::<Vec<_>>();
        let pair = |one: usize, other: usize| (json!(all[one].id), json!(all[other].id));
        let judge = |act: &str| app.administrator().ask("POST", &format!("{}/{act}", all[2].path))
            .if_match(&all[2].etag).json(&json!({ "from": all[0].id })).send();

        assert_eq!(pairs(), [pair(0, 1), pair(0, 2), pair(1, 2)]);
        judge("distinct").is(200);
        assert_eq!(judge("distinct").is(200).json()["version"], 1);
        assert_eq!(pairs(), [pair(0, 1), pair(1, 2)]);
        judge("undo-distinct").is(200);
        assert_eq!(pairs().len(), 3);
        app.folded(&all[1], &all[0]);
        assert_eq!(pairs(), [pair(0, 2)]);
        let first = app.reader().get("/v1/organisations/duplicates").items()[0].clone();
        assert_eq!(first["one"], json!({ "id": all[0].id, "name": "Réseda" }));
        assert_eq!(first["because"], json!([{ "reason": "same_name", "value": "reseda", "commune": "30007" }]));
        app.reader().get("/v1/organisations/duplicates?after=x").is_problem(400, "request.bad_cursor");
    }
}

story! {
    fn what_is_told_apart_is_another_organisation_that_is_there(app) {
        let given = app.given_association("Réseda");
        let judge = |from: &str| app.administrator().ask("POST", &format!("{}/distinct", given.path))
            .if_match("*").json(&json!({ "from": from })).send();

        judge(&given.id).is_problem(409, "organisations.same_record");
        let unknown = judge("0198f1c2-7a00-7000-8000-0000000000ff");

        unknown.is_problem(422, "organisations.bad_values");
        assert_eq!(unknown.pointers(), ["/from"]);
    }
}

story! {
    fn a_reader_with_limited_rights_learns_nothing_of_others_duplicates(app) {
        let (mine, other) = (app.given(&at("30007", "Réseda")), app.given(&at("30007", "Réseda")));
        let (_, narrow) = app.new_client_on(Role::Coordinator, Scope::Organisation(mine.id.parse().unwrap()));

        let pairs = narrow.get("/v1/organisations/duplicates");
        let told = narrow.ask("PATCH", &mine.path).if_match("*").json(&json!({ "names": [{ "name": "Réséda" }] })).send();
        let changed = narrow.ask("PATCH", &mine.path).if_match("*").json(&json!({ "names": [{ "name": "Réseda d'Alès" }] })).send();
        let back = narrow.ask("PATCH", &mine.path).if_match("*").json(&json!({ "names": [{ "name": "Réseda" }] })).send();
        let into = narrow.ask("POST", &format!("{}/duplicate", mine.path)).if_match("*").json(&json!({ "of": other.id })).send();
        app.folded(&app.fresh(&mine), &other);
        let gone = narrow.get(&mine.path);

        assert!(pairs.is(200).items().is_empty());
        for answer in [&told, &changed, &back] {
            assert_eq!(candidates(answer.is(200)), [""; 0]);
        }
        into.is_problem(422, "organisations.bad_values");
        // The role goes with the record, and so comes to reach the one that stands for it.
        assert_eq!(gone.is(307).header("location"), other.path);
        assert!(app.administrator().get("/v1/organisations/duplicates").items().is_empty());
    }
}

story! {
    fn one_with_limited_rights_folds_and_takes_back_within_them(app) {
        let home = app.home();
        let (old, kept) = (app.given_part("Résau", &home), app.given_part("Réseau", &home));
        let (_, narrow) = app.new_client_on(Role::Coordinator, Scope::Organisation(HOME));

        let folded = narrow.ask("POST", &format!("{}/duplicate", old.path)).if_match("*").json(&json!({ "of": kept.id })).send();
        let led = narrow.get(&old.path);
        let back = narrow.ask("POST", &format!("{}/undo-duplicate", old.path)).if_match(&folded.etag()).send();

        folded.is(200);
        assert_eq!(led.is(307).header("location"), kept.path);
        back.is(200);
        narrow.get(&old.path).is(200);
    }
}
