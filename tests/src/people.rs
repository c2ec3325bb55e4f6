//! People at work: what is recorded of them, who sees what of it, and how they are forgotten.

use domain::access::Role;

use crate::memberships::membership;
use crate::networks::network;
use crate::story::given::with;
use crate::story::{App, Client, Given, Value, json, story};

/// The least that is said of a person.
pub fn person(family_name: &str) -> Value {
    json!({ "family_name": family_name, "fictitious": true })
}

/// A person who works for an organisation.
pub fn working(family_name: &str, organisation: &Given) -> Value {
    with(
        person(family_name),
        json!({ "works_for": [{ "organisation": organisation.id }] }),
    )
}

/// A person of whom everything is said.
fn zephirine(organisation: &Given) -> Value {
    json!({
        "family_name": "Introuvable", "given_name": "Zéphirine",
        "rpps": "10000000009", "email": "z.introuvable@example.org", "phone": "+33466000000",
        "capacities": [{ "capacity": "professional", "starts_on": "2010-09-01" }],
        "professions": [{ "system": "TRE_G15-ProfessionSante", "code": "60" }],
        "works_for": [{ "organisation": organisation.id, "engagement": "employed", "function": "care", "starts_on": "2019-01-01" }],
        "fictitious": true,
    })
}

/// By which a request to record a person is told to be the same.
const KEY: &str = "premier-envoi";

/// What only those are shown who need it.
const BY_NEED: [&str; 3] = ["rpps", "email", "phone"];

impl App {
    /// Records a person.
    #[track_caller]
    pub fn given_person(&self, fields: &Value) -> Given {
        self.given_at("/v1/people", fields)
    }

    /// Records a person by a request that can be repeated.
    #[track_caller]
    fn given_repeatable(&self, fields: &Value) -> Given {
        let by = self.administrator();
        let recorded = by.ask("POST", "/v1/people").key(KEY).json(fields).send();
        Given::located(recorded.is(201))
    }

    /// Erases who a person is.
    #[track_caller]
    fn erased(&self, given: &Given) -> Given {
        let answer = self
            .administrator()
            .ask("POST", &format!("{}/erase", given.path))
            .if_match("*")
            .send();
        answer.is(200);
        Given {
            path: given.path.clone(),
            ..Given::of(&answer)
        }
    }
}

story! {
    fn what_is_said_of_a_person_reads_back_the_same_with_what_is_true_of_the_day(app) {
        let organisation = app.given_association("Réseda");
        let fields = zephirine(&organisation);

        let given = app.given_person(&fields);

        let read = app.administrator().get(&given.path).is(200).json();
        for (member, value) in fields.as_object().unwrap() {
            assert_eq!(read[member], *value, "{member}");
        }
        assert_eq!(read["name"], "Zéphirine Introuvable");
        let on = |day: &str| {
            let read = app.administrator().get(&format!("{}?as_of={day}", given.path)).is(200).json();
            (read["takes_part_as"].clone(), read["works_that_day_for"].clone())
        };
        assert_eq!(on("2010-08-31"), (json!([]), json!([])));
        assert_eq!(on("2010-09-01"), (json!(["professional"]), json!([])));
        assert_eq!(on("2019-01-01"), (json!(["professional"]), json!([organisation.id])));
    }
}

story! {
    fn people_are_found_by_name_capacity_profession_and_organisation_and_sorted_by_family_name(app) {
        let organisation = app.given_association("Réseda");
        let found = app.given_person(&zephirine(&organisation));
        let other = app.given_person(&person("Exemple"));

        let list = |query: &str| app.reader().get(&format!("/v1/people?{query}")).is(200).ids();
        for query in ["q=zephirine", "q=intr", "capacity=professional", "profession=TRE_G15-ProfessionSante:60"] {
            assert_eq!(list(query), [found.id.as_str()], "{query}");
        }
        assert_eq!(list(&format!("organisation={}", organisation.id)), [found.id.as_str()]);
        assert_eq!(list("capacity=professional&as_of=2010-08-31"), [""; 0]);
        assert_eq!(list("capacity=user"), [""; 0]);
        assert_eq!(list("sort=name"), [other.id.as_str(), found.id.as_str()]);
        let rows = app.reader().ask("GET", "/v1/people").accept("text/csv").send().rows();
        assert_eq!((rows[0]["family_name"].as_str(), rows[0]["given_name"].as_str()), ("Introuvable", "Zéphirine"));
        assert!(!rows[0].contains_key("email"));
    }
}

