//! The directory, as anybody may read it where it is open, and what no network covers.

use domain::access::Role;

use crate::networks::network_with;
use crate::story::given::{association_with, with};
use crate::story::{App, Client, Given, Options, Value, json, story};

/// Some territories around Alès.
pub struct Around {
    pub region: Given,
    pub epci: Given,
    pub commune: Given,
    pub neighbour: Given,
    pub elsewhere: Given,
}

impl App {
    /// La Grand-Combe and Alès in one EPCI, Nîmes in the same département only.
    pub fn given_around(&self) -> Around {
        let within = |wholes: &[(&Given, &str)]| {
            let parts = wholes
                .iter()
                .map(|(whole, kind)| json!({ "whole": whole.id, "kind": kind }));
            json!({ "part_of": parts.collect::<Vec<_>>() })
        };
        let territory = |kind: &str, code: &str, name: &str, more: Value| {
            let known = json!({ "kind": kind, "code": code, "names": [{ "name": name }] });
            self.given_territory(with(known, more))
        };
        let region = territory("region", "76", "Occitanie", json!({}));
        let departement = territory("departement", "30", "Gard", within(&[(&region, "region")]));
        let epci = territory("epci", "200066918", "Alès Agglomération", json!({}));
        let both = within(&[(&epci, "epci"), (&departement, "departement")]);
        Around {
            commune: territory("commune", "30132", "La Grand-Combe", both.clone()),
            neighbour: territory("commune", "30007", "Alès", both),
            elsewhere: territory(
                "commune",
                "30189",
                "Nîmes",
                within(&[(&departement, "departement")]),
            ),
            region,
            epci,
        }
    }

    /// An active network that works on addictions in some territories.
    pub fn given_network_in(&self, name: &str, territories: &[&Given], more: Value) -> Given {
        let territories: Vec<Value> = territories
            .iter()
            .map(|one| json!({ "territory": one.id }))
            .collect();
        let fields = network_with(
            name,
            json!({
                "themes": ["addictions"], "main_theme": "addictions", "territories": territories,
            }),
        );
        self.given_network(&with(fields, more))
    }
}

/// The names of who works in La Grand-Combe.
#[track_caller]
fn here(by: &Client, query: &str) -> Vec<Value> {
    let answer = by.get(&format!("/v1/directory?commune=30132&{query}"));
    answer
        .is(200)
        .items()
        .iter()
        .map(|entry| entry["card"]["name"].clone())
        .collect()
}

/// An association with its seat in a commune.
fn given_seat(app: &App, name: &str, commune: &str) -> Given {
    app.given(&association_with(name, json!({
        "addresses": [{ "use": "seat", "commune": commune }], "contact": { "email": "contact@exemple.example" },
    })))
}

story! {
    fn who_works_here_is_told_from_the_smallest_territory_on(app) {
        let around = app.given_around();
        let bassin = app.given_bassin("Bassin alésien", json!([{ "territory": around.epci.id }, { "territory": around.elsewhere.id }]));
        app.given_network_in("Dans la région", &[&around.region], json!({ "reach": "regional" }));
        app.given_network_in("Dans le bassin", &[&bassin], json!({}));
        app.given_network_in("Ailleurs", &[&around.elsewhere], json!({}));
        app.given_network_in("Ici", &[&around.region, &around.commune], json!({}));
        app.given_network_in("Autour", &[&around.epci], json!({ "themes": ["diabetes"], "main_theme": "diabetes" }));
        given_seat(app, "Association d'ici", "30132");
        given_seat(app, "Association de Nîmes", "30189");

        let told = app.reader().get("/v1/directory?commune=30132").is(200).items();

        let names: Vec<&Value> = told.iter().map(|entry| &entry["card"]["name"]).collect();
        assert_eq!(names, ["Ici", "Association d'ici", "Autour", "Dans le bassin", "Dans la région"]);
        let through: Vec<&Value> = told.iter().map(|entry| &entry["through"]["name"]).collect();
        assert_eq!(through, ["La Grand-Combe", "La Grand-Combe", "Alès Agglomération", "Bassin alésien", "Occitanie"]);
        assert_eq!((&told[0]["themes"], &told[0]["card"]["type"]), (&json!(["addictions"]), &json!("network")));
        let reader = app.reader();
        assert_eq!(here(&reader, "theme=diabetes"), ["Autour"]);
        assert_eq!(here(&reader, "type=organisation"), ["Association d'ici"]);
        assert_eq!(here(&reader, "type=network&limit=2"), ["Ici", "Autour"]);
        assert_eq!(here(&reader, "q=bassin"), ["Dans le bassin"]);
        assert_eq!(here(&reader, "fictitious=true"), Vec::<Value>::new());
        assert_eq!(reader.get("/v1/directory?commune=30999").is(200).items(), Vec::<Value>::new());
        reader.get("/v1/directory").is_problem(400, "request.bad_query");
        reader.get("/v1/directory?commune=30132&q=-").is_problem(422, "request.no_words");
    }
}

