//! One organisation recorded twice: proposed, told apart, folded, taken back.

use crate::story::given::{association_with, with};
use crate::story::{Answer, App, Value, association, json, story};

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
        let other = app.administrator().post("/v1/organisations?on_duplicate=refuse", &at("30189", "Réseda"));
        let unread = app.administrator().post("/v1/organisations?on_duplicate=perhaps", &association("Réseda"));

        let problem = refused.is_problem(409, "organisations.likely_duplicate");
        assert_eq!(problem["candidates"][0]["id"], json!(known.id));
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
