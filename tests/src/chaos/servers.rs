//! PostgreSQL that is killed and started again, and a copy of it that takes its place.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::access::Role;

use super::{all_is_there, record, record_at_last, times, write_on};
use crate::story::app::Use;
use crate::story::cluster::Cluster;
use crate::story::program::{Credentials, Server, command, done, faults};
use crate::story::{Answer, App, Base, Engine, Options, association, story, together};

/// A server with a migrated base, and who may do everything in it.
fn with_base(settings: &str) -> (Cluster, String, Credentials) {
    let cluster = Cluster::start(settings);
    cluster.sql("postgres", "CREATE DATABASE maillage");
    let address = cluster.address("maillage");
    done(&address, &["migrate"]);
    let who = Credentials::made(&address);
    (cluster, address, who)
}

#[test]
fn nothing_acknowledged_is_lost_when_postgres_goes_down_and_comes_back() {
    const WRITERS: usize = 4;
    let (mut cluster, address, who) = with_base("");
    let server = Server::start(&address);
    let client = server.client(&who);
    let (rounds, each) = (times(2, 10), times(40, 400));
    let over = AtomicBool::new(false);

    let written: usize = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (over, client) = (&over, client.again());
                scope.spawn(move || {
                    let goes_on = |number: &usize| *number < each || !over.load(Ordering::SeqCst);
                    let numbers = (0..).take_while(goes_on);
                    numbers
                        .map(|number| {
                            record_at_last(|| client.clone(), &format!("w{writer}-{number}"))
                        })
                        .count()
                })
            })
            .collect();
        // Killed and stopped in turn, while all of them write.
        for round in 0..rounds {
            std::thread::sleep(Duration::from_millis(300));
            if round % 2 == 0 {
                cluster.kill();
            } else {
                cluster.stop();
            }
            cluster.resume();
        }
        over.store(true, Ordering::SeqCst);
        writers
            .into_iter()
            .map(|writer| writer.join().unwrap())
            .sum()
    });
    println!("{written} records, through {rounds} times that PostgreSQL went down");

    let all = client.all_pages("/v1/organisations?limit=200");
    assert_eq!(all.len(), written);
    let names: std::collections::BTreeSet<_> = all
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names.len(), written);
    assert_eq!(faults(&address), None);
}

#[test]
fn a_replica_is_read_and_takes_the_place_of_a_primary_that_is_killed() {
    let (mut primary, address, who) = with_base("");
    let replica = primary.replica("copy");
    primary.sql(
        "postgres",
        "ALTER SYSTEM SET synchronous_standby_names = 'copy'",
    );
    primary.sql("postgres", "SELECT pg_reload_conf()");
    let (writing, reading) = (
        Server::start(&address),
        Server::start(&replica.address("maillage")),
    );
    let (writer, reader) = (writing.client(&who), reading.client(&who));
    let first = record_at_last(|| writer.clone(), "Une");
    let cursor = writer.get("/v1/changes?after=now").is(200).next();
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while reader.get(&first.path).status != 200 {
        assert!(
            std::time::Instant::now() < deadline,
            "the replica does not follow"
        );
        std::thread::sleep(Duration::from_millis(20));
    }

    reading.nobody().get("/health/ready").is(200);
    assert_eq!(reader.get("/v1/organisations").is(200).items().len(), 1);
    let refused: Answer = record(&reader, "Non").unwrap();
    refused.is_problem(503, "server.read_only");
    assert_eq!(refused.header("retry-after"), "30");
    assert_eq!(faults(&replica.address("maillage")), None);

    let asked = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(times(500, 5_000).try_into().unwrap()));
            primary.kill();
            writing.kill();
        });
        together(4, |number| {
            write_on(&writer, &format!("w{number}"), || false)
        })
    });
    replica.promote();

    // The process that read the copy writes from now on, without being told.
    let asked: Vec<_> = asked.into_iter().flatten().collect();
    assert!(asked.len() > 4);
    all_is_there(&reader, &asked);
    assert_eq!(
        reader.all_pages("/v1/organisations?limit=200").len(),
        asked.len() + 1
    );
    reader.get(&format!("/v1/changes?after={cursor}")).is(200);
    assert_eq!(faults(&replica.address("maillage")), None);
}

