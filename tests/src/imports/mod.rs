//! Files of organisations, networks and memberships, sent as people's spreadsheets write them.

mod broken;
mod jobs;
pub mod large;
mod matching;
mod records;

use std::time::{Duration, Instant};

use crate::story::{App, Client, Given, Value};

/// What is asked of an import beside its type.
pub fn address(more: &str) -> String {
    format!("/v1/imports?type=organisations&{more}")
}

/// A text as it stands in an address.
pub fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

impl Client {
    /// Sends a file of organisations and waits for the end of its import.
    #[track_caller]
    pub fn import(&self, more: &str, file: impl Into<Vec<u8>>) -> Value {
        self.import_of("organisations", more, file)
    }

    /// Sends a file of any records and waits for the end of its import.
    #[track_caller]
    pub fn import_of(&self, of: &str, more: &str, file: impl Into<Vec<u8>>) -> Value {
        let answer = self
            .ask("POST", &format!("/v1/imports?type={of}&{more}"))
            .body("text/csv", file)
            .send();
        answer.is(202);
        let path = answer.header("location").to_owned();
        self.import_ended(&path)
    }

    /// Waits for the end of an import.
    #[track_caller]
    pub fn import_ended(&self, path: &str) -> Value {
        let began = Instant::now();
        loop {
            let job = self.get(path).is(200).json();
            if !matches!(job["state"].as_str(), Some("waiting" | "running")) {
                return job;
            }
            assert!(began.elapsed() < Duration::from_mins(5), "{job}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The lines of the report of an import: line, column and code.
    pub fn reported(&self, job: &Value) -> Vec<(u64, String, String)> {
        let path = format!(
            "/v1/imports/{}/report?limit=200",
            job["id"].as_str().unwrap()
        );
        let lines = self.all_pages(&path);
        let text = |line: &Value, member: &str| line[member].as_str().unwrap_or("").to_owned();
        lines
            .iter()
            .map(|line| {
                (
                    line["line"].as_u64().unwrap(),
                    text(line, "column"),
                    text(line, "code"),
                )
            })
            .collect()
    }
}

/// What an import counted: created, changed, unchanged, refused, ambiguous.
pub fn counts(job: &Value) -> [u64; 5] {
    ["created", "changed", "unchanged", "refused", "ambiguous"].map(|member| {
        job["counts"][member]
            .as_u64()
            .unwrap_or_else(|| panic!("{job}"))
    })
}

impl App {
    /// An import that ended, asked for by the administrator.
    pub fn given_import(&self) -> Given {
        let file = "kind,name\nassociation,Réseau importé\nassociation,\n";
        let job = self
            .administrator()
            .import("mode=partial&source=given", file);
        let id = job["id"].as_str().unwrap().to_owned();
        Given {
            path: format!("/v1/imports/{id}"),
            id,
            etag: String::new(),
        }
    }

    /// How many states, feed entries and audit lines there are.
    pub fn marks(&self) -> [i64; 3] {
        ["versions", "feed", "audit"].map(|table| self.base.count(table))
    }
}
