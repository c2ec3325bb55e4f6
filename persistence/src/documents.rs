//! Records kept whole: the JSON of their present state, and what it says today.

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::sqlite::Sqlite;
use domain::access::Action;
use domain::records::{Resource, ResourceType};
use domain::values::{CodeList, Date, Version};
use uuid::Uuid;

use crate::Fault;
use crate::columns::{Day, Json, Key};

/// The stored state of one record, ready to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its type.
    pub resource_type: ResourceType,
    /// Its id.
    pub id: Uuid,
    /// Its version.
    pub version: Version,
    /// The record as JSON.
    pub body: String,
    /// What is true of it on a range of days, as JSON.
    pub present: Present,
    /// The acts that its state allows, whoever asks.
    pub acts: Vec<Action>,
}

/// An answer for each day of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Present {
    /// The answer as a JSON object.
    pub json: String,
    /// The first day with this answer, if there was another before.
    pub since: Option<Date>,
    /// The first day with another answer, if one is foreseen.
    pub until: Option<Date>,
}

impl Present {
    /// What is true of `resource` on `day`.
    pub fn of<R: Resource>(resource: &R, day: Date) -> Result<Self, Fault> {
        let on = resource.on(day);
        let json = serde_json::to_string(&on.answer)
            .map_err(|error| unfit::<R>("present", resource.uuid(), &error))?;
        Ok(Self {
            json,
            since: on.since,
            until: on.until,
        })
    }

    /// Whether the answer holds on `day`.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        self.since.is_none_or(|since| since <= day) && self.until.is_none_or(|until| day < until)
    }
}

impl Document {
    /// Renders a record as it is stored.
    pub fn render<R: Resource>(resource: &R, today: Date) -> Result<Self, Fault> {
        Ok(Self {
            resource_type: R::TYPE,
            id: resource.uuid(),
            version: resource.version(),
            body: serde_json::to_string(resource)
                .map_err(|error| unfit::<R>("body", resource.uuid(), &error))?,
            present: Present::of(resource, today)?,
            acts: resource.acts(),
        })
    }

    /// Reads a record back from the JSON it was stored as.
    pub fn resource<R: Resource>(&self) -> Result<R, Fault> {
        read_back(&self.body, self.id)
    }
}

/// Reads a record back from the JSON it was stored as.
pub fn read_back<R: Resource>(body: &str, id: Uuid) -> Result<R, Fault> {
    serde_json::from_str(body).map_err(|error| unfit::<R>("body", id, &error))
}

fn unfit<R: Resource>(column: &'static str, id: Uuid, error: &serde_json::Error) -> Fault {
    Fault::CorruptRow {
        table: R::TYPE.code(),
        column,
        id: id.to_string(),
        reason: error.to_string(),
    }
}

/// The columns that every table of documents has, in the order that [`columns!`] selects them.
pub(crate) type DocumentRow = (Key, i64, Json, Json, Option<Day>, Option<Day>, String);

/// Selects the columns of a [`DocumentRow`] from a table of documents.
macro_rules! document_columns {
    ($table:ident) => {
        (
            $table::id,
            $table::version,
            $table::body,
            $table::present,
            $table::present_from,
            $table::present_until,
            $table::acts,
        )
    };
}
pub(crate) use document_columns;

impl Document {
    pub(crate) fn from_row(resource_type: ResourceType, row: DocumentRow) -> Self {
        let (id, version, body, present, since, until, acts) = row;
        Self {
            resource_type,
            id: id.0,
            version: Version::new(version),
            body: body.0,
            present: Present {
                json: present.0,
                since: since.map(|day| day.0),
                until: until.map(|day| day.0),
            },
            acts: acts.split(' ').filter_map(|act| act.parse().ok()).collect(),
        }
    }

    pub(crate) fn acts_column(&self) -> String {
        self.acts
            .iter()
            .map(|act| act.code())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// A query whose rows stay ours until the end of the transaction. SQLite has one writer already.
#[derive(Clone, Copy, QueryId)]
pub(crate) struct Locked<Q>(pub(crate) Q);

impl<Q: Query> Query for Locked<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, Conn> RunQueryDsl<Conn> for Locked<Q> {}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Locked<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(" FOR NO KEY UPDATE");
        Ok(())
    }
}

impl<Q: QueryFragment<Sqlite>> QueryFragment<Sqlite> for Locked<Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }
}
