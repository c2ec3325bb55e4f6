//! The feed under concurrency: nothing ever appears behind a cursor that was passed.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::story::given::insert_association;
use crate::story::{App, Client, Options, Value, association, json, story};

/// One who follows the feed from a cursor, on whichever server, and keeps everything told.
struct Follower {
    cursor: String,
    told: Vec<Value>,
}

impl Follower {
    fn from_now(reader: &Client) -> Self {
        let cursor = reader.get("/v1/changes?after=now").is(200).next();
        Self {
            cursor,
            told: Vec::new(),
        }
    }

    /// Reads one page and goes on; whether it was empty.
    fn read(&mut self, reader: &Client, limit: usize) -> bool {
        let page = reader.get(&format!("/v1/changes?limit={limit}&after={}", self.cursor));
        page.is(200);
        let items = page.items();
        self.cursor = page.next();
        let empty = items.is_empty();
        self.told.extend(items);
        empty
    }

    fn names(&self) -> Vec<&str> {
        self.told
            .iter()
            .map(|item| item["body"]["names"][0]["name"].as_str().unwrap())
            .collect()
    }

    fn is_in_order(&self) {
        let positions: Vec<i64> = self
            .told
            .iter()
            .map(|item| item["position"].as_i64().unwrap())
            .collect();
        assert!(
            positions.windows(2).all(|pair| pair[0] < pair[1]),
            "{positions:?}"
        );
        let at: Vec<&str> = self
            .told
            .iter()
            .map(|item| item["at"].as_str().unwrap())
            .collect();
        assert!(at.windows(2).all(|pair| pair[0] <= pair[1]));
    }

    /// What the records are now, if only the feed is believed.
    fn copy(&self) -> BTreeMap<String, i64> {
        let mut copy = BTreeMap::new();
        for item in &self.told {
            let id = item["id"].as_str().unwrap().to_owned();
            if item["op"] == "deleted" {
                copy.remove(&id);
            } else {
                copy.insert(id, item["version"].as_i64().unwrap());
            }
        }
        copy
    }
}

story! {
    on Postgres fn the_first_to_write_commits_last_and_a_reader_misses_nothing(app) {
        let beside = app.beside(Options::default());
        let (reader, other_reader) = (app.reader(), beside.reader());
        let mut follower = Follower::from_now(&reader);

        // The first writer has written and has not committed.
        let held = app.hold_write(|tx| insert_association(tx, "Premier à écrire"));
        for number in 0..20 {
            let server = if number % 2 == 0 { app } else { &beside };
            server.given_association(&format!("Réseau {number:02}"));
            follower.read(if number % 3 == 0 { &reader } else { &other_reader }, 3);
        }
        while !follower.read(&other_reader, 3) {}
        let passed = follower.told.len();
        drop(held);
        while !follower.read(&reader, 3) {}

        assert_eq!(passed, 20);
        assert_eq!(follower.names().last(), Some(&"Premier à écrire"));
        assert_eq!(follower.told.len(), 21);
        follower.is_in_order();
    }
}

story! {
    on Postgres fn a_commit_that_lasts_while_another_waits_for_its_position_is_not_overtaken(app) {
        let reader = app.reader();
        let mut follower = Follower::from_now(&reader);

        // Whoever holds the turn of the feed has a position that is not committed yet.
        let mut holder = app.base.postgres();
        diesel::connection::SimpleConnection::batch_execute(
            &mut holder, "BEGIN; SELECT pg_advisory_xact_lock(7041001)").unwrap();
        std::thread::scope(|scope| {
            for number in 0..3 {
                scope.spawn(move || app.administrator().again()
                    .post("/v1/organisations", &association(&format!("Réseau {number}"))).is(201).status);
            }
            for _ in 0..10 {
                assert!(follower.read(&reader, 2), "nothing is told before it is committed");
                std::thread::sleep(Duration::from_millis(20));
            }
            diesel::connection::SimpleConnection::batch_execute(&mut holder, "COMMIT").unwrap();
        });
        while !follower.read(&reader, 2) {}

        assert_eq!(follower.told.len(), 3);
        follower.is_in_order();
    }
}

story! {
    on Postgres fn an_open_write_of_another_base_holds_nobody_up(app) {
        let other = App::start(app.engine(), Options::default());
        let _held = other.hold_write(|tx| insert_association(tx, "Ailleurs"));
        let mut follower = Follower::from_now(&app.reader());

        app.given_association("Ici");

        follower.read(&app.reader(), 10);
        assert_eq!(follower.names(), ["Ici"]);
    }
}

