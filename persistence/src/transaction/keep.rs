//! What the transaction keeps before its commit, beside the rooms' own rows: versions, the feed, the
//! audit.

use std::collections::HashMap;

use diesel::prelude::*;
use domain::records::ResourceType;
use domain::values::{CodeList, Version};
use jiff::Timestamp;
use uuid::Uuid;

use super::{NOT_IN_FEED, Origin, REACHED, Touched, Tx};
use crate::columns::{Instant, Json, Key};
use crate::connection::{AT_ONCE, Turn, on_engine};
use crate::schema::{audit, base, feed, versions};
use crate::scopes::{self, Move};
use crate::{Db, Fault};

impl Tx<'_> {
    /// Everything that is kept beside the rooms' own rows.
    ///
    /// Feed positions come last: from the moment the turn is taken until the commit no other
    /// transaction can get one, so positions follow commits, and so does the instant beside them,
    /// even when the clock is set back.
    pub(super) fn keep(&mut self) -> Result<(), Fault> {
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
