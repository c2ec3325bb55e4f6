//! Sessions of people: log-ins, refreshes, log-outs, and tries of passwords.

use domain::access::Role;

use crate::story::people::{LoggedIn, PASSWORD};
use crate::story::{App, Options, json, story, together};

story! {
    fn a_person_logs_in_by_address_and_password(app) {
        let (invited, _) = app.active(Role::Reader);

        let answer = app.log_in(&invited.email, PASSWORD);

        let told = answer.is(200).json();
        assert_eq!((&told["token_type"], &told["expires_in"]), (&json!("Bearer"), &json!(900)));
        assert_eq!(answer.header("cache-control"), "no-store");
        LoggedIn::of(app, &answer).client.get("/v1/organisations").is(200);
        let account = app.administrator().get(&invited.account.path).json();
        assert_eq!(account["last_used_at"], "2026-11-22T11:30:00Z");
    }
}

story! {
    fn an_unknown_address_and_a_wrong_password_answer_alike_after_one_comparison_each(app) {
        let (active, _) = app.active(Role::Reader);
        let invited = app.invited("Camille Exemple", Role::Reader);
        let (id, secret) = (crate::story::database::client_of(Role::Reader).to_string(), "another secret");
        let told = |answer: crate::story::Answer| {
            let mut told = answer.is_problem(400, "access.bad_password");
            assert_eq!(told["error"], "invalid_grant");
            told["instance"] = json!(null);
            told
        };

        let mut compared = vec![app.secrets_compared()];
        let wrong = told(app.log_in(&active.email, "another password"));
        compared.push(app.secrets_compared());
        let unknown = told(app.log_in("nobody@example.org", PASSWORD));
        compared.push(app.secrets_compared());
        let nonsense = told(app.log_in("no address", PASSWORD));
        compared.push(app.secrets_compared());
        let not_yet = told(app.log_in(&invited.email, PASSWORD));
        compared.push(app.secrets_compared());
        app.nobody().ask_token(&id, secret, None).is_problem(401, "access.bad_client");
        compared.push(app.secrets_compared());
        app.nobody().ask_token("0198f1c2-7a00-7000-8000-0000000000ff", secret, None).is_problem(401, "access.bad_client");
        compared.push(app.secrets_compared());
        app.log_in(&active.email, PASSWORD).is(200);
        compared.push(app.secrets_compared());

        assert!(compared.windows(2).all(|pair| pair[1] - pair[0] == 1), "{compared:?}");
        for other in [unknown, nonsense, not_yet] {
            assert_eq!(other, wrong);
        }
    }
}

story! {
    fn a_refresh_token_gives_the_next_token_and_another_of_its_kind(app) {
        let (_, first) = app.active(Role::Reader);
        app.advance(900);
        first.client.get("/v1/organisations").is_problem(401, "access.expired_token");

        let second = LoggedIn::of(app, &app.refresh(&first.refresh_token, None));
        let third = LoggedIn::of(app, &app.refresh(&second.refresh_token, None));

        assert_ne!(first.refresh_token, second.refresh_token);
        second.client.get("/v1/organisations").is(200);
        third.client.get("/v1/organisations").is(200);
    }
}

story! {
    fn a_replayed_refresh_token_ends_the_whole_session(app) {
        let (invited, first) = app.active(Role::Reader);
        let elsewhere = LoggedIn::of(app, &app.log_in(&invited.email, PASSWORD));
        let second = LoggedIn::of(app, &app.refresh(&first.refresh_token, None));

        let replayed = app.refresh(&first.refresh_token, None);

        replayed.is_problem(400, "access.bad_refresh_token");
        app.refresh(&second.refresh_token, None).is_problem(400, "access.bad_refresh_token");
        second.client.get("/v1/organisations").is_problem(401, "access.revoked");
        elsewhere.client.get("/v1/organisations").is(200);
    }
}

story! {
    fn a_refresh_token_used_twice_at_one_moment_ends_the_session(app) {
        let (_, first) = app.active(Role::Reader);

        let answers = together(2, |_| app.refresh(&first.refresh_token, None));

        let given: Vec<&crate::story::Answer> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert_eq!(given.len(), 1, "{answers:?}");
        let second = LoggedIn::of(app, given[0]);
        second.client.get("/v1/organisations").is_problem(401, "access.revoked");
        app.refresh(&second.refresh_token, None).is_problem(400, "access.bad_refresh_token");
    }
}

