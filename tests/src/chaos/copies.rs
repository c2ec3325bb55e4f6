//! Copies of a base that is written to, and what is done to it from time to time.

use std::sync::atomic::{AtomicBool, Ordering};

use domain::access::Role;
use persistence::Location;

use super::{all_is_there, record, times, write_on};
use crate::story::program::{Credentials, Server, done, faults, run};
use crate::story::{App, Base, Engine, Given, Options, story, together};

#[test]
fn a_backup_of_a_live_base_is_whole_and_restored_as_it_was() {
    let base = Base::fresh(Engine::Sqlite);
    let folder = crate::story::cluster::folder("backup");
    let who = Credentials::of(Role::Administrator);
    let server = Server::start(&base.address());
    let client = server.client(&who);
    for round in 0..times(2, 20) {
        let to = folder.join(format!("copy-{round}.sqlite"));
        let stop = AtomicBool::new(false);
        let before = write_on(&client, &format!("avant-{round}"), {
            let count = std::cell::Cell::new(0);
            move || count.replace(count.get() + 1) == 5
        });
        let (_, made) = std::thread::scope(|scope| {
            let (client, stop) = (&client, &stop);
            let writing = scope.spawn(move || {
                together(4, |writer| {
                    write_on(client, &format!("pendant-{round}-{writer}"), || {
                        stop.load(Ordering::SeqCst)
                    })
                })
            });
            let made = done(&base.address(), &["backup", to.to_str().unwrap()]);
            stop.store(true, Ordering::SeqCst);
            (writing.join().unwrap(), made)
        });

        assert_eq!(made["bytes"].as_u64(), Some(to.metadata().unwrap().len()));
        let restored = format!("sqlite://{}", to.display());
        assert_eq!(faults(&restored), None);
        let restored = Server::start(&restored);
        all_is_there(&restored.client(&who), &before);
    }
    std::fs::remove_dir_all(folder).unwrap();
}

story! {
    on Sqlite fn a_reader_of_the_feed_goes_on_from_a_backup_or_is_told_to_copy_anew(app) {
        let to = app.base.path().with_extension("backup");
        app.given_association("Avant");
        let before = app.reader().get("/v1/changes?after=now").next();
        done(&app.base.address(), &["backup", to.to_str().unwrap()]);
        app.given_association("Perdue");
        let after = app.reader().get("/v1/changes?after=now").next();

        let base = Base::at(Location::Sqlite(to));
        let restored = App::on(base, Options::default());

        restored.given_association("Nouvelle");
        assert_eq!(restored.reader().get(&format!("/v1/changes?after={before}")).is(200).items().len(), 1);
        restored.reader().get(&format!("/v1/changes?after={after}")).is_lost("other_past");
    }
}

#[test]
fn a_backup_overwrites_nothing_and_is_not_made_of_postgres() {
    let folder = crate::story::cluster::folder("backup");
    let there = folder.join("there");
    std::fs::write(&there, "mine").unwrap();
    let to = there.to_str().unwrap();

    let over = run(&Base::fresh(Engine::Sqlite).address(), &["backup", to]);
    let of_postgres = run(
        &Base::fresh(Engine::Postgres).address(),
        &["backup", folder.join("new").to_str().unwrap()],
    );

    assert_eq!(
        (over.status.code(), of_postgres.status.code()),
        (Some(1), Some(1))
    );
    assert_eq!(std::fs::read_to_string(&there).unwrap(), "mine");
    let told = String::from_utf8(of_postgres.stderr).unwrap();
    assert!(told.contains("pg_basebackup"), "{told}");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    std::fs::remove_dir_all(folder).unwrap();
}

/// What is kept for retries, for readers of the feed, and for those who log in, long after.
fn maintained_while_it_serves(engine: Engine) {
    let base = Base::fresh(engine);
    let who = Credentials::of(Role::Administrator);
    let server = Server::start(&base.address());
    let client = server.client(&who);
    let first = Given::of(record(&client, "k").unwrap().is(201));
    base.sql(&match engine {
        Engine::Sqlite => {
            let old = "at - 500 * 86400 * 1000000";
            format!("UPDATE feed SET at = {old}; UPDATE versions SET at = {old}; UPDATE idempotent_answers SET at = {old}")
        }
        Engine::Postgres => {
            let old = "at - interval '500 days'";
            format!("UPDATE feed SET at = {old}; UPDATE versions SET at = {old}; UPDATE idempotent_answers SET at = {old}")
        }
    });

    let kept = done(&base.address(), &["maintain", "--feed-days", "600"]);
    let (told, written) = std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let count = std::cell::Cell::new(0);
            write_on(&client, "w", move || count.replace(count.get() + 1) == 30)
        });
        let told = done(&base.address(), &["maintain"]);
        (told, writing.join().unwrap())
    });
    let again = done(&base.address(), &["maintain", "--vacuum"]);

    assert_eq!(kept["forgotten"]["changes"], 0);
    assert_eq!(
        (&told["forgotten"]["changes"], &kept["forgotten"]["answers"]),
        (&1.into(), &1.into())
    );
    assert_eq!(
        (
            &again["forgotten"]["changes"],
            &again["forgotten"]["answers"]
        ),
        (&0.into(), &0.into())
    );
    all_is_there(&client, &written);
    client.get(&first.path).is(200);
    assert_eq!(faults(&base.address()), None);
}

#[test]
fn a_base_is_maintained_while_it_serves_on_sqlite() {
    maintained_while_it_serves(Engine::Sqlite);
}

#[test]
fn a_base_is_maintained_while_it_serves_on_postgres() {
    maintained_while_it_serves(Engine::Postgres);
}

story! {
    fn the_command_tells_each_fault_and_fails(app) {
        app.given_association("Réseda");
        let address = app.base.address();
        let sound = run(&address, &["check"]);
        app.base.damage("DELETE FROM audit");

        let broken = run(&address, &["check"]);
        let as_json = run(&address, &["check", "--json"]);

        assert!(sound.status.success());
        assert_eq!(broken.status.code(), Some(1));
        let told = String::from_utf8(broken.stdout).unwrap();
        assert!(told.lines().all(|line| line.split('\t').count() == 3), "{told}");
        assert!(told.contains("the audit has no line of it"), "{told}");
        let lines = String::from_utf8(as_json.stdout).unwrap();
        let first: crate::story::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
        assert_eq!(first["table"], "versions");
    }
}
