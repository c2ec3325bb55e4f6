//! Lists: keyset pages, whole lists as NDJSON or CSV, and what every list takes and gives.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder};
use domain::access::{Action, Actor, Visibility};
use domain::records::{Resource, ResourceType, Tabular};
use domain::values::{Date, Label, Misread, ValueError, words};
use futures_util::future::{Ready, ready};
use persistence::documents::{Filtered, Rows};
use persistence::page::{After, Page, SortBy};
use persistence::{Db, Document, Fault, joined, people, records, scopes};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{self, Beside, Shown};
use super::asked::Caller;
use super::cursor;
use super::format::{Dialect, Form, Whole};
use super::query;
use super::stream::{Long, Piece, ROWS, Reader};
use super::table::Table;
use crate::app::App;
use crate::problem::Problem;
use crate::words::Request;

/// How many rows on a page: 1 to 200, 50 unless asked otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limit(Option<i64>);

impl Limit {
    const USUAL: i64 = 50;

    const MOST: i64 = 200;

    /// The number.
    #[must_use]
    pub fn number(self) -> i64 {
        self.0.unwrap_or(Self::USUAL)
    }

    /// Whether it was asked for.
    #[must_use]
    pub fn is_given(self) -> bool {
        self.0.is_some()
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        match text.parse::<i64>() {
            Ok(limit) if (1..=Self::MOST).contains(&limit) => Ok(Self(Some(limit))),
            _ => {
                let error = ValueError::OutOfRange {
                    min: 1,
                    max: Self::MOST,
                };
                Err(serde::de::Error::custom(Misread::new(error, "50")))
            }
        }
    }
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// By id, that is by order of creation.
    #[default]
    Id,
    /// By name, without accents or case.
    Name,
}

impl From<Sort> for SortBy {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Id => Self::Id,
            Sort::Name => Self::Name,
        }
    }
}

/// Whether to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// Exactly, which reads every match.
    Exact,
}

/// The folded words of a search, of which there must be one.
pub fn words_of(q: Option<&Label>) -> Result<Vec<String>, Request> {
    let Some(q) = q else { return Ok(Vec::new()) };
    let words = words(q.as_str());
    if words.is_empty() {
        return Err(Request::NoWords);
    }
    Ok(words)
}

/// What a room lists: the records of one type that meet a filter.
pub trait Listing: Send + Sync + 'static {
    /// The type of the records.
    type Record: Tabular;

    /// What says which.
    type Filter: Filtered<Record = Self::Record>;

    /// Which.
    fn filter(&self) -> &Self::Filter;

    /// The right to see what it lists so.
    fn read(&self) -> Action {
        Self::Record::READ
    }

    /// What the rows of a table say of other records.
    fn around(
        &self,
        db: &mut Db,
        visible: Visibility,
        day: Date,
        records: &[Self::Record],
    ) -> Result<<Self::Record as Tabular>::Around, Fault>;

    /// Whether something is to be joined to each record.
    fn joins(&self) -> bool {
        false
    }

    /// What is joined to each record.
    fn beside(
        &self,
        _: &mut Db,
        _: Visibility,
        _: &Shown<'_>,
        _: &[&Document],
    ) -> Result<Beside, Problem> {
        Ok(Beside::new())
    }
}

/// A list of records to which nothing is joined.
impl<R: Tabular<Around = ()> + 'static> Listing for records::Filter<R> {
    type Record = R;
    type Filter = Self;

    fn filter(&self) -> &Self {
        self
    }

    fn around(&self, _: &mut Db, _: Visibility, _: Date, _: &[R]) -> Result<(), Fault> {
        Ok(())
    }
}

/// What the query of any list may say, beside the room's own conditions.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// How many on a page.
    #[serde(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200, default = 50)]
    limit: Limit,
    /// The cursor of the page before, from its `next`.
    after: Option<String>,
    /// `exact` to count all that meet the conditions.
    #[param(inline)]
    count: Option<Count>,
    /// For whom CSV is written; to say it is to ask for CSV.
    #[param(inline)]
    csv: Option<Dialect>,
}

impl ListParams {
    const NAMES: [&str; 4] = ["limit", "after", "count", "csv"];
}

/// A list as a request asks for it. What neither the room nor every list knows is refused.
pub struct Asked<Q> {
    /// The room's own conditions.
    pub query: Q,
    /// Who asks, and for what of it.
    pub list: List,
}

impl<Q: DeserializeOwned> FromRequest for Asked<Q> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = Caller::from_request(request, payload).into_inner();
        ready(caller.and_then(|caller| Ok(Self::of(caller, request)?)))
    }
}

