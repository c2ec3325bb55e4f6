//! Lineage: what networks and organisations become, from which day on, what goes on with their successors, and how
//! that is taken back.

use domain::access::Role;

use crate::bearers::bearer;
use crate::memberships::{membership, reference};
use crate::networks::network;
use crate::objectives::objective;
use crate::story::given::{association_with, with};
use crate::story::{Answer, App, Given, Value, json, story};

/// What is said of an event.
pub fn event(kind: &str, before: &[&Given], after: &[&Given], on: &str) -> Value {
    let all = |some: &[&Given]| some.iter().map(|one| reference(one)).collect::<Vec<_>>();
    json!({ "kind": kind, "predecessors": all(before), "successors": all(after), "effective_on": on })
}

fn merge(app: &App, before: &[&Given], after: &Given, on: &str) -> Answer {
    let event = event("merger", before, &[after], on);
    app.administrator().post("/v1/lineage-events", &event)
}

fn merged(app: &App, before: &[&Given], after: &Given, on: &str) -> Given {
    Given::located(merge(app, before, after, on).is(201))
}

fn undo(app: &App, event: &Given) -> Answer {
    let address = format!("{}/undo", event.path);
    let said = json!({ "reason": "Le traité n'a pas été signé." });
    let by = app.administrator();
    by.ask("POST", &address).if_match("*").json(&said).send()
}

fn networks<const N: usize>(app: &App, names: [&str; N]) -> [Given; N] {
    names.map(|name| app.given_network(&network(name)))
}

fn associations<const N: usize>(app: &App, names: [&str; N]) -> [Given; N] {
    names.map(|name| app.given_association(name))
}

/// What is true of a record on a day.
fn on(app: &App, given: &Given, day: &str) -> Value {
    let asked = format!("{}?as_of={day}", given.path);
    app.reader().get(&asked).is(200).json()
}

/// The days of every membership of a member, by whole: those that it is of, and from when to when.
fn belongs(app: &App, member: &Given) -> Vec<(Value, Value, Value)> {
    let listed = format!("/v1/memberships?member={}", member.id);
    let items = app.reader().get(&listed).is(200).items();
    let told = items.iter().map(|one| {
        (
            one["of"]["id"].clone(),
            one["starts_on"].clone(),
            one["ends_before"].clone(),
        )
    });
    told.collect()
}

fn days(of: &Given, starts_on: Option<&str>, ends_before: Option<&str>) -> (Value, Value, Value) {
    (json!(of.id), json!(starts_on), json!(ends_before))
}

fn joins(
    app: &App,
    member: &Given,
    of: &Given,
    starts_on: Option<&str>,
    ends_before: Option<&str>,
) -> Given {
    let days = json!({ "starts_on": starts_on, "ends_before": ends_before });
    app.given_membership(&with(membership(member, of), days))
}

story! {
    fn a_federation_born_of_two_exists_before_it_takes_over_and_the_two_still_tell_their_story(app) {
        let federation = |name: &str, more: Value| app.given(&with(association_with(name, json!({ "kind": "federation" })), more));
        let [first, second] = ["Résomip", "Résod'Oc"].map(|name| federation(name, json!({})));
        let one = federation("Réso Occitanie", json!({ "constituted_on": "2018-09-24", "operates_from": "2019-01-01" }));
        let own = app.given_network(&network("Sphères"));
        joins(app, &own, &first, Some("2012-01-01"), None);

        let event = merged(app, &[&first, &second], &one, "2019-01-01");

        let eve = "2018-12-31";
        assert_eq!([eve, "2019-01-01"].map(|day| on(app, &one, day)["state"].clone()), ["constituted", "open"]);
        assert_eq!([&first, &second].map(|one| on(app, one, eve)["state"].clone()), ["open", "open"]);
        assert_eq!([&first, &second].map(|one| on(app, one, "2019-01-01")["state"].clone()), ["merged", "merged"]);
        let today = app.reader().get(&first.path).is(200).json();
        let kin = |of: &Given| json!({ "id": of.id, "event": event.id, "effective_on": "2019-01-01" });
        assert_eq!((&today["name"], &today["state"], &today["successors"]), (&json!("Résomip"), &json!("merged"), &json!([kin(&one)])));
        assert_eq!(app.reader().get(&one.path).json()["predecessors"], json!([kin(&first), kin(&second)]));
        assert_eq!(belongs(app, &own), [
            days(&first, Some("2012-01-01"), Some("2019-01-01")), days(&one, Some("2019-01-01"), None),
        ]);
        let open = |day: &str| app.reader().get(&format!("/v1/organisations?as_of={day}&sort=name")).names();
        assert_eq!(open(eve), ["Réso Occitanie", "Résod'Oc", "Résomip"]);
        assert_eq!(open("2019-01-01"), ["Réso Occitanie"]);
    }
}

