//! Objectives of a network: general and operational, proposed until its own bodies adopt them.

use crate::memberships::reference;
use crate::networks::network;
use crate::story::given::with;
use crate::story::{App, Given, Value, json, story};

/// The least that is said of an objective.
pub fn objective(owner: &Given) -> Value {
    json!({ "owner": reference(owner), "level": "general", "title": "Réduire les risques", "status": "running" })
}

fn propose(app: &App, owner: &Given, more: Value) -> crate::story::Answer {
    app.administrator()
        .post("/v1/objectives", &with(objective(owner), more))
}

story! {
    fn an_operational_objective_serves_a_general_one_of_its_own_network(app) {
        let [own, other] = ["Addictologie", "Diabète"].map(|name| app.given_network(&network(name)));
        let general = app.given_at("/v1/objectives", &objective(&own));
        let under = |owner: &Given, above: &Given| propose(app, owner, json!({ "level": "operational", "under": above.id }));

        let step = Given::located(under(&own, &general).is(201));

        under(&other, &general).is_bad("relations.bad_values", "/under", "unknown_reference");
        under(&own, &step).is_bad("relations.bad_values", "/under", "contradicts");
        under(&own, &own).is_bad("relations.bad_values", "/under", "unknown_reference");
        propose(app, &own, json!({ "under": general.id })).is_bad("relations.bad_values", "/under", "contradicts");
        let listed = app.reader().get(&format!("/v1/objectives?under={}", general.id)).is(200).ids();
        assert_eq!(listed, std::slice::from_ref(&step.id));
        let gone = app.administrator().delete(&general.path, "*");
        assert_eq!(gone.is_problem(409, "relations.tied")["count"], 1);
        let moved = app.administrator().patch(&step.path, "*", &json!({ "owner": reference(&other) }));
        moved.is_bad("relations.bad_values", "/owner", "fixed");
    }
}

story! {
    fn an_objective_is_proposed_and_nobody_adopts_it_by_writing_so(app) {
        let own = app.given_network(&network("Addictologie"));

        let proposed = propose(app, &own, json!({}));
        let adopted = propose(app, &own, json!({ "validity": "adopted" }));

        let proposed = Given::located(proposed.is(201));
        assert_eq!(app.reader().get(&proposed.path).is(200).json()["validity"], "proposed");
        adopted.is_bad("request.bad_values", "/validity", "unknown_code");
    }
}

story! {
    fn objectives_are_found_by_whose_they_are_and_what_they_are_about(app) {
        let [own, other] = ["Addictologie", "Diabète"].map(|name| app.given_network(&network(name)));
        propose(app, &own, json!({
            "themes": ["addictions"], "populations": ["young_people"], "starts_on": "2026-01-01", "ends_before": "2028-01-01",
        })).is(201);
        propose(app, &other, json!({ "title": "Former les relais", "level": "operational", "status": "planned", "fictitious": true })).is(201);
        let count = |query: &str| {
            app.reader().get(&format!("/v1/objectives?count=exact&{query}")).is(200).json()["count"].as_i64().unwrap()
        };

        for (query, found) in [
            (format!("owner={}", own.id), 1), ("level=general".to_owned(), 1), ("theme=addictions".to_owned(), 1),
            ("population=young_people".to_owned(), 1), ("status=planned".to_owned(), 1), ("validity=proposed".to_owned(), 2),
            ("q=relais".to_owned(), 1), ("fictitious=true".to_owned(), 1), ("as_of=2025-12-31".to_owned(), 1),
            ("as_of=2026-01-01".to_owned(), 2),
        ] {
            assert_eq!(count(&query), found, "{query}");
        }
        let beside = app.reader().get("/v1/objectives?expand=owner").is(200).items()[0]["expanded"]["owner"]["name"].clone();
        assert_eq!(beside, "Addictologie");
    }
}
