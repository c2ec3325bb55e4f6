//! Organisations within organisations.

use crate::story::given::association_with;
use crate::story::{App, json, story, together};

story! {
    fn an_organisation_is_not_part_of_itself(app) {
        let given = app.given_association("Réseda");

        let refused = app.administrator().patch(&given.path, &given.etag, &json!({ "part_of": given.as_whole() }));

        let problem = refused.is_problem(409, "organisations.part_of_itself");
        assert_eq!(problem["through"], json!([given.id]));
    }
}

story! {
    fn no_ring_of_wholes_is_closed(app) {
        let first = app.given_association("Premier");
        let second = app.given_part("Deuxième", &first);
        let third = app.given_part("Troisième", &second);

        let refused = app.administrator().patch(&first.path, &first.etag, &json!({ "part_of": third.as_whole() }));

        let problem = refused.is_problem(409, "organisations.part_of_itself");
        assert_eq!(problem["through"], json!([third.id, second.id, first.id]));
    }
}

story! {
    fn a_chain_of_wholes_has_a_last_level(app) {
        let mut top = app.given_association("Niveau 0");
        for level in 1..20 {
            let fields = association_with(&format!("Niveau {level}"), json!({ "part_of": top.as_whole() }));
            let answer = app.administrator().post("/v1/organisations", &fields);
            if answer.status == 201 {
                top = crate::story::Given::of(&answer);
                continue;
            }
            let problem = answer.is_problem(409, "organisations.too_many_levels");
            assert_eq!(problem["max"], level - 1);
            return;
        }
        panic!("a chain without end");
    }
}

story! {
    fn a_ring_that_no_day_closes_is_none(app) {
        let first = app.given_association("Premier");
        app.given(&association_with("Deuxième", json!({ "part_of": [
            { "whole": first.id, "as": "centre", "ends_before": "2020-01-01" },
        ]})));
        let second = app.reader().get("/v1/organisations?q=deuxieme").ids()[0].clone();

        let adjacent = app.administrator().patch(&first.path, &first.etag, &json!({ "part_of": [
            { "whole": second, "as": "centre", "starts_on": "2020-01-01" },
        ]}));

        adjacent.is(200);
    }
}

story! {
    fn of_two_who_would_close_a_ring_at_once_one_wins(app) {
        for round in 0..8 {
            let one = app.given_association(&format!("Un {round}"));
            let other = app.given_association(&format!("Deux {round}"));

            let answers = together(2, |number| {
                let (part, whole) = if number == 0 { (&one, &other) } else { (&other, &one) };
                app.administrator().again().patch(&part.path, &part.etag, &json!({ "part_of": whole.as_whole() }))
            });

            let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 409], "{answers:?}");
        }
    }
}

story! {
    fn of_three_who_would_close_a_ring_on_two_servers_two_win(app) {
        let beside = app.beside(crate::story::Options::default());
        for round in 0..5 {
            let all: Vec<_> = (0..3).map(|number| app.given_association(&format!("{round} {number}"))).collect();

            let answers = together(3, |number| {
                let server = if number == 1 { &beside } else { app };
                let (part, whole) = (&all[number], &all[(number + 1) % 3]);
                server.administrator().again().patch(&part.path, &part.etag, &json!({ "part_of": whole.as_whole() }))
            });

            let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 200, 409], "{answers:?}");
        }
    }
}

story! {
    fn nothing_is_part_of_what_does_not_exist(app) {
        let refused = app.administrator().post("/v1/organisations", &association_with("Antenne", json!({
            "part_of": [{ "whole": "0198f1c2-7a00-7000-8000-0000000000ff", "as": "antenna" }],
        })));

        refused.is_problem(422, "organisations.bad_values");
        assert_eq!(refused.pointers(), ["/part_of/0/whole"]);
        assert_eq!(refused.json()["errors"][0]["code"], "unknown_reference");
    }
}

story! {
    fn nothing_is_part_of_what_ended(app) {
        let whole = app.given_association("Fédération");
        app.ended(&whole, "2026-01-01");
        let part_of = |ends_before: &str| association_with("Antenne", json!({
            "part_of": [{ "whole": whole.id, "as": "antenna", "ends_before": ends_before }],
        }));

        let refused = app.administrator().post("/v1/organisations", &part_of("2026-01-02"));
        let in_time = app.administrator().post("/v1/organisations", &part_of("2026-01-01"));

        let problem = refused.is_problem(409, "organisations.whole_ended");
        assert_eq!((&problem["whole"], &problem["ends_before"]), (&json!(whole.id), &json!("2026-01-01")));
        in_time.is(201);
    }
}

story! {
    fn two_wholes_on_one_day_contradict_one_another(app) {
        let (one, other) = (app.given_association("Une"), app.given_association("Autre"));

        let refused = app.administrator().post("/v1/organisations", &association_with("Antenne", json!({ "part_of": [
            { "whole": one.id, "as": "antenna", "ends_before": "2020-01-02" },
            { "whole": other.id, "as": "antenna", "starts_on": "2020-01-01" },
        ]})));

        refused.is_problem(422, "organisations.bad_values");
        assert_eq!(refused.pointers(), ["/part_of/1"]);
    }
}

story! {
    fn what_has_parts_does_not_end_before_them(app) {
        let whole = app.given_association("Fédération");
        let part = app.given_part("Antenne", &whole);
        let end = |given: &crate::story::Given, day: &str| app.administrator()
            .ask("POST", &format!("{}/end", given.path)).if_match("*").json(&json!({ "ends_before": day })).send();

        let refused = end(&whole, "2026-06-01");
        end(&part, "2026-06-01").is(200);
        let accepted = end(&whole, "2026-06-01");

        let problem = refused.is_problem(409, "organisations.parts_still_open");
        assert_eq!(problem["parts"], json!([part.id]));
        accepted.is(200);
    }
}

story! {
    fn what_has_or_had_parts_is_not_deleted(app) {
        let whole = app.given_association("Fédération");
        let part = app.given(&association_with("Antenne", json!({ "part_of": [
            { "whole": whole.id, "as": "antenna", "ends_before": "2020-01-01" },
        ]})));

        let refused = app.administrator().delete(&whole.path, "*");
        app.administrator().delete(&part.path, "*").is(204);
        let accepted = app.administrator().delete(&whole.path, "*");

        let problem = refused.is_problem(409, "organisations.has_parts");
        assert_eq!(problem["parts"], json!([part.id]));
        accepted.is(204);
    }
}

story! {
    fn a_part_is_not_reopened_in_a_whole_that_ended_meanwhile(app) {
        let whole = app.given_association("Fédération");
        let part = app.given_part("Antenne", &whole);
        app.ended(&part, "2026-06-01");
        app.ended(&app.fresh(&whole), "2026-06-01");

        let refused = app.administrator().ask("POST", &format!("{}/reopen", part.path)).if_match("*").send();

        refused.is_problem(409, "organisations.whole_ended");
    }
}

story! {
    fn a_whole_that_is_deleted_while_a_part_is_recorded_keeps_no_orphan(app) {
        for round in 0..5 {
            let whole = app.given_association(&format!("Ensemble {round}"));

            let answers = together(2, |number| {
                let administrator = app.administrator().again();
                if number == 0 {
                    administrator.delete(&whole.path, &whole.etag)
                } else {
                    administrator.post("/v1/organisations", &association_with("Antenne", json!({ "part_of": whole.as_whole() })))
                }
            });

            let won: Vec<bool> = answers.iter().map(|answer| answer.status < 300).collect();
            assert_ne!(won[0], won[1], "{answers:?}");
        }
    }
}