story! {
    fn members_of_both_are_members_once_of_the_one_over_the_days_of_both(app) {
        let [first, second, one] = networks(app, ["Toxicomanie", "Alcool", "Addictologie"]);
        let [in_both, in_one, later, gone] = associations(app, ["CSAPA Logos", "CAARUD", "SPIP", "Ancien"]);
        joins(app, &in_both, &first, Some("1995-01-01"), Some("2010-01-01"));
        joins(app, &in_both, &second, Some("1997-01-01"), None);
        joins(app, &in_one, &second, None, None);
        let moved = joins(app, &later, &first, Some("2005-01-01"), None);
        joins(app, &gone, &first, Some("1994-01-01"), Some("2000-01-01"));

        merged(app, &[&first, &second], &one, "2004-06-01");

        assert_eq!(belongs(app, &in_both), [
            days(&first, Some("1995-01-01"), Some("2004-06-01")), days(&second, Some("1997-01-01"), Some("2004-06-01")),
            days(&one, Some("2004-06-01"), None),
        ]);
        assert_eq!(belongs(app, &in_one), [days(&second, None, Some("2004-06-01")), days(&one, Some("2004-06-01"), None)]);
        assert_eq!(belongs(app, &later), [days(&one, Some("2005-01-01"), None)]);
        assert_eq!(app.reader().get(&moved.path).is(200).json()["version"], 2);
        assert_eq!(belongs(app, &gone), [days(&first, Some("1994-01-01"), Some("2000-01-01"))]);
    }
}

story! {
    fn one_that_was_there_before_keeps_what_it_has_and_takes_over_the_rest(app) {
        let [first, one] = networks(app, ["MAIA", "DAC"]);
        let [both, hospital, dac] = associations(app, ["SSIAD", "Centre hospitalier", "Association du DAC"]);
        joins(app, &both, &one, Some("2021-01-01"), Some("2023-01-01"));
        joins(app, &both, &first, Some("2015-01-01"), None);
        let bears = |of: &Given, by: &Given, function: &str| app.given_at("/v1/bearers", &with(bearer(of, by), json!({ "function": function })));
        bears(&first, &hospital, "legal_representation");
        bears(&first, &hospital, "financial_management");
        bears(&one, &dac, "legal_representation");
        app.given_at("/v1/objectives", &objective(&first));

        let absorbed = event("succession", &[&first], &[&one], "2022-07-01");
        app.given_at("/v1/lineage-events", &absorbed);

        assert_eq!(belongs(app, &both), [days(&one, Some("2021-01-01"), None), days(&first, Some("2015-01-01"), Some("2022-07-01"))]);
        let holders = |day: &str| {
            let address = format!("/v1/bearers?network={}&as_of={day}&expand=organisation", one.id);
            let items = app.reader().get(&address).is(200).items();
            items.iter().map(|item| (item["function"].clone(), item["expanded"]["organisation"]["name"].clone())).collect::<Vec<_>>()
        };
        assert_eq!(holders("2022-06-30"), [(json!("legal_representation"), json!("Association du DAC"))]);
        assert_eq!(holders("2022-07-01"), [
            (json!("legal_representation"), json!("Association du DAC")), (json!("financial_management"), json!("Centre hospitalier")),
        ]);
        let owned = |of: &Given| app.reader().get(&format!("/v1/objectives?owner={}&count=exact", of.id)).is(200).json()["count"].clone();
        assert_eq!((owned(&first), owned(&one)), (json!(1), json!(1)));
    }
}