/// A process that only reads.
fn reading_only() -> Options {
    Options {
        use_of_base: Use::Read,
        ..Options::default()
    }
}

story! {
    fn a_process_that_only_reads_answers_reads_and_refuses_every_write(app) {
        let given = app.given_association("Réseda");
        let (invited, _) = app.active(Role::Reader);
        let beside = app.beside(reading_only());
        let administrator = beside.administrator();

        administrator.get(&given.path).is(200);
        administrator.get("/v1/organisations?count=exact").is(200);
        administrator.get("/v1/changes").is(200);
        administrator.get("/v1/audit").is(200);
        beside.nobody().get("/health/ready").is(200);
        for refused in [
            administrator.post("/v1/organisations", &association("Non")),
            administrator.ask("POST", "/v1/organisations").key("k").json(&association("Non")).send(),
            administrator.patch(&given.path, &given.etag, &serde_json::json!({ "sectors": ["health"] })),
            administrator.delete(&given.path, &given.etag),
            administrator.ask("POST", "/v1/imports?type=organisations&source=s").body("text/csv", "name\nA\n").send(),
            beside.log_in(&invited.email, crate::story::people::PASSWORD),
        ] {
            refused.is_problem(503, "server.read_only");
            assert_eq!(refused.header("retry-after"), "30");
        }
        assert_eq!(app.everything().len(), 1);
    }
}

story! {
    fn a_process_that_only_reads_leaves_the_turn_of_the_day_to_those_that_write(app) {
        app.given_association("Réseda");
        let beside = app.beside(reading_only());
        app.advance_days(2);

        assert_eq!(beside.reader().get("/v1/organisations").is(200).items().len(), 1);
        let before = app.base.texts("SELECT CAST(turned_on AS text) AS t FROM base");
        app.given_association("Autre");
        assert_eq!(beside.reader().get("/v1/organisations").is(200).items().len(), 2);

        assert_eq!(before, ["2026-11-22"]);
        assert_eq!(app.base.texts("SELECT CAST(turned_on AS text) AS t FROM base"), ["2026-11-24"]);
    }
}

#[test]
fn a_process_that_only_reads_starts_on_a_base_that_others_write_to() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let base = Base::fresh(engine);
        let who = Credentials::of(Role::Administrator);
        let address = base.address();
        let read_only = || Server::try_start(&mut command(&address, &["serve", "--read-only"]));
        // Nobody has made a signing key yet, and it may not.
        assert!(read_only().is_none());

        let writing = Server::start(&address);
        let reading = read_only().unwrap();

        // The token of one is good at the other.
        let token = writing.client(&who).token;
        let reader = crate::story::Client::new(reading.address, token);
        record(&writing.client(&who), "Une").unwrap().is(201);
        assert_eq!(reader.get("/v1/organisations").is(200).items().len(), 1);
        record(&reader, "Non")
            .unwrap()
            .is_problem(503, "server.read_only");
    }
}

/// The clock of one process, which may be stepped back.
fn told_in_order(app: &App) {
    let all = app.reader().get("/v1/changes?limit=200").items();
    let at: Vec<_> = all
        .iter()
        .map(|entry| entry["at"].as_str().unwrap().to_owned())
        .collect();
    assert!(at.is_sorted(), "{at:?}");
}

story! {
    fn a_clock_that_is_stepped_back_loses_nothing_and_repeats_nothing(app) {
        app.advance_days(3);
        let ahead = app.token(crate::story::database::client_of(Role::Administrator), None);
        record(&app.bearing(&ahead), "k").unwrap().is(201);
        let cursor = app.reader().get("/v1/changes?after=now").is(200).next();

        app.set_clock(3600);
        let fresh = app.bearing(&app.token(crate::story::database::client_of(Role::Administrator), None));

        assert!(record(&fresh, "k").unwrap().is(201).is_replayed());
        let second = record(&fresh, "k2").unwrap();
        fresh.patch(second.is(201).header("location"), &second.etag(), &serde_json::json!({ "sectors": ["health"] })).is(200);
        assert_eq!(fresh.get(&format!("/v1/changes?after={cursor}")).is(200).items().len(), 2);
        told_in_order(app);
        app.set_clock(4 * 24 * 3600);
        app.given_association("Plus tard");
    }
}
