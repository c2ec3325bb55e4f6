//! Requests that no honest client sends, and what is true of all that are answered.

use std::time::Duration;

use crate::story::client::{Asking, raw};
use crate::story::{App, Client, Options, Value, association, exercised, json, story};

story! {
    fn an_address_that_nobody_knows_is_told_so(app) {
        for path in ["/", "/v1", "/v1/", "/v2/organisations", "/v1/organisations/", "/v1/colours", "/favicon.ico", "/%00", "/v1/../etc/passwd"] {
            app.administrator().get(path).is_problem(404, "request.unknown_address");
        }
    }
}

story! {
    fn a_method_that_an_address_does_not_know_is_told_with_those_it_does(app) {
        for (_, template, _) in exercised::documented() {
            let path = template.replace("{id}", "0198f1c2-7a00-7000-8000-0000000000ff").replace("{list}", "roles").replace("{type}", "organisations");
            for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "BREW"] {
                let answer = app.administrator().ask(method, &path).send();
                let known = exercised::documented().any(|(documented, other, _)| {
                    other == template && (documented == method || (method == "HEAD" && documented == "GET"))
                });
                assert_eq!(answer.status == 405, !known, "{answer}");
                if !known {
                    let allowed = answer.header("allow").to_owned();
                    assert!(allowed.contains("OPTIONS"), "{answer}");
                    assert!(!allowed.split(", ").any(|allowed| allowed == method), "{answer}");
                    if method != "HEAD" {
                        let told = answer.is_problem(405, "request.method_not_allowed")["allowed"].clone();
                        assert_eq!(told, json!(allowed.split(", ").collect::<Vec<_>>()));
                    }
                }
            }
        }
    }
}

story! {
    fn the_documents_know_only_reading(app) {
        for path in ["/openapi.json", "/openapi.yaml"] {
            let answer = app.nobody().ask("POST", path).send();

            answer.is_problem(405, "request.method_not_allowed");
        }
    }
}

story! {
    fn an_address_tells_its_methods(app) {
        let answer = app.nobody().ask("OPTIONS", "/v1/organisations").send();

        assert_eq!(answer.is(204).header("allow"), "GET, POST, HEAD, OPTIONS");
    }
}

story! {
    fn head_is_get_without_its_body(app) {
        let given = app.given_association("Réseda");
        for path in [given.path.as_str(), "/v1/organisations", "/v1/changes", "/v1/code-lists", "/health/live", "/openapi.json",
            "/v1/nowhere", "/v1/organisations?limit=0"] {
            let get = app.administrator().ask("GET", path).header("x-request-id", "same").send();
            let head = app.administrator().ask("HEAD", path).header("x-request-id", "same").send();

            assert_eq!((head.status, head.bytes.len()), (get.status, 0), "{path}");
            let headers = |answer: &crate::story::Answer| {
                let mut headers: Vec<String> = answer.headers.iter()
                    .filter(|(name, _)| *name != "date" && *name != "access-control-expose-headers")
                    .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
                headers.sort();
                headers
            };
            assert_eq!(headers(&head), headers(&get), "{path}");
        }
    }
}

story! {
    fn an_unknown_or_repeated_parameter_is_refused(app) {
        let given = app.given_association("Réseda");
        for (path, parameter) in [
            ("/v1/organisations?colour=red", "colour"),
            ("/v1/organisations?kind=ars&kind=gip", "kind"),
            ("/v1/organisations?kind=club", "kind"),
            ("/v1/organisations?fictitious=maybe", "fictitious"),
            ("/v1/organisations?identifier=siren", ""),
            ("/v1/organisations?identifier=colour:1", "identifier"),
            ("/v1/organisations?commune=Al%C3%A8s", "commune"),
            ("/v1/organisations?part_of=me", "part_of"),
            ("/v1/organisations?q=", "q"),
            ("/v1/organisations?q=%00", "q"),
            ("/v1/organisations?sort=colour", "sort"),
            ("/v1/organisations?as_of=today", "as_of"),
            ("/v1/changes?limit=0", "limit"),
            ("/v1/changes?since=2026", "since"),
            ("/v1/territories?colour=red", "colour"),
            (&format!("{}?colour=red", given.path), "colour"),
            (&format!("{}/history?colour=red", given.path), "colour"),
        ] {
            let answer = app.administrator().get(path);
            if parameter.is_empty() {
                assert!(answer.status < 500);
                continue;
            }
            let problem = answer.is_problem(400, "request.bad_query");
            assert_eq!(problem["parameter"], parameter, "{path}");
        }
    }
}

