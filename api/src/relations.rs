//! What every room of relations answers alike: lists with what they name beside them, and the handlers.

use std::collections::BTreeSet;

use domain::access::{Permit, Visibility};
use domain::records::{RecordRef, Tabular};
use domain::relations::{Around, Refusal, Relation, Stated};
use domain::values::{Date, Pointer};
use persistence::records::{self, Filter};
use persistence::{Db, Document, Fault, Tx, relations};
use serde_json::json;

use crate::http::answer::{Beside, Shown};
use crate::http::list::Listing;
use crate::problem::Problem;
use crate::words::Request;

/// What a request says of the relations that it wants listed.
pub(crate) trait Wanted<F> {
    /// These relations, where it is this day unless another is said.
    fn listed(self, today: Date) -> Result<Related<F>, Request>;
}

/// A list of relations, perhaps with what is public of a record that each names.
pub(crate) struct Related<F> {
    filter: Filter<Relation<F>>,
    /// The member that names it.
    expand: Option<&'static str>,
}

impl<F> Related<F> {
    pub(crate) fn new(filter: Filter<Relation<F>>, expand: Option<&'static str>) -> Self {
        Self { filter, expand }
    }
}

impl<F: Stated> Listing for Related<F>
where
    Relation<F>: Tabular<Around = ()>,
{
    type Record = Relation<F>;
    type Filter = Filter<Relation<F>>;

    fn filter(&self) -> &Self::Filter {
        &self.filter
    }

    fn around(&self, _: &mut Db, _: Visibility, _: Date, _: &[Relation<F>]) -> Result<(), Fault> {
        Ok(())
    }

    fn joins(&self) -> bool {
        self.expand.is_some()
    }

    fn beside(
        &self,
        db: &mut Db,
        _: Visibility,
        shown: &Shown<'_>,
        documents: &[&Document],
    ) -> Result<Beside, Problem> {
        let Some(expand) = self.expand else {
            return Ok(Beside::new());
        };
        let mut named = Vec::new();
        for document in documents {
            let relation: Relation<F> = document.resource()?;
            named.push((document.id, named_at(&relation.fields, expand)));
        }
        let all: BTreeSet<RecordRef> = named.iter().filter_map(|(_, one)| *one).collect();
        let cards = records::cards(db, &all, shown.day)?;
        let joined = named.into_iter().map(|(id, one)| {
            let card = one.and_then(|one| cards.get(&one));
            (id, vec![("expanded", json!({ expand: card }).to_string())])
        });
        Ok(joined.collect())
    }
}

/// The record that a member names.
fn named_at<F: Stated>(fields: &F, member: &str) -> Option<RecordRef> {
    let named = fields.named().into_iter();
    let here = Pointer::root().join(member);
    let mut here = named.filter(|(pointer, _)| pointer.is_within(&here));
    here.next().map(|(_, one)| one)
}

/// A relation as it would be once recorded, or once changed from the present one.
pub(crate) fn decide<F: Stated>(
    tx: &mut Tx,
    permit: &Permit,
    fields: F,
    decide: impl FnOnce(F, &Around) -> Result<Relation<F>, Refusal>,
) -> Result<Relation<F>, Problem> {
    let around = relations::around(tx, permit, &fields)?;
    Ok(decide(fields, &around)?)
}

