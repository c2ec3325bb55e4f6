//! What a fold tells, and lets be done, to those whose rights reach only a part of what there is.

use domain::access::{Action, Actor, Role, Scope, Target};
use domain::organisations::{Organisation, OrganisationFields, OrganisationId};
use persistence::organisations;
use uuid::Uuid;

use crate::story::database::client_of;
use crate::story::given::association_with;
use crate::story::{App, Client, Engine, Given, Value, json, story, together};

fn scope(given: &Given) -> Scope {
    Scope::Organisation(given.id.parse().unwrap())
}

/// A client with this role over an organisation and what is part of it.
fn over(app: &App, role: Role, whole: &Given) -> Client {
    app.new_client_on(role, scope(whole)).1
}

/// Records so many parts of an organisation at once.
fn parts_of(app: &App, whole: &Given, count: usize) {
    let permit = Actor::operator()
        .authorise(Action::CreateOrganisation, Target::Everything)
        .unwrap();
    let fields: OrganisationFields = serde_json::from_value(association_with(
        "Partie",
        json!({ "part_of": whole.as_whole() }),
    ))
    .unwrap();
    app.by_operator(move |tx| {
        let wholes = organisations::wholes(tx, &permit, None, fields.wholes())?;
        let part = |_| {
            Organisation::create(OrganisationId::new(Uuid::now_v7()), fields.clone(), &wholes)
                .unwrap()
        };
        organisations::insert_all(tx, &permit, &(0..count).map(part).collect::<Vec<_>>())
    })
    .unwrap();
}

/// Two organisations that are one, each part of another.
struct Two {
    /// What the one that goes is part of.
    left: Given,
    /// What the one that stays is part of.
    right: Given,
    old: Given,
    kept: Given,
}

impl Two {
    fn of(app: &App) -> Self {
        let (left, right) = (
            app.given_association("Gauche"),
            app.given_association("Droite"),
        );
        let (old, kept) = (
            app.given_part("Résau", &left),
            app.given_part("Réseau", &right),
        );
        Self {
            left,
            right,
            old,
            kept,
        }
    }

    fn fold(&self, app: &App) -> Given {
        app.administrator()
            .ask("POST", &format!("{}/duplicate", self.old.path))
            .if_match("*")
            .json(&json!({ "of": self.kept.id, "reason": "Le secret." }))
            .send()
            .is(200);
        let etag = app.administrator().get(&self.old.path).is(307).etag();
        Given {
            etag,
            path: self.old.path.clone(),
            id: self.old.id.clone(),
        }
    }
}

/// The operations on one record that a reader is told of from a cursor on, with the body of each.
fn told(client: &Client, cursor: &str, id: &str) -> Vec<(String, Value)> {
    let (mut all, mut cursor) = (Vec::new(), cursor.to_owned());
    loop {
        let page = client.get(&format!("/v1/changes?limit=200&after={cursor}"));
        let mine = page
            .is(200)
            .items()
            .into_iter()
            .filter(|entry| entry["id"] == id);
        all.extend(mine.map(|entry| {
            (
                entry["op"].as_str().unwrap().to_owned(),
                entry["body"].clone(),
            )
        }));
        cursor = page.next();
        if page.json()["more"] == false {
            return all;
        }
    }
}

story! {
    fn a_fold_is_taken_back_only_where_the_record_stands_again(app) {
        let two = Two::of(app);
        let folded = two.fold(app);
        let (id, right) = app.new_client_on(Role::Coordinator, scope(&two.right));
        let undo = |client: &Client, etag: &str| client
            .ask("POST", &format!("{}/undo-duplicate", two.old.path)).if_match(etag).send();

        let known = right.get(&two.old.path);
        let refused = undo(&right, &folded.etag);
        let unseen = undo(&right, "\"99\"");
        app.give(id, Role::Coordinator, scope(&two.left));
        let of_both = undo(&right, &folded.etag);

        known.is(307);
        refused.is_problem(403, "access.scope");
        let problem = unseen.is_problem(403, "access.scope");
        assert!(problem.get("current").is_none(), "{problem}");
        of_both.is(200);
        right.get(&two.old.path).is(200);
    }
}

