//! Code lists.

use domain::organisations::OrganisationKind;
use domain::values::CodeList;

use crate::story::{App, story};

story! {
    fn every_code_list_is_listed_and_reads_with_as_many_codes(app) {
        let lists = app.nobody().get("/v1/code-lists").is(200).items();

        assert!(lists.len() >= 13);
        for list in lists {
            let name = list["list"].as_str().unwrap();
            let whole = app.nobody().get(&format!("/v1/code-lists/{name}")).is(200).json();
            assert_eq!(whole["codes"].as_array().unwrap().len(), list["count"], "{name}");
            assert_eq!((&whole["title_fr"], &whole["title_en"]), (&list["title_fr"], &list["title_en"]));
        }
    }
}

story! {
    fn every_code_has_a_label_in_french_and_in_english(app) {
        for list in app.nobody().get("/v1/code-lists").items() {
            let name = list["list"].as_str().unwrap();
            for code in app.nobody().get(&format!("/v1/code-lists/{name}")).json()["codes"].as_array().unwrap() {
                for member in ["code", "label_fr", "label_en"] {
                    assert_ne!(code[member].as_str().unwrap(), "", "{name}: {code}");
                }
            }
        }
    }
}

story! {
    fn the_codes_are_those_that_are_accepted(app) {
        let list = app.nobody().get("/v1/code-lists/organisation_kinds").json();

        let told: Vec<&str> = list["codes"].as_array().unwrap().iter().map(|code| code["code"].as_str().unwrap()).collect();
        let accepted: Vec<&str> = OrganisationKind::ALL.iter().map(|kind| kind.code()).collect();
        assert_eq!(told, accepted);
    }
}

story! {
    fn a_refused_code_names_the_list_where_to_look(app) {
        let refused = app.administrator().post("/v1/organisations", &crate::story::json!({ "kind": "club", "names": [{ "name": "A" }] }));

        let list = refused.is(422).json()["errors"][0]["list"].as_str().unwrap().to_owned();
        app.nobody().get(&format!("/v1/code-lists/{list}")).is(200);
    }
}

story! {
    fn an_unknown_list_is_not_found(app) {
        app.nobody().get("/v1/code-lists/colours").is_problem(404, "request.not_found");
    }
}

story! {
    fn anybody_may_keep_a_list_for_an_hour(app) {
        assert_eq!(app.nobody().get("/v1/code-lists/roles").header("cache-control"), "public, max-age=3600");
    }
}
