//! A base for each story, copied from one that was migrated once.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use api::access::secrets;
use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection};
use domain::access::{
    Action, Actor, CallerId, Client, ClientFields, ClientId, Grant, GrantFields, GrantId, Role,
    Scope, Target, TokenScope,
};
use domain::networks::NetworkId;
use domain::organisations::OrganisationId;
use domain::values::{CodeList, Label};
use jiff::Timestamp;
use persistence::checking::{self, Finding};
use persistence::clients::{self, HashedSecret};
use persistence::{Database, Fault, Location, Origin, Settings, grants};
use uuid::Uuid;

/// The instant at which every story begins: midday in Paris, or nearly.
pub const BEGINNING: &str = "2026-11-22T11:30:00Z";

/// Which engine holds a base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Engine {
    /// As tests are named.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// A base, dropped with its story.
pub struct Base {
    /// Where it is.
    pub location: Location,
    place: Place,
    /// Whether it was written to from outside the program.
    touched: AtomicBool,
}

#[derive(Clone)]
enum Place {
    File(PathBuf),
    Database(String),
}

/// The secret of every client, hashed once, for hashing is slow on purpose.
pub fn secret() -> &'static (String, String) {
    static SECRET: OnceLock<(String, String)> = OnceLock::new();
    SECRET.get_or_init(|| {
        let secret = secrets::new_secret().unwrap();
        let hash = secrets::hash(&secret).unwrap();
        (secret, hash)
    })
}

/// The roles that may be given: all but the public's.
pub const GIVEN: &[Role] = &[
    Role::Administrator,
    Role::Coordinator,
    Role::NetworkCoordinator,
    Role::Secretary,
    Role::Contributor,
    Role::Funder,
    Role::Federation,
    Role::Reader,
];

/// The organisation on which roles are held that are not held on everything. No base has it at
/// first.
pub const HOME: OrganisationId =
    OrganisationId::new(Uuid::from_u128(0x0198_f1c2_7a00_7000_8c12_0000_0000_0000));

/// The network on which roles are held that are held on one. No base has it at first.
pub const HOME_NETWORK: NetworkId =
    NetworkId::new(Uuid::from_u128(0x0198_f1c2_7a00_7000_8c12_0000_0000_0001));

/// What the client of this role, that every base has, holds it on.
pub fn usual_scope(role: Role) -> Scope {
    let widest = [
        Scope::Everything,
        Scope::Organisation(HOME),
        Scope::Network(HOME_NETWORK),
    ];
    let may_be = |scope: &Scope| role.may_be_given_on(*scope);
    widest.into_iter().find(may_be).unwrap()
}

/// The client of this role that every base has.
pub fn client_of(role: Role) -> CallerId {
    let number = Role::ALL.iter().position(|known| *known == role).unwrap();
    CallerId::new(Uuid::from_u64_pair(
        0x0198_f1c2_7a00_7000,
        0x8c11_e000_0000_0000 + u64::try_from(number).unwrap(),
    ))
}

impl Base {
    /// A fresh base with a client of each role.
    pub fn fresh(engine: Engine) -> Self {
        static SQLITE: OnceLock<Base> = OnceLock::new();
        static POSTGRES: OnceLock<Base> = OnceLock::new();
        let template = match engine {
            Engine::Sqlite => &SQLITE,
            Engine::Postgres => &POSTGRES,
        };
        let _turn = turn();
        template.get_or_init(|| Self::template(engine)).duplicate()
    }

    /// An empty base that no migration has seen.
    pub fn unmigrated(engine: Engine) -> Self {
        let base = Self::named(engine, &unique("empty"));
        if let Place::Database(name) = &base.place {
            let _turn = turn();
            on_server(&format!("CREATE DATABASE {name}"));
        }
        base
    }

    /// The base in a file that something else made.
    pub fn at(location: Location) -> Self {
        let Location::Sqlite(path) = &location else {
            panic!("not a file")
        };
        Self {
            place: Place::File(path.clone()),
            location,
            touched: AtomicBool::new(false),
        }
    }

    fn template(engine: Engine) -> Self {
        let base = Self::unmigrated_within_turn(engine);
        let settings = Settings {
            readers: 1,
            writers: 1,
            queue: 8,
            patience: Duration::from_secs(5),
        };
        persistence::create(&base.location, &settings).unwrap();
        let database = Database::open(&base.location, &settings).unwrap();
        for role in GIVEN {
            create_client(&database, client_of(*role), *role, usual_scope(*role));
        }
        drop(database);
        base
    }

    fn unmigrated_within_turn(engine: Engine) -> Self {
        let base = Self::named(engine, &unique("template"));
        if let Place::Database(name) = &base.place {
            on_server(&format!("CREATE DATABASE {name}"));
        }
        base
    }

