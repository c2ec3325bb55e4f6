//! What is another network's own: who coordinates one learns nothing of it from any operation that reads, nor does
//! anybody without a token where the directory is open.

use std::collections::{BTreeMap, BTreeSet};

use domain::access::Role;

use crate::actions::action;
use crate::bearers::bearer;
use crate::directory::{Around, open};
use crate::facilitations::facilitation;
use crate::founding_texts::charter;
use crate::memberships::{membership, reference};
use crate::objectives::objective;
use crate::people::person;
use crate::poolings::pooling;
use crate::story::given::with;
use crate::story::{App, Client, Given, Options, Value, exercised, json, story};

/// A word that nothing but what is planted says.
const SECRET: &str = "zyxomma";

/// Two networks of one commune with a member in common.
struct Scene {
    around: Around,
    own: Given,
    other: Given,
    member: Given,
    /// What hangs on the own one.
    kept: Vec<Given>,
}

fn scene(app: &App) -> Scene {
    let around = app.given_around();
    let [own, other] = ["Le sien", "Un autre"]
        .map(|name| app.given_network_in(name, &[&around.commune], json!({})));
    for network in [&own, &other] {
        app.under_the_article(network);
    }
    let mut scene = Scene {
        kept: Vec::new(),
        member: app.given_association("Membre des deux"),
        around,
        own,
        other,
    };
    scene.kept = plant(app, &scene, &scene.own, "ordinaire");
    scene
}

/// Records one of everything that hangs on a network, and what is not public of itself, with a word in every text.
fn plant(app: &App, scene: &Scene, on: &Given, word: &str) -> Vec<Given> {
    let member = &scene.member;
    let dated =
        json!({ "starts_on": "2020-01-01", "ends_before": "2030-01-01", "end_reason": word });
    let titled = with(
        dated.clone(),
        json!({ "title": format!("Titre {word}"), "description": word, "themes": ["addictions"] }),
    );
    let running = with(
        titled.clone(),
        json!({
            "status": "running", "territories": [scene.around.commune.id],
            "partners": [{ "organisation": member.id, "role": "pilot" }],
        }),
    );
    let speaker = app.given_person(&person(&format!("De {word}")));
    let joined = with(
        dated.clone(),
        json!({
            "representative": speaker.id,
            "college": word, "role": word, "expertise": [{ "name": word, "theme": "addictions" }],
        }),
    );
    let written = json!({
        "items": [{ "item": "access_and_exit", "state": "drafted", "note": word }],
        "signatures": [{ "signatory": reference(member), "signed_on": "2004-07-01" }],
    });
    let shared = json!({
        "title": format!("Maison {word}"), "description": word, "starts_on": "2020-01-01",
    });
    let private = json!({
        "summary": format!("Pour {word}."), "contact": { "email": format!("{word}@exemple.example") },
        "financing": [{ "state": "funded", "funder": member.id }],
    });
    app.administrator().patch(&on.path, "*", &private).is(200);
    let hung = [
        ("/v1/memberships", with(membership(member, on), joined)),
        (
            "/v1/bearers",
            with(
                bearer(on, member),
                with(dated.clone(), json!({ "reason": word })),
            ),
        ),
        (
            "/v1/facilitations",
            with(
                facilitation(on, member),
                with(
                    dated,
                    json!({ "mandate": { "giver": member.id, "reference": word } }),
                ),
            ),
        ),
        ("/v1/objectives", with(objective(on), titled)),
        ("/v1/actions", with(action(on), running)),
        ("/v1/poolings", with(pooling(on, &[on, member]), shared)),
        ("/v1/founding-texts", with(charter(on), written)),
    ]
    .map(|(room, fields)| app.given_at(room, &fields));
    [&hung[..], &[speaker]].concat()
}

/// The values that a parameter is asked with: those that could lead to what is planted.
fn values(parameter: &Value, ids: &[&str]) -> Vec<String> {
    let schema = &parameter["schema"];
    let named = schema["$ref"].as_str().and_then(|at| at.rsplit('/').next());
    let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect();
    if let Some(codes) = schema["enum"].as_array() {
        return codes
            .iter()
            .map(|code| code.as_str().unwrap().to_owned())
            .collect();
    }
    match parameter["name"].as_str().unwrap() {
        "q" | "college" => texts(&[SECRET]),
        "theme" => texts(&["addictions"]),
        "commune" => texts(&["30132"]),
        "territory" | "serves" if schema["format"] != "uuid" && named.is_none() => {
            texts(&["commune:30132"])
        }
        "as_of" | "review_by" => texts(&["2026-06-01"]),
        "known_at" => texts(&["2026-06-01T00:00:00Z"]),
        "limit" => texts(&["1"]),
        "fictitious" | "autonomous" | "interim" => texts(&["true", "false"]),
        "financing_state" => texts(&["funded", "unfunded"]),
        "status" => texts(&["running", "planned"]),
        "scope" | "after" | "identifier" | "code" => Vec::new(),
        _ if named == Some("Id") || schema["format"] == "uuid" => texts(ids),
        _ => named.map(codes_of).unwrap_or_default(),
    }
}

/// The codes of an enumeration of the document, as many as are worth asking for.
fn codes_of(schema: &str) -> Vec<String> {
    let codes = &exercised::document()["components"]["schemas"][schema]["enum"];
    let codes = codes.as_array().into_iter().flatten().take(4);
    codes
        .map(|code| code.as_str().unwrap().to_owned())
        .collect()
}

