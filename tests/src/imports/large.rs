//! A hundred thousand rows, by the program itself as a process of its own, whose memory is looked
//! at while it works.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use domain::access::Role;

use super::counts;
use crate::story::database::{client_of, secret};
use crate::story::program::program;
use crate::story::{App, Client, Value, story};

const ROWS: u64 = 100_000;

/// The most memory that the process may ever have held, in kilobytes.
const MOST_KILOBYTES: u64 = 200 * 1024;

/// How the program is told where a base is.
pub fn url(app: &App) -> String {
    match app.engine() {
        crate::story::Engine::Sqlite => format!("sqlite://{}", app.base.path().display()),
        crate::story::Engine::Postgres => app.base.url(),
    }
}

/// A file of associations made by chance, the same at each run, in a folder for temporary files.
fn file(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("maillage-{}-{name}.csv", std::process::id()));
    let mut out = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    writeln!(out, "source_key;kind;name;postcode;locality;commune;phone").unwrap();
    let mut chance = 20_261_122_u64;
    for row in 0..ROWS {
        chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let word = ["santé", "sociale", "d'entraide", "des Cévennes"]
            [usize::try_from(chance >> 62).unwrap()];
        writeln!(
            out,
            "K{row};association;Association {word} {};30100;Alès;30007;04660{row:05}",
            chance >> 40
        )
        .unwrap();
    }
    path
}

/// The most memory that a process ever held, in kilobytes, as long as it runs.
fn most_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// Waits for the end of a process; its output, and the most memory it held.
fn watched(mut child: Child) -> (Value, u64) {
    let mut out = child.stdout.take().unwrap();
    // A pipe that nobody empties would keep the process waiting.
    let told = std::thread::spawn(move || std::io::read_to_string(&mut out).unwrap());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        most = most.max(most_memory(child.id()).unwrap_or(0));
        std::thread::sleep(Duration::from_millis(50));
    }
    let told = told.join().unwrap();
    let json = serde_json::from_str(&told).unwrap_or_else(|error| panic!("{error}: {told}"));
    (json, most)
}

fn import(app: &App, path: &Path) -> Child {
    Command::new(program())
        .args(["import", "organisations", "--json", "--source", "generated"])
        .arg(path)
        .env("DATABASE_URL", url(app))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

story! {
    fn a_hundred_thousand_rows_fit_in_one_transaction_and_in_little_memory(app) {
        let path = file(&format!("large-{}", app.engine().name()));

        let (first, most) = watched(import(app, &path));
        let marks = app.marks();
        let (second, again) = watched(import(app, &path));

        std::fs::remove_file(&path).unwrap();
        assert_eq!(counts(&first), [ROWS, 0, 0, 0, 0]);
        assert_eq!(counts(&second), [0, 0, ROWS, 0, 0]);
        assert_eq!(app.marks(), marks);
        assert!(most < MOST_KILOBYTES && again < MOST_KILOBYTES, "{most} kB, then {again} kB");
        println!("100 000 rows on {}: {most} kB, then {again} kB", app.engine().name());
    }
}

story! {
    fn a_killed_import_keeps_nothing_and_is_told_as_failed(app) {
        let path = file(&format!("killed-{}", app.engine().name()));
        // A token is written down, and an import on SQLite keeps every writer waiting.
        let by = app.administrator();
        let before = app.marks();
        let mut child = import(app, &path);
        while app.base.number("SELECT count(*) AS n FROM imports WHERE state = 'running'") == 0 {
            std::thread::sleep(Duration::from_millis(20));
        }
        let seen = by.get("/v1/imports").items()[0].clone();

        child.kill().unwrap();
        child.wait().unwrap();

        std::fs::remove_file(&path).unwrap();
        assert_eq!(seen["state"], "running");
        std::thread::sleep(Duration::from_millis(200));
        let job = by.get("/v1/imports").items()[0].clone();
        assert_eq!((job["state"].as_str(), job["reason"]["code"].as_str()), (Some("failed"), Some("interrupted")));
        assert_eq!(app.marks(), before);
    }
}

story! {
    on Sqlite fn a_hundred_thousand_rows_over_http_take_the_server_little_memory(app) {
        let path = file("http");
        let mut child = Command::new(program())
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "warn"])
            .env("DATABASE_URL", url(app))
            .env("MAILLAGE_SIGNING_KEY", "dGhlIGtleSBvZiB0aGUgc3RvcmllcywgMzIgYnl0ZXMgb3IgbW9yZQ")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut told = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut told).unwrap();
        let address = told.trim().trim_start_matches("http://").parse().unwrap();
        let (id, secret) = (client_of(Role::Administrator).to_string(), &secret().0);
        let token = Client::new(address, None).ask_token(&id, secret, None);
        let token = token.is(200).json()["access_token"].as_str().unwrap().to_owned();
        let by = Client::new(address, Some(token));

        let job = by.import("source=generated&file=large.csv", std::fs::read(&path).unwrap());

        let most = most_memory(child.id()).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(counts(&job), [ROWS, 0, 0, 0, 0]);
        assert!(most < MOST_KILOBYTES, "{most} kB");
    }
}
