//! Two folders of migrations that must tell the same.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::backend::Backend;
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use domain::access::{CallerId, Role};
use persistence::Settings;
use uuid::Uuid;

use crate::story::database::secret;
use crate::story::{App, Base, Engine, Options, association, json};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn settings() -> Settings {
    Settings {
        readers: 1,
        writers: 1,
        queue: 1,
        patience: Duration::from_secs(5),
    }
}

fn names(engine: Engine) -> BTreeSet<String> {
    let folder = workspace().join("migrations").join(engine.name());
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// The columns of every table.
fn columns(base: &Base) -> BTreeMap<String, BTreeSet<String>> {
    let of = |table: &str| match base.engine() {
        Engine::Sqlite => base.texts(&format!(
            "SELECT name AS t FROM pragma_table_info('{table}')"
        )),
        Engine::Postgres => base.texts(&format!(
            "SELECT column_name::text AS t FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name = '{table}'"
        )),
    };
    base.tables()
        .into_iter()
        .map(|table| (table.clone(), of(&table).into_iter().collect()))
        .collect()
}

/// The columns of every table, as the queries know them.
fn known_to_queries() -> BTreeMap<String, BTreeSet<String>> {
    let source = std::fs::read_to_string(workspace().join("persistence/src/schema.rs")).unwrap();
    let (macros, tables) = source.split_once("\ntables! {\n").unwrap();
    let of_records = columns_in(macros.split("$table (id) {").nth(1).unwrap());
    let mut known = BTreeMap::new();
    for declared in tables.split("\n\n") {
        let table = declared.trim().split(' ').next().unwrap().to_owned();
        let mut columns = columns_in(declared);
        if declared.contains("\n        record,\n") {
            columns.extend(of_records.iter().cloned());
        }
        known.insert(table, columns);
    }
    known
}

/// The columns that are declared up to the next brace, as the base names them.
fn columns_in(declared: &str) -> BTreeSet<String> {
    let mut columns = BTreeSet::new();
    let mut renamed = None;
    let lines = declared.lines().map(str::trim);
    for line in lines.take_while(|line| *line != "}") {
        if let Some(name) = line.strip_prefix("#[sql_name = \"") {
            renamed = Some(name.trim_end_matches("\"]").to_owned());
        } else if let Some((name, _)) = line.split_once(" -> ") {
            columns.insert(renamed.take().unwrap_or_else(|| name.to_owned()));
        }
    }
    columns
}

#[test]
fn both_engines_have_migrations_of_the_same_names() {
    assert_eq!(names(Engine::Sqlite), names(Engine::Postgres));
    assert!(!names(Engine::Sqlite).is_empty());
}

#[test]
fn both_engines_have_the_tables_and_columns_that_the_queries_know() {
    let known = known_to_queries();

    assert!(known.len() >= 10, "{known:?}");
    assert_eq!(columns(&Base::fresh(Engine::Sqlite)), known);
    assert_eq!(columns(&Base::fresh(Engine::Postgres)), known);
}

/// Up, down to nothing, and up again.
fn up_down_up<DB: Backend>(base: &Base, connection: &mut impl MigrationHarness<DB>) {
    let folder = workspace().join("migrations").join(base.engine().name());
    let migrations = || FileBasedMigrations::from_path(&folder).unwrap();
    let ran = connection
        .run_pending_migrations(migrations())
        .unwrap()
        .len();
    let first = columns(base);

    let reverted = connection
        .revert_all_migrations(migrations())
        .unwrap()
        .len();
    let nothing = columns(base);
    connection.run_pending_migrations(migrations()).unwrap();

    assert_eq!((ran, reverted), (names(base.engine()).len(), ran));
    assert!(nothing.is_empty(), "{nothing:?}");
    assert_eq!(columns(base), first);
    assert!(
        persistence::pending(&base.location, &settings())
            .unwrap()
            .is_empty()
    );
}

#[test]
fn migrations_go_up_and_down_and_up_again_on_sqlite() {
    let base = Base::unmigrated(Engine::Sqlite);
    up_down_up(&base, &mut {
        drop(std::fs::File::create(base.path()).unwrap());
        base.sqlite()
    });
}

#[test]
fn migrations_go_up_and_down_and_up_again_on_postgres() {
    let base = Base::unmigrated(Engine::Postgres);
    up_down_up(&base, &mut base.postgres());
}

#[test]
fn migrating_twice_does_nothing_the_second_time() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let base = Base::unmigrated(engine);

        let first = persistence::create(&base.location, &settings()).unwrap();
        let second = persistence::create(&base.location, &settings()).unwrap();

        assert_eq!((first.len(), second.len()), (names(engine).len(), 0));
    }
}

#[test]
fn several_processes_may_migrate_at_once() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let base = Base::unmigrated(engine);

        let ran = crate::story::together(4, |_| {
            persistence::create(&base.location, &settings())
                .unwrap()
                .len()
        });

        assert_eq!(ran.iter().sum::<usize>(), names(engine).len());
    }
}

