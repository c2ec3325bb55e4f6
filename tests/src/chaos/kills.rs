//! The program killed while it writes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use domain::access::Role;

use super::{all_is_there, times, write_on};
use crate::story::program::{Credentials, Server, faults};
use crate::story::{Base, Engine, together};

/// Writers at once.
const WRITERS: usize = 8;

fn killed_while_it_writes(engine: Engine) {
    let base = Base::fresh(engine);
    let address = base.address();
    let who = Credentials::of(Role::Administrator);
    let mut total = 0;
    for round in 0..times(3, 100) {
        let server = Server::start(&address);
        let client = server.client(&who);
        // Earlier and later in what writers do, from one round to the next.
        let (begun, last) = (AtomicUsize::new(0), 3 * WRITERS + round % 17);
        let asked = std::thread::scope(|scope| {
            scope.spawn(|| {
                while begun.load(Ordering::SeqCst) < last {
                    std::thread::sleep(Duration::from_millis(1));
                }
                server.kill();
            });
            together(WRITERS, |writer| {
                let begin = || begun.fetch_add(1, Ordering::SeqCst) == usize::MAX;
                write_on(&client, &format!("r{round}-{writer}"), begin)
            })
        });
        drop(server);

        let asked: Vec<_> = asked.into_iter().flatten().collect();
        total += asked.len();
        let server = Server::start(&address);
        all_is_there(&server.client(&who), &asked);
        assert_eq!(base.faults(), []);
        assert_eq!(base.count("organisations"), i64::try_from(total).unwrap());
    }
    assert_eq!(faults(&address), None);
    println!("{total} writes in {} rounds", times(3, 100));
}

#[test]
fn nothing_acknowledged_is_lost_when_the_program_is_killed_on_sqlite() {
    killed_while_it_writes(Engine::Sqlite);
}

#[test]
fn nothing_acknowledged_is_lost_when_the_program_is_killed_on_postgres() {
    killed_while_it_writes(Engine::Postgres);
}