    fn named(engine: Engine, name: &str) -> Self {
        match engine {
            Engine::Sqlite => {
                let path = folder().join(format!("{name}.sqlite"));
                Self {
                    location: Location::Sqlite(path.clone()),
                    place: Place::File(path),
                    touched: AtomicBool::new(false),
                }
            }
            Engine::Postgres => Self {
                location: Location::Postgres(url_of(name)),
                place: Place::Database(name.to_owned()),
                touched: AtomicBool::new(false),
            },
        }
    }

    /// A dump of this base at this moment, restored under another name. Whoever is connected to it
    /// loses the connection.
    pub fn restored(&self) -> Self {
        let _turn = turn();
        self.duplicate()
    }

    fn duplicate(&self) -> Self {
        let copy = Self::named(self.engine(), &unique("story"));
        match (&self.place, &copy.place) {
            (Place::File(_), Place::File(path)) => {
                self.run(&format!("VACUUM INTO '{}'", path.display()));
            }
            (Place::Database(name), Place::Database(copied)) => {
                on_server(&format!(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"
                ));
                on_server(&format!("CREATE DATABASE {copied} TEMPLATE {name}"));
            }
            _ => unreachable!(),
        }
        copy
    }

    /// The engine that holds it.
    pub fn engine(&self) -> Engine {
        match self.place {
            Place::File(_) => Engine::Sqlite,
            Place::Database(_) => Engine::Postgres,
        }
    }

    /// The file of an SQLite base.
    pub fn path(&self) -> &Path {
        match &self.place {
            Place::File(path) => path,
            Place::Database(_) => panic!("not a file"),
        }
    }

    /// The address of a PostgreSQL base.
    pub fn url(&self) -> String {
        match &self.place {
            Place::Database(name) => url_of(name),
            Place::File(_) => panic!("not on a server"),
        }
    }

    /// Its address, as the program takes it.
    pub fn address(&self) -> String {
        match &self.place {
            Place::File(path) => format!("sqlite://{}", path.display()),
            Place::Database(name) => url_of(name),
        }
    }

    /// Ends every connection to a PostgreSQL base.
    pub fn hang_up(&self) {
        if let Place::Database(name) = &self.place {
            on_server(&format!(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"
            ));
        }
    }

    /// Runs statements from outside the program.
    pub fn sql(&self, statements: &str) {
        self.touched.store(true, Ordering::Relaxed);
        self.run(statements);
    }

    /// Whether only the program wrote to it.
    pub fn is_untouched(&self) -> bool {
        !self.touched.load(Ordering::Relaxed)
    }

    fn run(&self, statements: &str) {
        match &self.place {
            Place::File(_) => self.sqlite().batch_execute(statements).unwrap(),
            Place::Database(_) => self.postgres().batch_execute(statements).unwrap(),
        }
    }

    /// Makes something wrong, whatever the engine watches over.
    pub fn damage(&self, statements: &str) {
        match &self.place {
            Place::File(_) => self.sql(&format!("PRAGMA foreign_keys = OFF; {statements}")),
            Place::Database(_) => self.sql(&format!(
                "SET session_replication_role = replica; {statements}"
            )),
        }
    }

    /// What does not agree in it.
    pub fn faults(&self) -> Vec<Finding> {
        let mut faults = Vec::new();
        let today = "2026-11-22".parse().unwrap();
        checking::check(&self.location, Duration::from_secs(5), today, |found| {
            faults.push(found);
        })
        .unwrap();
        // Stories move their clock on, by some years at most.
        let far = "2100-01-01";
        faults.retain(|found| {
            (found.table, found.id.len()) != ("base", far.len()) || far < &*found.id
        });
        faults
    }

    /// The one number that a query gives, under the name `n`.
    pub fn number(&self, query: &str) -> i64 {
        let query = diesel::sql_query(query);
        let number: Number = match &self.place {
            Place::File(_) => query.get_result(&mut self.sqlite()).unwrap(),
            Place::Database(_) => query.get_result(&mut self.postgres()).unwrap(),
        };
        number.n
    }

    /// Its tables, without those of the migrations themselves.
    pub fn tables(&self) -> Vec<String> {
        self.texts(match self.place {
            Place::File(_) => "SELECT name AS t FROM sqlite_master WHERE type = 'table' ORDER BY 1",
            Place::Database(_) => {
                "SELECT table_name::text AS t FROM information_schema.tables \
                 WHERE table_schema = 'public' ORDER BY 1"
            }
        })
        .into_iter()
        .filter(|table| !table.starts_with("__") && !table.starts_with("sqlite_"))
        .collect()
    }

    /// The texts that a query gives, under the name `t`.
    pub fn texts(&self, query: &str) -> Vec<String> {
        let query = diesel::sql_query(query);
        let texts: Vec<OneText> = match &self.place {
            Place::File(_) => query.load(&mut self.sqlite()).unwrap(),
            Place::Database(_) => query.load(&mut self.postgres()).unwrap(),
        };
        texts.into_iter().map(|text| text.t).collect()
    }