story! {
    fn a_session_ends_after_a_week_without_use_and_after_thirty_days_in_any_case(app) {
        let (invited, idle) = app.active(Role::Reader);
        app.advance_days(7);
        app.refresh(&idle.refresh_token, None).is_problem(400, "access.bad_refresh_token");

        let mut used = LoggedIn::of(app, &app.log_in(&invited.email, PASSWORD));
        for _ in 0..5 {
            app.advance_days(5);
            used = LoggedIn::of(app, &app.refresh(&used.refresh_token, None));
        }
        app.advance_days(5);

        app.refresh(&used.refresh_token, None).is_problem(400, "access.bad_refresh_token");
    }
}

story! {
    fn a_refresh_may_ask_for_less_and_never_for_more(app) {
        let (invited, _) = app.active(Role::Coordinator);
        let form = format!("grant_type=password&username={}&password={}&scope=read%20write", invited.email, PASSWORD.replace(' ', "%20"));
        let answer = app.nobody().ask("POST", "/v1/auth/token").form(&form).send();
        assert_eq!(answer.is(200).json()["scope"], "read write");
        let first = LoggedIn::of(app, &answer);

        let wider = app.refresh(&first.refresh_token, Some("read administer"));
        let less = app.refresh(&first.refresh_token, Some("read"));
        let narrow = LoggedIn::of(app, &less);
        let whole = app.refresh(&narrow.refresh_token, None);

        assert_eq!(wider.is_problem(400, "access.bad_grant")["error"], "invalid_scope");
        assert_eq!(less.json()["scope"], "read");
        narrow.client.post("/v1/organisations", &crate::story::association("Réseda")).is_problem(403, "access.token_scope");
        assert_eq!(whole.is(200).json()["scope"], "read write");
    }
}

story! {
    fn a_request_that_lacks_what_it_needs_says_so_as_oauth_does(app) {
        for form in ["grant_type=password&username=a%40example.org", "grant_type=password&password=x", "grant_type=refresh_token"] {
            let refused = app.nobody().ask("POST", "/v1/auth/token").form(form).send();
            assert_eq!(refused.is_problem(400, "access.bad_grant")["error"], "invalid_request", "{form}");
        }
        app.refresh("nonsense", None).is_problem(400, "access.bad_refresh_token");
    }
}

story! {
    fn a_log_out_is_heeded_at_once_by_every_process(app) {
        let (invited, here) = app.active(Role::Reader);
        let elsewhere = LoggedIn::of(app, &app.log_in(&invited.email, PASSWORD));
        let other = app.beside(Options::default());
        let there = other.bearing(here.client.token.as_ref().unwrap());
        there.get("/v1/organisations").is(200);

        here.client.ask("POST", "/v1/auth/logout").send().is(204);

        there.get("/v1/organisations").is_problem(401, "access.revoked");
        here.client.ask("POST", "/v1/auth/logout").send().is_problem(401, "access.revoked");
        app.refresh(&here.refresh_token, None).is_problem(400, "access.bad_refresh_token");
        elsewhere.client.get("/v1/organisations").is(200);
    }
}

story! {
    fn a_log_out_everywhere_ends_every_session_of_that_person_alone(app) {
        let (invited, here) = app.active(Role::Reader);
        let elsewhere = LoggedIn::of(app, &app.log_in(&invited.email, PASSWORD));
        let (_, somebody) = app.active(Role::Reader);

        here.client.ask("POST", "/v1/auth/logout?everywhere=true").send().is(204);

        elsewhere.client.get("/v1/organisations").is_problem(401, "access.revoked");
        somebody.client.get("/v1/organisations").is(200);
    }
}

story! {
    fn a_person_sees_and_ends_the_sessions_of_that_person_alone(app) {
        let (invited, here) = app.active(Role::Reader);
        let (_, somebody) = app.active(Role::Reader);
        app.advance(60);
        let lost = LoggedIn::of(app, &app.log_in(&invited.email, PASSWORD));
        let all = here.client.get("/v1/me/sessions").is(200).items();
        let path = |session: &crate::story::Value| format!("/v1/me/sessions/{}/end", session["id"].as_str().unwrap());

        somebody.client.ask("POST", &path(&all[0])).send().is_problem(404, "request.not_found");
        here.client.ask("POST", &path(&all[0])).send().is(204);

        assert_eq!(all.iter().map(|one| &one["current"]).collect::<Vec<_>>(), [&json!(false), &json!(true)]);
        assert_eq!(all[0]["created_at"], "2026-11-22T11:31:00Z");
        lost.client.get("/v1/organisations").is_problem(401, "access.revoked");
        here.client.ask("POST", &path(&all[0])).send().is_problem(404, "request.not_found");
        assert_eq!(here.client.get("/v1/me/sessions").items().len(), 1);
    }
}

