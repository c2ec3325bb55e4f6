//! `/v1/activities`: the census of what runs on a day.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use domain::access::Visibility;
use domain::actions::{ActionStatus, PlannedAction};
use domain::concerns::{Determinant, Population, Theme};
use domain::records::{Card, Facet, RecordRef, TieKind};
use domain::values::{Date, Label};
use persistence::records::Filter;
use persistence::{Db, Document, Fault, activities, records};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

use crate::app::App;
use crate::http::answer::{Beside, Shown};
use crate::http::list::{self, Asked, ListParams, Listing};
use crate::http::query::{parsed, truth};
use crate::openapi::Listed;
use crate::problem::Problem;
use crate::territories::{self, Named};

type ActivityPage = Listed<PlannedAction>;

/// Which activities, and how many of them.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ActivityQuery {
    /// In a territory that shares a commune with this one, by id or as `kind:code`: one that holds it, one that it
    /// holds, or one that lies across its border.
    #[serde(default, deserialize_with = "parsed")]
    #[param(value_type = Option<String>, example = "epci:200066918", pattern = "^((commune|epci|departement|region|qpv):[0-9A-Za-z]{1,9}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$")]
    territory: Option<Named>,
    /// On this theme.
    theme: Option<Theme>,
    /// For this population.
    population: Option<Population>,
    /// Acting on this determinant of health.
    determinant: Option<Determinant>,
    /// Words that begin words of the title. Accents and case do not matter.
    q: Option<Label>,
    /// Invented or real.
    #[serde(default, deserialize_with = "truth")]
    #[param(value_type = Option<bool>)]
    fictitious: Option<bool>,
    /// The day on which they run; today when left out.
    as_of: Option<Date>,
}

/// List what runs.
///
/// The actions of whatever owner that run on the day: those that are running, and on a past day those that were done
/// by an end that is known. Beside each stand in `expanded` what is public of its `owner`, and `doubles`: others in
/// sight that run that day on one of its themes, in one of its communes, under a title with the same words, twenty at
/// most.
#[utoipa::path(tag = "actions", params(ActivityQuery, ListParams), security(("bearer" = ["read"])),
    responses((status = 200, description = "A page of actions.", body = ActivityPage)))]
#[get("/activities")]
pub(crate) async fn list_activities(
    app: Data<App>,
    asked: Asked<ActivityQuery>,
) -> Result<HttpResponse, Problem> {
    let Asked { query, list } = asked;
    let day = query.as_of.unwrap_or(app.today());
    let filter = Filter::<PlannedAction>::on(Some(day), day)
        .standing(Facet::Status, Some(ActionStatus::Running))
        .tied_to_any(
            TieKind::WorksIn,
            territories::touching(&app, query.territory, day).await?,
        )
        .with(Facet::Theme, query.theme)
        .with(Facet::Population, query.population)
        .with(Facet::Determinant, query.determinant)
        .with(Facet::Fictitious, query.fictitious)
        .with_words(Facet::Word, list::words_of(query.q.as_ref())?);
    list.answer(&app, Census { filter, day }).await
}

/// The actions that run on a day.
struct Census {
    filter: Filter<PlannedAction>,
    day: Date,
}

impl Listing for Census {
    type Record = PlannedAction;
    type Filter = Filter<PlannedAction>;

    fn filter(&self) -> &Self::Filter {
        &self.filter
    }

    fn around(&self, _: &mut Db, _: Visibility, _: Date, _: &[PlannedAction]) -> Result<(), Fault> {
        Ok(())
    }

    fn beside(
        &self,
        db: &mut Db,
        visible: Visibility,
        _: &Shown<'_>,
        documents: &[&Document],
    ) -> Result<Beside, Problem> {
        let actions = documents.iter().map(|document| document.resource());
        let actions = actions.collect::<Result<Vec<PlannedAction>, Fault>>()?;
        let doubles = activities::doubles(db, visible, &actions, self.day)?;
        let told = doubles.values().flatten().chain(&actions);
        let owners: BTreeSet<RecordRef> = told.map(owner).collect();
        let owners = records::cards(db, &owners, self.day)?;
        let beside = actions.iter().map(|action| {
            let doubles = doubles.get(&action.id.uuid()).into_iter().flatten();
            let doubles: Vec<Value> = doubles.map(|double| named(double, &owners)).collect();
            let expanded = json!({ "owner": owners.get(&owner(action)), "doubles": doubles });
            (action.id.uuid(), vec![("expanded", expanded.to_string())])
        });
        Ok(beside.collect())
    }
}

fn owner(action: &PlannedAction) -> RecordRef {
    action.fields.owner.record()
}

/// Another action as it is told beside one.
fn named(double: &PlannedAction, owners: &BTreeMap<RecordRef, Card>) -> Value {
    json!({ "id": double.id, "title": double.fields.title, "owner": owners.get(&owner(double)) })
}
