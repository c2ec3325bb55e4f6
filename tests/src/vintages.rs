//! Reference lists of several years, as `maillage import territories` loads them.
//!
//! The files are extracts of the real ones (`tests/data/territories/README.md`); where they say
//! `EXAMPLE`, they have the shape of the real ones and nothing else.

use std::io::Cursor;

use api::territories::files::{self, Asked, NotTaken};
use api::territories::load::{self, NotLoaded, Report};
use domain::territories::{ChangeDays, TerritoryCode, Vintage};

use crate::story::database::{block_on, origin};
use crate::story::{App, Value, json, story};

macro_rules! file {
    ($name:literal) => {
        ($name, include_str!(concat!("../data/territories/", $name)))
    };
}

type File<'a> = (&'a str, &'a str);

const OF_2023: [File<'static>; 2] = [file!("communes-2023.json"), file!("epci-2023.json")];

const OF_2026: [File<'static>; 4] = [
    file!("communes-2026.json"),
    file!("epci-2026.json"),
    file!("departements-2026.json"),
    file!("regions-2026.json"),
];

const QPV_EXAMPLE: &str = "code_qp;lib_qp;insee_reg;insee_com;lib_com\n\
    QN03099Z;EXEMPLE Centre;76;30007;Alès\n\
    QN03098Z;EXEMPLE Trescol - La Levade;76;30132, 30007;La Grand'Combe, Alès\n";

fn read(year: i16, files: &[File<'_>], changed_on: &[(&str, &str)]) -> Result<Vintage, NotTaken> {
    let mut days = ChangeDays::default();
    for (code, day) in changed_on {
        let day = day.parse().unwrap();
        match *code {
            "" => days.all = Some(day),
            code => drop(
                days.by_code
                    .insert(TerritoryCode::parse(code).unwrap(), day),
            ),
        }
    }
    let asked = Asked {
        year,
        days,
        source: None,
    };
    files::read(
        files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), Cursor::new(text.as_bytes()))),
        &asked,
    )
}

impl App {
    fn load(&self, vintage: Vintage) -> Result<Report, NotLoaded> {
        let permit = load::permit().unwrap();
        block_on(self.database.transact(origin(), move |tx| {
            load::load(tx, &permit, &vintage, |_| {})
        }))
    }