story! {
    fn a_person_changes_the_password_and_the_other_sessions_end(app) {
        let (invited, here) = app.active(Role::Reader);
        let elsewhere = LoggedIn::of(app, &app.log_in(&invited.email, PASSWORD));
        let change = |current: &str, new: &str| here.client.post("/v1/me/password", &json!({ "current": current, "new": new }));

        change("another password", "quatre loutres sous le pont vieux").is_problem(400, "access.bad_password");
        change(PASSWORD, "password1234").is_problem(422, "accounts.weak_password");
        change(PASSWORD, "quatre loutres sous le pont vieux").is(204);

        here.client.get("/v1/organisations").is(200);
        elsewhere.client.get("/v1/organisations").is_problem(401, "access.revoked");
        app.log_in(&invited.email, PASSWORD).is_problem(400, "access.bad_password");
        app.log_in(&invited.email, "quatre loutres sous le pont vieux").is(200);
    }
}

story! {
    fn a_script_has_neither_session_nor_password(app) {
        let script = app.administrator();
        let passwords = json!({ "current": PASSWORD, "new": PASSWORD });

        for refused in [
            script.get("/v1/me/sessions"),
            script.ask("POST", "/v1/me/sessions/0198f1c2-7a00-7000-8000-0000000000ff/end").send(),
            script.ask("POST", "/v1/auth/logout").send(),
            script.post("/v1/me/password", &passwords),
        ] {
            refused.is_problem(409, "access.no_session");
        }
    }
}

fn fails(app: &App, email: &str, device: Option<&str>, address: &str, times: usize) {
    for _ in 0..times {
        app.log_in_from(email, "another password", device, Some(address))
            .is_problem(400, "access.bad_password");
    }
}

fn proxied() -> Options {
    Options {
        proxies: vec!["127.0.0.1".parse().unwrap()],
        ..Options::default()
    }
}

story! {
    fn ten_failures_lock_the_place_they_come_from_for_a_quarter_of_an_hour(app, proxied()) {
        let (invited, _) = app.active(Role::Reader);
        fails(app, &invited.email, None, "203.0.113.9", 10);

        let locked = app.log_in_from(&invited.email, PASSWORD, None, Some("203.0.113.9"));

        let told = locked.is_problem(429, "access.too_many_attempts");
        assert_eq!((&told["retry_after_seconds"], locked.header("retry-after")), (&json!(900), "900"));
        app.log_in_from(&invited.email, PASSWORD, None, Some("198.51.100.7")).is(200);
        app.advance(900);
        app.log_in_from(&invited.email, PASSWORD, None, Some("203.0.113.9")).is(200);
    }
}

story! {
    fn an_attackers_failures_never_lock_the_owners_known_device(app, proxied()) {
        let (invited, owner) = app.active(Role::Reader);
        let device = Some(owner.device_token.as_str());

        fails(app, &invited.email, None, "203.0.113.9", 10);

        // Even from the attacker's own address, as behind one router.
        app.log_in_from(&invited.email, PASSWORD, None, Some("203.0.113.9")).is_problem(429, "access.too_many_attempts");
        app.log_in_from(&invited.email, PASSWORD, device, Some("203.0.113.9")).is(200);
        // A device token that was made up, or is somebody else's, is no known device.
        let (_, somebody) = app.active(Role::Reader);
        for token in ["made-up", somebody.device_token.as_str()] {
            app.log_in_from(&invited.email, PASSWORD, Some(token), Some("203.0.113.9")).is_problem(429, "access.too_many_attempts");
        }
    }
}

