//! Files as they really come, and rows that nobody can take.

use super::{address, counts, encoded};
use crate::story::{App, Value, json, story};

/// Ten broken rows among good ones, with the column and the code by which each is named.
fn ten_kinds() -> (Vec<u8>, Vec<(u64, &'static str, &'static str)>) {
    let mut file = b"source_key;kind;name;siret;commune;constituted_on\n".to_vec();
    let mut told = Vec::new();
    let mut line = 1;
    let mut add = |row: &[u8], told_as: Option<(&'static str, &'static str)>| {
        line += 1;
        file.extend_from_slice(row);
        file.push(b'\n');
        told.extend(told_as.map(|(column, code)| (line, column, code)));
    };
    add(
        "1;association;Réseda;73282932000074;30007;2001-02-03".as_bytes(),
        None,
    );
    add(
        b"2;association;Bad key;73282932000075;;",
        Some(("siret", "check_digit")),
    );
    add(
        b"3;association;Rounded;1.23E+13;;",
        Some(("siret", "rounded_number")),
    );
    add(
        b"4;association;Underscored;;;2024_01_05",
        Some(("constituted_on", "unreadable_date")),
    );
    add(b"", None);
    add(
        b"5;association;Lone underscore;;;_",
        Some(("constituted_on", "unreadable_date")),
    );
    add(b"6;association;Fran\xE7ais;;;", Some(("name", "not_utf8")));
    add(b"7;association;One short;;", Some(("", "cells")));
    add(b"1;association;Same key;;;", Some(("", "repeated_key")));
    add(
        b"8;association;Nowhere;;99999;",
        Some(("commune", "format")),
    );
    add(
        b"9;association;Unknown place;;30999;",
        Some(("commune", "unknown_commune")),
    );
    add(
        b"10;association;The \"stray\" one;;;",
        Some(("name", "stray_quote")),
    );
    add(
        b"11;association;\"Opened and left;;;",
        Some(("name", "stray_quote")),
    );
    let long = format!("12;association;{};;;", "x".repeat(1_000_000));
    add(long.as_bytes(), Some(("name", "long_cell")));
    add(
        b"13;association;Impossible;;;2023-02-30",
        Some(("constituted_on", "impossible_date")),
    );
    add(b"   ", None);
    add(
        "14;association;\"Vivadom,\n\"\"la\"\" suite\";;30007;31/12/2023"
            .replace('\n', " ")
            .as_bytes(),
        None,
    );
    add(b"15;association;Last;35600000000048;;", None);
    (file, told)
}

fn told(reported: Vec<(u64, String, String)>) -> Vec<(u64, String, String)> {
    reported
}

fn expected(told: &[(u64, &str, &str)]) -> Vec<(u64, String, String)> {
    told.iter()
        .map(|(line, column, code)| (*line, (*column).to_owned(), (*code).to_owned()))
        .collect()
}

story! {
    fn each_broken_row_is_named_and_no_good_one_is_lost(app) {
        app.given_commune("30007", "Alès");
        let (file, broken) = ten_kinds();

        let job = app.administrator().import("mode=partial&source=spreadsheet", file);

        assert_eq!(told(app.administrator().reported(&job)), expected(&broken));
        assert_eq!(counts(&job), [3, 0, 0, u64::try_from(broken.len()).unwrap(), 0]);
        assert_eq!(job["state"], "done");
        let mut names = app.reader().get("/v1/organisations?sort=name").names();
        names.retain(|name| name != "Home");
        assert!(names.iter().any(|name| name == "Vivadom, \"la\" suite"), "{names:?}");
        assert!(names.iter().any(|name| name == "Réseda") && names.iter().any(|name| name == "Last"));
    }
}

story! {
    fn one_broken_row_changes_nothing_unless_partial_is_asked(app) {
        app.given_commune("30007", "Alès");
        let (file, broken) = ten_kinds();
        let before = app.marks();

        let job = app.administrator().import("source=spreadsheet", file);

        assert_eq!((job["state"].as_str(), job["reason"]["code"].as_str()), (Some("refused"), Some("rows_refused")));
        assert_eq!(told(app.administrator().reported(&job)), expected(&broken));
        assert_eq!(app.marks(), before);
        assert_eq!(app.base.count("imported"), 0);
    }
}

story! {
    fn a_whole_file_in_cp1252_is_read_rightly(app) {
        let row = |name: &[u8]| [b"association;", name, b"\r\n"].concat();
        let file = [b"kind;name\r\n".to_vec(), row(b"R\xE9seau des C\xE9vennes"), row(b"C\x9Cur d'Al\xE8s \x96 Sant\xE9")].concat();

        let job = app.administrator().import("", file);

        assert_eq!((job["encoding"].as_str(), counts(&job)), (Some("cp1252"), [2, 0, 0, 0, 0]));
        let names = app.reader().get("/v1/organisations?sort=name&q=cevennes").names();
        assert_eq!(names, ["Réseau des Cévennes"]);
        assert_eq!(app.reader().get("/v1/organisations?q=coeur").names(), ["Cœur d'Alès – Santé"]);
    }
}

