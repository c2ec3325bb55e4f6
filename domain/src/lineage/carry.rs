//! What becomes of the relations that are tied to a predecessor.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{Fate, LineageFields, LineageKind, Refusal, restated};
use crate::records::{RecordRef, Resource, ResourceType};
use crate::relations::{Link, MOST_LEVELS, Relation, Stated, levels_up};
use crate::values::{Date, Id, Since, Version};

/// What an event makes of the relations of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried<F> {
    /// Those that end on the day, on the predecessor.
    pub ended: Vec<Relation<F>>,
    /// Those that go on as others there were, or begin only later and are of the successor, or hold longer.
    pub changed: Vec<Relation<F>>,
    /// Those that begin on the day, on the successor.
    pub begun: Vec<Relation<F>>,
    /// Those that would now hold on no day.
    pub gone: Vec<Relation<F>>,
}

/// As which relations those of the predecessors go on: what others name is carried before them.
#[derive(Clone, Debug, Default)]
pub struct Heirs {
    /// By the relation and the successor.
    of: BTreeMap<(Uuid, Uuid), Uuid>,
    /// Those that the predecessors have no more on any day.
    left: BTreeSet<Uuid>,
}

/// A relation that is tied to a successor: one that was, or one that goes on so.
#[derive(Clone, Debug)]
struct Standing<F> {
    relation: Relation<F>,
    /// The relation that it was before, if it is another one now.
    from: Uuid,
    origin: Origin,
    /// Whether it holds on other days than it did.
    longer: bool,
}

/// Where a relation that is tied to a successor comes from: what comes first stands, where several are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    /// It was the successor's.
    Own,
    /// It begins on the day or later, and is now the successor's.
    Moved,
    /// It goes on as another.
    Begun,
}

/// Decides what an event makes of the relations of one kind: of `all` that name a predecessor or a successor.
///
/// Each that names a predecessor and holds on some day from the effective one on is ended there, and goes on with
/// the successor from then or from its own start, to its own end. What is then said twice is one, over the days
/// of both. Where the successor says already who alone holds something, that stands. What would be tied to itself
/// ends.
///
/// Refused where a split leaves open with whom something goes on, where two predecessors say different things of
/// what only one can hold, and where a network would be a member of itself; `above` is every membership of networks
/// in networks that names neither a predecessor nor a successor.
pub fn carry<F: Stated>(
    event: &LineageFields,
    all: Vec<Relation<F>>,
    above: &[Link],
    heirs: &mut Heirs,
    new_id: &mut dyn FnMut() -> Uuid,
) -> Result<Carried<F>, Refusal> {
    let day = event.effective_on;
    let (taken, own): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| event.takes(one));
    let ways = ways(event, &taken, heirs, new_id)?;
    let mut standing: Vec<Standing<F>> = own
        .into_iter()
        .filter(|one| names(one, |id| event.gives_to(id)))
        .map(|relation| Standing {
            from: relation.uuid(),
            relation,
            origin: Origin::Own,
            longer: false,
        })
        .collect();
    for (relation, successor, id) in ways {
        standing.extend(gone_on(event, &relation, successor, id, heirs));
    }
    let (standing, absorbed) = joined(standing)?;
    allow_links(standing.iter().map(|one| &one.relation), above)?;
    let mut carried = Carried {
        ended: Vec::new(),
        changed: Vec::new(),
        begun: Vec::new(),
        gone: absorbed,
    };
    let mut moved = BTreeSet::new();
    for one in standing {
        match one.origin {
            Origin::Own if !one.longer => {}
            Origin::Own => carried.changed.push(one.relation),
            Origin::Moved => {
                moved.insert(one.relation.uuid());
                carried.changed.push(one.relation);
            }
            Origin::Begun => carried.begun.push(one.relation),
        }
    }
    for relation in taken {
        if begins_before(&relation, day) {
            carried.ended.push(left_behind(event, &relation, heirs));
        } else if !moved.contains(&relation.uuid()) {
            carried.gone.push(relation);
        }
    }
    Ok(carried)
}

impl LineageFields {
    /// Whether a relation names a predecessor and holds on some day from the effective one on.
    #[must_use]
    pub fn takes<F: Stated>(&self, relation: &Relation<F>) -> bool {
        let ends = relation.fields.since().ends_before;
        names(relation, |id| self.takes_from(id)) && ends.is_none_or(|end| self.effective_on < end)
    }
}

fn names<F: Stated>(relation: &Relation<F>, is: impl Fn(Uuid) -> bool) -> bool {
    relation.fields.named().iter().any(|(_, one)| is(one.id))
}

