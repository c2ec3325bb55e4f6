//! Records kept whole: the JSON of their present state, and what it says today.

use std::collections::HashMap;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::sql_types::Text as SqlText;
use diesel::sqlite::Sqlite;
use domain::access::{Action, Reached, Target, Visibility};
use domain::records::{Resource, ResourceType};
use domain::values::{CodeList, Date, ValueError, Version};
use uuid::Uuid;

use crate::callers::{Asker, RightsRow, rights_from};
use crate::columns::{Day, Json, Key};
use crate::gathered::Found;
use crate::page::Page;
use crate::{Db, Fault};

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
    /// The scopes that reach it beside its own, where that was asked.
    pub within: Vec<Reached>,
    /// What is answered beside the stored bytes.
    pub joined: Joined,
}

/// Members of an answer that are not in the stored bytes of its record, each as JSON: what is known
/// of a person, a secret that is shown once.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Joined {
    /// Whenever it is answered.
    pub always: Vec<(&'static str, String)>,
    /// Whenever it is answered to one who may do this with it.
    pub by_need: Vec<(Action, &'static str, String)>,
    /// In this one answer.
    pub once: Vec<(&'static str, String)>,
}

/// Says which members there are and not what they say: this may end in a log.
impl std::fmt::Debug for Joined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.always.iter().chain(&self.once).map(|(name, _)| name);
        let by_need = self.by_need.iter().map(|(_, name, _)| name);
        f.debug_set().entries(names.chain(by_need)).finish()
    }
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
            within: Vec::new(),
            joined: Joined::default(),
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

/// The columns that every table of documents has, in the order that `document_columns!` selects them.
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

/// What a [`Document`] is stored as, in the columns that every table of documents has.
macro_rules! document_values {
    ($table:ident, $document:expr) => {
        (
            $table::id.eq(Key($document.id)),
            $table::version.eq($document.version.number()),
            $table::body.eq($crate::columns::Json($document.body.clone())),
            $table::present.eq($crate::columns::Json($document.present.json.clone())),
            $table::present_from.eq($document.present.since.map($crate::columns::Day)),
            $table::present_until.eq($document.present.until.map($crate::columns::Day)),
            $table::acts.eq($document.acts_column()),
        )
    };
}
pub(crate) use document_values;

/// Which records of a type a list holds: what every room's `Filter` says.
pub trait Filtered: Default + Send + Sync + 'static {
    /// The type of the records.
    type Record: Resource;

    /// The day on which its conditions hold; any day when left out.
    fn on(&self) -> Option<Date>;

    /// One page of the records in sight, longer than asked when there is more, each with its
    /// key in the order of the list.
    fn page(&self, db: &mut Db, visible: Visibility, page: &Page) -> Result<Rows, Fault>;

    /// How many there are in sight.
    fn count(&self, db: &mut Db, visible: Visibility) -> Result<i64, Fault>;
}

/// Records with their keys in the order of a list.
pub type Rows = Vec<(Document, String)>;

