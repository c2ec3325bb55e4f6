//! Pages of a list: keyset, so that writes make it neither repeat nor skip.

use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::expression::{
    AppearsOnTable, AsExpression, Expression, SelectableExpression, ValidGrouping, is_aggregate,
};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::sql_types::{BigInt, Bool, Text};
use domain::values::Date;
use uuid::Uuid;

use crate::columns::{Instant, Key, sql};

/// Which page of a list.
#[derive(Clone, Debug)]
pub struct Page {
    /// The most rows it holds.
    pub limit: i64,
    /// In which order.
    pub sort: SortBy,
    /// The last row of the page before it.
    pub after: Option<After>,
    /// The day on which names are borne, unless the filter says another.
    pub today: Date,
}

/// The order of a list. Ids follow creation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    /// By id.
    #[default]
    Id,
    /// By folded name, then id.
    Name,
}

/// A row's place in the order of its list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    /// Its key in that order; empty when the order is by id alone.
    pub key: String,
    /// Its id.
    pub id: Uuid,
}

/// The rows after one place in an order by a text and an id.
pub(crate) fn row_gt<A, B>(
    key: A,
    id: B,
    after_key: String,
    after_id: Key,
) -> Beside<A, B, Bound<String, Text>, Bound<Key, sql::Key>, Greater>
where
    A: Expression<SqlType = Text>,
    B: Expression<SqlType = sql::Key>,
{
    Beside {
        row: (key, id),
        place: (
            AsExpression::<Text>::as_expression(after_key),
            AsExpression::<sql::Key>::as_expression(after_id),
        ),
        sign: PhantomData,
    }
}

/// The rows before one place in an order by an instant and a number.
pub(crate) fn row_lt<A, B>(
    at: A,
    number: B,
    before: (Instant, i64),
) -> Beside<A, B, Bound<Instant, sql::Instant>, Bound<i64, BigInt>, Less>
where
    A: Expression<SqlType = sql::Instant>,
    B: Expression<SqlType = BigInt>,
{
    Beside {
        row: (at, number),
        place: (
            AsExpression::<sql::Instant>::as_expression(before.0),
            AsExpression::<BigInt>::as_expression(before.1),
        ),
        sign: PhantomData,
    }
}

type Bound<T, ST> = <T as AsExpression<ST>>::Expression;

/// On which side of a place.
pub(crate) trait Sign {
    /// As SQL writes it.
    const TEXT: &'static str;
}

#[derive(Clone, Copy, Debug, QueryId)]
pub(crate) struct Greater;

#[derive(Clone, Copy, Debug, QueryId)]
pub(crate) struct Less;

impl Sign for Greater {
    const TEXT: &'static str = " > ";
}

impl Sign for Less {
    const TEXT: &'static str = " < ";
}

/// `(key, id) > (…)` or `(key, id) < (…)`, which both engines answer from one index.
#[derive(Clone, Debug, QueryId)]
pub(crate) struct Beside<A, B, X, Y, S> {
    row: (A, B),
    place: (X, Y),
    sign: PhantomData<S>,
}

impl<A, B, X, Y, S> Expression for Beside<A, B, X, Y, S>
where
    A: Expression,
    B: Expression,
{
    type SqlType = Bool;
}

impl<A, B, X, Y, S, GroupBy> ValidGrouping<GroupBy> for Beside<A, B, X, Y, S> {
    type IsAggregate = is_aggregate::No;
}

impl<A, B, X, Y, S, From> AppearsOnTable<From> for Beside<A, B, X, Y, S>
where
    A: AppearsOnTable<From>,
    B: AppearsOnTable<From>,
{
}

impl<A, B, X, Y, S, From> SelectableExpression<From> for Beside<A, B, X, Y, S>
where
    A: SelectableExpression<From>,
    B: SelectableExpression<From>,
{
}

impl<A, B, X, Y, S, DB> QueryFragment<DB> for Beside<A, B, X, Y, S>
where
    DB: Backend,
    A: QueryFragment<DB>,
    B: QueryFragment<DB>,
    X: QueryFragment<DB>,
    Y: QueryFragment<DB>,
    S: Sign,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("(");
        self.row.0.walk_ast(out.reborrow())?;
        out.push_sql(", ");
        self.row.1.walk_ast(out.reborrow())?;
        out.push_sql(")");
        out.push_sql(S::TEXT);
        out.push_sql("(");
        self.place.0.walk_ast(out.reborrow())?;
        out.push_sql(", ");
        self.place.1.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

/// So many rows of a query, and perhaps some more: `LIMIT` is written into the statement.
///
/// Bound, it would make PostgreSQL plan the statement at every execution, since without it the cost of a page looks
/// like that of a tenth of the table. Numbers come from a few steps, for a statement is kept for each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct First<Q>(pub(crate) i64, pub(crate) Q);

impl<Q> First<Q> {
    const STEPS: [i64; 8] = [2, 11, 21, 26, 51, 101, 201, 251];

    fn rows(&self) -> i64 {
        let enough = |step: &i64| *step >= self.0;
        Self::STEPS.into_iter().find(enough).unwrap_or(self.0)
    }
}

impl<Q> QueryId for First<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for First<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, Conn> RunQueryDsl<Conn> for First<Q> {}

impl<Q: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for First<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.1.walk_ast(out.reborrow())?;
        out.push_sql(" LIMIT ");
        out.push_sql(&self.rows().to_string());
        Ok(())
    }
}