story! {
    fn failures_from_everywhere_lock_strangers_and_never_who_is_known(app, proxied()) {
        let (invited, owner) = app.active(Role::Reader);
        let address = "198.51.100.7";
        app.log_in_from(&invited.email, PASSWORD, None, Some(address)).is(200);
        for host in 1..=50 {
            fails(app, &invited.email, None, &format!("203.0.113.{host}"), 1);
        }

        let stranger = app.log_in_from(&invited.email, PASSWORD, None, Some("203.0.113.99"));
        let known_address = app.log_in_from(&invited.email, PASSWORD, None, Some(address));
        let known_device = app.log_in_from(&invited.email, PASSWORD, Some(&owner.device_token), Some("203.0.113.98"));

        assert_eq!(stranger.is_problem(429, "access.too_many_attempts")["retry_after_seconds"], 3600);
        known_address.is(200);
        known_device.is(200);
        app.advance(3600);
        app.log_in_from(&invited.email, PASSWORD, None, Some("203.0.113.99")).is(200);
    }
}

story! {
    fn a_code_is_a_way_in_whatever_is_locked(app) {
        let (mut person, _) = app.active(Role::Reader);
        fails(app, &person.email, None, "203.0.113.9", 10);
        app.log_in(&person.email, PASSWORD).is_problem(429, "access.too_many_attempts");

        let given = app.administrator().ask("POST", &format!("{}/code", person.account.path)).if_match("*").send();
        person.code = given.is(200).json()["code"].as_str().unwrap().to_owned();

        app.activate(&person, "quatre loutres sous le pont vieux").is(200);
        app.log_in(&person.email, "quatre loutres sous le pont vieux").is(200);
    }
}

story! {
    fn an_unknown_address_is_locked_as_a_known_one_is(app) {
        let (invited, _) = app.active(Role::Reader);
        app.advance(3600);
        let told = |email: &str| {
            let answers: Vec<String> = (0..12).map(|_| {
                let mut told = app.log_in(email, "another password").json();
                told["instance"] = json!(null);
                told.to_string()
            }).collect();
            answers
        };

        assert_eq!(told(&invited.email), told("nobody@example.org"));
    }
}

story! {
    fn failures_count_on_every_process(app) {
        let other = app.beside(Options::default());
        fails(app, "nobody@example.org", None, "203.0.113.9", 5);
        fails(&other, "nobody@example.org", None, "203.0.113.9", 5);

        app.log_in("nobody@example.org", PASSWORD).is_problem(429, "access.too_many_attempts");
        other.log_in("nobody@example.org", PASSWORD).is_problem(429, "access.too_many_attempts");
    }
}

story! {
    fn tries_at_one_moment_do_not_slip_past_the_limit_together(app) {
        let mut answers = together(16, |_| app.log_in("nobody@example.org", "another password").status);

        answers.sort_unstable();
        assert_eq!(answers.iter().filter(|status| **status == 400).count(), 10, "{answers:?}");
        assert_eq!(answers.last(), Some(&429));
    }
}

story! {
    fn who_calls_is_not_believed_of_one_who_is_no_proxy(app) {
        for host in 1..=10 {
            fails(app, "nobody@example.org", None, &format!("203.0.113.{host}"), 1);
        }

        app.log_in_from("nobody@example.org", PASSWORD, None, Some("203.0.113.77")).is_problem(429, "access.too_many_attempts");
    }
}

story! {
    fn a_password_hashed_at_another_cost_is_hashed_anew(app) {
        let (invited, _) = app.active(Role::Reader);
        // "trois mésanges sur le Gardon", at one pass over 8 MiB.
        let cheap = crate::story::people::cheap_hash(PASSWORD);
        app.base.sql(&format!("UPDATE passwords SET hash = '{cheap}'"));

        app.log_in(&invited.email, PASSWORD).is(200);

        let hashes = app.base.texts("SELECT hash AS t FROM passwords");
        assert!(hashes[0].starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashes:?}");
        app.log_in(&invited.email, PASSWORD).is(200);
    }
}

story! {
    fn no_digest_gives_a_secret_back(app) {
        let (invited, logged_in) = app.active(Role::Reader);

        let kept = |query: &str| app.base.texts(query).concat();
        let all = [
            kept("SELECT hash AS t FROM passwords"),
            kept("SELECT subject || lane AS t FROM lanes"),
        ].concat();

        for secret in [PASSWORD, &invited.code, &logged_in.refresh_token, &logged_in.device_token, &invited.email] {
            assert!(!all.contains(secret));
        }
    }
}