story! {
    fn what_two_bore_apart_is_said_before_they_are_one(app) {
        let [first, second, one] = networks(app, ["Toxicomanie", "Alcool", "Addictologie"]);
        let [hospital, other] = associations(app, ["Centre hospitalier", "Reseda"]);
        let kept = app.given_at("/v1/bearers", &bearer(&first, &hospital));
        let ended = app.given_at("/v1/bearers", &bearer(&second, &other));

        let refused = merge(app, &[&first, &second], &one, "2004-06-01");
        let contested = refused.is_problem(409, "lineage.contested")["relations"].clone();
        assert_eq!(contested, json!([kept.id, ended.id]));
        app.administrator().ask("POST", &format!("{}/end", ended.path)).if_match("*")
            .json(&json!({ "ends_before": "2004-06-01" })).send().is(200);

        merged(app, &[&first, &second], &one, "2004-06-01");
        let borne = app.reader().get(&format!("/v1/bearers?network={}", one.id)).is(200).items();
        assert_eq!((borne.len(), &borne[0]["organisation"]), (1, &json!(hospital.id)));
    }
}

story! {
    fn an_organisation_that_was_a_member_of_the_other_or_bore_it_is_not_tied_to_itself(app) {
        let [first, second] = associations(app, ["Antenne", "Fédération"]);
        let [alone, joint] = networks(app, ["Porté", "Commun"]);
        joins(app, &first, &second, Some("2010-01-01"), None);
        joins(app, &second, &joint, Some("2011-01-01"), None);
        app.given_at("/v1/bearers", &with(bearer(&alone, &first), json!({ "starts_on": "2012-01-01" })));

        merged(app, &[&first], &second, "2020-01-01");

        assert_eq!(belongs(app, &first), [days(&second, Some("2010-01-01"), Some("2020-01-01"))]);
        assert_eq!(belongs(app, &second), [days(&joint, Some("2011-01-01"), None)]);
        let bearers = app.reader().get(&format!("/v1/bearers?network={}", alone.id)).is(200).items();
        let told: Vec<_> = bearers.iter().map(|one| (one["organisation"].clone(), one["starts_on"].clone(), one["ends_before"].clone())).collect();
        assert_eq!(told, [
            (json!(first.id), json!("2012-01-01"), json!("2020-01-01")), (json!(second.id), json!("2020-01-01"), json!(null)),
        ]);
    }
}

story! {
    fn a_chain_of_successions_is_told_from_any_of_its_ends(app) {
        let [first, second, third] = networks(app, ["Réseau", "PTA", "DAC"]);
        let member = app.given_association("SSIAD");
        joins(app, &member, &first, Some("2005-01-01"), None);

        merged(app, &[&first], &second, "2017-01-01");
        merged(app, &[&second], &third, "2022-07-01");

        assert_eq!(belongs(app, &member), [
            days(&first, Some("2005-01-01"), Some("2017-01-01")), days(&second, Some("2017-01-01"), Some("2022-07-01")),
            days(&third, Some("2022-07-01"), None),
        ]);
        for one in [&first, &second, &third] {
            let tree = app.reader().get(&format!("{}/lineage", one.path)).is(200).json();
            let mut names: Vec<_> = tree["nodes"].as_array().unwrap().iter().map(|node| node["name"].clone()).collect();
            names.sort_by_key(ToString::to_string);
            assert_eq!(names, ["DAC", "PTA", "Réseau"]);
            let days: Vec<_> = tree["events"].as_array().unwrap().iter().map(|event| event["effective_on"].clone()).collect();
            assert_eq!(days, ["2017-01-01", "2022-07-01"]);
            assert_eq!((&tree["root"], &tree["truncated"]), (&json!(one.id), &json!(false)));
        }
        merge(app, &[&first], &third, "2023-01-01").is_problem(409, "lineage.out_of_order");
        let again = event("succession", &[&third], &[&first], "2024-01-01");
        app.administrator().post("/v1/lineage-events", &again).is_problem(409, "lineage.not_there");
    }
}

