//! What goes wrong around the program, while it works: it is killed, its base goes away, the disk is full, others
//! start beside it, and callers who do not behave.
//!
//! A few times each in `make test`; `make chaos` does it at length.

mod callers;
mod clocks;
mod copies;
mod disks;
mod kills;
mod servers;
mod sharing;

use crate::story::{Answer, Client, Given, association};

/// How often to do something: few times in `make test`, many in `make chaos`.
fn times(few: usize, many: usize) -> usize {
    if std::env::var_os("MAILLAGE_CHAOS").is_some() {
        many
    } else {
        few
    }
}

/// Something that a writer asked for by a key, and what it knows of it.
struct Asked {
    /// The key, which is the name too.
    key: String,
    /// The record, if that was acknowledged, and the version last acknowledged.
    known: Option<(Given, u64)>,
}

/// Records an association by a key that is its name.
fn record(client: &Client, key: &str) -> Result<Answer, ureq::Error> {
    client
        .ask("POST", "/v1/organisations")
        .key(key)
        .json(&association(key))
        .try_send()
}

/// Records with one key until it is acknowledged, by whichever server there is.
fn record_at_last(server: impl Fn() -> Client, key: &str) -> Given {
    let deadline = std::time::Instant::now() + std::time::Duration::from_mins(1);
    loop {
        let told = match record(&server(), key) {
            Ok(answer) if answer.status == 201 => return Given::of(&answer),
            Ok(answer) => {
                assert_eq!(answer.status, 503, "{answer}");
                answer.to_string()
            }
            Err(error) => error.to_string(),
        };
        assert!(std::time::Instant::now() < deadline, "{told}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// The answer of a write that succeeded; none where the server, or its base, went away.
fn acknowledged(told: Result<Answer, ureq::Error>, status: u16) -> Option<Answer> {
    let answer = told.ok()?;
    assert!([status, 503].contains(&answer.status), "{answer}");
    (answer.status == status).then_some(answer)
}

/// Records and changes until the server is there no longer, or until it is told to stop.
fn write_on(client: &Client, writer: &str, stop: impl Fn() -> bool) -> Vec<Asked> {
    let client = client.again();
    let mut asked = Vec::new();
    for number in 0.. {
        if stop() {
            break;
        }
        let key = format!("{writer}-{number}");
        let Some(answer) = acknowledged(record(&client, &key), 201) else {
            asked.push(Asked { key, known: None });
            break;
        };
        let given = Given::of(&answer);
        let change = client.ask("PATCH", &given.path).if_match(&given.etag);
        let change = change.json(&serde_json::json!({ "sectors": ["health"] }));
        let changed = acknowledged(change.try_send(), 200).is_some();
        let known = Some((given, if changed { 2 } else { 1 }));
        asked.push(Asked { key, known });
        if !changed {
            break;
        }
    }
    asked
}

/// Everything that was asked for is there, once: what was acknowledged as it was, and all of it once the keys
/// come again.
fn all_is_there(client: &Client, asked: &[Asked]) {
    for Asked { key, known } in asked {
        let again = record(client, key).unwrap();
        again.is(201);
        let Some((given, version)) = known else {
            continue;
        };
        assert!(again.is_replayed(), "{again}");
        assert_eq!(Given::of(&again).id, given.id);
        let present = client.get(&given.path).is(200).json()["version"]
            .as_u64()
            .unwrap();
        assert!(
            (*version..=2).contains(&present),
            "{key}: {version} was acknowledged, {present} is there"
        );
    }
}
