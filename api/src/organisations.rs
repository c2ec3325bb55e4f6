//! `/v1/organisations`.

use std::collections::{BTreeSet, HashMap};

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post};
use domain::access::{Action, Permit, Visibility};
use domain::organisations::{
    AddressUse, EndOfOrganisation, Hindrance, IdentifierSystem, LikenessReason, Organisation,
    OrganisationFields, OrganisationId, OrganisationKind, OrganisationState, PartKind, Refusal,
    Sector, Wholes,
};
use domain::records::ChangeKind;
use domain::values::{Date, InseeCode, Instant, Label, ValueError};
use persistence::organisations::{self, Filter};
use persistence::records as store;
use persistence::{Db, Document, Fault, Tx, scopes};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::code_lists::ours;
use crate::duplicates;
use crate::http::answer::{Beside, Shown};
use crate::http::asked::{Caller, Reading, Wary, Writing};
use crate::http::body::{Body, Patch};
use crate::http::list::{self, Asked, ListParams, Listing, Sort};
use crate::http::query::{Query, parsed, truth};
use crate::http::records::{self, HistoryQuery, Moment};
use crate::openapi::{Listed, MergePatch, Past, Recorded, WaryParams, WriteParams};
use crate::problem::Problem;
use crate::room::Room;
use crate::words::Request;

type OrganisationAnswer = Recorded<Organisation>;
type OrganisationPage = Listed<Organisation>;
type OrganisationHistory = Past<Organisation>;
type OrganisationPatch = MergePatch<OrganisationFields>;

/// What the room adds to the API.
pub(crate) const ROOM: Room = Room {
    tag: (
        "organisations",
        "Who exists, under which names and numbers, where, and as part of whom.",
    ),
    routes: |v1| {
        v1.service(list_organisations)
            .service(create_organisation)
            .service(duplicates::list_duplicates)
            .service(read_organisation)
            .service(change_organisation)
            .service(delete_organisation)
            .service(read_organisation_history)
            .service(end_organisation)
            .service(reopen_organisation)
            .service(duplicates::fold_organisation)
            .service(duplicates::unfold_organisation)
            .service(duplicates::tell_organisations_apart)
            .service(duplicates::propose_organisations_again);
    },
    code_lists: || {
        vec![
            ours::<OrganisationKind>(),
            ours::<Sector>(),
            ours::<IdentifierSystem>(),
            ours::<LikenessReason>(),
            ours::<Hindrance>(),
            ours::<AddressUse>(),
            ours::<PartKind>(),
            ours::<OrganisationState>(),
        ]
    },
};

/// Which organisations, in which order, and how many of them.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OrganisationQuery {
    /// Of this kind.
    kind: Option<OrganisationKind>,
    /// Working in this sector.
    sector: Option<Sector>,
    /// Bearing this number, now or once, as `system:value`.
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>, example = "siren:732829320", format = "business-number")]
    identifier: Option<Number>,
    /// With an address in the commune of this INSEE code.
    commune: Option<InseeCode>,
    /// Part of this organisation; on the day of `as_of` when that is given.
    part_of: Option<OrganisationId>,
    /// Invented or real.
    #[serde(default, deserialize_with = "truth")]
    #[param(value_type = Option<bool>)]
    fictitious: Option<bool>,
    /// Words that begin words of a name, past names too. Accents and case do not matter.
    q: Option<Label>,
    /// Only those that existed on this day, as far as is known, under the name they then bore.
    as_of: Option<Date>,
    /// The order.
    #[serde(default)]
    #[param(value_type = Option<Sort>, inline)]
    sort: Sort,
    /// `part_of` to join the organisations that each is part of on that day.
    #[param(inline)]
    expand: Option<Expand>,
}

/// For which day, as known when, and with what beside it.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OneOrganisationQuery {
    /// The day for which name and state answer; today when left out.
    as_of: Option<Date>,
    /// The instant at which it was known; now when left out.
    #[param(inline)]
    known_at: Option<Instant>,
    /// `part_of` to join the organisations that it is part of on that day; not with `known_at`.
    #[param(inline)]
    expand: Option<Expand>,
}

/// What may be joined to an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Expand {
    /// The organisations that it is part of.
    PartOf,
}

