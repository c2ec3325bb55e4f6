//! What the laws of relations depend on.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use domain::access::{Permit, Visibility};
use domain::memberships::Membership;
use domain::networks::NetworkId;
use domain::records::{Facet, RecordRef, Resource, ResourceType, TieKind};
use domain::relations::{Around, Condition, Link, Peer, Rival, Stated};
use domain::values::{CodeList, Date, Since};
use uuid::Uuid;

use crate::columns::{Day, Json, Key};
use crate::connection::{AT_ONCE, Turn, on_engine};
use crate::documents::{Named, read_back};
use crate::finding::having;
use crate::schema::{facets, records, spans, ties};
use crate::scopes::sighted;
use crate::ties::tied_to;
use crate::{Db, Fault, Tx, records as store};

/// The most levels of members that are looked at, one above the other.
const MOST_LEVELS: usize = 12;

/// What the laws of what is said of a relation depend on, in turn with every other act that could change
/// that.
pub fn around<F: Stated>(tx: &mut Tx, permit: &Permit, fields: &F) -> Result<Around, Fault> {
    let alone_in = fields.alone_in();
    if let Some(key) = &alone_in {
        tx.take_turn_at(key)?;
    }
    let link = fields.link();
    if let Some((part, whole)) = link
        && is_ring(part, whole)
    {
        tx.take_turn(Turn::Parts)?;
    }
    let condition = fields.condition();
    if let Some(condition) = &condition {
        tx.take_turn_at(&turn_of(condition))?;
    }
    let known = store::known(tx, permit, fields.named())?;
    let met = match &condition {
        Some(condition) => days_met(tx, condition)?,
        None => Vec::new(),
    };
    let rivals = match alone_in {
        Some(key) => rivals(tx, F::TYPE, &key)?,
        None => Vec::new(),
    };
    let above = match link {
        Some((part, whole)) if is_ring(part, whole) => above(tx, &[whole.id])?,
        _ => Vec::new(),
    };
    let peers = fields.peers().into_iter().map(|law| Key(law.id));
    let peers: Vec<Key> = peers.collect();
    Ok(Around {
        known,
        rivals,
        above,
        peers: peers_of(tx, &peers)?,
        met,
    })
}

/// Where what rests on a condition, and what it is about, wait for one another.
fn turn_of(condition: &Condition) -> String {
    format!("{} {}", condition.of.id, condition.facet)
}

/// The days on which a condition is met.
fn days_met(tx: &mut Tx, condition: &Condition) -> Result<Vec<Since>, Fault> {
    let rows: Vec<(Option<Day>, Option<Day>)> = on_engine!(tx, |conn| spans::table
        .filter(spans::id.eq(Key(condition.of.id)))
        .filter(spans::facet.eq(condition.facet.code()))
        .filter(spans::value.eq(&condition.value))
        .select((spans::starts_on, spans::ends_before))
        .load(conn))?;
    let days = rows.into_iter();
    Ok(days.map(|(from, before)| since(from, before)).collect())
}

/// When the relations of a kind that a record owns hold; nobody adds to those that rest on such a condition
/// until the transaction ends.
pub fn resting_on<F: Stated>(tx: &mut Tx, condition: &Condition) -> Result<Vec<Since>, Fault> {
    tx.take_turn_at(&turn_of(condition))?;
    let rows: Vec<(Option<Day>, Option<Day>)> = on_engine!(tx, |conn| {
        let owned = ties::table
            .filter(ties::target.eq(Key(condition.of.id)))
            .filter(ties::kind.eq(TieKind::OwnedBy.code()))
            .select(ties::source);
        records::table
            .filter(records::id.eq_any(owned))
            .filter(records::type_.eq(F::TYPE.code()))
            .select((records::exists_from, records::ends_before))
            .load(conn)
    })?;
    let days = rows.into_iter();
    Ok(days.map(|(from, before)| since(from, before)).collect())
}