story! {
    fn the_directory_tells_only_what_is_active_on_the_day(app) {
        let around = app.given_around();
        let life = |state: &str| json!({ "life": [
            { "state": "active", "starts_on": "2010-01-01" }, { "state": state, "starts_on": "2020-01-01" },
        ] });
        app.given_network_in("Fermé", &[&around.epci], life("closed"));
        app.given_network_in("En sommeil", &[&around.epci], life("dormant"));
        app.given_network_in("Naissant", &[&around.epci], json!({ "life": [{ "state": "emergent" }] }));
        app.given_network_in("Parti", &[], json!({
            "territories": [{ "territory": around.epci.id, "ends_before": "2015-01-01" }],
        }));
        let ended = given_seat(app, "Dissoute", "30132");
        app.ended(&ended, "2020-01-01");

        assert_eq!(here(&app.reader(), ""), Vec::<Value>::new());
        assert_eq!(here(&app.reader(), "as_of=2019-12-31"), ["Dissoute", "En sommeil", "Fermé"]);
        assert_eq!(here(&app.reader(), "as_of=2014-12-31"), ["Dissoute", "En sommeil", "Fermé", "Parti"]);
        assert_eq!(here(&app.reader(), "as_of=2009-12-31"), ["Dissoute", "Parti"]);
    }
}

story! {
    fn the_directory_comes_page_after_page_in_one_order_and_each_entry_once(app) {
        let around = app.given_around();
        for number in 0..3 {
            app.given_network_in(&format!("Réseau {number}"), &[&around.epci], json!({}));
            app.given_network_in(&format!("Réseau d'ici {number}"), &[&around.commune], json!({}));
            given_seat(app, &format!("Association {number}"), "30132");
        }
        let whole = here(&app.reader(), "");
        assert_eq!(whole.len(), 9);

        for limit in 1..=4 {
            let (mut met, mut after) = (Vec::new(), String::new());
            loop {
                let page = app.reader().get(&format!("/v1/directory?commune=30132&limit={limit}{after}"));
                met.extend(page.is(200).items().iter().map(|entry| entry["card"]["name"].clone()));
                match page.json()["next"].as_str() {
                    Some(next) => after = format!("&after={next}"),
                    None => break,
                }
            }
            assert_eq!(met, whole, "{limit} at once");
        }
        app.reader().get("/v1/directory?commune=30132&after=nowhere").is_problem(400, "request.bad_cursor");
    }
}

story! {
    fn without_a_token_the_directory_is_closed_unless_the_settings_open_it(app) {
        app.nobody().get("/v1/directory?commune=30132").is_problem(401, "access.no_token");
        app.nobody().get("/v1/coverage?territory=commune:30132").is_problem(401, "access.no_token");
    }
}

/// A server where anybody reads the directory.
pub fn open() -> Options {
    Options {
        public: true,
        rate: 60,
        ..Options::default()
    }
}

story! {
    fn where_the_directory_is_open_anybody_reads_what_is_public_and_not_too_often(app, open()) {
        let around = app.given_around();
        let network = app.given_network_in("Ici", &[&around.commune], json!({ "contact": {
            "website": "https://ici.example", "email": "equipe@ici.example", "phone": "04 66 00 00 00",
        } }));
        given_seat(app, "Association d'ici", "30132");

        let told = app.nobody().get("/v1/directory?commune=30132");

        assert_eq!(told.is(200).items().len(), 2);
        assert!(told.text().contains("https://ici.example"), "{told}");
        assert!(!told.text().contains("equipe@ici.example"), "{told}");
        app.nobody().get("/v1/coverage?territory=commune:30132").is(200);
        app.nobody().get(&network.path).is_problem(401, "access.no_token");
        app.nobody().get("/v1/networks").is_problem(401, "access.no_token");
        let asked = (0..60).map(|_| app.nobody().get("/v1/directory?commune=30132").status);
        assert!(asked.into_iter().any(|status| status == 429));
    }
}

