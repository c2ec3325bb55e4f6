//! Tokens: who gets one, and which are believed.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::access::{Role, Scope};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};

use crate::story::app::SIGNING_KEY;
use crate::story::database::{client_of, secret};
use crate::story::{Answer, App, Value, json, story, together};

fn ask_with_form(app: &App, form: &str) -> Answer {
    app.nobody().ask("POST", "/v1/auth/token").form(form).send()
}

fn reader_id() -> String {
    client_of(Role::Reader).to_string()
}

story! {
    fn a_client_gets_a_token_by_basic_or_by_form(app) {
        let by_basic = app.nobody().ask_token(&reader_id(), &secret().0, None);
        let by_form = ask_with_form(app, &format!(
            "grant_type=client_credentials&client_id={}&client_secret={}", reader_id(), secret().0
        ));

        for answer in [by_basic, by_form] {
            let body = answer.is(200).json();
            assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(900)));
            assert_eq!(body["scope"], "read write administer");
            assert_eq!(answer.header("cache-control"), "no-store");
            app.bearing(body["access_token"].as_str().unwrap()).get("/v1/organisations").is(200);
        }
    }
}

story! {
    fn a_wrong_secret_and_an_unknown_client_answer_alike(app) {
        let answers = [
            app.nobody().ask_token(&reader_id(), "another secret", None),
            app.nobody().ask_token("0198f1c2-7a00-7000-8000-0000000000ff", &secret().0, None),
            app.nobody().ask_token("nobody", &secret().0, None),
            app.nobody().ask("POST", "/v1/auth/token").form("grant_type=client_credentials").send(),
            app.nobody().ask("POST", "/v1/auth/token").header("authorization", "Basic ???")
                .form("grant_type=client_credentials").send(),
        ];

        let mut told: Vec<Value> = answers.iter().map(|answer| {
            let mut problem = answer.is_problem(401, "access.bad_client");
            assert_eq!(problem["error"], "invalid_client");
            problem["instance"] = json!(null);
            problem
        }).collect();
        told.dedup();
        assert_eq!(told.len(), 1, "{told:?}");
    }
}

story! {
    fn a_request_for_a_token_that_we_do_not_serve_says_so_as_oauth_does(app) {
        let client = format!("client_id={}&client_secret={}", reader_id(), secret().0);

        for (form, error) in [
            (format!("grant_type=device_code&{client}"), "unsupported_grant_type"),
            (client.clone(), "invalid_request"),
            (format!("grant_type=client_credentials&{client}&scope=everything"), "invalid_scope"),
            (format!("grant_type=client_credentials&{client}&colour=red"), "invalid_request"),
            (format!("grant_type=client_credentials&grant_type=password&{client}"), "invalid_request"),
            ("%FF%FE=%00".to_owned(), "invalid_request"),
        ] {
            let problem = ask_with_form(app, &form).is_problem(400, "access.bad_grant");
            assert_eq!(problem["error"], error, "{form}");
        }
        let twice = app.nobody().ask("POST", "/v1/auth/token").basic(&reader_id(), &secret().0)
            .form(&format!("grant_type=client_credentials&{client}")).send();
        twice.is_problem(400, "access.bad_grant");
        app.nobody().ask("POST", "/v1/auth/token").json(&json!({ "grant_type": "client_credentials" })).send()
            .is_problem(415, "request.unsupported_media_type");
    }
}

story! {
    fn a_token_may_be_asked_for_less(app) {
        let answer = app.nobody().ask_token(&client_of(Role::Administrator).to_string(), &secret().0, Some("write read read"));

        let body = answer.is(200).json();
        assert_eq!(body["scope"], "read write");
        let narrow = app.bearing(body["access_token"].as_str().unwrap());
        narrow.get("/metrics").is_problem(403, "access.token_scope");
        narrow.get("/v1/organisations").is(200);
    }
}

story! {
    fn a_token_asked_for_more_than_the_role_gives_no_more(app) {
        let token = app.token(client_of(Role::Reader), Some("administer write"));

        app.bearing(&token).get("/metrics").is_problem(403, "access.role");
    }
}

story! {
    fn a_token_expires(app) {
        let reader = app.reader();
        app.advance(899);
        reader.get("/v1/organisations").is(200);

        app.advance(1);

        let refused = reader.get("/v1/organisations");
        refused.is_problem(401, "access.expired_token");
        assert!(refused.header("www-authenticate").starts_with("Bearer"));
    }
}

