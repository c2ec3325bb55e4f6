//! Bearers: who holds a network's functions, handed over in one act, looked at again in time.

use domain::access::Role;

use crate::networks::network;
use crate::story::given::with;
use crate::story::{Answer, App, Given, Value, json, story, together};

/// The least that is said of a bearer.
pub fn bearer(network: &Given, by: &Given) -> Value {
    json!({ "network": network.id, "function": "legal_representation", "organisation": by.id })
}

/// A network, and two who may bear it.
fn scene(app: &App) -> (Given, Given, Given) {
    let network = app.given_network(&network("Réseau de La Grand-Combe"));
    (
        network,
        app.given_association("Reseda"),
        app.given_association("Association locale"),
    )
}

fn bear(app: &App, network: &Given, by: &Given, more: Value) -> Answer {
    app.administrator()
        .post("/v1/bearers", &with(bearer(network, by), more))
}

fn hand_over(app: &App, present: &Given, said: Value) -> Answer {
    app.administrator()
        .ask("POST", &format!("{}/hand-over", present.path))
        .if_match("*")
        .json(&said)
        .send()
}

/// Who bears a network on a day, by function.
#[track_caller]
fn who(app: &App, network: &Given, day: &str) -> Vec<(Value, Value)> {
    let listed = app.reader().get(&format!(
        "/v1/bearers?network={}&as_of={day}&expand=organisation",
        network.id
    ));
    let mut all: Vec<(Value, Value)> = listed
        .is(200)
        .items()
        .iter()
        .map(|item| {
            (
                item["function"].clone(),
                item["expanded"]["organisation"]["name"].clone(),
            )
        })
        .collect();
    all.sort_by_key(|(function, _)| function.to_string());
    all
}

story! {
    fn each_function_is_held_by_at_most_one_on_a_day_and_the_three_may_be_held_by_three(app) {
        let (network, reseda, local) = scene(app);
        let period = json!({ "starts_on": "2012-01-01", "ends_before": "2020-01-01" });
        let first = Given::located(bear(app, &network, &reseda, period).is(201));

        let refused = bear(app, &network, &local, json!({ "starts_on": "2019-12-31" }));
        let own = json!({ "organisation": null, "autonomous": true, "starts_on": "2015-01-01", "ends_before": "2016-01-01" });

        assert_eq!(refused.is_problem(409, "relations.overlapping")["with"], json!([first.id]));
        bear(app, &network, &local, own).is_problem(409, "relations.overlapping");
        bear(app, &network, &local, json!({ "starts_on": "2020-01-01" })).is(201);
        bear(app, &network, &local, json!({ "function": "financial_management" })).is(201);
        assert_eq!(who(app, &network, "2012-06-01"), [
            (json!("financial_management"), json!("Association locale")), (json!("legal_representation"), json!("Reseda")),
        ]);
    }
}

story! {
    fn of_two_who_record_a_bearer_at_once_one_is_refused(app) {
        let (network, reseda, local) = scene(app);

        let answers = together(6, |number| {
            let by = if number % 2 == 0 { &reseda } else { &local };
            app.administrator().post("/v1/bearers", &bearer(&network, by)).status
        });

        assert_eq!(answers.iter().filter(|status| **status == 201).count(), 1, "{answers:?}");
    }
}

story! {
    fn that_a_network_is_autonomous_is_said_and_not_guessed(app) {
        let (network, reseda, _) = scene(app);
        let nobody = json!({ "organisation": null });
        let own = json!({ "organisation": null, "autonomous": true });

        bear(app, &network, &reseda, nobody).is_bad("relations.bad_values", "/organisation", "required");
        bear(app, &network, &reseda, json!({ "autonomous": true }))
            .is_bad("relations.bad_values", "/autonomous", "contradicts");
        assert_eq!(who(app, &network, "2026-01-01"), []);
        bear(app, &network, &reseda, own).is(201);

        assert_eq!(who(app, &network, "2026-01-01"), [(json!("legal_representation"), json!(null))]);
        let count = |query: &str| app.reader().get(&format!("/v1/bearers?count=exact&{query}")).is(200).json()["count"].clone();
        assert_eq!((count("autonomous=true"), count("autonomous=false")), (json!(1), json!(0)));
    }
}

