//! What each role may do and may not, a sentence each, over HTTP.

use domain::access::{Role, Scope};

use crate::networks::network;
use crate::story::database::HOME;
use crate::story::{App, Client, Given, Options, Value, association, given, json, story};

/// The association's own network house, a branch of it, and an organisation of somebody else.
struct Scene {
    home: Given,
    branch: Given,
    other: Given,
}

fn scene(app: &App) -> Scene {
    let home = app.home();
    let branch = app.given_part("Antenne de La Grand-Combe", &home);
    let other = app.given_association("Réseau du littoral");
    Scene {
        home,
        branch,
        other,
    }
}

fn on_home(app: &App, role: Role) -> Client {
    app.new_client_on(role, Scope::Organisation(HOME)).1
}

fn rename(by: &Client, given: &Given) -> crate::story::Answer {
    let names = json!({ "names": [{ "name": "Un autre nom" }] });
    by.patch(&given.path, &given.etag, &names)
}

/// The ids that a client finds by every way of looking for organisations.
fn sights(by: &Client) -> Vec<Vec<String>> {
    let mut listed = by.get("/v1/organisations?sort=id").is(200).ids();
    let mut named = by.get("/v1/organisations?sort=name").is(200).ids();
    let counted = by.get("/v1/organisations?count=exact").is(200).json()["count"].clone();
    assert_eq!(counted, json!(listed.len()));
    listed.sort();
    named.sort();
    vec![listed, named]
}

fn all(of: &[&Given]) -> Vec<String> {
    let mut ids: Vec<String> = of.iter().map(|given| given.id.clone()).collect();
    ids.sort();
    ids
}

story! {
    fn a_coordinator_of_the_association_may_record_and_end_any_organisation_and_may_not_give_a_role(app) {
        let scene = scene(app);
        let coordinator = app.of(Role::Coordinator);

        coordinator.post("/v1/organisations", &association("Réseda")).is(201);
        coordinator.ask("POST", &format!("{}/end", scene.other.path)).if_match(&scene.other.etag)
            .json(&json!({ "ends_before": "2027-01-01" })).send().is(200);

        let given = coordinator.post("/v1/grants", &json!({
            "caller": crate::story::database::client_of(Role::Reader), "role": "reader", "scope": { "kind": "everything" },
        }));
        given.is_problem(403, "access.role");
        coordinator.get("/v1/audit").is_problem(403, "access.role");
        coordinator.get("/v1/grants").is_problem(403, "access.role");
    }
}

story! {
    fn a_coordinator_of_one_organisation_may_record_its_branches_and_may_not_record_what_is_not_part_of_it(app) {
        let scene = scene(app);
        let coordinator = on_home(app, Role::Coordinator);

        let branch = given::with(association("Antenne d'Anduze"), json!({ "part_of": scene.home.as_whole() }));
        let recorded = coordinator.post("/v1/organisations", &branch);

        recorded.is(201);
        assert!(recorded.json()["acts"].as_array().unwrap().contains(&json!("change_organisation")));
        coordinator.get(recorded.header("location")).is(200);
        coordinator.post("/v1/organisations", &association("Réseda")).is_problem(403, "access.scope");
        rename(&coordinator, &scene.other).is_problem(404, "request.not_found");
    }
}

story! {
    fn a_network_coordinator_may_keep_its_own_network_and_may_not_see_another_nor_any_organisation(app) {
        let scene = scene(app);
        let (own, other) = (app.given_network(&network("Le sien")), app.given_network(&network("Un autre")));
        let (_, coordinator) = app.new_client_on(Role::NetworkCoordinator, own.scope());

        rename(&coordinator, &own).is(200);
        coordinator.get(&format!("{}/history", own.path)).is(200);
        coordinator.get("/v1/changes").is(200);
        coordinator.get("/v1/territories").is(200);
        coordinator.get(&other.path).is_problem(404, "request.not_found");
        rename(&coordinator, &other).is_problem(404, "request.not_found");
        for seen in sights(&coordinator) {
            assert_eq!(seen, all(&[]));
        }
        rename(&coordinator, &scene.home).is_problem(404, "request.not_found");
    }
}

story! {
    fn a_secretary_waits_for_governance_and_may_only_ask_who_it_is(app) {
        let scene = scene(app);
        let secretary = on_home(app, Role::Secretary);

        let me = secretary.get("/v1/me").is(200).json();

        assert_eq!(me["roles"][0]["role"], "secretary");
        assert_eq!(me["may"][0]["actions"], json!([]));
        secretary.get(&scene.home.path).is_problem(403, "access.role");
        secretary.get("/v1/organisations").is_problem(403, "access.role");
        secretary.get("/v1/changes").is_problem(403, "access.role");
    }
}

