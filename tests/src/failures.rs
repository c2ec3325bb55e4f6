//! A base that is busy, that goes away, and that comes back.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use api::app::Limits;
use diesel::connection::SimpleConnection;
use domain::access::Role;
use domain::organisations::OrganisationId;
use persistence::{Fault, Location, organisations};

use crate::story::database::client_of;
use crate::story::{Answer, App, Options, association, json, story};

/// One thread to write, one to read, and room for one more of each to wait.
fn narrow() -> Options {
    Options {
        readers: 1,
        writers: 1,
        queue: 1,
        ..Options::default()
    }
}

/// Waits until it is so.
fn wait_until(it_is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !it_is_so() {
        assert!(Instant::now() < deadline, "waited in vain");
        std::thread::sleep(Duration::from_millis(5));
    }
}

story! {
    fn when_too_many_writes_wait_the_next_is_refused_at_once_and_reads_go_on(app, narrow()) {
        let administrator = app.administrator();
        let record = |name: &str| administrator.again().post("/v1/organisations", &association(name));
        let held = app.hold_write(|_| Ok(()));
        let (refused, read, waited) = std::thread::scope(|scope| {
            let waiting = scope.spawn(|| record("Elle attend"));
            wait_until(|| app.database.waiting().1 == 1);

            let refused = record("Une de trop");
            let read = app.administrator().get("/v1/organisations");
            drop(held);
            (refused, read, waiting.join().unwrap())
        });

        refused.is_problem(503, "server.unavailable");
        assert_eq!(refused.header("retry-after"), "2");
        read.is(200);
        waited.is(201);
        record("Plus tard").is(201);
        assert_eq!(app.base.count("organisations"), 2);
    }
}

story! {
    fn when_too_many_reads_wait_the_next_is_refused_at_once(app, narrow()) {
        let reader = app.reader();
        let held = app.hold_read();
        let refused = std::thread::scope(|scope| {
            scope.spawn(|| reader.again().get("/v1/organisations").is(200).status);
            wait_until(|| app.database.waiting().0 == 1);

            let refused = reader.again().get("/v1/organisations");
            let ready = app.nobody().get("/health/ready");
            app.nobody().get("/health/live").is(200);
            drop(held);
            (refused, ready)
        });

        refused.0.is_problem(503, "server.unavailable");
        refused.1.is_problem(503, "server.unavailable");
        app.nobody().get("/health/ready").is(200);
    }
}

story! {
    fn what_is_said_not_to_be_done_was_not_done(app, narrow()) {
        let administrator = app.administrator();
        let reader = app.reader();
        let held = app.hold_read();
        let answer = std::thread::scope(|scope| {
            scope.spawn(|| reader.again().get("/v1/organisations").is(200).status);
            wait_until(|| app.database.waiting().0 == 1);

            let answer = administrator.post("/v1/organisations", &association("Réseda"));
            drop(held);
            answer
        });

        let kept = app.base.count("organisations");
        assert!(answer.status == 201 || answer.json()["code"] != "server.unavailable" || kept == 0, "{kept} kept: {answer}");
    }
}

/// Little patience for everything.
fn impatient() -> Options {
    Options {
        limits: Limits {
            patience: Duration::from_millis(300),
            ..Limits::default()
        },
        writers: 1,
        readers: 1,
        ..Options::default()
    }
}

story! {
    fn a_write_that_lasts_too_long_may_have_been_done_and_its_key_tells(app, impatient()) {
        let administrator = app.administrator();
        let record = || administrator.ask("POST", "/v1/organisations").key("k").json(&association("Réseda")).send();
        let held = app.hold_write(|_| Ok(()));

        let unknown = record();
        drop(held);
        wait_until(|| app.base.count("organisations") == 1);
        let again = record();

        unknown.is_problem(503, "server.outcome_unknown");
        assert!(again.is(201).is_replayed());
        assert_eq!(app.base.count("organisations"), 1);
    }
}

