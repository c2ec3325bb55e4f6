//! Lists whole, as CSV and as NDJSON.

use std::io::Read;

use domain::access::{Role, Scope};

use crate::story::answer::table;
use crate::story::given::{association_with, insert_association};
use crate::story::{Answer, App, Options, Value, association, json, story, together};

const CSV: &str = "text/csv";
const NDJSON: &str = "application/x-ndjson";

/// The list in a format.
fn list(app: &App, path: &str, format: &str) -> Answer {
    app.reader().ask("GET", path).accept(format).send()
}

/// Associations in this number with long names, recorded at once.
fn given_many(app: &App, count: usize) {
    let name = |number| format!("Réseau {number:05} {}", "œ".repeat(170));
    app.by_operator(move |tx| {
        (0..count).try_for_each(|number| insert_association(tx, &name(number)))
    })
    .unwrap();
}

/// Ids that follow the clock, as those of the program itself do.
fn ids_by_time() -> Options {
    Options {
        random_ids: true,
        ..Options::default()
    }
}

story! {
    fn the_three_formats_of_a_list_agree(app) {
        for (number, name) in ["Zoé", "Œuvre de l’Étoile", "Guillemets \"doubles\"", "Virgule, point-virgule; barre|", "=1+1"].iter().enumerate() {
            app.given(&association_with(name, json!({ "fictitious": number % 2 == 0, "sectors": ["health", "social"] })));
            app.given_commune(&format!("3000{number}"), name);
        }
        for path in ["/v1/organisations", "/v1/organisations?sort=name", "/v1/organisations?q=oeuvre", "/v1/organisations?kind=ars",
            "/v1/organisations?fictitious=true&as_of=2020-01-01", "/v1/territories", "/v1/territories?sort=name&kind=commune"] {
            let page = app.reader().get(path);
            let lines = list(app, path, NDJSON).lines();
            let rows = list(app, path, CSV).rows();

            assert_eq!(lines, page.items(), "{path}");
            let ids: Vec<String> = rows.iter().map(|row| row["id"].clone()).collect();
            let names: Vec<String> = rows.iter().map(|row| row["name"].clone()).collect();
            assert_eq!((ids, names), (page.ids(), page.names()), "{path}");
        }
    }
}

story! {
    fn a_list_longer_than_any_page_comes_whole_and_once(app) {
        given_many(app, 777);

        for path in ["/v1/organisations", "/v1/organisations?sort=name"] {
            let pages = app.reader().all_pages(&format!("{path}{}limit=200", if path.contains('?') { "&" } else { "?" }));
            let rows = list(app, path, CSV).rows();

            assert_eq!(list(app, path, NDJSON).lines(), pages, "{path}");
            assert_eq!(rows.len(), 777);
            assert!(rows.iter().zip(&pages).all(|(row, item)| row["id"] == item["id"].as_str().unwrap()), "{path}");
        }
    }
}

story! {
    fn an_organisation_is_one_row_of_the_columns_that_the_import_knows(app) {
        let whole = app.given_association("Fédération");
        app.given(&json!({
            "kind": "association", "sectors": ["health", "medico_social"],
            "names": [{ "name": "Ancien nom" }, { "name": "Réseda", "short_name": "RSD", "starts_on": "2020-01-01" }],
            "identifiers": [{ "system": "siren", "value": "732829320" }, { "system": "siret", "value": "73282932000074" },
                { "system": "rna", "value": "W301234567", "ends_before": "2019-01-01" }],
            "addresses": [{ "use": "site", "postcode": "30000" },
                { "use": "seat", "lines": ["Maison des réseaux", "1, rue | B"], "postcode": "30100", "locality": "Alès", "commune": "30007" }],
            "contact": { "website": "https://example.org", "email": "accueil@example.org", "phone": "+33 4 66 00 00 00" },
            "part_of": [{ "whole": whole.id, "as": "antenna" }], "constituted_on": "1998-06", "fictitious": true,
        }));

        let answer = list(app, "/v1/organisations?q=reseda", CSV);

        let (head, row) = answer.text().split_once("\r\n").unwrap();
        assert_eq!(head, "id,kind,name,short_name,siren,siret,rna,finess_ej,finess_et,sectors,address,postcode,locality,commune,\
            website,email,phone,part_of,part_as,constituted_on,operates_from,ends_before,fictitious,version,state");
        let id = &app.reader().get("/v1/organisations?q=reseda").ids()[0];
        assert_eq!(row, format!("{id},association,Réseda,RSD,732829320,73282932000074,,,,health|medico_social,\
            \"Maison des réseaux|1, rue \\| B\",30100,Alès,30007,https://example.org,accueil@example.org,+33466000000,\
            {},antenna,1998-06,,,true,1,open\r\n", whole.id));
        assert_eq!(answer.header("content-disposition"), "attachment; filename=\"organisations-2026-11-22.csv\"");
        assert!(answer.header("vary").contains("Accept"));
    }
}

