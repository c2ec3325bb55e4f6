//! Facilitation: who animates a network, on whose mandate, for which phase.

use domain::access::Role;

use crate::memberships::reference;
use crate::networks::network;
use crate::story::given::with;
use crate::story::{App, Given, Value, json, story};

/// The least that is said of a facilitation.
pub fn facilitation(of: &Given, by: &Given) -> Value {
    json!({ "of": reference(of), "by": reference(by) })
}

/// A network, who animates it, and who asks for that.
fn scene(app: &App) -> (Given, Given, Given) {
    let ars = json!({ "kind": "ars", "names": [{ "name": "ARS de Corse" }] });
    (
        app.given_network(&network("CLSM de Bastia")),
        app.given_association("IREPS Corse"),
        app.given(&ars),
    )
}

story! {
    fn a_facilitation_says_who_animates_what_on_whose_mandate_and_for_which_phase(app) {
        let (clsm, ireps, ars) = scene(app);
        let fields = with(facilitation(&clsm, &ireps), json!({
            "mandate": { "giver": ars.id, "reference": "Lettre de mission" }, "phase": "elaboration",
            "arrangement": "dedicated", "starts_on": "2018-01-01", "ends_before": "2020-01-01",
        }));

        let given = app.given_at("/v1/facilitations", &fields);

        let read = app.reader().get(&given.path).is(200).json();
        for (member, value) in fields.as_object().unwrap() {
            assert_eq!(read[member], *value, "{member}");
        }
        let count = |query: &str| {
            app.reader().get(&format!("/v1/facilitations?count=exact&{query}")).is(200).json()["count"].as_i64().unwrap()
        };
        for (query, found) in [
            (format!("of={}", clsm.id), 1), (format!("by={}", ireps.id), 1), (format!("mandate={}", ars.id), 1),
            (format!("mandate={}", ireps.id), 0), ("phase=elaboration".to_owned(), 1), ("phase=follow_up".to_owned(), 0),
            ("arrangement=dedicated".to_owned(), 1), ("arrangement=pooled".to_owned(), 0), ("as_of=2019-12-31".to_owned(), 1),
            ("as_of=2020-01-01".to_owned(), 0), ("fictitious=false".to_owned(), 1),
        ] {
            assert_eq!(count(&query), found, "{query}");
        }
        let beside = |what: &str| app.reader().get(&format!("/v1/facilitations?expand={what}")).is(200).items()[0]["expanded"][what]["name"].clone();
        assert_eq!((beside("of"), beside("by")), (json!("CLSM de Bastia"), json!("IREPS Corse")));
    }
}

story! {
    fn the_same_phase_is_not_animated_twice_by_one_on_one_day_and_the_next_one_is_its_own(app) {
        let (clsm, ireps, _) = scene(app);
        let animate = |more: Value| app.administrator().post("/v1/facilitations", &with(facilitation(&clsm, &ireps), more));

        animate(json!({ "phase": "elaboration", "starts_on": "2018-01-01", "ends_before": "2020-01-01" })).is(201);
        animate(json!({ "phase": "elaboration", "starts_on": "2019-12-31" })).is_problem(409, "relations.overlapping");
        animate(json!({ "phase": "implementation", "starts_on": "2020-01-01" })).is(201);
        animate(json!({ "mandate": { "giver": clsm.id } })).is_bad("relations.bad_values", "/mandate/giver", "unknown_reference");
    }
}

story! {
    fn who_coordinates_the_team_that_animates_a_network_works_there_until_that_ends(app) {
        let (clsm, ireps, ars) = scene(app);
        let team = app.new_client_on(Role::Coordinator, ireps.scope()).1;
        let giver = app.new_client_on(Role::Reader, ars.scope()).1;
        team.get(&clsm.path).is_problem(404, "request.not_found");

        let given = app.given_at("/v1/facilitations", &with(facilitation(&clsm, &ireps), json!({ "mandate": { "giver": ars.id } })));

        team.patch(&clsm.path, "*", &json!({ "reach": "territorial" })).is(200);
        giver.get(&given.path).is(200);
        giver.get(&clsm.path).is_problem(404, "request.not_found");
        app.administrator().ask("POST", &format!("{}/end", given.path)).if_match("*")
            .json(&json!({ "ends_before": "2026-11-01" })).send().is(200);
        team.patch(&clsm.path, "*", &json!({ "reach": "regional" })).is_problem(404, "request.not_found");
        team.get(&given.path).is(200);
    }
}
