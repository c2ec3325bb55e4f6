//! `/v1/people`: people at work. Who somebody is is joined when answered, and can be erased.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post};
use domain::access::{Action, Actor, Visibility};
use domain::organisations::OrganisationId;
use domain::people::{
    Engagement, Identity, Person, PersonCapacity, PersonId, PersonSaid, WorkFunction,
};
use domain::records::{Facet, Resource, TieKind, Warning};
use domain::values::{Date, Label, Rpps, Version};
use persistence::records::{self as store, Filter};
use persistence::{Db, Document, Fault, people};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::{App, Telling};
use crate::code_lists::ours;
use crate::http::asked::{Caller, Reading, Writing};
use crate::http::body::{Body, Patch};
use crate::http::list::{self, Asked, ListParams, Listing, Sort};
use crate::http::query::{Query, truth};
use crate::http::records::{self, HistoryQuery, MomentQuery};
use crate::openapi::{Listed, MergePatch, Past, Recorded, WriteParams};
use crate::problem::Problem;
use crate::room::Room;

type PersonAnswer = Recorded<Person>;
type PersonPage = Listed<Person>;
type PersonHistory = Past<Person>;
type PersonPatch = MergePatch<PersonSaid>;

/// What the room adds to the API.
pub(crate) const ROOM: Room = Room {
    tag: (
        "people",
        "People at work: professionals, elected officials, volunteers, users, carers, employees. Of their work \
         alone; who somebody is can be erased, and is then in no answer, of whatever day.",
    ),
    routes: |v1| {
        v1.service(list_people)
            .service(create_person)
            .service(read_person)
            .service(change_person)
            .service(erase_person)
            .service(delete_person)
            .service(read_person_history);
    },
    code_lists: || {
        vec![
            ours::<PersonCapacity>(),
            ours::<Engagement>(),
            ours::<WorkFunction>(),
        ]
    },
};

/// Which people, in which order, and how many of them.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PersonQuery {
    /// Taking part so, on the day of `as_of` or else today.
    capacity: Option<PersonCapacity>,
    /// Of this profession, as nomenclature and code: `TRE_G15-ProfessionSante:60`.
    profession: Option<Label>,
    /// Working for this organisation; on the day of `as_of` when that is given.
    organisation: Option<OrganisationId>,
    /// With this number, among those whose number the caller may read.
    #[param(inline)]
    rpps: Option<Rpps>,
    /// Invented or real.
    #[serde(default, deserialize_with = "truth")]
    #[param(value_type = Option<bool>)]
    fictitious: Option<bool>,
    /// Words that begin words of the name. Accents and case do not matter.
    q: Option<Label>,
    /// The day on which capacity and organisation are asked; today when left out.
    as_of: Option<Date>,
    /// The order; `name` is that of family names.
    #[serde(default)]
    #[param(value_type = Option<Sort>, inline)]
    sort: Sort,
}

/// A list of people.
struct People {
    filter: Filter<Person>,
    /// To find somebody by a number is to read it.
    read: Action,
}

impl Listing for People {
    type Record = Person;
    type Filter = Filter<Person>;

    fn filter(&self) -> &Self::Filter {
        &self.filter
    }

    fn read(&self) -> Action {
        self.read
    }

    fn around(&self, _: &mut Db, _: Visibility, _: Date, _: &[Person]) -> Result<(), Fault> {
        Ok(())
    }
}

/// List people.
#[utoipa::path(tag = "people", params(PersonQuery, ListParams), security(("bearer" = ["read"])),
    responses((status = 200, description = "A page of people.", body = PersonPage)))]
#[get("/people")]
pub(crate) async fn list_people(
    app: Data<App>,
    asked: Asked<PersonQuery>,
) -> Result<HttpResponse, Problem> {
    let Asked { query, list } = asked;
    let read = match query.rpps {
        Some(_) => Action::ReadContacts,
        None => Action::ReadPeople,
    };
    let filter = Filter::on(query.as_of, app.today())
        .with(Facet::Profession, query.profession)
        .with(Facet::Identifier, query.rpps)
        .with(Facet::Fictitious, query.fictitious)
        .standing(Facet::Capacity, query.capacity)
        .tied_to(TieKind::WorksFor, query.organisation)
        .with_words(Facet::Word, list::words_of(query.q.as_ref())?);
    let people = People { filter, read };
    list.sorted(query.sort).answer(&app, people).await
}

/// Read a person.
///
/// The RPPS number and the contact are shown to those whose role over the person asks for them. Of somebody
/// who was erased, `name` is a pseudonym, whatever the day and whatever was known on it.
#[utoipa::path(tag = "people", params(("id" = PersonId, Path, description = "The person."), MomentQuery),
    security(("bearer" = ["read"])),
    responses((status = 200, description = "The person.", body = PersonAnswer)))]
#[get("/people/{id}")]
pub(crate) async fn read_person(
    app: Data<App>,
    reading: Reading,
    id: Path<PersonId>,
    query: Query<MomentQuery>,
) -> Result<HttpResponse, Problem> {
    records::one(&app, reading, *id, query.0, store::read::<Person>).await
}

