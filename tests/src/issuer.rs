//! Tokens of another issuer: which are believed, and what they give.

use api::access::issuer::IssuerSettings;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::access::{CallerId, Role, Scope};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use persistence::subjects::{self, Named};
use persistence::{Db, Fault, callers};

use crate::story::database::{HOME, block_on};
use crate::story::issuer::{ISSUER, KeyPair, Published, believing, claims};
use crate::story::{Answer, App, Options, Value, association, json, story, together};

const ADMINS: [&str; 4] = ["groups", "maillage-admins", "administrator", "everything"];
const READERS: [&str; 4] = ["groups", "readers", "reader", "everything"];
const OWN: [&str; 4] = ["", "", "contributor", "organisation:{organisation_id}"];

/// A server on the same base that believes the issuer.
fn server(app: &App, issuer: IssuerSettings) -> App {
    app.beside(Options {
        issuer: Some(issuer),
        ..Options::default()
    })
}

fn list(server: &App, token: &str) -> Answer {
    server.bearing(token).get("/v1/organisations")
}

fn in_groups(subject: &str, after: i64, groups: &[&str]) -> Value {
    claims(subject, after, json!({ "groups": groups }))
}

/// The caller that somebody became, and its rights as the base has them.
fn caller(app: &App, subject: &'static str) -> Option<(CallerId, Vec<String>, i64)> {
    block_on(app.database.read(move |db: &mut Db| {
        let named = Named {
            issuer: ISSUER,
            subject,
        };
        let Some((id, _)) = subjects::known(db, named)? else {
            return Ok(None);
        };
        let at = crate::story::database::origin().at;
        let session = None;
        let rights = callers::rights(db, callers::Asker { id, session, at })?.unwrap();
        let held = rights.held.iter().map(ToString::to_string).collect();
        Ok::<_, Fault>(Some((id, held, rights.version)))
    }))
    .unwrap()
}

story! {
    fn somebody_whom_the_issuer_vouches_for_has_the_roles_of_the_rules_and_no_more(app) {
        let (rsa, pss, ec, ed) = (
            KeyPair::rsa("r", Algorithm::RS256), KeyPair::rsa("p", Algorithm::PS256), KeyPair::ec("e"), KeyPair::ed("d"),
        );
        let published = Published::keys(&[&rsa, &pss, &ec, &ed]);
        let server = server(app, published.settings(&[ADMINS, READERS]));

        for key in [&rsa, &pss, &ec, &ed] {
            let reader = server.bearing(&key.sign(&in_groups("claude", 0, &["readers", "others"])));
            reader.get("/v1/organisations").is(200);
            reader.post("/v1/organisations", &association("Réseda")).is_problem(403, "access.role");
            reader.get("/metrics").is_problem(403, "access.role");
        }
        let admin = server.bearing(&ec.sign(&in_groups("dominique", 0, &["maillage-admins"])));
        admin.get("/metrics").is(200);
        list(&server, &ec.sign(&in_groups("nobody", 0, &["others"]))).is_problem(403, "access.role");

        assert_eq!(published.asked(), 1);
        assert_eq!(caller(app, "claude").unwrap().1, ["reader@everything"]);
        app.administrator().get("/v1/organisations").is(200);
    }
}

story! {
    fn the_audit_tells_when_the_issuer_gave_and_took_roles_and_not_each_token(app) {
        let key = KeyPair::ec("e");
        let published = Published::keys(&[&key]);
        let server = server(app, published.settings(&[ADMINS, READERS]));
        let says = |after: i64, groups: &[&str]| list(&server, &key.sign(&in_groups("claude", after, groups)));

        says(0, &["readers"]).is(200);
        says(1, &["readers", "others"]).is(200);
        says(2, &["readers", "maillage-admins"]).is(200);
        says(3, &[]).is_problem(403, "access.role");

        let (id, ..) = caller(app, "claude").unwrap();
        let lines = app.administrator().get("/v1/audit?type=subject").is(200).items();
        assert_eq!(lines.len(), 3, "one for each change of its roles: {lines:?}");
        for line in lines {
            assert_eq!((&line["id"], &line["action"], &line["caller"]), (&json!(id), &json!("heed_issuer"), &Value::Null));
        }
    }
}