impl<Q: DeserializeOwned> Asked<Q> {
    fn of(caller: Caller, request: &HttpRequest) -> Result<Self, Request> {
        let mut own = query::members(request.query_string())?;
        let of_every_list = ListParams::NAMES.iter();
        let of_every_list = of_every_list.filter_map(|name| own.remove_entry(*name));
        let params = query::read(of_every_list.collect())?;
        let list = List {
            caller,
            params,
            sort: Sort::default(),
            request: request.clone(),
        };
        let query = query::read(own)?;
        Ok(Self { query, list })
    }
}

/// Who asks for a list, and for what of it.
pub struct List {
    caller: Caller,
    params: ListParams,
    sort: Sort,
    request: HttpRequest,
}

impl List {
    /// The same in another order, where the room has one.
    #[must_use]
    pub fn sorted(mut self, sort: Sort) -> Self {
        self.sort = sort;
        self
    }

    /// What the room lists, as it was asked for. Refused when a part of the list is asked for, or its
    /// count, in a format that has no place to say it.
    pub async fn answer<L: Listing>(
        self,
        app: &Data<App>,
        listing: L,
    ) -> Result<HttpResponse, Problem> {
        let today = app.today();
        let day = listing.filter().on().unwrap_or(today);
        let form = Form::asked(&self.request, self.params.csv)?;
        let page = self.page(form, today)?;
        let Form::Whole(whole) = form else {
            return self.one_page(app, page, day, listing).await;
        };
        let flat = matches!(whole, Whole::Table(_));
        refuse_with(form, "expand", flat && listing.joins())?;
        let head = head_of(<L::Record as Resource>::TYPE, whole, day);
        let action = listing.read();
        let read = pieces(listing, whole, page, day);
        let reader = Reader::Caller(app.clone(), self.caller);
        let long = Long::new(reader, action, read);
        long.answer(&self.request, head).await
    }

    fn page(&self, form: Form, today: Date) -> Result<Page, Request> {
        let params = &self.params;
        refuse_with(form, "limit", params.limit.is_given())?;
        refuse_with(form, "after", params.after.is_some())?;
        refuse_with(form, "count", params.count.is_some())?;
        let sort = SortBy::from(self.sort);
        let after = params.after.as_deref();
        Ok(Page {
            limit: match form {
                Form::Page => params.limit.number(),
                Form::Whole(_) => ROWS,
            },
            sort,
            after: after
                .map(|after| cursor::in_list(after, sort))
                .transpose()?,
            today,
        })
    }

    /// One page, in JSON.
    async fn one_page<L: Listing>(
        self,
        app: &Data<App>,
        page: Page,
        day: Date,
        listing: L,
    ) -> Result<HttpResponse, Problem> {
        let count = self.params.count;
        let several = listing.joins() || count.is_some();
        let (sort, action) = (page.sort, listing.read());
        let work = move |db: &mut Db, actor: &Actor, visible: Visibility<'_>| {
            let mut rows = listing.filter().page(db, visible, &page)?;
            let count = count
                .map(|Count::Exact| listing.filter().count(db, visible))
                .transpose()?;
            let next = cut(&mut rows, &page).map(|after| cursor::of_list(sort, &after));
            reach(db, actor, &mut rows)?;
            let shown = Shown { actor, day };
            let documents: Vec<&Document> = rows.iter().map(|(document, _)| document).collect();
            let beside = listing.beside(db, visible, &shown, &documents)?;
            let body =
                answer::page::<L::Record>(&shown, &documents, &beside, next.as_deref(), count)?;
            Ok((body, next))
        };
        let (body, next) = app.list(&self.caller, action, several, work).await?;
        let mut answer = answer::json(StatusCode::OK);
        if let Some(next) = next {
            answer.insert_header(answer::link_to_next(&self.request, &next));
        }
        Ok(answer.body(body))
    }
}

/// Refuses a parameter that whole lists have no use for.
pub fn refuse_with(form: Form, parameter: &'static str, given: bool) -> Result<(), Request> {
    match form {
        Form::Whole(whole) if given => {
            let format = whole.format().essence();
            Err(Request::NotInThisFormat { parameter, format })
        }
        _ => Ok(()),
    }
}

/// The head of a whole list.
#[must_use]
pub fn head_of(of: ResourceType, whole: Whole, day: Date) -> HttpResponseBuilder {
    let mut head = answer::json(StatusCode::OK);
    let name = format!("{}-{day}", of.collection());
    answer::as_file(&mut head, whole.format(), &name);
    head
}

/// A page of what is put together from records.
#[derive(Serialize, ToSchema)]
pub struct Items<T> {
    /// What is on the page.
    #[schema(max_items = 200)]
    items: Vec<T>,
    /// The cursor to give as `after` for the next page; `null` on the last.
    #[schema(required = true)]
    next: Option<String>,
}

impl<T: Serialize> Items<T> {
    /// These, and the cursor of the next ones.
    #[must_use]
    pub fn new(items: Vec<T>, next: Option<String>) -> Self {
        Self { items, next }
    }

