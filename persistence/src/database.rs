//! The threads that work on the base.
//!
//! Work waits in a bounded queue for one of a fixed number of threads, each with its own
//! connection: on SQLite one writes and the others read; on PostgreSQL some write, some read, so
//! that a write waiting for a lock never keeps a reader waiting. A full queue refuses at once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use domain::records::ResourceType;
use domain::values::Date;
use r2d2::{Pool, PooledConnection};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::callers::{Asker, Rights, Told};
use crate::connection::{Begin, Manager};
use crate::gathered::{self, FoundOne, Gathered, ReadSome};
use crate::transaction::{self, Origin, Tx, Written};
use crate::{Db, Document, Fault, Location, scopes};

/// An error of a caller of this crate: its own, or a fault of ours.
pub trait Failure: From<Fault> + Send + 'static {
    /// The fault, when it is one.
    fn fault(&self) -> Option<&Fault>;
}

impl Failure for Fault {
    fn fault(&self) -> Option<&Fault> {
        Some(self)
    }
}

/// How many threads, how long a queue, how much patience.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Threads that read.
    pub readers: u32,
    /// Threads that write; SQLite has one whatever is asked.
    pub writers: u32,
    /// Pieces of work that may wait, for each kind of thread.
    pub queue: usize,
    /// How long to wait for a lock or a connection.
    pub patience: Duration,
}

impl Settings {
    /// What suits this engine on this many processors.
    #[must_use]
    pub fn for_location(location: &Location, processors: u32) -> Self {
        let (readers, writers) = match location {
            Location::Sqlite(_) => (processors.max(2), 1),
            Location::Postgres(_) => (processors.max(2).saturating_mul(2), 8),
        };
        Self {
            readers,
            writers,
            queue: 256,
            patience: Duration::from_secs(5),
        }
    }
}

/// The base, as the rest of the program sees it.
#[derive(Clone)]
pub struct Database {
    lanes: Arc<Lanes>,
    turned: Arc<RwLock<Turned>>,
    /// Held by whoever turns it.
    turning: Arc<tokio::sync::Mutex<()>>,
    /// What the base told of the rights of callers.
    told: Arc<Told>,
    /// Those who wait for one record.
    gathered: Arc<Gathered>,
    read_only: bool,
}

/// What is known of the turn of the day.
#[derive(Clone, Copy, Default)]
struct Turned {
    /// The last day of which we know that it was turned.
    day: Option<Date>,
    /// When it was last left to the process that writes.
    left_at: Option<Instant>,
}

/// How long a day is left to the process that writes, before it is looked at again.
const LEFT_FOR: Duration = Duration::from_secs(1);

impl Turned {
    fn needs_nothing(self, today: Date) -> bool {
        self.day.is_some_and(|day| today <= day)
            || self.left_at.is_some_and(|left| left.elapsed() < LEFT_FOR)
    }
}

struct Lanes {
    location: Location,
    read: Lane,
    write: Lane,
}

type Work = Box<dyn FnOnce(&mut Worker) + Send>;

/// One kind of thread, with its queue.
struct Lane {
    queue: Option<Sender<Work>>,
    threads: Vec<JoinHandle<()>>,
}

/// What a thread holds: a connection, taken again whenever the last one broke.
struct Worker {
    pool: Pool<Manager>,
    held: Option<PooledConnection<Manager>>,
}

impl Database {
    /// Starts the threads. Connections are made when first needed.
    pub fn open(location: &Location, settings: &Settings) -> Result<Self, Fault> {
        let writers = match location {
            Location::Sqlite(_) => 1,
            Location::Postgres(_) => settings.writers.max(1),
        };
        let lane = |name, threads| Lane::start(name, location, threads, settings);
        let lanes = Lanes {
            location: location.clone(),
            read: lane("read", settings.readers.max(1))?,
            write: lane("write", writers)?,
        };
        Ok(Self {
            lanes: Arc::new(lanes),
            turned: Arc::default(),
            turning: Arc::default(),
            told: Arc::default(),
            gathered: Arc::default(),
            read_only: false,
        })
    }

    /// The same, where nothing is written if `read_only`.
    #[must_use]
    pub fn reading_only(mut self, read_only: bool) -> Self {
        self.read_only = read_only;
        self
    }

    /// Does what the calendar alone does to rights and scopes by a day, unless it was done. Where nothing may be
    /// written, it is left to the process that writes: until then rights are those of the day before.
    pub async fn turn_day(
        &self,
        today: Date,
        origin: impl FnOnce() -> Origin,
    ) -> Result<(), Fault> {
        let needs_nothing = || {
            let turned = *self.turned.read().unwrap_or_else(PoisonError::into_inner);
            turned.needs_nothing(today)
        };
        if needs_nothing() {
            return Ok(());
        }
        // One at a time; those who wait for it find the day turned.
        let _place = self.turning.lock().await;
        if needs_nothing() {
            return Ok(());
        }
        let known = |db: &mut Db| Ok::<_, Fault>((scopes::turned_on(db)?, db.is_replica()?));
        let (turned, is_replica) = self.read(known).await?;
        if turned.is_none_or(|turned| turned < today) {
            if self.read_only || is_replica {
                let mut turned = self.turned.write().unwrap_or_else(PoisonError::into_inner);
                turned.left_at = Some(Instant::now());
                return Ok(());
            }
            self.transact(origin(), scopes::turn_day).await?;
        }
        let mut turned = self.turned.write().unwrap_or_else(PoisonError::into_inner);
        turned.day = Some(today);
        Ok(())
    }

