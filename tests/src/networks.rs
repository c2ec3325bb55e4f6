//! Networks: what is recorded of them, the phases of their lives, their themes, territories, law and money.

use domain::access::Role;

use crate::bearers::bearer as bearer_of;
use crate::facilitations::facilitation;
use crate::memberships::membership;
use crate::story::given::with;
use crate::story::{App, Given, Value, json, story};

/// The least that is said of a network.
pub fn network(name: &str) -> Value {
    json!({
        "kind": "reseau",
        "names": [{ "name": name }],
        "life": [{ "state": "active" }],
    })
}

/// A network with more members.
pub fn network_with(name: &str, more: Value) -> Value {
    with(network(name), more)
}

impl App {
    /// Records a network.
    #[track_caller]
    pub fn given_network(&self, fields: &Value) -> Given {
        Given::located(self.administrator().post("/v1/networks", fields).is(201))
    }
}

/// The names that a list answers.
#[track_caller]
fn names(app: &App, query: &str) -> Vec<Value> {
    let answer = app
        .administrator()
        .get(&format!("/v1/networks?sort=name&{query}"));
    answer
        .is(200)
        .items()
        .iter()
        .map(|item| item["name"].clone())
        .collect()
}

story! {
    fn what_was_recorded_of_a_network_reads_back_the_same_with_what_is_true_of_the_day(app) {
        let ars = app.given(&json!({ "kind": "ars", "names": [{ "name": "ARS Occitanie" }] }));
        let commune = app.given_commune("30132", "La Grand-Combe");
        let fields = json!({
            "kind": "reseau",
            "family": "proximity",
            "names": [
                { "name": "Réseau gérontologique du bassin alésien", "starts_on": "1999-03-01" },
                { "name": "Réseau Cévennes", "short_name": "RC", "starts_on": "2009-09-01" },
            ],
            "summary": "Coordonner les soins des personnes âgées.",
            "themes": ["loss_of_autonomy", "access_to_care"],
            "main_theme": "loss_of_autonomy",
            "populations": ["older_people", "carers"],
            "pathologies": [{ "system": "CIM-10", "code": "F00" }],
            "reach": "territorial",
            "territories": [{ "territory": commune.id, "starts_on": "2001-01-01" }],
            "legal_bases": [{ "basis": "l6321_1", "ends_before": "2022-07-26" }],
            "life": [{ "state": "emergent", "starts_on": "1998" }, { "state": "active", "starts_on": "1999-03" }],
            "financing": [{ "state": "funded", "funder": ars.id, "starts_on": "2003-01-01", "ends_before": "2013-01-01" },
                { "state": "unfunded", "starts_on": "2013-01-01" }],
        });

        let given = app.given_network(&fields);

        let read = app.reader().get(&given.path).is(200).json();
        for (member, value) in fields.as_object().unwrap() {
            assert_eq!(read[member], *value, "{member}");
        }
        let on = |day: &str| {
            let read = app.reader().get(&format!("{}?as_of={day}", given.path)).is(200).json();
            ["name", "state", "legal_basis", "financing_state"].map(|member| read[member].clone())
        };
        assert_eq!(on("1998-06-01")[1], "emergent");
        assert_eq!(on("2009-08-31"), ["Réseau gérontologique du bassin alésien", "active", "l6321_1", "funded"]);
        assert_eq!(on("2022-07-26"), [json!("Réseau Cévennes"), json!("active"), json!(null), json!("unfunded")]);
        assert_eq!(on("1997-12-31")[1], json!(null));
    }
}

story! {
    fn a_network_wakes_up_and_is_closed_but_never_leaves_that_again(app) {
        let given = app.given_network(&network_with("Réseau du Gardon", json!({
            "life": [{ "state": "active", "starts_on": "2004" }],
        })));
        let enter = |state: &str, starts: &str| {
            app.administrator().ask("POST", &format!("{}/phases", given.path)).if_match("*")
                .json(&json!({ "state": state, "starts_on": starts })).send()
        };

        enter("dormant", "2003").is_bad("networks.bad_values", "/starts_on", "not_in_order");
        enter("emergent", "2019").is_bad("networks.bad_values", "/state", "contradicts");
        assert_eq!(enter("dormant", "2019-05").is(200).json()["state"], "dormant");
        assert_eq!(enter("active", "2021-01-15").is(200).json()["state"], "active");
        let closed = enter("closed", "2025-06-01");
        let acts = closed.is(200).json()["acts"].clone();
        enter("active", "2026-01-01").is_problem(422, "networks.bad_values");

        assert!(!acts.as_array().unwrap().contains(&json!("enter_phase")), "{acts}");
        let told: Vec<Value> = app.administrator().get("/v1/changes?type=network").is(200).items()
            .iter().map(|entry| entry["op"].clone()).collect();
        assert_eq!(told, ["created", "updated", "updated", "ended"]);
    }
}

