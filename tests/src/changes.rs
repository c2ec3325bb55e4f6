//! The change feed, read by one who follows it.

use domain::access::{Role, Scope};
use persistence::changes;

use crate::story::database::{HOME, client_of};
use crate::story::{Answer, App, Options, Value, association, json, story};

/// The feed after a cursor.
fn after(app: &App, cursor: &str) -> Answer {
    app.reader().get(&format!("/v1/changes?after={cursor}"))
}

/// The cursor from which to follow what comes.
fn now(app: &App) -> String {
    after(app, "now").is(200).next()
}

/// One member of every item.
fn each(items: &[Value], member: &str) -> Vec<Value> {
    items.iter().map(|item| item[member].clone()).collect()
}

/// Trims away everything that was committed up to the present.
fn trim_all(app: &App) -> usize {
    app.by_operator(|tx| changes::trim(tx, "2100-01-01T00:00:00Z".parse().unwrap()))
        .unwrap()
}

story! {
    fn the_feed_tells_everything_that_happened_in_its_order(app) {
        let given = app.given_association("Réseda");
        app.advance(60);
        let administrator = app.administrator();
        administrator.ask("PATCH", &given.path).if_match("*").header("x-request-id", "the-change")
            .json(&json!({ "sectors": ["health"] })).send().is(200);
        let ended = app.ended(&app.fresh(&given), "2026-11-01");
        administrator.ask("POST", &format!("{}/reopen", given.path)).if_match(&ended.etag).send().is(200);
        administrator.delete(&given.path, "*").is(204);

        let page = app.reader().get("/v1/changes");

        let items = page.is(200).items();
        assert_eq!(each(&items, "op"), ["created", "updated", "ended", "updated", "deleted"]);
        assert_eq!(each(&items, "version"), [1, 2, 3, 4, 5]);
        assert!(each(&items, "id").iter().all(|id| *id == given.id.as_str()));
        assert!(each(&items, "type").iter().all(|kind| kind == "organisation"));
        assert_eq!((&items[0]["at"], &items[1]["at"]), (&json!("2026-11-22T11:30:00Z"), &json!("2026-11-22T11:31:00Z")));
        assert_eq!(items[1]["request_id"], "the-change");
        assert_eq!((&items[0]["body"]["sectors"], &items[1]["body"]["sectors"]), (&json!([]), &json!(["health"])));
        assert_eq!(items[4]["body"], json!(null));
        assert_eq!(page.json()["more"], false);
        let positions: Vec<i64> = items.iter().map(|item| item["position"].as_i64().unwrap()).collect();
        assert!(positions.windows(2).all(|pair| pair[0] < pair[1]), "{positions:?}");
    }
}

story! {
    fn what_was_refused_or_only_tried_is_not_in_the_feed(app) {
        let given = app.given_association("Réseda");
        let cursor = now(app);

        app.administrator().post("/v1/organisations?dry_run=true", &association("Essai")).is(200);
        app.administrator().patch(&given.path, "\"9\"", &json!({})).is(412);
        app.reader().post("/v1/organisations", &association("Essai")).is(403);

        assert_eq!(after(app, &cursor).items(), [json!(null); 0]);
    }
}

story! {
    fn following_from_now_tells_what_comes_and_nothing_before(app) {
        app.given_association("Avant");

        let cursor = now(app);
        assert_eq!(after(app, &cursor).items().len(), 0);
        app.given_association("Après");

        let page = after(app, &cursor);
        assert_eq!(page.items()[0]["body"]["names"][0]["name"], "Après");
        assert_eq!(page.items().len(), 1);
        assert_eq!(after(app, &page.next()).items().len(), 0);
    }
}

