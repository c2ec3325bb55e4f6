//! Bodies that no honest client sends.

use std::time::Duration;

use api::app::Limits;

use crate::story::client::raw;
use crate::story::{Answer, App, Options, Value, association, exercised, json, story};

fn post(app: &App, body: impl Into<Vec<u8>>) -> Answer {
    app.administrator()
        .ask("POST", "/v1/organisations")
        .body("application/json", body)
        .send()
}

story! {
    fn a_body_that_is_not_json_is_refused_where_it_ceases_to_be(app) {
        for (body, line, column) in [("", 1, 0), ("{", 1, 1), ("{\n  \"kind\": ,", 2, 11), ("nul", 1, 3), ("[1,]", 1, 4), ("{}{}", 1, 3)] {
            let problem = post(app, body).is_problem(400, "request.malformed_json");
            assert_eq!((&problem["line"], &problem["column"]), (&json!(line), &json!(column)), "{body}");
        }
    }
}

story! {
    fn a_body_that_is_not_utf_8_is_refused(app) {
        for body in [
            &b"{\"kind\":\"association\",\"names\":[{\"name\":\"R\xE9seda\"}]}"[..],
            b"\xFF\xFE{\0}\0",
            b"{\"kind\":\"\\uD800\"}",
            b"\xEF\xBB\xBF{}",
            b"\0",
        ] {
            post(app, body).is_problem(400, "request.malformed_json");
        }
    }
}

story! {
    fn a_value_of_another_type_is_told_where_it_stands(app) {
        let name = || json!([{ "name": "A" }]);
        for (body, pointer) in [
            (json!({ "kind": 3, "names": name() }), "/kind"),
            (json!({ "kind": "association", "names": "Réseda" }), "/names"),
            (json!({ "kind": "association", "names": [{ "name": null }] }), "/names/0/name"),
            (json!({ "kind": "association", "names": name(), "fictitious": "yes" }), "/fictitious"),
            (json!({ "kind": "association", "names": name(), "part_of": [{ "whole": 12, "as": "antenna" }] }), "/part_of/0/whole"),
        ] {
            let answer = app.administrator().post("/v1/organisations", &body);
            assert!(matches!(answer.status, 400 | 422), "{answer}");
            assert!(answer.pointers().iter().any(|told| told == pointer), "{answer}");
        }
        app.administrator().post("/v1/organisations", &json!({ "kind": 3, "names": name() })).is_problem(400, "request.wrong_type");
    }
}

story! {
    fn an_array_is_not_an_object(app) {
        for body in [
            json!({ "kind": "association", "names": [["A"]] }),
            json!({ "kind": "association", "names": [{ "name": "A" }], "contact": [] }),
            json!({ "kind": "association", "names": [{ "name": "A" }], "addresses": [["seat"]] }),
            json!(["association", [], [{ "name": "A" }]]),
        ] {
            let answer = app.administrator().post("/v1/organisations", &body);
            assert!(matches!(answer.status, 400 | 422), "{body}: {answer}");
        }
    }
}

story! {
    fn a_body_that_is_no_object_is_refused(app) {
        let given = app.given_association("Réseda");
        for body in ["null", "true", "3", "\"text\"", "[]", "[[]]"] {
            let created = post(app, body);
            let changed = app.administrator().ask("PATCH", &given.path).if_match("*").body("application/json", body).send();

            assert!(matches!(created.status, 400 | 422), "{body}: {created}");
            changed.is_problem(400, "request.wrong_type");
        }
    }
}

story! {
    fn a_body_that_nests_too_deep_is_refused(app) {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            for depth in [33, 200, 100_000] {
                let body = format!("{}1{}", open.repeat(depth), close.repeat(depth));
                let problem = post(app, body).is_problem(400, "request.too_deep");
                assert_eq!(problem["max_depth"], 32);
            }
        }
        post(app, "[".repeat(500_000)).is_problem(400, "request.too_deep");
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(31), "]".repeat(31));
        post(app, deep).is_problem(422, "request.bad_values");
    }
}

story! {
    fn a_body_of_ten_megabytes_is_refused(app) {
        let body = json!({ "kind": "association", "names": [{ "name": "A".repeat(10_000_000) }] }).to_string();

        let refused = post(app, body);

        let problem = refused.is_problem(413, "request.too_large");
        assert_eq!(problem["max_bytes"], 1_048_576);
        app.administrator().get("/v1/organisations").is(200);
    }
}