/// Read the history of a person.
///
/// Every state the record was left in, from the first. Names are those of today: who somebody once was called
/// is not kept.
#[utoipa::path(tag = "people", params(("id" = PersonId, Path, description = "The person."), HistoryQuery),
    security(("bearer" = ["read"])),
    responses((status = 200, description = "A page of its states.", body = PersonHistory)))]
#[get("/people/{id}/history")]
pub(crate) async fn read_person_history(
    app: Data<App>,
    caller: Caller,
    request: HttpRequest,
    id: Path<PersonId>,
    query: Query<HistoryQuery>,
) -> Result<HttpResponse, Problem> {
    records::history::<Person>(&app, &caller, &request, id.uuid(), query.0).await
}

/// Record a person.
///
/// Of their work alone: no patient, nothing of a case, no private address, no date of birth.
#[utoipa::path(tag = "people", params(WriteParams), request_body = PersonSaid, security(("bearer" = ["read", "write"])),
    responses((status = 201, description = "The person as recorded.", body = PersonAnswer)))]
#[post("/people")]
pub(crate) async fn create_person(
    app: Data<App>,
    writing: Writing,
    new: Body<PersonSaid>,
) -> Result<HttpResponse, Problem> {
    let id = PersonId::new(app.new_id());
    let belongs_to =
        move |said: &PersonSaid| Person::as_said(id, Version::FIRST, said.clone()).belongs_to();
    app.create(
        telling(writing),
        Action::CreatePerson,
        id,
        new,
        belongs_to,
        move |tx, permit, said| {
            let known = store::known(tx, permit, said.named())?;
            let person = Person::create(id, said.clone(), &known)?;
            Ok(people::insert(tx, permit, &person)?)
        },
    )
    .await
}

/// Change a person.
///
/// A JSON merge patch (RFC 7396): a list given replaces the whole list, `null` clears a member.
#[utoipa::path(tag = "people", params(("id" = PersonId, Path, description = "The person."), WriteParams),
    request_body(content = PersonPatch, content_type = "application/merge-patch+json"),
    security(("bearer" = ["read", "write"])),
    responses((status = 200, description = "The person as changed.", body = PersonAnswer)))]
#[patch("/people/{id}")]
pub(crate) async fn change_person(
    app: Data<App>,
    writing: Writing,
    id: Path<PersonId>,
    patch: Patch,
) -> Result<HttpResponse, Problem> {
    app.change(
        telling(writing),
        Action::ChangePerson,
        *id,
        people::for_change,
        patch.into(),
        |tx, permit, present: Person, patch: &Patch| {
            let said = patch.apply(&present.said()?)?;
            let known = store::known(tx, permit, said.named())?;
            let changed = present.change(said, &known)?;
            Ok(people::update(tx, permit, &changed)?)
        },
    )
    .await
}

/// Erase who a person is.
///
/// Name, RPPS number and contact are overwritten by a pseudonym, for good and for every day: in history, the feed
/// (`erased`), exports, the audit and answers to repeated requests. What the person did stays, with its dates.
#[utoipa::path(tag = "people", params(("id" = PersonId, Path, description = "The person."), WriteParams),
    security(("bearer" = ["read", "write"])),
    responses((status = 200, description = "The person, under a pseudonym.", body = PersonAnswer)))]
#[post("/people/{id}/erase")]
pub(crate) async fn erase_person(
    app: Data<App>,
    writing: Writing,
    id: Path<PersonId>,
) -> Result<HttpResponse, Problem> {
    let (action, find) = (Action::ErasePerson, people::for_change);
    app.change(
        writing,
        action,
        *id,
        find,
        Body::none(),
        |tx, permit, present: Person, ()| Ok(people::erase(tx, permit, &present.erase()?)?),
    )
    .await
}

/// Delete a person recorded by mistake.
///
/// Refused once others are tied to the person, who is erased instead. History stays, under a pseudonym, and the address
/// answers 410.
#[utoipa::path(tag = "people", params(("id" = PersonId, Path, description = "The person."), WriteParams),
    security(("bearer" = ["read", "write"])),
    responses((status = 204, description = "It is deleted.")))]
#[delete("/people/{id}")]
pub(crate) async fn delete_person(
    app: Data<App>,
    writing: Writing,
    id: Path<PersonId>,
) -> Result<HttpResponse, Problem> {
    let (action, find) = (Action::DeletePerson, people::for_deletion);
    app.delete(
        writing,
        action,
        *id,
        find,
        |tx, permit, present: &Person| {
            present.delete(store::tied(tx, present.uuid())?)?;
            Ok(people::delete(tx, permit, present)?)
        },
    )
    .await
}

/// A write that tells what is odd about who the person is.
fn telling(writing: Writing) -> Telling {
    fn odd(db: &mut Db, _: &Actor, document: &Document, _: Date) -> Result<Vec<Warning>, Problem> {
        let known = people::identities(db, &[document.id])?;
        Ok(known.values().flat_map(Identity::warnings).collect())
    }
    Telling {
        writing,
        odd: Some(odd),
    }
}
