//! The only door for writing.
//!
//! A room changes its own tables and says what it touched. Before the one commit, and nowhere
//! else, this file stores the versions, appends to the feed, writes the audit lines and keeps the
//! idempotent answer.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use diesel::prelude::*;
use domain::access::{Action, CallerId, Permit, Scope};
use domain::records::{ChangeKind, Resource, ResourceType};
use domain::values::{CodeList, Date, Version};
use jiff::Timestamp;
use uuid::Uuid;

use crate::columns::{Instant, Json, Key};
use crate::connection::{AT_ONCE, Begin, Turn, on_engine};
use crate::database::Failure;
use crate::idempotency::{self, Claim, Replay, Retried};
use crate::schema::{audit, base, feed, versions};
use crate::scopes::{self, Move};
use crate::{Db, Document, Fault, finding};

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
            finding::forget(self.db, resource.uuid())?;
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
        if scopes::keep(self.db, resource, resource.version() == Version::FIRST)? {
            self.moved(R::TYPE, resource.uuid());
        }
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
        finding::forget(self.db, resource.uuid())?;
        if scopes::forget(self.db, resource.uuid())? {
            self.moved(R::TYPE, resource.uuid());
        }
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

    /// Says that what a record belongs to changed.
    pub(crate) fn moved(&mut self, resource_type: ResourceType, id: Uuid) {
        self.moved.push((resource_type, id));
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
        finding::forget(self.db, resource.uuid())?;
        if scopes::forget(self.db, resource.uuid())? {
            self.moved(R::TYPE, resource.uuid());
        }
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

    /// Everything that is kept beside the rooms' own rows.
    ///
    /// Feed positions come last: from the moment the turn is taken until the commit no other
    /// transaction can get one, so positions follow commits, and so does the instant beside them,
    /// even when the clock is set back.
    fn keep(&mut self) -> Result<(), Fault> {
        self.keep_audit()?;
        let touched = std::mem::take(&mut self.touched);
        let rebelonging = std::mem::take(&mut self.moved);
        let (told, untold): (Vec<Touched>, Vec<Touched>) = touched
            .into_iter()
            .filter(|t| t.change.is_some())
            .partition(|t| t.resource_type.is_in_feed());
        self.keep_versions(&untold, |_| NOT_IN_FEED, Instant(self.origin.at))?;
        if told.is_empty() && rebelonging.is_empty() {
            return Ok(());
        }
        self.db.take_turn(Turn::Feed)?;
        let (last, last_at) = tail(self.db)?;
        let now = (self.origin.clock.0)();
        let at = Instant(last_at.map_or(now, |last_at| last_at.max(now)));
        let place = |index: usize| i64::try_from(index).map_or(last, |index| last + 1 + index);
        self.keep_versions(&told, place, at)?;
        let mut entries: Vec<FeedRow> = told
            .iter()
            .enumerate()
            .filter_map(|(index, t)| {
                let of = (t.resource_type, t.id, t.after.unwrap_or(Version::FIRST));
                Some(entry(self.origin, place(index), at, t.change?.code(), of))
            })
            .collect();
        let moves = match rebelonging.as_slice() {
            [] => Vec::new(),
            records => {
                let day = scopes::turned_on(self.db)?.unwrap_or(self.origin.today);
                scopes::moves(self.db, records, day)?
            }
        };
        let mut positions: HashMap<Uuid, i64> = HashMap::new();
        for (index, t) in told.iter().enumerate() {
            positions.entry(t.id).or_insert(place(index));
        }
        // What else a move reaches is told by entries of its own, without a change.
        let others = moves
            .iter()
            .filter(|moved| !positions.contains_key(&moved.id));
        let others: Vec<&Move> = others.collect();
        let ids: Vec<Uuid> = others.iter().map(|moved| moved.id).collect();
        let present = scopes::present_versions(self.db, &ids)?;
        for (index, moved) in (told.len()..).zip(others) {
            let version = present.get(&moved.id).copied();
            let version = version.map_or(Version::FIRST, Version::new);
            let of = (moved.resource_type, moved.id, version);
            entries.push(entry(self.origin, place(index), at, REACHED, of));
            positions.insert(moved.id, place(index));
        }
        for rows in entries.chunks(AT_ONCE) {
            on_engine!(self.db, |conn| diesel::insert_into(feed::table)
                .values(rows)
                .execute(conn))?;
        }
        let placed: Vec<(i64, &Move)> = moves
            .iter()
            .filter_map(|moved| Some((*positions.get(&moved.id)?, moved)))
            .collect();
        scopes::keep_moves(self.db, &placed)
    }

    fn keep_versions(
        &mut self,
        touched: &[Touched],
        place: impl Fn(usize) -> i64,
        at: Instant,
    ) -> Result<(), Fault> {
        let rows: Vec<VersionRow> = touched
            .iter()
            .enumerate()
            .filter_map(|(index, t)| {
                Some(VersionRow {
                    id: Key(t.id),
                    version: t.after.unwrap_or(Version::FIRST).number(),
                    type_: t.resource_type.code(),
                    change: t.change?.code(),
                    position: place(index),
                    at,
                    body: t.body.clone().map(Json),
                })
            })
            .collect();
        for rows in rows.chunks(AT_ONCE) {
            on_engine!(self.db, |conn| diesel::insert_into(versions::table)
                .values(rows)
                .execute(conn))?;
        }
        Ok(())
    }

    fn keep_audit(&mut self) -> Result<(), Fault> {
        let lines: Vec<AuditRow> = self
            .touched
            .iter()
            .map(|t| AuditRow {
                at: Instant(self.origin.at),
                caller: t.caller.map(Key::from),
                action: t.action.code(),
                type_: t.resource_type.code(),
                id: Key(t.id),
                version_before: t.before.map(Version::number),
                version_after: t.after.map(Version::number),
                request_id: &self.origin.request_id,
                reason: self.origin.reason.clone(),
            })
            .collect();
        for rows in lines.chunks(AT_ONCE) {
            on_engine!(self.db, |conn| diesel::insert_into(audit::table)
                .values(rows)
                .execute(conn))?;
        }
        Ok(())
    }
}