    /// As the answer to a request.
    #[must_use]
    pub fn answer(self, request: &HttpRequest) -> HttpResponse {
        answer_of(&self, self.next.as_deref(), request)
    }
}

/// A page, and where the next one is if there is one.
#[must_use]
pub fn answer_of(page: &impl Serialize, next: Option<&str>, request: &HttpRequest) -> HttpResponse {
    let mut answer = answer::json(StatusCode::OK);
    if let Some(next) = next {
        answer.insert_header(answer::link_to_next(request, next));
    }
    answer.body(serde_json::json!(page).to_string())
}

/// Takes off the row beyond a page, and gives the place of the next page if there is one.
pub fn cut(rows: &mut Rows, page: &Page) -> Option<After> {
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let (document, key) = rows.last().filter(|_| more)?;
    Some(After {
        key: key.clone(),
        id: document.id,
    })
}

/// Takes off what is beyond a page of rows that are put in order by themselves, and gives the cursor of the next page
/// if there is one.
pub fn cut_at<T>(rows: &mut Vec<T>, limit: i64, place: impl Fn(&T) -> After) -> Option<String> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| more)?;
    Some(cursor::of_list(SortBy::Name, &place(last)))
}

/// Joins to each record what belongs beside it, and says which scopes reach it where that matters to
/// the acts shown.
fn reach(db: &mut Db, actor: &Actor, rows: &mut Rows) -> Result<(), Fault> {
    if actor.is_narrow() {
        scopes::fill(db, rows.iter_mut().map(|(document, _)| document))?;
    }
    joined::fill(db, rows.iter_mut().map(|(document, _)| document))
}

/// The pieces of all that a room lists, in the order of ids.
pub fn everything<L: Listing>(
    listing: L,
    whole: Whole,
    today: Date,
) -> impl Fn(&mut Db, &Actor, Visibility, Option<&After>) -> Result<Piece<After>, Problem> {
    let page = Page {
        limit: ROWS,
        sort: SortBy::Id,
        after: None,
        today,
    };
    pieces(listing, whole, page, today)
}

/// The pieces of a whole list.
fn pieces<L: Listing>(
    listing: L,
    whole: Whole,
    page: Page,
    day: Date,
) -> impl Fn(&mut Db, &Actor, Visibility, Option<&After>) -> Result<Piece<After>, Problem> {
    move |db, actor, visible, after| {
        let page = Page {
            after: after.cloned(),
            ..page.clone()
        };
        let mut rows = listing.filter().page(db, visible, &page)?;
        let next = cut(&mut rows, &page);
        match whole {
            Whole::Lines => reach(db, actor, &mut rows)?,
            Whole::Stored => {
                let states = rows
                    .iter_mut()
                    .map(|(one, _)| (one.resource_type, one.id, &mut one.body));
                answer::complete(db, actor, states)?;
            }
            Whole::Table(_) => {}
        }
        let documents: Vec<&Document> = rows.iter().map(|(document, _)| document).collect();
        let bytes = match whole {
            Whole::Table(dialect) => {
                let beginning = after.is_none();
                table(&listing, db, visible, day, &documents, dialect, beginning)?
            }
            Whole::Lines => {
                let shown = Shown { actor, day };
                let beside = listing.beside(db, visible, &shown, &documents)?;
                lines::<L::Record>(&shown, &documents, &beside)?
            }
            Whole::Stored => stored(&documents),
        };
        Ok(Piece { bytes, next })
    }
}

fn stored(documents: &[&Document]) -> Vec<u8> {
    let size = documents.iter().map(|document| document.body.len() + 1);
    let mut lines = String::with_capacity(size.sum());
    for document in documents {
        lines.push_str(&document.body);
        lines.push('\n');
    }
    lines.into_bytes()
}

fn lines<R: Resource>(
    shown: &Shown<'_>,
    documents: &[&Document],
    beside: &Beside,
) -> Result<Vec<u8>, Problem> {
    let mut lines = String::new();
    for document in documents {
        lines.push_str(&shown.json::<R>(document, &answer::beside(beside, document))?);
        lines.push('\n');
    }
    Ok(lines.into_bytes())
}

fn table<L: Listing>(
    listing: &L,
    db: &mut Db,
    visible: Visibility,
    day: Date,
    documents: &[&Document],
    dialect: Dialect,
    beginning: bool,
) -> Result<Vec<u8>, Problem> {
    let mut records = documents
        .iter()
        .map(|document| document.resource())
        .collect::<Result<Vec<L::Record>, Fault>>()?;
    people::identify(db, &mut records)?;
    let around = listing.around(db, visible, day, &records)?;
    let mut table = if beginning {
        Table::begin(L::Record::COLUMNS, dialect)?
    } else {
        Table::go_on(dialect)
    };
    for record in &records {
        table.row(&record.cells(day, &around))?;
    }
    table.bytes()
}
