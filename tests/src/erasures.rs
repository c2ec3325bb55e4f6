//! One who was erased is nowhere any more: in no answer to anything that can be asked, and, once the base was
//! maintained, in no byte of it.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::Stdio;

use diesel::connection::SimpleConnection;

use crate::memberships::membership;
use crate::networks::network;
use crate::story::exercised::documented;
use crate::story::given::with;
use crate::story::program::{command, done};
use crate::story::{App, Base, Engine, Given, Value, json, story};

/// All that tells of her, each in some text that a caller may send: names of then and now, number, address, telephone,
/// and why she was written.
const PLANTED: [&str; 6] = [
    "Zébulonia",
    "Quintefeuillard",
    "Desmoulinettes",
    "10203040506",
    "zq@introuvable.example",
    "+33466010203",
];

/// By which the request that recorded her comes again.
const KEY: &str = "premier-envoi";

fn planted(organisation: &Given) -> Value {
    let [given_name, family_name, _, rpps, email, phone] = PLANTED;
    json!({
        "family_name": family_name, "given_name": given_name, "rpps": rpps, "email": email, "phone": phone,
        "works_for": [{ "organisation": organisation.id }], "fictitious": true,
    })
}

/// Which of the planted texts stand in one, in whatever case, with accents or without.
fn found_in(text: &str) -> Vec<&'static str> {
    let text = domain::values::fold(text);
    let stands = |planted: &&str| text.contains(&domain::values::fold(planted));
    PLANTED.into_iter().filter(stands).collect()
}

/// Records her as everything that a person can be, and her name as everything that is said of one.
fn given_everywhere(app: &App) -> (Given, Value) {
    let by = app.administrator();
    let organisation = app.given_association("Réseda");
    let fields = planted(&organisation);
    let ask = by.ask("POST", "/v1/people?reason=Pour%20Quintefeuillard");
    let given = Given::located(ask.key(KEY).json(&fields).send().is(201));
    let changed = json!({ "family_name": "Desmoulinettes" });
    let changing = format!("{}?reason=Quintefeuillard%20se%20marie", given.path);
    by.patch(&changing, &given.etag, &changed).is(200);
    let [one, other] = ["Addictologie", "Diabète"].map(|name| app.given_network(&network(name)));
    let who = json!({ "type": "person", "id": given.id });
    let spoken = with(
        membership(&organisation, &one),
        json!({ "representative": given.id }),
    );
    app.given_membership(&spoken);
    let own =
        json!({ "member": who, "of": { "type": "network", "id": other.id }, "category": "expert" });
    app.given_membership(&own);
    let animates = json!({ "of": { "type": "network", "id": one.id }, "by": who });
    app.given_at("/v1/facilitations", &animates);
    (given, fields)
}

/// Every address of a GET of the document, with every record that there is in the place of an id.
fn addresses(app: &App) -> Vec<String> {
    let by = app.administrator();
    let reads = documented().filter(|(method, ..)| method == "GET");
    let mut addresses = Vec::new();
    for (_, template, operation) in reads {
        let Some((collection, rest)) = template.split_once("/{") else {
            let asked = match template {
                "/v1/directory" => "?commune=30132",
                "/v1/coverage" => "?territory=commune:30132",
                _ => "",
            };
            addresses.push(format!("{template}{asked}"));
            continue;
        };
        let (_, rest) = rest.split_once('}').unwrap();
        let places: Vec<String> = match collection {
            "/v1/exports" => {
                let codes = operation["parameters"][0]["schema"]["enum"]
                    .as_array()
                    .unwrap();
                codes
                    .iter()
                    .map(|code| code.as_str().unwrap().to_owned())
                    .collect()
            }
            "/v1/code-lists" => vec!["roles".to_owned()],
            _ => by.get(collection).is(200).ids(),
        };
        addresses.extend(
            places
                .iter()
                .map(|place| format!("{collection}/{place}{rest}")),
        );
    }
    addresses
}

/// What can be asked beside an address, as far as it takes it; other addresses refuse it.
const BESIDE: [&str; 13] = [
    "",
    "limit=200",
    "sort=name",
    "as_of=2020-01-01",
    "q=zebulonia",
    "q=quintefeuillard",
    "q=desmoulinettes",
    "rpps=10203040506",
    "count=exact",
    "expand=member",
    "expand=representative",
    "expand=by",
    "type=person",
];

/// Every answer to whatever can be asked, in every format, with the question.
fn answers(app: &App, given: &Given, said: &Value, known: &[String]) -> Vec<(String, String)> {
    let by = app.administrator();
    let mut answers = Vec::new();
    let mut ask = |address: String| {
        for format in ["application/json", "text/csv", "application/x-ndjson"] {
            let answer = by.ask("GET", &address).accept(format).send();
            answers.push((format!("{address} as {format}"), answer.text().to_owned()));
        }
    };
    for address in addresses(app) {
        let joins = if address.contains('?') { '&' } else { '?' };
        let of_one = address.contains(&given.id);
        let every = BESIDE.iter().filter(|beside| !of_one || beside.is_empty());
        for beside in every {
            ask(format!("{address}{joins}{beside}")
                .trim_end_matches(['?', '&'])
                .to_owned());
        }
    }
    for at in known {
        ask(format!("{}?known_at={at}", given.path));
    }
    let stale = by.patch(&given.path, "\"99\"", &json!({ "fictitious": true }));
    answers.push(("412".to_owned(), stale.text().to_owned()));
    let again = by
        .ask("POST", "/v1/people?reason=Pour%20Quintefeuillard")
        .key(KEY)
        .json(said)
        .send();
    assert!(again.is_replayed());
    answers.push(("replay".to_owned(), again.text().to_owned()));
    answers
}

