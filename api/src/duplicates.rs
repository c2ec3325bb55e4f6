//! Organisations that are recorded twice: `/v1/organisations/duplicates`, and the acts on them.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use domain::access::{Action, Actor, Permit, Target};
use domain::organisations::{
    self as rules, DistinctFrom, DuplicateOf, Fold, Likeness, OnDuplicate, Organisation,
    OrganisationId, Refusal,
};
use domain::records::{ChangeKind, Resource, ResourceType, Warning};
use domain::values::{Date, Faults, Label, Pointer, ValueError, Version};
use persistence::duplicates::{self, Pair};
use persistence::{
    Db, Document, Fault, Tx, folds, history, organisations, records as store, scopes,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::app::{App, Telling};
use crate::http::answer;
use crate::http::asked::{Caller, Writing};
use crate::http::body::Body;
use crate::http::cursor;
use crate::http::list::Limit;
use crate::http::query::Query;
use crate::openapi::{Recorded, WriteParams};
use crate::organisations::told;
use crate::problem::Problem;

type OrganisationAnswer = Recorded<Organisation>;

/// Which pairs.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PairsQuery {
    /// How many on a page.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200, default = 50)]
    limit: Limit,
    /// The cursor of the page before, from its `next`.
    after: Option<String>,
}

/// Two organisations that may be one.
#[derive(Serialize, ToSchema)]
pub struct LikelyPair {
    /// The one that was recorded first.
    one: Named,
    /// The other.
    other: Named,
    /// What both have in common.
    because: Vec<Likeness>,
}

/// An organisation and the name it bears today.
#[derive(Serialize, ToSchema)]
pub struct Named {
    /// Which.
    id: OrganisationId,
    /// Its name.
    name: Label,
}

/// A page of pairs.
#[derive(Serialize, ToSchema)]
pub struct LikelyPairs {
    /// The pairs.
    #[schema(max_items = 200)]
    items: Vec<LikelyPair>,
    /// The cursor to give as `after` for the next page; `null` on the last.
    #[schema(required = true)]
    next: Option<String>,
}

/// List likely duplicates.
///
/// Pairs of organisations that look alike, by number, or by name in one commune. A pair that was told
/// apart is not proposed again. A page may hold fewer pairs than asked, even none, and still say in
/// `next` where to go on.
#[utoipa::path(tag = "organisations", params(PairsQuery), security(("bearer" = ["read"])),
    responses((status = 200, description = "A page of pairs.", body = LikelyPairs)))]
#[get("/organisations/duplicates")]
pub(crate) async fn list_duplicates(
    app: Data<App>,
    caller: Caller,
    query: Query<PairsQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Query(query) = query;
    let today = app.today();
    let limit = usize::try_from(query.limit.number()).unwrap_or(usize::MAX);
    let after = query.after.as_deref().map(cursor::in_pairs).transpose()?;
    let read = Action::ReadOrganisations;
    let (pairs, next) = app
        .list(&caller, read, true, move |db, _, visible| {
            Ok(duplicates::pairs(db, visible, after, limit)?)
        })
        .await?;
    let next = next.map(|(one, other)| cursor::of_pairs(one, other));
    let page = LikelyPairs {
        items: pairs.iter().map(|pair| likely_pair(pair, today)).collect(),
        next: next.clone(),
    };
    let mut answer = answer::json(StatusCode::OK);
    if let Some(next) = next {
        answer.insert_header(answer::link_to_next(&request, &next));
    }
    Ok(answer.body(json!(page).to_string()))
}

fn likely_pair(pair: &Pair, today: Date) -> LikelyPair {
    let named = |organisation: &Organisation| Named {
        id: organisation.id,
        name: organisation.on(today).answer.name,
    };
    LikelyPair {
        one: named(&pair.one),
        other: named(&pair.other),
        because: rules::likeness(&pair.one.fields, &pair.other.fields),
    }
}

/// Say that an organisation is a duplicate of another.
///
/// The same organisation was recorded twice. The record is folded into the one that stays, and its
/// address leads there for ever (307), whatever the date. Its numbers and names go to the one that
/// stays with their days, what is part of it becomes part of that one, and what that one does not say
/// is filled. The answer is the folded record as it was left; its tag is what taking this back asks
/// for.
#[utoipa::path(tag = "organisations", params(("id" = OrganisationId, Path, description = "The organisation that goes."), WriteParams),
    request_body = DuplicateOf, security(("bearer" = ["read", "write"])),
    responses((status = 200, description = "The folded record.", body = OrganisationAnswer)))]
