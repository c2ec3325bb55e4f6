//! The census of what runs: where, on what, on which day, and what looks as if it ran twice.

use domain::access::Role;

use crate::memberships::reference;
use crate::networks::network;
use crate::story::given::with;
use crate::story::{App, Client, Given, Value, json, story};

/// A running action on addictions in some territories.
fn given_running(
    app: &App,
    owner: &Given,
    title: &str,
    territories: &[&Given],
    more: Value,
) -> Given {
    let territories: Vec<&String> = territories.iter().map(|one| &one.id).collect();
    let fields = json!({
        "owner": reference(owner), "title": title, "status": "running", "themes": ["addictions"], "territories": territories,
    });
    app.given_at("/v1/actions", &with(fields, more))
}

/// The titles of what runs, in order.
#[track_caller]
fn running(by: &Client, query: &str) -> Vec<String> {
    let items = by.get(&format!("/v1/activities?{query}")).is(200).items();
    let mut titles: Vec<String> = items
        .iter()
        .map(|item| item["title"].as_str().unwrap().to_owned())
        .collect();
    titles.sort();
    titles
}

story! {
    fn the_census_tells_what_runs_on_a_day_over_a_territory_on_a_theme(app) {
        let around = app.given_around();
        let bassin = app.given_bassin("Bassin", json!([{ "territory": around.neighbour.id }, { "territory": around.elsewhere.id }]));
        let owner = app.given_network(&network("Addictologie"));
        let give = |title: &str, place: &Given, more: Value| given_running(app, &owner, title, &[place], more);
        give("Dans le bourg", &around.commune, json!({ "starts_on": "2026-01-01" }));
        give("Dans l'agglomération", &around.epci, json!({ "populations": ["young_people"] }));
        give("Dans la région", &around.region, json!({ "themes": ["diabetes"] }));
        give("Dans le bassin", &bassin, json!({ "determinants": ["housing"] }));
        give("À Nîmes", &around.elsewhere, json!({ "fictitious": true }));
        give("Terminée", &around.commune, json!({ "status": "done", "ends_before": "2026-01-01" }));
        give("Prévue", &around.commune, json!({ "status": "planned" }));
        let reader = app.reader();

        let all = ["Dans l'agglomération", "Dans la région", "Dans le bassin", "Dans le bourg", "À Nîmes"];
        assert_eq!(running(&reader, ""), all);
        for (query, titles) in [
            ("territory=commune:30132", &["Dans l'agglomération", "Dans la région", "Dans le bourg"][..]),
            ("territory=epci:200066918", &["Dans l'agglomération", "Dans la région", "Dans le bassin", "Dans le bourg"]),
            ("territory=departement:30", &all), ("territory=region:76", &all),
            ("territory=commune:30189", &["Dans la région", "Dans le bassin", "À Nîmes"]),
            ("territory=commune:30999", &[]),
            ("territory=commune:30132&theme=diabetes", &["Dans la région"]),
            ("population=young_people", &["Dans l'agglomération"]), ("determinant=housing", &["Dans le bassin"]),
            ("q=bourg", &["Dans le bourg"]), ("fictitious=true", &["À Nîmes"]),
            ("territory=commune:30132&as_of=2025-12-31", &["Dans l'agglomération", "Dans la région", "Terminée"]),
        ] {
            assert_eq!(running(&reader, query), titles, "{query}");
        }
        assert_eq!(running(&reader, &format!("territory={}", bassin.id)).len(), 4);
        let told = reader.get("/v1/activities?q=bourg&count=exact").is(200).json();
        assert_eq!((&told["count"], &told["items"][0]["expanded"]["owner"]["name"]), (&json!(1), &json!("Addictologie")));
        let table = reader.ask("GET", "/v1/activities").header("accept", "text/csv").send();
        assert_eq!(table.is(200).text().lines().count(), 6);
        reader.get("/v1/activities?territory=ailleurs").is_problem(400, "request.bad_query");
    }
}

story! {
    fn activities_that_look_like_one_are_told_to_those_who_see_both(app) {
        let around = app.given_around();
        let [own, other] = ["Le sien", "Un autre"].map(|name| app.given_network(&network(name)));
        let one = given_running(app, &own, "Forum de la santé", &[&around.epci], json!({}));
        let twice = given_running(app, &other, "Forum santé", &[&around.commune], json!({}));
        given_running(app, &other, "Forum santé", &[&around.elsewhere], json!({}));
        given_running(app, &other, "Forum santé", &[&around.commune], json!({ "themes": ["diabetes"] }));
        given_running(app, &other, "Forum santé", &[&around.commune], json!({ "status": "planned" }));
        let doubles = |by: &Client, of: &Given| -> Vec<Value> {
            let all = by.get("/v1/activities").is(200).items();
            let one = all.into_iter().find(|item| item["id"] == json!(of.id)).unwrap();
            one["expanded"]["doubles"].as_array().unwrap().clone()
        };

        let told = doubles(&app.reader(), &one);

        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!((&told[0]["id"], &told[0]["owner"]["name"]), (&json!(twice.id), &json!("Un autre")));
        assert_eq!(doubles(&app.reader(), &twice)[0]["id"], json!(one.id));
        let by = app.new_client_on(Role::NetworkCoordinator, own.scope()).1;
        assert_eq!(running(&by, ""), ["Forum de la santé"]);
        assert_eq!(by.get("/v1/activities?count=exact").is(200).json()["count"], 1);
        assert_eq!(doubles(&by, &one), Vec::<Value>::new());
        let lines = by.ask("GET", "/v1/activities").header("accept", "application/x-ndjson").send();
        assert!(!lines.is(200).text().contains("Un autre"), "{lines}");
    }
}