story! {
    fn a_scope_comes_from_what_the_token_names(app) {
        let home = app.home();
        let elsewhere = app.given_association("Ailleurs");
        let key = KeyPair::ec("e");
        let published = Published::keys(&[&key]);
        let server = server(app, published.settings(&[OWN]));
        let said = json!({ "organisation_id": [HOME, "everything", "nonsense"] });

        let bearer = server.bearing(&key.sign(&claims("claude", 0, said)));

        bearer.patch(&home.path, &home.etag, &json!({ "sectors": ["health"] })).is(200);
        bearer.get(&elsewhere.path).is_problem(404, "request.not_found");
        assert_eq!(bearer.get("/v1/organisations").ids(), [home.id]);
        assert_eq!(caller(app, "claude").unwrap().1, [format!("contributor@organisation:{HOME}")]);
    }
}

story! {
    fn a_token_does_what_its_scope_names_and_all_when_it_names_nothing_of_ours(app) {
        let key = KeyPair::ec("e");
        let published = Published::keys(&[&key]);
        let open = server(app, published.settings(&[ADMINS]));
        let narrow = server(app, IssuerSettings { scopes: vec!["read".to_owned()], ..published.settings(&[ADMINS]) });
        let asked_for = |scope: &str| {
            let said = json!({ "groups": "maillage-admins", "scope": scope });
            key.sign(&claims("claude", 0, said))
        };

        open.bearing(&asked_for("openid")).get("/metrics").is(200);
        open.bearing(&asked_for("openid read")).get("/metrics").is_problem(403, "access.token_scope");
        narrow.bearing(&asked_for("openid")).get("/metrics").is_problem(403, "access.token_scope");
        list(&narrow, &asked_for("openid")).is(200);
    }
}

story! {
    fn who_left_a_group_has_less_by_the_next_token_and_by_the_old_one_too(app) {
        let key = KeyPair::ec("e");
        let published = Published::keys(&[&key]);
        let server = server(app, published.settings(&[ADMINS, READERS]));
        let before = key.sign(&in_groups("claude", 0, &["maillage-admins", "readers"]));
        let between = key.sign(&in_groups("claude", 5, &["maillage-admins"]));
        let after = key.sign(&in_groups("claude", 10, &["readers"]));
        server.bearing(&before).get("/metrics").is(200);

        app.advance(10);
        server.bearing(&after).get("/metrics").is_problem(403, "access.role");

        // Neither what was said before, nor what is only heard now, brings the role back.
        for old in [&before, &between] {
            server.bearing(old).get("/metrics").is_problem(403, "access.role");
            list(&server, old).is(200);
        }
        let restarted = self::server(app, published.settings(&[ADMINS, READERS]));
        for old in [&before, &between] {
            restarted.bearing(old).get("/metrics").is_problem(403, "access.role");
        }
        let (_, held, version) = caller(app, "claude").unwrap();
        assert_eq!((held, version), (vec!["reader@everything".to_owned()], 3));
    }
}

story! {
    fn of_two_tokens_of_one_second_only_what_both_say_counts(app) {
        let key = KeyPair::ec("e");
        let published = Published::keys(&[&key]);
        let server = server(app, published.settings(&[ADMINS, READERS]));
        let wide = key.sign(&in_groups("claude", 0, &["maillage-admins", "readers"]));
        let narrow = key.sign(&in_groups("claude", 0, &["readers"]));

        for token in [&wide, &narrow, &wide, &narrow] {
            list(&server, token).is(200);
        }

        server.bearing(&wide).get("/metrics").is_problem(403, "access.role");
        assert_eq!(caller(app, "claude").unwrap().2, 3);
    }
}

story! {
    fn a_role_given_here_counts_beside_those_of_the_issuer(app) {
        let key = KeyPair::ec("e");
        let published = Published::keys(&[&key]);
        let server = server(app, published.settings(&[READERS]));
        list(&server, &key.sign(&in_groups("claude", 0, &["readers"]))).is(200);
        let (id, ..) = caller(app, "claude").unwrap();

        app.give(id, Role::Contributor, Scope::Organisation(HOME));
        app.advance(10);
        list(&server, &key.sign(&in_groups("claude", 10, &[]))).is(200);

        assert_eq!(caller(app, "claude").unwrap().1, [format!("contributor@organisation:{HOME}")]);
    }
}