#[post("/organisations/{id}/duplicate")]
pub(crate) async fn fold_organisation(
    app: Data<App>,
    writing: Writing,
    id: Path<OrganisationId>,
    asked: Body<DuplicateOf>,
) -> Result<HttpResponse, Problem> {
    let of = asked.value.of;
    let find = move |tx: &mut Tx, id| duplicates::both_to_fold(tx, id, of);
    app.change(
        writing,
        Action::FoldOrganisation,
        *id,
        find,
        asked,
        |tx, permit, present: Organisation, asked| {
            let survivor = named(tx, permit, asked.of, "of")?;
            organisations::for_deletion(tx, present.id)?;
            present.go(store::tied(tx, present.id.uuid())?)?;
            let (parts, above) = duplicates::around(tx, present.id, survivor.id)?;
            let fold = present
                .fold(survivor, parts, asked.reason.clone(), &above)
                .map_err(|refusal| told(tx, permit, refusal))?;
            change_also(tx, permit, &fold)?;
            Ok(duplicates::fold(tx, permit, &fold)?)
        },
    )
    .await
}

/// Take back that an organisation is a duplicate of another.
///
/// Both are again as they were, while nothing depends on it: refused once a record that this changed
/// was changed or folded since.
#[utoipa::path(tag = "organisations", params(("id" = OrganisationId, Path, description = "The organisation that was folded."), WriteParams),
    security(("bearer" = ["read", "write"])),
    responses((status = 200, description = "The organisation, back in its place.", body = OrganisationAnswer)))]
#[post("/organisations/{id}/undo-duplicate")]
pub(crate) async fn unfold_organisation(
    app: Data<App>,
    writing: Writing,
    id: Path<OrganisationId>,
) -> Result<HttpResponse, Problem> {
    app.change(
        writing,
        Action::UnfoldOrganisation,
        *id,
        duplicates::folded_for_change,
        Body::none(),
        |tx, permit, folded: Organisation, ()| {
            let from = duplicates::unfolding(tx, &folded)?.ok_or(Refusal::NotFolded)?;
            let back = folded
                .unfold(from.before, from.survivor, from.parts, &from.above)
                .map_err(|refusal| told(tx, permit, refusal))?;
            let document = duplicates::unfold(tx, permit, &back.folded)?;
            change_also(tx, permit, &back)?;
            duplicates::give_roles_back(tx, &back.folded)?;
            Ok(document)
        },
    )
    .await
}

/// Say that two organisations that look alike are two.
///
/// The pair is not proposed again. The record itself does not change.
#[utoipa::path(tag = "organisations", params(("id" = OrganisationId, Path, description = "One of both."), WriteParams),
    request_body = DistinctFrom, security(("bearer" = ["read", "write"])),
    responses((status = 200, description = "The organisation.", body = OrganisationAnswer)))]
#[post("/organisations/{id}/distinct")]
pub(crate) async fn tell_organisations_apart(
    app: Data<App>,
    writing: Writing,
    id: Path<OrganisationId>,
    asked: Body<DistinctFrom>,
) -> Result<HttpResponse, Problem> {
    judge(&app, writing, *id, asked, folds::tell_apart).await
}

/// Take back that two organisations that look alike are two.
#[utoipa::path(tag = "organisations", params(("id" = OrganisationId, Path, description = "One of both."), WriteParams),
    request_body = DistinctFrom, security(("bearer" = ["read", "write"])),
    responses((status = 200, description = "The organisation.", body = OrganisationAnswer)))]
#[post("/organisations/{id}/undo-distinct")]
pub(crate) async fn propose_organisations_again(
    app: Data<App>,
    writing: Writing,
    id: Path<OrganisationId>,
    asked: Body<DistinctFrom>,
) -> Result<HttpResponse, Problem> {
    judge(&app, writing, *id, asked, folds::propose_again).await
}

/// How a judgement on two records is kept.
type Judging = fn(&mut Tx, &Permit, ResourceType, Uuid, Uuid) -> Result<(), Fault>;