story! {
    fn networks_are_found_by_what_they_are_and_by_what_held_on_a_day(app) {
        let ars = app.given(&json!({ "kind": "ars", "names": [{ "name": "ARS Corse" }] }));
        let commune = app.given_commune("30132", "La Grand-Combe");
        app.given_network(&network_with("Addictologie", json!({
            "themes": ["addictions", "youth_health"], "main_theme": "addictions", "populations": ["young_people"],
            "family": "town_hospital", "reach": "territorial",
            "life": [{ "state": "active", "starts_on": "2004-01-01" }, { "state": "dormant", "starts_on": "2015-01-01" }],
            "legal_bases": [{ "basis": "l6321_1", "starts_on": "2004-01-01", "ends_before": "2015-01-01" }],
            "territories": [{ "territory": commune.id, "starts_on": "2004-01-01", "ends_before": "2015-01-01" }],
        })));
        app.given_network(&network_with("Diabète", json!({
            "kind": "cpts", "themes": ["diabetes"], "main_theme": "diabetes", "fictitious": true,
            "financing": [{ "state": "funded", "funder": ars.id, "starts_on": "2020-01-01", "ends_before": "2022-01-01" },
                { "state": "awaiting", "starts_on": "2022-01-01" }],
        })));

        let (first, second) = (["Addictologie"].as_slice(), ["Diabète"].as_slice());
        for (query, found) in [
            ("kind=reseau", first), ("kind=cpts", second), ("theme=youth_health", first), ("theme=diabetes", second),
            ("population=young_people", first), ("family=town_hospital", first), ("reach=territorial", first),
            ("fictitious=true", second), ("fictitious=false", first), ("q=addicto", first),
            ("state=active", second), ("state=dormant", first), ("state=dormant&as_of=2014-12-31", &[]),
            ("state=active&as_of=2004-01-01", &["Addictologie", "Diabète"]), ("as_of=2003-12-31", second),
            ("legal_basis=l6321_1", &[]), ("legal_basis=l6321_1&as_of=2014-12-31", first),
            ("financing_state=awaiting", second), ("financing_state=funded&as_of=2021-01-01", second),
            (&format!("territory={}", commune.id), first),
            (&format!("territory={}&as_of=2015-01-01", commune.id), &[]),
            (&format!("funder={}", ars.id), second),
            (&format!("funder={}&as_of=2022-01-01", ars.id), &[]),
            ("theme=addictions&kind=cpts", &[]),
        ] {
            assert_eq!(names(app, query), found, "{query}");
        }
        app.administrator().get("/v1/networks?theme=astrology").is_problem(400, "request.bad_query");
        app.administrator().get("/v1/networks?colour=blue").is_problem(400, "request.bad_query");
    }
}

story! {
    fn networks_are_found_by_the_commune_they_serve_and_by_who_bears_animates_and_makes_them_up(app) {
        let around = app.given_around();
        let bearer = app.given_association("Porteur");
        let team = app.given_association("Équipe");
        let member = app.given_association("Membre");
        let whole = app.given_network_in("Fédération", &[], json!({}));
        let one = app.given_network_in("Autour", &[&around.epci], json!({}));
        app.given_network_in("Région", &[&around.region], json!({}));
        app.given_network_in("Nîmes", &[&around.elsewhere], json!({}));
        let dated = json!({ "starts_on": "2010-01-01", "ends_before": "2015-01-01" });
        app.given_at("/v1/bearers", &with(bearer_of(&one, &bearer), dated.clone()));
        app.given_at("/v1/facilitations", &with(facilitation(&one, &team), dated.clone()));
        app.given_membership(&with(membership(&member, &one), dated.clone()));
        app.given_membership(&with(membership(&one, &whole), dated));

        assert_eq!(names(app, "serves=commune:30132"), ["Autour", "Région"]);
        assert_eq!(names(app, &format!("serves={}", around.neighbour.id)), ["Autour", "Région"]);
        assert_eq!(names(app, "serves=epci:200066918"), ["Autour"]);
        assert_eq!(names(app, "serves=commune:30189&theme=addictions"), ["Nîmes", "Région"]);
        assert_eq!(names(app, "serves=commune:30999"), Vec::<Value>::new());
        for (query, id) in [
            ("bearer", &bearer.id), ("facilitator", &team.id), ("member", &member.id), ("member_of", &whole.id),
        ] {
            assert_eq!(names(app, &format!("{query}={id}")), ["Autour"], "{query}");
            assert_eq!(names(app, &format!("{query}={id}&as_of=2012-06-01")), ["Autour"], "{query}");
            assert_eq!(names(app, &format!("{query}={id}&as_of=2015-01-01")), Vec::<Value>::new(), "{query}");
        }
        app.administrator().get("/v1/networks?serves=ailleurs").is_problem(400, "request.bad_query");
        // Nobody finds by a filter what is out of sight.
        let by = app.new_client_on(Role::NetworkCoordinator, whole.scope()).1;
        assert_eq!(by.get(&format!("/v1/networks?member={}&count=exact", member.id)).is(200).json()["count"], 0);
        assert_eq!(by.get("/v1/networks?serves=commune:30132&count=exact").is(200).json()["count"], 0);
    }
}