/// The queries that every table of documents answers alike: `read`, `for_change`, and as [`Filtered`]
/// the room's `Filter`, whose field `on` is the day of its conditions.
///
/// `$filtered` is the room's macro that adds the conditions of its `Filter` to a boxed query. Where a table
/// holds records of several types, `every R by column` says so for each of them.
macro_rules! document_queries {
    ($table:ident, $resource:ty, $filtered:ident $(, every $r:ident by $of:ident)?) => {
        /// Records with the scopes that reach them, and the rights of the one who asks for them, in one
        /// statement. SQLite keeps a prepared statement for one only, and needs no way to a server.
        pub fn read $(<$r: domain::records::Resource>)? (
            db: &mut Db,
            asker: $crate::callers::Asker,
            ids: &[uuid::Uuid],
        ) -> Result<$crate::gathered::Found, Fault> {
            use $crate::callers::{asking, rights_columns};
            use $crate::connection::Engine;
            use $crate::documents::{ReadRow, document_columns, found, planned_once};
            use $crate::schema::scope_members;
            macro_rules! rows {
                ($conn:ident, $is_asked:expr) => {
                    asking!(asker)
                        .left_join($table::table.on(
                            $is_asked $(.and($table::$of.eq($crate::documents::Written(<$r>::TYPE))))?
                        ))
                        .left_join(
                            scope_members::table.on(scope_members::id
                                .nullable()
                                .eq($table::id.nullable())
                                .and(scope_members::until_position.is_null())),
                        )
                        .select((
                            rights_columns!(),
                            document_columns!($table).nullable(),
                            scope_members::scope.nullable(),
                        ))
                        .load($conn)
                };
            }
            let mut rows: Vec<ReadRow> = Vec::new();
            match &mut db.engine {
                Engine::Sqlite(conn) => {
                    for id in ids {
                        let one: Vec<ReadRow> = rows!(conn, $table::id.eq(Key(*id)))?;
                        rows.extend(one);
                    }
                }
                Engine::Postgres(conn) => {
                    let conn = conn.as_mut();
                    rows = rows!(conn, $table::id.eq_any(planned_once(ids)))?;
                }
            }
            found(<$resource>::TYPE, asker, rows)
        }

        /// The record, kept from others until the transaction ends.
        pub fn for_change $(<$r: domain::records::Resource>)? (
            tx: &mut Tx,
            id: domain::values::Id<$resource>,
        ) -> Result<Option<$resource>, Fault> {
            use $crate::documents::{DocumentRow, Locked, document_columns};
            let row: Option<DocumentRow> = on_engine!(tx, |conn| {
                let one = $table::table.find(Key::from(id)) $(.filter($table::$of.eq(<$r>::TYPE.code())))?;
                Locked(one.select(document_columns!($table)))
                    .get_result(conn)
                    .optional()
            })?;
            row.map(|row| Document::from_row(<$resource>::TYPE, row)?.resource())
                .transpose()
        }

        impl $(<$r: domain::records::Resource + 'static>)? $crate::documents::Filtered
            for Filter $(<$r>)?
        {
            type Record = $resource;

            fn on(&self) -> Option<Date> {
                self.on
            }

            fn page(
                &self,
                db: &mut Db,
                visible: Visibility,
                page: &$crate::page::Page,
            ) -> Result<$crate::documents::Rows, Fault> {
                use $crate::documents::{DocumentRow, document_columns};
                use $crate::page::{First, SortBy};
                let limit = page.limit.saturating_add(1);
                let after = page.after.as_ref();
                match page.sort {
                    SortBy::Id => {
                        let rows: Vec<DocumentRow> = on_engine!(db, |conn: Backend| {
                            let all = $table::table.into_boxed::<Backend>();
                            let mut query = $filtered!(all, Backend, visible, self);
                            if let Some(after) = after {
                                query = query.filter($table::id.gt(Key(after.id)));
                            }
                            let query = query.select(document_columns!($table)).order($table::id);
                            First(limit, query).load(conn)
                        })?;
                        rows.into_iter()
                            .map(|row| Ok((Document::from_row(<$resource>::TYPE, row)?, String::new())))
                            .collect()
                    }
                    SortBy::Name => {
                        use $crate::page::row_gt;
                        use $crate::schema::names;
                        let day = $crate::columns::Day(self.on.unwrap_or(page.today));
                        let rows: Vec<(DocumentRow, String)> = on_engine!(db, |conn: Backend| {
                            let borne = $crate::finding::borne_on!(<$resource>::TYPE, day)
                                .inner_join($table::table.on($table::id.eq(names::id)))
                                .into_boxed::<Backend>();
                            let mut query = $filtered!(borne, Backend, visible, self);
                            if let Some(after) = after {
                                let (key, id) = (after.key.clone(), Key(after.id));
                                query = query.filter(row_gt(names::sort_key, names::id, key, id));
                            }
                            let query = query
                                .select((document_columns!($table), names::sort_key))
                                .order((names::sort_key, names::id));
                            First(limit, query).load(conn)
                        })?;
                        rows.into_iter()
                            .map(|(row, key)| Ok((Document::from_row(<$resource>::TYPE, row)?, key)))
                            .collect()
                    }
                }
            }

            fn count(&self, db: &mut Db, visible: Visibility) -> Result<i64, Fault> {
                Ok(on_engine!(db, |conn: Backend| {
                    let all = $table::table.into_boxed::<Backend>();
                    $filtered!(all, Backend, visible, self)
                        .count()
                        .get_result(conn)
                })?)
            }
        }
    };
}
pub(crate) use document_queries;

/// A type as a word of the statement itself. Bound, PostgreSQL could not tell how many records are of it before it is
/// told which, and would plan the statement anew each time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written(pub(crate) ResourceType);

impl QueryId for Written {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Expression for Written {
    type SqlType = SqlText;
}

impl<From> AppearsOnTable<From> for Written {}

impl<DB: Backend> QueryFragment<DB> for Written {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("'");
        out.push_sql(self.0.code());
        out.push_sql("'");
        Ok(())
    }
}

/// These ids, the last repeated until there are ten. PostgreSQL plans a list that it does not know yet as one of ten:
/// to a shorter one it would find a cheaper plan, and so plan the statement anew each time.
pub(crate) fn planned_once(ids: &[Uuid]) -> Vec<Key> {
    const UNKNOWN: usize = 10;
    let last = ids.last().into_iter().cycle();
    let padded = ids
        .iter()
        .chain(last.take(UNKNOWN.saturating_sub(ids.len())));
    padded.copied().map(Key).collect()
}

/// A row of what is read for one caller: its rights, a record if there is one, and a scope that reaches it
/// if one does. One row for each scope, or one without.
pub(crate) type ReadRow = (RightsRow, Option<DocumentRow>, Option<String>);

/// What such rows say.
pub(crate) fn found(
    resource_type: ResourceType,
    asker: Asker,
    rows: Vec<ReadRow>,
) -> Result<Found, Fault> {
    let mut rights = None;
    let mut read: HashMap<Uuid, (DocumentRow, Vec<String>)> = HashMap::new();
    for (held, row, scope) in rows {
        // Where each record is a statement of its own, what was told last is what holds.
        rights = Some(held);
        if let Some(row) = row {
            let (_, within) = read.entry(row.0.0).or_insert((row, Vec::new()));
            within.extend(scope);
        }
    }
    let Some(rights) = rights else {
        return Ok(None);
    };
    let documents = read.into_iter().map(|(id, (row, within))| {
        let document = Document::from_row(resource_type, row)?;
        Ok((id, document.reached_by(&within)?))
    });
    Ok(Some((
        rights_from(asker, rights)?,
        documents.collect::<Result<_, Fault>>()?,
    )))
}

impl Document {
    pub(crate) fn from_row(resource_type: ResourceType, row: DocumentRow) -> Result<Self, Fault> {
        let (id, version, body, present, since, until, acts) = row;
        let unknown = |error: ValueError| Fault::CorruptRow {
            table: resource_type.code(),
            column: "acts",
            id: id.0.to_string(),
            reason: error.to_string(),
        };
        let acts = acts
            .split(' ')
            .filter(|act| !act.is_empty())
            .map(str::parse);
        Ok(Self {
            resource_type,
            id: id.0,
            version: Version::new(version),
            body: body.0,
            present: Present {
                json: present.0,
                since: since.map(|day| day.0),
                until: until.map(|day| day.0),
            },
            acts: acts.collect::<Result<_, _>>().map_err(unknown)?,
            within: Vec::new(),
            joined: Joined::default(),
        })
    }

    /// The same, reached by these scopes.
    pub(crate) fn reached_by(mut self, scopes: &[String]) -> Result<Self, Fault> {
        let scopes = scopes.iter().map(|scope| scope.parse());
        self.within =
            scopes
                .collect::<Result<_, ValueError>>()
                .map_err(|error| Fault::CorruptRow {
                    table: "scope_members",
                    column: "scope",
                    id: self.id.to_string(),
                    reason: error.to_string(),
                })?;
        Ok(self)
    }

    /// What an act on it is an act on.
    #[must_use]
    pub fn target(&self) -> Target<'_> {
        Target::One {
            own: self.resource_type.scope(self.id),
            within: &self.within,
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

/// A query whose rows nobody else changes until the end of the transaction. SQLite has one writer already.
#[derive(Clone, Copy, QueryId)]
pub(crate) struct Locked<Q>(pub(crate) Q);

/// A query whose rows nobody takes away until the end of the transaction: they are named.
#[derive(Clone, Copy, QueryId)]
pub(crate) struct Named<Q>(pub(crate) Q);

/// A query whose rows nobody changes or begins to name until the end of the transaction: they are to go.
#[derive(Clone, Copy, QueryId)]
pub(crate) struct Leaving<Q>(pub(crate) Q);

macro_rules! kept {
    ($($kept:ident $words:literal)+) => { $(
        impl<Q: Query> Query for $kept<Q> {
            type SqlType = Q::SqlType;
        }

        impl<Q, Conn> RunQueryDsl<Conn> for $kept<Q> {}

        impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for $kept<Q> {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
                self.0.walk_ast(out.reborrow())?;
                out.push_sql($words);
                Ok(())
            }
        }

        impl<Q: QueryFragment<Sqlite>> QueryFragment<Sqlite> for $kept<Q> {
            fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
                self.0.walk_ast(out)
            }
        }
    )+ };
}

kept! {
    Locked " FOR NO KEY UPDATE"
    Named " FOR KEY SHARE"
    Leaving " FOR UPDATE"
}