/// A number in a register, as `system:value`.
#[derive(Clone, Debug)]
struct Number(IdentifierSystem, String);

impl std::str::FromStr for Number {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (system, value) = text.split_once(':').unwrap_or((text, ""));
        let value: String = value.chars().filter(|c| !c.is_whitespace()).collect();
        if value.is_empty() || !value.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(ValueError::Format {
                expected: "system:value".to_owned(),
            });
        }
        Ok(Self(system.parse()?, value.to_uppercase()))
    }
}

/// List organisations.
#[utoipa::path(tag = "organisations", params(OrganisationQuery, ListParams), security(("bearer" = ["read"])),
    responses((status = 200, description = "A page of organisations.", body = OrganisationPage)))]
#[get("/organisations")]
pub(crate) async fn list_organisations(
    app: Data<App>,
    asked: Asked<OrganisationQuery>,
) -> Result<HttpResponse, Problem> {
    let Asked { query, list } = asked;
    let filter = Filter {
        kind: query.kind,
        sector: query.sector,
        identifier: query
            .identifier
            .map(|Number(system, value)| (system, value)),
        commune: query.commune,
        part_of: query.part_of,
        fictitious: query.fictitious,
        on: query.as_of,
        words: list::words_of(query.q.as_ref())?,
    };
    let expand = query.expand;
    let organisations = Organisations { filter, expand };
    list.sorted(query.sort).answer(&app, organisations).await
}

/// A list of organisations, perhaps with those that each is part of.
#[derive(Default)]
pub(crate) struct Organisations {
    filter: Filter,
    expand: Option<Expand>,
}

impl Listing for Organisations {
    type Record = Organisation;
    type Filter = Filter;

    fn filter(&self) -> &Filter {
        &self.filter
    }

    fn around(&self, _: &mut Db, _: Visibility, _: Date, _: &[Organisation]) -> Result<(), Fault> {
        Ok(())
    }

    fn joins(&self) -> bool {
        self.expand.is_some()
    }

    fn beside(
        &self,
        db: &mut Db,
        visible: Visibility,
        shown: &Shown<'_>,
        documents: &[&Document],
    ) -> Result<Beside, Problem> {
        wholes(db, visible, shown, self.expand, documents)
    }
}

/// Read an organisation.
#[utoipa::path(tag = "organisations", params(("id" = OrganisationId, Path, description = "The organisation."), OneOrganisationQuery),
    security(("bearer" = ["read"])),
    responses((status = 200, description = "The organisation.", body = OrganisationAnswer)))]
#[get("/organisations/{id}")]
pub(crate) async fn read_organisation(
    app: Data<App>,
    reading: Reading,
    id: Path<OrganisationId>,
    query: Query<OneOrganisationQuery>,
) -> Result<HttpResponse, Problem> {
    let Query(query) = query;
    if query.expand.is_some() && query.known_at.is_some() {
        let (parameter, with) = ("expand", "known_at");
        return Err(Request::NotTogether { parameter, with }.into());
    }
    let moment = Moment {
        as_of: query.as_of,
        known_at: query.known_at,
    };
    let beside = query.expand.map(|_| {
        move |db: &mut Db, visible: Visibility<'_>, shown: &Shown<'_>, document: &Document| {
            let mut joined = wholes(db, visible, shown, query.expand, &[document])?;
            Ok(joined.remove(&document.id).unwrap_or_default())
        }
    });
    records::one_with(&app, reading, *id, moment, organisations::read, beside).await
}

/// Read the history of an organisation.
///
/// Every state it was left in, from the first; a deleted one keeps its history.
#[utoipa::path(tag = "organisations", params(("id" = OrganisationId, Path, description = "The organisation."), HistoryQuery),
    security(("bearer" = ["read"])),
    responses((status = 200, description = "A page of its states.", body = OrganisationHistory)))]
#[get("/organisations/{id}/history")]
pub(crate) async fn read_organisation_history(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    id: Path<OrganisationId>,
    query: Query<HistoryQuery>,
) -> Result<HttpResponse, Problem> {
    records::history::<Organisation>(&app, &caller, &request, id.uuid(), query.0).await
}

