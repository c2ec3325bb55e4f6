//! Pooling: what networks and organisations put together, in four forms.

use domain::access::Role;

use crate::memberships::reference;
use crate::networks::network;
use crate::story::given::with;
use crate::story::{App, Given, Value, json, story};

/// The least that is said of a pooling.
pub fn pooling(keeper: &Given, participants: &[&Given]) -> Value {
    let participants: Vec<Value> = participants.iter().map(|one| reference(one)).collect();
    json!({
        "kept_by": reference(keeper), "form": "maison_des_reseaux", "title": "Maison des réseaux",
        "participants": participants,
    })
}

story! {
    fn a_pooling_says_who_puts_what_together_in_which_form_and_since_when(app) {
        let [first, second, third] = ["Sphères", "Air+R", "Maladies rares"].map(|name| app.given_network(&network(name)));
        let house = app.given_association("Réso Occitanie");
        let fields = with(pooling(&house, &[&first, &second, &third]), json!({
            "shares": ["premises", "logistics"], "starts_on": "2015-01-01", "ends_before": "2019-03-01",
        }));

        let given = app.given_at("/v1/poolings", &fields);
        let seats = json!({ "form": "joint_representation", "seat_in": "Conseil territorial de santé", "title": "Sièges", "fictitious": true });
        app.given_at("/v1/poolings", &with(pooling(&first, &[&first, &second]), seats));

        let read = app.reader().get(&given.path).is(200).json();
        for (member, value) in fields.as_object().unwrap() {
            assert_eq!(read[member], *value, "{member}");
        }
        let count = |query: &str| {
            app.reader().get(&format!("/v1/poolings?count=exact&{query}")).is(200).json()["count"].as_i64().unwrap()
        };
        for (query, found) in [
            (format!("kept_by={}", house.id), 1), (format!("participant={}", first.id), 2), (format!("participant={}", third.id), 1),
            ("form=joint_representation".to_owned(), 1), ("shares=premises".to_owned(), 1), ("shares=staff".to_owned(), 0),
            ("q=maison".to_owned(), 1), ("fictitious=true".to_owned(), 1), ("as_of=2019-03-01".to_owned(), 1),
        ] {
            assert_eq!(count(&query), found, "{query}");
        }
        let beside = app.reader().get("/v1/poolings?expand=kept_by").is(200).items()[0]["expanded"]["kept_by"]["name"].clone();
        assert_eq!(beside, "Réso Occitanie");
    }
}

story! {
    fn two_at_least_pool_and_only_a_joint_representation_sits_in_a_body_of_others(app) {
        let [first, second] = ["Sphères", "Air+R"].map(|name| app.given_network(&network(name)));
        let pool = |participants: &[&Given], more: Value| {
            app.administrator().post("/v1/poolings", &with(pooling(&first, participants), more))
        };

        pool(&[&first], json!({})).is_bad("relations.bad_values", "/participants", "count");
        pool(&[&first, &first], json!({})).is_bad("relations.bad_values", "/participants/1", "repeated");
        pool(&[&first, &second], json!({ "seat_in": "CTS" })).is_bad("relations.bad_values", "/seat_in", "contradicts");
        pool(&[&first, &second], json!({ "form": "joint_representation", "seat_in": "CTS" })).is(201);
    }
}

story! {
    fn one_keeps_a_pooling_and_who_takes_part_sees_it(app) {
        let [first, second] = ["Sphères", "Air+R"].map(|name| app.given_network(&network(name)));
        let keeper = app.new_client_on(Role::NetworkCoordinator, first.scope()).1;
        let other = app.new_client_on(Role::NetworkCoordinator, second.scope()).1;

        let kept = Given::located(keeper.post("/v1/poolings", &pooling(&first, &[&first, &second])).is(201));

        assert_eq!(other.get(&kept.path).is(200).json()["acts"], json!([]));
        other.patch(&kept.path, "*", &json!({ "shares": ["staff"] })).is_problem(403, "access.scope");
        other.post("/v1/poolings", &pooling(&first, &[&first, &second])).is_problem(403, "access.scope");
        keeper.patch(&kept.path, "*", &json!({ "shares": ["staff"] })).is(200);
        keeper.patch(&kept.path, "*", &json!({ "kept_by": reference(&second) })).is_bad("relations.bad_values", "/kept_by", "fixed");
    }
}