story! {
    fn one_whose_access_was_withdrawn_stays_out_whatever_the_issuer_says(app) {
        let key = KeyPair::ec("e");
        let published = Published::keys(&[&key]);
        let server = server(app, published.settings(&[ADMINS, READERS]));
        let token = key.sign(&in_groups("claude", 0, &["readers"]));
        list(&server, &token).is(200);

        app.revoke(caller(app, "claude").unwrap().0);

        list(&server, &token).is_problem(401, "access.revoked");
        app.advance(10);
        let newer = key.sign(&in_groups("claude", 10, &["maillage-admins"]));
        list(&server, &newer).is_problem(401, "access.revoked");
        let another = key.sign(&in_groups("dominique", 10, &["readers"]));
        list(&server, &another).is(200);
    }
}

story! {
    fn first_requests_that_race_make_one_caller(app) {
        let key = KeyPair::ec("e");
        let published = Published::keys(&[&key]);
        let servers = [(); 2].map(|()| server(app, published.settings(&[READERS])));
        let token = key.sign(&in_groups("claude", 0, &["readers"]));

        let answers = together(8, |number| list(&servers[number % 2], &token).status);

        assert_eq!(answers, [200; 8]);
        assert_eq!(caller(app, "claude").unwrap().2, 2);
        assert_eq!(published.asked(), 2, "each server asked once");
    }
}

story! {
    fn no_token_is_believed_that_the_issuer_did_not_sign_for_us_and_for_now(app) {
        let (rsa, ec, ed) = (KeyPair::rsa("r", Algorithm::RS256), KeyPair::ec("e"), KeyPair::ed("d"));
        let published = Published::keys(&[&rsa, &ec, &ed]);
        let server = server(app, published.settings(&[ADMINS]));
        let good = in_groups("claude", 0, &["maillage-admins"]);
        let with = |more: Value| ec.sign(&crate::story::given::with(good.clone(), more));
        let real = ec.sign(&good);
        let parts: Vec<&str> = real.split('.').collect();
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let other = in_groups("another", 0, &["maillage-admins"]);
        let modulus = rsa.public()["n"].as_str().unwrap().to_owned();
        let as_secret = |secret: &[u8], algorithm| {
            let mut header = Header::new(algorithm);
            header.kid = Some("r".to_owned());
            encode(&header, &good, &EncodingKey::from_secret(secret)).unwrap()
        };
        let headed = |change: &dyn Fn(&mut Header)| {
            let mut header = Header::new(ec.algorithm);
            header.kid = Some("e".to_owned());
            change(&mut header);
            ec.sign_with(&header, &good)
        };
        let beginning = good["iat"].as_i64().unwrap();

        let forged = [
            // Signed by no key of the issuer, or not by that one.
            KeyPair::ec("e").sign(&good),
            KeyPair::ed("d").sign(&good),
            headed(&|header| header.kid = Some("r".to_owned())),
            headed(&|header| header.kid = Some("d".to_owned())),
            headed(&|header| header.kid = Some("unknown".to_owned())),
            headed(&|header| header.kid = Some("../../e".to_owned())),
            format!("{}.{}.{}", parts[0], part(other), parts[2]),
            format!("{}.{}.", parts[0], parts[1]),
            format!("{}.{}.{}", part(json!({ "alg": "none", "kid": "e" })), parts[1], parts[2]),
            format!("{}.{}.", part(json!({ "alg": "none" })), parts[1]),
            format!("{}.{}.{}", part(json!({ "alg": "RS256", "kid": "e" })), parts[1], parts[2]),
            KeyPair { id: "r", ..KeyPair::rsa("r", Algorithm::RS512) }.sign(&good),
            // A public key is no secret.
            as_secret(modulus.as_bytes(), Algorithm::HS256),
            as_secret(&URL_SAFE_NO_PAD.decode(&modulus).unwrap(), Algorithm::HS256),
            as_secret(STANDARD.encode(&modulus).as_bytes(), Algorithm::HS512),
            as_secret(crate::story::app::SIGNING_KEY, Algorithm::HS256),
            // For somebody else, or from somebody else.
            with(json!({ "iss": "https://id.example/realms/sante/" })),
            with(json!({ "iss": "maillage" })),
            with(json!({ "iss": null })),
            with(json!({ "aud": "account" })),
            with(json!({ "aud": [] })),
            with(json!({ "aud": null })),
            // Not an access token that anybody may bear.
            headed(&|header| header.typ = Some("logout+jwt".to_owned())),
            headed(&|header| header.crit = Some(vec!["exp".to_owned()])),
            with(json!({ "cnf": { "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" } })),
            // Not yet, or who knows when.
            with(json!({ "nbf": beginning + 61 })),
            with(json!({ "iat": beginning + 61, "exp": beginning + 600 })),
            with(json!({ "iat": null })),
            with(json!({ "exp": null })),
            with(json!({ "exp": "tomorrow" })),
            // Nobody.
            with(json!({ "sub": "" })),
            with(json!({ "sub": null })),
            with(json!({ "sub": 7 })),
            with(json!({ "sub": "a\u{0}b" })),
            with(json!({ "sub": "x".repeat(256) })),
        ];

        for (number, token) in forged.iter().enumerate() {
            let answer = list(&server, token);
            assert_eq!(answer.json()["code"], "access.bad_token", "{number}: {answer}");
            answer.is(401);
        }
        list(&server, &with(json!({ "exp": beginning - 60 }))).is_problem(401, "access.expired_token");
        list(&server, &with(json!({ "exp": beginning - 59, "nbf": beginning + 60 }))).is(200);
        list(&server, &with(json!({ "iat": 1_795_000_000.5 }))).is(200);
        list(&server, &headed(&|header| header.typ = Some("at+JWT".to_owned()))).is(200);
        assert!(caller(app, "another").is_none());
        assert_eq!(published.asked(), 1);
    }
}