/// Record an organisation.
///
/// Others that it looks like are told as a warning `likely_duplicate`, or make it refused.
#[utoipa::path(tag = "organisations", params(WriteParams, WaryParams), request_body = OrganisationFields, security(("bearer" = ["read", "write"])),
    responses((status = 201, description = "The organisation as recorded.", body = OrganisationAnswer)))]
#[post("/organisations")]
pub(crate) async fn create_organisation(
    app: Data<App>,
    wary: Wary,
    new: Body<OrganisationFields>,
) -> Result<HttpResponse, Problem> {
    let id = OrganisationId::new(app.new_id());
    let Wary {
        writing,
        on_duplicate,
    } = wary;
    app.create(
        duplicates::telling(writing),
        Action::CreateOrganisation,
        id,
        new,
        OrganisationFields::belongs_to,
        move |tx, permit, fields| {
            let wholes = organisations::wholes(tx, permit, None, fields.wholes())?;
            let organisation = Organisation::create(id, fields.clone(), &wholes)
                .map_err(|refusal| told(tx, permit, refusal))?;
            duplicates::allow(tx, permit, on_duplicate, &organisation)?;
            Ok(organisations::insert(tx, permit, &organisation)?)
        },
    )
    .await
}

/// Change an organisation.
///
/// A JSON merge patch (RFC 7396): a list given replaces the whole list, `null` clears a member.
/// Where it changes names, numbers or communes, likely duplicates are told as when recording.
#[utoipa::path(tag = "organisations", params(("id" = OrganisationId, Path, description = "The organisation."), WriteParams, WaryParams),
    request_body(content = OrganisationPatch, content_type = "application/merge-patch+json"),
    security(("bearer" = ["read", "write"])),
    responses((status = 200, description = "The organisation as changed.", body = OrganisationAnswer)))]
#[patch("/organisations/{id}")]
pub(crate) async fn change_organisation(
    app: Data<App>,
    id: Path<OrganisationId>,
    wary: Wary,
    patch: Patch,
) -> Result<HttpResponse, Problem> {
    let action = Action::ChangeOrganisation;
    let moves = patch.names("part_of");
    let find = if moves {
        organisations::for_change_of_parts
    } else {
        organisations::for_change
    };
    let Wary {
        writing,
        on_duplicate,
    } = wary;
    app.change(
        duplicates::telling(writing),
        action,
        *id,
        find,
        patch.into(),
        move |tx, permit, present: Organisation, patch: &Patch| {
            let fields = patch.apply(&present.fields)?;
            let wholes = if moves {
                organisations::wholes(tx, permit, Some(present.id), fields.wholes())?
            } else {
                Wholes::default()
            };
            let marks = present.fields.marks();
            let changed = present
                .change(fields, &wholes)
                .map_err(|refusal| told(tx, permit, refusal))?;
            if changed.fields.marks() != marks {
                duplicates::allow(tx, permit, on_duplicate, &changed)?;
            }
            Ok(organisations::update(
                tx,
                permit,
                ChangeKind::Updated,
                &changed,
            )?)
        },
    )
    .await
}

/// Say that an organisation ended.
#[utoipa::path(tag = "organisations", params(("id" = OrganisationId, Path, description = "The organisation."), WriteParams),
    request_body = EndOfOrganisation, security(("bearer" = ["read", "write"])),
    responses((status = 200, description = "The organisation, with its end.", body = OrganisationAnswer)))]
#[post("/organisations/{id}/end")]
pub(crate) async fn end_organisation(
    app: Data<App>,
    writing: Writing,
    id: Path<OrganisationId>,
    end: Body<EndOfOrganisation>,
) -> Result<HttpResponse, Problem> {
    let (action, find) = (Action::EndOrganisation, organisations::for_change_of_parts);
    app.change(
        writing,
        action,
        *id,
        find,
        end,
        |tx, permit, present: Organisation, end| {
            let parts = organisations::parts(tx, present.id)?;
            let ended = present
                .end(end.clone(), &parts)
                .map_err(|refusal| told(tx, permit, refusal))?;
            Ok(organisations::update(
                tx,
                permit,
                ChangeKind::Ended,
                &ended,
            )?)
        },
    )
    .await
}