story! {
    fn a_read_that_lasts_too_long_is_given_up(app, impatient()) {
        let reader = app.reader();
        let held = app.hold_read();

        let late = reader.get("/v1/organisations");
        drop(held);

        late.is_problem(503, "server.timed_out");
        reader.get("/v1/organisations").is(200);
    }
}

/// Little patience for locks.
fn hasty() -> Options {
    Options {
        patience: Duration::from_millis(200),
        ..Options::default()
    }
}

story! {
    on Postgres fn a_key_whose_first_request_does_not_end_is_told_so(app, hasty()) {
        let administrator = app.administrator();
        let record = || administrator.ask("POST", "/v1/organisations").key("k").json(&association("Réseda")).send();
        let mut first = app.base.postgres();
        let caller = client_of(Role::Administrator);
        first.batch_execute(&format!(
            "BEGIN; INSERT INTO idempotent_answers (caller, key, request, at) VALUES ('{caller}', 'k', '', now())"
        )).unwrap();

        let refused = record();
        first.batch_execute("ROLLBACK").unwrap();

        refused.is_problem(409, "request.key_in_flight");
        assert!(!record().is(201).is_replayed());
    }
}

story! {
    on Postgres
    fn one_who_waits_too_long_for_another_is_told_to_come_again(app, hasty()) {
        let given = app.given_association("Réseda");
        let id = OrganisationId::new(given.id.parse().unwrap());
        let held = app.hold_write(move |tx| organisations::for_change(tx, id).map(drop));

        let refused = app.administrator().patch(&given.path, &given.etag, &json!({ "sectors": ["health"] }));
        drop(held);

        refused.is_problem(503, "server.unavailable");
        app.administrator().patch(&given.path, &given.etag, &json!({ "sectors": ["health"] })).is(200);
    }
}

story! {
    on Sqlite fn a_file_that_another_program_writes_to_is_waited_for_and_then_given_up(app, hasty()) {
        let administrator = app.administrator();
        let mut other = app.base.sqlite();
        other.batch_execute("BEGIN IMMEDIATE").unwrap();

        let refused = administrator.post("/v1/organisations", &association("Réseda"));
        let read = administrator.get("/v1/organisations");
        other.batch_execute("COMMIT").unwrap();

        refused.is_problem(503, "server.unavailable");
        assert!(read.is(200).items().is_empty());
        administrator.post("/v1/organisations", &association("Réseda")).is(201);
    }
}

story! {
    on Postgres fn a_server_that_hangs_up_on_idle_connections_is_not_noticed(app) {
        let given = app.given_association("Réseda");
        for round in 0..3 {
            app.base.hang_up();

            app.reader().get(&given.path).is(200);
            app.administrator().post("/v1/organisations", &association(&format!("Réseau {round}"))).is(201);
            app.reader().get("/v1/changes").is(200);
        }
    }
}

/// Passes connections on to PostgreSQL, until it is cut.
struct Line {
    address: SocketAddr,
    state: Arc<LineState>,
}

#[derive(Default)]
struct LineState {
    cut: AtomicBool,
    ends: Mutex<Vec<TcpStream>>,
}

impl Line {
    fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(LineState::default());
        let kept = state.clone();
        std::thread::spawn(move || {
            for near in listener.incoming().flatten() {
                if state.cut.load(Ordering::SeqCst) {
                    continue;
                }
                let Ok(far) = TcpStream::connect(&server) else {
                    continue;
                };
                let mut ends = state.ends.lock().unwrap();
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    std::thread::spawn(move || {
                        let mut buffer = [0; 8192];
                        while let Ok(count @ 1..) = from.read(&mut buffer) {
                            if to.write_all(&buffer[..count]).is_err() {
                                break;
                            }
                        }
                        drop(to.shutdown(Shutdown::Both));
                    });
                }
                ends.extend([near, far]);
            }
        });
        Self {
            address,
            state: kept,
        }
    }

    fn cut(&self) {
        self.state.cut.store(true, Ordering::SeqCst);
        for end in self.state.ends.lock().unwrap().drain(..) {
            drop(end.shutdown(Shutdown::Both));
        }
    }

    fn mend(&self) {
        self.state.cut.store(false, Ordering::SeqCst);
    }
}