async fn judge(
    app: &App,
    writing: Writing,
    id: OrganisationId,
    asked: Body<DistinctFrom>,
    keep: Judging,
) -> Result<HttpResponse, Problem> {
    let from = asked.value.from;
    app.change(
        writing,
        Action::TellOrganisationsApart,
        id,
        move |tx: &mut Tx, id| duplicates::both_for_change(tx, id, from),
        asked,
        move |tx, permit, present: Organisation, asked| {
            let other = named(tx, permit, asked.from, "from")?;
            if other.id == present.id {
                return Err(Refusal::SameRecord.into());
            }
            let (one, other) = (present.id.uuid(), other.id.uuid());
            keep(tx, permit, Organisation::TYPE, one, other)?;
            Ok(Document::render(&present, tx.today())?)
        },
    )
    .await
}

/// Changes the records that a fold, or taking it back, also changes. The author must be permitted to
/// do that to each of them, but to those that are part of neither any more.
fn change_also(tx: &mut Tx, permit: &Permit, fold: &Fold) -> Result<(), Problem> {
    let today = tx.today();
    let others: Vec<&Organisation> = fold.parts.iter().chain([&fold.survivor]).collect();
    let ids: Vec<Uuid> = others.iter().map(|other| other.uuid()).collect();
    let mut reaching = scopes::reaching(tx, &ids)?;
    for other in others {
        let within = reaching.remove(&other.uuid()).unwrap_or_default();
        let own = other.scope();
        let within = within.as_slice();
        let permit = if other.id == fold.survivor.id || fold.concerns(other, today) {
            permit.also(Target::One { own, within })?
        } else {
            permit.in_consequence(own)
        };
        organisations::update(tx, &permit, ChangeKind::Updated, other)?;
    }
    Ok(())
}

/// The organisation that a member of the request names, if the author may see it.
fn named(
    tx: &mut Tx,
    permit: &Permit,
    id: OrganisationId,
    member: &str,
) -> Result<Organisation, Problem> {
    let visible = permit.visibility(Organisation::READ);
    let kind = Organisation::TYPE;
    if scopes::is_in_sight(tx, visible, kind, id.uuid())?
        && let Some(found) = organisations::for_change(tx, id)?
    {
        return Ok(found);
    }
    let error = match folds::way_in_sight(tx, visible, kind, id.uuid())? {
        Some(way) => ValueError::Folded {
            into: way.survivor.to_string(),
        },
        None => ValueError::UnknownReference,
    };
    let mut faults = Faults::default();
    faults.push(Pointer::root().join(member), error);
    Err(Refusal::Values(faults).into())
}

/// A write after which the organisations are told that the one written looks like.
pub fn telling(writing: Writing) -> Telling {
    Telling {
        writing,
        odd: Some(likely),
    }
}

/// Refuses an organisation that looks like others, when it is asked to.
pub fn allow(
    tx: &mut Tx,
    permit: &Permit,
    on_duplicate: OnDuplicate,
    organisation: &Organisation,
) -> Result<(), Problem> {
    if on_duplicate == OnDuplicate::Warn {
        return Ok(());
    }
    let visible = permit.visibility(Action::ReadOrganisations);
    let (said, id, today) = (&organisation.fields, organisation.id, tx.today());
    let found = duplicates::look_alikes(tx, visible, said, Some(id), today)?;
    Ok(rules::allow(on_duplicate, found)?)
}

/// Tells of the organisations that one looks like, unless it did so before it was written.
fn likely(
    db: &mut Db,
    actor: &Actor,
    document: &Document,
    today: Date,
) -> Result<Vec<Warning>, Problem> {
    let visible = actor.visibility(Action::ReadOrganisations)?;
    let organisation: Organisation = document.resource()?;
    let (said, id) = (&organisation.fields, organisation.id);
    if document.version > Version::FIRST {
        let before = Version::new(document.version.number() - 1);
        let kind = document.resource_type;
        let past = history::version_of(db, visible, kind, document.id, before)?;
        let body = past.and_then(|past| past.body);
        let before: Option<Organisation> = body
            .map(|body| persistence::documents::read_back(&body, document.id))
            .transpose()?;
        if before.is_some_and(|before| before.fields.marks() == said.marks()) {
            return Ok(Vec::new());
        }
    }
    let candidates = duplicates::look_alikes(db, visible, said, Some(id), today)?;
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    let pointer = Pointer::root();
    Ok(vec![Warning::LikelyDuplicate {
        pointer,
        candidates,
    }])
}
