//! Pages of a list: keyset, so that writes make it neither repeat nor skip.

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::expression::{
    AppearsOnTable, AsExpression, Expression, SelectableExpression, ValidGrouping, is_aggregate,
};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Bool, Text};
use domain::values::Date;
use uuid::Uuid;

use crate::columns::{Key, sql};

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
pub(crate) fn row_gt<A, B>(key: A, id: B, after_key: String, after_id: Key) -> RowAfter<A, B>
where
    A: Expression<SqlType = Text>,
    B: Expression<SqlType = sql::Key>,
{
    RowAfter {
        key,
        id,
        after_key: AsExpression::<Text>::as_expression(after_key),
        after_id: AsExpression::<sql::Key>::as_expression(after_id),
    }
}

type Bound<T, ST> = <T as AsExpression<ST>>::Expression;

/// `(key, id) > (after_key, after_id)`, which both engines answer from one index.
#[derive(Clone, Debug, QueryId)]
pub(crate) struct RowAfter<A, B> {
    key: A,
    id: B,
    after_key: Bound<String, Text>,
    after_id: Bound<Key, sql::Key>,
}

impl<A, B> Expression for RowAfter<A, B>
where
    A: Expression,
    B: Expression,
{
    type SqlType = Bool;
}

impl<A, B, GroupBy> ValidGrouping<GroupBy> for RowAfter<A, B> {
    type IsAggregate = is_aggregate::No;
}

impl<A, B, From> AppearsOnTable<From> for RowAfter<A, B>
where
    A: AppearsOnTable<From>,
    B: AppearsOnTable<From>,
{
}

impl<A, B, From> SelectableExpression<From> for RowAfter<A, B>
where
    A: SelectableExpression<From>,
    B: SelectableExpression<From>,
{
}

impl<A, B, DB> QueryFragment<DB> for RowAfter<A, B>
where
    DB: Backend,
    A: QueryFragment<DB>,
    B: QueryFragment<DB>,
    Bound<String, Text>: QueryFragment<DB>,
    Bound<Key, sql::Key>: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("(");
        self.key.walk_ast(out.reborrow())?;
        out.push_sql(", ");
        self.id.walk_ast(out.reborrow())?;
        out.push_sql(") > (");
        self.after_key.walk_ast(out.reborrow())?;
        out.push_sql(", ");
        self.after_id.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}
