//! Those who call: what they are, and the rights they hold now.

use std::collections::{BTreeSet, HashMap};
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant as Moment;

use diesel::prelude::*;
use domain::access::{
    Actor, Author, CallerId, CallerKind, Held, Role, Scope, SessionId, TokenScope,
};
use domain::values::{CodeList, Date, Label, ValueError};
use jiff::{SignedDuration, Timestamp};

use crate::columns::{Day, Instant, Key};
use crate::connection::{Turn, on_engine};
use crate::documents::Locked;
use crate::schema::{base, callers, grants, held, subjects};
use crate::{Db, Fault, Tx, folds, scopes, sessions as sessions_of_people};

/// Who asks, by a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asker {
    /// The caller.
    pub id: CallerId,
    /// The session that the token belongs to, which must not have ended.
    pub session: Option<SessionId>,
    /// When.
    pub at: Timestamp,
}

/// The rights of a caller as they are now.
#[derive(Clone, Debug)]
pub struct Rights {
    /// The roles held today.
    pub held: Vec<Held>,
    /// Grows with every change of rights.
    pub version: i64,
    /// Whether the caller may still call at all.
    pub valid: bool,
    /// The most that the caller's tokens may be for, when that is limited.
    pub most: Option<Vec<TokenScope>>,
}

impl Rights {
    /// The actor that these rights and the scopes of a token make, if the caller may call at all;
    /// `open` where anybody reads the public directory.
    #[must_use]
    pub fn actor(self, caller: CallerId, mut scopes: Vec<TokenScope>, open: bool) -> Option<Actor> {
        // Where the directory is open, whoever says who it is sees no less than anybody.
        let public = Held {
            role: Role::Public,
            scope: Scope::Everything,
        };
        scopes.retain(|scope| self.allow(*scope));
        let mut held = self.held;
        if open && !held.contains(&public) {
            held.push(public);
        }
        let actor = Actor {
            author: Author::Caller(caller),
            held,
            scopes,
            rights_version: self.version,
        };
        self.valid.then_some(actor)
    }

    /// Whether a token of this caller may be for this.
    #[must_use]
    pub fn allow(&self, scope: TokenScope) -> bool {
        self.most.as_ref().is_none_or(|most| most.contains(&scope))
    }
}

/// The columns of [`Rights`]: roles held, version, moment of revocation, expiry, the most that tokens
/// may be for, and when the session ends if nobody ended it.
pub(crate) type RightsRow = (
    String,
    i64,
    Option<Instant>,
    Option<Instant>,
    Option<String>,
    Option<Instant>,
);

/// A caller with the session of its token, if nobody ended it.
macro_rules! asking {
    ($asker:expr) => {{
        use $crate::schema::{callers, sessions};
        let session = $asker.session.map_or(uuid::Uuid::nil(), |id| id.uuid());
        let goes_on = sessions::id
            .eq($crate::columns::Key(session))
            .and(sessions::caller.eq(callers::id))
            .and(sessions::ended_at.is_null());
        callers::table
            .left_join(sessions::table.on(goes_on))
            .filter(callers::id.eq($crate::columns::Key::from($asker.id)))
    }};
}
pub(crate) use asking;

/// Selects a [`RightsRow`].
macro_rules! rights_columns {
    () => {{
        use $crate::schema::{callers, sessions};
        (
            callers::rights,
            callers::rights_version,
            callers::revoked_at,
            callers::expires_at,
            callers::token_scopes,
            sessions::expires_at.nullable(),
        )
    }};
}
pub(crate) use rights_columns;

