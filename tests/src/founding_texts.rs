//! Charter and constitutive convention of a réseau de santé: what the law asks of them, who signed, what is missing.

use domain::access::Role;

use crate::memberships::{membership, reference};
use crate::networks::network;
use crate::story::given::with;
use crate::story::{App, Given, Value, json, story};

/// The least that is said of a charter.
pub fn charter(network: &Given) -> Value {
    json!({ "network": network.id, "text": "charter", "ends_before": "2022-07-26" })
}

impl App {
    /// The network, working under L6321-1 as long as anything did.
    #[track_caller]
    pub fn under_the_article(&self, network: &Given) -> Given {
        let article =
            json!({ "legal_bases": [{ "basis": "l6321_1", "ends_before": "2022-07-26" }] });
        let changed = self.administrator().patch(&network.path, "*", &article);
        Given {
            etag: changed.is(200).etag(),
            ..network.clone()
        }
    }
}

fn missing(app: &App, text: &Given, day: &str) -> Value {
    app.reader()
        .get(&format!("{}/missing?as_of={day}", text.path))
        .is(200)
        .json()
}

fn names(cards: &Value) -> Vec<&str> {
    cards
        .as_array()
        .unwrap()
        .iter()
        .map(|card| card["name"].as_str().unwrap())
        .collect()
}

story! {
    fn a_charter_says_how_far_each_item_is_who_signed_and_what_is_missing(app) {
        let own = app.under_the_article(&app.given_network(&network("Addictologie")));
        let [early, late] = ["CSAPA Logos", "CAARUD"].map(|name| app.given_association(name));
        for (member, since) in [(&early, "2004-06-15"), (&late, "2010-01-01")] {
            app.given_membership(&with(membership(member, &own), json!({ "starts_on": since })));
        }
        let fields = with(charter(&own), json!({
            "starts_on": "2004-06-15",
            "items": [
                { "item": "access_and_exit", "state": "settled" },
                { "item": "no_advertising", "state": "drafted", "note": "Relu en juin." },
            ],
            "signatures": [{ "signatory": reference(&early), "signed_on": "2004-07-01" }, { "signatory": reference(&late) }],
        }));

        let text = app.given_at("/v1/founding-texts", &fields);

        let read = app.reader().get(&text.path).is(200).json();
        for (member, value) in fields.as_object().unwrap() {
            assert_eq!(read[member], *value, "{member}");
        }
        let first_day = missing(app, &text, "2004-06-15");
        assert_eq!(first_day["in_force"], true);
        assert_eq!(first_day["items"], json!([
            "roles_and_steering", "quality_and_training", "information_sharing", "no_advertising", "protocols", "users_information",
        ]));
        assert_eq!(names(&first_day["unsigned"]), ["CSAPA Logos"]);
        assert!(names(&missing(app, &text, "2004-07-01")["unsigned"]).is_empty());
        assert_eq!(names(&missing(app, &text, "2010-01-01")["unsigned"]), ["CAARUD"]);
        let over = missing(app, &text, "2022-07-26");
        assert_eq!((&over["in_force"], &over["items"], &over["unsigned"]), (&json!(false), &json!([]), &json!([])));
        let today = app.reader().get(&format!("{}/missing", text.path)).is(200).json();
        assert_eq!(today["in_force"], false);
    }
}

story! {
    fn founding_texts_are_asked_only_while_the_network_works_under_the_article(app) {
        let [old, new] = ["Addictologie", "DAC 30"].map(|name| app.given_network(&network(name)));
        let old = app.under_the_article(&old);
        let record = |of: &Given, more: Value| {
            app.administrator().post("/v1/founding-texts", &with(charter(of), more))
        };

        record(&new, json!({})).is_problem(409, "relations.condition_not_met");
        let beyond = record(&old, json!({ "ends_before": null }));
        let met = beyond.is_problem(409, "relations.condition_not_met")["met"].clone();
        assert_eq!(met, json!([{ "starts_on": null, "ends_before": "2022-07-26" }]));
        let text = Given::located(record(&old, json!({})).is(201));

        let none = app.administrator().patch(&old.path, "*", &json!({ "legal_bases": [] }));
        assert_eq!(none.is_problem(409, "networks.texts_in_force")["count"], 1);
        app.administrator().delete(&text.path, "*").is(204);
        app.administrator().patch(&old.path, "*", &json!({ "legal_bases": [] })).is(200);
    }
}

