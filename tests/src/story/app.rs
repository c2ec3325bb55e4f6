//! A server in this process, on a base of its own.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use api::access::Keys;
use api::access::issuer::IssuerSettings;
use api::app::{Clock, Ids, Limits};
use api::http::source::Network;
use api::rate::Rates;
use api::server::Serving;
use domain::access::{
    Action, Actor, CallerId, ClientId, Grant, GrantFields, GrantId, Role, Scope, Target,
    TokenScope, Visibility,
};
use domain::values::CodeList;
use persistence::documents::Filtered;
use persistence::page::{Page, SortBy};
use persistence::{Database, Fault, Location, Settings, Tx, callers, clients, grants};
use serde_json::Value;
use uuid::Uuid;

use super::client::Client;
use super::database::{self, BEGINNING, Base, Engine, block_on, client_of};
use super::statements;

/// The key that tokens are signed with.
pub const SIGNING_KEY: &[u8] = b"the key of the stories, 32 bytes or more";

/// What a server does with its base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Everything.
    ReadAndWrite,
    /// It only reads.
    Read,
}

/// How a server is set up.
#[derive(Clone)]
pub struct Options {
    /// How much a request may take.
    pub limits: Limits,
    /// Requests a minute; 0 for no limit.
    pub rate: u32,
    /// Whether ids are random rather than counted.
    pub random_ids: bool,
    /// Threads that read the base.
    pub readers: u32,
    /// Threads that write.
    pub writers: u32,
    /// Work that may wait.
    pub queue: usize,
    /// How long to wait for a lock or a connection.
    pub patience: Duration,
    /// Reach the base by another address.
    pub by: Option<Location>,
    /// Whether the day is turned at the start, which needs a base that answers.
    pub turns_the_day: bool,
    /// Whether anybody reads the public directory.
    pub public: bool,
    /// Whose tokens are believed beside our own.
    pub issuer: Option<IssuerSettings>,
    /// The proxies that are believed.
    pub proxies: Vec<Network>,
    /// What it does with its base.
    pub use_of_base: Use,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            rate: 0,
            random_ids: false,
            readers: 2,
            writers: 4,
            queue: 256,
            patience: Duration::from_secs(5),
            by: None,
            turns_the_day: true,
            public: false,
            issuer: None,
            proxies: Vec::new(),
            use_of_base: Use::ReadAndWrite,
        }
    }
}

/// A running server, its base and its clock.
pub struct App {
    /// The base.
    pub base: Arc<Base>,
    /// The program's own door to the base.
    pub database: Database,
    /// Where it listens.
    pub address: SocketAddr,
    clock: Arc<AtomicU64>,
    ids: Arc<AtomicU64>,
    /// The token of each role, and when it was given.
    tokens: Mutex<BTreeMap<&'static str, (u64, String)>>,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl App {
    /// A server on a fresh base.
    pub fn start(engine: Engine, options: Options) -> Self {
        let base = Arc::new(Base::fresh(engine));
        Self::serve(base, options, Arc::default(), Arc::new(AtomicU64::new(1)))
    }

    /// A server on a base that may hold ids counted before: it counts from elsewhere.
    pub fn on(base: Base, options: Options) -> Self {
        static ELSEWHERE: AtomicU64 = AtomicU64::new(1);
        let first = ELSEWHERE.fetch_add(1, Ordering::Relaxed) * 1_000_000;
        Self::serve(
            Arc::new(base),
            options,
            Arc::default(),
            Arc::new(AtomicU64::new(first)),
        )
    }

    /// Another server on the same base, with the same clock.
    pub fn beside(&self, options: Options) -> Self {
        Self::serve(
            self.base.clone(),
            options,
            self.clock.clone(),
            self.ids.clone(),
        )
    }