/// The paths of an operation that reads: one for each id, or each name of a list, that it may be asked with.
fn paths(template: &str, parameters: &[Value], ids: &[&str]) -> Vec<String> {
    let Some((before, rest)) = template.split_once('{') else {
        return vec![template.to_owned()];
    };
    let (name, after) = rest.split_once('}').unwrap();
    let named = parameters
        .iter()
        .find(|one| one["name"] == name && one["in"] == "path");
    let all = match name {
        "id" => ids.iter().map(|id| (*id).to_owned()).collect(),
        "list" => vec!["themes".to_owned()],
        _ => values(named.unwrap(), ids),
    };
    all.iter()
        .map(|one| format!("{before}{one}{after}"))
        .collect()
}

/// Asks every operation that reads, in every form and with every parameter that could lead to what is planted; and
/// tells what each answered, by template and address.
fn everything_read(by: &Client, ids: &[&str]) -> BTreeMap<(&'static str, String), String> {
    let mut told = BTreeMap::new();
    for (_, template, operation) in exercised::documented().filter(|(method, ..)| method == "GET") {
        let none = Vec::new();
        let parameters = operation["parameters"].as_array().unwrap_or(&none);
        let in_query = || parameters.iter().filter(|one| one["in"] == "query");
        let required: Vec<String> = in_query()
            .filter(|one| one["required"] == true)
            .map(|one| format!("{}={}&", one["name"].as_str().unwrap(), values(one, ids)[0]))
            .collect();
        let required = required.concat();
        let counted = in_query().any(|one| one["name"] == "count");
        let mut queries = vec![String::new()];
        for one in in_query().filter(|one| one["required"] != true) {
            let name = one["name"].as_str().unwrap();
            for value in values(one, ids) {
                let count = if counted && name != "count" && name != "csv" {
                    "&count=exact"
                } else {
                    ""
                };
                queries.push(format!("{name}={value}{count}"));
            }
        }
        for path in paths(template, parameters, ids) {
            for query in &queries {
                let address = format!("{path}?{required}{query}");
                let answer = by.get(&address);
                told.insert((template, address), shown(template, &answer));
            }
            for format in ["text/csv", "application/x-ndjson"] {
                let answer = by
                    .ask("GET", &format!("{path}?{required}"))
                    .accept(format)
                    .send();
                told.insert(
                    (template, format!("{path} as {format}")),
                    shown(template, &answer),
                );
            }
        }
    }
    told
}

/// What an answer tells. A cursor of the feed says how far the feed is for all, and a problem names its own request.
fn shown(template: &str, answer: &crate::story::Answer) -> String {
    let mut text = answer.text().to_owned();
    if let Ok(mut body) = serde_json::from_str::<Value>(&text) {
        if let Some(members) = body.as_object_mut() {
            members.remove("instance");
            if template == "/v1/changes" {
                members.remove("next");
            }
        }
        text = body.to_string();
    }
    format!("{} {text}", answer.status)
}

/// The operations in whose answers the word stands.
fn telling(told: &BTreeMap<(&'static str, String), String>) -> BTreeSet<&'static str> {
    let telling = told
        .iter()
        .filter(|(_, text)| text.to_lowercase().contains(SECRET));
    telling.map(|((template, _), _)| *template).collect()
}

/// Asks everything before and after something is planted in the other network and one more network is recorded: the
/// answers are the same, and none of them says the word, while who sees all finds it in many.
fn learns_nothing(app: &App, scene: &Scene, by: &Client) {
    let named = [
        &scene.own,
        &scene.other,
        &scene.member,
        &scene.around.commune,
    ];
    let named = named.into_iter().chain(&scene.kept);
    let ids: Vec<&str> = named.map(|given| given.id.as_str()).collect();
    // Not the same from one request to the next, and nothing of networks: only the word is looked for.
    let counted = ["/metrics", "/health/ready", "/health/live"];
    // That there is one more network is public there, and nowhere else.
    let public = "/v1/directory";
    let before = everything_read(by, &ids);

    let planted = plant(app, scene, &scene.other, SECRET);
    app.given_network_in("Un nouveau", &[&scene.around.commune], json!({}));

    let after = everything_read(by, &ids);
    assert_eq!(telling(&after), BTreeSet::new());
    let in_vain = |(asked, text): (_, &String)| text.starts_with("400").then_some(asked);
    assert_eq!(after.iter().find_map(in_vain), None);
    for (asked, text) in &after {
        assert!(
            counted.contains(&asked.0) || asked.0 == public || before[asked] == *text,
            "{asked:?}\n{}\n{text}",
            before[asked]
        );
    }
    for one in &planted {
        for path in [one.path.clone(), format!("{}/history", one.path)] {
            let status = by.get(&path).status;
            assert!([401, 403, 404].contains(&status), "{path}: {status}");
        }
    }
    let planted: Vec<&str> = planted.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(telling(&everything_read(by, &planted)), BTreeSet::new());
    let all = telling(&everything_read(
        &app.administrator(),
        &[ids, planted].concat(),
    ));
    assert!(all.len() > 25, "{all:?}");
}

story! {
    fn who_coordinates_one_network_learns_nothing_of_what_is_another_s_own(app) {
        let scene = scene(app);
        let by = app.new_client_on(Role::NetworkCoordinator, scene.own.scope()).1;

        learns_nothing(app, &scene, &by);
        assert_eq!(by.get(&format!("/v1/memberships?of={}", scene.own.id)).is(200).items().len(), 1);
    }
}

story! {
    fn where_the_directory_is_open_nobody_learns_from_it_what_is_a_network_s_own(app, Options { rate: 0, ..open() }) {
        let scene = scene(app);

        learns_nothing(app, &scene, &app.nobody());
        assert_eq!(app.nobody().get("/v1/directory?commune=30132").is(200).items().len(), 3);
    }
}
