//! Which record a row tells of, and what the second run of a file does: nothing.

use super::counts;
use crate::story::{App, Given, given, json, story};

const FILE: &str = "source_key,kind,name,siret,phone,commune\n\
    a,association,Réseda,73282932000074,0466000000,30007\n\
    b,association,Vivadom,,0466000001,30007\n";

story! {
    fn a_second_run_of_the_same_file_changes_nothing(app) {
        let first = app.administrator().import("source=members", FILE);
        let before = app.marks();
        let everything = app.everything();

        let second = app.administrator().import("source=members", FILE);
        let chunks = app.administrator().import("source=members&mode=partial", FILE.replace(',', ";"));

        assert_eq!(counts(&first), [2, 0, 0, 0, 0]);
        assert_eq!((counts(&second), counts(&chunks)), ([0, 0, 2, 0, 0], [0, 0, 2, 0, 0]));
        assert_eq!(app.marks(), before);
        assert_eq!(app.everything(), everything);
    }
}

story! {
    fn a_second_run_of_a_file_without_keys_changes_nothing(app) {
        let file = "kind,name,postcode\nassociation,Réseda,30100\nassociation,Réseda,30140\n";
        app.administrator().import("", file);
        let before = app.marks();

        let second = app.administrator().import("", file);

        assert_eq!((counts(&second), app.marks()), ([0, 0, 2, 0, 0], before));
    }
}

story! {
    fn what_a_person_changed_since_is_not_overwritten_by_the_same_row(app) {
        app.administrator().import("source=members", FILE);
        let one = app.reader().get("/v1/organisations?q=reseda").items()[0].clone();
        let path = format!("/v1/organisations/{}", one["id"].as_str().unwrap());
        let etag = app.administrator().get(&path).etag();
        app.administrator().patch(&path, &etag, &json!({ "contact": { "phone": "0499999999" }, "sectors": ["health"] })).is(200);

        let same = app.administrator().import("source=members", FILE);
        let kept = app.reader().get(&path).json();
        let other = app.administrator().import("source=members", FILE.replace("a,association,Réseda", "a,association,Réseda 30"));
        let changed = app.reader().get(&path).json();

        assert_eq!((counts(&same), counts(&other)), ([0, 0, 2, 0, 0], [0, 1, 1, 0, 0]));
        assert_eq!((kept["contact"]["phone"].as_str(), kept["name"].as_str()), (Some("0499999999"), Some("Réseda")));
        assert_eq!((changed["contact"]["phone"].as_str(), changed["name"].as_str()), (Some("0466000000"), Some("Réseda 30")));
        assert_eq!(changed["sectors"], json!(["health"]));
    }
}

story! {
    fn a_row_is_known_by_its_key_then_by_a_number_that_one_record_bears(app) {
        let siret = |value: &str| json!({ "identifiers": [{ "system": "siret", "value": value }] });
        let one = app.given(&given::association_with("One", siret("73282932000074")));
        app.given(&given::association_with("Twin", siret("35600000000048")));
        app.given(&given::association_with("Twin too", siret("35600000000048")));
        let file = "source_key,kind,name,siret\n\
            1,association,One by number,73282932000074\n\
            2,association,Which twin,35600000000048\n\
            3,association,New one,\n\
            4,association,Other site of one,73282932000074\n";

        let job = app.administrator().import("source=members&mode=partial", file);
        let keyed = app.administrator().import("source=members&mode=partial", "source_key,kind,name\n1,association,One by key\n");

        assert_eq!(counts(&job), [2, 1, 0, 0, 1]);
        assert_eq!(app.administrator().reported(&job)[0], (3, String::new(), "ambiguous".to_owned()));
        assert_eq!(counts(&keyed), [0, 1, 0, 0, 0]);
        assert_eq!(app.reader().get(&one.path).json()["name"], "One by key");
    }
}

story! {
    fn a_new_record_that_looks_like_another_is_proposed_as_its_duplicate(app) {
        let seat = json!({ "addresses": [{ "use": "seat", "commune": "30007" }] });
        let known = app.given(&given::association_with("Réseau Cévennes", seat));

        let job = app.administrator().import("", "kind,name,commune\nassociation,RESEAU CEVENNES,30007\n");

        assert_eq!(counts(&job), [1, 0, 0, 0, 0]);
        let report = app.administrator().get(&format!("/v1/imports/{}/report", job["id"].as_str().unwrap())).items();
        assert_eq!((report[0]["code"].as_str(), report[0]["outcome"].as_str()), (Some("likely_duplicate"), Some("noticed")));
        assert_eq!(report[0]["facts"]["ids"], json!([known.id]));
    }
}