story! {
    fn a_file_without_a_needed_column_is_refused_whole(app) {
        let refused = |file: &str, more: &str| {
            let job = app.administrator().import(more, file);
            assert_eq!((job["state"].as_str(), counts(&job)), (Some("refused"), [0; 5]), "{job}");
            job["reason"].clone()
        };

        let missing = refused("name;siret\nRéseda;\n", "mode=partial");
        let twice = refused("kind;name;Name\nassociation;Réseda;\n", "mode=partial");
        let nobody = refused("source_key;kind;name\n1;association;Réseda\n", "");
        let book = refused("PK\u{3}\u{4}…", "");
        let empty = refused("\n\n", "");
        let header = refused("kind;\"name\nassociation;Réseda\n", "");

        assert_eq!(missing["columns"], json!(["kind"]));
        assert_eq!(twice["columns"], json!(["Name"]));
        let codes: Vec<Value> = [missing, twice, nobody, book, empty, header].iter().map(|reason| reason["code"].clone()).collect();
        assert_eq!(codes, ["missing_columns", "repeated_column", "unnamed_source", "not_csv", "empty", "unreadable_header"]);
    }
}

story! {
    fn a_row_that_breaks_a_rule_of_the_field_is_named(app) {
        let whole = app.given_association("Whole");
        let file = format!(
            "kind,name,siren,siret,part_of,part_as,constituted_on,ends_before\n\
             association,Two entities,732829320,35600000000048,,,,\n\
             association,No such whole,,,0198f1c2-7a00-7000-8000-00000000ffff,antenna,,\n\
             association,Ends first,,,,,2020-01-01,2019-01-01\n\
             association,As what,,,{},,,\n\
             association,Fine,,,{},antenna,2019,2020-01-01\n",
            whole.id, whole.id
        );

        let job = app.administrator().import("mode=partial", file);

        let reported = app.administrator().reported(&job);
        assert_eq!(reported, expected(&[
            (2, "siret", "contradicts"), (3, "part_of", "unknown_reference"),
            (4, "ends_before", "not_in_order"), (5, "part_as", "required"),
        ]));
        assert_eq!(counts(&job), [1, 0, 0, 4, 0]);
    }
}

story! {
    fn refused_rows_come_back_as_a_file_that_can_be_mended(app) {
        let file = "kind;name;siret;nobody\nassociation;Réseda;73282932000075;x\nassociation;Court\nassociation;Bien;;\n";
        let job = app.administrator().import("mode=partial", file);
        let path = format!("/v1/imports/{}", job["id"].as_str().unwrap());

        let refused = app.administrator().get(&format!("{path}/refused"));
        let report = app.administrator().ask("GET", &format!("{path}/report")).header("accept", "text/csv").header("accept-language", "en").send();

        assert_eq!(refused.text(), "\u{FEFF}kind;name;siret;nobody;refus\n\
            association;Réseda;73282932000075;x;siret : La clé de contrôle est fausse.\n\
            association;Court;;;2 cellules pour 4 colonnes : vérifiez les séparateurs de la ligne.\n");
        assert_eq!(report.text(), "line,column,code,value,outcome,detail\n\
            2,siret,check_digit,73282932000075,refused,The check digit is wrong.\n\
            3,,cells,,refused,2 cells for 4 columns: check the separators of the row.\n");
        assert_eq!(job["ignored_columns"], json!(["nobody"]));
        let mended = refused.text().replace("000075", "000074");
        assert_eq!(counts(&app.administrator().import("mode=partial", mended)), [2, 0, 0, 0, 0]);
    }
}

/// The examples of docs/imports, with the file, the mapping and how many rows there are.
fn example(name: &str) -> (String, String) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/imports");
    let read = |end: &str| std::fs::read_to_string(folder.join(format!("{name}.{end}"))).unwrap();
    (read("csv"), read("toml"))
}

fn imported(app: &App, name: &str) -> Vec<Value> {
    let (file, mapping) = example(name);
    let more = format!("file={name}.csv&mapping={}", encoded(&mapping));

    let job = app.administrator().import(&more, file.clone());
    let again = app.administrator().import(&more, file.clone());

    let rows = 3;
    assert_eq!(
        counts(&job),
        [rows, 0, 0, 0, 0],
        "{:?}",
        app.administrator().reported(&job)
    );
    assert_eq!(counts(&again), [0, 0, rows, 0, 0]);
    app.reader().all_pages("/v1/organisations?sort=name")
}

story! {
    fn the_example_of_a_finess_extract_is_what_docs_say(app) {
        let all = imported(app, "finess");

        let hospital = all.iter().find(|one| one["name"] == "CENTRE HOSPITALIER D'EXEMPLE").unwrap();
        assert_eq!(hospital["kind"], "public_hospital");
        assert_eq!(hospital["addresses"][0]["commune"], "30007");
        assert_eq!(hospital["addresses"][0]["postcode"], "30100");
        assert_eq!(hospital["provenance"][0]["source"], "finess");
        assert_eq!(hospital["provenance"][0]["file"], "finess.csv");
    }
}

story! {
    fn the_example_of_a_coordinator_s_spreadsheet_is_what_docs_say(app) {
        let all = imported(app, "tableur");

        let centre = all.iter().find(|one| one["name"] == "Centre social des Exemples").unwrap();
        assert_eq!((centre["kind"].as_str(), centre["constituted_on"].as_str()), (Some("association"), Some("1998-05-31")));
        assert_eq!(centre["sectors"], json!(["social"]));
    }
}

story! {
    fn a_mapping_that_cannot_be_read_is_refused_at_once(app) {
        let ask = |mapping: &str| {
            let path = address(&format!("mapping={}", encoded(mapping)));
            app.administrator().ask("POST", &path).body("text/csv", "kind,name\n").send()
        };

        let problem = ask("[columns]\ncolour = \"a\"\n").is_problem(422, "imports.bad_mapping");

        assert!(problem["reason"].as_str().unwrap().contains("colour"), "{problem}");
        ask("[columns").is_problem(422, "imports.bad_mapping");
    }
}