story! {
    fn a_funder_waits_for_the_money_and_may_only_ask_who_it_is(app) {
        let scene = scene(app);
        let funder = app.of(Role::Funder);

        let me = funder.get("/v1/me").is(200).json();

        assert_eq!(me["may"][0]["actions"], json!([]));
        funder.get(&scene.home.path).is_problem(403, "access.role");
        funder.get("/v1/changes").is_problem(403, "access.role");
    }
}

story! {
    fn a_contributor_may_change_its_organisation_and_its_branches_and_may_not_end_them_nor_see_others(app) {
        let scene = scene(app);
        let contributor = on_home(app, Role::Contributor);

        rename(&contributor, &scene.home).is(200);
        rename(&contributor, &scene.branch).is(200);

        let end = contributor.ask("POST", &format!("{}/end", scene.branch.path)).if_match("*")
            .json(&json!({ "ends_before": "2027-01-01" })).send();
        end.is_problem(403, "access.role");
        rename(&contributor, &scene.other).is_problem(404, "request.not_found");
        contributor.post("/v1/organisations", &association("Réseda")).is_problem(403, "access.role");
    }
}

story! {
    fn a_federation_may_copy_what_its_grant_reaches_and_may_not_write(app) {
        let scene = scene(app);
        let federation = on_home(app, Role::Federation);

        let told = federation.get("/v1/changes").is(200).items();

        let mut told: Vec<String> = told.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect();
        told.sort();
        assert_eq!(told, all(&[&scene.home, &scene.branch]));
        rename(&federation, &scene.branch).is_problem(403, "access.role");
    }
}

story! {
    fn a_reader_may_read_everything_it_is_given_and_may_not_write(app) {
        let scene = scene(app);
        let reader = app.reader();

        for seen in sights(&reader) {
            assert_eq!(seen, all(&[&scene.home, &scene.branch, &scene.other]));
        }
        rename(&reader, &scene.other).is_problem(403, "access.role");
    }
}

fn open() -> Options {
    Options {
        public: true,
        ..Options::default()
    }
}

story! {
    fn anybody_may_read_an_open_directory_and_neither_its_past_nor_its_changes(app, open()) {
        let scene = scene(app);
        let anybody = app.nobody();

        let read = anybody.get(&scene.other.path).is(200).json();

        assert_eq!(read["acts"], json!([]));
        for seen in sights(&anybody) {
            assert_eq!(seen, all(&[&scene.home, &scene.branch, &scene.other]));
        }
        anybody.get("/v1/territories").is(200);
        for closed in [
            format!("{}/history", scene.other.path),
            format!("{}?known_at=2026-11-22T11:30:00Z", scene.other.path),
            "/v1/changes".to_owned(),
            "/v1/grants".to_owned(),
            "/v1/audit".to_owned(),
        ] {
            anybody.get(&closed).is_problem(401, "access.no_token");
        }
        anybody.post("/v1/organisations", &association("Réseda")).is_problem(401, "access.no_token");
        assert_eq!(anybody.get("/v1/me").is(200).json()["kind"], "public");
    }
}

story! {
    fn a_closed_directory_answers_nobody(app) {
        let scene = scene(app);

        app.nobody().get(&scene.other.path).is_problem(401, "access.no_token");
        app.nobody().get("/v1/organisations").is_problem(401, "access.no_token");
    }
}

story! {
    fn two_roles_over_two_organisations_are_held_each_where_it_was_given(app) {
        let scene = scene(app);
        let (id, both) = app.new_client_on(Role::Reader, Scope::Organisation(HOME));
        let other = scene.other.id.parse().unwrap();
        app.give(id, Role::Contributor, Scope::Organisation(other));

        rename(&both, &scene.branch).is_problem(403, "access.scope");
        rename(&both, &scene.other).is(200);

        let acts = |given: &Given| both.get(&given.path).is(200).json()["acts"].clone();
        assert_eq!(acts(&scene.branch), json!([]));
        assert_eq!(acts(&scene.other), json!(["change_organisation"]));
        let listed: Vec<Value> = both.get("/v1/organisations").is(200).items();
        for item in listed {
            assert_eq!(item["acts"], acts(&Given { path: format!("/v1/organisations/{}", item["id"].as_str().unwrap()), id: String::new(), etag: String::new() }));
        }
    }
}

