//! The only door for writing.
//!
//! A room changes its own tables and says what it touched. Before the one commit, and nowhere
//! else, this file stores the versions, appends to the feed, writes the audit lines and keeps the
//! idempotent answer.

mod keep;

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use domain::access::{Action, CallerId, Permit, Scope};
use domain::records::{ChangeKind, RecordRef, Resource, ResourceType};
use domain::values::{Date, Version};
use jiff::Timestamp;
use uuid::Uuid;

use crate::connection::{AT_ONCE, Begin};
use crate::database::Failure;
use crate::idempotency::{self, Claim, Replay, Retried};
use crate::{Db, Document, Fault, finding, ties};

/// What stands for the change in an entry that is there only because a scope came to reach the
/// record, or ceased to.
pub(crate) const REACHED: &str = "reached";

/// The position of versions of which the feed does not tell.
const NOT_IN_FEED: i64 = 0;

/// Tells what time it is.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// A clock that asks `now`.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

/// Where a write comes from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// When it came.
    pub at: Timestamp,
    /// What time it is when it is kept, which may be later.
    pub clock: Clock,
    /// The day it is in France.
    pub today: Date,
    /// The request it answers.
    pub request_id: String,
    /// Why, in the author's words.
    pub reason: Option<String>,
    /// Whether nothing is to be kept.
    pub dry_run: bool,
    /// The key by which the same request may come again.
    pub retried: Option<Retried>,
}

impl Origin {
    /// A write of the program itself, at the hand of the one who runs it.
    #[must_use]
    pub fn by_operator(clock: Clock, today: Date) -> Self {
        let at = (clock.0)();
        let request_id = format!("operator-{}", at.as_microsecond());
        Self {
            at,
            clock,
            today,
            request_id,
            reason: None,
            dry_run: false,
            retried: None,
        }
    }
}

/// What came of a write.
#[derive(Debug)]
pub enum Written<X> {
    /// It was kept now, or would have been without `dry_run`; with what else the work told.
    Kept(Document, X),
    /// It had been kept before.
    Replay(Replay),
    /// The key was used for another request.
    OtherRequest,
}

/// An open transaction: the right to write, and the account of what was touched.
pub struct Tx<'db> {
    db: &'db mut Db,
    origin: &'db Origin,
    touched: Vec<Touched>,
    /// Records whose belongings changed.
    moved: Vec<(ResourceType, Uuid)>,
    /// What was first permitted.
    action: Option<Action>,
}

/// What one write did to one record.
struct Touched {
    caller: Option<CallerId>,
    action: Action,
    resource_type: ResourceType,
    id: Uuid,
    before: Option<Version>,
    after: Option<Version>,
    /// Nothing when the record does not belong in the feed.
    change: Option<ChangeKind>,
    body: Option<String>,
}

impl Deref for Tx<'_> {
    type Target = Db;

    fn deref(&self) -> &Db {
        self.db
    }
}

impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Db {
        self.db
    }
}

impl<'db> Tx<'db> {
    fn new(db: &'db mut Db, origin: &'db Origin) -> Self {
        Self {
            db,
            origin,
            touched: Vec::new(),
            moved: Vec::new(),
            action: None,
        }
    }
}