#[test]
fn a_file_that_is_not_there_is_not_made_by_opening_it() {
    let base = Base::unmigrated(Engine::Sqlite);

    assert!(persistence::pending(&base.location, &settings()).is_err());
    assert!(persistence::migrate(&base.location, &settings()).is_err());
    assert!(!base.path().exists());
}

/// A client as the first bases had them: one role over everything, and one secret.
fn old_client(engine: Engine, id: Uuid, role: Role, revoked: bool) -> String {
    let hash = &secret().1;
    let (id, at, revoked_at) = match engine {
        Engine::Sqlite => (
            format!("x'{}'", id.simple()),
            "1700000000000000",
            "1710000000000000",
        ),
        Engine::Postgres => (
            format!("'{id}'"),
            "'2023-11-14T22:13:20Z'",
            "'2024-03-09T16:00:00Z'",
        ),
    };
    let revoked_at = if revoked { revoked_at } else { "NULL" };
    format!(
        "INSERT INTO callers (id, kind, name, role, rights_version, created_at, revoked_at)
             VALUES ({id}, 'client', 'Robot', '{role}', 1, {at}, {revoked_at});
         INSERT INTO client_secrets (client, hash, created_at) VALUES ({id}, '{hash}', {at});"
    )
}

/// Runs the migrations that there were before clients became records and roles grants.
fn migrate_up_to_territories<DB: Backend>(
    engine: Engine,
    connection: &mut impl MigrationHarness<DB>,
) {
    let folder = workspace().join("migrations").join(engine.name());
    let all = connection
        .pending_migrations(FileBasedMigrations::from_path(folder).unwrap())
        .unwrap();
    for migration in all.iter().take(3) {
        connection.run_migration(migration).unwrap();
    }
}

fn a_client_of_an_old_base_keeps_its_secret_and_its_role(engine: Engine) {
    let base = Base::unmigrated(engine);
    match engine {
        Engine::Sqlite => {
            drop(std::fs::File::create(base.path()).unwrap());
            migrate_up_to_territories(engine, &mut base.sqlite());
        }
        Engine::Postgres => migrate_up_to_territories(engine, &mut base.postgres()),
    }
    let [administrator, reader, gone] = [1, 2, 3].map(Uuid::from_u128);
    base.sql(&old_client(
        engine,
        administrator,
        Role::Administrator,
        false,
    ));
    base.sql(&old_client(engine, reader, Role::Reader, false));
    base.sql(&old_client(engine, gone, Role::Reader, true));

    persistence::create(&base.location, &settings()).unwrap();

    let app = App::on(base, Options::default());
    let client = |id| app.bearing(&app.token(CallerId::new(id), None));
    let (administrator, reading) = (client(administrator), client(reader));
    administrator
        .post("/v1/organisations", &association("Réseda"))
        .is(201);
    assert_eq!(reading.get("/v1/organisations").is(200).ids().len(), 1);
    reading
        .post("/v1/organisations", &association("Réseda"))
        .is_problem(403, "access.role");
    app.nobody()
        .ask_token(&gone.to_string(), &secret().0, None)
        .is_problem(401, "access.bad_client");
    let grants = administrator
        .get(&format!("/v1/grants?caller={reader}"))
        .is(200)
        .items();
    assert_eq!(
        (grants.len(), &grants[0]["role"], &grants[0]["state"]),
        (1, &json!("reader"), &json!("held"))
    );
    let record = administrator.get(&format!("/v1/clients/{reader}"));
    assert_eq!(
        record.is(200).json()["token_scopes"],
        json!(["read", "write", "administer"])
    );
    assert!(
        administrator
            .get(&format!("/v1/clients/{gone}"))
            .is(200)
            .json()["revoked_at"]
            .is_string()
    );
    let path = format!("/v1/clients/{reader}/rotate");
    administrator
        .ask("POST", &path)
        .if_match(&record.etag())
        .json(&json!({}))
        .send()
        .is(200);
    app.nobody()
        .ask_token(&reader.to_string(), &secret().0, None)
        .is_problem(401, "access.bad_client");
    administrator
        .ask(
            "POST",
            &format!("/v1/grants/{}/end", grants[0]["id"].as_str().unwrap()),
        )
        .if_match("*")
        .json(&json!({ "ends_before": "2026-11-22" }))
        .send()
        .is(200);
    reading
        .get("/v1/organisations")
        .is_problem(403, "access.role");
    assert_eq!(app.base.faults(), []);
}

#[test]
fn a_client_of_an_old_base_keeps_its_secret_and_its_role_on_sqlite() {
    a_client_of_an_old_base_keeps_its_secret_and_its_role(Engine::Sqlite);
}

#[test]
fn a_client_of_an_old_base_keeps_its_secret_and_its_role_on_postgres() {
    a_client_of_an_old_base_keeps_its_secret_and_its_role(Engine::Postgres);
}
