//! Actions of a network: for whom, where, with whom, to what end.

use domain::access::Role;

use crate::memberships::reference;
use crate::networks::network;
use crate::objectives::objective;
use crate::story::given::with;
use crate::story::{App, Given, Value, json, story};

/// The least that is said of an action.
pub fn action(owner: &Given) -> Value {
    json!({ "owner": reference(owner), "title": "Forum santé", "status": "planned" })
}

story! {
    fn an_action_says_for_whom_where_with_whom_and_to_what_end(app) {
        let own = app.given_network(&network("Addictologie"));
        let commune = app.given_commune("30132", "La Grand-Combe");
        let pilot = app.given_association("Reseda");
        let goal = app.given_at("/v1/objectives", &objective(&own));
        let fields = with(action(&own), json!({
            "title": "Consultations avancées de tabacologie", "objectives": [goal.id], "themes": ["addictions", "respiratory_health"],
            "populations": ["young_people"], "determinants": ["education"], "territories": [commune.id],
            "partners": [{ "organisation": pilot.id, "role": "pilot" }], "status": "running",
            "starts_on": "2026-01-01", "ends_before": "2027-01-01",
        }));

        let given = app.given_at("/v1/actions", &fields);
        app.given_at("/v1/actions", &with(action(&own), json!({ "fictitious": true })));

        let read = app.reader().get(&given.path).is(200).json();
        for (member, value) in fields.as_object().unwrap() {
            assert_eq!(read[member], *value, "{member}");
        }
        assert_eq!((&read["validity"], &read["state"]), (&json!("proposed"), &json!("current")));
        let count = |query: &str| {
            app.reader().get(&format!("/v1/actions?count=exact&{query}")).is(200).json()["count"].as_i64().unwrap()
        };
        for (query, found) in [
            (format!("owner={}", own.id), 2), (format!("objective={}", goal.id), 1), ("theme=respiratory_health".to_owned(), 1),
            ("population=young_people".to_owned(), 1), ("determinant=education".to_owned(), 1), ("determinant=work".to_owned(), 0),
            (format!("territory={}", commune.id), 1), (format!("partner={}", pilot.id), 1), ("status=running".to_owned(), 1),
            ("validity=proposed".to_owned(), 2), ("q=tabaco".to_owned(), 1), ("fictitious=true".to_owned(), 1),
            ("as_of=2025-12-31".to_owned(), 1),
        ] {
            assert_eq!(count(&query), found, "{query}");
        }
        let beside = app.reader().get("/v1/actions?expand=owner").is(200).items()[0]["expanded"]["owner"]["name"].clone();
        assert_eq!(beside, "Addictologie");
    }
}

story! {
    fn an_action_serves_objectives_of_its_own_network_and_names_who_is_there(app) {
        let [own, other] = ["Addictologie", "Diabète"].map(|name| app.given_network(&network(name)));
        let of_other = app.given_at("/v1/objectives", &objective(&other));
        let act = |more: Value| app.administrator().post("/v1/actions", &with(action(&own), more));

        act(json!({ "objectives": [of_other.id] })).is_bad("relations.bad_values", "/objectives/0", "unknown_reference");
        act(json!({ "territories": [own.id] })).is_bad("relations.bad_values", "/territories/0", "unknown_reference");
        act(json!({ "partners": [{ "organisation": own.id, "role": "partner" }] }))
            .is_bad("relations.bad_values", "/partners/0/organisation", "unknown_reference");
        act(json!({ "themes": ["cancer", "cancer"] })).is_bad("relations.bad_values", "/themes/1", "repeated");
    }
}

story! {
    fn the_network_keeps_its_actions_and_a_partner_sees_those_it_has_a_part_in(app) {
        let own = app.given_network(&network("Addictologie"));
        let partner = app.given_association("Reseda");
        let keeper = app.new_client_on(Role::NetworkCoordinator, own.scope()).1;
        let reader = app.new_client_on(Role::Coordinator, partner.scope()).1;
        let with_partner = json!({ "partners": [{ "organisation": partner.id, "role": "co_pilot" }] });

        let shared = Given::located(keeper.post("/v1/actions", &with(action(&own), with_partner)).is(201));
        let alone = Given::located(keeper.post("/v1/actions", &action(&own)).is(201));

        assert_eq!(reader.get("/v1/actions").is(200).ids(), std::slice::from_ref(&shared.id));
        reader.get(&alone.path).is_problem(404, "request.not_found");
        reader.patch(&shared.path, "*", &json!({ "status": "done" })).is_problem(403, "access.scope");
        reader.get(&own.path).is_problem(404, "request.not_found");
        keeper.patch(&shared.path, "*", &json!({ "status": "done", "partners": [] })).is(200);
        reader.get(&shared.path).is_problem(404, "request.not_found");
    }
}