impl Tx<'_> {
    /// Whether nothing is to be kept.
    #[must_use]
    pub fn is_dry_run(&self) -> bool {
        self.origin.dry_run
    }

    /// The day it is.
    #[must_use]
    pub fn today(&self) -> Date {
        self.origin.today
    }

    /// Says that a record was created or changed, and renders it for the room to store.
    pub(crate) fn record<R: Resource>(
        &mut self,
        permit: &Permit,
        change: ChangeKind,
        resource: &R,
    ) -> Result<Document, Fault> {
        if resource.version() > Version::FIRST {
            finding::forget(self.db, resource)?;
        }
        finding::keep(self.db, std::slice::from_ref(resource))?;
        self.recorded(permit, change, resource)
    }

    /// Says that records were created, and renders them: the same for many at once.
    pub(crate) fn record_new<R: Resource>(
        &mut self,
        permit: &Permit,
        resources: &[R],
    ) -> Result<Vec<Document>, Fault> {
        finding::keep(self.db, resources)?;
        let recorded = resources
            .iter()
            .map(|resource| self.recorded(permit, ChangeKind::Created, resource));
        recorded.collect()
    }

    fn recorded<R: Resource>(
        &mut self,
        permit: &Permit,
        change: ChangeKind,
        resource: &R,
    ) -> Result<Document, Fault> {
        concerns(permit, resource)?;
        let moved = ties::keep(self.db, resource, resource.version() == Version::FIRST)?;
        self.moved(moved);
        self.stated(permit, change, resource)
    }

    /// Renders the state that a record was left in. What it belongs to from then on was kept before,
    /// so that both have one place in the feed.
    fn stated<R: Resource>(
        &mut self,
        permit: &Permit,
        change: ChangeKind,
        resource: &R,
    ) -> Result<Document, Fault> {
        let document = Document::render(resource, self.origin.today)?;
        let after = resource.version();
        self.touch(Touched {
            caller: permit.author().caller(),
            action: permit.action(),
            resource_type: R::TYPE,
            id: resource.uuid(),
            before: (after > Version::FIRST).then(|| Version::new(after.number() - 1)),
            after: Some(after),
            change: Some(change),
            body: Some(document.body.clone()),
        })?;
        Ok(document)
    }

    /// Says that a record was deleted; what remains is a tombstone one version later.
    pub(crate) fn record_deletion<R: Resource>(
        &mut self,
        permit: &Permit,
        resource: &R,
    ) -> Result<(), Fault> {
        concerns(permit, resource)?;
        finding::forget(self.db, resource)?;
        let moved = ties::forget(self.db, resource.uuid())?;
        self.moved(moved);
        self.touch(Touched {
            caller: permit.author().caller(),
            action: permit.action(),
            resource_type: R::TYPE,
            id: resource.uuid(),
            before: Some(resource.version()),
            after: Some(resource.version().next()),
            change: Some(ChangeKind::Deleted),
            body: None,
        })
    }

    /// Says that what some records belong to changed.
    pub(crate) fn moved(&mut self, records: impl IntoIterator<Item = RecordRef>) {
        let records = records.into_iter();
        self.moved
            .extend(records.map(|one| (one.resource_type, one.id)));
    }

    /// Counts what was done to a record. A large transaction keeps what it touched as it goes, in
    /// its turn from then on, so that it holds no more than so many records.
    fn touch(&mut self, touched: Touched) -> Result<(), Fault> {
        self.action.get_or_insert(touched.action);
        self.touched.push(touched);
        if self.touched.len() < AT_ONCE {
            return Ok(());
        }
        if self.origin.dry_run {
            self.touched.clear();
            return Ok(());
        }
        self.keep()
    }

    /// Says that a record was folded into another; its last state, which says so, stays in the history.
    pub(crate) fn record_fold<R: Resource>(
        &mut self,
        permit: &Permit,
        resource: &R,
    ) -> Result<Document, Fault> {
        concerns(permit, resource)?;
        finding::forget(self.db, resource)?;
        let moved = ties::forget(self.db, resource.uuid())?;
        self.moved(moved);
        self.stated(permit, ChangeKind::Duplicate, resource)
    }

    /// Says that something was done which is audited but is not in the feed.
    pub(crate) fn note(&mut self, permit: &Permit, resource_type: ResourceType, id: Uuid) {
        self.action.get_or_insert(permit.action());
        self.touched.push(Touched {
            caller: permit.author().caller(),
            action: permit.action(),
            resource_type,
            id,
            before: None,
            after: None,
            change: None,
            body: None,
        });
    }

    pub(crate) fn origin(&self) -> &Origin {
        self.origin
    }
}

/// A permit for one record writes no other.
fn concerns<R: Resource>(permit: &Permit, resource: &R) -> Result<(), Fault> {
    if permit.scope() == Scope::Everything || permit.scope() == resource.scope() {
        return Ok(());
    }
    let (scope, id) = (permit.scope(), resource.uuid());
    Err(Fault::Schema(format!(
        "a permit for {scope:?} was used on {id}"
    )))
}

/// Runs `work` between begin and commit.
pub(crate) fn run<T, E: Failure>(
    db: &mut Db,
    origin: &Origin,
    work: &impl Fn(&mut Tx) -> Result<T, E>,
) -> Result<T, E> {
    db.begin(Begin::Write)?;
    let mut tx = Tx::new(db, origin);
    let result = work(&mut tx).and_then(|value| {
        if !origin.dry_run {
            tx.keep()?;
        }
        Ok(value)
    });
    close(db, origin, result)
}

/// The same for a request that answers with one record and may have come before.
pub(crate) fn run_once<X, E: Failure>(
    db: &mut Db,
    origin: &Origin,
    work: &impl Fn(&mut Tx) -> Result<(Document, X), E>,
) -> Result<Written<X>, E> {
    let Some(retried) = origin.retried.as_ref().filter(|_| !origin.dry_run) else {
        let (document, told) = run(db, origin, work)?;
        return Ok(Written::Kept(document, told));
    };
    db.begin(Begin::Write)?;
    let result = match idempotency::claim(db, retried, origin.at) {
        Ok(Claim::Ours) => {
            let mut tx = Tx::new(db, origin);
            work(&mut tx).and_then(|(document, told)| {
                idempotency::keep_answer(tx.db, retried, tx.action, &document)?;
                tx.keep()?;
                Ok(Written::Kept(document, told))
            })
        }
        Ok(Claim::Known(replay)) => Ok(Written::Replay(replay)),
        Ok(Claim::OtherRequest) => Ok(Written::OtherRequest),
        Err(fault) => Err(fault.into()),
    };
    close(db, origin, result)
}

fn close<T, E: Failure>(db: &mut Db, origin: &Origin, result: Result<T, E>) -> Result<T, E> {
    match result {
        Ok(value) if origin.dry_run => {
            db.roll_back()?;
            Ok(value)
        }
        Ok(value) => {
            db.commit()?;
            Ok(value)
        }
        Err(error) => {
            // A broken connection cannot roll back, and the server already has.
            if let Err(fault) = db.roll_back() {
                tracing::debug!(%fault, "roll-back");
            }
            Err(error)
        }
    }
}
