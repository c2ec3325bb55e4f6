//! What is reported of the rows of a file.

use diesel::prelude::*;
use jiff::Timestamp;
use uuid::Uuid;

use crate::columns::{Instant, Json, Key};
use crate::connection::on_engine;
use crate::schema::{import_rows, imports};
use crate::{Db, Fault, Tx};

/// Something reported of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its place in the report, from 1.
    pub number: i64,
    /// The line of the file, from 1.
    pub line: i64,
    /// The column, as the file names it.
    pub column: Option<String>,
    /// The value, as far as it is kept.
    pub value: Option<String>,
    /// What is wrong, as JSON.
    pub error: String,
    /// The whole row as JSON, on the first line that says why it was not taken.
    pub cells: Option<String>,
}

type LineRow = (i64, i64, Option<String>, Option<String>, Json, Option<Json>);

/// Adds lines to the report of an import.
pub fn keep_lines(tx: &mut Tx, import: Uuid, lines: &[Line]) -> Result<(), Fault> {
    let rows: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                import_rows::import.eq(Key(import)),
                import_rows::number.eq(line.number),
                import_rows::line.eq(line.line),
                import_rows::column_name.eq(line.column.as_deref()),
                import_rows::value.eq(line.value.as_deref()),
                import_rows::error.eq(Json(line.error.clone())),
                import_rows::cells.eq(line.cells.clone().map(Json)),
            )
        })
        .collect();
    on_engine!(tx, |conn| diesel::insert_into(import_rows::table)
        .values(rows)
        .execute(conn))?;
    Ok(())
}

/// One page of a report, and one line more when there is more.
pub fn lines(
    db: &mut Db,
    import: Uuid,
    with_cells: bool,
    after: i64,
    limit: i64,
) -> Result<Vec<Line>, Fault> {
    let rows: Vec<LineRow> = on_engine!(db, |conn: Backend| {
        let mut query = import_rows::table
            .filter(import_rows::import.eq(Key(import)))
            .filter(import_rows::number.gt(after))
            .into_boxed::<Backend>();
        if with_cells {
            query = query.filter(import_rows::cells.is_not_null());
        }
        query
            .select((
                import_rows::number,
                import_rows::line,
                import_rows::column_name,
                import_rows::value,
                import_rows::error,
                import_rows::cells,
            ))
            .order(import_rows::number)
            .limit(limit.saturating_add(1))
            .load(conn)
    })?;
    let line = |(number, line, column, value, error, cells): LineRow| Line {
        number,
        line,
        column,
        value,
        error: error.0,
        cells: cells.map(|json| json.0),
    };
    Ok(rows.into_iter().map(line).collect())
}

/// Forgets the rows and values of imports that ended before, and returns of how many.
pub fn forget(tx: &mut Tx, ended_before: Timestamp) -> Result<usize, Fault> {
    let old = imports::table
        .filter(imports::ended_at.lt(Instant(ended_before)))
        .filter(imports::forgotten.eq(false))
        .select(imports::id);
    let ids: Vec<Key> = on_engine!(tx, |conn| old.load(conn))?;
    let done = imports::table.filter(imports::id.eq_any(&ids));
    on_engine!(tx, |conn| {
        diesel::delete(import_rows::table.filter(import_rows::import.eq_any(&ids)))
            .execute(conn)?;
        diesel::update(done)
            .set(imports::forgotten.eq(true))
            .execute(conn)
    })?;
    Ok(ids.len())
}