    #[track_caller]
    fn given_lists(&self, year: i16, files: &[File<'_>], changed_on: &[(&str, &str)]) -> Report {
        self.load(read(year, files, changed_on).unwrap()).unwrap()
    }

    #[track_caller]
    fn the(&self, kind_and_code: &str) -> Value {
        let (kind, code) = kind_and_code.split_once(':').unwrap();
        let found = self
            .reader()
            .get(&format!("/v1/territories?kind={kind}&code={code}"))
            .is(200)
            .items();
        assert_eq!(found.len(), 1, "{kind_and_code}: {found:?}");
        found[0].clone()
    }
}

fn on(app: &App, territory: &Value, day: &str) -> Value {
    let id = territory["id"].as_str().unwrap();
    app.reader()
        .get(&format!("/v1/territories/{id}?as_of={day}"))
        .is(200)
        .json()
}

story! {
    fn corbes_keeps_its_past_and_names_thoiras_corbes_as_its_successor(app) {
        app.given_lists(2023, &OF_2023, &[]);
        let (corbes, thoiras) = (app.the("commune:30094"), app.the("commune:30329"));
        assert_eq!((&corbes["state"], &thoiras["name"]), (&json!("open"), &json!("Thoiras")));

        app.given_lists(2026, &OF_2026, &[("30329", "2025-01-01")]);

        let (ended, merged) = (app.the("commune:30094"), app.the("commune:30329"));
        assert_eq!((&ended["id"], &merged["id"]), (&corbes["id"], &thoiras["id"]));
        assert_eq!(ended["ended"], json!({ "ends_before": "2025-01-01", "successors": [thoiras["id"]] }));
        assert_eq!(merged["names"][1], json!({ "name": "Thoiras-Corbès", "starts_on": "2025-01-01" }));
        let said = |territory, day| { let said = on(app, territory, day); (said["name"].clone(), said["state"].clone(), said["uncertain"].clone()) };
        assert_eq!(said(&corbes, "2024-12-31"), (json!("Corbès"), json!("open"), json!([])));
        assert_eq!(said(&corbes, "2025-01-01"), (json!("Corbès"), json!("ended"), json!([])));
        assert_eq!(said(&thoiras, "2024-12-31"), (json!("Thoiras"), json!("open"), json!([])));
        assert_eq!(said(&thoiras, "2025-01-01"), (json!("Thoiras-Corbès"), json!("open"), json!([])));
        let part = app.the("commune_deleguee:30094");
        assert_eq!((&part["part_of"][0]["whole"], &part["starts_on"]), (&thoiras["id"], &json!("2025-01-01")));
        let history = app.reader().get(&format!("/v1/territories/{}/history", corbes["id"].as_str().unwrap())).items();
        assert_eq!(history.iter().map(|state| &state["op"]).collect::<Vec<_>>(), ["created", "merged"]);
    }
}

story! {
    fn between_two_vintages_nobody_says_whether_it_had_merged(app) {
        app.given_lists(2023, &OF_2023, &[]);
        app.given_lists(2026, &OF_2026, &[]);
        let (corbes, thoiras) = (app.the("commune:30094"), app.the("commune:30329"));
        let between = json!({ "after": "2023-01-01", "at_latest": "2026-01-01" });

        let (past, within, present) = (on(app, &corbes, "2023-01-01"), on(app, &corbes, "2024-07-14"), on(app, &corbes, "2026-01-01"));

        assert_eq!(corbes["ended"], json!({ "ends_between": between, "successors": [thoiras["id"]] }));
        assert_eq!((&past["state"], &past["uncertain"]), (&json!("open"), &json!([])));
        assert_eq!((&within["state"], &within["uncertain"]), (&json!("unknown"), &json!(["state", "part_of"])));
        assert_eq!((&present["state"], &present["uncertain"]), (&json!("ended"), &json!([])));
        let renamed = on(app, &thoiras, "2024-07-14");
        assert_eq!((&renamed["name"], &renamed["uncertain"]), (&json!("Thoiras"), &json!(["name"])));
        assert_eq!(thoiras["names"][1]["starts_between"], between);
    }
}

story! {
    fn ales_agglomeration_has_72_communes_and_then_71(app) {
        app.given_lists(2023, &OF_2023, &[]);
        app.given_lists(2026, &OF_2026, &[("30329", "2025-01-01")]);
        let reader = app.reader();

        let count = |day: &str| reader.get(&format!("/v1/territories?kind=commune&within=epci:200066918&count=exact&limit=1{day}")).json()["count"].clone();

        assert_eq!(count("&as_of=2024-12-31"), 72);
        assert_eq!(count("&as_of=2025-01-01"), 71);
        assert_eq!(count(""), 72);
        assert_eq!(reader.get("/v1/territories?kind=commune&q=corbes&as_of=2025-01-01").names(), ["Thoiras-Corbès"]);
    }
}

story! {
    fn the_same_lists_again_change_nothing_and_say_nothing_in_the_feed(app) {
        for (year, files, changed_on) in [(2023, &OF_2023[..], &[][..]), (2026, &OF_2026, &[("", "2025-01-01")])] {
            let first = app.given_lists(year, files, changed_on);
            let (feed, versions, audit) = (app.base.count("feed"), app.base.count("versions"), app.base.count("audit"));

            let again = app.given_lists(year, files, changed_on);

            assert!(first.created.values().sum::<usize>() > 0);
            assert!(again.created.is_empty() && again.changed.is_empty() && again.ended.is_empty(), "{again:?}");
            assert_eq!(again.unchanged, again.listed.values().sum::<usize>());
            assert_eq!((app.base.count("feed"), app.base.count("versions"), app.base.count("audit")), (feed, versions, audit));
        }
    }
}

story! {
    fn an_older_vintage_is_refused_over_a_newer_one_and_nothing_is_written(app) {
        app.given_lists(2026, &OF_2026, &[]);
        let feed = app.base.count("feed");

        let refused = app.load(read(2023, &OF_2023, &[]).unwrap()).unwrap_err().to_string();

        assert!(refused.contains("2026-01-01") && refused.contains("load the older vintage first"), "{refused}");
        assert_eq!(app.base.count("feed"), feed);
    }
}

story! {
    fn a_day_outside_the_two_vintages_or_of_an_unknown_commune_is_refused(app) {
        app.given_lists(2023, &OF_2023, &[]);
        let feed = app.base.count("feed");

        for (days, told) in [([("", "2022-01-01")], "is not after 2023-01-01"), ([("99999", "2025-01-01")], "commune 99999, which is not known")] {
            let refused = app.load(read(2026, &OF_2026, &days).unwrap()).unwrap_err().to_string();

            assert!(refused.contains(told), "{refused}");
        }
        assert_eq!(app.base.count("feed"), feed);
    }
}

story! {
    fn the_members_of_an_epci_must_be_known(app) {
        let refused = app.load(read(2026, &OF_2026[1..2], &[]).unwrap()).unwrap_err().to_string();

        assert!(refused.contains("epci 200066918 names commune 30007, which is not known"), "{refused}");
        assert_eq!(app.base.count("territories"), 0);
    }
}

story! {
    fn codes_recur_across_kinds_and_each_answers_for_itself(app) {
        app.given_lists(2026, &OF_2026, &[]);

        let same = app.reader().get("/v1/territories?code=30329&sort=name").names();
        let parts = app.reader().get("/v1/territories?within=commune:30329&sort=name").names();

        assert_eq!(same, ["Thoiras", "Thoiras-Corbès"]);
        assert_eq!(parts, ["Corbès", "Thoiras"]);
        assert_eq!(app.reader().get("/v1/territories?containing=departement:30").names(), ["Occitanie"]);
    }
}

story! {
    fn the_demonstration_is_what_the_lists_say(app) {
        let today = "2026-11-22".parse().unwrap();
        block_on(api::demo::fill(&app.database, false, today, false)).unwrap();

        let report = app.given_lists(2026, &OF_2026, &[]);

        assert_eq!(report.created.keys().collect::<Vec<_>>(), [&"commune_deleguee"]);
        assert!(report.changed.is_empty() && report.ended.is_empty(), "{report:?}");
    }
}

story! {
    fn a_commune_that_the_lists_neither_give_nor_explain_is_left_and_told(app) {
        app.given_commune("30001", "EXEMPLE");

        let report = app.given_lists(2026, &OF_2026, &[]);

        assert_eq!(report.missing, ["commune:30001"]);
        assert_eq!(app.the("commune:30001")["state"], "open");
    }
}

#[test]
fn a_file_is_known_by_what_it_holds_and_another_is_refused() {
    let [(_, communes), (_, epci), ..] = OF_2026;
    let why = |files: &[File<'_>]| read(2026, files, &[]).unwrap_err().to_string();

    assert!(read(2026, &[("x", communes), ("y", epci)], &[]).is_ok());
    for (name, text) in [
        ("empty.json", "[]"),
        (
            "arrondissements.json",
            r#"[{"code":"011","departement":"01","region":"84","chefLieu":"01034","nom":"Belley"}]"#,
        ),
        (
            "ept.json",
            r#"[{"code":"200054781","nom":"Grand Paris","type":"EPT","membres":[]}]"#,
        ),
        ("organisations.csv", "id,kind,name\n1,association,Réseda\n"),
    ] {
        assert!(
            why(&[(name, text)]).contains("it is none of"),
            "{}",
            why(&[(name, text)])
        );
    }
    assert!(why(&[("a", communes), ("b", communes)]).starts_with("b: this list was given already"));
    assert!(why(&[("cut.json", &communes[..5_000])]).contains("it is not a list in JSON"));
    assert!(why(&[("object.json", "{}")]).contains("it is not a list in JSON"));
    assert!(
        why(&[(
            "c",
            r#"[{"code":"3000","nom":"X","type":"commune-actuelle","departement":"30"}]"#
        )])
        .contains("entry 0: code \"3000\" is refused: format")
    );
    assert!(
        why(&[(
            "mixed",
            r#"[{"code":"200066918","nom":"X","type":"CA","membres":[]},{"code":"30007"}]"#
        )])
        .contains("it is none of")
    );
    assert!(
        why(&[("qpv", QPV_EXAMPLE)]).contains("there is no list of priority districts of 2026")
    );
}

story! {
    fn priority_districts_belong_to_their_list_and_their_communes(app) {
        app.given_lists(2026, &OF_2026, &[]);
        let of_2015 = "code_qp,lib_qp,insee_com\nQP030099,EXEMPLE Les Cévennes,30007\n";

        app.given_lists(2024, &[("qpv-2024.csv", QPV_EXAMPLE)], &[]);
        app.given_lists(2015, &[("qpv-2015.csv", of_2015)], &[]);
        let again = app.given_lists(2024, &[("qpv-2024.csv", QPV_EXAMPLE)], &[]);

        assert_eq!((again.unchanged, again.created.len()), (2, 0));
        let districts = |query: &str| app.reader().get(&format!("/v1/territories?kind=qpv&sort=name&{query}")).is(200).names();
        assert_eq!(districts("as_of=2023-12-31"), ["EXEMPLE Les Cévennes"]);
        assert_eq!(districts("as_of=2024-01-01"), ["EXEMPLE Centre", "EXEMPLE Trescol - La Levade"]);
        assert_eq!(districts("within=commune:30132"), ["EXEMPLE Trescol - La Levade"]);
        let one = app.the("qpv:QP030099");
        assert_eq!((&one["vintage"], &one["ended"]["ends_before"]), (&json!(2015), &json!("2024-01-01")));
        let unknown = read(2024, &[("x", "code_qp;lib_qp;insee_com\nQN03099Z;EXEMPLE;75056\n")], &[]).unwrap();
        assert!(app.load(unknown).unwrap_err().to_string().contains("qpv QN03099Z names commune 75056"));
        let miscoded = read(2024, &[("x", "code_qp;lib_qp;insee_com\n\nQP030001;EXEMPLE;30007\n")], &[]).unwrap_err();
        assert_eq!(miscoded.to_string(), "x: line 3: code_qp \"QP030001\" is refused: format (QN99999A)");
    }
}

story! {
    fn every_commune_there_before_page_1_comes_exactly_once_while_others_are_loaded(app) {
        app.given_lists(2026, &OF_2026, &[]);
        let before: Vec<String> = app.reader().all_pages("/v1/territories?kind=commune").iter().map(id).collect();

        for (round, sort) in ["id", "name"].iter().enumerate() {
            let mut met = Vec::new();
            let mut next = Some(format!("/v1/territories?kind=commune&limit=5&sort={sort}"));
            let mut page = 0;
            while let Some(address) = next {
                let answer = app.reader().get(&address);
                met.extend(answer.is(200).items().iter().map(id));
                next = answer.next_address();
                page += 1;
                let more = others(round, page);
                app.load(read(2026, &[("more", &more)], &[]).unwrap()).unwrap();
            }

            for one in &before {
                assert_eq!(met.iter().filter(|other| *other == one).count(), 1, "{sort}: {one}");
            }
        }
    }
}

fn id(territory: &Value) -> String {
    territory["id"].as_str().unwrap().to_owned()
}

/// A list of invented communes, three more on each page, whose names fall everywhere in the order.
fn others(round: usize, page: usize) -> String {
    let one = |i: usize| {
        let number = round * 400 + page * 3 + i;
        let name = format!("{} EXEMPLE {number}", ["Aaa", "Mmm", "Zzz"][i]);
        json!({ "code": format!("95{number:03}"), "nom": name, "type": "commune-actuelle", "departement": "95" })
    };
    json!([one(0), one(1), one(2)]).to_string()
}
