//! Lists: filters, search, orders and pages.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::story::given::{association_with, with};
use crate::story::{App, Client, association, json, story};

story! {
    fn each_filter_keeps_what_meets_it(app) {
        let federation = app.given(&json!({ "kind": "federation", "names": [{ "name": "Fédération" }] }));
        app.given(&association_with("Par secteur", json!({ "sectors": ["health", "justice"] })));
        app.given(&association_with("Par numéro", json!({ "identifiers": [{ "system": "siren", "value": "732829320" }] })));
        app.given(&association_with("Par commune", json!({ "addresses": [{ "use": "site", "commune": "30007" }, { "use": "seat", "commune": "30007" }] })));
        app.given_part("Par ensemble", &federation);
        app.given(&association_with("Inventée", json!({ "fictitious": true })));
        let reader = app.reader();

        let kept = |query: &str| reader.get(&format!("/v1/organisations?{query}")).is(200).names();

        assert_eq!(kept("kind=federation"), ["Fédération"]);
        assert_eq!(kept("sector=justice"), ["Par secteur"]);
        assert_eq!(kept("identifier=siren:732829320"), ["Par numéro"]);
        assert_eq!(kept("identifier=siren:732%20829%20320"), ["Par numéro"]);
        assert_eq!(kept("identifier=siret:732829320"), [""; 0]);
        assert_eq!(kept("commune=30007"), ["Par commune"]);
        assert_eq!(kept(&format!("part_of={}", federation.id)), ["Par ensemble"]);
        assert_eq!(kept("fictitious=true"), ["Inventée"]);
        assert_eq!(kept("kind=federation&fictitious=true"), [""; 0]);
        assert_eq!(kept("kind=federation&q=fed&fictitious=false&sort=name&count=exact"), ["Fédération"]);
    }
}

story! {
    fn a_search_forgets_accents_case_ligatures_and_apostrophes(app) {
        app.given_association("Œuvre de l’Étoile d'Alès");
        app.given_association("Cœur en Cévennes");
        let reader = app.reader();

        let found = |q: &str| reader.get(&format!("/v1/organisations?q={q}")).is(200).names();

        for q in ["oeuvre", "%C5%93uvre", "%C5%92UVRE", "etoile", "l'etoile", "l%E2%80%99%C3%89toile", "etoi%20ALES", "d%27al%C3%A8s"] {
            assert_eq!(found(q), ["Œuvre de l’Étoile d'Alès"], "{q}");
        }
        assert_eq!(found("coeur%20cev"), ["Cœur en Cévennes"]);
        assert_eq!(found("toile"), [""; 0]);
        assert_eq!(found("oeuvre%20cevennes"), [""; 0]);
    }
}

story! {
    fn a_search_for_no_word_at_all_is_refused(app) {
        for list in ["organisations", "territories", "accounts"] {
            app.administrator().get(&format!("/v1/{list}?q=%25+%E2%80%93")).is_problem(422, "request.no_words");
        }
    }
}

story! {
    fn a_search_finds_past_names_and_acronyms(app) {
        app.given(&json!({ "kind": "association", "names": [
            { "name": "Réseau gérontologique" },
            { "name": "Réseda", "short_name": "RSD", "starts_on": "2009-09-01" },
        ]}));

        for q in ["gerontologique", "rsd", "reseda"] {
            assert_eq!(app.reader().get(&format!("/v1/organisations?q={q}")).names(), ["Réseda"], "{q}");
        }
    }
}

story! {
    fn names_sort_without_accents_or_case(app) {
        for name in ["Zoé", "épice", "Eau", "alpha", "Étoile", "Œuf", "oiseau"] {
            app.given_association(name);
        }

        let sorted = app.reader().get("/v1/organisations?sort=name").names();

        assert_eq!(sorted, ["alpha", "Eau", "épice", "Étoile", "Œuf", "oiseau", "Zoé"]);
    }
}

