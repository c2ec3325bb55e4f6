//! The harness: a story is told once on each engine, with a server and a base of its own.
//!
//! ```ignore
//! story! {
//!     fn a_deleted_organisation_is_gone(app) { … }
//! }
//! ```

pub mod answer;
pub mod app;
pub mod client;
pub mod cluster;
pub mod contract;
pub mod database;
pub mod exercised;
pub mod given;
pub mod grown;
pub mod issuer;
pub mod people;
pub mod program;
pub mod statements;

pub use answer::Answer;
pub use app::{App, Options, together};
pub use client::Client;
pub use database::{Base, Engine};
pub use given::{Given, association};
pub use serde_json::{Value, json};

/// Declares a story: a module of its name with one test an engine.
///
/// `fn name(app)` runs with the usual [`Options`], `fn name(app, options)` with others, and
/// `on Postgres fn name(app)` on that engine alone.
macro_rules! story {
    ($(#[$meta:meta])* fn $name:ident($app:ident) $body:block) => {
        story! { $(#[$meta])* fn $name($app, $crate::story::Options::default()) $body }
    };
    ($(#[$meta:meta])* fn $name:ident($app:ident, $options:expr) $body:block) => {
        mod $name {
            use super::*;

            fn tell($app: &App) $body

            $(#[$meta])*
            #[test]
            fn sqlite() {
                $crate::story::tell(module_path!(), $crate::story::Engine::Sqlite, $options, tell);
            }

            $(#[$meta])*
            #[test]
            fn postgres() {
                $crate::story::tell(module_path!(), $crate::story::Engine::Postgres, $options, tell);
            }
        }
    };
    (on $engine:ident $(#[$meta:meta])* fn $name:ident($app:ident) $body:block) => {
        story! { on $engine $(#[$meta])* fn $name($app, $crate::story::Options::default()) $body }
    };
    (on Sqlite $(#[$meta:meta])* fn $name:ident($app:ident, $options:expr) $body:block) => {
        mod $name {
            use super::*;

            $(#[$meta])*
            #[test]
            fn sqlite() {
                fn tell($app: &App) $body
                $crate::story::tell(module_path!(), $crate::story::Engine::Sqlite, $options, tell);
            }
        }
    };
    (on Postgres $(#[$meta:meta])* fn $name:ident($app:ident, $options:expr) $body:block) => {
        mod $name {
            use super::*;

            $(#[$meta])*
            #[test]
            fn postgres() {
                fn tell($app: &App) $body
                $crate::story::tell(module_path!(), $crate::story::Engine::Postgres, $options, tell);
            }
        }
    };
}
pub(crate) use story;

/// Tells one story on one engine. However it went, a base that only the program wrote to agrees with
/// itself at the end.
pub fn tell(name: &str, engine: Engine, options: Options, story: impl FnOnce(&App)) {
    let _ended = exercised::Telling::of(name, engine);
    let app = App::start(engine, options);
    story(&app);
    if app.base.is_untouched() {
        assert_eq!(app.base.faults(), []);
    }
}