story! {
    fn the_feed_is_read_in_pages_that_say_whether_there_is_more(app) {
        for number in 0..5 {
            app.given_association(&format!("Réseau {number}"));
        }

        let first = app.reader().get("/v1/changes?limit=2");
        let second = app.reader().get(&format!("/v1/changes?limit=2&after={}", first.next()));
        let third = app.reader().get(&format!("/v1/changes?limit=2&after={}", second.next()));

        assert_eq!(each(&first.items(), "position").len(), 2);
        assert_eq!([&first, &second, &third].map(|page| page.json()["more"].clone()), [true, true, false]);
        assert_eq!(third.items()[0]["body"]["names"][0]["name"], "Réseau 4");
        assert!(first.next_address().unwrap().contains(&first.next()));
    }
}

story! {
    fn a_page_may_end_within_one_transaction(app) {
        let cursor = now(app);
        app.by_operator(|tx| {
            for number in 0..5 {
                crate::story::given::insert_association(tx, &format!("Réseau {number}"))?;
            }
            Ok(())
        }).unwrap();

        let first = app.reader().get(&format!("/v1/changes?limit=2&after={cursor}"));
        let rest = after(app, &first.next());

        assert_eq!((first.items().len(), rest.items().len()), (2, 3));
    }
}

story! {
    fn the_feed_is_filtered_by_type_and_its_cursor_passes_what_was_left_out(app) {
        let cursor = now(app);
        app.given_commune("30007", "Alès");
        app.given_association("Réseda");
        app.given_commune("30329", "Thoiras-Corbès");

        let organisations = app.reader().get(&format!("/v1/changes?type=organisation&after={cursor}"));
        let territories = app.reader().get(&format!("/v1/changes?type=territory&limit=1&after={cursor}"));

        assert_eq!(each(&organisations.items(), "type"), ["organisation"]);
        assert_eq!(after(app, &organisations.next()).items().len(), 0);
        assert_eq!(territories.json()["more"], true);
        assert_eq!(each(&after(app, &territories.next()).items(), "type"), ["organisation", "territory"]);
        app.reader().get("/v1/changes?type=colour").is_problem(400, "request.bad_query");
    }
}

story! {
    fn a_cursor_that_we_did_not_give_is_refused(app) {
        for cursor in ["", "x", "AAAA", "nonsense!", "_____________________________________________w"] {
            after(app, cursor).is_problem(400, "request.bad_cursor");
        }
    }
}

story! {
    fn a_trimmed_past_is_gone(app) {
        let beginning = now(app);
        app.given_association("Trop vieille");
        let old = after(app, &beginning).next();
        app.given_association("Vieille aussi");
        let last = now(app);

        assert_eq!(trim_all(app), 2);

        after(app, &beginning).is_lost("trimmed");
        after(app, &old).is_lost("trimmed");
        app.reader().get("/v1/changes").is_lost("trimmed");
        assert_eq!(after(app, &last).is(200).items().len(), 0);
        assert_eq!(after(app, &now(app)).is(200).items().len(), 0);
    }
}

story! {
    fn after_a_trim_the_feed_goes_on_from_the_last_cursor(app) {
        app.given_association("Trop vieille");
        let last = now(app);
        trim_all(app);

        app.given_association("Nouvelle");

        let page = after(app, &last);
        assert_eq!(page.is(200).items()[0]["body"]["names"][0]["name"], "Nouvelle");
        assert_eq!(page.items()[0]["position"], 2);
    }
}

story! {
    fn only_what_is_older_is_trimmed_and_history_stays(app) {
        let given = app.given_association("Vieille");
        app.advance(60);
        app.given_association("Nouvelle");

        let trimmed = app.by_operator(|tx| changes::trim(tx, "2026-11-22T11:31:00Z".parse().unwrap())).unwrap();

        assert_eq!(trimmed, 1);
        assert_eq!(app.reader().get(&format!("{}/history", given.path)).items().len(), 1);
        assert_eq!(app.base.count("feed"), 1);
    }
}

story! {
    fn a_cursor_of_another_base_is_refused(app) {
        let other = App::start(app.engine(), Options::default());
        app.given_association("Ici");
        other.given_association("Là");

        after(app, &now(&other)).is_lost("other_past");
    }
}