story! {
    fn a_page_has_from_one_to_two_hundred_items(app) {
        for number in 0..3 {
            app.given_association(&format!("Réseau {number}"));
        }
        let reader = app.reader();

        assert_eq!(reader.get("/v1/organisations?limit=1").is(200).items().len(), 1);
        assert_eq!(reader.get("/v1/organisations?limit=200").is(200).items().len(), 3);
        for limit in ["0", "201", "-1", "1.5", "many", "", "99999999999999999999"] {
            let refused = reader.get(&format!("/v1/organisations?limit={limit}"));
            let problem = refused.is_problem(400, "request.bad_query");
            assert_eq!(problem["parameter"], "limit", "{refused}");
        }
    }
}

story! {
    fn the_last_page_has_no_next(app) {
        for number in 0..4 {
            app.given_association(&format!("Réseau {number}"));
        }

        let first = app.reader().get("/v1/organisations?limit=2");
        let last = app.reader().get(&first.next_address().unwrap());

        assert!(first.next_address().unwrap().contains(&first.next()));
        assert_eq!(last.items().len(), 2);
        assert_eq!((last.json()["next"].clone(), last.next_address()), (json!(null), None));
    }
}

story! {
    fn a_count_is_of_all_pages_and_on_demand(app) {
        for number in 0..3 {
            app.given_association(&format!("Réseau {number}"));
        }
        app.given(&json!({ "kind": "ars", "names": [{ "name": "ARS" }] }));

        let counted = app.reader().get("/v1/organisations?kind=association&limit=1&count=exact").json();
        let not_counted = app.reader().get("/v1/organisations").json();

        assert_eq!(counted["count"], 3);
        assert_eq!(not_counted.get("count"), None);
        app.reader().get("/v1/organisations?count=about").is_problem(400, "request.bad_query");
    }
}

story! {
    fn what_an_organisation_is_part_of_is_joined_on_demand(app) {
        let whole = app.given_association("Fédération");
        let part = app.given_part("Antenne", &whole);

        let one = app.reader().get(&format!("{}?expand=part_of", part.path)).json();
        let listed = app.reader().get("/v1/organisations?expand=part_of&q=antenne").items();
        let bare = app.reader().get(&part.path).json();

        assert_eq!(one["expanded"]["part_of"][0]["name"], "Fédération");
        assert_eq!(listed[0]["expanded"], one["expanded"]);
        assert_eq!(bare.get("expanded"), None);
        app.reader().get("/v1/organisations?expand=everything").is_problem(400, "request.bad_query");
    }
}

story! {
    fn a_cursor_is_good_for_its_own_order_only(app) {
        for number in 0..3 {
            app.given_association(&format!("Réseau {number}"));
        }
        let by_name = app.reader().get("/v1/organisations?limit=1&sort=name").next();

        for query in [format!("after={by_name}"), "after=nonsense".to_owned(), "after=".to_owned(), "after=eyJzIjoiaWQifQ".to_owned()] {
            app.reader().get(&format!("/v1/organisations?{query}")).is_problem(400, "request.bad_cursor");
        }
        for cursor in ["x", "-1", "01", "%2B1"] {
            app.reader().get(&format!("/v1/organisations/0198f1c2-7a00-7000-8000-0000000000ff/history?after={cursor}"))
                .is_problem(400, "request.bad_cursor");
        }
    }
}

story! {
    fn a_list_for_a_day_holds_those_that_then_existed(app) {
        app.given(&association_with("Née en 2020", json!({ "constituted_on": "2020-06-01" })));
        let ended = app.given_association("Finie en 2021");
        app.ended(&ended, "2021-01-01");
        let reader = app.reader();

        let on = |day: &str| reader.get(&format!("/v1/organisations?sort=name&as_of={day}")).is(200).names();

        assert_eq!(on("2020-05-31"), ["Finie en 2021"]);
        assert_eq!(on("2020-06-01"), ["Finie en 2021", "Née en 2020"]);
        assert_eq!(on("2020-12-31"), ["Finie en 2021", "Née en 2020"]);
        assert_eq!(on("2021-01-01"), ["Née en 2020"]);
        assert_eq!(on("1000-01-01"), ["Finie en 2021"]);
    }
}

