//! Territories that people draw: basins, « pays », PETR.

use crate::story::{App, Given, Value, json, story};

/// Alès Agglomération with a commune since a day, and a commune outside.
fn given_around_ales(app: &App) -> (Given, Given, Given) {
    let epci = app.given_territory(json!({
        "kind": "epci", "code": "200066918", "names": [{ "name": "Alès Agglomération" }], "form": "CA",
    }));
    let inside = app.given_territory(json!({
        "kind": "commune", "code": "30007", "names": [{ "name": "Alès" }],
        "part_of": [{ "whole": epci.id, "kind": "epci", "starts_on": "2017-01-01" }],
    }));
    let outside = app.given_commune("30227", "Saint-Ambroix");
    (epci, inside, outside)
}

story! {
    fn a_basin_holds_the_communes_it_names_and_those_of_its_epci_on_each_day(app) {
        let (epci, commune, outside) = given_around_ales(app);
        let bassin = app.given_bassin("Bassin alésien", json!([
            { "territory": epci.id, "starts_on": "2011-01-01" },
            { "territory": outside.id, "starts_on": "2020-01-01", "ends_before": "2025-01-01" },
        ]));
        let reader = app.reader();

        let within = |day: &str| reader.get(&format!("/v1/territories?kind=commune&within={}{day}&sort=name", bassin.id)).is(200).names();
        let containing = |id: &str, day: &str| reader.get(&format!("/v1/territories?containing={id}&kind=bassin{day}")).is(200).names();

        assert_eq!(within(""), ["Alès", "Saint-Ambroix"]);
        assert_eq!(within("&as_of=2019-12-31"), ["Alès"]);
        assert_eq!(within("&as_of=2020-01-01"), ["Alès", "Saint-Ambroix"]);
        assert_eq!(within("&as_of=2025-01-01"), ["Alès"]);
        assert_eq!(within("&as_of=2016-12-31"), [""; 0]);
        assert_eq!(containing(&commune.id, "&as_of=2017-01-01"), ["Bassin alésien"]);
        assert_eq!(containing("commune:30007", "&as_of=2016-12-31"), [""; 0]);
        assert_eq!(containing(&outside.id, "&as_of=2024-12-31"), ["Bassin alésien"]);
        assert_eq!(containing(&outside.id, "&as_of=2025-01-01"), [""; 0]);
        assert_eq!(containing(&epci.id, ""), ["Bassin alésien"]);
    }
}

story! {
    fn a_commune_that_left_the_epci_before_it_joined_the_basin_is_not_in_the_basin(app) {
        let (epci, _, _) = given_around_ales(app);
        app.given_territory(json!({
            "kind": "commune", "code": "30010", "names": [{ "name": "Anduze" }],
            "part_of": [{ "whole": epci.id, "kind": "epci", "ends_before": "2015-01-01" }],
        }));
        let bassin = app.given_bassin("Bassin alésien", json!([{ "territory": epci.id, "starts_on": "2015-01-01" }]));

        let ever = app.reader().get(&format!("/v1/territories?kind=commune&within={}", bassin.id)).names();

        assert_eq!(ever, ["Alès"]);
    }
}

story! {
    fn a_drawn_territory_is_changed_and_ended_and_its_past_kept(app) {
        let (epci, _, outside) = given_around_ales(app);
        let bassin = app.given_bassin("Bassin alésien", json!([{ "territory": epci.id }]));
        let keeper = app.administrator();

        let changed = keeper.patch(&bassin.path, &bassin.etag, &json!({ "setting": "mixed", "members": [{ "territory": outside.id }] }));
        let end = |etag: &str| keeper.ask("POST", &format!("{}/end", bassin.path)).if_match(etag)
            .json(&json!({ "ends_before": "2025-01-01", "reason": "Redécoupage." })).send();
        let ended = end(&changed.etag());

        assert_eq!(changed.is(200).json()["members"], json!([{ "territory": outside.id }]));
        assert_eq!((ended.is(200).json()["state"].clone(), ended.json()["acts"].clone()), (json!("ended"), json!(["change_territory", "delete_territory"])));
        let history = keeper.get(&format!("{}/history", bassin.path)).items();
        assert_eq!(history.iter().map(|state| &state["op"]).collect::<Vec<_>>(), ["created", "updated", "ended"]);
        assert_eq!(keeper.get(&format!("{}?as_of=2024-12-31", bassin.path)).json()["state"], "open");
        assert_eq!(keeper.get("/v1/territories?kind=bassin&as_of=2024-12-31").names(), ["Bassin alésien"]);
        assert_eq!(keeper.get("/v1/territories?kind=bassin&as_of=2025-01-01").names(), [""; 0]);
        end(&ended.etag()).is_problem(409, "territories.already_ended");
    }
}

story! {
    fn a_basin_drawn_by_mistake_is_deleted_and_its_members_stay(app) {
        let (epci, commune, _) = given_around_ales(app);
        let bassin = app.given_bassin("Bassin alésien", json!([{ "territory": epci.id }, { "territory": commune.id }]));

        app.administrator().delete(&bassin.path, &bassin.etag).is(204);

        app.reader().get(&bassin.path).is_problem(410, "request.deleted");
        app.reader().get(&commune.path).is(200);
        assert_eq!(app.reader().get(&format!("/v1/territories?containing={}", epci.id)).names(), [""; 0]);
    }
}

story! {
    fn a_basin_is_made_of_communes_and_epci_that_exist_each_once_a_day(app) {
        let (_, commune, _) = given_around_ales(app);
        let bassin = app.given_bassin("Bassin alésien", json!([]));
        let draw = |members: Value| app.administrator().post("/v1/territories", &json!({
            "kind": "petr", "names": [{ "name": "PETR d'exemple" }], "members": members, "fictitious": true,
        }));

        let unknown = draw(json!([{ "territory": "0198f1c2-7a00-7000-8000-0000000000ff" }]));
        let twice = draw(json!([{ "territory": commune.id }, { "territory": commune.id, "starts_on": "2020-01-01" }]));
        let nested = draw(json!([{ "territory": bassin.id }]));

        unknown.is_problem(422, "territories.bad_values");
        assert_eq!(unknown.pointers(), ["/members/0/territory"]);
        twice.is_problem(422, "territories.bad_values");
        assert_eq!(twice.pointers(), ["/members/1"]);
        let problem = nested.is_problem(409, "territories.not_a_member");
        assert_eq!((&problem["territory"], &problem["kind"]), (&json!(bassin.id), &json!("bassin")));
        let empty = draw(json!([{ "territory": commune.id, "starts_on": "2020-01-01", "ends_before": "2020-01-01" }]));
        assert_eq!(empty.is_problem(422, "request.bad_values")["errors"][0]["pointer"], "/members/0/ends_before");
    }
}

story! {
    fn what_a_reference_list_says_is_not_changed_by_hand(app) {
        let (_, commune, _) = given_around_ales(app);
        let etag = app.reader().get(&commune.path).etag();
        let keeper = app.administrator();

        let drawn = keeper.post("/v1/territories", &json!({ "kind": "commune", "names": [{ "name": "Alès" }] }));
        let changed = keeper.patch(&commune.path, &etag, &json!({ "names": [{ "name": "Alais" }] }));
        let ended = keeper.ask("POST", &format!("{}/end", commune.path)).if_match(&etag).json(&json!({ "ends_before": "2026-01-01" })).send();
        let deleted = keeper.delete(&commune.path, &etag);

        for refused in [drawn, changed, ended, deleted] {
            assert_eq!(refused.is_problem(409, "territories.reference")["kind"], "commune");
        }
    }
}
