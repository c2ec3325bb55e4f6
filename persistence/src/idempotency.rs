//! Requests that come again: done once, answered alike.
//!
//! The key is taken in the transaction of the work itself. What is kept is the status and the
//! version that the work left, not the bytes: they are rendered again.

use diesel::prelude::*;
use domain::access::{Action, CallerId};
use domain::records::ResourceType;
use domain::values::{CodeList, Version};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::columns::{Instant, Key};
use crate::connection::on_engine;
use crate::schema::idempotent_answers;
use crate::{Db, Document, Fault, Tx};

/// How long a key stands for the request that it first came with.
pub(crate) const KEPT_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A request that may come again.
#[derive(Clone, Debug)]
pub struct Retried {
    /// Whose key it is.
    pub caller: CallerId,
    /// The key.
    pub key: String,
    /// A digest of everything that the request asks.
    pub request: Vec<u8>,
    /// The status that its success answers.
    pub status: u16,
}

/// The first success of a request that came again.
#[derive(Clone, Debug)]
pub struct Replay {
    /// What had to be permitted.
    pub action: Action,
    /// The status that was answered.
    pub status: u16,
    /// The type of the record.
    pub resource_type: ResourceType,
    /// Its id.
    pub id: Uuid,
    /// The version the request left it with.
    pub version: Version,
}

/// What becomes of a key that a request comes with.
pub(crate) enum Claim {
    /// The request is the first with it.
    Ours,
    /// It was answered before.
    Known(Replay),
    /// The key was used for another request.
    OtherRequest,
}

/// Takes the key, waiting for another transaction that holds it to end.
pub(crate) fn claim(db: &mut Db, retried: &Retried, at: Timestamp) -> Result<Claim, Fault> {
    let row = ClaimRow {
        caller: retried.caller.into(),
        key: &retried.key,
        request: &retried.request,
        at: Instant(at),
    };
    let taken = on_engine!(db, |conn| {
        diesel::insert_into(idempotent_answers::table)
            .values(&row)
            .on_conflict_do_nothing()
            .execute(conn)
    })
    .map_err(waited_in_vain)?;
    if taken == 1 {
        return Ok(Claim::Ours);
    }
    let mine = idempotent_answers::table
        .filter(idempotent_answers::caller.eq(row.caller))
        .filter(idempotent_answers::key.eq(row.key));
    let kept: Option<AnswerRow> = on_engine!(db, |conn| {
        mine.select(AnswerRow::as_select()).first(conn).optional()
    })?;
    let Some(kept) = kept else {
        return Err(Fault::Transient(
            "the key was forgotten meanwhile".to_owned(),
        ));
    };
    if kept.at.0 + KEPT_FOR <= at {
        // Two late retries may both find the old answer; the second to write finds it renewed.
        let old = mine.filter(idempotent_answers::at.eq(kept.at));
        let renewed = on_engine!(db, |conn| diesel::update(old).set(&row).execute(conn))
            .map_err(waited_in_vain)?;
        return match renewed {
            1 => Ok(Claim::Ours),
            _ => Err(Fault::Transient("the key was claimed meanwhile".to_owned())),
        };
    }
    if kept.request != retried.request {
        return Ok(Claim::OtherRequest);
    }
    kept.replay(&retried.key).map(Claim::Known)
}

fn waited_in_vain(error: diesel::result::Error) -> Fault {
    match &error {
        diesel::result::Error::DatabaseError(_, told)
            if told.message().contains("lock timeout") =>
        {
            Fault::KeyInFlight
        }
        _ => error.into(),
    }
}

/// Keeps what was answered, beside the key.
pub(crate) fn keep_answer(
    db: &mut Db,
    retried: &Retried,
    action: Option<Action>,
    document: &Document,
) -> Result<(), Fault> {
    let mine = idempotent_answers::table
        .filter(idempotent_answers::caller.eq(Key::from(retried.caller)))
        .filter(idempotent_answers::key.eq(&retried.key));
    let answer = (
        idempotent_answers::action.eq(action.map(Action::code)),
        idempotent_answers::status.eq(i64::from(retried.status)),
        idempotent_answers::type_.eq(document.resource_type.code()),
        idempotent_answers::id.eq(Key(document.id)),
        idempotent_answers::version.eq(document.version.number()),
    );
    on_engine!(db, |conn| diesel::update(mine).set(answer).execute(conn))?;
    Ok(())
}

/// Forgets the answers that are kept no longer, and returns how many.
pub fn forget(tx: &mut Tx, now: Timestamp) -> Result<usize, Fault> {
    let old = idempotent_answers::table.filter(idempotent_answers::at.le(Instant(now - KEPT_FOR)));
    Ok(on_engine!(tx, |conn| diesel::delete(old).execute(conn))?)
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = idempotent_answers, treat_none_as_default_value = false)]
struct ClaimRow<'a> {
    caller: Key,
    key: &'a str,
    request: &'a [u8],
    at: Instant,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = idempotent_answers)]
struct AnswerRow {
    request: Vec<u8>,
    at: Instant,
    action: Option<String>,
    status: Option<i64>,
    type_: Option<String>,
    id: Option<Key>,
    version: Option<i64>,
}

impl AnswerRow {
    fn replay(self, key: &str) -> Result<Replay, Fault> {
        let corrupt = |column: &'static str| {
            let table = "idempotent_answers";
            move || Fault::CorruptRow {
                table,
                column,
                id: key.to_owned(),
                reason: "no such value".to_owned(),
            }
        };
        Ok(Replay {
            action: self
                .action
                .and_then(|a| a.parse().ok())
                .ok_or_else(corrupt("action"))?,
            status: self
                .status
                .and_then(|s| s.try_into().ok())
                .ok_or_else(corrupt("status"))?,
            resource_type: self
                .type_
                .and_then(|t| t.parse().ok())
                .ok_or_else(corrupt("type"))?,
            id: self.id.ok_or_else(corrupt("id"))?.0,
            version: Version::new(self.version.ok_or_else(corrupt("version"))?),
        })
    }
}