story! {
    fn a_token_expires_by_our_clock(app) {
        let key = KeyPair::ec("e");
        let published = Published::keys(&[&key]);
        let server = server(app, published.settings(&[READERS]));
        let token = key.sign(&in_groups("claude", 0, &["readers"]));
        app.advance(359);
        list(&server, &token).is(200);

        app.advance(1);

        list(&server, &token).is_problem(401, "access.expired_token");
    }
}

story! {
    fn a_key_that_the_issuer_withdrew_is_believed_no_more_and_its_new_one_at_once(app) {
        let (old, new) = (KeyPair::ec("1"), KeyPair::ec("2"));
        let published = Published::keys(&[&old]);
        let server = server(app, published.settings(&[READERS]));
        let by = |key: &KeyPair, after| key.sign(&in_groups("claude", after, &["readers"]));
        list(&server, &by(&old, 0)).is(200);

        published.rotate(&[&new]);
        app.advance(30);
        list(&server, &by(&new, 30)).is(200);
        list(&server, &by(&old, 30)).is_problem(401, "access.bad_token");

        // Without a token by a new key, the set is looked at again when it is old.
        published.rotate(&[&old]);
        app.advance(599);
        list(&server, &by(&new, 629)).is(200);
        app.advance(1);
        list(&server, &by(&new, 629)).is_problem(401, "access.bad_token");
    }
}

story! {
    fn unknown_keys_do_not_make_us_hammer_the_issuer(app) {
        let (known, unknown) = (KeyPair::ec("known"), KeyPair::ec("unknown"));
        let published = Published::keys(&[&known]);
        let server = server(app, published.settings(&[READERS]));
        let good = known.sign(&in_groups("claude", 0, &["readers"]));
        let bad = unknown.sign(&in_groups("claude", 0, &["readers"]));

        let refused = together(8, |_| (0..5).all(|_| list(&server, &bad).status == 401));
        list(&server, &good).is(200);
        assert_eq!((refused, published.asked()), (vec![true; 8], 1));

        app.advance(29);
        list(&server, &bad).is(401);
        assert_eq!(published.asked(), 1);

        app.advance(1);
        together(8, |_| list(&server, &bad).status);
        assert_eq!(published.asked(), 2);

        // Nor does a token that says it is another's.
        app.advance(30);
        let other = claims("claude", 59, json!({ "iss": "https://other.example" }));
        list(&server, &unknown.sign(&other)).is_problem(401, "access.bad_token");
        assert_eq!(published.asked(), 2);
    }
}

