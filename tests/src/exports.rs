//! Everything of a type, and from where to follow its changes.

use std::collections::BTreeMap;

use api::exports::{Exported, by_operator};
use api::http::format::{Dialect, Whole};
use domain::access::{Role, Scope};

use crate::story::given::association_with;
use crate::story::{Answer, App, Client, Value, association, json, story, together};

fn export(reader: &Client, what: &str) -> Answer {
    let answer = reader.get(&format!("/v1/exports/{what}"));
    answer.is(200);
    answer
}

/// A copy of everything: from an export, then from the feed.
fn copy(reader: &Client, what: &str, exported: &Answer) -> BTreeMap<String, Value> {
    let id = |record: &Value| record["id"].as_str().unwrap().to_owned();
    let mut copy: BTreeMap<String, Value> = exported
        .lines()
        .into_iter()
        .map(|record| (id(&record), record))
        .collect();
    let mut cursor = exported.header("changes-cursor").to_owned();
    loop {
        let page = reader.get(&format!("/v1/changes?limit=200&type={what}&after={cursor}"));
        for change in page.is(200).items() {
            match change["body"].clone() {
                Value::Null => copy.remove(&id(&change)),
                body => copy.insert(id(&change), body),
            };
        }
        cursor = page.next();
        if page.json()["more"] == false {
            return copy;
        }
    }
}

story! {
    fn an_export_has_every_record_as_it_is_stored_and_the_cursor_to_go_on_from(app) {
        let given = app.given(&association_with("Réseda", json!({ "fictitious": true })));
        app.given_commune("30007", "Alès");

        let organisations = export(&app.reader(), "organisations");
        let territories = export(&app.reader(), "territories");

        let told = app.reader().get("/v1/changes?type=organisation").items()[0]["body"].clone();
        assert_eq!(organisations.lines(), [told]);
        assert_eq!(territories.lines()[0]["code"], "30007");
        assert_eq!(organisations.header("content-disposition"), "attachment; filename=\"organisations-2026-11-22.ndjson\"");
        let cursor = organisations.header("changes-cursor");
        assert_eq!(organisations.next_address().unwrap(), format!("/v1/changes?after={cursor}"));
        assert_eq!(app.reader().get(&format!("/v1/changes?after={cursor}")).is(200).items(), [Value::Null; 0]);
        app.ended(&given, "2026-01-01");
        assert_eq!(app.reader().get(&organisations.next_address().unwrap()).items()[0]["op"], "ended");
    }
}

story! {
    fn a_copy_begun_by_an_export_and_kept_from_the_feed_equals_the_base(app) {
        let given: Vec<_> = (0..300).map(|number| app.given_association(&format!("Réseau {number}"))).collect();
        let reader = app.reader();

        let exports = together(3, |number| match number {
            0 => {
                for given in given.iter().step_by(3) {
                    app.ended(given, "2026-01-01");
                }
                None
            }
            1 => {
                for (number, given) in given.iter().skip(1).step_by(3).enumerate() {
                    app.administrator().delete(&given.path, &given.etag).is(204);
                    app.administrator().post("/v1/organisations", &association(&format!("Nouveau {number}"))).is(201);
                }
                None
            }
            _ => {
                let while_others_write = (0..4).map(|_| export(&reader.again(), "organisations"));
                Some(while_others_write.collect::<Vec<_>>())
            }
        });

        let now: BTreeMap<String, Value> = export(&reader, "organisations").lines().into_iter()
            .map(|record| (record["id"].as_str().unwrap().to_owned(), record)).collect();
        assert_eq!(now.len(), 300);
        for exported in exports.into_iter().flatten().flatten() {
            assert_eq!(copy(&reader, "organisation", &exported), now);
        }
    }
}

story! {
    fn an_export_holds_what_its_reader_may_see(app) {
        let mine = app.given_association("Fédération");
        let part = app.given_part("Antenne", &mine);
        app.given_association("Ailleurs");
        app.given_commune("30007", "Alès");
        let scope = Scope::Organisation(mine.id.parse().unwrap());
        let (_, federation) = app.new_client_on(Role::Federation, scope);
        let (_, contributor) = app.new_client_on(Role::Contributor, scope);

        let exported = export(&federation, "organisations");

        let ids: Vec<Value> = exported.lines().iter().map(|record| record["id"].clone()).collect();
        assert_eq!(ids, [json!(mine.id), json!(part.id)]);
        assert_eq!(copy(&federation, "organisation", &exported).len(), 2);
        assert_eq!(export(&federation, "territories").lines().len(), 1);
        contributor.get("/v1/exports/organisations").is_problem(403, "access.role");
    }
}

story! {
    fn only_what_there_is_can_be_exported_and_in_one_format(app) {
        for what in ["grants", "Organisations", "clients", "0"] {
            app.administrator().get(&format!("/v1/exports/{what}")).is_problem(404, "request.not_found");
        }
        app.reader().get("/v1/exports/organisations?limit=3").is_problem(400, "request.bad_query");
        for accept in ["application/json", "text/csv"] {
            let refused = app.reader().ask("GET", "/v1/exports/organisations").accept(accept).send();
            assert_eq!(refused.is_problem(406, "request.not_acceptable")["offered"], json!(["application/x-ndjson"]));
        }
        let head = app.reader().ask("HEAD", "/v1/exports/organisations").send();
        assert_eq!(head.is(200).header("content-type"), "application/x-ndjson");
        assert!(!head.header("changes-cursor").is_empty());
    }
}

story! {
    fn a_page_of_a_known_origin_may_read_the_cursor_of_an_export(app) {
        let answer = app.reader().ask("GET", "/v1/exports/organisations").header("origin", "https://front.example").send();

        let exposed = answer.is(200).header("access-control-expose-headers");
        assert!(exposed.contains("changes-cursor") && exposed.contains("link"), "{answer}");
    }
}

story! {
    fn the_one_who_runs_the_program_exports_the_same(app) {
        app.given_association("=Réseda");
        let today = "2026-11-22".parse().unwrap();
        let written = |form| {
            let mut long = by_operator(app.database.clone(), Exported::Organisations, form, today);
            crate::story::database::block_on(async {
                let mut all = Vec::new();
                while let Some(bytes) = long.piece().await.unwrap() {
                    all.extend_from_slice(&bytes);
                }
                all
            })
        };

        assert_eq!(written(Whole::Stored), export(&app.reader(), "organisations").bytes);
        for (dialect, query) in [(Dialect::Standard, "standard"), (Dialect::Fr, "fr")] {
            assert_eq!(written(Whole::Table(dialect)), app.reader().get(&format!("/v1/organisations?csv={query}")).bytes);
        }
    }
}