story! {
    fn a_split_gives_members_to_each_and_the_rest_as_the_treaty_says(app) {
        let [whole, north, south] = networks(app, ["Cévennes", "Nord", "Sud"]);
        let [member, hospital] = associations(app, ["SSIAD", "Centre hospitalier"]);
        joins(app, &member, &whole, Some("2005-01-01"), None);
        let borne = app.given_at("/v1/bearers", &bearer(&whole, &hospital));
        let goal = app.given_at("/v1/objectives", &objective(&whole));
        let split = event("split", &[&whole], &[&north, &south], "2020-01-01");
        let record = |assignments: Value| {
            app.administrator().post("/v1/lineage-events", &with(split.clone(), json!({ "assignments": assignments })))
        };

        let unsaid = record(json!([])).is_problem(409, "lineage.unassigned")["relations"].clone();
        assert_eq!(unsaid, json!([borne.id]));
        let elsewhere = json!([{ "relation": borne.id, "to": [member.id] }]);
        record(elsewhere).is_bad("lineage.bad_values", "/assignments/0/to", "contradicts");
        let all = json!([{ "relation": borne.id, "to": [north.id] }, { "relation": goal.id, "to": [] }]);
        record(all).is(201);

        assert_eq!(belongs(app, &member).len(), 3);
        let count = |room: &str, query: String| app.reader().get(&format!("/v1/{room}?as_of=2020-01-01&count=exact&{query}")).is(200).json()["count"].clone();
        assert_eq!([&north, &south].map(|one| count("bearers", format!("network={}", one.id))), [1, 0]);
        assert_eq!([&north, &south].map(|one| count("objectives", format!("owner={}", one.id))), [0, 0]);
        assert_eq!([&whole, &north].map(|one| on(app, one, "2020-01-01")["state"].clone()), ["merged", "active"]);
    }
}

story! {
    fn an_event_is_tried_before_it_is_recorded_and_tells_all_that_it_writes(app) {
        let [first, one] = networks(app, ["MAIA", "DAC"]);
        let member = app.given_association("SSIAD");
        let belonged = joins(app, &member, &first, None, None);
        let said = event("succession", &[&first], &[&one], "2022-07-01");

        let tried = app.administrator().post("/v1/lineage-events?dry_run=true", &said).is(200).json();

        let written = tried["warnings"][0].clone();
        assert_eq!(written["code"], "also_written");
        assert_eq!(on(app, &first, "2022-07-01")["state"], "active");
        assert_eq!(belongs(app, &member), [days(&first, None, None)]);
        let done = app.administrator().post("/v1/lineage-events", &said).is(201).json();
        let of: Vec<_> = done["warnings"][0]["written"].as_array().unwrap().iter().map(|one| (one["id"].clone(), one["op"].clone())).collect();
        for expected in [(json!(belonged.id), json!("ended")), (json!(first.id), json!("merged")), (json!(one.id), json!("updated"))] {
            assert!(of.contains(&expected), "{expected:?} in {of:?}");
        }
        assert_eq!(of.len(), 4);
    }
}

