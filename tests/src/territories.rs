//! Territories, loaded by the program and read by all.

use crate::story::{App, Given, json, story};

/// An intercommunality, and a commune in it since a day.
fn given_ales(app: &App) -> (Given, Given) {
    let epci = app.given_territory(json!({
        "kind": "epci", "code": "200066918", "names": [{ "name": "Alès Agglomération" }], "form": "CA",
    }));
    let commune = app.given_territory(json!({
        "kind": "commune", "code": "30007", "names": [{ "name": "Alès" }], "postcodes": ["30100"],
        "part_of": [{ "whole": epci.id, "kind": "epci", "starts_on": "2017-01-01" }],
    }));
    (epci, commune)
}

story! {
    fn a_territory_reads_back_with_its_tag_and_history(app) {
        let (_, commune) = given_ales(app);

        let read = app.reader().get(&commune.path);
        let history = app.reader().get(&format!("{}/history", commune.path)).items();

        assert_eq!((read.is(200).json()["name"].clone(), read.json()["acts"].clone()), (json!("Alès"), json!([])));
        app.reader().ask("GET", &commune.path).header("if-none-match", read.etag()).send().is(304);
        assert_eq!((history.len(), &history[0]["op"]), (1, &json!("created")));
    }
}

story! {
    fn territories_are_found_by_kind_code_and_words(app) {
        given_ales(app);
        app.given_commune("30329", "Thoiras-Corbès");
        app.given_commune("2A004", "Ajaccio");
        let reader = app.reader();

        let found = |query: &str| reader.get(&format!("/v1/territories?sort=name&{query}")).is(200).names();

        assert_eq!(found("kind=commune"), ["Ajaccio", "Alès", "Thoiras-Corbès"]);
        assert_eq!(found("code=30329"), ["Thoiras-Corbès"]);
        assert_eq!(found("code=2a004"), ["Ajaccio"]);
        assert_eq!(found("q=ales"), ["Alès", "Alès Agglomération"]);
        assert_eq!(found("limit=1&count=exact"), ["Ajaccio"]);
        assert_eq!(reader.get("/v1/territories?limit=1&count=exact").json()["count"], 4);
        for query in ["kind=country", "code=%C3%9F", "code=30007%20"] {
            reader.get(&format!("/v1/territories?{query}")).is_problem(400, "request.bad_query");
        }
    }
}

story! {
    fn the_communes_of_an_intercommunality_depend_on_the_day(app) {
        given_ales(app);
        let reader = app.reader();

        let found = |query: &str| reader.get(&format!("/v1/territories?{query}")).is(200).names();

        assert_eq!(found("within=epci:200066918"), ["Alès"]);
        assert_eq!(found("within=epci:200066918&as_of=2016-12-31"), [""; 0]);
        assert_eq!(found("containing=commune:30007&as_of=2017-01-01"), ["Alès Agglomération"]);
        assert_eq!(found("within=epci:999999999"), [""; 0]);
        reader.get("/v1/territories?within=nowhere").is_problem(400, "request.bad_query");
    }
}

story! {
    fn a_territory_that_never_was_is_not_found(app) {
        let organisation = app.given_association("Réseda");

        for id in ["0198f1c2-7a00-7000-8000-0000000000ff", "x", &organisation.id] {
            app.reader().get(&format!("/v1/territories/{id}")).is_problem(404, "request.not_found");
            app.reader().get(&format!("/v1/territories/{id}/history")).is_problem(404, "request.not_found");
        }
    }
}
