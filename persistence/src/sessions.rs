//! Sessions of people, their refresh tokens, and the devices they logged in from.

use diesel::prelude::*;
use domain::access::{AccountId, CallerId, SessionId, TokenScope};
use domain::values::CodeList;
use jiff::{SignedDuration, Timestamp};

use crate::callers::{self, Asker};
use crate::columns::{Instant, Key};
use crate::connection::on_engine;
use crate::documents::Locked;
use crate::schema::{devices, refresh_tokens, sessions};
use crate::{Db, Fault, Tx};

/// How long a session lasts at most.
const LONGEST: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How long a session goes on that nobody refreshes.
const LONGEST_IDLE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// For how long a session that ended is still told apart from one that never was.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// The most devices of one account; the one not used for longest makes room.
const MOST_DEVICES: i64 = 20;

/// A session, as its person sees it.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// When the person logged in.
    pub created_at: Timestamp,
    /// When it last got a token.
    pub last_used_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// A session to open, with the digest of its first refresh token.
pub struct Opening<'a> {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub caller: CallerId,
    /// What its tokens may be for.
    pub scopes: &'a [TokenScope],
    /// The digest of its refresh token.
    pub refresh: &'a [u8],
}

/// What came of a refresh token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// It gave another.
    Yes {
        /// Whose session it is.
        caller: CallerId,
        /// The session.
        session: SessionId,
        /// What the new token is for.
        scopes: Vec<TokenScope>,
    },
    /// It is not good: unknown, too old, of a session that ended, or used already. In that last
    /// case somebody else may have it, and the session has ended now.
    No,
    /// It was asked for more than the session has.
    Wider,
}

/// Opens a session.
pub fn open(tx: &mut Tx, opening: &Opening<'_>) -> Result<(), Fault> {
    let at = tx.origin().at;
    let row = (
        sessions::id.eq(Key::from(opening.id)),
        sessions::caller.eq(Key::from(opening.caller)),
        sessions::created_at.eq(Instant(at)),
        sessions::expires_at.eq(Instant(at + LONGEST)),
        sessions::scopes.eq(written(opening.scopes)),
        sessions::last_used_at.eq(Some(Instant(at))),
    );
    on_engine!(tx, |conn| diesel::insert_into(sessions::table)
        .values(row)
        .execute(conn))?;
    keep_token(tx, opening.id, opening.refresh, at + LONGEST)?;
    callers::note_use(tx, opening.caller)
}

/// Takes a refresh token for another. Every one serves once: one that comes again ends the session,
/// also when two come at one moment.
pub fn refresh(
    tx: &mut Tx,
    old: &[u8],
    new: &[u8],
    asked: Option<&[TokenScope]>,
) -> Result<Refreshed, Fault> {
    let now = tx.origin().at;
    let token = refresh_tokens::table.find(old);
    let session: Option<Key> = on_engine!(tx, |conn| token
        .select(refresh_tokens::session)
        .get_result(conn)
        .optional())?;
    let Some(session) = session else {
        return Ok(Refreshed::No);
    };
    // Whoever holds the session's row decides alone which of two came first.
    let of = sessions::table.find(session);
    let row: (Key, Instant, Option<Instant>, String) = on_engine!(tx, |conn| {
        Locked(of.select((
            sessions::caller,
            sessions::expires_at,
            sessions::ended_at,
            sessions::scopes,
        )))
        .get_result(conn)
    })?;
    let (caller, expires_at, ended_at, scopes) = row;
    let (caller, id) = (CallerId::new(caller.0), SessionId::new(session.0));
    let (until, used): (Instant, Option<Instant>) = on_engine!(tx, |conn| token
        .select((refresh_tokens::expires_at, refresh_tokens::used_at))
        .get_result(conn))?;
    if used.is_some() {
        end(tx, caller, id)?;
        return Ok(Refreshed::No);
    }
    let of_caller = Asker {
        id: caller,
        session: None,
        at: now,
    };
    let valid = callers::rights(tx, of_caller)?.is_some_and(|rights| rights.valid);
    if !valid || ended_at.is_some() || expires_at.0 <= now || until.0 <= now {
        return Ok(Refreshed::No);
    }
    let whole: Vec<TokenScope> = callers::read_words(caller, "sessions", "scopes", &scopes)?;
    let scopes = match asked {
        Some(asked) if asked.iter().any(|scope| !whole.contains(scope)) => {
            return Ok(Refreshed::Wider);
        }
        Some(asked) => asked.to_vec(),
        None => whole,
    };
    on_engine!(tx, |conn| {
        diesel::update(token)
            .set(refresh_tokens::used_at.eq(Some(Instant(now))))
            .execute(conn)?;
        diesel::update(of)
            .set(sessions::last_used_at.eq(Some(Instant(now))))
            .execute(conn)
    })?;
    keep_token(tx, id, new, expires_at.0)?;
    callers::note_use(tx, caller)?;
    Ok(Refreshed::Yes {
        caller,
        session: id,
        scopes,
    })
}