story! {
    fn a_record_folded_into_one_out_of_sight_is_gone_without_a_trace_of_it(app) {
        let two = Two::of(app);
        let (left, both) = (over(app, Role::Reader, &two.left), app.reader());
        let now = |client: &Client| client.get("/v1/changes?after=now").next();
        let (of_left, of_both) = (now(&left), now(&both));
        let history = |client: &Client| client.get(&format!("{}/history", two.old.path)).is(200).items()[1].clone();

        let folded = two.fold(app);
        let gone = left.get(&two.old.path);
        let (past, whole) = (history(&left), history(&both));

        gone.is_problem(404, "request.not_found");
        assert_eq!(told(&left, &of_left, &two.old.id), [("deleted".to_owned(), Value::Null)]);
        assert_eq!((&past["op"], &past["body"]), (&json!("deleted"), &Value::Null));
        assert_eq!(told(&both, &of_both, &two.old.id)[0].1["folded"]["into"], json!(two.kept.id));
        assert_eq!(whole["body"]["folded"]["reason"], "Le secret.");
        app.administrator().ask("POST", &format!("{}/undo-duplicate", two.old.path)).if_match(&folded.etag).send().is(200);
        left.get(&two.old.path).is(200);
        assert_eq!(history(&left)["body"], Value::Null);
        assert_eq!(told(&left, &of_left, &two.old.id).last().unwrap().0, "entered_scope");
    }
}

story! {
    fn a_fold_of_a_thousand_records_is_told_at_one_place(app) {
        let two = Two::of(app);
        parts_of(app, &two.old, 998);
        let left = over(app, Role::Reader, &two.left);
        let (id, both) = app.new_client_on(Role::Reader, scope(&two.left));
        app.give(id, Role::Reader, scope(&two.right));
        let cursor = left.get("/v1/changes?after=now").next();
        let wide = both.get("/v1/changes?after=now").next();

        two.fold(app);

        let ops = |client: &Client, cursor: &str| told(client, cursor, &two.old.id).into_iter().map(|(op, _)| op).collect::<Vec<_>>();
        assert_eq!(ops(&left, &cursor), ["deleted"]);
        assert_eq!(ops(&both, &wide), ["duplicate"]);
        let history = both.get(&format!("{}/history", two.old.path));
        assert_eq!(history.is(200).items().len(), 2);
    }
}

story! {
    fn a_role_over_a_duplicate_is_held_over_the_survivor_as_long_as_it_is_one(app) {
        let two = Two::of(app);
        let last = app.given_association("Le dernier");
        let reader = over(app, Role::Reader, &two.old);
        let cursor = reader.get("/v1/changes?after=now").next();

        let folded = two.fold(app);
        let led = reader.get(&two.old.path);
        let kept = reader.get(&two.kept.path);
        let new = app.administrator().post("/v1/grants", &json!({
            "caller": client_of(Role::Reader), "role": "reader", "scope": { "kind": "organisation", "id": two.old.id },
        }));
        let onwards = app.folded(&app.fresh(&two.kept), &last);
        let further = reader.get(&last.path);
        app.administrator().ask("POST", &format!("{}/undo-duplicate", onwards.path)).if_match(&onwards.etag).send().is(200);
        let no_longer = reader.get(&last.path);
        app.administrator().ask("POST", &format!("{}/undo-duplicate", two.old.path)).if_match(&folded.etag).send().is(200);

        assert_eq!(led.is(307).header("location"), two.kept.path);
        kept.is(200);
        new.is_problem(422, "grants.bad_values");
        let error = new.json()["errors"][0].clone();
        assert_eq!((&error["code"], &error["pointer"], &error["into"]), (&json!("folded"), &json!("/scope/id"), &json!(two.kept.id)));
        further.is(200);
        no_longer.is_problem(404, "request.not_found");
        reader.get(&two.old.path).is(200);
        reader.get(&two.kept.path).is_problem(404, "request.not_found");
        assert_eq!(told(&reader, &cursor, &two.old.id).last().unwrap().0, "updated");
    }
}

story! {
    fn what_was_once_part_of_a_duplicate_needs_no_right_over_it(app) {
        let two = Two::of(app);
        let link = |ends_before: &str| json!({ "part_of": [{ "whole": two.old.id, "as": "antenna", "ends_before": ends_before }] });
        let once = app.given(&association_with("Jadis", link("2020-01-01")));
        let (id, narrow) = app.new_client_on(Role::Coordinator, scope(&two.left));
        app.give(id, Role::Coordinator, scope(&two.right));

        let folded = narrow.ask("POST", &format!("{}/duplicate", two.old.path)).if_match("*").json(&json!({ "of": two.kept.id })).send();

        folded.is(200);
        assert_eq!(app.reader().get(&once.path).json()["part_of"][0]["whole"], json!(two.kept.id));
        narrow.ask("POST", &format!("{}/undo-duplicate", two.old.path)).if_match(&folded.etag()).send().is(200);
        assert_eq!(app.reader().get(&once.path).json()["part_of"][0]["whole"], json!(two.old.id));
    }
}