story! {
    fn a_row_may_name_a_record_by_our_id(app) {
        let one = app.given_association("Réseda");
        let file = |id: &str| format!("id,kind,name,short_name\n{id},association,Réseda,RSD\n");

        let job = app.administrator().import("", file(&one.id));
        let unknown = app.administrator().import("mode=partial", file("0198f1c2-7a00-7000-8000-00000000ffff"));
        let twice = app.administrator().import("mode=partial", file(&one.id) + &format!("{},association,Other,\n", one.id));

        assert_eq!((counts(&job), counts(&unknown)), ([0, 1, 0, 0, 0], [0, 0, 0, 1, 0]));
        assert_eq!(app.administrator().reported(&unknown)[0].2, "unknown_record");
        assert_eq!(app.administrator().reported(&twice)[0].2, "repeated_key");
        assert_eq!(app.reader().get(&one.path).json()["short_name"], "RSD");
    }
}

story! {
    fn a_record_keeps_where_it_comes_from(app) {
        let job = app.administrator().import("source=members&file=members.csv", FILE);

        let one = app.reader().get("/v1/organisations?q=vivadom").items()[0].clone();
        assert_eq!(one["provenance"], json!([{
            "source": "members", "key": "b", "file": "members.csv", "line": 3, "import": job["id"],
        }]));
        let other = app.given_association("By hand");
        assert_eq!(app.reader().get(&other.path).json().get("provenance"), None);
        app.administrator().post("/v1/organisations", &given::association_with("Forged", json!({ "provenance": [] }))).is_problem(422, "request.bad_values");
    }
}

story! {
    fn a_record_deleted_here_is_not_made_again_by_the_same_row(app) {
        app.administrator().import("source=members", FILE);
        let one = app.reader().get("/v1/organisations?q=vivadom").items()[0].clone();
        let path = format!("/v1/organisations/{}", one["id"].as_str().unwrap());
        let given = Given { id: String::new(), etag: app.administrator().get(&path).etag(), path };
        app.administrator().delete(&given.path, &given.etag).is(204);

        let same = app.administrator().import("source=members", FILE);
        let other = app.administrator().import("source=members&mode=partial", FILE.replace("0466000001", "0466000002"));

        assert_eq!((counts(&same), counts(&other)), ([0, 0, 2, 0, 0], [0, 0, 1, 1, 0]));
        assert_eq!(app.administrator().reported(&other)[0].2, "deleted_record");
    }
}

story! {
    fn an_end_told_by_a_file_is_an_end(app) {
        let file = |day: &str| format!("source_key,kind,name,ends_before\n1,association,Réseda,{day}\n");
        app.administrator().import("source=members", file(""));
        let path = format!("/v1/organisations/{}", app.reader().get("/v1/organisations?q=reseda").ids()[0]);

        let job = app.administrator().import("source=members", file("31/12/2025"));

        assert_eq!(counts(&job), [0, 1, 0, 0, 0]);
        assert_eq!(app.reader().get(&path).json()["state"], "ended");
        let changes = app.reader().get("/v1/changes?limit=200").items();
        assert_eq!(changes.last().unwrap()["op"], "ended");
    }
}

story! {
    fn a_trial_keeps_nothing_and_tells_the_same(app) {
        let before = app.marks();

        let job = app.administrator().import("source=members&dry_run=true&mode=partial", format!("{FILE}c,association,,,,\n"));

        assert_eq!((job["state"].as_str(), counts(&job)), (Some("done"), [2, 0, 0, 1, 0]));
        assert_eq!((app.marks(), app.base.count("imported")), (before, 0));
    }
}

story! {
    fn what_is_exported_and_imported_again_changes_nothing(app) {
        let whole = app.given(&given::association_with("Réseau, \"le\" grand", json!({
            "short_name": null, "sectors": ["health", "social"],
            "addresses": [{ "use": "site", "lines": ["1 rue | A", "BP 3"], "postcode": "30100", "locality": "Alès" },
                { "use": "seat", "commune": "30007" }],
            "identifiers": [{ "system": "siret", "value": "73282932000074" }, { "system": "siret", "value": "73282932000082" },
                { "system": "rna", "value": "W301234567", "ends_before": "2020-01-01" }],
            "contact": { "phone": "+33466000000", "website": "https://example.org" },
            "constituted_on": "1998", "fictitious": true,
        }).as_object().map(|members| { let mut members = members.clone(); members.remove("short_name"); members.into() }).unwrap()));
        app.given_part("Antenne", &whole);
        app.given(&json!({ "kind": "gip", "names": [{ "name": "Avant" }, { "name": "Après", "short_name": "=AP", "starts_on": "2020-01-01" }] }));
        let before = (app.marks(), app.everything());

        for export in ["/v1/organisations?csv=standard", "/v1/organisations?csv=fr"] {
            let exported = app.administrator().ask("GET", export).header("accept", "text/csv").send();
            let job = app.administrator().import("", exported.bytes.clone());

            let rows = u64::try_from(before.1.len()).unwrap();
            assert_eq!(counts(&job), [0, 0, rows, 0, 0], "{:?}", app.administrator().reported(&job));
        }
        assert_eq!((app.marks(), app.everything()), before);
    }
}