story! {
    fn a_body_of_ten_megabytes_in_pieces_is_refused(app) {
        let token = app.administrator().token.unwrap();
        let head = format!(
            "POST /v1/organisations HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
        );
        let piece = format!("100000\r\n{}\r\n", " ".repeat(0x0010_0000));
        let mut pieces = vec![head.as_bytes()];
        pieces.extend(std::iter::repeat_n(piece.as_bytes(), 10));

        let heard = raw(app.address, &pieces, Duration::ZERO);

        // The server may have hung up before the last piece; what it must not do is to accept.
        assert!(heard.is_empty() || heard.starts_with("HTTP/1.1 413"), "{heard}");
        app.administrator().get("/v1/organisations").is(200);
    }
}

story! {
    fn a_body_of_the_largest_size_is_read(app) {
        let mut body = association("Réseda").to_string();
        body.push_str(&" ".repeat((1 << 20) - body.len()));

        post(app, body.clone()).is(201);
        post(app, body + " ").is_problem(413, "request.too_large");
    }
}

story! {
    fn a_body_broken_in_transit_is_refused(app) {
        let token = app.administrator().token.unwrap();
        let head = format!(
            "POST /v1/organisations HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
        );

        let heard = raw(app.address, &[head.as_bytes(), b"5\r\n{\"kin\r\nnonsense\r\n\r\n"], Duration::from_millis(100));

        assert!(heard.starts_with("HTTP/1.1 400"), "{heard}");
        assert!(heard.contains("\"request.bad_request\""), "{heard}");
        exercised::code("request.bad_request");
        assert!(app.everything().is_empty());
    }
}

/// Little patience for bodies.
fn impatient() -> Options {
    let limits = Limits {
        body_patience: Duration::from_millis(200),
        ..Limits::default()
    };
    Options {
        limits,
        ..Options::default()
    }
}

story! {
    fn a_body_that_does_not_come_in_time_is_not_waited_for(app, impatient()) {
        let token = app.administrator().token.unwrap();
        let head = format!(
            "POST /v1/organisations HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: 100\r\n\r\n{{"
        );

        let heard = raw(app.address, &[head.as_bytes()], Duration::ZERO);

        assert!(heard.starts_with("HTTP/1.1 408"), "{heard}");
        assert!(heard.contains("\"request.too_slow\"") && heard.contains("x-request-id"), "{heard}");
        exercised::code("request.too_slow");
    }
}

story! {
    fn a_body_of_another_type_is_refused(app) {
        let given = app.given_association("Réseda");
        let body = association("A").to_string();
        for content_type in ["text/plain", "application/xml", "application/json; charset=iso-8859-1", "application/jsonx",
            "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/merge-patch+json", "", ";"] {
            let refused = app.administrator().ask("POST", "/v1/organisations").body(content_type, body.clone()).send();
            let problem = refused.is_problem(415, "request.unsupported_media_type");
            assert_eq!(problem["expected"], "application/json");
        }
        app.administrator().ask("PATCH", &given.path).if_match("*").body("application/json-patch+json", "[]").send()
            .is_problem(415, "request.unsupported_media_type");
        app.administrator().ask("POST", "/v1/organisations").header("content-encoding", "gzip").json(&association("A")).send()
            .is_problem(415, "request.unsupported_media_type");
        app.administrator().ask("POST", "/v1/organisations").send().is_problem(415, "request.unsupported_media_type");
        app.administrator().ask("POST", "/v1/organisations").body("Application/JSON; charset=\"UTF-8\"", body).send().is(201);
    }
}

story! {
    fn a_charset_is_heeded_wherever_it_stands(app) {
        let asking = app.administrator();
        let answer = asking.ask("POST", "/v1/organisations")
            .body("application/json; profile=x; charset=iso-8859-1", association("A").to_string()).send();

        answer.is_problem(415, "request.unsupported_media_type");
    }
}

