//! Tries of passwords, counted in the base, so that every process knows of them.
//!
//! A subject is an address that is tried, whether an account has it or not; a lane is a subject as
//! tried from one place. Both come as keyed digests.

use diesel::prelude::*;
use domain::access::{OF_ONE_LANE, OF_STRANGERS, Tally, TooManyTries};
use jiff::{SignedDuration, Timestamp};

use crate::columns::Instant;
use crate::connection::on_engine;
use crate::documents::Locked;
use crate::schema::lanes;
use crate::{Fault, Tx};

/// The lane that all places share where a person never logged in.
const STRANGERS: &str = "strangers";

/// For how long it is remembered that a person logged in from a place.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(24 * 180);

/// For how long tries are remembered.
const TRIES_KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

/// One try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Try {
    /// Whose address.
    pub subject: String,
    /// From where.
    pub lane: String,
    /// Whether the person logged in from there before.
    pub is_known: bool,
}

/// Counts a try before its secret is compared.
///
/// Refused while its lane is closed, or that of all strangers when it is one of them.
pub fn count(tx: &mut Tx, mut one: Try) -> Result<Result<Try, TooManyTries>, Fault> {
    let now = tx.origin().at;
    let (tally, succeeded_at) = tally(tx, &one.subject, &one.lane)?;
    one.is_known |= succeeded_at.is_some_and(|at| now < at + KNOWN_FOR);
    let counted = match tally.count(OF_ONE_LANE, now.as_second()) {
        Ok(counted) => counted,
        Err(refused) => return Ok(Err(refused)),
    };
    if !one.is_known {
        let (all, _) = self::tally(tx, &one.subject, STRANGERS)?;
        match all.count(OF_STRANGERS, now.as_second()) {
            Ok(counted) => keep(tx, &one.subject, STRANGERS, counted)?,
            Err(refused) => return Ok(Err(refused)),
        }
    }
    keep(tx, &one.subject, &one.lane, counted)?;
    Ok(Ok(one))
}

/// Takes back what was counted for a try that succeeded; its lane is known from now on.
pub fn succeeded(tx: &mut Tx, one: &Try) -> Result<(), Fault> {
    let at = tx.origin().at;
    // In the order in which tries take these rows.
    tally(tx, &one.subject, &one.lane)?;
    if !one.is_known {
        let (all, _) = tally(tx, &one.subject, STRANGERS)?;
        keep(tx, &one.subject, STRANGERS, all.without_one())?;
    }
    keep(tx, &one.subject, &one.lane, Tally::default())?;
    let mine = lanes::table.find((&one.subject, &one.lane));
    on_engine!(tx, |conn| diesel::update(mine)
        .set(lanes::succeeded_at.eq(Some(Instant(at))))
        .execute(conn))?;
    Ok(())
}

/// Forgets tries and places of long ago.
pub fn forget(tx: &mut Tx, now: Timestamp) -> Result<usize, Fault> {
    let quiet = lanes::since.le(Instant(now - TRIES_KEPT_FOR));
    let stranger = lanes::succeeded_at.is_null();
    let left = lanes::succeeded_at.le(Instant(now - KNOWN_FOR));
    let old = lanes::table.filter(quiet.and(stranger.or(left)));
    Ok(on_engine!(tx, |conn| diesel::delete(old).execute(conn))?)
}

/// What was counted on a lane, kept from others until the transaction ends.
fn tally(tx: &mut Tx, subject: &str, lane: &str) -> Result<(Tally, Option<Timestamp>), Fault> {
    let fresh = (
        lanes::subject.eq(subject),
        lanes::lane.eq(lane),
        lanes::tries.eq(0_i64),
        lanes::since.eq(Instant(Timestamp::UNIX_EPOCH)),
    );
    let row: (i64, Instant, Option<Instant>) = on_engine!(tx, |conn| {
        diesel::insert_into(lanes::table)
            .values(fresh)
            .on_conflict_do_nothing()
            .execute(conn)?;
        Locked(lanes::table.find((subject, lane)).select((
            lanes::tries,
            lanes::since,
            lanes::succeeded_at,
        )))
        .get_result(conn)
    })?;
    let (count, since, succeeded_at) = row;
    let tally = Tally {
        count,
        since: since.0.as_second(),
    };
    Ok((tally, succeeded_at.map(|at| at.0)))
}

fn keep(tx: &mut Tx, subject: &str, lane: &str, tally: Tally) -> Result<(), Fault> {
    let since = Timestamp::from_second(tally.since).unwrap_or(Timestamp::UNIX_EPOCH);
    let change = (
        lanes::tries.eq(tally.count),
        lanes::since.eq(Instant(since)),
    );
    on_engine!(tx, |conn| diesel::update(
        lanes::table.find((subject, lane))
    )
    .set(change)
    .execute(conn))?;
    Ok(())
}
