//! Who works on what, where, as anybody may know it where the installation publishes it.

use std::collections::BTreeMap;

use diesel::prelude::*;
use domain::access::Visibility;
use domain::concerns::Theme;
use domain::directory::{Coverage, Rank, Works, ranked};
use domain::networks::{Network, NetworkState};
use domain::organisations::Organisation;
use domain::records::{Card, Carded, Facet, ResourceType, TieKind};
use domain::territories::{Ground, TerritoryCode, TerritoryId, TerritoryKind};
use domain::values::{CodeList, Date, InseeCode};
use uuid::Uuid;

use crate::columns::{Day, Key};
use crate::connection::{AT_ONCE, on_engine};
use crate::documents::Filtered;
use crate::finding::{bearing, borne_on, having, standing};
use crate::page::{After, Page, SortBy};
use crate::places::{self, Places, keys};
use crate::schema::{names, territories, ties};
use crate::territories::{Place, holding_on};
use crate::{Db, Document, Fault, organisations, records};

/// The ids of the networks that are active on a day.
macro_rules! active_on {
    ($day:expr) => {
        standing!(
            ResourceType::Network,
            Facet::State,
            NetworkState::Active.code(),
            $day
        )
    };
}

/// What is looked for in the directory.
#[derive(Clone, Debug)]
pub struct Sought {
    /// Who works in this commune.
    pub commune: InseeCode,
    /// On this theme; organisations have none.
    pub theme: Option<Theme>,
    /// Of this type.
    pub of: Option<ResourceType>,
    /// Invented or not.
    pub fictitious: Option<bool>,
    /// Folded words; each begins a word of one of its names.
    pub words: Vec<String>,
    /// On this day.
    pub day: Date,
}

/// An entry of the directory.
#[derive(Debug)]
pub struct Entry {
    /// Where it stands.
    pub rank: Rank,
    /// What is public of it.
    pub card: Card,
    /// The themes it works on.
    pub themes: Vec<Theme>,
}