story! {
    fn a_member_that_we_do_not_know_is_refused(app) {
        let refused = app.administrator().post("/v1/organisations", &json!({
            "kind": "association", "names": [{ "name": "A", "colour": "red" }], "id": "mine", "version": 4,
        }));

        refused.is_problem(422, "request.bad_values");
        let mut pointers = refused.pointers();
        pointers.sort();
        assert_eq!(pointers, ["/id", "/names/0/colour", "/version"]);
    }
}

story! {
    fn a_member_given_twice_never_breaks_the_server(app) {
        let answer = post(app, r#"{"kind":"association","kind":"ars","names":[{"name":"A"}]}"#);

        assert!(answer.status < 500, "{answer}");
    }
}

/// Bodies that are JSON and nothing that anybody expects.
fn odd() -> Vec<Value> {
    let big = json!(1e308);
    let all = json!([
        {}, { "kind": "association" }, { "names": [] }, { "kind": null, "names": null },
        { "kind": "association", "names": [{ "name": "\u{0}" }] },
        { "kind": "association", "names": [{ "name": "a\nb" }] },
        { "kind": "association", "names": [{ "name": "\u{202e}\u{feff}" }] },
        { "kind": "association", "names": [{ "name": "x".repeat(201) }] },
        { "kind": "association", "names": vec![json!({ "name": "A" }); 60] },
        { "kind": "association", "names": [{ "name": "A" }], "identifiers": vec![json!({ "system": "siren", "value": "732829320" }); 201] },
        { "kind": "association", "names": [{ "name": "A" }], "identifiers": [{ "system": "siren", "value": "7328293２0" }] },
        { "kind": "association", "names": [{ "name": "A" }], "identifiers": [{ "system": "rna", "value": "\u{0}" }] },
        { "kind": "association", "names": [{ "name": "A" }], "identifiers": [{ "system": "finess_et", "value": "99999999999999999999" }] },
        { "kind": "association", "names": [{ "name": "A" }], "classifications": [{ "system": "", "code": "" }] },
        { "kind": "association", "names": [{ "name": "A" }], "classifications": [{ "system": "\u{0}", "code": "\u{0}" }] },
        { "kind": "association", "names": [{ "name": "A" }], "constituted_on": "0000" },
        { "kind": "association", "names": [{ "name": "A" }], "constituted_on": "99999-01" },
        { "kind": "association", "names": [{ "name": "A" }], "constituted_on": "2026-13" },
        { "kind": "association", "names": [{ "name": "A" }], "contact": { "website": "javascript:alert(1)" } },
        { "kind": "association", "names": [{ "name": "A" }], "contact": { "phone": "\u{0}" } },
        { "kind": "association", "names": [{ "name": "A" }], "addresses": [{ "use": "seat", "commune": "2Z999" }] },
        { "kind": "association", "names": [{ "name": "A" }], "addresses": [{ "use": "seat", "postcode": big }] },
        { "kind": "association", "names": [{ "name": "A" }], "part_of": [{ "whole": "", "as": "" }] },
        { "kind": "association", "names": [{ "name": "A" }], "sectors": vec!["health"; 1000] },
        { "": "", "/": { "~": 1 }, "a/b~c": [] },
    ]);
    all.as_array().unwrap().clone()
}

story! {
    fn no_odd_body_breaks_any_operation(app) {
        let given = app.given_association("Réseda");
        let end = format!("{}/end", given.path);
        let administrator = app.administrator();

        for body in odd() {
            for (method, path) in [("POST", "/v1/organisations?dry_run=true"), ("PATCH", &given.path), ("POST", &end)] {
                let answer = administrator.ask(method, path).if_match("*").json(&body).send();
                assert!(answer.status < 500, "{body}: {answer}");
            }
        }
        for body in ["1e999", "{\"kind\":1e999}", "-", "\"\\u0000\"", "123456789012345678901234567890"] {
            let answer = post(app, body);
            assert!(matches!(answer.status, 400 | 422), "{body}: {answer}");
        }
    }
}

story! {
    fn a_hundred_bad_values_are_enough(app) {
        let names: Vec<Value> = (0..5000).map(|_| json!({ "name": "", "colour": 1 })).collect();

        let refused = app.administrator().post("/v1/organisations", &json!({ "kind": "club", "names": names }));

        refused.is_problem(422, "request.bad_values");
        assert!(refused.pointers().len() <= 101, "{}", refused.pointers().len());
    }
}