fn keep_token(
    tx: &mut Tx,
    session: SessionId,
    hash: &[u8],
    session_until: Timestamp,
) -> Result<(), Fault> {
    let until = session_until.min(tx.origin().at + LONGEST_IDLE);
    let row = (
        refresh_tokens::hash.eq(hash),
        refresh_tokens::session.eq(Key::from(session)),
        refresh_tokens::expires_at.eq(Instant(until)),
    );
    on_engine!(tx, |conn| diesel::insert_into(refresh_tokens::table)
        .values(row)
        .execute(conn))?;
    Ok(())
}

/// Ends a session of a caller, from the next request on; `false` when there was none going on.
pub fn end(tx: &mut Tx, caller: CallerId, id: SessionId) -> Result<bool, Fault> {
    let at = Instant(tx.origin().at);
    let open = sessions::table
        .find(Key::from(id))
        .filter(sessions::caller.eq(Key::from(caller)))
        .filter(sessions::expires_at.gt(at))
        .filter(sessions::ended_at.is_null());
    let ended = on_engine!(tx, |conn| diesel::update(open)
        .set(sessions::ended_at.eq(Some(at)))
        .execute(conn))?;
    Ok(ended == 1)
}

/// Ends every session of a caller but one that is kept, if any.
pub fn end_all(tx: &mut Tx, caller: CallerId, kept: Option<SessionId>) -> Result<(), Fault> {
    let at = Instant(tx.origin().at);
    let kept = kept.map_or(uuid::Uuid::nil(), domain::values::Id::uuid);
    let open = sessions::table
        .filter(sessions::caller.eq(Key::from(caller)))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::id.ne(Key(kept)));
    on_engine!(tx, |conn| diesel::update(open)
        .set(sessions::ended_at.eq(Some(at)))
        .execute(conn))?;
    Ok(())
}

/// The sessions of a caller that go on, the latest log-in first.
pub fn list(db: &mut Db, caller: CallerId, now: Timestamp) -> Result<Vec<Session>, Fault> {
    type Row = (Key, Instant, Option<Instant>, Instant);
    let rows: Vec<Row> = on_engine!(db, |conn| sessions::table
        .filter(sessions::caller.eq(Key::from(caller)))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(Instant(now)))
        .order((sessions::created_at.desc(), sessions::id.desc()))
        .select((
            sessions::id,
            sessions::created_at,
            sessions::last_used_at,
            sessions::expires_at,
        ))
        .load(conn))?;
    Ok(rows
        .into_iter()
        .map(|(id, created_at, last, expires_at)| Session {
            id: SessionId::new(id.0),
            created_at: created_at.0,
            last_used_at: last.unwrap_or(created_at).0,
            // One that nobody refreshes ends before its time.
            expires_at: expires_at
                .0
                .min(last.unwrap_or(created_at).0 + LONGEST_IDLE),
        })
        .filter(|session| now < session.expires_at)
        .collect())
}

/// Whether an account's person logged in from the device of this digest before.
pub fn is_known_device(db: &mut Db, account: AccountId, hash: &[u8]) -> Result<bool, Fault> {
    let mine = devices::table
        .filter(devices::hash.eq(hash))
        .filter(devices::account.eq(Key::from(account)));
    let found: i64 = on_engine!(db, |conn| mine.count().get_result(conn))?;
    Ok(found > 0)
}

/// Keeps the digest of the secret of a device that a person logged in from.
pub fn keep_device(tx: &mut Tx, account: AccountId, hash: &[u8]) -> Result<(), Fault> {
    let at = Instant(tx.origin().at);
    let account = Key::from(account);
    let known = devices::table
        .filter(devices::hash.eq(hash))
        .filter(devices::account.eq(account));
    let updated = on_engine!(tx, |conn| diesel::update(known)
        .set(devices::last_used_at.eq(at))
        .execute(conn))?;
    if updated == 1 {
        return Ok(());
    }
    let row = (
        devices::hash.eq(hash),
        devices::account.eq(account),
        devices::last_used_at.eq(at),
    );
    on_engine!(tx, |conn| diesel::insert_into(devices::table)
        .values(row)
        .execute(conn))?;
    let surplus: Vec<Vec<u8>> = on_engine!(tx, |conn| devices::table
        .filter(devices::account.eq(account))
        .order((devices::last_used_at.desc(), devices::hash))
        .offset(MOST_DEVICES)
        .limit(MOST_DEVICES)
        .select(devices::hash)
        .load(conn))?;
    on_engine!(tx, |conn| diesel::delete(
        devices::table.filter(devices::hash.eq_any(surplus))
    )
    .execute(conn))?;
    Ok(())
}

/// Forgets sessions that ended, with their refresh tokens.
pub fn forget(tx: &mut Tx, now: Timestamp) -> Result<usize, Fault> {
    let ended = || {
        let before = Instant(now - REMEMBERED);
        let expired = sessions::expires_at.le(before);
        let over = sessions::ended_at.le(before);
        sessions::table.filter(expired.or(over))
    };
    Ok(on_engine!(tx, |conn| {
        let tokens = refresh_tokens::session.eq_any(ended().select(sessions::id));
        diesel::delete(refresh_tokens::table.filter(tokens)).execute(conn)?;
        diesel::delete(ended()).execute(conn)
    })?)
}

fn written(scopes: &[TokenScope]) -> String {
    let words = scopes.iter().map(|scope| scope.code());
    words.collect::<Vec<_>>().join(" ")
}