/// A server that reaches its base by a line that can be cut.
fn by_line(app: &App) -> (Line, App) {
    let url = app.base.url();
    let host = url.split_once("://").unwrap().1.split('/').next().unwrap();
    let host = host.rsplit('@').next().unwrap();
    let line = Line::to(host.to_owned());
    let by = Location::Postgres(url.replace(host, &line.address.to_string()));
    let patience = Duration::from_millis(300);
    let served = app.beside(Options {
        by: Some(by),
        patience,
        ..Options::default()
    });
    (line, served)
}

story! {
    on Postgres fn a_base_that_goes_away_is_told_and_one_that_comes_back_is_used(app) {
        let (line, app) = by_line(app);
        let given = app.given_association("Réseda");
        let (administrator, reader) = (app.administrator(), app.reader());

        for round in 0..3 {
            line.cut();
            reader.get(&given.path).is_problem(503, "server.unavailable");
            reader.get("/v1/changes").is_problem(503, "server.unavailable");
            administrator.post("/v1/organisations", &association("Perdue")).is_problem(503, "server.unavailable");
            administrator.delete(&given.path, "*").is_problem(503, "server.unavailable");
            app.nobody().get("/health/ready").is_problem(503, "server.unavailable");
            app.nobody().ask_token("0198f1c2-7a00-7000-8000-0000000000ff", "guess", None).is_problem(503, "server.unavailable");
            app.nobody().get("/health/live").is(200);

            line.mend();
            reader.get(&given.path).is(200);
            administrator.post("/v1/organisations", &association(&format!("Réseau {round}"))).is(201);
            app.nobody().get("/health/ready").is(200);
        }
        assert_eq!(app.everything().len(), 4);
    }
}

/// Records with one key until it is acknowledged.
fn record_at_last(app: &App, name: &str) -> Answer {
    let administrator = app.administrator().again();
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let answer = administrator
            .ask("POST", "/v1/organisations")
            .key(name)
            .json(&association(name))
            .send();
        if answer.status == 201 {
            return answer;
        }
        assert_eq!(answer.status, 503, "{answer}");
        assert!(Instant::now() < deadline, "{answer}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Four writers record while the base is disturbed; each organisation is there once.
fn nothing_acknowledged_is_lost(app: &App, disturb: impl Fn()) {
    let writing = AtomicUsize::new(4);
    app.administrator();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let writing = &writing;
            scope.spawn(move || {
                for number in 0..25 {
                    record_at_last(app, &format!("r-{writer}-{number}"));
                }
                writing.fetch_sub(1, Ordering::SeqCst);
            });
        }
        while writing.load(Ordering::SeqCst) > 0 {
            disturb();
        }
    });

    let mut names: Vec<String> = app
        .everything()
        .iter()
        .map(|record| record["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names.len(), 100);
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 100);
    assert_eq!(app.base.count("feed"), 100);
}

story! {
    on Postgres fn nothing_acknowledged_is_lost_while_the_server_hangs_up(app) {
        nothing_acknowledged_is_lost(app, || {
            std::thread::sleep(Duration::from_millis(60));
            app.base.hang_up();
        });
    }
}

story! {
    on Postgres fn nothing_acknowledged_is_lost_while_the_line_breaks(app) {
        let (line, app) = by_line(app);
        nothing_acknowledged_is_lost(&app, || {
            std::thread::sleep(Duration::from_millis(80));
            line.cut();
            std::thread::sleep(Duration::from_millis(20));
            line.mend();
        });
    }
}

story! {
    fn work_that_panics_is_forgotten_and_the_thread_goes_on(app, narrow()) {
        for _ in 0..3 {
            let failed = app.by_operator(|_| -> Result<(), Fault> { panic!("a bug in the closure of a test") });
            assert!(matches!(failed, Err(Fault::Panic(_))));
        }

        app.given_association("Réseda");
        assert_eq!(app.everything().len(), 1);
    }
}