story! {
    fn a_list_for_the_last_day_of_the_calendar_is_not_empty(app) {
        app.given_association("Réseda");

        let by_id = app.reader().get("/v1/organisations?as_of=9999-12-31").names();
        let by_name = app.reader().get("/v1/organisations?as_of=9999-12-31&sort=name").names();

        assert_eq!(by_name, by_id);
    }
}

story! {
    fn parts_are_listed_for_the_day_asked(app) {
        let whole = app.given_association("Fédération");
        app.given(&association_with("Antenne", json!({ "part_of": [
            { "whole": whole.id, "as": "antenna", "starts_on": "2020-01-01", "ends_before": "2021-01-01" },
        ]})));
        let reader = app.reader();

        let parts = |more: &str| reader.get(&format!("/v1/organisations?part_of={}{more}", whole.id)).is(200).names();

        assert_eq!(parts("&as_of=2020-12-31"), ["Antenne"]);
        assert_eq!(parts("&as_of=2021-01-01"), [""; 0]);
        assert_eq!(parts(""), ["Antenne"]);
    }
}

/// Pages through a list while others are inserted all around the place reached.
fn pages_while_others_are_inserted(app: &App, sort: &str, name_of: fn(usize) -> String) {
    let administrator = app.administrator();
    let mut known: Vec<String> = Vec::new();
    for number in 0..60 {
        known.push(app.given_association(&name_of(number)).id);
    }
    let done = AtomicBool::new(false);
    let seen = std::thread::scope(|scope| {
        let insert = |client: Client| {
            let done = &done;
            move || {
                for number in 0..400 {
                    if done.load(Ordering::Relaxed) {
                        break;
                    }
                    client
                        .post("/v1/organisations", &association(&name_of(number * 7 % 60)))
                        .is(201);
                }
            }
        };
        scope.spawn(insert(administrator.again()));
        scope.spawn(insert(administrator.again()));
        let mut seen = Vec::new();
        let mut next = Some(format!("/v1/organisations?sort={sort}&limit=3"));
        while let Some(address) = next {
            let page = app.reader().get(&address);
            seen.extend(page.ids());
            // By id, new ones come after the last: stop once the known ones are passed.
            next = page
                .next_address()
                .filter(|_| !known.iter().all(|id| seen.contains(id)));
        }
        done.store(true, Ordering::Relaxed);
        seen
    });

    let mut once = seen.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), seen.len(), "something was repeated");
    assert!(
        known.iter().all(|id| seen.contains(id)),
        "something was skipped"
    );
}

story! {
    fn paging_by_name_neither_repeats_nor_skips_while_others_write(app) {
        pages_while_others_are_inserted(app, "name", |number| format!("Réseau {:02}", number / 2));
    }
}

story! {
    fn paging_by_id_neither_repeats_nor_skips_while_others_write(app) {
        pages_while_others_are_inserted(app, "id", |number| format!("Réseau {number}"));
    }
}

story! {
    fn a_list_is_sorted_by_the_names_of_the_day_asked(app) {
        app.given(&json!({ "kind": "association", "names": [{ "name": "Zèbre" }, { "name": "Abeille", "starts_on": "2020-01-01" }] }));
        app.given(&with(association("Mésange"), json!({})));

        let names = |query: &str| app.reader().get(&format!("/v1/organisations?sort=name{query}")).names();

        assert_eq!(names(""), ["Abeille", "Mésange"]);
        assert_eq!(names("&as_of=2019-12-31"), ["Mésange", "Zèbre"]);
    }
}