story! {
    fn what_is_taken_back_leaves_everything_as_it_was(app) {
        let [first, second, one] = networks(app, ["Toxicomanie", "Alcool", "Addictologie"]);
        let [in_both, own] = associations(app, ["CSAPA Logos", "CAARUD"]);
        let kept = joins(app, &in_both, &first, Some("1995-01-01"), None);
        joins(app, &in_both, &second, Some("1997-01-01"), Some("2005-01-01"));
        joins(app, &own, &one, Some("2000-01-01"), Some("2006-01-01"));
        let hindsight = [&in_both, &own].map(|member| belongs(app, member));
        let event = merged(app, &[&first, &second], &one, "2004-06-01");
        let known = app.now();
        app.advance(60);

        let undone = undo(app, &event).is(200).json();

        assert_eq!((&undone["state"], &undone["undone"]["reason"]), (&json!("ended"), &json!("Le traité n'a pas été signé.")));
        assert_eq!([&in_both, &own].map(|member| belongs(app, member)), hindsight);
        assert_eq!(on(app, &first, "2010-01-01")["state"], "active");
        assert_eq!(app.reader().get(&first.path).json().get("successors"), None);
        let tree = app.reader().get(&format!("{}/lineage", one.path)).is(200).json();
        assert_eq!(tree["events"], json!([]));
        let then = app.administrator().get(&format!("{}?as_of=2010-01-01&known_at={known}", first.path)).is(200).json();
        assert_eq!(then["state"], "merged");
        let history = app.administrator().get(&format!("{}/history", kept.path)).is(200).items();
        let ends: Vec<_> = history.iter().map(|state| state["body"]["ends_before"].clone()).collect();
        assert_eq!(ends, [json!(null), json!("2004-06-01"), json!(null)]);
        undo(app, &event).is_problem(409, "lineage.already_undone");
        merged(app, &[&first, &second], &one, "2004-06-01");
    }
}

story! {
    fn what_others_built_on_is_not_taken_back(app) {
        let [first, second, third] = networks(app, ["Réseau", "PTA", "DAC"]);
        let member = app.given_association("SSIAD");
        joins(app, &member, &first, None, None);
        let early = merged(app, &[&first], &second, "2017-01-01");
        let carried = app.reader().get(&format!("/v1/memberships?of={}", second.id)).is(200).ids()[0].clone();
        let hindrance = |event: &Given| {
            let because = undo(app, event).is_problem(409, "lineage.cannot_undo")["because"].clone();
            because.as_array().unwrap().iter().map(|one| (one["id"].clone(), one["what"].clone())).collect::<Vec<_>>()
        };

        let late = merged(app, &[&second], &third, "2022-07-01");
        assert_eq!(hindrance(&early), [(json!(second.id), json!("later_event"))]);
        undo(app, &late).is(200);
        let path = format!("/v1/memberships/{carried}");
        app.administrator().patch(&path, "*", &json!({ "college": "Usagers" })).is(200);

        assert!(hindrance(&early).contains(&(json!(carried), json!("changed"))));
    }
}

story! {
    fn an_event_names_what_is_there_on_the_day_and_each_once(app) {
        let [first, second] = associations(app, ["Résomip", "Résod'Oc"]);
        let own = app.given_network(&network("Sphères"));
        let part = app.given_part("Antenne", &first);
        let record = |said: &Value| app.administrator().post("/v1/lineage-events", said);

        let mixed = record(&event("merger", &[&first, &own], &[&second], "2019-01-01"));
        mixed.is_bad("lineage.bad_values", "/predecessors/1/type", "contradicts");
        record(&event("merger", &[&first], &[&first], "2019-01-01")).is_bad("lineage.bad_values", "/successors/0", "contradicts");
        record(&event("split", &[&first], &[&second], "2019-01-01")).is_bad("lineage.bad_values", "/successors", "count");
        let twice = record(&event("merger", &[&first, &first], &[&second], "2019-01-01"));
        twice.is_bad("lineage.bad_values", "/predecessors/1", "repeated");
        record(&event("merger", &[&first], &[&second], "2019-01-01")).is_problem(409, "lineage.parts_still_open");
        app.ended(&part, "2018-01-01");
        let late = app.given(&association_with("Réso Occitanie", json!({ "constituted_on": "2018-09-24" })));
        let early = record(&event("merger", &[&first], &[&late], "2018-09-23"));
        assert_eq!(early.is_problem(409, "lineage.not_there")["records"], json!([late.id]));
        record(&event("merger", &[&first], &[&late], "2018-09-24")).is(201);
    }
}

