//! Two folders of migrations that must tell the same.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::backend::Backend;
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use persistence::Settings;

use crate::story::{Base, Engine};

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
    let mut tables = BTreeMap::new();
    for declared in source.split("diesel::table! {").skip(1) {
        let lines = declared.lines().map(str::trim);
        let mut lines = lines.filter(|line| !line.is_empty() && !line.starts_with("use "));
        let table = lines.next().unwrap().split(' ').next().unwrap().to_owned();
        let mut columns = BTreeSet::new();
        let mut renamed = None;
        for line in lines.take_while(|line| *line != "}") {
            if let Some(name) = line.strip_prefix("#[sql_name = \"") {
                renamed = Some(name.trim_end_matches("\"]").to_owned());
            } else if let Some((name, _)) = line.split_once(" -> ") {
                columns.insert(renamed.take().unwrap_or_else(|| name.to_owned()));
            }
        }
        tables.insert(table, columns);
    }
    tables
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