story! {
    fn a_number_with_a_wrong_key_is_kept_and_told_and_an_unknown_organisation_is_refused(app) {
        let odd = app.administrator().post("/v1/people", &with(person("Exemple"), json!({ "rpps": "10000000000" })));
        let unknown = json!({ "works_for": [{ "organisation": "0198f1c2-7a00-7000-8000-000000000001" }] });
        let unknown = app.administrator().post("/v1/people", &with(person("Exemple"), unknown));

        assert_eq!(odd.is(201).json()["warnings"][0]["code"], "wrong_key");
        unknown.is_bad("people.bad_values", "/works_for/0/organisation", "unknown_reference");
    }
}

/// What a caller is shown of a person who must not be shown to it beyond the name, wherever a person is shown.
fn shown(app: &App, by: &Client, given: &Given) -> Vec<(String, Value)> {
    let mut shown = vec![("one".to_owned(), by.get(&given.path).is(200).json())];
    let id = given.id.as_str();
    let mut add = |name: &str, all: Vec<Value>| {
        let mine = all.into_iter().filter(|one| one["id"] == id);
        shown.extend(mine.map(|one| (name.to_owned(), one)));
    };
    add("list", by.get("/v1/people").is(200).items());
    add(
        "known",
        vec![
            by.get(&format!("{}?known_at={}", given.path, app.now()))
                .is(200)
                .json(),
        ],
    );
    let past = by.get(&format!("{}/history", given.path)).is(200).items();
    add(
        "history",
        past.into_iter().map(|one| one["body"].clone()).collect(),
    );
    let told = by.get("/v1/changes?type=person").is(200).items();
    add(
        "feed",
        told.into_iter().map(|one| one["body"].clone()).collect(),
    );
    shown
}

story! {
    fn the_number_and_the_contact_are_shown_to_those_who_need_them_and_to_nobody_else(app) {
        let organisation = app.given_association("Réseda");
        let elsewhere = app.given_association("Ailleurs");
        let given = app.given_person(&zephirine(&organisation));
        let read_by = |role: Role, on: &Given| app.new_client_on(role, on.scope()).1;

        let needs = [app.administrator(), read_by(Role::Coordinator, &organisation)];
        let others = [app.reader(), read_by(Role::Reader, &organisation), read_by(Role::Contributor, &organisation),
            read_by(Role::Federation, &organisation)];
        let strangers = [read_by(Role::Coordinator, &elsewhere)];

        for by in needs {
            for (place, one) in shown(app, &by, &given) {
                assert_eq!((&one["name"], &one["email"]), (&json!("Zéphirine Introuvable"), &json!("z.introuvable@example.org")), "{place}");
            }
            assert_eq!(by.get("/v1/people?rpps=10000000009").is(200).ids(), [given.id.as_str()]);
        }
        for by in others {
            for (place, one) in shown(app, &by, &given) {
                assert_eq!(one["name"], "Zéphirine Introuvable", "{place}");
                assert!(BY_NEED.iter().all(|member| one.get(member).is_none()), "{place}: {one}");
            }
            by.get("/v1/people?rpps=10000000009").is_problem(403, "access.role");
        }
        for by in strangers {
            by.get(&given.path).is_problem(404, "request.not_found");
            assert_eq!(by.get("/v1/people?rpps=10000000009").is(200).ids(), [""; 0]);
            assert_eq!(by.get("/v1/people?q=introuvable&count=exact").is(200).json()["count"], 0);
        }
        let exported = app.reader().get("/v1/exports/people").is(200).text().to_owned();
        assert!(exported.contains("Zéphirine Introuvable") && !exported.contains("example.org"), "{exported}");
        assert!(app.administrator().get("/v1/exports/people").is(200).text().contains("z.introuvable@example.org"));
    }
}