story! {
    fn a_row_of_a_past_day_tells_what_then_held(app) {
        app.given(&json!({ "kind": "association", "names": [{ "name": "Ancien nom" }, { "name": "Réseda", "starts_on": "2020-01-01" }] }));

        let past = list(app, "/v1/organisations?as_of=2019-12-31", CSV);

        assert_eq!(past.rows()[0]["name"], "Ancien nom");
        assert_eq!(past.header("content-disposition"), "attachment; filename=\"organisations-2019-12-31.csv\"");
    }
}

story! {
    fn a_commune_is_one_row_with_the_codes_of_those_that_hold_it(app) {
        let region = app.given_territory(json!({ "kind": "region", "code": "76", "names": [{ "name": "Occitanie" }] }));
        let departement = app.given_territory(json!({ "kind": "departement", "code": "30", "names": [{ "name": "Gard" }],
            "part_of": [{ "whole": region.id, "kind": "region" }] }));
        let epci = app.given_territory(json!({ "kind": "epci", "code": "200066918", "names": [{ "name": "Alès Agglomération" }],
            "siren": "200066918", "form": "CA" }));
        app.given_territory(json!({ "kind": "commune", "code": "30007", "names": [{ "name": "Alès" }], "population": 44000,
            "postcodes": ["30100"], "part_of": [{ "whole": departement.id, "kind": "departement" },
            { "whole": epci.id, "kind": "epci", "starts_on": "2017-01-01" }] }));

        let row = |path: &str| list(app, path, CSV).rows()[0].clone();
        let (now, before) = (row("/v1/territories?kind=commune"), row("/v1/territories?kind=commune&as_of=2016-12-31"));

        let cells = ["code", "name", "departement", "region", "epci", "postcodes", "population", "attested_on", "form"];
        assert_eq!(cells.map(|cell| now[cell].as_str()), ["30007", "Alès", "30", "76", "200066918", "30100", "44000", "2026-01-01", ""]);
        assert_eq!(before["epci"], "");
        assert_eq!(row("/v1/territories?kind=epci")["form"], "CA");
    }
}

story! {
    fn a_french_spreadsheet_gets_semicolons_a_mark_and_no_formula(app) {
        app.given(&association_with("=HYPERLINK(\"https://example.org\";\"Réseda\")", json!({ "contact": { "phone": "+33466000000" } })));

        let french = app.reader().get("/v1/organisations?csv=fr");
        let standard = app.reader().get("/v1/organisations?csv=standard");

        assert!(french.is(200).bytes.starts_with(b"\xEF\xBB\xBFid;kind;name;"), "{french}");
        assert!(french.text().contains(";\"'=HYPERLINK(\"\"https://example.org\"\";\"\"Réseda\"\")\";"), "{french}");
        assert!(french.text().contains(";'+33466000000;"), "{french}");
        assert!(french.text().ends_with(";false;1;open\r\n"), "{french}");
        let row = &table(&french.bytes[3..], b';')[0];
        assert_eq!(domain::records::unshielded(&row["name"]), standard.rows()[0]["name"]);
        assert_eq!(standard.rows()[0]["phone"], "+33466000000");
    }
}

story! {
    fn the_heaviest_format_is_answered(app) {
        app.given_association("Réseda");
        let answered = |accept: &str, path: &str| {
            let answer = list(app, path, accept);
            answer.is(200).header("content-type").split(';').next().unwrap().to_owned()
        };

        for (accept, format) in [
            ("application/json;q=0.5, text/csv", CSV), ("text/csv;q=0.5, application/x-ndjson;q=0.6", NDJSON),
            ("text/*", CSV), ("*/*", "application/json"), ("application/*", "application/json"),
            ("text/csv, application/problem+json", CSV), ("text/html, */*;q=0.8", "application/json"),
        ] {
            assert_eq!(answered(accept, "/v1/organisations"), format, "{accept}");
            assert_eq!(answered(accept, "/v1/code-lists/roles"), format, "{accept}");
        }
        assert_eq!(answered("text/html, */*;q=0.8", "/v1/organisations?csv=fr"), CSV);
    }
}

