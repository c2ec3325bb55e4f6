//! Lists: keyset pages, and what every list takes and gives.

use actix_web::{HttpRequest, HttpResponse};
use domain::access::{Actor, Visibility};
use domain::records::Resource;
use domain::values::{Date, Label, Misread, ValueError, words};
use persistence::page::{After, Page, SortBy};
use persistence::{Db, Document, Fault, scopes};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::answer::{self, Shown};
use super::asked::Caller;
use super::cursor;
use crate::app::App;
use crate::problem::Problem;
use crate::words::Request;

/// How many rows on a page: 1 to 200, 50 unless asked otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Limit(i64);

impl Limit {
    const MOST: i64 = 200;

    /// The number.
    #[must_use]
    pub fn number(self) -> i64 {
        self.0
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        match text.parse::<i64>() {
            Ok(limit) if (1..=Self::MOST).contains(&limit) => Ok(Self(limit)),
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
        let (parameter, error) = (Some("q".to_owned()), Some(ValueError::Empty));
        return Err(Request::BadQuery { parameter, error });
    }
    Ok(words)
}

/// The page that a request asks for.
pub fn page(sort: Sort, limit: Limit, after: Option<&str>, today: Date) -> Result<Page, Request> {
    let sort = SortBy::from(sort);
    let after = after
        .map(|after| cursor::in_list(after, sort))
        .transpose()?;
    Ok(Page {
        limit: limit.0,
        sort,
        after,
        today,
    })
}

/// Records with their keys in the order of the list.
type Rows = Vec<(Document, String)>;

/// What is asked of a list, beside its filter.
pub struct Asked {
    /// The page.
    pub page: Page,
    /// The day that is shown.
    pub day: Date,
    /// Whether to count.
    pub count: Option<Count>,
}

/// A page of records of type `R` to which nothing is joined.
pub async fn all<R: Resource, F: Send + 'static>(
    app: &App,
    caller: &Caller,
    request: &HttpRequest,
    asked: Asked,
    filter: F,
    list: fn(&mut Db, Visibility, &F, &Page) -> Result<Rows, Fault>,
    count: fn(&mut Db, Visibility, &F) -> Result<i64, Fault>,
) -> Result<HttpResponse, Problem> {
    let (page, counted) = (asked.page.clone(), asked.count);
    let found = app
        .list(
            caller,
            R::READ,
            counted.is_some(),
            move |db, actor, visible| {
                let rows = list(db, visible, &filter, &page)?;
                let count = counted
                    .map(|Count::Exact| count(db, visible, &filter))
                    .transpose()?;
                Ok(Found::for_actor(db, actor, rows, count)?)
            },
        )
        .await?;
    found.answer::<R>(&asked.page, asked.day, request, |_| Vec::new())
}

/// The rows of a page, and perhaps one more, as the base gave them.
pub struct Found {
    /// For whom.
    pub actor: Actor,
    /// The rows with their keys in the order of the list.
    pub rows: Rows,
    /// How many there are in all, when it was asked.
    pub count: Option<i64>,
}

impl Found {
    /// What was found for an actor; with the scopes that reach each record, where it matters.
    pub fn for_actor(
        db: &mut Db,
        actor: &Actor,
        mut rows: Rows,
        count: Option<i64>,
    ) -> Result<Self, Fault> {
        if actor.is_narrow() {
            scopes::fill(db, rows.iter_mut().map(|(document, _)| document))?;
        }
        Ok(Self {
            actor: actor.clone(),
            rows,
            count,
        })
    }

    /// The page as an answer. `beside` are more members of an item, as JSON.
    pub fn answer<R: Resource>(
        mut self,
        page: &Page,
        day: Date,
        request: &HttpRequest,
        beside: impl Fn(&Document) -> Vec<(&'static str, String)>,
    ) -> Result<HttpResponse, Problem> {
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let more = self.rows.len() > limit;
        self.rows.truncate(limit);
        let last = self.rows.last().filter(|_| more);
        let next = last.map(|(document, key)| {
            cursor::of_list(
                page.sort,
                &After {
                    key: key.clone(),
                    id: document.id,
                },
            )
        });
        let documents: Vec<Document> = self
            .rows
            .into_iter()
            .map(|(document, _)| document)
            .collect();
        let shown = Shown {
            actor: &self.actor,
            day,
        };
        answer::page::<R>(
            &shown,
            &documents,
            beside,
            next.as_deref(),
            self.count,
            request,
        )
    }
}