/// The members of a network on a day, of the memberships that somebody may see.
pub fn members_on(
    db: &mut Db,
    visible: Visibility,
    network: NetworkId,
    day: Date,
) -> Result<BTreeSet<RecordRef>, Fault> {
    let bodies: Vec<(Key, Json)> = on_engine!(db, |conn: Backend| {
        let joined = tied_to!(Backend, TieKind::Whole, Key::from(network), None::<Day>);
        let all = records::table.into_boxed::<Backend>();
        sighted!(all, visible, records)
            .filter(records::id.eq_any(joined))
            .filter(records::type_.eq(Membership::TYPE.code()))
            .select((records::id, records::body))
            .load(conn)
    })?;
    let mut members = BTreeSet::new();
    for (id, body) in bodies {
        let membership: Membership = read_back(&body.0, id.0)?;
        if membership.exists().contains(day) {
            members.insert(membership.fields.member.record());
        }
    }
    Ok(members)
}

/// Whose some relations are and of which kind, which nobody takes away until the transaction ends.
fn peers_of(tx: &mut Tx, ids: &[Key]) -> Result<BTreeMap<Uuid, Peer>, Fault> {
    let mut peers = BTreeMap::new();
    if ids.is_empty() {
        return Ok(peers);
    }
    let there: Vec<Key> = on_engine!(tx, |conn| {
        let named = records::table
            .filter(records::id.eq_any(ids))
            .order(records::id);
        Named(named.select(records::id)).load(conn)
    })?;
    let owned: Vec<(Key, Key)> = on_engine!(tx, |conn| ties::table
        .filter(ties::tied.eq_any(&there))
        .filter(ties::kind.eq(TieKind::OwnedBy.code()))
        .select((ties::tied, ties::target))
        .load(conn))?;
    let kinds: Vec<(Key, String)> = on_engine!(tx, |conn| facets::table
        .filter(facets::id.eq_any(&there))
        .filter(facets::facet.eq(Facet::Kind.code()))
        .select((facets::id, facets::value))
        .load(conn))?;
    for (id, owner) in owned {
        let kind = kinds.iter().find(|(of, _)| *of == id);
        let peer = Peer {
            owner: Some(owner.0),
            kind: kind.map(|(_, kind)| kind.clone()),
        };
        peers.insert(id.0, peer);
    }
    Ok(peers)
}

/// Whether one more such link could close a ring. Associations may well be members of one another.
fn is_ring(part: RecordRef, whole: RecordRef) -> bool {
    [part, whole].map(|one| one.resource_type) == [ResourceType::Network; 2]
}

fn since(starts_on: Option<Day>, ends_before: Option<Day>) -> Since {
    Since {
        starts_on: starts_on.map(|day| day.0),
        ends_before: ends_before.map(|day| day.0),
    }
}

/// Relations of a type that share what no two may share on one day.
fn rivals(tx: &mut Tx, of: ResourceType, key: &str) -> Result<Vec<Rival>, Fault> {
    let rows: Vec<(Key, Option<Day>, Option<Day>)> = on_engine!(tx, |conn| records::table
        .filter(records::id.eq_any(having!(of, Facet::AloneIn, key)))
        .select((records::id, records::exists_from, records::ends_before))
        .load(conn))?;
    let rivals = rows.into_iter().map(|(id, starts_on, ends_before)| Rival {
        id: id.0,
        since: since(starts_on, ends_before),
    });
    Ok(rivals.collect())
}

/// Every network that some, and what they are members of in turn, are members of.
pub(crate) fn above(tx: &mut Tx, of: &[Uuid]) -> Result<Vec<Link>, Fault> {
    let mut links = Vec::new();
    let mut level: Vec<Key> = of.iter().copied().map(Key).collect();
    let mut seen: BTreeSet<Key> = level.iter().copied().collect();
    for _ in 0..MOST_LEVELS {
        let mut next = Vec::new();
        for parts in level.chunks(AT_ONCE) {
            let rows: Vec<(Key, Key, Option<Day>, Option<Day>)> =
                on_engine!(tx, |conn| ties::table
                    .filter(ties::tied.eq_any(parts))
                    .filter(ties::kind.eq(TieKind::MemberOf.code()))
                    .filter(ties::tied_type.eq(ResourceType::Network.code()))
                    .filter(ties::target_type.eq(ResourceType::Network.code()))
                    .select((ties::tied, ties::target, ties::starts_on, ties::ends_before))
                    .load(conn))?;
            for (part, whole, starts_on, ends_before) in rows {
                if seen.insert(whole) {
                    next.push(whole);
                }
                links.push(Link {
                    part: part.0,
                    whole: whole.0,
                    since: since(starts_on, ends_before),
                });
            }
        }
        if next.is_empty() {
            break;
        }
        level = next;
    }
    Ok(links)
}
