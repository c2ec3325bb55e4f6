//! `/v1/networks/{id}/expertise`: which members may be called on for what.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use domain::access::{Actor, Visibility};
use domain::concerns::Theme;
use domain::memberships::{Expertise, Member, Membership, MembershipId};
use domain::networks::{Network, NetworkId};
use domain::records::{Card, Facet, Resource, TieKind};
use domain::values::{Date, Label};
use persistence::documents::Filtered;
use persistence::page::{Page, SortBy};
use persistence::{Db, records as store};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::http::asked::Caller;
use crate::http::cursor;
use crate::http::list::{self, Items, Limit};
use crate::http::query::Query;
use crate::http::records;
use crate::problem::Problem;
use crate::words::Request;

/// Which expertise, and how much of it.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExpertiseQuery {
    /// Words that begin words of an expertise. Accents and case do not matter.
    q: Option<Label>,
    /// On this theme.
    theme: Option<Theme>,
    /// The day on which they are members; today when left out.
    as_of: Option<Date>,
    /// How many on a page.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200, default = 50)]
    limit: Limit,
    /// The cursor of the page before, from its `next`.
    after: Option<String>,
}

/// A member and what the others may call on it for. Never a case.
#[derive(Serialize, ToSchema)]
pub struct MemberExpertise {
    /// The membership that says so.
    membership: MembershipId,
    /// Who.
    member: Member,
    /// What is public of it.
    #[schema(required = true)]
    card: Option<Card>,
    /// What of it was looked for; all of it when nothing was.
    #[schema(min_items = 1, max_items = 50)]
    expertise: Vec<Expertise>,
    /// Since when it is a member; `null` when that is not known.
    #[schema(required = true)]
    starts_on: Option<Date>,
}

/// List what the members of a network may call on one another for.
///
/// A page may hold fewer members than asked, even none, and still say in `next` where to go on.
#[utoipa::path(tag = "memberships", params(("id" = NetworkId, Path, description = "The network."), ExpertiseQuery),
    security(("bearer" = ["read"])),
    responses((status = 200, description = "A page of members.", body = Items<MemberExpertise>)))]
#[get("/networks/{id}/expertise")]
pub(crate) async fn list_expertise(
    app: Data<App>,
    caller: Caller,
    id: Path<NetworkId>,
    query: Query<ExpertiseQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let wanted = Wanted::of(*id, &query.0, app.today())?;
    let read = move |db: &mut Db, actor: &Actor, visible: Visibility| {
        records::in_sight::<Network>(db, actor, wanted.of)?;
        wanted.page(db, visible)
    };
    let items = app.snapshot(&caller, Membership::READ, read).await?;
    Ok(items.answer(&request))
}

/// Which members are looked for.
struct Wanted {
    of: NetworkId,
    theme: Option<Theme>,
    words: Vec<String>,
    day: Date,
    page: Page,
}

impl Wanted {
    fn of(of: NetworkId, query: &ExpertiseQuery, today: Date) -> Result<Self, Request> {
        let after = query.after.as_deref();
        let after = after.map(|after| cursor::in_list(after, SortBy::Id));
        Ok(Self {
            of,
            theme: query.theme,
            words: list::words_of(query.q.as_ref())?,
            day: query.as_of.unwrap_or(today),
            page: Page {
                limit: query.limit.number(),
                sort: SortBy::Id,
                after: after.transpose()?,
                today,
            },
        })
    }

    fn page(&self, db: &mut Db, visible: Visibility) -> Result<Items<MemberExpertise>, Problem> {
        let members = store::Filter::<Membership>::on(Some(self.day), self.page.today)
            .tied_to(TieKind::Whole, Some(self.of))
            .with(Facet::Theme, self.theme)
            .with_words(Facet::Word, self.words.clone());
        let mut rows = members.page(db, visible, &self.page)?;
        let next = list::cut(&mut rows, &self.page);
        let members = rows.iter().map(|(document, _)| document.resource());
        let members = members.collect::<Result<Vec<Membership>, _>>()?;
        let named = members.iter().map(|one| one.fields.member.record());
        let cards = store::cards(db, &named.collect(), self.day)?;
        let told = members.into_iter().filter_map(|one| {
            let card = cards.get(&one.fields.member.record()).cloned();
            self.told(one, card)
        });
        let next = next.map(|after| cursor::of_list(SortBy::Id, &after));
        Ok(Items::new(told.collect(), next))
    }

    /// What is told of a member, if some of its expertise is what is looked for.
    fn told(&self, one: Membership, card: Option<Card>) -> Option<MemberExpertise> {
        let mut expertise = one.fields.expertise;
        expertise.retain(|expertise| expertise.answers(&self.words, self.theme));
        (!expertise.is_empty()).then_some(MemberExpertise {
            membership: one.id,
            member: one.fields.member,
            card,
            expertise,
            starts_on: one.fields.starts_on,
        })
    }
}