fn entry<'a>(
    origin: &'a Origin,
    position: i64,
    at: Instant,
    change: &'static str,
    (resource_type, id, version): (ResourceType, Uuid, Version),
) -> FeedRow<'a> {
    FeedRow {
        position,
        fingerprint: fingerprint(),
        at,
        change,
        type_: resource_type.code(),
        id: Key(id),
        version: version.number(),
        request_id: &origin.request_id,
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

/// A number that another history of the same base will not give to the same position.
fn fingerprint() -> i64 {
    let (high, low) = Uuid::new_v4().as_u64_pair();
    i64::from_be_bytes((high ^ low.rotate_left(32)).to_be_bytes())
}

/// The last position given and its instant: the feed's, or the floor's when it is empty.
fn tail(db: &mut Db) -> Result<(i64, Option<Timestamp>), Fault> {
    let last: Option<(i64, Instant)> = on_engine!(db, |conn| {
        feed::table
            .select((feed::position, feed::at))
            .order(feed::position.desc())
            .first(conn)
            .optional()
    })?;
    if let Some((position, at)) = last {
        return Ok((position, Some(at.0)));
    }
    let floor = base::table.select((base::floor_position, base::floor_at));
    let (position, at): (i64, Option<Instant>) = on_engine!(db, |conn| floor.get_result(conn))?;
    Ok((position, at.map(|at| at.0)))
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

#[derive(Insertable)]
#[diesel(table_name = versions, treat_none_as_default_value = false)]
struct VersionRow {
    id: Key,
    version: i64,
    type_: &'static str,
    change: &'static str,
    position: i64,
    at: Instant,
    body: Option<Json>,
}

#[derive(Insertable)]
#[diesel(table_name = feed, treat_none_as_default_value = false)]
struct FeedRow<'a> {
    position: i64,
    fingerprint: i64,
    at: Instant,
    change: &'static str,
    type_: &'static str,
    id: Key,
    version: i64,
    request_id: &'a str,
}

#[derive(Insertable)]
#[diesel(table_name = audit, treat_none_as_default_value = false)]
struct AuditRow<'a> {
    at: Instant,
    caller: Option<Key>,
    action: &'static str,
    type_: &'static str,
    id: Key,
    version_before: Option<i64>,
    version_after: Option<i64>,
    request_id: &'a str,
    reason: Option<String>,
}