story! {
    fn a_format_that_an_address_does_not_speak_is_not_acceptable(app) {
        let given = app.given_association("Réseda");
        for (path, accept, offered) in [
            ("/v1/organisations", "application/xml", json!(["application/json", CSV, NDJSON])),
            ("/v1/organisations?csv=fr", "application/json", json!([CSV])),
            (&given.path, CSV, json!(["application/json"])),
            ("/v1/changes", NDJSON, json!(["application/json"])),
        ] {
            let problem = list(app, path, accept).is_problem(406, "request.not_acceptable");
            assert_eq!(problem["offered"], offered, "{path}");
        }
        let written = app.administrator().ask("POST", "/v1/organisations").accept(CSV).json(&association("Autre")).send();
        written.is_problem(406, "request.not_acceptable");
    }
}

story! {
    fn what_means_nothing_in_a_whole_list_is_refused(app) {
        app.given_association("Réseda");
        let cursor = app.reader().get("/v1/organisations?limit=1").json()["next"].as_str().unwrap_or("x").to_owned();
        for (query, formats) in [("limit=10", &[CSV, NDJSON][..]), (&format!("after={cursor}"), &[CSV, NDJSON]),
            ("count=exact", &[CSV, NDJSON]), ("expand=part_of", &[CSV])] {
            for format in formats {
                let problem = list(app, &format!("/v1/organisations?{query}"), format).is_problem(422, "request.not_in_this_format");
                assert_eq!((problem["parameter"].as_str(), problem["format"].as_str()), (query.split('=').next(), Some(*format)));
            }
        }
        for path in ["/v1/organisations?csv=german", "/v1/territories?csv=", "/v1/code-lists?csv=FR"] {
            assert_eq!(app.reader().get(path).is_problem(400, "request.bad_query")["parameter"], "csv");
        }
    }
}

story! {
    fn what_an_organisation_is_part_of_is_joined_on_each_line(app) {
        let whole = app.given_association("Fédération");
        app.given_part("Antenne", &whole);

        let lines = list(app, "/v1/organisations?expand=part_of", NDJSON).lines();

        assert_eq!(lines, app.reader().get("/v1/organisations?expand=part_of").items());
        assert_eq!(lines[1]["expanded"]["part_of"][0]["name"], "Fédération");
    }
}

story! {
    fn code_lists_come_in_three_formats(app) {
        let kinds = "/v1/code-lists/organisation_kinds";
        let codes = app.nobody().get(kinds).json()["codes"].clone();
        let lines = app.nobody().ask("GET", kinds).accept(NDJSON).send().lines();
        let rows = app.nobody().get(&format!("{kinds}?csv=standard")).rows();

        assert_eq!(json!(lines), codes);
        assert_eq!(json!(rows), codes);
        assert_eq!(app.nobody().ask("GET", "/v1/code-lists").accept(CSV).send().rows().len(), app.nobody().get("/v1/code-lists").items().len());
        app.nobody().get("/v1/code-lists/colours?csv=fr").is_problem(404, "request.not_found");
    }
}

story! {
    fn the_head_of_a_whole_list_is_that_of_its_answer(app) {
        given_many(app, 300);
        for path in ["/v1/organisations", "/v1/code-lists", "/v1/organisations?limit=1"] {
            let ask = |method| app.reader().ask(method, path).accept(CSV).header("x-request-id", "same").send();
            let (head, get) = (ask("HEAD"), ask("GET"));

            assert_eq!((head.status, head.bytes.len()), (get.status, 0), "{path}");
            for name in ["content-type", "content-disposition", "content-length", "transfer-encoding", "vary", "cache-control"] {
                assert_eq!(head.header(name), get.header(name), "{path}: {name}");
            }
        }
    }
}

story! {
    fn errors_before_the_first_byte_are_problems(app) {
        app.nobody().ask("GET", "/v1/organisations").accept(CSV).send().is_problem(401, "access.no_token");
        let (id, revoked) = app.new_client(Role::Reader);
        app.revoke(id);

        revoked.ask("GET", "/v1/organisations").accept(NDJSON).send().is_problem(401, "access.revoked");
        list(app, "/v1/organisations?colour=red", CSV).is_problem(400, "request.bad_query");
    }
}

