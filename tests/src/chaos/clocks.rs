//! The clock of a host, stepped under a program that runs: in `make chaos` only, for it takes libfaketime
//! (Debian, Ubuntu: `apt-get install libfaketime`).

use std::path::PathBuf;

use crate::story::program::{Credentials, Server, command, done, faults};
use crate::story::{Base, Engine, json};

use super::{record, times};

/// What makes a program see another clock.
fn library() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").unwrap();
    let mut found = folders.map(|folder| folder.unwrap().path().join("faketime/libfaketime.so.1"));
    found
        .find(|library| library.exists())
        .expect("libfaketime (Debian, Ubuntu: apt-get install libfaketime)")
}

#[test]
fn a_host_whose_clock_is_stepped_back_loses_nothing_and_repeats_nothing() {
    if times(0, 1) == 0 {
        return;
    }
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let base = Base::unmigrated(engine);
        let address = base.address();
        done(&address, &["migrate"]);
        let who = Credentials::made(&address);
        let clock = std::env::temp_dir().join(format!("maillage-clock-{}", std::process::id()));
        let step = |to: &str| std::fs::write(&clock, to).unwrap();

        step("+3d");
        let mut serving = command(&address, &["serve"]);
        serving
            .env("LD_PRELOAD", library())
            .env("FAKETIME_TIMESTAMP_FILE", &clock)
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        let server = Server::try_start(&mut serving).unwrap();
        let ahead = server.client(&who);
        record(&ahead, "k").unwrap().is(201);
        let cursor = ahead.get("/v1/changes?after=now").is(200).next();
        step("-1h");
        let back = server.client(&who);
        assert!(record(&back, "k").unwrap().is(201).is_replayed());
        let second = record(&back, "k2").unwrap();
        let health = json!({ "sectors": ["health"] });
        let path = second.is(201).header("location");
        back.patch(path, &second.etag(), &health).is(200);

        let since = back
            .get(&format!("/v1/changes?after={cursor}"))
            .is(200)
            .items();
        assert_eq!(since.len(), 2);
        let all = back.get("/v1/changes?limit=200").items();
        let at: Vec<&str> = all
            .iter()
            .map(|entry| entry["at"].as_str().unwrap())
            .collect();
        assert!(at.is_sorted(), "{at:?}");
        // The clock did go back: what was written last is told to be older than the client that wrote it.
        let lines = back.get("/v1/audit?limit=200").is(200).items();
        assert_eq!(lines.last().unwrap()["type"], "organisation");
        drop(server);
        assert_eq!(faults(&address), None);
        drop(std::fs::remove_file(&clock));
    }
}