story! {
    fn a_network_works_under_the_article_of_2002_no_longer_than_the_law_let_it(app) {
        let under = |until: Value| app.administrator().post("/v1/networks", &network_with("Réseau", json!({
            "legal_bases": [{ "basis": "l6321_1", "starts_on": "2004-01-01", "ends_before": until }],
        })));

        let refused = under(json!(null));

        let told = refused.is_problem(409, "networks.repealed");
        assert_eq!((&told["basis"], &told["over_from"]), (&json!("l6321_1"), &json!("2022-07-26")));
        under(json!("2022-07-26")).is(201);
    }
}

story! {
    fn what_a_network_names_must_exist_and_a_duplicate_is_told_by_the_record_that_stands_for_it(app) {
        let twice = app.given_association("ARS");
        let ars = app.given_association("Agence régionale de santé");
        app.folded(&twice, &ars);
        let funded_by = |id: &str| app.administrator().post("/v1/networks", &network_with("Réseau", json!({
            "financing": [{ "state": "funded", "funder": id }],
        })));

        let unknown = funded_by("0198f1c2-7a00-7000-8000-0000000000ff");
        let folded = funded_by(&twice.id);

        unknown.is_bad("networks.bad_values", "/financing/0/funder", "unknown_reference");
        folded.is_bad("networks.bad_values", "/financing/0/funder", "folded");
        assert_eq!(folded.json()["errors"][0]["into"], json!(ars.id));
        funded_by(&ars.id).is(201);
    }
}

story! {
    fn themes_are_several_with_one_that_comes_first(app) {
        let about = |more: Value| app.administrator().post("/v1/networks", &network_with("Réseau", more));

        about(json!({ "themes": ["cancer"] })).is_bad("networks.bad_values", "/main_theme", "required");
        about(json!({ "themes": ["cancer", "cancer"], "main_theme": "cancer" }))
            .is_bad("networks.bad_values", "/themes/1", "repeated");
        about(json!({ "themes": ["cancer"], "main_theme": "diabetes" }))
            .is_bad("networks.bad_values", "/main_theme", "contradicts");
        about(json!({ "themes": ["cancer", "diabetes"], "main_theme": "diabetes" })).is(201);
    }
}

story! {
    fn an_id_of_another_type_is_no_network(app) {
        let organisation = app.given_association("Réseda");
        let network = app.given_network(&network("Addictologie"));

        app.administrator().get(&format!("/v1/networks/{}", organisation.id)).is_problem(404, "request.not_found");
        app.administrator().get(&format!("/v1/organisations/{}", network.id)).is_problem(404, "request.not_found");
    }
}

story! {
    fn a_network_recorded_by_mistake_is_deleted_and_its_history_stays(app) {
        let given = app.given_network(&network("Erreur"));

        app.administrator().delete(&given.path, &given.etag).is(204);

        app.administrator().get(&given.path).is_problem(410, "request.deleted");
        let history = app.administrator().get(&format!("{}/history", given.path)).is(200).items();
        let ops: Vec<&Value> = history.iter().map(|state| &state["op"]).collect();
        assert_eq!(ops, ["created", "deleted"]);
        assert_eq!(names(app, ""), Vec::<Value>::new());
    }
}

story! {
    fn a_network_coordinator_sees_and_changes_its_own_network_and_no_other(app) {
        let own = app.given_network(&network("Le sien"));
        let other = app.given_network(&network("Un autre"));
        let (_, by) = app.new_client_on(Role::NetworkCoordinator, own.scope());

        let renamed = by.patch(&own.path, &own.etag, &json!({ "names": [{ "name": "Le mien" }] }));

        assert_eq!(renamed.is(200).json()["acts"], json!(["change_network", "enter_phase"]));
        assert_eq!(by.get("/v1/networks?count=exact").is(200).json()["count"], 1);
        assert_eq!(by.get("/v1/networks?theme=cancer&count=exact").is(200).json()["count"], 0);
        by.get(&other.path).is_problem(404, "request.not_found");
        by.get(&format!("{}/history", other.path)).is_problem(404, "request.not_found");
        by.patch(&other.path, &other.etag, &json!({ "reach": "regional" })).is_problem(404, "request.not_found");
        by.delete(&own.path, "*").is_problem(403, "access.role");
        by.post("/v1/networks", &network("Encore un")).is_problem(403, "access.role");
        let told = by.get("/v1/changes?type=network").is(200).items();
        assert!(told.iter().all(|entry| entry["id"] == json!(own.id)) && !told.is_empty(), "{told:?}");
    }
}

story! {
    fn networks_come_as_a_table_and_as_lines(app) {
        app.given_network(&network_with("Addictologie", json!({ "themes": ["addictions"], "main_theme": "addictions" })));

        let table = app.administrator().ask("GET", "/v1/networks").header("accept", "text/csv").send();
        let lines = app.administrator().ask("GET", "/v1/networks").header("accept", "application/x-ndjson").send();
        let export = app.administrator().get("/v1/exports/networks");

        let table = table.is(200).text();
        assert!(table.starts_with("id,kind,family,name,"), "{table}");
        assert!(table.contains(",reseau,,Addictologie,"), "{table}");
        assert_eq!(lines.is(200).text().lines().count(), 1);
        assert!(export.is(200).text().contains("\"main_theme\":\"addictions\""));
    }
}