/// Declares the handlers of a room of relations, and its `routes`.
macro_rules! relation_handlers {
    (
        $tag:literal, $fields:ty, $one:literal, $several:literal;
        $all:literal, fn $list:ident($query:ty) $list_doc:literal,
        fn $create:ident() $create_doc:literal;
        $each:literal, fn $read:ident() $read_doc:literal,
        fn $change:ident() $change_doc:literal,
        fn $delete:ident() $delete_doc:literal;
        $past:literal, fn $history:ident() $history_doc:literal;
        $over:literal, fn $end:ident() $end_doc:literal;
    ) => {
        use actix_web::web::{Data, Path};
        use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post};
        use domain::records::{ChangeKind, Resource};
        use domain::relations::{Acts, EndOfRelation, Relation, Stated};
        use domain::values::{Id, Version};
        use persistence::records as store;
        use utoipa_actix_web::service_config::ServiceConfig;

        use $crate::app::App;
        use $crate::http::asked::{Caller, Reading, Writing};
        use $crate::http::body::{Body, Patch};
        use $crate::http::list::{Asked, ListParams};
        use $crate::http::query::Query;
        use $crate::http::records::{self, HistoryQuery, MomentQuery};
        use $crate::openapi::{Listed, MergePatch, Past, Recorded, WriteParams};
        use $crate::problem::Problem;

        type Record = Relation<$fields>;
        type RecordId = Id<Record>;
        type Answer = Recorded<Record>;
        type Page = Listed<Record>;
        type History = Past<Record>;
        type ChangedMembers = MergePatch<$fields>;

        const ACTS: Acts = <$fields as Stated>::ACTS;

        fn routes(v1: &mut ServiceConfig) {
            v1.service($list)
                .service($create)
                .service($read)
                .service($change)
                .service($delete)
                .service($history)
                .service($end);
        }

        #[doc = $list_doc]
        #[utoipa::path(tag = $tag, params($query, ListParams), security(("bearer" = ["read"])),
            responses((status = 200, description = $several, body = Page)))]
        #[get($all)]
        pub(crate) async fn $list(
            app: Data<App>,
            asked: Asked<$query>,
        ) -> Result<HttpResponse, Problem> {
            let Asked { query, list } = asked;
            let listed = $crate::relations::Wanted::<$fields>::listed(query, app.today())?;
            list.answer(&app, listed).await
        }

        #[doc = $create_doc]
        #[utoipa::path(tag = $tag, params(WriteParams), request_body = $fields,
            security(("bearer" = ["read", "write"])),
            responses((status = 201, description = $one, body = Answer)))]
        #[post($all)]
        pub(crate) async fn $create(
            app: Data<App>,
            writing: Writing,
            new: Body<$fields>,
        ) -> Result<HttpResponse, Problem> {
            let id = RecordId::new(app.new_id());
            let belongs_to = move |fields: &$fields| {
                let record = Record { id, version: Version::FIRST, fields: fields.clone() };
                record.belongs_to()
            };
            app.create(writing, ACTS.create, id, new, belongs_to, move |tx, permit, fields| {
                let record = $crate::relations::decide(tx, permit, fields.clone(), |fields, around| {
                    Record::create(id, fields, around)
                })?;
                Ok(store::insert(tx, permit, &record)?)
            })
            .await
        }

        #[doc = $read_doc]
        #[utoipa::path(tag = $tag, params(("id" = RecordId, Path, description = "Which."), MomentQuery),
            security(("bearer" = ["read"])),
            responses((status = 200, description = $one, body = Answer)))]
        #[get($each)]
        pub(crate) async fn $read(
            app: Data<App>,
            reading: Reading,
            id: Path<RecordId>,
            query: Query<MomentQuery>,
        ) -> Result<HttpResponse, Problem> {
            records::one(&app, reading, *id, query.0, store::read::<Record>).await
        }

        #[doc = $history_doc]
        #[utoipa::path(tag = $tag, params(("id" = RecordId, Path, description = "Which."), HistoryQuery),
            security(("bearer" = ["read"])),
            responses((status = 200, description = "A page of its states.", body = History)))]
        #[get($past)]
        pub(crate) async fn $history(
            app: Data<App>,
            caller: Caller,
            request: HttpRequest,
            id: Path<RecordId>,
            query: Query<HistoryQuery>,
        ) -> Result<HttpResponse, Problem> {
            records::history::<Record>(&app, &caller, &request, id.uuid(), query.0).await
        }

        #[doc = $change_doc]
        ///
        /// A JSON merge patch (RFC 7396): a list given replaces the whole list, `null` clears a member.
        #[utoipa::path(tag = $tag, params(("id" = RecordId, Path, description = "Which."), WriteParams),
            request_body(content = ChangedMembers, content_type = "application/merge-patch+json"),
            security(("bearer" = ["read", "write"])),
            responses((status = 200, description = $one, body = Answer)))]
        #[patch($each)]
        pub(crate) async fn $change(
            app: Data<App>,
            writing: Writing,
            id: Path<RecordId>,
            patch: Patch,
        ) -> Result<HttpResponse, Problem> {
            let find = store::for_change;
            app.change(writing, ACTS.change, *id, find, patch.into(),
                |tx, permit, present: Record, patch: &Patch| {
                    let fields = patch.apply(&present.fields)?;
                    let changed = $crate::relations::decide(tx, permit, fields, |fields, around| {
                        present.change(fields, around)
                    })?;
                    let updated = ChangeKind::Updated;
                    Ok(store::update(tx, permit, updated, &changed)?)
                })
            .await
        }

        #[doc = $end_doc]
        #[utoipa::path(tag = $tag, params(("id" = RecordId, Path, description = "Which."), WriteParams),
            request_body = EndOfRelation, security(("bearer" = ["read", "write"])),
            responses((status = 200, description = $one, body = Answer)))]
        #[post($over)]
        pub(crate) async fn $end(
            app: Data<App>,
            writing: Writing,
            id: Path<RecordId>,
            end: Body<EndOfRelation>,
        ) -> Result<HttpResponse, Problem> {
            let find = store::for_change;
            app.change(writing, ACTS.end, *id, find, end, |tx, permit, present: Record, end| {
                let ended = ChangeKind::Ended;
                Ok(store::update(tx, permit, ended, &present.end(end)?)?)
            })
            .await
        }

        #[doc = $delete_doc]
        ///
        /// What held is ended, not deleted. Its history stays, and its address answers 410.
        #[utoipa::path(tag = $tag, params(("id" = RecordId, Path, description = "Which."), WriteParams),
            security(("bearer" = ["read", "write"])),
            responses((status = 204, description = "It is deleted.")))]
        #[delete($each)]
        pub(crate) async fn $delete(
            app: Data<App>,
            writing: Writing,
            id: Path<RecordId>,
        ) -> Result<HttpResponse, Problem> {
            let find = store::for_deletion;
            app.delete(writing, ACTS.delete, *id, find, |tx, permit, present: &Record| {
                present.delete(store::tied(tx, present.uuid())?)?;
                Ok(store::delete(tx, permit, present)?)
            })
            .await
        }
    };
}
pub(crate) use relation_handlers;