/// Where raw bytes of a base hold some of the planted texts: its files, or PostgreSQL's files of its tables and indexes.
fn places_of_bytes(base: &Base) -> BTreeSet<String> {
    let mut places = BTreeSet::new();
    match base.engine() {
        Engine::Sqlite => {
            for suffix in ["", "-wal"] {
                let path = format!("{}{suffix}", base.path().display());
                let bytes = std::fs::read(&path).unwrap_or_default();
                if !found_in(&String::from_utf8_lossy(&bytes)).is_empty() {
                    places.insert(path);
                }
            }
        }
        Engine::Postgres => {
            base.postgres().batch_execute("CHECKPOINT").unwrap();
            for planted in PLANTED {
                for spelt in [planted.to_owned(), domain::values::fold(planted)] {
                    places.extend(base.texts(&format!(
                        "SELECT CAST(relname AS text) AS t FROM pg_class WHERE pg_relation_filepath(oid) IS NOT NULL
                        AND position(convert_to('{spelt}', 'UTF8')
                            IN pg_read_binary_file(pg_relation_filepath(oid), 0, 1000000000, true)) > 0"
                    )));
                }
            }
        }
    }
    places
}

/// What `maillage check --erasures` tells, given the planted words.
fn traces(base: &Base) -> Vec<String> {
    let mut check = command(&base.address(), &["check", "--erasures"]);
    let check = check
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut running = check.spawn().unwrap();
    let words = PLANTED.join("\n");
    running
        .stdin
        .take()
        .unwrap()
        .write_all(words.as_bytes())
        .unwrap();
    let output = running.wait_with_output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(found_in(&told).is_empty(), "{told}");
    let told: Vec<String> = told.lines().map(str::to_owned).collect();
    let sound = told.iter().all(|line| !line.contains('\t'));
    let failed = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.success(), sound, "{told:?} {failed}");
    told.into_iter()
        .filter(|line| line.contains('\t'))
        .collect()
}

story! {
    fn one_who_was_erased_is_in_no_answer_and_after_maintenance_in_no_byte(app) {
        let before = app.now().to_string();
        let (given, fields) = given_everywhere(app);
        app.advance(60);
        let known = [before, app.now().to_string()];
        if app.base.engine() == Engine::Postgres {
            app.base.postgres().batch_execute("ANALYZE").unwrap();
        }
        let told = answers(app, &given, &fields, &known);
        let places: Vec<&str> = told.iter().filter(|(_, text)| !found_in(text).is_empty()).map(|(at, _)| at.as_str()).collect();
        for expected in ["/history", "known_at", "/v1/changes", "/v1/audit", "/v1/exports/people", "412", "replay", "expand=by", "rpps=", "csv"] {
            assert!(places.iter().any(|place| place.contains(expected)), "{expected} in {places:?}");
        }
        assert!(!traces(&app.base).is_empty());

        let by = app.administrator();
        by.ask("POST", &format!("{}/erase?reason=Demande", given.path)).if_match("*").send().is(200);

        for (at, text) in answers(app, &given, &fields, &known) {
            assert_eq!(found_in(&text), [""; 0], "{at}: {text}");
        }
        let audited = app.administrator().get(&format!("/v1/audit?id={}", given.id)).is(200).items();
        let reasons: Vec<&Value> = audited.iter().map(|line| &line["reason"]).collect();
        assert_eq!(reasons, [&json!("Demande"), &json!(null), &json!(null)]);
        assert_ne!(places_of_bytes(&app.base), BTreeSet::new(), "nothing for maintenance to do");
        assert!(traces(&app.base).iter().any(|line| line.starts_with("identities\t")));

        let maintained = done(&app.base.address(), &["maintain"]);
        let again = done(&app.base.address(), &["maintain"]);

        assert_eq!((&maintained["swept"], &again["swept"]), (&json!(1), &json!(0)));
        assert_eq!(places_of_bytes(&app.base), BTreeSet::new());
        assert_eq!(traces(&app.base), [""; 0]);
        for (at, text) in answers(app, &given, &fields, &known) {
            assert_eq!(found_in(&text), [""; 0], "{at}: {text}");
        }
    }
}

story! {
    fn what_a_reader_who_began_before_may_still_see_is_not_said_to_be_forgotten(app) {
        let organisation = app.given_association("Réseda");
        let given = app.given_at("/v1/people", &planted(&organisation));
        let reader = app.base.reading();
        app.administrator().ask("POST", &format!("{}/erase", given.path)).if_match("*").send().is(200);

        let refused = command(&app.base.address(), &["maintain"]).output().unwrap();
        let told = traces(&app.base);
        drop(reader);
        let maintained = done(&app.base.address(), &["maintain"]);

        assert_eq!(refused.status.code(), Some(1), "{}", String::from_utf8_lossy(&refused.stderr));
        assert!(told.iter().any(|line| line.starts_with("identities\t")), "{told:?}");
        assert_eq!(maintained["swept"], 1);
        assert_eq!(traces(&app.base), [""; 0]);
    }
}
