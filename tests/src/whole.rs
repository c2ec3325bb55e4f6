//! What the stories together must have exercised.
//!
//! The harness runs tests in the order of their names, so this file comes last; it waits for the
//! stories that still run. When only some stories were asked for there is nothing to say.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::story::exercised;

/// Problems that no story can provoke from outside.
const NOT_PROVOKED: &[&str] = &[
    // A bug, or a base damaged by hand. The story client fails at the sight of one.
    "server.internal",
];

/// The names of the stories, ignored ones left out.
fn stories() -> BTreeSet<String> {
    let list = |ignored: &[&str]| -> BTreeSet<String> {
        let all = Command::new(std::env::current_exe().unwrap())
            .args(["--list", "--format", "terse"])
            .args(ignored)
            .output()
            .unwrap();
        let names = String::from_utf8(all.stdout).unwrap();
        let names = names.lines().filter_map(|line| line.strip_suffix(": test"));
        names
            .filter(|name| name.ends_with("::sqlite") || name.ends_with("::postgres"))
            .map(str::to_owned)
            .collect()
    };
    &list(&[]) - &list(&["--ignored"])
}

/// Whether the whole suite was asked for: nothing but options that do not choose.
fn all_were_asked_for() -> bool {
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--test-threads" | "--color" | "--format" | "--report-time" => drop(arguments.next()),
            "--nocapture" | "--no-capture" | "--show-output" | "-q" | "--quiet"
            | "--include-ignored" => {}
            other if other.starts_with("--test-threads=") || other.starts_with("--format=") => {}
            _ => return false,
        }
    }
    true
}

/// Waits for every story, or says that not all were asked for.
fn all_told() -> bool {
    if !all_were_asked_for() {
        println!("only some stories were asked for");
        return false;
    }
    let stories = stories();
    assert!(stories.len() > 100, "{} stories", stories.len());
    let deadline = Instant::now() + Duration::from_mins(2);
    loop {
        let ended = exercised::ended();
        let missing: Vec<&String> = stories.difference(&ended).collect();
        if missing.is_empty() {
            return true;
        }
        assert!(Instant::now() < deadline, "still running: {missing:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn every_operation_of_the_document_was_done_by_a_story() {
    if !all_told() {
        return;
    }

    let done = exercised::operations();
    let undone: Vec<String> = exercised::documented()
        .map(|(method, path, _)| format!("{method} {path}"))
        .filter(|operation| !done.contains(operation))
        .collect();

    assert!(undone.is_empty(), "{undone:?}");
}

#[test]
fn every_problem_of_the_catalogue_was_provoked_by_a_story() {
    if !all_told() {
        return;
    }

    let provoked = exercised::codes();
    let missing: Vec<&str> = exercised::catalogue()
        .iter()
        .copied()
        .filter(|code| !provoked.contains(*code) && !NOT_PROVOKED.contains(code))
        .collect();

    assert!(missing.is_empty(), "{missing:?}");
    assert!(
        NOT_PROVOKED
            .iter()
            .all(|code| exercised::catalogue().contains(code))
    );
}
