//! The running server.

use crate::story::{App, exercised, story};

story! {
    fn a_server_says_that_it_runs_and_that_it_can_serve(app) {
        assert_eq!(app.nobody().get("/health/live").is(200).json()["status"], "ok");
        assert_eq!(app.nobody().get("/health/ready").is(200).json()["status"], "ok");
        assert_eq!(app.nobody().get("/health/ready").header("cache-control"), "no-store");
    }
}

story! {
    fn measures_are_for_administrators(app) {
        app.nobody().get("/metrics").is_problem(401, "access.no_token");
        app.reader().get("/metrics").is_problem(403, "access.role");
        let measures = app.administrator().get("/metrics");

        let text = measures.is(200).text();
        assert!(text.contains("maillage_requests_total{"), "{text}");
        assert!(text.contains("maillage_request_seconds_bucket{"), "{text}");
        assert!(text.contains("maillage_database_waiting{"), "{text}");
    }
}

story! {
    fn measures_name_operations_and_not_records(app) {
        let given = app.given_association("Réseda");
        app.reader().get(&given.path).is(200);
        app.reader().get("/v1/nowhere/at/all").is(404);
        app.reader().ask("BREW", "/v1/organisations").send().is(405);

        let measures = app.administrator().get("/metrics");

        assert!(!measures.text().contains(&given.id), "{measures}");
        assert!(!measures.text().contains("nowhere"), "{measures}");
        assert!(!measures.text().contains("BREW"), "{measures}");
        assert!(measures.text().contains("operation=\"/v1/organisations/{id}\""), "{measures}");
    }
}

story! {
    fn the_document_is_served_as_it_is(app) {
        let json = app.nobody().get("/openapi.json");
        let yaml = app.nobody().get("/openapi.yaml");

        assert_eq!(&json.is(200).json(), exercised::document());
        assert_eq!(yaml.is(200).text(), api::document().to_yaml().unwrap());
    }
}

story! {
    fn the_documentation_is_a_page_that_needs_no_other_server(app) {
        let moved = app.nobody().get("/docs");
        let page = app.nobody().get("/docs/");

        assert!((300..400).contains(&moved.status), "{moved}");
        assert_eq!(moved.header("location"), "/docs/");
        assert!(page.is(200).header("content-type").starts_with("text/html"));
        assert!(page.text().contains("swagger-ui"), "{page}");
        assert!(!page.text().contains("https://"), "{page}");
        for file in ["swagger-ui.css", "swagger-ui-bundle.js"] {
            app.nobody().get(&format!("/docs/{file}")).is(200);
        }
    }
}

story! {
    fn every_answer_says_what_a_browser_may_do_with_it(app) {
        for path in ["/health/live", "/docs/", "/v1/nowhere"] {
            let answer = app.nobody().get(path);

            assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{answer}");
            assert_eq!(answer.header("referrer-policy"), "no-referrer");
        }
    }
}

story! {
    fn a_page_of_a_known_origin_may_call_and_another_may_not(app) {
        let preflight = |origin: &str| app.nobody().ask("OPTIONS", "/v1/organisations").header("origin", origin)
            .header("access-control-request-method", "PATCH").header("access-control-request-headers", "if-match").send();

        let known = preflight("https://front.example");
        let other = preflight("https://evil.example");

        assert_eq!(known.is(200).header("access-control-allow-origin"), "https://front.example");
        assert_eq!(other.header("access-control-allow-origin"), "");
        let refused = app.nobody().ask("GET", "/v1/organisations").header("origin", "https://front.example").send();
        assert_eq!(refused.is(401).header("access-control-allow-origin"), "https://front.example");
    }
}