story! {
    fn one_who_reads_all_and_coordinates_one_organisation_finds_by_number_only_there(app) {
        let (mine, other) = (app.given_association("Réseda"), app.given_association("Ailleurs"));
        let at_mine = app.given_person(&zephirine(&mine));
        let at_other = app.given_person(&zephirine(&other));
        let (id, by) = app.new_client(Role::Reader);
        app.give(id, Role::Coordinator, mine.scope());

        assert_eq!(by.get("/v1/people?rpps=10000000009").is(200).ids(), [at_mine.id.as_str()]);
        assert_eq!(by.get(&at_mine.path).is(200).json()["rpps"], "10000000009");
        assert_eq!(by.get(&at_other.path).is(200).json().get("rpps"), None);
        let lines = by.ask("GET", "/v1/people").accept("application/x-ndjson").send().lines();
        let shown: Vec<bool> = lines.iter().map(|line| line.get("rpps").is_some()).collect();
        assert_eq!(shown, [true, false]);
    }
}

story! {
    fn nobody_is_found_by_words_of_a_number_or_a_contact_or_shown_them_beside_what_names_the_person(app) {
        let organisation = app.given_association("Réseda");
        let network = app.given_network(&network("Addictologie"));
        let given = app.given_person(&with(zephirine(&organisation), json!({ "email": "standard42@example.org" })));
        app.given_membership(&represented(&organisation, &network, &given));
        let own = json!({ "member": by_name(&given), "of": { "type": "network", "id": network.id }, "category": "expert" });
        app.given_membership(&own);
        let readers = [app.administrator(), app.reader(), app.new_client_on(Role::Contributor, organisation.scope()).1];

        for by in &readers {
            for words in ["10000000009", "standard42", "example.org", "33466000000", "0466000000"] {
                for room in ["people", "memberships", "organisations", "networks"] {
                    let found = by.get(&format!("/v1/{room}?q={words}&count=exact"));
                    assert_eq!(found.is(200).json()["count"], 0, "{room} by {words}");
                }
            }
        }
        for by in &readers {
            for address in ["memberships?expand=member", "memberships?expand=representative", "exports/memberships"] {
                for format in ["application/json", "application/x-ndjson", "text/csv"] {
                    let answer = by.ask("GET", &format!("/v1/{address}")).accept(format).send();
                    for secret in ["10000000009", "example.org", "33466000000"] {
                        assert!(!answer.text().contains(secret), "{address} as {format}: {}", answer.text());
                    }
                }
            }
        }
    }
}

/// The texts in which nobody may be found who was erased: every answer that could tell of people.
fn answers(app: &App, given: &Given, said: &Value) -> Vec<(String, String)> {
    let by = app.administrator();
    let before = app.now();
    let addresses = [
        given.path.clone(),
        format!("{}?as_of=2015-01-01", given.path),
        format!("{}?known_at={before}", given.path),
        format!("{}/history", given.path),
        "/v1/people".to_owned(),
        "/v1/people?sort=name".to_owned(),
        "/v1/people?q=zephirine".to_owned(),
        "/v1/people?rpps=10000000009".to_owned(),
        "/v1/changes?limit=200".to_owned(),
        "/v1/audit?limit=200".to_owned(),
        "/v1/exports/people".to_owned(),
        "/v1/exports/memberships".to_owned(),
        "/v1/memberships?expand=member".to_owned(),
        "/v1/memberships?expand=representative".to_owned(),
        "/v1/facilitations?expand=by".to_owned(),
        "/v1/accounts".to_owned(),
    ];
    let mut answers: Vec<(String, String)> = Vec::new();
    for address in addresses {
        answers.push((address.clone(), by.get(&address).is(200).text().to_owned()));
        for format in ["text/csv", "application/x-ndjson"] {
            let answer = by.ask("GET", &address).accept(format).send();
            if answer.status == 200 {
                answers.push((format!("{address} as {format}"), answer.text().to_owned()));
            }
        }
    }
    let stale = by.patch(&given.path, "\"99\"", &json!({ "fictitious": true }));
    answers.push(("412".to_owned(), stale.text().to_owned()));
    let again = by.ask("POST", "/v1/people").key(KEY).json(said).send();
    answers.push(("replay".to_owned(), again.text().to_owned()));
    answers
}

