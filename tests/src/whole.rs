//! What the stories together must have exercised.
//!
//! The harness runs tests in the order of their names, so this file comes last; it waits for the
//! stories that still run. When only some stories were asked for there is nothing to say.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::story::statements::{plan, sent_to};
use crate::story::{Base, Engine, exercised};

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

/// What stands in statements that may read or sort more than they answer, and why
/// (docs/decisions/0019-every-statement-by-an-index.md).
const EXCEPTIONS: &[(&str, &str)] = &[
    ("1=0", "a list of nothing reads nothing"),
    ("COUNT(*)", "`count=exact` says that it reads every match"),
    (
        r#""tied_type" FROM "ties" WHERE "ties"."belongs";"#,
        "the first turn of the day that a base ever sees",
    ),
    (
        r#""persons"."words" LIKE"#,
        "the people with an account are few, and known in one erasable row",
    ),
    (
        r#""devices"."account" ="#,
        "the devices of one account are few",
    ),
    (
        r#"DISTINCT "scope_members"."id""#,
        "what several scopes reach is put together",
    ),
    (
        r#"OR ("territories"."id" = ANY("#,
        "PostgreSQL weighs three ways to be within against each of some 40 000 territories",
    ),
];

/// Conditions that leave out few of the rows that an index gives in order, or none, and why.
const LEAVES_OUT_FEW: &[(&str, &str)] = &[
    (
        r#"WHERE "organisations"."fictitious""#,
        "an index holds just these",
    ),
    (
        r#"."exists_from" IS NULL"#,
        "most of what is recorded exists on a day",
    ),
    (
        r#""grants"."starts_on" IS NULL"#,
        "most of what is granted holds on a day",
    ),
    (
        r#"NOT ("organisations"."fictitious")"#,
        "most of what is recorded is real",
    ),
    (r#""audit"."caller" IS NULL"#, "an index holds just these"),
    (
        r#""feed"."at" >="#,
        "from the oldest on, these are what is trimmed",
    ),
];

/// Whether one of these stands in a statement.
fn has(statement: &str, parts: &[(&str, &str)]) -> bool {
    let quoted = statement.replace('`', "\"") + ";";
    parts.iter().any(|(part, _)| quoted.contains(part))
}

/// The steps in which a base goes wrong about a statement: it reads a table that grows from end to end, or
/// sorts all of one of which only a page is wanted.
fn wrong<'a>(engine: Engine, statement: &str, plan: &'a str) -> Vec<&'a str> {
    let paged = statement.contains("LIMIT");
    // What another table finds is put in order afterwards; a table alone is read in order.
    let alone = statement.matches("SELECT").count() == 1;
    let all = paged && (!statement.contains("WHERE") || has(statement, LEAVES_OUT_FEW));
    let steps = plan
        .lines()
        .map(|step| step.trim().trim_start_matches("->").trim());
    let steps: Vec<&str> = steps.collect();
    let is_wrong = |(place, step): &(usize, &&str)| match engine {
        Engine::Sqlite => {
            let rows = ["CONSTANT ROW", "VIRTUAL TABLE", "SCAN (", "SCAN base"];
            let scans = step.starts_with("SCAN ") && !rows.iter().any(|rows| step.contains(rows));
            (scans && !all) || (paged && alone && step.contains("TEMP B-TREE FOR ORDER BY"))
        }
        Engine::Postgres => {
            let next = steps.get(place + 1);
            let found = next.is_some_and(|next| next.starts_with("Index Cond"));
            let step = step.trim_start_matches("Parallel ");
            // Forwards or backwards, with the table or without it.
            let by_index = step.starts_with("Index") && step.contains(" using ");
            let scans = step.starts_with("Seq Scan on ") && !step.starts_with("Seq Scan on base");
            scans || (by_index && !found && !all) || (paged && alone && step.starts_with("Sort "))
        }
    };
    let wrong = steps.iter().enumerate().filter(is_wrong);
    wrong.map(|(_, step)| *step).collect()
}

/// Asks a base in which every table is long how it would go about everything that the stories sent.
fn every_plan_uses_an_index(engine: Engine) {
    let all = all_told();
    let base = Base::fresh(engine);
    base.grow();
    let looks_up = |sent: &String| {
        let first = sent.split(' ').next().unwrap_or_default();
        ["SELECT", "UPDATE", "DELETE", "WITH"].contains(&first)
            || (first == "INSERT" && sent.contains("SELECT"))
    };
    let sent: Vec<String> = sent_to(engine).into_iter().filter(looks_up).collect();
    assert!(
        !all || sent.len() > 200,
        "only {} statements were heard",
        sent.len()
    );

    let mut faults = Vec::new();
    for statement in sent {
        if has(&statement, EXCEPTIONS) {
            continue;
        }
        let plan = plan(&base, &statement);
        if !wrong(engine, &statement, &plan).is_empty() {
            faults.push(format!("{statement}\n{plan}"));
        }
    }

    assert!(
        faults.is_empty(),
        "{} statements:\n{}",
        faults.len(),
        faults.join("\n\n")
    );
}

#[test]
fn every_statement_that_the_stories_sent_is_answered_from_an_index_by_sqlite() {
    every_plan_uses_an_index(Engine::Sqlite);
}

#[test]
fn every_statement_that_the_stories_sent_is_answered_from_an_index_by_postgres() {
    every_plan_uses_an_index(Engine::Postgres);
}