    /// Runs one statement, or several that need not agree with one another.
    pub async fn read<T, E>(
        &self,
        work: impl Fn(&mut Db) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
    {
        self.lanes
            .read
            .run(move |worker| worker.attempt(&work))
            .await
    }

    /// The same for one who asks, whose rights are asked after this call and before the work.
    pub async fn read_as<T, E>(
        &self,
        asker: Asker,
        work: impl Fn(&mut Db, Option<Rights>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
    {
        let (told, came) = (self.told.clone(), Instant::now());
        self.read(move |db: &mut Db| {
            let rights = told.rights(db, asker, came)?;
            work(db, rights)
        })
        .await
    }

    /// One record of a type with the rights of the one who asks, read together with the others that
    /// wait for a thread meanwhile.
    pub async fn one(
        &self,
        of: ResourceType,
        read: ReadSome,
        asker: Asker,
        id: Uuid,
    ) -> Result<FoundOne, Fault> {
        let (reply, mut answer) = oneshot::channel();
        if self.gathered.wait(of, asker, id, reply)? {
            self.call(of, read)?;
        }
        let soon = tokio::time::timeout(gathered::PATIENCE, &mut answer).await;
        let answered = if let Ok(answered) = soon {
            answered
        } else {
            // Whoever cannot be called is not needed: somebody reads already.
            if self.gathered.wait_on(of) && self.call(of, read).is_err() {
                tracing::debug!("nobody else came to read");
            }
            answer.await
        };
        answered.unwrap_or_else(|_| Err(Fault::Unavailable("nobody came to read".to_owned())))
    }

    /// Calls a thread to read for those who wait.
    fn call(&self, of: ResourceType, read: ReadSome) -> Result<(), Fault> {
        let sent = self.lanes.read.queue().and_then(|queue| {
            let gathering = gathering(self.gathered.clone(), of, read, queue.clone());
            send(queue, gathering)
        });
        sent.inspect_err(|_| self.gathered.give_up(of))
    }

    /// Runs several statements that see one and the same moment.
    pub async fn snapshot<T, E>(
        &self,
        work: impl Fn(&mut Db) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
    {
        let within = move |db: &mut Db| {
            db.begin(Begin::Snapshot)?;
            let result = work(db);
            db.roll_back()?;
            result
        };
        self.lanes
            .read
            .run(move |worker| worker.attempt(&within))
            .await
    }

    /// Runs `work` in one transaction and keeps everything it touched, once. It may run again.
    pub async fn transact<T, E>(
        &self,
        origin: Origin,
        work: impl Fn(&mut Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
    {
        if self.read_only {
            return Err(Fault::ReadOnly.into());
        }
        let within = move |db: &mut Db| transaction::run(db, &origin, &work);
        self.lanes
            .write
            .run(move |worker| worker.persist(&within))
            .await
    }

    /// The same for a write that answers with one record, and may be the retry of an earlier one.
    pub async fn write<X: Send + 'static, E: Failure>(
        &self,
        origin: Origin,
        work: impl Fn(&mut Tx) -> Result<(Document, X), E> + Send + 'static,
    ) -> Result<Written<X>, E> {
        if self.read_only {
            return Err(Fault::ReadOnly.into());
        }
        let within = move |db: &mut Db| transaction::run_once(db, &origin, &work);
        self.lanes
            .write
            .run(move |worker| worker.persist(&within))
            .await
    }

    /// Where the base is.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.lanes.location
    }

    /// How much work waits to read and to write.
    #[must_use]
    pub fn waiting(&self) -> (usize, usize) {
        let to_read = self.lanes.read.waiting() + self.gathered.waiting();
        (to_read, self.lanes.write.waiting())
    }
}

impl Lane {
    fn start(
        name: &str,
        location: &Location,
        threads: u32,
        settings: &Settings,
    ) -> Result<Self, Fault> {
        let manager = Manager {
            location: location.clone(),
            patience: settings.patience,
        };
        let pool = Pool::builder()
            .max_size(threads)
            .min_idle(Some(0))
            .test_on_check_out(false)
            .max_lifetime(None)
            .idle_timeout(None)
            .connection_timeout(settings.patience)
            .error_handler(Box::new(r2d2::LoggingErrorHandler))
            .build_unchecked(manager);
        let (queue, work) = bounded::<Work>(settings.queue);
        let spawn = |number| {
            let (pool, work) = (pool.clone(), work.clone());
            std::thread::Builder::new()
                .name(format!("{name}-{number}"))
                .spawn(move || serve(&work, Worker { pool, held: None }))
                .map_err(|error| Fault::Unavailable(error.to_string()))
        };
        let threads = (0..threads).map(spawn).collect::<Result<_, _>>()?;
        Ok(Self {
            queue: Some(queue),
            threads,
        })
    }

    async fn run<T, E>(
        &self,
        work: impl FnOnce(&mut Worker) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: Failure,
    {
        let (reply, answer) = oneshot::channel();
        let job: Work = Box::new(move |worker| {
            // Nobody listens any more when the client went away; the work is done all the same.
            drop(reply.send(work(worker)));
        });
        send(self.queue()?, job)?;
        match answer.await {
            Ok(result) => result,
            Err(_) => Err(Fault::Panic("work panicked outside its guard".to_owned()).into()),
        }
    }

    fn queue(&self) -> Result<&Sender<Work>, Fault> {
        let queue = self.queue.as_ref();
        queue.ok_or_else(|| Fault::Unavailable("stopping".to_owned()))
    }

    fn waiting(&self) -> usize {
        self.queue.as_ref().map_or(0, Sender::len)
    }
}

fn send(queue: &Sender<Work>, work: Work) -> Result<(), Fault> {
    queue.try_send(work).map_err(|refused| match refused {
        TrySendError::Full(_) => Fault::Unavailable("the queue is full".to_owned()),
        TrySendError::Disconnected(_) => Fault::Unavailable("stopping".to_owned()),
    })
}

/// Reads a batch of records for those who wait, and goes to the end of the queue when there are more.
fn gathering(
    gathered: Arc<Gathered>,
    of: ResourceType,
    read: ReadSome,
    queue: Sender<Work>,
) -> Work {
    Box::new(move |worker| {
        let attempt = |worker: &mut Worker| {
            gathered.read(of, |asker, ids| {
                worker.attempt(&|db: &mut Db| read(db, asker, ids))
            })
        };
        while attempt(worker) {
            let again = gathering(gathered.clone(), of, read, queue.clone());
            if queue.is_empty() || send(&queue, again).is_err() {
                continue;
            }
            return;
        }
    })
}

/// Lets the queued work end before the threads do.
impl Drop for Lane {
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            if thread.thread().id() != std::thread::current().id() {
                drop(thread.join());
            }
        }
    }
}

fn serve(work: &Receiver<Work>, mut worker: Worker) {
    while let Ok(job) = work.recv() {
        if catch_unwind(AssertUnwindSafe(|| job(&mut worker))).is_err() {
            worker.held = None;
        }
    }
}

impl Worker {
    /// Runs `work`; on a connection that turns out to be gone, once more on a new one.
    fn attempt<T, E: Failure>(&mut self, work: &impl Fn(&mut Db) -> Result<T, E>) -> Result<T, E> {
        let fresh = self.held.is_none();
        match self.once(work) {
            Err(error) if !fresh && matches!(error.fault(), Some(Fault::Unavailable(_))) => {
                self.once(work)
            }
            result => result,
        }
    }

    /// The same, and again a bounded number of times when another transaction went first.
    fn persist<T, E: Failure>(&mut self, work: &impl Fn(&mut Db) -> Result<T, E>) -> Result<T, E> {
        const ATTEMPTS: u32 = 6;
        for attempt in 1..ATTEMPTS {
            match self.attempt(work) {
                Err(error) if error.fault().is_some_and(Fault::is_transient) => {
                    tracing::debug!(attempt, "another transaction went first");
                    std::thread::sleep(Duration::from_millis(u64::from(attempt * attempt)));
                }
                result => return result,
            }
        }
        self.attempt(work)
    }

    fn once<T, E: Failure>(&mut self, work: &impl Fn(&mut Db) -> Result<T, E>) -> Result<T, E> {
        let mut db = match self.held.take() {
            Some(db) => db,
            None => self.pool.get().map_err(Fault::from)?,
        };
        let result = catch_unwind(AssertUnwindSafe(|| work(&mut db)));
        let result = result.unwrap_or_else(|panic| {
            let told = panic.downcast_ref::<String>().map(String::as_str);
            let told = told
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("no message");
            Err(Fault::Panic(told.to_owned()).into())
        });
        let breaks = result
            .as_ref()
            .err()
            .and_then(Failure::fault)
            .is_some_and(Fault::breaks_connection);
        if breaks || db.is_broken() {
            // Dropped rather than given back, so that the pool makes a new one.
            discard(db);
        } else {
            self.held = Some(db);
        }
        result
    }
}

/// Returns a connection to its pool marked as broken.
fn discard(mut db: PooledConnection<Manager>) {
    db.broken = true;
}