story! {
    fn a_write_refuses_parameters_too(app) {
        let given = app.given_association("Réseda");
        let administrator = app.administrator();
        for query in ["colour=red", "dry_run=perhaps", "dry_run=true&dry_run=false", "dry_run"] {
            let asking = |method: &str, path: &str| -> crate::story::Answer {
                administrator.ask(method, &format!("{path}?{query}")).if_match("*").json(&association("A")).send()
            };
            asking("POST", "/v1/organisations").is_problem(400, "request.bad_query");
            asking("PATCH", &given.path).is_problem(400, "request.bad_query");
            asking("DELETE", &given.path).is_problem(400, "request.bad_query");
        }
        assert_eq!(app.everything().len(), 1);
    }
}

story! {
    fn no_operation_takes_a_parameter_that_it_does_not_know(app) {
        for path in ["/v1/code-lists?colour=red", "/v1/code-lists/roles?colour=red"] {
            app.nobody().get(path).is_problem(400, "request.bad_query");
        }
    }
}

story! {
    fn a_number_with_a_nul_in_it_is_nobodys(app) {
        for query in ["identifier=siren:%00", "identifier=siren:7328%002932", "identifier=rna:W%00"] {
            let answer = app.reader().get(&format!("/v1/organisations?{query}"));
            assert!(answer.status < 500, "{answer}");
        }
    }
}

story! {
    fn no_odd_query_breaks_any_list(app) {
        app.given_association("Réseda");
        for path in ["/v1/organisations", "/v1/changes", "/v1/territories"] {
            for query in ["%", "%zz", "%FF=%FE", "a=%FF", "&&&", "=", "==", "q=%F0%9F%98%80", "q=%E2%80%8B", "q=%25_%5C%27%22",
                "q=%EF%BF%BF", "limit=1e2", "limit=%2B5", "after=%00", "as_of=%00", "sort=%00", "type=%00",
                "after=eyJzIjoiaWQiLCJrIjoiXHUwMDAwIiwiaSI6IjAxOThmMWMyLTdhMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMSJ9",
                &"a=b&".repeat(2000), &format!("q={}", "a%20".repeat(90))] {
                let answer = app.administrator().get(&format!("{path}?{query}"));
                assert!(answer.status < 500, "{answer}");
            }
        }
    }
}

story! {
    fn a_header_that_cannot_be_read_is_named(app) {
        let given = app.given_association("Réseda");
        let administrator = app.administrator();
        let patch = |tag: &[u8]| administrator.ask("PATCH", &given.path).header("if-match", tag).json(&json!({})).send();

        for tag in ["3", "", "W/", "\"1", "\"1 2\"", "\"1\",,"] {
            let problem = patch(tag.as_bytes()).is_problem(400, "request.bad_header");
            assert_eq!(problem["header"], "If-Match", "{tag}");
        }
        for tag in ["\"three\"", "\"\"", "\"99999999999999999999\"", "\"a\", W/\"b\""] {
            patch(tag.as_bytes()).is_problem(412, "request.precondition_failed");
        }
        patch(b"\"\xE9\"").is_problem(400, "request.bad_header");
        for path in [&given.path, &format!("{}?as_of=2026-01-01", given.path)] {
            for tag in ["3".as_bytes(), b"", b"*, \"3\"", b"\"\xE9\"", "\"3\",".repeat(65).trim_end_matches(',').as_bytes()] {
                let problem = administrator.ask("GET", path).header("if-none-match", tag).send().is_problem(400, "request.bad_header");
                assert_eq!(problem["header"], "If-None-Match");
            }
        }
        administrator.ask("GET", &given.path).header("accept-language", b"\xE9\xFF").send().is(200);
        let heard = raw(app.address, &[b"GET /v1/changes HTTP/1.1\r\nhost: x\r\nauthorization: Bearer \xE9\r\n\r\n"], Duration::ZERO);
        assert!(heard.starts_with("HTTP/1.1 401") && heard.contains("\"access.bad_token\""), "{heard}");
    }
}

story! {
    fn what_is_not_spoken_here_is_not_acceptable(app) {
        for accept in ["text/html", "application/xml, text/plain", "application/json;q=0"] {
            let answer = app.administrator().ask("GET", "/v1/organisations").header("accept", accept).send();
            answer.is_problem(406, "request.not_acceptable");
        }
        for accept in ["", "*/*", "application/*", "text/html, application/json;q=0.1", "APPLICATION/JSON", "application/problem+json"] {
            app.administrator().ask("GET", "/v1/organisations").header("accept", accept).send().is(200);
        }
    }
}