/// What one writer does: records, changes and deletes, each as often as it can be done.
fn write_on(administrator: &Client, writer: usize, writes: usize) {
    let mut mine: Vec<(String, String)> = Vec::new();
    for number in 0..writes {
        match (number % 5, mine.is_empty()) {
            (2 | 3, false) => {
                let (path, etag) = mine.last().unwrap().clone();
                let answer = administrator.patch(
                    &path,
                    &etag,
                    &json!({ "contact": { "phone": format!("04 66 00 00 {number:02}") } }),
                );
                mine.last_mut().unwrap().1 = answer.is(200).etag();
            }
            (4, false) => {
                let (path, etag) = mine.remove(0);
                administrator.delete(&path, &etag).is(204);
            }
            _ => {
                let answer = administrator.post(
                    "/v1/organisations",
                    &association(&format!("Réseau {writer} {number}")),
                );
                mine.push((answer.is(201).header("location").to_owned(), answer.etag()));
            }
        }
    }
}

/// Eight writers on the servers while one reader follows; at the end the copy is the base.
fn soak(servers: &[&App], writes: usize) {
    let administrators: Vec<Client> = servers
        .iter()
        .map(|server| server.administrator())
        .collect();
    let readers: Vec<Client> = servers.iter().map(|server| server.reader()).collect();
    let mut follower = Follower::from_now(&readers[0]);
    let working = AtomicUsize::new(8);
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let administrator = administrators[writer % administrators.len()].again();
            let working = &working;
            scope.spawn(move || {
                write_on(&administrator, writer, writes);
                working.fetch_sub(1, Ordering::SeqCst);
            });
        }
        let mut turn = 0;
        loop {
            let over = working.load(Ordering::SeqCst) == 0;
            turn += 1;
            let empty = follower.read(&readers[turn % readers.len()], 7);
            if over && empty {
                break;
            }
        }
    });

    follower.is_in_order();
    assert_eq!(follower.told.len(), 8 * writes);
    let there = servers[0].everything();
    let base: BTreeMap<String, i64> = there
        .iter()
        .map(|record| {
            (
                record["id"].as_str().unwrap().to_owned(),
                record["version"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(follower.copy(), base);
    for record in there {
        let last = follower
            .told
            .iter()
            .rfind(|item| item["id"] == record["id"])
            .unwrap();
        assert_eq!(last["body"]["contact"], record["contact"]);
    }
}

story! {
    fn a_copy_kept_from_the_feed_equals_the_base(app) {
        soak(&[app], 25);
    }
}

story! {
    on Postgres fn a_copy_kept_from_the_feeds_of_two_servers_equals_the_base(app) {
        let beside = app.beside(Options::default());

        soak(&[app, &beside], 40);
    }
}

story! {
    fn a_reader_who_restarts_in_the_middle_of_a_page_repeats_it_and_misses_nothing(app) {
        let reader = app.reader();
        let start = Follower::from_now(&reader).cursor;
        for number in 0..10 {
            app.given_association(&format!("Réseau {number}"));
        }
        let mut first = Follower { cursor: start.clone(), told: Vec::new() };
        first.read(&reader, 4);

        // It crashed before it kept that page and its cursor.
        let mut again = Follower { cursor: start, told: Vec::new() };
        while !again.read(&reader, 4) {}

        assert_eq!(again.told[..4], first.told[..]);
        assert_eq!(again.told.len(), 10);
    }
}

story! {
    fn every_page_while_others_write_is_what_it_stays(app) {
        let reader = app.reader();
        let start = Follower::from_now(&reader).cursor;
        let stop = AtomicBool::new(false);
        let seen = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let (administrator, stop) = (app.administrator().again(), &stop);
                scope.spawn(move || {
                    let mut number = 0;
                    while !stop.load(Ordering::Relaxed) {
                        administrator.post("/v1/organisations", &association(&format!("Réseau {writer} {number}"))).is(201);
                        number += 1;
                    }
                });
            }
            let mut follower = Follower { cursor: start.clone(), told: Vec::new() };
            let end = Instant::now() + Duration::from_secs(1);
            while Instant::now() < end {
                follower.read(&reader, 5);
            }
            stop.store(true, Ordering::Relaxed);
            seen.lock().unwrap().extend(follower.told);
        });

        let seen = seen.into_inner().unwrap();
        let mut later = Follower { cursor: start, told: Vec::new() };
        while !later.read(&reader, 200) {}
        assert!(!seen.is_empty());
        assert_eq!(later.told[..seen.len()], seen[..]);
    }
}
