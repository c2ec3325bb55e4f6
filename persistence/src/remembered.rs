//! Rights that a connection remembers, proved by the statement that relies on them.
//!
//! Rights are asked from the base at each request, so that a revocation holds at the next one, on every
//! process. To ask by a statement of its own nearly doubles what a page costs. So a connection remembers
//! the rights it saw last; a read relies on them, and its own statement tells at which version they stand
//! at that moment. Versions only grow: at the version remembered, the rights are those remembered. In every
//! other case they are asked, and the read is done again if they are others.

use std::collections::HashMap;

use domain::access::CallerId;

use crate::callers::{Asker, Rights, read_words, rights};
use crate::{Db, Failure, Fault};

/// The most callers that a connection remembers; it then forgets them all.
const MOST: usize = 1_000;

/// The version at which the rights of a caller stand if it may call, and the words for the most that
/// its tokens may be for, which have no version.
pub(crate) type Standing = (Option<i64>, Option<String>);

/// What a connection remembers of those who asked.
#[derive(Default)]
pub(crate) struct Remembered {
    rights: HashMap<CallerId, Rights>,
    /// On whose rights the read at hand relies.
    relied_on: Option<Asker>,
    /// How a statement of that read found them.
    found: Option<Standing>,
}

impl Remembered {
    /// Keeps the rights of one who may call, and forgets those of one who may not.
    pub(crate) fn keep(&mut self, caller: CallerId, rights: &Rights) {
        if self.rights.len() >= MOST {
            self.rights.clear();
        }
        if rights.valid {
            self.rights.insert(caller, rights.clone());
        } else {
            self.rights.remove(&caller);
        }
    }

    /// The rights of a caller who holds them over everything, so that it does not matter what a record
    /// belongs to.
    pub(crate) fn wide(&self, caller: CallerId) -> Option<Rights> {
        let rights = self.rights.get(&caller);
        rights.filter(|rights| !rights.are_narrow()).cloned()
    }

    /// On whose rights the read at hand relies, for a statement to look at.
    pub(crate) fn relied_on(&self) -> Option<Asker> {
        self.relied_on
    }

    /// Keeps how a statement of the read at hand found the rights it relies on.
    pub(crate) fn found(&mut self, standing: Option<Standing>) {
        self.found = standing;
    }
}

/// Whether rights stand as they are remembered.
pub(crate) fn stand(rights: &Rights, caller: CallerId, found: Standing) -> Result<bool, Fault> {
    let (version, most) = found;
    if version != Some(rights.version) {
        return Ok(false);
    }
    let most = most.map(|words| read_words(caller, "callers", "token_scopes", &words));
    Ok(most.transpose()? == rights.most)
}

/// Reads by the rights that a caller holds now; nothing if there is no such caller.
///
/// `work` may run twice: it must only read.
pub fn by_rights<T, E: Failure>(
    db: &mut Db,
    asker: Asker,
    work: impl Fn(&mut Db, Rights) -> Result<T, E>,
) -> Result<Option<T>, E> {
    let remembered = db.remembered.rights.get(&asker.id).cloned();
    let mut early = None;
    if let Some(rights) = remembered {
        db.remembered.relied_on = Some(asker);
        db.remembered.found = None;
        let done = work(db, rights.clone());
        db.remembered.relied_on = None;
        let found = db.remembered.found.take();
        // What went wrong in the base says nothing of rights.
        let failed = done
            .as_ref()
            .err()
            .is_some_and(|error| error.fault().is_some());
        let proved = found.map(|found| stand(&rights, asker.id, found));
        if failed || proved.transpose()?.unwrap_or_default() {
            return done.map(Some);
        }
        early = Some((rights, done));
    }
    let Some(now) = rights(db, asker)? else {
        return Ok(None);
    };
    match early {
        Some((relied_on, done)) if relied_on == now => done.map(Some),
        _ => work(db, now).map(Some),
    }
}

/// Selects the [`Standing`] of a caller, if one is said.
macro_rules! standing {
    ($asker:expr) => {{
        use diesel::prelude::*;
        use $crate::columns::{Instant, Key};
        use $crate::schema::{callers, sessions};
        let asker: Option<$crate::callers::Asker> = $asker;
        let nobody = uuid::Uuid::nil();
        let id = Key(asker.map_or(nobody, |asker| asker.id.uuid()));
        let at = Instant(asker.map_or(jiff::Timestamp::UNIX_EPOCH, |asker| asker.at));
        let session = asker.and_then(|asker| asker.session);
        let session_goes_on = diesel::dsl::exists(
            sessions::table
                .filter(sessions::id.eq(Key(session.map_or(nobody, |session| session.uuid()))))
                .filter(sessions::caller.eq(id))
                .filter(sessions::ended_at.is_null())
                .filter(sessions::expires_at.gt(at)),
        );
        let may_call = callers::table
            .filter(callers::id.eq(id))
            .filter(callers::revoked_at.is_null())
            .filter(callers::expires_at.is_null().or(callers::expires_at.gt(at)))
            .filter(
                session
                    .is_none()
                    .into_sql::<diesel::sql_types::Bool>()
                    .or(session_goes_on),
            );
        let most = callers::table.filter(callers::id.eq(id));
        (
            may_call.select(callers::rights_version).single_value(),
            most.select(callers::token_scopes).single_value(),
        )
    }};
}
pub(crate) use standing;