pub(crate) fn rights_from(asker: Asker, row: RightsRow) -> Result<Rights, Fault> {
    let (held, version, revoked_at, expires_at, most, session) = row;
    let most = most.map(|words| read_words(asker.id, "callers", "token_scopes", &words));
    let expired = expires_at.is_some_and(|expires| expires.0 <= asker.at);
    let goes_on = session.is_some_and(|expires| asker.at < expires.0);
    let logged_out = asker.session.is_some() && !goes_on;
    Ok(Rights {
        held: read_held(asker.id, &held)?,
        version,
        most: most.transpose()?,
        valid: revoked_at.is_none() && !expired && !logged_out,
    })
}

fn read_held(id: CallerId, held: &str) -> Result<Vec<Held>, Fault> {
    read_words(id, "callers", "rights", held)
}

/// Reads values that a column of a caller holds with spaces between them.
pub(crate) fn read_words<T: FromStr<Err = ValueError>, C: FromIterator<T>>(
    id: CallerId,
    table: &'static str,
    column: &'static str,
    text: &str,
) -> Result<C, Fault> {
    let words = text.split(' ').filter(|word| !word.is_empty());
    words
        .map(|word| {
            word.parse().map_err(|error: ValueError| Fault::CorruptRow {
                table,
                column,
                id: id.to_string(),
                reason: error.to_string(),
            })
        })
        .collect()
}

/// The rights of a caller, if there is such a caller.
pub fn rights(db: &mut Db, asker: Asker) -> Result<Option<Rights>, Fault> {
    let row = rights_row(db, asker)?;
    row.map(|row| rights_from(asker, row)).transpose()
}

fn rights_row(db: &mut Db, asker: Asker) -> Result<Option<RightsRow>, Fault> {
    Ok(on_engine!(db, |conn| {
        asking!(asker)
            .select(rights_columns!())
            .get_result(conn)
            .optional()
    })?)
}

/// What the base told last of each caller's rights, and when it was asked.
///
/// A request takes what the base was asked after the request came, and never what it was asked before: a right
/// that was withdrawn before, by whichever process, is withdrawn for it. So the rights of a caller with many
/// requests that wait for a thread are asked once for all of them.
#[derive(Default)]
pub(crate) struct Told(Mutex<HashMap<Token, (Moment, Option<RightsRow>)>>);

/// Whom rights are asked for.
type Token = (CallerId, Option<SessionId>);

/// Callers whose rights are kept.
const TOLD: usize = 1_000;