    fn serve(
        base: Arc<Base>,
        options: Options,
        clock: Arc<AtomicU64>,
        ids: Arc<AtomicU64>,
    ) -> Self {
        let settings = Settings {
            readers: options.readers,
            writers: options.writers,
            queue: options.queue,
            patience: options.patience,
        };
        let location = options.by.unwrap_or_else(|| base.location.clone());
        statements::listen();
        let database = Database::open(&location, &settings).unwrap();
        let database = database.reading_only(options.use_of_base == Use::Read);
        // As when the program starts: no request of a story waits for the day to be turned.
        if options.turns_the_day {
            let origin = database::origin();
            block_on(database.turn_day(origin.today, database::origin)).unwrap();
        }
        let app = api::app::App::new(
            database.clone(),
            Clock::Fixed(BEGINNING.parse().unwrap(), clock.clone()),
            if options.random_ids {
                Ids::Random
            } else {
                Ids::Counted(ids.clone())
            },
            Keys::new(SIGNING_KEY, 900).unwrap(),
            options.limits,
            Rates::new(options.rate),
        );
        let app = Data::new(
            app.open_to_the_public(options.public)
                .behind(options.proxies)
                .believing(options.issuer.and_then(|issuer| issuer.issuer().unwrap())),
        );
        let serving = Serving {
            workers: 1,
            origins: vec!["https://front.example".to_owned()],
            farewell: Duration::from_secs(1),
            heed_signals: false,
        };
        let (tell, told) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                let (server, address) = api::server::start(app, &serving, listener).unwrap();
                tell.send((server.handle(), address)).unwrap();
                server.await.unwrap();
            });
        });
        let (handle, address) = told.recv().unwrap();
        Self {
            base,
            database,
            address,
            clock,
            ids,
            tokens: Mutex::default(),
            handle,
            thread: Some(thread),
        }
    }

    /// The engine of its base.
    pub fn engine(&self) -> Engine {
        self.base.engine()
    }

    /// Lets time pass.
    pub fn advance(&self, seconds: u64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
    }

    /// What time it is.
    pub fn now(&self) -> jiff::Timestamp {
        let passed = i64::try_from(self.clock.load(Ordering::Relaxed)).unwrap();
        BEGINNING.parse::<jiff::Timestamp>().unwrap() + jiff::SignedDuration::from_secs(passed)
    }

    /// Sets the clock, which may go back.
    pub fn set_clock(&self, seconds_after_the_beginning: u64) {
        self.clock
            .store(seconds_after_the_beginning, Ordering::Relaxed);
    }

    /// Lets days pass.
    pub fn advance_days(&self, days: u64) {
        self.advance(days * 24 * 3600);
    }

    /// One without a token.
    pub fn nobody(&self) -> Client {
        Client::new(self.address, None)
    }

    /// The client of this role that every base has, with a token for everything.
    pub fn of(&self, role: Role) -> Client {
        let mut tokens = self.tokens.lock().unwrap();
        let now = self.clock.load(Ordering::Relaxed);
        let fresh = |given: u64| (given..given + 600).contains(&now);
        if !tokens
            .get(role.code())
            .is_some_and(|(given, _)| fresh(*given))
        {
            tokens.insert(role.code(), (now, self.token(client_of(role), None)));
        }
        let (_, token) = &tokens[role.code()];
        Client::new(self.address, Some(token.clone()))
    }

    /// One who may do everything.
    pub fn administrator(&self) -> Client {
        self.of(Role::Administrator)
    }

    /// One who only reads.
    pub fn reader(&self) -> Client {
        self.of(Role::Reader)
    }

    /// One with this token.
    pub fn bearing(&self, token: &str) -> Client {
        Client::new(self.address, Some(token.to_owned()))
    }

    /// A token got from the server.
    pub fn token(&self, id: CallerId, scope: Option<&str>) -> String {
        let answer = self
            .nobody()
            .ask_token(&id.to_string(), &database::secret().0, scope);
        answer.is(200).json()["access_token"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// A token that is good for years, for stories in which years pass.
    pub fn lasting_token(id: CallerId) -> String {
        let keys = Keys::new(SIGNING_KEY, u32::MAX).unwrap();
        let from = BEGINNING.parse().unwrap();
        let (token, _) = keys
            .sign(id, None, TokenScope::ALL, Uuid::now_v7(), from)
            .unwrap();
        token
    }

    /// A new client of this role, and its id.
    pub fn new_client(&self, role: Role) -> (CallerId, Client) {
        self.new_client_on(role, database::usual_scope(role))
    }

    /// A new client that holds this role on this scope, and its id.
    pub fn new_client_on(&self, role: Role, scope: Scope) -> (CallerId, Client) {
        let id = CallerId::new(Uuid::now_v7());
        database::create_client(&self.database, id, role, scope);
        (id, self.bearing(&self.token(id, None)))
    }

    /// Withdraws the access of a client, or of one whom another issuer vouches for.
    pub fn revoke(&self, id: CallerId) {
        let permit = Actor::operator()
            .authorise(Action::RevokeClient, Target::Everything)
            .unwrap();
        let now = BEGINNING.parse().unwrap();
        self.by_operator(
            move |tx| match clients::for_change(tx, ClientId::new(id.uuid()))? {
                Some(client) => {
                    clients::revoke(tx, &permit, &client.revoke(now).unwrap()).map(drop)
                }
                None => callers::revoke(tx, id).map(drop),
            },
        )
        .unwrap();
    }

    /// Gives a caller a role on something from now on, and says by which grant.
    pub fn give(&self, caller: CallerId, role: Role, scope: Scope) -> GrantId {
        let id = GrantId::new(Uuid::now_v7());
        let fields = GrantFields {
            role,
            scope,
            starts_on: None,
            ends_before: None,
        };
        let grant = Grant::give(id, caller, fields).unwrap();
        let permit = Actor::operator()
            .authorise(Action::GiveGrant, Target::Everything)
            .unwrap();
        self.by_operator(move |tx| grants::insert(tx, &permit, &grant).map(drop))
            .unwrap();
        id
    }

    /// Takes every role from a caller and gives it this one on everything.
    pub fn give_role(&self, caller: CallerId, role: Role) {
        self.give_role_on(caller, role, Scope::Everything);
    }

    /// Takes every role from a caller and gives it this one on this scope.
    pub fn give_role_on(&self, caller: CallerId, role: Role, scope: Scope) {
        let permit = Actor::operator()
            .authorise(Action::DeleteGrant, Target::Everything)
            .unwrap();
        self.by_operator(move |tx| {
            let filter = grants::Filter {
                caller: Some(caller),
                ..grants::Filter::default()
            };
            let page = Page {
                limit: 100,
                sort: SortBy::Id,
                after: None,
                today: tx.today(),
            };
            for (given, _) in filter.page(tx, Visibility::Everything, &page)? {
                grants::delete(tx, &permit, &given.resource()?)?;
            }
            Ok(())
        })
        .unwrap();
        self.give(caller, role, scope);
    }

    /// Writes as the one who runs the program does.
    pub fn by_operator<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        database::by_operator(&self.database, work)
    }

    /// Keeps one writing thread busy within a transaction that did `first`, until the guard is
    /// dropped; then it commits.
    pub fn hold_write(
        &self,
        first: impl Fn(&mut Tx) -> Result<(), Fault> + Send + 'static,
    ) -> Held {
        let database = self.database.clone();
        Held::by(move |reached, release| {
            let held = Mutex::new((reached, release));
            let work = move |tx: &mut Tx<'_>| {
                first(tx)?;
                let (reached, release) = &*held.lock().unwrap();
                let _ = reached.send(());
                let _ = release.recv();
                Ok::<_, Fault>(())
            };
            block_on(database.transact(database::origin(), work)).unwrap();
        })
    }

    /// Keeps one reading thread busy until the guard is dropped.
    pub fn hold_read(&self) -> Held {
        let database = self.database.clone();
        Held::by(move |reached, release| {
            let held = Mutex::new((reached, release));
            let work = move |_: &mut persistence::Db| {
                let (reached, release) = &*held.lock().unwrap();
                let _ = reached.send(());
                let _ = release.recv();
                Ok::<_, Fault>(())
            };
            block_on(database.read(work)).unwrap();
        })
    }

    /// Everything there is, page after page, in the order of ids.
    pub fn everything(&self) -> Vec<Value> {
        self.reader().all_pages("/v1/organisations?limit=200")
    }
}

impl Drop for App {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Work on the base that goes on until this is dropped.
pub struct Held {
    release: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Held {
    fn by(work: impl FnOnce(mpsc::Sender<()>, mpsc::Receiver<()>) + Send + 'static) -> Self {
        let (reach, reached) = mpsc::channel();
        let (release, released) = mpsc::channel();
        let thread = std::thread::spawn(move || work(reach, released));
        reached.recv().expect("the work began");
        Self {
            release: Some(release),
            thread: Some(thread),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.release = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Does the same from so many threads at one moment, and gathers what came of it.
pub fn together<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let barrier = Barrier::new(count);
    let (barrier, work) = (&barrier, &work);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..count)
            .map(|number| {
                scope.spawn(move || {
                    barrier.wait();
                    work(number)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}