story! {
    fn no_network_becomes_a_member_of_itself(app) {
        let [first, one, between] = networks(app, ["Réseau", "DAC", "Entre"]);
        joins(app, &one, &between, None, None);
        joins(app, &between, &first, None, None);

        let refused = merge(app, &[&first], &one, "2022-07-01");

        assert_eq!(refused.is_problem(409, "lineage.part_of_itself")["through"], 1);
    }
}

story! {
    fn only_one_who_keeps_all_of_them_makes_them_one_and_the_others_see_it(app) {
        let [first, one] = networks(app, ["MAIA", "DAC"]);
        let team = app.given_association("Reseda");
        let animates = |network: &Given| app.given_at("/v1/facilitations", &crate::facilitations::facilitation(network, &team));
        animates(&first);
        let coordinator = app.new_client_on(Role::Coordinator, team.scope()).1;
        let own = app.new_client_on(Role::NetworkCoordinator, one.scope()).1;
        let said = event("succession", &[&first], &[&one], "2022-07-01");

        coordinator.post("/v1/lineage-events", &said).is_problem(403, "access.scope");
        own.post("/v1/lineage-events", &said).is_problem(403, "access.role");
        animates(&one);
        let event = Given::located(coordinator.post("/v1/lineage-events", &said).is(201));

        let seen = own.get(&event.path).is(200).json();
        assert_eq!((&seen["kind"], &seen["acts"]), (&json!("succession"), &json!([])));
        let stranger = app.new_client_on(Role::NetworkCoordinator, app.given_network(&network("Autre")).scope()).1;
        stranger.get(&event.path).is_problem(404, "request.not_found");
        stranger.get(&format!("{}/lineage", one.path)).is_problem(404, "request.not_found");
        stranger.get(&format!("{}/lineage", team.path)).is_problem(404, "request.not_found");
        let told = app.reader().get("/v1/changes?type=network&limit=200").is(200).items();
        assert!(told.iter().any(|change| (&change["op"], &change["id"]) == (&json!("merged"), &json!(first.id))));
    }
}

story! {
    fn events_are_found_by_whom_they_are_about(app) {
        let [first, one, other] = networks(app, ["MAIA", "DAC", "Autre"]);
        let own = app.given_at("/v1/lineage-events", &with(event("succession", &[&first], &[&one], "2022-07-01"), json!({ "fictitious": true })));
        app.given_at("/v1/lineage-events", &event("merger", &[&other], &[&one], "2023-01-01"));

        let count = |query: &str| app.reader().get(&format!("/v1/lineage-events?count=exact&{query}")).is(200).json()["count"].as_i64().unwrap();

        for (query, found) in [
            (format!("predecessor={}", first.id), 1), (format!("successor={}", one.id), 2), ("kind=merger".to_owned(), 1),
            ("fictitious=true".to_owned(), 1), ("as_of=2022-06-30".to_owned(), 0), ("as_of=2022-07-01".to_owned(), 1),
        ] {
            assert_eq!(count(&query), found, "{query}");
        }
        let states = app.administrator().get(&format!("{}/history", own.path)).is(200).items();
        assert_eq!(states.len(), 1);
        let [before, after] = associations(app, ["Résomip", "Réso Occitanie"]);
        merged(app, &[&before], &after, "2019-01-01");
        let tree = app.reader().get(&format!("{}/lineage", before.path)).is(200).json();
        assert_eq!(tree["events"][0]["successors"], json!([reference(&after)]));
    }
}