story! {
    fn whole_lists_hold_what_their_reader_may_see(app) {
        let mine = app.given_association("Fédération");
        let part = app.given_part("Antenne", &mine);
        app.given_association("Ailleurs");
        let scope = Scope::Organisation(mine.id.parse().unwrap());
        let (_, reader) = app.new_client_on(Role::Contributor, scope);

        let page = reader.get("/v1/organisations");
        let lines = reader.ask("GET", "/v1/organisations").accept(NDJSON).send().lines();
        let rows = reader.ask("GET", "/v1/organisations").accept(CSV).send().rows();

        assert_eq!(page.ids(), [mine.id.as_str(), &part.id]);
        assert_eq!(lines, page.items());
        assert_eq!(rows.iter().map(|row| row["id"].as_str()).collect::<Vec<_>>(), [&mine.id, &part.id]);
    }
}

/// How many rows make a list that no buffer between the server and its client holds.
const MANY: usize = 6_000;

story! {
    fn a_list_is_read_as_it_is_taken(app, ids_by_time()) {
        given_many(app, MANY);

        let (status, mut body) = app.reader().ask("GET", "/v1/organisations").accept(NDJSON).begin();
        let mut first = [0; 2];
        body.read_exact(&mut first).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(300));
        let late = app.given_association("Venue pendant la lecture");
        let mut rest = String::new();
        body.read_to_string(&mut rest).unwrap();

        assert_eq!((status, &first), (200, b"{\""));
        assert_eq!(rest.lines().count(), MANY + 1);
        assert!(rest.lines().last().unwrap().contains(&late.id), "the end was read before it was asked for");
    }
}

story! {
    fn slow_readers_hold_nobody_up(app) {
        given_many(app, MANY);
        let given = app.given_association("Réseda");
        let readers: Vec<_> = (0..10).map(|_| {
            let (status, mut body) = app.reader().again().ask("GET", "/v1/organisations").accept(NDJSON).begin();
            assert_eq!(status, 200);
            body.read_exact(&mut [0; 10]).unwrap();
            body
        }).collect();

        let waited = std::time::Instant::now();
        for number in 0..20 {
            app.reader().get(&given.path).is(200);
            app.given_association(&format!("Écrite {number}"));
        }

        assert!(waited.elapsed() < std::time::Duration::from_secs(10));
        drop(readers);
        app.reader().get(&given.path).is(200);
    }
}

story! {
    fn whole_lists_miss_nothing_and_repeat_nothing_while_others_write(app) {
        given_many(app, 900);
        let known = app.reader().all_pages("/v1/organisations?limit=200");
        let known: Vec<&str> = known.iter().map(|item| item["id"].as_str().unwrap()).collect();

        let read = together(4, |number| {
            if number == 0 {
                for written in 0..30 {
                    app.given_association(&format!("Réseau {written:05}"));
                }
                return Vec::new();
            }
            let path = ["/v1/organisations", "/v1/organisations?sort=name"][number % 2];
            let rows = list(app, path, CSV).rows();
            rows.iter().map(|row| row["id"].clone()).collect()
        });

        for ids in &read[1..] {
            let mut once = ids.clone();
            once.sort();
            once.dedup();
            assert_eq!(once.len(), ids.len());
            assert!(known.iter().all(|id| ids.iter().any(|read| read == id)));
        }
    }
}

story! {
    fn one_whose_access_is_withdrawn_is_cut_off_in_the_middle(app) {
        given_many(app, MANY);
        let change: [fn(&App, domain::access::CallerId); 2] = [
            |app, id| app.revoke(id),
            |app, id| app.give_role(id, Role::Administrator),
        ];
        for change in change {
            let (id, reader) = app.new_client(Role::Reader);
            let (status, mut body) = reader.ask("GET", "/v1/organisations").accept(CSV).begin();
            body.read_exact(&mut [0; 10]).unwrap();

            change(app, id);
            let mut rest = Vec::new();
            let cut = body.read_to_end(&mut rest);

            assert_eq!(status, 200);
            assert!(cut.is_err(), "{} bytes came as if they were all", rest.len());
        }
    }
}

story! {
    fn nothing_is_a_table_without_rows(app) {
        assert_eq!(list(app, "/v1/organisations", NDJSON).lines(), Vec::<Value>::new());
        assert_eq!(list(app, "/v1/organisations", CSV).text().matches("\r\n").count(), 1);
        assert_eq!(list(app, "/v1/organisations", CSV).rows(), []);
    }
}