story! {
    fn a_cursor_taken_after_the_dump_is_refused_by_the_restored_base(app) {
        app.given_association("Avant");
        let before = now(app);
        let restored = app.base.restored();
        app.given_association("Perdue");
        let later = now(app);
        app.given_association("Perdue aussi");
        let latest = now(app);

        let restored = App::on(restored, Options::default());

        after(&restored, &later).is_lost("other_past");
        after(&restored, &latest).is_lost("other_past");
        assert_eq!(after(&restored, &before).is(200).items().len(), 0);
        for number in 0..4 {
            restored.given_association(&format!("Nouvelle {number}"));
            after(&restored, &later).is_lost("other_past");
            after(&restored, &latest).is_lost("other_past");
        }
        assert_eq!(after(&restored, &before).is(200).items().len(), 4);
    }
}

story! {
    fn a_cursor_taken_after_the_dump_is_refused_even_where_the_restored_base_was_trimmed(app) {
        app.given_association("Avant");
        let restored = app.base.restored();
        app.given_association("Perdue");
        let later = now(app);

        let restored = App::on(restored, Options::default());
        restored.given_association("Nouvelle");
        trim_all(&restored);

        after(&restored, &later).is_lost("other_past");
        restored.given_association("Encore");
        after(&restored, &later).is_lost("other_past");
    }
}

story! {
    fn a_cursor_is_good_for_as_long_as_what_the_reader_sees_can_be_told(app) {
        let (id, client) = app.new_client(Role::Administrator);
        app.given_association("Réseda");
        let cursor = client.get("/v1/changes?after=now").next();
        client.get(&format!("/v1/changes?after={cursor}")).is(200);
        app.give_role(id, Role::Reader);
        client.get(&format!("/v1/changes?after={cursor}")).is(200);

        app.give_role_on(id, Role::Reader, Scope::Organisation(HOME));

        client.get(&format!("/v1/changes?after={cursor}")).is_lost("rights_changed");
        let fresh = client.get("/v1/changes?after=now").is(200).next();
        client.get(&format!("/v1/changes?after={fresh}")).is(200);
    }
}

/// The instants of the feed.
fn instants(app: &App, cursor: &str) -> Vec<String> {
    let items = after(app, cursor).is(200).items();
    items
        .iter()
        .map(|item| item["at"].as_str().unwrap().to_owned())
        .collect()
}

story! {
    fn instants_never_decrease_when_the_clock_steps_back(app) {
        let cursor = now(app);
        app.set_clock(600);
        app.given_association("Dix minutes plus tard");
        app.set_clock(0);
        let given = app.given_association("L'horloge a reculé");
        app.set_clock(601);
        app.given_association("Elle avance");

        assert_eq!(instants(app, &cursor), ["2026-11-22T11:40:00Z", "2026-11-22T11:40:00Z", "2026-11-22T11:40:01Z"]);
        let history = app.reader().get(&format!("{}/history", given.path)).items();
        assert_eq!(history[0]["at"], "2026-11-22T11:40:00Z");
    }
}

story! {
    fn instants_never_decrease_across_a_trim(app) {
        app.set_clock(600);
        app.given_association("Dix minutes plus tard");
        let cursor = now(app);
        trim_all(app);
        app.set_clock(0);
        app.given_association("L'horloge a reculé");

        assert_eq!(instants(app, &cursor), ["2026-11-22T11:40:00Z"]);
    }
}

story! {
    fn a_client_who_lost_the_feed_starts_again_and_misses_nothing(app) {
        app.given_association("Une");
        let lost = app.reader().get("/v1/changes").next();
        app.given_association("Deux");
        trim_all(app);
        after(app, &lost).is_lost("trimmed");

        let cursor = now(app);
        let copy = app.everything();
        app.given_association("Trois");

        assert_eq!(copy.len() + after(app, &cursor).items().len(), 3);
    }
}

story! {
    fn the_feed_may_be_followed_with_one_token_and_then_another(app) {
        let cursor = now(app);
        app.given_association("Réseda");

        let token = app.token(client_of(Role::Reader), Some("read"));

        assert_eq!(app.bearing(&token).get(&format!("/v1/changes?after={cursor}")).is(200).items().len(), 1);
    }
}