/// What she is found by.
const TRACES: [&str; 6] = [
    "zéphirine",
    "zephirine",
    "introuvable",
    "10000000009",
    "z.introuvable",
    "33466000000",
];

fn found_in(text: &str) -> Vec<&'static str> {
    let text = text.to_lowercase();
    TRACES
        .into_iter()
        .filter(|trace| text.contains(trace))
        .collect()
}

story! {
    fn one_who_was_erased_is_in_no_answer_any_more(app) {
        let organisation = app.given_association("Réseda");
        let fields = zephirine(&organisation);
        let given = app.given_repeatable(&fields);
        let changed = app.administrator().patch(&given.path, &given.etag, &json!({ "family_name": "Introuvable-Exemple" }));
        changed.is(200);
        let network = app.given_network(&network("Addictologie"));
        app.given_membership(&membership(&organisation, &network));
        let known = app.now();
        app.advance(60);
        let places: Vec<String> = answers(app, &given, &fields).into_iter().filter(|(_, text)| !found_in(text).is_empty()).map(|(at, _)| at).collect();
        for expected in ["/history", "known_at", "/v1/changes", "/v1/audit", "/v1/exports/people", "412", "replay", "text/csv"] {
            assert!(places.iter().any(|place| place.contains(expected)), "{expected} in {places:?}");
        }

        let erased = app.erased(&given);

        for (place, text) in answers(app, &given, &fields) {
            assert_eq!(found_in(&text), [""; 0], "{place}: {text}");
        }
        let then = app.administrator().get(&format!("{}?known_at={known}", given.path)).is(200).json();
        assert!(then["name"].as_str().unwrap().starts_with("Personne effacée "));
        assert_eq!((&then["erased"], &then["email"]), (&json!(false), &json!(null)));
        let now = app.administrator().get(&given.path).is(200).json();
        assert_eq!((&now["erased"], &now["version"], &now["works_for"]), (&json!(true), &json!(3), &fields["works_for"]));
        assert_eq!(erased.etag, app.administrator().get(&given.path).etag());
        let audited = app.administrator().get(&format!("/v1/audit?id={}", given.id)).is(200).items();
        assert_eq!((&audited[0]["action"], &audited[0]["version_after"]), (&json!("erase_person"), &json!(3)));
    }
}

/// A person as another record names it.
fn by_name(given: &Given) -> Value {
    json!({ "type": "person", "id": given.id })
}

/// What is said of a membership of an organisation for which a person speaks.
fn represented(member: &Given, of: &Given, who: &Given) -> Value {
    with(membership(member, of), json!({ "representative": who.id }))
}