    /// How many rows a table has.
    pub fn count(&self, table: &str) -> i64 {
        self.number(&format!("SELECT count(*) AS n FROM {table}"))
    }

    /// A connection to the file.
    pub fn sqlite(&self) -> SqliteConnection {
        let mut connection = SqliteConnection::establish(self.path().to_str().unwrap()).unwrap();
        connection
            .batch_execute("PRAGMA busy_timeout = 5000")
            .unwrap();
        connection
    }

    /// Somebody who began to read and does not end, until dropped.
    pub fn reading(&self) -> Box<dyn std::any::Any> {
        let reads = "SELECT count(*) FROM identities";
        match self.engine() {
            Engine::Sqlite => {
                let mut reader = self.sqlite();
                reader.batch_execute(&format!("BEGIN; {reads}")).unwrap();
                Box::new(reader)
            }
            Engine::Postgres => {
                let mut reader = self.postgres();
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ";
                reader.batch_execute(&format!("{begin}; {reads}")).unwrap();
                Box::new(reader)
            }
        }
    }

    /// A connection to the server.
    pub fn postgres(&self) -> PgConnection {
        PgConnection::establish(&self.url()).unwrap()
    }
}

impl Drop for Base {
    fn drop(&mut self) {
        match &self.place {
            Place::File(path) => {
                for end in ["", "-wal", "-shm"] {
                    drop(std::fs::remove_file(format!("{}{end}", path.display())));
                }
            }
            Place::Database(name) => {
                let _turn = turn();
                on_server(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            }
        }
    }
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[derive(QueryableByName)]
struct OneText {
    #[diesel(sql_type = Text)]
    t: String,
}

/// Gives a client with the secret of all to a base.
pub fn create_client(database: &Database, id: CallerId, role: Role, scope: Scope) {
    let permit = Actor::operator()
        .authorise(Action::CreateClient, Target::Everything)
        .unwrap();
    let fields = GrantFields {
        role,
        scope,
        starts_on: None,
        ends_before: None,
    };
    let grant = Grant::give(GrantId::new(Uuid::now_v7()), id, fields).unwrap();
    let of = ClientFields {
        name: Label::parse(role.code()).unwrap(),
        token_scopes: TokenScope::ALL.to_vec(),
        expires_at: None,
    };
    let client = Client::create(ClientId::new(id.uuid()), of, BEGINNING.parse().unwrap());
    let kept = HashedSecret {
        hash: secret().1.clone(),
        tag: secrets::tag(&secret().0),
    };
    by_operator(database, move |tx| {
        clients::insert(tx, &permit, &client, &kept)?;
        grants::insert(tx, &permit, &grant).map(drop)
    })
    .unwrap();
}

/// Writes as the one who runs the program does, at the beginning of the story.
pub fn by_operator<T: Send + 'static>(
    database: &Database,
    work: impl Fn(&mut persistence::Tx) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    block_on(database.transact(origin(), work))
}

/// A write of the program itself at the beginning of the story.
pub fn origin() -> Origin {
    let at: Timestamp = BEGINNING.parse().unwrap();
    Origin::by_operator(
        persistence::Clock::new(move || at),
        "2026-11-22".parse().unwrap(),
    )
}

/// Waits for a future.
pub fn block_on<F: Future>(future: F) -> F::Output {
    actix_web::rt::System::new().block_on(future)
}

/// One base is made or dropped at a time, for a template must have no other visitor.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unique(what: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("maillage_{what}_{}_{number}", std::process::id())
}

/// The folder of this run's files; those of runs that ended are removed.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        const PREFIX: &str = "maillage-stories-";
        let all = std::env::temp_dir();
        for entry in std::fs::read_dir(&all).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let run = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
            let over = |run: &str| {
                Path::new("/proc/self").exists() && !Path::new("/proc").join(run).exists()
            };
            if run.is_some_and(over) {
                drop(std::fs::remove_dir_all(entry.path()));
            }
        }
        let folder = all.join(format!("{PREFIX}{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    })
}

/// The address of the server's maintenance base.
fn server() -> String {
    std::env::var("MAILLAGE_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!(
            "no PostgreSQL: MAILLAGE_TEST_POSTGRES is not set. Run `make test`, or \
             `tests/with-postgres cargo test -p tests`, which start one."
        )
    })
}

fn url_of(name: &str) -> String {
    let server = server();
    let (address, _) = server.rsplit_once('/').unwrap();
    format!("{address}/{name}")
}

fn on_server(statement: &str) {
    let mut connection = PgConnection::establish(&server()).unwrap();
    connection.batch_execute(statement).unwrap();
}