story! {
    fn a_function_is_handed_over_in_one_act_with_its_reason_and_next_review(app) {
        let (network, reseda, local) = scene(app);
        let first = Given::located(bear(app, &network, &reseda, json!({ "starts_on": "2012-01-01", "interim": true })).is(201));
        let said = json!({
            "on": "2020-07-01", "organisation": local.id, "reason": "Association locale constituée.", "review_on": "2022-07-01",
        });

        let next = hand_over(app, &first, said.clone());

        let next = next.is(200).json();
        assert_eq!((&next["organisation"], &next["starts_on"], &next["review_on"], &next["state"]),
            (&json!(local.id), &json!("2020-07-01"), &json!("2022-07-01"), &json!("current")));
        let left = app.reader().get(&first.path).is(200).json();
        assert_eq!((&left["ends_before"], &left["end_reason"], &left["state"]),
            (&json!("2020-07-01"), &json!("Association locale constituée."), &json!("ended")));
        assert_eq!(who(app, &network, "2020-06-30"), [(json!("legal_representation"), json!("Reseda"))]);
        assert_eq!(who(app, &network, "2020-07-01"), [(json!("legal_representation"), json!("Association locale"))]);
        let told = app.reader().get("/v1/changes?type=bearer").is(200).items();
        let ops: Vec<&Value> = told.iter().map(|entry| &entry["op"]).collect();
        assert_eq!(ops, ["created", "ended", "created"]);
        hand_over(app, &first, said).is_problem(409, "relations.already_ended");
    }
}

story! {
    fn a_hand_over_that_is_refused_leaves_nothing_half_done(app) {
        let (network, reseda, local) = scene(app);
        let first = Given::located(bear(app, &network, &reseda, json!({ "starts_on": "2012-01-01", "ends_before": "2020-01-01" })).is(201));
        let before = app.reader().get(&first.path).is(200).json();

        let nobody = hand_over(app, &first, json!({ "on": "2015-01-01" }));
        let unknown = hand_over(app, &first, json!({ "on": "2015-01-01", "organisation": network.id }));
        let early = hand_over(app, &first, json!({ "on": "2012-01-01", "organisation": local.id }));
        let late = hand_over(app, &first, json!({ "on": "2020-01-01", "organisation": local.id }));

        nobody.is_bad("relations.bad_values", "/organisation", "required");
        unknown.is_bad("relations.bad_values", "/organisation", "unknown_reference");
        early.is_bad("relations.bad_values", "/ends_before", "not_in_order");
        late.is_problem(409, "relations.already_ended");
        assert_eq!(app.reader().get(&first.path).is(200).json(), before);
        assert_eq!(app.reader().get("/v1/bearers?count=exact").is(200).json()["count"], 1);
    }
}

story! {
    fn borne_by_us_review_due_and_waiting_for_a_local_structure_are_lists(app) {
        let (network, reseda, local) = scene(app);
        let other = app.given_network(&crate::networks::network("Un autre"));
        bear(app, &network, &reseda, json!({ "interim": true, "starts_on": "2012-01-01", "review_on": "2026-06-01" })).is(201);
        bear(app, &other, &reseda, json!({ "starts_on": "2012-01-01", "ends_before": "2020-01-01", "review_on": "2014-01-01" })).is(201);
        bear(app, &other, &local, json!({ "starts_on": "2020-01-01", "review_on": "2027-01-01" })).is(201);
        let networks = |query: &str| {
            let listed = app.reader().get(&format!("/v1/bearers?{query}")).is(200).items();
            listed.iter().map(|item| item["network"].clone()).collect::<Vec<_>>()
        };

        assert_eq!(networks(&format!("organisation={}&as_of=2026-11-22", reseda.id)), [json!(network.id)]);
        assert_eq!(networks("review_by=2026-11-22"), [json!(network.id)]);
        assert_eq!(networks("review_by=2026-05-31"), Vec::<Value>::new());
        assert_eq!(networks("review_by=2027-01-01"), [json!(network.id), json!(other.id)]);
        assert_eq!(networks("interim=true&as_of=2026-11-22"), [json!(network.id)]);
        assert_eq!(networks("function=financial_management"), Vec::<Value>::new());
        assert_eq!(networks("fictitious=true"), Vec::<Value>::new());
    }
}

story! {
    fn who_bears_a_network_sees_it_while_it_does_and_changes_nothing(app) {
        let (network, reseda, _) = scene(app);
        let coordinator = app.new_client_on(Role::Coordinator, reseda.scope()).1;

        let given = app.given_at("/v1/bearers", &bearer(&network, &reseda));

        coordinator.get(&network.path).is(200);
        coordinator.patch(&network.path, "*", &json!({ "reach": "regional" })).is_problem(403, "access.scope");
        coordinator.patch(&given.path, "*", &json!({ "interim": true })).is_problem(403, "access.scope");
        app.administrator().ask("POST", &format!("{}/end", given.path)).if_match("*")
            .json(&json!({ "ends_before": "2026-01-01" })).send().is(200);
        coordinator.get(&network.path).is_problem(404, "request.not_found");
        coordinator.get(&given.path).is(200);
    }
}