story! {
    fn a_network_coordinator_reads_the_directory_like_anybody_and_nothing_beyond_it(app) {
        let around = app.given_around();
        let own = app.given_network_in("Le sien", &[&around.epci], json!({}));
        let other = app.given_network_in("Un autre", &[&around.epci], json!({ "contact": { "email": "autre@exemple.example" } }));
        let seat = given_seat(app, "Association d'ici", "30132");
        let by = app.new_client_on(Role::NetworkCoordinator, own.scope()).1;

        let told = by.get("/v1/directory?commune=30132");

        assert_eq!(told.is(200).items(), app.administrator().get("/v1/directory?commune=30132").is(200).items());
        assert!(!told.text().contains("@exemple.example"), "{told}");
        by.get(&other.path).is_problem(404, "request.not_found");
        by.get(&seat.path).is_problem(404, "request.not_found");
        let unseeing = app.new_client_on(Role::Secretary, own.scope()).1;
        unseeing.get("/v1/directory?commune=30132").is_problem(403, "access.role");
    }
}

/// How many communes there are and are covered, and the codes of those that are not.
#[track_caller]
fn coverage(by: &Client, query: &str) -> (i64, i64, Vec<Value>) {
    let answer = by.get(&format!("/v1/coverage?{query}"));
    let told = answer.is(200).json();
    let number = |member: &str| told[member].as_i64().unwrap();
    let codes = answer
        .items()
        .iter()
        .map(|item| item["code"].clone())
        .collect();
    (number("communes"), number("covered"), codes)
}

story! {
    fn the_communes_that_no_active_network_of_a_theme_covers_are_told(app) {
        let around = app.given_around();
        let qpv = app.given_territory(json!({ "kind": "qpv", "code": "QP030009", "names": [{ "name": "Cévennes" }],
            "part_of": [{ "whole": around.neighbour.id, "kind": "commune" }] }));
        app.given_network_in("Dans un quartier", &[&qpv], json!({}));
        let reader = app.reader();
        let gard = "territory=departement:30";
        let all = ["30007", "30132", "30189"].map(Value::from).to_vec();

        assert_eq!(coverage(&reader, gard), (3, 0, all.clone()));
        app.given_network_in("Autour", &[&around.epci], json!({ "life": [{ "state": "active", "starts_on": "2010-01-01" }] }));
        app.given_network_in("En sommeil", &[&around.region], json!({ "life": [{ "state": "dormant" }] }));

        assert_eq!(coverage(&reader, gard), (3, 2, vec![json!("30189")]));
        assert_eq!(coverage(&reader, "territory=region:76&theme=addictions"), (3, 2, vec![json!("30189")]));
        assert_eq!(coverage(&reader, &format!("territory={}", around.epci.id)), (2, 2, vec![]));
        assert_eq!(coverage(&reader, "territory=departement:30&theme=diabetes"), (3, 0, all.clone()));
        assert_eq!(coverage(&reader, "territory=departement:30&as_of=2009-12-31").1, 0);
        assert_eq!(coverage(&reader, "territory=commune:30189"), (1, 0, vec![json!("30189")]));
        assert_eq!(coverage(&reader, "territory=commune:30999"), (0, 0, vec![]));
        let first = reader.get("/v1/coverage?territory=departement:30&theme=diabetes&limit=2");
        let next = format!("/v1/coverage?territory=departement:30&theme=diabetes&limit=2&after={}", first.next());
        assert_eq!(reader.get(&next).is(200).items()[0]["name"], "Nîmes");
        reader.get("/v1/coverage").is_problem(400, "request.bad_query");
        reader.get("/v1/coverage?territory=ailleurs").is_problem(400, "request.bad_query");
    }
}