story! {
    fn what_a_reader_may_not_see_is_in_no_filter_expansion_nor_refusal(app) {
        let scene = scene(app);
        let hidden = app.given_part("Antenne cachée", &scene.other);
        let (_, narrow) = app.new_client_on(Role::Coordinator, Scope::Organisation(HOME));

        assert_eq!(narrow.get(&format!("/v1/organisations?part_of={}", scene.other.id)).is(200).ids(), Vec::<String>::new());
        assert_eq!(narrow.get("/v1/organisations?q=cach%C3%A9e&count=exact").is(200).json()["count"], 0);
        // Naming what one may not see is naming what is not there.
        let named = given::with(association("Réseda"), json!({ "part_of": [
            { "whole": scene.home.id, "as": "antenna", "ends_before": "2030-01-01" },
            { "whole": hidden.id, "as": "antenna", "starts_on": "2030-01-01" },
        ] }));
        let refused = narrow.post("/v1/organisations", &named);
        refused.is_problem(422, "organisations.bad_values");
        assert_eq!(refused.pointers(), ["/part_of/1/whole"]);
        // Whoever sees a part of a hidden whole is shown the part, and of the whole its id alone.
        let split = app.given(&given::with(association("À cheval"), json!({ "part_of": [
            { "whole": scene.other.id, "as": "antenna", "ends_before": "2026-01-01" },
            { "whole": scene.home.id, "as": "antenna", "starts_on": "2026-01-01" },
        ] })));
        let then = narrow.get(&format!("{}?as_of=2025-06-01&expand=part_of", split.path)).is(200).json();
        assert_eq!(then["expanded"]["part_of"], json!([]));
    }
}

story! {
    fn a_record_that_came_back_from_a_fold_and_left_shows_nothing_of_its_past(app) {
        let scene = scene(app);
        let reader = on_home(app, Role::Reader);
        let administrator = app.administrator();
        let asking = administrator.ask("POST", &format!("{}/duplicate", scene.branch.path)).if_match("*");
        asking.json(&json!({ "of": scene.other.id })).send().is(200);
        administrator.ask("POST", &format!("{}/undo-duplicate", scene.branch.path)).if_match("*").send().is(200);
        administrator.patch(&scene.branch.path, "*", &json!({ "part_of": [] })).is(200);

        reader.get(&scene.branch.path).is_problem(404, "request.not_found");
        reader.get(&format!("{}/history", scene.branch.path)).is_problem(404, "request.not_found");
        reader.get(&format!("{}?known_at=2030-01-01T00:00:00Z", scene.branch.path)).is_problem(404, "request.not_found");
    }
}

story! {
    fn who_saw_a_record_sees_that_it_was_deleted_whoever_else_holds_a_role_over_it(app) {
        let scene = scene(app);
        let reader = on_home(app, Role::Reader);
        app.new_client_on(Role::Reader, Scope::Organisation(scene.branch.id.parse().unwrap()));

        app.administrator().delete(&scene.branch.path, &scene.branch.etag).is(204);

        reader.get(&scene.branch.path).is_problem(410, "request.deleted");
        assert_eq!(reader.get(&format!("{}/history", scene.branch.path)).is(200).items().len(), 2);
    }
}

story! {
    fn nobody_takes_a_record_out_of_its_own_reach(app) {
        let scene = scene(app);
        let (id, contributor) = app.new_client_on(Role::Contributor, Scope::Organisation(HOME));
        app.give(id, Role::Reader, Scope::Organisation(scene.other.id.parse().unwrap()));
        let belong = |part_of: Value| contributor.patch(&scene.branch.path, "*", &json!({ "part_of": part_of }));

        belong(json!([])).is_problem(403, "access.scope");
        belong(scene.other.as_whole()).is_problem(403, "access.scope");
        belong(scene.home.as_whole()).is(200);
    }
}

story! {
    fn a_role_that_does_not_export_adds_nothing_to_an_export(app) {
        let scene = scene(app);
        let (id, client) = app.new_client_on(Role::Federation, Scope::Organisation(HOME));
        app.give(id, Role::Contributor, Scope::Organisation(scene.other.id.parse().unwrap()));

        let exported = client.get("/v1/exports/organisations");

        assert_eq!(exported.is(200).text().lines().count(), 2);
        assert_eq!(client.get("/v1/organisations").ids().len(), 3);
    }
}

story! {
    fn whoever_says_who_it_is_sees_no_less_than_anybody(app, open()) {
        let scene = scene(app);
        let funder = app.of(Role::Funder);

        funder.get(&scene.other.path).is(200);
        assert_eq!(funder.get("/v1/organisations").is(200).ids().len(), 3);
        funder.get("/v1/changes").is_problem(403, "access.role");
    }
}