story! {
    fn a_person_is_a_member_speaks_for_one_and_animates_and_its_name_alone_stands_beside(app) {
        let organisation = app.given_association("Réseda");
        let network = app.given_network(&network("Addictologie"));
        let given = app.given_repeatable(&zephirine(&organisation));
        let of_network = json!({ "type": "network", "id": network.id });

        let own = json!({ "member": by_name(&given), "of": of_network, "category": "expert" });
        let own = app.given_membership(&own);
        let spoken = app.given_membership(&represented(&organisation, &network, &given));
        let animates = json!({ "of": of_network, "by": by_name(&given) });
        app.given_at("/v1/facilitations", &animates);

        let expanded = |address: &str, member: &str| {
            let items = app.reader().get(address).is(200).items();
            assert_eq!(items.len(), 1, "{address}");
            items[0]["expanded"][member].clone()
        };
        for card in [
            expanded(&format!("/v1/memberships?member={}&expand=member", given.id), "member"),
            expanded(&format!("/v1/memberships?representative={}&expand=representative", given.id), "representative"),
            expanded("/v1/facilitations?expand=by", "by"),
        ] {
            assert_eq!((&card["type"], &card["name"]), (&json!("person"), &json!("Zéphirine Introuvable")));
            assert!(BY_NEED.iter().all(|member| card.get(member).is_none()), "{card}");
        }
        app.administrator().delete(&given.path, "*").is_problem(409, "people.tied");
        let ids = app.reader().get(&format!("/v1/memberships?of={}", network.id)).is(200).ids();
        assert_eq!(ids, [own.id, spoken.id]);

        app.erased(&given);

        for (place, text) in answers(app, &given, &zephirine(&organisation)) {
            assert_eq!(found_in(&text), [""; 0], "{place}: {text}");
        }
        let card = expanded(&format!("/v1/memberships?member={}&expand=member", given.id), "member");
        assert!(card["name"].as_str().unwrap().starts_with("Personne effacée "));
    }
}

story! {
    fn a_person_speaks_for_itself_and_for_nothing_that_is_not_there(app) {
        let organisation = app.given_association("Réseda");
        let network = app.given_network(&network("Addictologie"));
        let given = app.given_person(&person("Exemple"));
        let record = |fields: &Value| app.administrator().post("/v1/memberships", fields);

        let own = json!({ "member": by_name(&given), "of": { "type": "network", "id": network.id }, "category": "expert" });
        let both = record(&with(own.clone(), json!({ "representative": given.id })));
        let unknown = Given { id: "0198f1c2-7a00-7000-8000-000000000001".to_owned(), ..given.clone() };
        let nobody = record(&represented(&organisation, &network, &unknown));

        both.is_bad("relations.bad_values", "/representative", "contradicts");
        nobody.is_bad("relations.bad_values", "/representative", "unknown_reference");
        record(&own).is(201);
        record(&own).is_problem(409, "relations.overlapping");
    }
}

story! {
    fn a_network_sees_those_who_speak_in_it_while_they_do_with_the_contact_for_its_coordinator(app) {
        let organisation = app.given_association("Réseda");
        let [mine, other] = ["Addictologie", "Diabète"].map(|name| app.given_network(&network(name)));
        let given = app.given_person(&zephirine(&organisation));
        let coordinator = app.new_client_on(Role::NetworkCoordinator, mine.scope()).1;
        let reader = app.new_client_on(Role::Reader, mine.scope()).1;
        let from_here = coordinator.get("/v1/changes?after=now").is(200).next();
        coordinator.get(&given.path).is_problem(404, "request.not_found");
        let unseen = coordinator.post("/v1/memberships", &represented(&organisation, &mine, &given));
        unseen.is_bad("relations.bad_values", "/representative", "unknown_reference");

        let spoken = app.given_membership(&represented(&organisation, &mine, &given));
        app.given_membership(&represented(&organisation, &other, &given));

        assert_eq!(coordinator.get(&given.path).is(200).json()["email"], "z.introuvable@example.org");
        assert_eq!(reader.get(&given.path).is(200).json().get("email"), None);
        coordinator.patch(&given.path, "*", &json!({ "phone": null })).is_problem(403, "access.role");
        let told = coordinator.get(&format!("/v1/changes?after={from_here}&type=person"));
        assert_eq!((&told.items()[0]["op"], &told.items()[0]["body"]["rpps"]), (&json!("entered_scope"), &json!("10000000009")));
        let end = coordinator.ask("POST", &format!("{}/end", spoken.path)).if_match("*");
        end.json(&json!({ "ends_before": "2026-01-01" })).send().is(200);

        coordinator.get(&given.path).is_problem(404, "request.not_found");
        let left = coordinator.get(&format!("/v1/changes?after={}&type=person", told.next())).is(200).items();
        assert_eq!((&left[0]["op"], &left[0]["body"]), (&json!("left_scope"), &json!(null)));
        coordinator.patch(&spoken.path, "*", &json!({ "college": "Usagers" })).is(200);
    }
}