fn begins_before<F: Stated>(relation: &Relation<F>, day: Date) -> bool {
    relation
        .fields
        .since()
        .starts_on
        .is_none_or(|starts| starts < day)
}

/// Each relation that goes on, with which successor, and as which relation.
type Way<F> = (Relation<F>, Uuid, Uuid);

fn ways<F: Stated>(
    event: &LineageFields,
    taken: &[Relation<F>],
    heirs: &mut Heirs,
    new_id: &mut dyn FnMut() -> Uuid,
) -> Result<Vec<Way<F>>, Refusal> {
    let mut ways = Vec::new();
    let mut relations = Vec::new();
    for relation in taken {
        let Some(successors) = successors_of(event, relation) else {
            relations.push(relation.uuid());
            continue;
        };
        let later = !begins_before(relation, event.effective_on);
        if later {
            heirs.left.insert(relation.uuid());
        }
        for (i, successor) in successors.into_iter().enumerate() {
            let stays = later && i == 0;
            let id = if stays { relation.uuid() } else { new_id() };
            heirs.of.insert((relation.uuid(), successor), id);
            ways.push((relation.clone(), successor, id));
        }
    }
    if relations.is_empty() {
        Ok(ways)
    } else {
        Err(Refusal::Unassigned { relations })
    }
}

/// With which successors a relation goes on; nothing where nobody said.
///
/// The members of an association that is split are members of those that it becomes, unless the treaty says
/// otherwise (loi du 1er juillet 1901, article 9 bis).
fn successors_of<F: Stated>(event: &LineageFields, relation: &Relation<F>) -> Option<Vec<Uuid>> {
    let all = event.successors.iter().map(|one| one.record().id);
    if event.kind != LineageKind::Split {
        return Some(all.collect());
    }
    let mut said = event.assignments.iter();
    if let Some(said) = said.find(|one| one.relation == relation.uuid()) {
        return Some(said.to.clone());
    }
    let is_of = |(_, whole): (RecordRef, RecordRef)| event.takes_from(whole.id);
    relation
        .fields
        .link()
        .is_some_and(is_of)
        .then(|| all.collect())
}

/// A relation as it goes on with a successor; nothing when it would be tied to itself.
fn gone_on<F: Stated>(
    event: &LineageFields,
    relation: &Relation<F>,
    successor: Uuid,
    id: Uuid,
    heirs: &Heirs,
) -> Option<Standing<F>> {
    let since = relation.fields.since();
    let since = Since {
        starts_on: since.starts_on.max(Some(event.effective_on)),
        ..since
    };
    let peers = with_the_owner(event, &relation.fields);
    let fields = restated(&relation.fields, since, |named| {
        let heir = heirs.of.get(&(named, successor));
        match heir {
            _ if event.takes_from(named) => Fate::Is(successor),
            Some(heir) if peers.contains(&named) => Fate::Is(*heir),
            None if peers.contains(&named) => Fate::Gone,
            _ => Fate::Stays,
        }
    })?;
    if fields.ties_to_itself() {
        return None;
    }
    let stays = id == relation.uuid();
    Some(Standing {
        relation: Relation {
            id: Id::new(id),
            version: if stays {
                relation.version.next()
            } else {
                Version::FIRST
            },
            fields,
        },
        from: relation.id.uuid(),
        origin: if stays { Origin::Moved } else { Origin::Begun },
        longer: false,
    })
}

/// The relations named that must be of the same owner, where that is a predecessor.
fn with_the_owner<F: Stated>(event: &LineageFields, fields: &F) -> BTreeSet<Uuid> {
    let peers = fields.peers().into_iter();
    let taken = peers.filter(|law| event.takes_from(law.owner.id));
    taken.map(|law| law.id).collect()
}

/// A relation as it was until the day, naming no more what the predecessor has no more.
fn left_behind<F: Stated>(
    event: &LineageFields,
    relation: &Relation<F>,
    heirs: &Heirs,
) -> Relation<F> {
    let peers = with_the_owner(event, &relation.fields);
    let day = event.effective_on;
    let ended = relation.fields.clone().ended(day, event.reason.clone());
    let fields = restated(&ended, ended.since(), |named| {
        if peers.contains(&named) && heirs.left.contains(&named) {
            Fate::Gone
        } else {
            Fate::Stays
        }
    });
    Relation {
        id: relation.id,
        version: relation.version.next(),
        fields: fields.unwrap_or(ended),
    }
}

/// What stands, and what is no more.
type Joined<F> = (Vec<Standing<F>>, Vec<Relation<F>>);