impl Told {
    /// The rights of the one whose request came then.
    pub(crate) fn rights(
        &self,
        db: &mut Db,
        asker: Asker,
        came: Moment,
    ) -> Result<Option<Rights>, Fault> {
        let of = |row: Option<RightsRow>| row.map(|row| rights_from(asker, row)).transpose();
        let token = (asker.id, asker.session);
        let told = self.all().get(&token).cloned();
        if let Some((_, row)) = told.filter(|(when, _)| came < *when) {
            return of(row);
        }
        let now = Moment::now();
        let row = rights_row(db, asker)?;
        let mut all = self.all();
        if all.len() >= TOLD {
            all.clear();
        }
        // Another thread may have asked later and been told before.
        if all.get(&token).is_none_or(|(when, _)| *when < now) {
            all.insert(token, (now, row.clone()));
        }
        drop(all);
        of(row)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Token, (Moment, Option<RightsRow>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The roles that a caller held at a version of its rights.
pub fn held_at(db: &mut Db, caller: CallerId, version: i64) -> Result<Vec<Held>, Fault> {
    let rows: Vec<String> = on_engine!(db, |conn| held::table
        .filter(held::caller.eq(Key::from(caller)))
        .filter(held::from_version.le(version))
        .filter(
            held::until_version
                .is_null()
                .or(held::until_version.gt(version))
        )
        .select(held::word)
        .load(conn))?;
    read_held(caller, &rows.join(" "))
}

/// The rights of a caller on a day, as words: those of its grants, and what its issuer says of one whom
/// another vouches for.
pub(crate) fn given(db: &mut Db, caller: CallerId, day: Date) -> Result<BTreeSet<String>, Fault> {
    let day = Day(day);
    let given: Vec<(String, String)> = on_engine!(db, |conn| grants::table
        .filter(grants::caller.eq(Key::from(caller)))
        .filter(grants::starts_on.is_null().or(grants::starts_on.le(day)))
        .filter(
            grants::ends_before
                .is_null()
                .or(grants::ends_before.gt(day))
        )
        .select((grants::role, grants::scope))
        .load(conn))?;
    let vouched: Option<String> = on_engine!(db, |conn| subjects::table
        .find(Key::from(caller))
        .select(subjects::held)
        .get_result(conn)
        .optional())?;
    let vouched = vouched.unwrap_or_default();
    let vouched = vouched.split_whitespace().map(str::to_owned);
    let given = given
        .into_iter()
        .map(|(role, scope)| format!("{role}@{scope}"));
    let given: Vec<String> = given.chain(vouched).collect();
    let mut now = BTreeSet::new();
    for Held { role, scope } in read_held(caller, &given.join(" "))? {
        let followed = folds::followed(db, scope)?.into_iter();
        now.extend(followed.map(|scope| Held { role, scope }.to_string()));
    }
    Ok(now)
}

/// Makes the rights of a caller anew from the grants that are held today, and from what its issuer
/// says of one whom another vouches for.
///
/// In turn with the feed, and so with whoever turns the day: neither misses what the other does.
pub(crate) fn refresh_rights(tx: &mut Tx, caller: CallerId) -> Result<(), Fault> {
    tx.take_turn(Turn::Feed)?;
    let day = scopes::turned_on(tx)?.unwrap_or(tx.today());
    let of = callers::table.find(Key::from(caller));
    let present: (String, i64) = on_engine!(tx, |conn| {
        Locked(of.select((callers::rights, callers::rights_version))).get_result(conn)
    })?;
    let (text, version) = present;
    let now = given(tx, caller, day)?;
    let before: BTreeSet<String> = text
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    if now == before {
        return Ok(());
    }
    let version = version + 1;
    let lost: Vec<&String> = before.difference(&now).collect();
    let gained = now.difference(&before);
    for held in read_held(
        caller,
        &gained.clone().cloned().collect::<Vec<_>>().join(" "),
    )? {
        scopes::keep_root(tx, held.scope)?;
    }
    let gained: Vec<_> = gained
        .map(|word| {
            (
                held::caller.eq(Key::from(caller)),
                held::word.eq(word),
                held::from_version.eq(version),
            )
        })
        .collect();
    let ending = held::table
        .filter(held::caller.eq(Key::from(caller)))
        .filter(held::until_version.is_null())
        .filter(held::word.eq_any(lost));
    let words: Vec<&str> = now.iter().map(String::as_str).collect();
    let change = (
        callers::rights.eq(words.join(" ")),
        callers::rights_version.eq(version),
    );
    on_engine!(tx, |conn| {
        diesel::update(ending)
            .set(held::until_version.eq(Some(version)))
            .execute(conn)?;
        if !gained.is_empty() {
            diesel::insert_into(held::table)
                .values(gained)
                .execute(conn)?;
        }
        diesel::update(of).set(change).execute(conn)
    })?;
    Ok(())
}

/// The same for all who hold a role over a record that was folded, or that came back: the role is
/// held over the one that stands for it too, as long as it does.
///
/// Last of all that a transaction does, since whoever waits for the turn may hold what it would ask.
pub(crate) fn refresh_rights_over(tx: &mut Tx, scope: Scope) -> Result<(), Fault> {
    tx.take_turn(Turn::Feed)?;
    let words = Role::ALL.iter().map(|role| Held { role: *role, scope });
    let words: Vec<String> = words.map(|held| held.to_string()).collect();
    let callers: Vec<Key> = on_engine!(tx, |conn| held::table
        .filter(held::word.eq_any(words))
        .filter(held::until_version.is_null())
        .select(held::caller)
        .distinct()
        .order(held::caller)
        .load(conn))?;
    for caller in callers {
        refresh_rights(tx, CallerId::new(caller.0))?;
    }
    Ok(())
}

/// What a caller is, and what it is called if that is not a person's name.
pub fn known(db: &mut Db, id: CallerId) -> Result<Option<(CallerKind, Option<String>)>, Fault> {
    let row: Option<(String, Option<String>)> = on_engine!(db, |conn| callers::table
        .find(Key::from(id))
        .select((callers::kind, callers::name))
        .get_result(conn)
        .optional())?;
    row.map(|(kind, name)| {
        let kind = kind
            .parse()
            .map_err(|error: ValueError| Fault::CorruptRow {
                table: "callers",
                column: "kind",
                id: id.to_string(),
                reason: error.to_string(),
            })?;
        Ok((kind, name))
    })
    .transpose()
}

/// Records a caller that holds no right yet.
pub fn insert(
    tx: &mut Tx,
    id: CallerId,
    kind: CallerKind,
    name: Option<&Label>,
    expires_at: Option<Timestamp>,
) -> Result<(), Fault> {
    let row = (
        callers::id.eq(Key::from(id)),
        callers::kind.eq(kind.code()),
        callers::name.eq(name.map(Label::as_str)),
        callers::rights.eq(""),
        callers::rights_version.eq(1_i64),
        callers::created_at.eq(Instant(tx.origin().at)),
        callers::expires_at.eq(expires_at.map(Instant)),
    );
    on_engine!(tx, |conn| diesel::insert_into(callers::table)
        .values(row)
        .execute(conn))?;
    Ok(())
}

/// The key that tokens are signed with, where the base keeps it.
pub fn signing_key(db: &mut Db) -> Result<Option<Vec<u8>>, Fault> {
    Ok(on_engine!(db, |conn| base::table
        .select(base::signing_key)
        .first(conn))?)
}

/// Keeps `key` as the signing key unless there is one, and returns the one that is kept: several
/// processes may start at once.
pub fn keep_signing_key(tx: &mut Tx, key: &[u8]) -> Result<Vec<u8>, Fault> {
    let none_yet = base::table.filter(base::signing_key.is_null());
    on_engine!(tx, |conn| diesel::update(none_yet)
        .set(base::signing_key.eq(key))
        .execute(conn))?;
    signing_key(tx)?
        .ok_or_else(|| Fault::Schema("the base has no row that says what it is".to_owned()))
}

/// Withdraws a caller's access from the next request on, and ends its sessions; `false` when there
/// was none to withdraw.
pub fn revoke(tx: &mut Tx, id: CallerId) -> Result<bool, Fault> {
    let at = Instant(tx.origin().at);
    let active = callers::table
        .find(Key::from(id))
        .filter(callers::revoked_at.is_null());
    sessions_of_people::end_all(tx, id, None)?;
    let changed = on_engine!(tx, |conn| diesel::update(active)
        .set(callers::revoked_at.eq(Some(at)))
        .execute(conn))?;
    Ok(changed == 1)
}

/// How coarsely the last use of a caller is known: so that using a token writes seldom.
const LAST_USE_KNOWN_TO: SignedDuration = SignedDuration::from_hours(1);

/// Whether it is time to say again that a caller was used.
#[must_use]
pub fn is_to_note(last_used_at: Option<Timestamp>, now: Timestamp) -> bool {
    last_used_at.is_none_or(|last| last + LAST_USE_KNOWN_TO <= now)
}

/// Notes that a caller got a token.
pub fn note_use(tx: &mut Tx, id: CallerId) -> Result<(), Fault> {
    let at = Instant(tx.origin().at);
    on_engine!(tx, |conn| diesel::update(
        callers::table.find(Key::from(id))
    )
    .set(callers::last_used_at.eq(Some(at)))
    .execute(conn))?;
    Ok(())
}