story! {
    fn a_client_among_many_readers_is_refused_from_the_moment_it_is_revoked(app) {
        let given = app.given_association("Lue sans cesse");
        let (id, client) = app.new_client(Role::Reader);
        let (revoked, refused) = (AtomicBool::new(false), AtomicUsize::new(0));

        together(9, |number| {
            if number == 0 {
                std::thread::sleep(Duration::from_millis(150));
                app.revoke(id);
                revoked.store(true, Ordering::SeqCst);
                return;
            }
            let (client, other) = (client.again(), app.reader());
            let path = if number % 2 == 0 { &given.path } else { "/v1/organisations?limit=1" };
            while refused.load(Ordering::SeqCst) < 40 {
                let is_revoked = revoked.load(Ordering::SeqCst);
                let answer = client.get(path);
                if is_revoked {
                    answer.is_problem(401, "access.revoked");
                    refused.fetch_add(1, Ordering::SeqCst);
                }
                other.get(path).is(200);
            }
        });
    }
}

story! {
    fn records_read_at_one_moment_are_each_seen_by_their_own_reader(app) {
        let given: Vec<_> = (0..4).map(|number| app.given_association(&format!("Réseau {number}"))).collect();
        let narrow: Vec<_> = given.iter().map(|own| {
            let scope = Scope::Organisation(own.id.parse().unwrap());
            app.new_client_on(Role::Coordinator, scope).1
        }).collect();

        together(8, |number| {
            let own = number % 4;
            let client = narrow[own].again();
            for (other, given) in given.iter().cycle().take(60).enumerate() {
                if other % 4 == own {
                    assert_eq!(client.get(&given.path).is(200).json()["id"], given.id);
                } else {
                    client.get(&given.path).is_problem(404, "request.not_found");
                }
            }
        });
    }
}

story! {
    fn a_revoked_client_is_refused_at_the_next_request_and_gets_no_token(app) {
        let (id, client) = app.new_client(Role::Administrator);
        client.get("/v1/organisations").is(200);

        app.revoke(id);

        client.get("/v1/organisations").is_problem(401, "access.revoked");
        app.nobody().ask_token(&id.to_string(), &secret().0, None).is_problem(401, "access.bad_client");
    }
}

story! {
    fn a_token_of_a_client_that_this_base_never_knew_is_refused(app) {
        let other = App::start(app.engine(), crate::story::Options::default());
        let (_, stranger) = other.new_client(Role::Administrator);

        app.bearing(stranger.token.as_ref().unwrap()).get("/v1/organisations").is_problem(401, "access.revoked");
    }
}

/// Claims as good as those of a real token.
fn claims(app: &App) -> Value {
    let token = app.token(client_of(Role::Administrator), None);
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

story! {
    fn no_forged_token_is_believed(app) {
        let claims = claims(app);
        let real = app.token(client_of(Role::Reader), None);
        let (head, signature) = (real.split('.').next().unwrap(), real.split('.').nth(2).unwrap());
        let ours = EncodingKey::from_secret(SIGNING_KEY);
        let theirs = EncodingKey::from_secret(b"another key, another key, another");
        let with = |member: &str, value: Value| {
            let mut claims = claims.clone();
            claims[member] = value;
            encode(&Header::new(Algorithm::HS256), &claims, &ours).unwrap()
        };

        let forged = [
            encode(&Header::new(Algorithm::HS256), &claims, &theirs).unwrap(),
            encode(&Header::new(Algorithm::HS384), &claims, &ours).unwrap(),
            encode(&Header::new(Algorithm::HS512), &claims, &ours).unwrap(),
            format!("{}.{}.", part(&json!({ "alg": "none", "typ": "JWT" })), part(&claims)),
            format!("{}.{}.{signature}", part(&json!({ "alg": "none" })), part(&claims)),
            format!("{}.{}.{signature}", part(&json!({ "alg": "HS256", "kid": "../../key" })), part(&claims)),
            format!("{head}.{}.{signature}", part(&claims)),
            format!("{head}.{}", part(&claims)),
            format!("{real}x"),
            with("iss", json!("another")),
            with("aud", json!("another")),
            with("sub", json!("nobody")),
            with("exp", json!("never")),
            with("exp", json!(null)),
            "...".to_owned(),
            "nonsense".to_owned(),
        ];

        for token in forged {
            let refused = app.bearing(&token).get("/v1/organisations");
            refused.is_problem(401, "access.bad_token");
        }
    }
}

story! {
    fn an_authorisation_in_another_form_is_refused(app) {
        for header in ["Basic YTpi", "Bearer", "Bearer ", "Token abc", "bearer  x y"] {
            let refused = app.nobody().ask("GET", "/v1/organisations").header("authorization", header).send();
            refused.is_problem(401, "access.bad_token");
        }
    }
}

story! {
    fn secrets_are_not_tried_for_ever(app) {
        let answers: Vec<Answer> = (0..40).map(|_| {
            app.nobody().ask_token("0198f1c2-7a00-7000-8000-0000000000ff", "guess", None)
        }).collect();

        answers.last().unwrap().is_problem(429, "request.too_many");
        app.nobody().ask_token(&reader_id(), &secret().0, None).is(200);
    }
}