/// What stands once what is said twice is said once, and what is no more for that.
fn joined<F: Stated>(standing: Vec<Standing<F>>) -> Result<Joined<F>, Refusal> {
    let mut alone: BTreeMap<String, Vec<Standing<F>>> = BTreeMap::new();
    let (mut kept, mut absorbed) = (Vec::new(), Vec::new());
    for one in standing {
        match one.relation.fields.alone_in() {
            Some(key) => alone.entry(key).or_default().push(one),
            None => kept.push(one),
        }
    }
    for (_, rivals) in alone {
        let rivals = uncontested(rivals)?;
        for run in runs(rivals) {
            if let Some((one, others)) = one_of(run) {
                kept.push(one);
                let were_there = others.into_iter().filter(|one| one.origin == Origin::Own);
                absorbed.extend(were_there.map(|one| one.relation));
            }
        }
    }
    Ok((kept, absorbed))
}

/// Whether two say different things of what only one can hold on a day.
fn contradict<F: Stated>(one: &Standing<F>, other: &Standing<F>) -> bool {
    let ids = |of: &Standing<F>| -> Vec<Uuid> {
        let named = of.relation.fields.named();
        named.into_iter().map(|(_, one)| one.id).collect()
    };
    let (first, second) = (one.relation.fields.since(), other.relation.fields.since());
    first.overlaps(second) && ids(one) != ids(other)
}

/// Those that share what no two may share, without those that the successor itself says otherwise. Refused
/// where two that are carried differ.
fn uncontested<F: Stated>(rivals: Vec<Standing<F>>) -> Result<Vec<Standing<F>>, Refusal> {
    let (own, carried): (Vec<_>, Vec<_>) = rivals
        .into_iter()
        .partition(|one| one.origin == Origin::Own);
    let carried: Vec<Standing<F>> = carried
        .into_iter()
        .filter(|one| !own.iter().any(|own| contradict(own, one)))
        .collect();
    let contested = carried
        .iter()
        .filter(|one| carried.iter().any(|other| contradict(one, other)));
    let relations: Vec<Uuid> = contested.map(|one| one.from).collect();
    if relations.is_empty() {
        Ok(own.into_iter().chain(carried).collect())
    } else {
        Err(Refusal::Contested { relations })
    }
}

/// Those whose days overlap, together.
fn runs<F: Stated>(mut all: Vec<Standing<F>>) -> Vec<Vec<Standing<F>>> {
    all.sort_by_key(|one| (one.relation.fields.since().starts_on, one.relation.uuid()));
    let mut runs: Vec<(Since, Vec<Standing<F>>)> = Vec::new();
    for one in all {
        let since = one.relation.fields.since();
        match runs.last_mut() {
            Some((days, run)) if days.overlaps(since) => {
                *days = days.hull(since);
                run.push(one);
            }
            _ => runs.push((since, vec![one])),
        }
    }
    runs.into_iter().map(|(_, run)| run).collect()
}

/// One for all of a run, over the days of all, and the others.
fn one_of<F: Stated>(mut run: Vec<Standing<F>>) -> Option<(Standing<F>, Vec<Standing<F>>)> {
    run.sort_by_key(|one| one.origin);
    let mut run = run.into_iter();
    let mut one = run.next()?;
    let others: Vec<Standing<F>> = run.collect();
    let own = one.relation.fields.since();
    let days = others
        .iter()
        .fold(own, |days, other| days.hull(other.relation.fields.since()));
    if days != own
        && let Some(fields) = restated(&one.relation.fields, days, |_| Fate::Stays)
    {
        one.relation.fields = fields;
        if one.origin == Origin::Own {
            one.relation.version = one.relation.version.next();
            one.longer = true;
        }
    }
    Some((one, others))
}

/// Refused when a network would be a member of itself on some day. `above` is every membership of networks in
/// networks that names neither a predecessor nor a successor.
pub(super) fn allow_links<'a, F: Stated>(
    standing: impl Iterator<Item = &'a Relation<F>>,
    above: &[Link],
) -> Result<(), Refusal> {
    let links = standing.filter_map(|one| {
        let (part, whole) = one.fields.link()?;
        let networks = [part, whole].map(|end| end.resource_type) == [ResourceType::Network; 2];
        networks.then_some(Link {
            part: part.id,
            whole: whole.id,
            since: one.fields.since(),
        })
    });
    let links: Vec<Link> = links.collect();
    let all: Vec<Link> = links.iter().chain(above).copied().collect();
    let rings = links
        .iter()
        .filter_map(|link| levels_up(&all, link.whole, link.part, link.since, MOST_LEVELS));
    match rings.min() {
        Some(through) => Err(Refusal::PartOfItself { through }),
        None => Ok(()),
    }
}
