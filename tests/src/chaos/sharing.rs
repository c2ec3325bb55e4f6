//! Several processes on one base.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::access::Role;

use super::{record, times};
use crate::story::program::{Credentials, Server, done, faults};
use crate::story::{Base, Client, Engine, Given, Value, json, together};

/// Ten processes that each make the base, or find it made, and serve it.
fn ten_begin_at_once(engine: Engine) {
    for _ in 0..times(1, 10) {
        let base = Base::unmigrated(engine);
        let address = base.address();

        let servers = together(10, |_| {
            done(&address, &["migrate"]);
            Server::start(&address)
        });

        let who = Credentials::made(&address);
        let token = servers[0].client(&who).token;
        for (number, server) in servers.iter().enumerate() {
            server.nobody().get("/health/ready").is(200);
            // They found one signing key.
            let client = Client::new(server.address, token.clone());
            record(&client, &format!("k{number}")).unwrap().is(201);
        }
        assert_eq!(base.count("organisations"), 10);
        assert_eq!(base.faults(), []);
    }
}

#[test]
fn ten_processes_may_begin_at_once_on_an_empty_base_on_sqlite() {
    ten_begin_at_once(Engine::Sqlite);
}

#[test]
fn ten_processes_may_begin_at_once_on_an_empty_base_on_postgres() {
    ten_begin_at_once(Engine::Postgres);
}

/// What one writer does: it records, changes, folds, moves and deletes.
fn write(client: &Client, writer: usize, rounds: usize) {
    for round in 0..rounds {
        let named = |what: &str| {
            Given::of(
                record(client, &format!("{what}-{writer}-{round}"))
                    .unwrap()
                    .is(201),
            )
        };
        let (whole, mut part) = (named("Union"), named("Antenne"));
        let part_of = json!({ "part_of": whole.as_whole() });
        part = Given::of(client.patch(&part.path, &part.etag, &part_of).is(200));
        let act = |given: &Given, act: &str, body: Value| {
            let asked = client
                .ask("POST", &format!("{}/{act}", given.path))
                .if_match(&given.etag);
            Given::of(asked.json(&body).send().is(200))
        };
        match (writer + round) % 3 {
            0 => {
                client
                    .patch(&part.path, &part.etag, &json!({ "part_of": [] }))
                    .is(200);
                client.delete(&whole.path, "*").is(204);
            }
            1 => drop(act(&part, "end", json!({ "ends_before": "2026-01-01" }))),
            _ => {
                let twice = named("Double");
                act(&twice, "duplicate", json!({ "of": whole.id }));
            }
        }
    }
}

/// Follows the feed, on one process after the other, until nobody writes and nothing is left.
fn copy(readers: &[Client], written: &AtomicBool) -> BTreeMap<String, Value> {
    let (mut copy, mut cursor) = (BTreeMap::new(), None::<String>);
    for reader in readers.iter().cycle() {
        let ended = written.load(Ordering::SeqCst);
        let after = cursor
            .map(|cursor| format!("&after={cursor}"))
            .unwrap_or_default();
        let page = reader.get(&format!("/v1/changes?limit=100{after}"));
        let items = page.is(200).items();
        cursor = Some(page.next());
        for item in &items {
            let id = item["id"].as_str().unwrap().to_owned();
            match item["op"].as_str().unwrap() {
                "deleted" | "duplicate" => drop(copy.remove(&id)),
                _ => drop(copy.insert(id, item["body"].clone())),
            }
        }
        if ended && items.is_empty() {
            break;
        }
    }
    copy
}

/// Says that nobody writes any more, however the writing ended.
struct Ended<'a>(&'a AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Processes that share a base, many writers and one who copies it by the feed.
fn shared(engine: Engine, processes: usize, writers: usize) {
    let base = Base::fresh(engine);
    let address = base.address();
    let who = Credentials::of(Role::Administrator);
    let servers: Vec<Server> = (0..processes).map(|_| Server::start(&address)).collect();
    let clients: Vec<Client> = servers.iter().map(|server| server.client(&who)).collect();
    let written = AtomicBool::new(false);

    let copied = std::thread::scope(|scope| {
        let (clients, written) = (&clients, &written);
        let readers: Vec<Client> = clients.iter().map(Client::again).collect();
        let copying = scope.spawn(move || copy(&readers, written));
        let ended = Ended(written);
        together(writers, |writer| {
            write(&clients[writer % processes].again(), writer, times(2, 20));
        });
        drop(ended);
        copying.join().unwrap()
    });

    let export = clients[0]
        .ask("GET", "/v1/exports/organisations")
        .accept("application/x-ndjson")
        .send();
    let there = export
        .is(200)
        .lines()
        .into_iter()
        .map(|body| (body["id"].as_str().unwrap().to_owned(), body));
    assert_eq!(copied, there.collect());
    assert!(copied.len() >= writers * times(2, 20));
    assert_eq!(base.faults(), []);
    assert_eq!(faults(&address), None);
}

#[test]
fn a_copy_by_the_feed_of_three_processes_with_fifty_writers_is_the_base() {
    shared(Engine::Postgres, 3, 50);
}

#[test]
fn a_copy_by_the_feed_of_two_processes_on_one_file_is_the_base() {
    shared(Engine::Sqlite, 2, 12);
}