story! {
    fn while_the_issuer_is_down_its_last_keys_are_believed_for_a_day(app) {
        let key = KeyPair::ec("e");
        let published = Published::keys(&[&key]);
        let server = server(app, published.settings(&[READERS]));
        let at = |after| key.sign(&in_groups("claude", after, &["readers"]));
        list(&server, &at(0)).is(200);

        let mut now: i64 = 0;
        for (status, body) in [(503, ""), (200, "<html>"), (302, ""), (200, "{}")] {
            published.answers(status, body);
            app.advance(700);
            now += 700;
            list(&server, &at(now)).is(200);
        }
        assert_eq!(published.asked(), 5);

        app.advance(24 * 3600);
        now += 24 * 3600;
        let refused = list(&server, &at(now));
        refused.is_problem(503, "access.issuer_unreachable");
        assert_eq!(refused.header("retry-after"), "30");
        server.administrator().get("/v1/organisations").is(200);

        published.rotate(&[&key]);
        app.advance(30);
        list(&server, &at(now)).is(200);
    }
}

story! {
    fn a_server_starts_without_the_issuer_and_believes_it_once_it_is_there(app) {
        let key = KeyPair::ec("e");
        let published = Published::keys(&[]);
        published.answers(500, "");
        let server = server(app, published.settings(&[READERS]));
        let token = key.sign(&in_groups("claude", 0, &["readers"]));

        list(&server, &token).is_problem(503, "access.issuer_unreachable");
        server.administrator().get("/v1/organisations").is(200);
        published.rotate(&[&key]);
        list(&server, &token).is_problem(503, "access.issuer_unreachable");

        app.advance(30);
        list(&server, &token).is(200);
        assert_eq!(published.asked(), 2);
    }
}

story! {
    fn keys_in_a_file_are_read_again_when_they_change(app) {
        let (old, new) = (KeyPair::ec("1"), KeyPair::ec("2"));
        let folder = std::env::temp_dir().join(uuid::Uuid::new_v4().to_string());
        std::fs::create_dir(&folder).unwrap();
        let file = folder.join("keys.json");
        let write = |key: &KeyPair| std::fs::write(&file, json!({ "keys": [key.public()] }).to_string()).unwrap();
        write(&old);
        let server = server(app, believing(file.to_str().unwrap(), &[READERS]));
        let by = |key: &KeyPair| key.sign(&in_groups("claude", 0, &["readers"]));
        list(&server, &by(&old)).is(200);

        write(&new);
        app.advance(1);
        list(&server, &by(&new)).is(200);
        list(&server, &by(&old)).is_problem(401, "access.bad_token");

        std::fs::remove_dir_all(&folder).unwrap();
        app.advance(60);
        list(&server, &by(&new)).is(200);
    }
}

story! {
    fn without_an_issuer_no_token_but_ours_is_believed(app) {
        let token = KeyPair::ec("e").sign(&in_groups("claude", 0, &["maillage-admins"]));

        list(app, &token).is_problem(401, "access.bad_token");
    }
}

story! {
    fn the_feed_of_somebody_whose_roles_change_says_that_it_starts_anew(app) {
        let home = app.home();
        let key = KeyPair::ec("e");
        let published = Published::keys(&[&key]);
        let server = server(app, published.settings(&[READERS, OWN]));
        let own = json!({ "groups": ["readers"], "organisation_id": home.id });
        let wide = server.bearing(&key.sign(&claims("claude", 0, own)));
        let cursor = wide.get("/v1/changes?after=now").is(200).next();
        wide.get(&format!("/v1/changes?after={cursor}")).is(200);

        app.advance(10);
        let less = claims("claude", 10, json!({ "organisation_id": home.id }));
        let narrow = server.bearing(&key.sign(&less));

        narrow.get(&format!("/v1/changes?after={cursor}")).is_lost("rights_changed");
        wide.get(&format!("/v1/changes?after={cursor}")).is_lost("rights_changed");
        // A newer token that says the same changes nothing.
        let cursor = narrow.get("/v1/changes?after=now").is(200).next();
        app.advance(10);
        let same = claims("claude", 20, json!({ "organisation_id": home.id }));
        let same = server.bearing(&key.sign(&same));
        same.get(&format!("/v1/changes?after={cursor}")).is(200);
    }
}