/// Take back an end recorded by mistake.
#[utoipa::path(tag = "organisations", params(("id" = OrganisationId, Path, description = "The organisation."), WriteParams),
    security(("bearer" = ["read", "write"])),
    responses((status = 200, description = "The organisation, open again.", body = OrganisationAnswer)))]
#[post("/organisations/{id}/reopen")]
pub(crate) async fn reopen_organisation(
    app: Data<App>,
    writing: Writing,
    id: Path<OrganisationId>,
) -> Result<HttpResponse, Problem> {
    let (action, find) = (
        Action::ReopenOrganisation,
        organisations::for_change_of_parts,
    );
    app.change(
        writing,
        action,
        *id,
        find,
        Body::none(),
        |tx, permit, present: Organisation, ()| {
            let wholes =
                organisations::wholes(tx, permit, Some(present.id), present.fields.wholes())?;
            let open = present
                .reopen(&wholes)
                .map_err(|refusal| told(tx, permit, refusal))?;
            Ok(organisations::update(
                tx,
                permit,
                ChangeKind::Updated,
                &open,
            )?)
        },
    )
    .await
}

/// Delete an organisation recorded by mistake.
///
/// What existed is ended, not deleted. Its history stays, and its address answers 410.
#[utoipa::path(tag = "organisations", params(("id" = OrganisationId, Path, description = "The organisation."), WriteParams),
    security(("bearer" = ["read", "write"])),
    responses((status = 204, description = "It is deleted.")))]
#[delete("/organisations/{id}")]
pub(crate) async fn delete_organisation(
    app: Data<App>,
    id: Path<OrganisationId>,
    writing: Writing,
) -> Result<HttpResponse, Problem> {
    let (action, find) = (Action::DeleteOrganisation, organisations::for_deletion);
    app.delete(
        writing,
        action,
        *id,
        find,
        |tx, permit, present: &Organisation| {
            let parts = organisations::parts(tx, present.id)?;
            let tied = store::tied(tx, present.id.uuid())?;
            present
                .delete(&parts, tied)
                .map_err(|refusal| told(tx, permit, refusal))?;
            Ok(organisations::delete(tx, permit, present)?)
        },
    )
    .await
}

/// What the author of a write is told of its refusal: the other organisations that stand in the way
/// by their ids where they are in sight, the rest by their number.
pub(crate) fn told(tx: &mut Tx, permit: &Permit, refusal: Refusal) -> Problem {
    match organisations::in_sight(tx, permit, &refusal.others()) {
        Ok(seen) => refusal.seeing(seen).into(),
        Err(fault) => fault.into(),
    }
}

/// The organisations that each of some is part of on the day that is shown, when they are to be
/// joined.
fn wholes(
    db: &mut Db,
    visible: Visibility,
    shown: &Shown<'_>,
    expand: Option<Expand>,
    documents: &[&Document],
) -> Result<Beside, Problem> {
    let mut joined = Beside::new();
    let Some(Expand::PartOf) = expand else {
        return Ok(joined);
    };
    let mut wanted = Vec::new();
    for document in documents {
        let organisation: Organisation = document.resource()?;
        let parts = organisation.fields.part_of.into_iter();
        let on_that_day = parts.filter(|part_of| part_of.since().contains(shown.day));
        wanted.push((
            document.id,
            on_that_day.map(|part_of| part_of.whole).collect::<Vec<_>>(),
        ));
    }
    let ids: BTreeSet<OrganisationId> = wanted
        .iter()
        .flat_map(|(_, wholes)| wholes)
        .copied()
        .collect();
    let ids: Vec<OrganisationId> = ids.into_iter().collect();
    let mut found = HashMap::new();
    let mut wholes = organisations::with_ids(db, visible, &ids)?;
    if shown.actor.is_narrow() {
        scopes::fill(db, wholes.iter_mut())?;
    }
    for whole in wholes {
        found.insert(
            OrganisationId::new(whole.id),
            shown.json::<Organisation>(&whole, &[])?,
        );
    }
    for (part, wholes) in wanted {
        let wholes: Vec<&str> = wholes
            .iter()
            .filter_map(|id| found.get(id).map(String::as_str))
            .collect();
        let json = format!("{{\"part_of\":[{}]}}", wholes.join(","));
        joined.insert(part, vec![("expanded", json)]);
    }
    Ok(joined)
}