story! {
    fn a_refusal_names_only_what_its_author_sees_and_counts_the_rest(app) {
        let whole = app.given_association("Fédération");
        let link = |more: Value| {
            let mut link = json!({ "whole": whole.id, "as": "antenna" });
            link.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({ "part_of": [link] })
        };
        let seen = app.given(&association_with("Antenne", link(json!({}))));
        let once = app.given(&association_with("Jadis", link(json!({ "ends_before": "2020-01-01" }))));
        let later = app.given(&association_with("Plus tard", link(json!({ "starts_on": "2028-01-01" }))));
        let narrow = over(app, Role::Coordinator, &whole);

        let deleted = narrow.delete(&whole.path, "*");
        let ended = narrow.ask("POST", &format!("{}/end", whole.path)).if_match("*").json(&json!({ "ends_before": "2027-01-01" })).send();
        let all = app.administrator().delete(&whole.path, "*");

        let problem = deleted.is_problem(409, "organisations.has_parts");
        assert_eq!((&problem["parts"], &problem["hidden"]), (&json!([seen.id]), &json!(2)));
        let problem = ended.is_problem(409, "organisations.parts_still_open");
        assert_eq!((&problem["parts"], &problem["hidden"]), (&json!([seen.id]), &json!(1)));
        for answer in [&deleted, &ended] {
            assert!(!answer.text().contains(&once.id) && !answer.text().contains(&later.id), "{answer}");
        }
        let problem = all.is_problem(409, "organisations.has_parts");
        assert_eq!((problem["parts"].as_array().unwrap().len(), &problem["hidden"]), (3, &json!(0)));
    }
}

story! {
    fn a_refused_fold_does_not_name_what_its_author_does_not_see(app) {
        let (whole, part) = (app.given_association("Fédération"), app.given_association("Antenne"));
        let from_2028 = |whole: &Given| json!({ "part_of": [{ "whole": whole.id, "as": "antenna", "starts_on": "2028-01-01" }] });
        let between = app.given(&association_with("Entre les deux", from_2028(&whole)));
        app.administrator().patch(&part.path, "*", &from_2028(&between)).is(200);
        let (id, narrow) = app.new_client_on(Role::Coordinator, scope(&whole));
        app.give(id, Role::Coordinator, scope(&part));

        let refused = narrow.ask("POST", &format!("{}/duplicate", part.path)).if_match("*").json(&json!({ "of": whole.id })).send();

        let problem = refused.is_problem(409, "organisations.part_of_itself");
        assert_eq!((&problem["through"], &problem["hidden"]), (&json!([whole.id]), &json!(1)));
        assert!(!refused.text().contains(&between.id), "{refused}");
    }
}

story! {
    fn a_fold_that_cannot_be_taken_back_does_not_name_what_its_author_does_not_see(app) {
        let two = Two::of(app);
        let once = app.given(&association_with("Jadis", json!({ "part_of": [
            { "whole": two.old.id, "as": "antenna", "ends_before": "2020-01-01" },
        ]})));
        let (id, narrow) = app.new_client_on(Role::Coordinator, scope(&two.left));
        app.give(id, Role::Coordinator, scope(&two.right));
        let folded = two.fold(app);
        app.administrator().patch(&once.path, "*", &json!({ "sectors": ["health"] })).is(200);
        app.administrator().patch(&two.kept.path, "*", &json!({ "sectors": ["social"] })).is(200);

        let refused = narrow.ask("POST", &format!("{}/undo-duplicate", two.old.path)).if_match(&folded.etag).send();

        let problem = refused.is_problem(409, "organisations.cannot_undo_duplicate");
        assert_eq!(problem["because"], json!([{ "id": two.kept.id, "what": "changed" }]));
        assert_eq!(problem["hidden"], 1);
        assert!(!refused.text().contains(&once.id), "{refused}");
    }
}

story! {
    fn a_fold_and_a_change_of_a_part_do_not_wait_for_one_another(app) {
        for round in 0..8 {
            let (old, kept) = (app.given_association(&format!("Un {round}")), app.given_association(&format!("Deux {round}")));
            let part = app.given_part("Antenne", &old);

            let answers = together(4, |number| {
                let client = app.administrator().again();
                match number {
                    0 => client.ask("POST", &format!("{}/duplicate", old.path)).if_match("*").json(&json!({ "of": kept.id })).send(),
                    1 => client.patch(&part.path, "*", &json!({ "sectors": ["health"] })),
                    2 => client.patch(&part.path, "*", &json!({ "part_of": old.as_whole() })),
                    _ => client.ask("POST", &format!("{}/end", part.path)).if_match("*").json(&json!({ "ends_before": "2030-01-01" })).send(),
                }
            });

            assert!(answers.iter().all(|answer| answer.status < 500), "{answers:?}");
        }
        if app.engine() == Engine::Postgres {
            // The server tells its figures about once a second.
            std::thread::sleep(std::time::Duration::from_millis(1_500));
            let dead_locks = "SELECT deadlocks AS n FROM pg_stat_database WHERE datname = current_database()";
            assert_eq!(app.base.number(dead_locks), 0);
        }
    }
}