/// A page of the directory of a commune, one entry longer than asked when there is more: the smaller the
/// territory through which somebody covers the commune the earlier. Only what is active on the day.
pub fn page(
    db: &mut Db,
    sought: &Sought,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<Entry>, Fault> {
    let commune = TerritoryCode::from(&sought.commune);
    let commune = Place::Code(TerritoryKind::Commune, commune);
    let commune = places::at(db, &commune, sought.day)?;
    let Some(place) = commune.first().copied() else {
        return Ok(Vec::new());
    };
    let covering = places::holding(db, &commune, sought.day)?;
    let ground = places::measured(db, &covering, sought.day)?;
    let most = usize::try_from(limit)
        .unwrap_or(usize::MAX)
        .saturating_add(1);
    let mut all = organisations_at(db, sought, (&ground, place), after, limit)?;
    let mut ranks = ranked(networks_in(db, sought, &covering)?, &ground);
    ranks
        .retain(|rank| after.is_none_or(|after| (&*after.key, after.id) < (&*rank.key(), rank.id)));
    ranks.truncate(most);
    all.extend(entries(db, ranks, sought.day)?);
    all.sort_unstable_by(|one, other| one.rank.cmp(&other.rank));
    all.truncate(most);
    Ok(all)
}

/// The active networks sought that work in one of some territories, each with its territory and its name.
fn networks_in(db: &mut Db, sought: &Sought, covering: &Places) -> Result<Vec<Works>, Fault> {
    const NETWORK: ResourceType = ResourceType::Network;
    if sought.of.is_some_and(|of| of != NETWORK) {
        return Ok(Vec::new());
    }
    let day = Day(sought.day);
    let covering = keys(covering);
    let rows: Vec<(Key, Key, String)> = on_engine!(db, |conn: Backend| {
        let named = borne_on!(NETWORK, day)
            .inner_join(ties::table.on(ties::tied.eq(names::id)))
            .filter(ties::kind.eq(TieKind::WorksIn.code()))
            .filter(ties::target.eq_any(&covering))
            .filter(ties::tied.eq_any(active_on!(day)))
            .into_boxed::<Backend>();
        let mut query = holding_on!(named, ties, Some(sought.day));
        if let Some(theme) = sought.theme {
            query = query.filter(ties::tied.eq_any(having!(NETWORK, Facet::Theme, theme.code())));
        }
        if let Some(fictitious) = sought.fictitious {
            let invented = having!(NETWORK, Facet::Fictitious, fictitious.to_string());
            query = query.filter(ties::tied.eq_any(invented));
        }
        for word in &sought.words {
            query = query.filter(ties::tied.eq_any(bearing!(NETWORK, word)));
        }
        query
            .select((ties::tied, ties::target, names::sort_key))
            .load(conn)
    })?;
    let works = rows.into_iter();
    let works = works.map(|(id, place, name)| (id.0, TerritoryId::new(place.0), name));
    Ok(works.collect())
}

/// The organisations sought with an address in a commune.
fn organisations_at(
    db: &mut Db,
    sought: &Sought,
    (ground, place): (&Ground, TerritoryId),
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<Entry>, Fault> {
    let wanted = sought.of.is_none_or(|of| of == ResourceType::Organisation);
    let begins = Rank::of_organisation(ground, place, String::new(), Uuid::nil()).key();
    let within = after.and_then(|after| {
        let key = after.key.strip_prefix(&begins)?.to_owned();
        Some(After { key, id: after.id })
    });
    let past = after.is_some_and(|after| after.key > begins) && within.is_none();
    if !wanted || past || sought.theme.is_some() {
        return Ok(Vec::new());
    }
    let filter = organisations::Filter {
        commune: Some(sought.commune.clone()),
        fictitious: sought.fictitious,
        on: Some(sought.day),
        words: sought.words.clone(),
        ..organisations::Filter::default()
    };
    let page = Page {
        limit,
        sort: SortBy::Name,
        after: within,
        today: sought.day,
    };
    let rows = filter.page(db, Visibility::Everything, &page)?;
    let entry = |(document, name): (Document, String)| {
        let organisation: Organisation = document.resource()?;
        Ok(Entry {
            rank: Rank::of_organisation(ground, place, name, document.id),
            card: organisation.card(sought.day),
            themes: Vec::new(),
        })
    };
    rows.into_iter().map(entry).collect()
}

/// Networks as they stand in the directory.
fn entries(db: &mut Db, ranks: Vec<Rank>, day: Date) -> Result<Vec<Entry>, Fault> {
    let ids: Vec<Uuid> = ranks.iter().map(|rank| rank.id).collect();
    let mut networks = BTreeMap::new();
    for document in records::with_ids::<Network>(db, Visibility::Everything, &ids)? {
        let network: Network = document.resource()?;
        networks.insert(document.id, network);
    }
    let entries = ranks.into_iter().filter_map(|rank| {
        let network = networks.remove(&rank.id)?;
        let card = network.card(day);
        let themes = network.fields.themes;
        Some(Entry { rank, card, themes })
    });
    Ok(entries.collect())
}

/// How far the active networks, those on a theme if one is given, cover the communes of a place on a day.
pub fn coverage(
    db: &mut Db,
    place: &Place,
    theme: Option<Theme>,
    day: Date,
) -> Result<Coverage, Fault> {
    let asked = places::at(db, place, day)?;
    let worked_in = worked_in(db, theme, day)?;
    let all: Places = asked.union(&worked_in).copied().collect();
    let ground = places::ground(db, &all, day)?;
    Ok(Coverage::of(&asked, &worked_in, &ground))
}

/// The territories in which active networks work.
fn worked_in(db: &mut Db, theme: Option<Theme>, day: Date) -> Result<Places, Fault> {
    let on = Day(day);
    let ids: Vec<Key> = on_engine!(db, |conn: Backend| {
        let ties = ties::table
            .filter(ties::kind.eq(TieKind::WorksIn.code()))
            .filter(ties::tied.eq_any(active_on!(on)))
            .into_boxed::<Backend>();
        let mut query = holding_on!(ties, ties, Some(day));
        if let Some(theme) = theme {
            let about = having!(ResourceType::Network, Facet::Theme, theme.code());
            query = query.filter(ties::tied.eq_any(about));
        }
        query.select(ties::target).distinct().load(conn)
    })?;
    Ok(ids.into_iter().map(|id| TerritoryId::new(id.0)).collect())
}

/// Some territories with their official codes, in the order of these.
pub fn by_code(db: &mut Db, of: &Places) -> Result<Vec<(String, TerritoryId)>, Fault> {
    let mut found = Vec::new();
    for of in keys(of).chunks(AT_ONCE) {
        let rows: Vec<(String, Key)> = on_engine!(db, |conn| territories::table
            .filter(territories::id.eq_any(of))
            .select((territories::code, territories::id))
            .load(conn))?;
        found.extend(
            rows.into_iter()
                .map(|(code, id)| (code, TerritoryId::new(id.0))),
        );
    }
    found.sort_unstable();
    Ok(found)
}