story! {
    fn problems_are_told_in_french_unless_english_is_preferred(app) {
        for (asked, title, language) in [
            ("", "Introuvable", "fr"),
            ("fr", "Introuvable", "fr"),
            ("de", "Introuvable", "fr"),
            ("en-GB, fr;q=0.9", "Not found", "en"),
            ("en;q=0.1, fr;q=0.9", "Introuvable", "fr"),
            ("de, en;q=0.5", "Not found", "en"),
            ("*", "Introuvable", "fr"),
            (";;,q=", "Introuvable", "fr"),
        ] {
            let answer = app.administrator().ask("GET", "/v1/code-lists/nothing").header("accept-language", asked).send();

            assert_eq!(answer.is_problem(404, "request.not_found")["title"], title, "{asked}");
            assert_eq!(answer.header("content-language"), language, "{asked}");
        }
    }
}

story! {
    fn every_bad_value_is_told_in_the_language_asked(app) {
        let refused = app.administrator().ask("POST", "/v1/organisations").header("accept-language", "en")
            .json(&json!({ "kind": "association", "names": [{ "name": " " }] })).send();

        assert_eq!(refused.is(422).json()["errors"][0]["detail"], "Empty.");
    }
}

story! {
    fn a_request_keeps_the_id_it_was_given_if_it_may_stand_in_a_log(app) {
        let ask = |id: &str| app.nobody().ask("GET", "/v1/code-lists").header("x-request-id", id).send().header("x-request-id").to_owned();

        assert_eq!(ask("my-request_1.2"), "my-request_1.2");
        for id in ["two words", "", "a\tb", "{\"a\":1}", &"x".repeat(101)] {
            let own = ask(id);
            assert!(own != id && own.parse::<uuid::Uuid>().is_ok(), "{id} {own}");
        }
    }
}

fn thrifty() -> Options {
    Options {
        rate: 5,
        ..Options::default()
    }
}

story! {
    fn one_who_comes_too_often_is_told_when_to_come_again(app, thrifty()) {
        let administrator = app.administrator();

        let answers: Vec<_> = (0..6).map(|_| administrator.get("/v1/organisations")).collect();

        for (answer, left) in answers.iter().zip((0..5).rev()) {
            assert_eq!(answer.is(200).header("ratelimit-policy"), "\"client\";q=5;w=60");
            assert!(answer.header("ratelimit").starts_with(&format!("\"client\";r={left};t=")), "{answer}");
        }
        let problem = answers[5].is_problem(429, "request.too_many");
        assert!((1..=12).contains(&problem["retry_after_seconds"].as_u64().unwrap()));
        assert_eq!(answers[5].header("retry-after"), problem["retry_after_seconds"].to_string());
    }
}

story! {
    fn one_who_is_refused_is_told_the_limit(app, thrifty()) {
        let administrator = app.administrator();
        let answers: Vec<_> = (0..6).map(|_| administrator.get("/v1/organisations")).collect();

        let refused = answers.last().unwrap();

        refused.is(429);
        assert_eq!(refused.header("ratelimit-policy"), "\"client\";q=5;w=60");
        assert!(refused.header("ratelimit").starts_with("\"client\";r=0;t="), "{refused}");
    }
}

story! {
    fn each_client_has_a_limit_of_its_own(app, thrifty()) {
        let (administrator, reader) = (app.administrator(), app.reader());
        for _ in 0..5 {
            administrator.get("/v1/organisations");
        }

        administrator.get("/v1/organisations").is(429);
        reader.get("/v1/organisations").is(200);
        app.nobody().get("/health/live").is(200);
    }
}

story! {
    fn what_is_not_http_is_answered_by_the_parser_or_not_at_all(app) {
        for bytes in [&b"nonsense\r\n\r\n"[..], b"GET / HTTP/9.9\r\n\r\n", b"GET /v1/organisations HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01", b"GET / HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
            b"POST /v1/organisations HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"] {
            let heard = raw(app.address, &[bytes, b"\r\n"], Duration::from_millis(10));

            assert!(heard.is_empty() || heard.starts_with("HTTP/1.1 4"), "{heard}");
        }
        app.nobody().get("/health/live").is(200);
    }
}

/// Every operation of the document as this client would ask it, with nothing that it needs.
fn bare<'a>(client: &'a Client, method: &'a str, path: &str) -> Asking<'a> {
    client.ask(method, path)
}

story! {
    fn no_operation_breaks_for_want_of_what_it_needs(app) {
        let given = app.given_association("Réseda");
        for (method, template, _) in exercised::documented() {
            for (id, list) in [(given.id.as_str(), "roles"), ("x", "x"), ("%20", "%2F"), ("..", ".."), ("0198f1c2-7a00-7000-8000-0000000000ff", "%F0%9F")] {
                let path = template.replace("{id}", id).replace("{list}", list).replace("{type}", list);
                let answer = bare(&app.administrator(), &method, &path).send();
                assert!(answer.status < 500, "{answer}");
                let answer = bare(&app.administrator(), &method, &path).if_match("*").json(&Value::Null).send();
                assert!(answer.status < 500, "{answer}");
            }
        }
    }
}
