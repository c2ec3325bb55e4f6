//! Callers whom another issuer of tokens vouches for.

use diesel::prelude::*;
use domain::access::{CallerId, CallerKind, Held, Permit, Testimony};
use domain::records::ResourceType;

use crate::callers::{self, refresh_rights};
use crate::columns::{Instant, Key};
use crate::connection::{Turn, on_engine};
use crate::schema::subjects;
use crate::{Db, Fault, Tx};

/// Somebody as an issuer names them. Two issuers may use one name for two people.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// Its own name for that one.
    pub subject: &'a str,
}

/// The caller that somebody is here, and what was last said of that one, if ever seen.
pub fn known(db: &mut Db, named: Named) -> Result<Option<(CallerId, Testimony)>, Fault> {
    let row: Option<(Key, Instant, String)> = on_engine!(db, |conn| subjects::table
        .filter(subjects::issuer.eq(named.issuer))
        .filter(subjects::subject.eq(named.subject))
        .select((subjects::caller, subjects::said_at, subjects::held))
        .get_result(conn)
        .optional())?;
    row.map(|(caller, said_at, held)| {
        let caller = CallerId::new(caller.0);
        let testimony = Testimony {
            said_at: said_at.0,
            held: callers::read_words(caller, "subjects", "held", &held)?,
        };
        Ok((caller, testimony))
    })
    .transpose()
}

/// Takes an issuer's word for somebody, who becomes the caller `new` when never seen before; and
/// says which caller that is, and what counts now.
///
/// In turn with the feed, so that two first requests make one caller, and a change of rights has
/// its place among the changes that it shows or hides.
pub fn heed(
    tx: &mut Tx,
    permit: &Permit,
    named: Named,
    new: CallerId,
    word: &Testimony,
) -> Result<(CallerId, Testimony), Fault> {
    tx.take_turn(Turn::Feed)?;
    let known = known(tx, named)?;
    let (caller, before, now) = match known {
        None => (new, None, word.clone()),
        Some((caller, before)) => match before.hearing(word) {
            None => return Ok((caller, before)),
            Some(now) => (caller, Some(before), now),
        },
    };
    let held = now.held.iter().map(Held::to_string).collect::<Vec<_>>();
    let counts = (
        subjects::said_at.eq(Instant(now.said_at)),
        subjects::held.eq(held.join(" ")),
    );
    if before.is_some() {
        let of = subjects::table.find(Key::from(caller));
        on_engine!(tx, |conn| diesel::update(of).set(counts).execute(conn))?;
    } else {
        callers::insert(tx, caller, CallerKind::Subject, None, None)?;
        let row = (
            subjects::caller.eq(Key::from(caller)),
            subjects::issuer.eq(named.issuer),
            subjects::subject.eq(named.subject),
            counts,
        );
        on_engine!(tx, |conn| diesel::insert_into(subjects::table)
            .values(row)
            .execute(conn))?;
    }
    if before.is_none_or(|before| before.held != now.held) {
        tx.note(permit, ResourceType::Subject, caller.uuid());
        refresh_rights(tx, caller)?;
    }
    Ok((caller, now))
}
