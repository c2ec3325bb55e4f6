//! What networks share, as far as a reader sees it.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use domain::access::Visibility;
use domain::concerns::Theme;
use domain::mesh::Held;
use domain::networks::NetworkId;
use domain::records::{Facet, RecordRef, ResourceType, TieKind};
use domain::territories::TerritoryId;
use domain::values::{CodeList, Date, ValueError};

use crate::columns::{Day, Key};
use crate::connection::{AT_ONCE, on_engine};
use crate::finding::having_any;
use crate::page::First;
use crate::places::{self, Places};
use crate::schema::{facets, records, ties};
use crate::scopes::sighted;
use crate::territories::holding_on;
use crate::ties::{tied_to_any, type_from};
use crate::{Db, Fault};

const NETWORK: ResourceType = ResourceType::Network;

/// The networks in sight that exist on a day, boxed.
macro_rules! existing {
    ($backend:ident, $sight:expr, $day:expr) => {{
        let (from, before) = (records::exists_from, records::ends_before);
        let all = records::table
            .filter(records::type_.eq(NETWORK.code()))
            .filter(from.is_null().or(from.le($day)))
            .filter(before.is_null().or(before.gt($day)))
            .into_boxed::<$backend>();
        sighted!(all, $sight.networks, records)
    }};
}

/// What a reader sees.
#[derive(Clone, Copy, Debug)]
pub struct Sight<'a> {
    /// Of networks.
    pub networks: Visibility<'a>,
    /// Of memberships.
    pub memberships: Visibility<'a>,
}

/// Which networks a mesh is made of.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// Those on this theme.
    pub theme: Option<Theme>,
    /// Those that work in one of these.
    pub territories: Option<Vec<uuid::Uuid>>,
    /// Those that exist on this day.
    pub day: Date,
}

/// What each of the networks has that are chosen and in sight, no more than so many of them.
pub fn chosen(
    db: &mut Db,
    sight: Sight,
    chosen: &Chosen,
    most: i64,
) -> Result<BTreeMap<NetworkId, Held>, Fault> {
    let day = Day(chosen.day);
    let ids: Vec<Key> = on_engine!(db, |conn: Backend| {
        let mut query = existing!(Backend, sight, day);
        if let Some(theme) = chosen.theme {
            let about = having_any!(NETWORK, Facet::Theme, [theme.code()]);
            query = query.filter(records::id.eq_any(about));
        }
        if let Some(territories) = &chosen.territories {
            let territories = territories.iter().copied().map(Key);
            let works = tied_to_any!(Backend, TieKind::WorksIn, territories, Some(day));
            query = query.filter(records::id.eq_any(works));
        }
        let query = query.select(records::id).order(records::id);
        First(most, query).load(conn)
    })?;
    held(db, sight, &ids, chosen.day)
}

/// What a network has, and what each of those in sight has that share something with it.
pub fn around(
    db: &mut Db,
    sight: Sight,
    of: NetworkId,
    day: Date,
) -> Result<BTreeMap<NetworkId, Held>, Fault> {
    let mut all = held(db, sight, &[of.into()], day)?;
    let Some(own) = all.get(&of).cloned() else {
        return Ok(all);
    };
    let mut near = sharing_members(db, of, &own, day)?;
    near.extend(on_themes(db, &own)?);
    near.extend(working_in(db, &own, day)?);
    let near: Vec<Key> = near.into_iter().collect();
    let mut seen = Vec::new();
    for near in near.chunks(AT_ONCE) {
        let found: Vec<Key> = on_engine!(db, |conn: Backend| {
            existing!(Backend, sight, Day(day))
                .filter(records::id.eq_any(near))
                .select(records::id)
                .load(conn)
        })?;
        seen.extend(found);
    }
    all.extend(held(db, sight, &seen, day)?);
    Ok(all)
}

/// What each of some networks has on a day.
fn held(
    db: &mut Db,
    sight: Sight,
    of: &[Key],
    day: Date,
) -> Result<BTreeMap<NetworkId, Held>, Fault> {
    let mut all: BTreeMap<NetworkId, Held> = BTreeMap::new();
    let mut works: Vec<(Key, Key)> = Vec::new();
    for of in of.chunks(AT_ONCE) {
        all.extend(of.iter().map(|id| (NetworkId::new(id.0), Held::default())));
        for (network, type_, member) in members_of(db, sight, of, day)? {
            let resource_type = type_from(member.0, &type_)?;
            let member = RecordRef {
                resource_type,
                id: member.0,
            };
            at(&mut all, network).members.insert(member);
        }
        for (network, theme) in themes_of(db, of)? {
            at(&mut all, network).themes.insert(theme);
        }
        works.extend(works_of(db, of, day)?);
    }
    let territories: Places = works
        .iter()
        .map(|(_, place)| TerritoryId::new(place.0))
        .collect();
    let ground = places::ground(db, &territories, day)?;
    for (network, place) in works {
        let communes = ground.communes(TerritoryId::new(place.0));
        at(&mut all, network).communes.extend(communes);
    }
    Ok(all)
}

