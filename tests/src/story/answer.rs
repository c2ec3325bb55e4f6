//! An answer, and what is true of every one.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};
use ureq::http::HeaderMap;

use super::{contract, exercised};

/// An answer, read to its end.
pub struct Answer {
    /// The method that was asked.
    pub method: String,
    /// The address that was asked.
    pub path: String,
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// What no story needs to say.
    pub fn check(&self) {
        assert_ne!(self.status, 500, "{self}");
        assert!(!self.header("x-request-id").is_empty(), "{self}");
        assert_eq!(self.header("x-content-type-options"), "nosniff", "{self}");
        let problem = self.status >= 400;
        let content_type = self.header("content-type");
        let path = self.path.split('?').next().unwrap();
        match path {
            _ if problem => assert_eq!(content_type, "application/problem+json", "{self}"),
            _ if matches!(self.status, 204 | 304) => assert!(self.bytes.is_empty(), "{self}"),
            "/metrics" => assert!(content_type.starts_with("text/plain"), "{self}"),
            "/openapi.yaml" => assert_eq!(content_type, "application/yaml", "{self}"),
            path if path.starts_with("/docs") => {}
            _ if self.method == "OPTIONS" => assert!(self.bytes.is_empty(), "{self}"),
            _ => {
                let essence = content_type.split(';').next().unwrap();
                assert!(
                    exercised::answers_in(path).any(|known| known == essence),
                    "{self}"
                );
                let parameters = if essence == "text/csv" {
                    "; charset=utf-8; header=present"
                } else {
                    ""
                };
                assert_eq!(content_type, format!("{essence}{parameters}"), "{self}");
            }
        }
        if problem && self.method != "HEAD" {
            self.check_problem();
        }
        contract::check(self);
        if self.status == 307 && path.starts_with("/v1/") {
            exercised::code(self.json()["code"].as_str().unwrap());
        }
        if (200..300).contains(&self.status) {
            exercised::operation(&self.method, &self.path);
        }
    }

    fn check_problem(&self) {
        let body = self.json();
        let text = |member: &str| {
            body[member]
                .as_str()
                .unwrap_or_else(|| panic!("{member}: {self}"))
        };
        for member in ["type", "title", "detail", "instance"] {
            assert!(!text(member).is_empty(), "{self}");
        }
        let code = text("code");
        assert!(text("type").ends_with(code), "{self}");
        assert_eq!(
            body["instance"],
            format!("urn:request:{}", self.header("x-request-id"))
        );
        assert_eq!(body["status"], self.status, "{self}");
        assert!(exercised::catalogue().contains(code), "{self}");
        assert!(
            matches!(self.header("content-language"), "fr" | "en"),
            "{self}"
        );
        for error in body["errors"].as_array().into_iter().flatten() {
            for member in ["pointer", "code", "detail"] {
                assert!(error[member].is_string(), "{self}");
            }
        }
        if matches!(self.status, 429 | 503) {
            assert!(
                self.header("retry-after").parse::<u64>().unwrap() >= 1,
                "{self}"
            );
        }
        exercised::code(code);
    }

    /// Of this status.
    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{self}");
        self
    }

    /// A problem of this status and code; its body.
    #[track_caller]
    pub fn is_problem(&self, status: u16, code: &str) -> Value {
        self.is(status);
        let body = self.json();
        assert_eq!(body["code"], code, "{self}");
        body
    }

    /// Its body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// A refusal to go on from a cursor, for this reason.
    #[track_caller]
    pub fn is_lost(&self, reason: &str) {
        let problem = self.is_problem(410, "changes.resync");
        assert_eq!(problem["reason"], reason, "{self}");
    }

    /// Its body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The tag of the state it answers.
    #[track_caller]
    pub fn etag(&self) -> String {
        let etag = self.header("etag");
        assert!(!etag.is_empty(), "{self}");
        etag.to_owned()
    }

    /// Whether it repeats an earlier one.
    pub fn is_replayed(&self) -> bool {
        self.header("idempotent-replayed") == "true"
    }

    /// The items of NDJSON, one on each line.
    #[track_caller]
    pub fn lines(&self) -> Vec<Value> {
        assert_eq!(
            self.header("content-type"),
            "application/x-ndjson",
            "{self}"
        );
        let text = self.is(200).text();
        assert!(text.is_empty() || text.ends_with('\n'), "{self}");
        let read =
            |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        text.lines().map(read).collect()
    }

    /// The rows of CSV, each by the names of its columns; read strictly.
    #[track_caller]
    pub fn rows(&self) -> Vec<BTreeMap<String, String>> {
        assert!(
            self.is(200).header("content-type").starts_with("text/csv"),
            "{self}"
        );
        table(&self.bytes, b',')
    }

    /// The items of a page.
    #[track_caller]
    pub fn items(&self) -> Vec<Value> {
        self.json()["items"]
            .as_array()
            .unwrap_or_else(|| panic!("{self}"))
            .clone()
    }

    /// It refuses one value, here and for this reason.
    #[track_caller]
    pub fn is_bad(&self, problem: &str, pointer: &str, code: &str) -> Value {
        let told = self.is_problem(422, problem);
        let errors = told["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 1, "{self}");
        assert_eq!(
            (&errors[0]["pointer"], &errors[0]["code"]),
            (&json!(pointer), &json!(code)),
            "{self}"
        );
        told
    }

    /// The ids of a page.
    #[track_caller]
    pub fn ids(&self) -> Vec<String> {
        self.items()
            .iter()
            .map(|item| item["id"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The names of a page.
    #[track_caller]
    pub fn names(&self) -> Vec<String> {
        self.items()
            .iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The cursor of what follows.
    #[track_caller]
    pub fn next(&self) -> String {
        self.json()["next"]
            .as_str()
            .unwrap_or_else(|| panic!("{self}"))
            .to_owned()
    }

    /// The address of the next page, as `Link` gives it.
    pub fn next_address(&self) -> Option<String> {
        let link = self.header("link").strip_prefix('<')?;
        Some(link.split_once('>')?.0.to_owned())
    }

    /// The pointers of the bad values, in the order told.
    #[track_caller]
    pub fn pointers(&self) -> Vec<String> {
        let body = self.json();
        let errors = body["errors"]
            .as_array()
            .unwrap_or_else(|| panic!("{self}"));
        errors
            .iter()
            .map(|error| error["pointer"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {} → {}", self.method, self.path, self.status)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {}", String::from_utf8_lossy(value.as_bytes()))?;
        }
        let body = String::from_utf8_lossy(&self.bytes);
        write!(f, "\n{}", body.chars().take(2000).collect::<String>())
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The rows of CSV with this separator, each by the names of its columns; read strictly.
#[track_caller]
pub fn table(bytes: &[u8], separator: u8) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .from_reader(bytes);
    let columns = reader.headers().unwrap().clone();
    let rows = reader.records().map(|row| row.unwrap());
    let named = |row: csv::StringRecord| {
        let cells = columns.iter().zip(row.iter());
        cells
            .map(|(column, cell)| (column.to_owned(), cell.to_owned()))
            .collect()
    };
    rows.map(named).collect()
}