story! {
    fn all_who_saw_a_person_are_told_that_it_was_erased_and_what_stands_there_now(app) {
        let organisation = app.given_association("Réseda");
        let given = app.given_person(&zephirine(&organisation));
        let narrow = app.new_client_on(Role::Reader, organisation.scope()).1;
        let readers = [app.reader(), narrow];
        let cursors = readers.each_ref().map(|by| by.get("/v1/changes?after=now").is(200).next());

        app.erased(&given);

        for (by, cursor) in readers.iter().zip(cursors) {
            let told = by.get(&format!("/v1/changes?after={cursor}")).is(200).items();
            assert_eq!(told.len(), 1);
            assert_eq!((&told[0]["op"], &told[0]["id"]), (&json!("erased"), &json!(given.id)));
            assert_eq!(told[0]["body"]["erased"], true);
            assert!(told[0]["body"]["name"].as_str().unwrap().starts_with("Personne effacée "));
        }
    }
}

story! {
    fn one_who_was_erased_is_erased_once_and_comes_back_by_no_change(app) {
        let given = app.given_person(&zephirine(&app.given_association("Réseda")));
        let erase = |query: &str| app.administrator().ask("POST", &format!("{}/erase{query}", given.path)).if_match("*").send();

        let tried = erase("?dry_run=true");
        assert_eq!(app.administrator().get(&given.path).is(200).json()["name"], "Zéphirine Introuvable");
        let done = erase("?reason=Demande");

        assert_eq!((tried.is(200).json()["erased"].clone(), done.is(200).json()["acts"].clone()), (json!(true), json!(["delete_person"])));
        erase("").is_problem(409, "people.erased");
        app.administrator().patch(&given.path, "*", &json!({ "family_name": "Introuvable" })).is_problem(409, "people.erased");
        app.administrator().patch(&given.path, "*", &json!({ "email": "z.introuvable@example.org" })).is_problem(409, "people.erased");
    }
}

story! {
    fn to_erase_takes_an_administrator(app) {
        let organisation = app.given_association("Réseda");
        let given = app.given_person(&zephirine(&organisation));
        let coordinator = app.new_client_on(Role::Coordinator, organisation.scope()).1;

        let erase = |by: &Client| by.ask("POST", &format!("{}/erase", given.path)).if_match("*").send();

        erase(&coordinator).is_problem(403, "access.role");
        let acts = coordinator.get(&given.path).is(200).json()["acts"].clone();
        assert_eq!(acts, json!(["change_person", "delete_person"]));
        coordinator.patch(&given.path, &given.etag, &json!({ "phone": null })).is(200);
        coordinator.post("/v1/people", &working("Exemple", &organisation)).is(201);
        coordinator.post("/v1/people", &person("Exemple")).is_problem(403, "access.scope");
    }
}

story! {
    fn one_recorded_by_mistake_is_gone_and_leaves_no_name_in_its_history(app) {
        let given = app.given_person(&zephirine(&app.given_association("Réseda")));

        app.administrator().delete(&given.path, &given.etag).is(204);

        app.administrator().get(&given.path).is_problem(410, "request.deleted");
        let past = app.administrator().get(&format!("{}/history", given.path));
        assert_eq!(found_in(past.text()), [""; 0]);
        assert!(past.items()[0]["body"]["name"].as_str().unwrap().starts_with("Personne effacée "));
    }
}