story! {
    fn each_text_has_its_own_items_and_a_network_one_of_each_on_a_day(app) {
        let own = app.under_the_article(&app.given_network(&network("Addictologie")));
        let record = |more: Value| {
            app.administrator().post("/v1/founding-texts", &with(charter(&own), more))
        };
        let settled = |item: &str| json!([{ "item": item, "state": "settled" }]);

        record(json!({ "items": settled("dissolution") })).is_bad("relations.bad_values", "/items/0/item", "contradicts");
        let kept = Given::located(record(json!({ "ends_before": "2010-01-01" })).is(201));
        record(json!({})).is_problem(409, "relations.overlapping");
        record(json!({ "starts_on": "2010-01-01", "fictitious": true })).is(201);
        record(json!({ "text": "constitutive_convention", "items": settled("dissolution") })).is(201);

        let count = |query: &str| {
            app.reader().get(&format!("/v1/founding-texts?count=exact&{query}")).is(200).json()["count"].as_i64().unwrap()
        };
        for (query, found) in [
            (format!("network={}", own.id), 3), (format!("signatory={}", own.id), 0), ("text=charter".to_owned(), 2),
            ("fictitious=true".to_owned(), 1), ("as_of=2009-12-31".to_owned(), 2),
        ] {
            assert_eq!(count(&query), found, "{query}");
        }
        let beside = app.reader().get("/v1/founding-texts?expand=network&text=charter").is(200).items()[0]["expanded"]["network"]["name"].clone();
        assert_eq!(beside, "Addictologie");
        app.administrator().patch(&kept.path, "*", &json!({ "text": "constitutive_convention" })).is_bad("relations.bad_values", "/text", "fixed");
    }
}

story! {
    fn the_network_keeps_its_texts_and_who_signs_sees_them(app) {
        let own = app.under_the_article(&app.given_network(&network("Addictologie")));
        let signatory = app.given_association("CSAPA Logos");
        let [stranger, secret] = ["Sans lien", "Membre discret"].map(|name| app.given_association(name));
        app.given_membership(&membership(&secret, &own));
        let keeper = app.new_client_on(Role::NetworkCoordinator, own.scope()).1;
        let text = Given::located(keeper.post("/v1/founding-texts", &with(charter(&own), json!({
            "signatures": [{ "signatory": reference(&signatory) }],
        }))).is(201));
        let theirs = app.new_client_on(Role::Contributor, signatory.scope()).1;
        let others = app.new_client_on(Role::Contributor, stranger.scope()).1;

        assert_eq!(theirs.get(&text.path).is(200).json()["acts"], json!([]));
        theirs.patch(&text.path, "*", &json!({ "fictitious": true })).is_problem(403, "access.role");
        others.get(&text.path).is(404);
        others.get(&format!("{}/missing", text.path)).is(404);

        let day = format!("{}/missing?as_of=2020-01-01", text.path);
        assert_eq!(names(&keeper.get(&day).is(200).json()["unsigned"]), ["Membre discret"]);
        assert!(names(&theirs.get(&day).is(200).json()["unsigned"]).is_empty());
    }
}

story! {
    fn a_text_is_amended_then_ended_and_its_history_keeps_each_state(app) {
        let own = app.under_the_article(&app.given_network(&network("Addictologie")));
        let text = app.given_at("/v1/founding-texts", &with(charter(&own), json!({ "starts_on": "2004-06-15" })));
        let settled = json!([{ "item": "access_and_exit", "state": "settled" }]);
        let keeper = app.administrator();

        keeper.patch(&text.path, "*", &json!({ "items": settled })).is(200);
        let ended = keeper.ask("POST", &format!("{}/end", text.path)).if_match("*")
            .json(&json!({ "ends_before": "2012-01-01" })).send().is(200).json();

        assert_eq!((&ended["items"], &ended["ends_before"]), (&settled, &json!("2012-01-01")));
        assert_eq!(missing(app, &text, "2012-01-01")["in_force"], false);
        let states = keeper.get(&format!("{}/history", text.path)).is(200).items();
        let lasted: Vec<_> = states.iter().map(|state| &state["body"]["ends_before"]).collect();
        assert_eq!(lasted, ["2022-07-26", "2022-07-26", "2012-01-01"]);
    }
}