fn at(all: &mut BTreeMap<NetworkId, Held>, network: Key) -> &mut Held {
    all.entry(NetworkId::new(network.0)).or_default()
}

/// The members of some networks, as far as their memberships are in sight.
fn members_of(
    db: &mut Db,
    sight: Sight,
    of: &[Key],
    day: Date,
) -> Result<Vec<(Key, String, Key)>, Fault> {
    Ok(on_engine!(db, |conn: Backend| {
        let members = ties::table
            .filter(ties::target.eq_any(of))
            .filter(ties::kind.eq(TieKind::MemberOf.code()))
            .into_boxed::<Backend>();
        let members = holding_on!(members, ties, Some(day));
        sighted!(members, sight.memberships, ties, source)
            .select((ties::target, ties::tied_type, ties::tied))
            .load(conn)
    })?)
}

fn themes_of(db: &mut Db, of: &[Key]) -> Result<Vec<(Key, Theme)>, Fault> {
    let rows: Vec<(Key, String)> = on_engine!(db, |conn| facets::table
        .filter(facets::id.eq_any(of))
        .filter(facets::facet.eq(Facet::Theme.code()))
        .select((facets::id, facets::value))
        .load(conn))?;
    let read = |(id, theme): (Key, String)| {
        let theme = theme.parse();
        theme
            .map(|theme| (id, theme))
            .map_err(|error: ValueError| Fault::CorruptRow {
                table: "facets",
                column: "value",
                id: id.0.to_string(),
                reason: error.to_string(),
            })
    };
    rows.into_iter().map(read).collect()
}

/// The territories in which some networks work.
fn works_of(db: &mut Db, of: &[Key], day: Date) -> Result<Vec<(Key, Key)>, Fault> {
    Ok(on_engine!(db, |conn: Backend| {
        let works = ties::table
            .filter(ties::tied.eq_any(of))
            .filter(ties::kind.eq(TieKind::WorksIn.code()))
            .into_boxed::<Backend>();
        holding_on!(works, ties, Some(day))
            .select((ties::tied, ties::target))
            .load(conn)
    })?)
}

/// The networks that have a member of this one, or are one of its members, or have it as one.
fn sharing_members(
    db: &mut Db,
    of: NetworkId,
    own: &Held,
    day: Date,
) -> Result<BTreeSet<Key>, Fault> {
    let networks = own
        .members
        .iter()
        .filter(|member| member.resource_type == NETWORK);
    let mut near: BTreeSet<Key> = networks.map(|member| Key(member.id)).collect();
    let members = own.members.iter().map(|member| Key(member.id));
    let members: Vec<Key> = members.chain([of.into()]).collect();
    for members in members.chunks(AT_ONCE) {
        let found: Vec<Key> = on_engine!(db, |conn: Backend| {
            let wholes = ties::table
                .filter(ties::tied.eq_any(members))
                .filter(ties::kind.eq(TieKind::MemberOf.code()))
                .filter(ties::target_type.eq(NETWORK.code()))
                .into_boxed::<Backend>();
            holding_on!(wholes, ties, Some(day))
                .select(ties::target)
                .load(conn)
        })?;
        near.extend(found);
    }
    Ok(near)
}

fn on_themes(db: &mut Db, own: &Held) -> Result<Vec<Key>, Fault> {
    let themes = own.themes.iter().map(|theme| theme.code());
    Ok(on_engine!(db, |conn| having_any!(
        NETWORK,
        Facet::Theme,
        themes
    )
    .load(conn))?)
}

/// The networks that work in a territory that has a commune of this one.
fn working_in(db: &mut Db, own: &Held, day: Date) -> Result<BTreeSet<Key>, Fault> {
    let touching = places::touching(db, &own.communes, day)?;
    let touching: Vec<Key> = places::worked_in(db, &touching)?
        .into_iter()
        .map(Key)
        .collect();
    let mut near = BTreeSet::new();
    for places in touching.chunks(AT_ONCE) {
        let found: Vec<Key> = on_engine!(db, |conn: Backend| {
            let works = ties::table
                .filter(ties::target.eq_any(places))
                .filter(ties::kind.eq(TieKind::WorksIn.code()))
                .filter(ties::tied_type.eq(NETWORK.code()))
                .into_boxed::<Backend>();
            holding_on!(works, ties, Some(day))
                .select(ties::tied)
                .load(conn)
        })?;
        near.extend(found);
    }
    Ok(near)
}
