//! A base in which an index is worth its while: every table has so many rows, which mean nothing.

use super::{Base, Engine};

/// Tables that have one row for ever.
const SINGLE: &[&str] = &["base"];

/// The rows of each table.
pub const ROWS: u32 = 20_000;

impl Base {
    /// Fills every table, whatever the rules, and lets the engine look at what there is.
    pub fn grow(&self) {
        let filled = self.tables();
        let filled = filled
            .iter()
            .filter(|table| !SINGLE.contains(&table.as_str()));
        let statements: Vec<String> = match self.engine() {
            Engine::Sqlite => filled.map(|table| self.rows_in_file(table)).collect(),
            Engine::Postgres => filled.map(|table| self.rows_on_server(table)).collect(),
        };
        let before = match self.engine() {
            Engine::Sqlite => "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;",
            Engine::Postgres => {
                "DO $$ DECLARE rule record; BEGIN
                     FOR rule IN SELECT conrelid::regclass AS over, conname FROM pg_constraint
                         WHERE contype IN ('c', 'f') AND connamespace = 'public'::regnamespace
                     LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', rule.over, rule.conname); END LOOP;
                 END $$;"
            }
        };
        self.sql(&format!("{before} {}; ANALYZE", statements.join("; ")));
    }

    fn rows_in_file(&self, table: &str) -> String {
        let columns = self.texts(&format!(
            "SELECT name || ' ' || CASE
                 WHEN type IN ('INTEGER', 'INT') THEN 'n'
                 WHEN type = 'BLOB' THEN 'CAST(printf(''%016d'', n) AS BLOB)'
                 ELSE '''t'' || n' END || ' ' || CASE WHEN \"notnull\" OR pk > 0 THEN '' ELSE '?' END AS t
             FROM pragma_table_info('{table}')"
        ));
        let (names, values) = named(&columns);
        format!(
            "DELETE FROM {table}; WITH RECURSIVE row(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM row WHERE n < {ROWS})
             INSERT INTO {table} ({names}) SELECT {values} FROM row"
        )
    }

    fn rows_on_server(&self, table: &str) -> String {
        let columns = self.texts(&format!(
            "SELECT column_name || ' ' || CASE data_type
                 WHEN 'uuid' THEN 'md5(n::text)::uuid'
                 WHEN 'bigint' THEN 'n'
                 WHEN 'integer' THEN 'n'
                 WHEN 'smallint' THEN 'n%1000'
                 WHEN 'boolean' THEN 'n%2=0'
                 WHEN 'date' THEN 'date''2023-01-01''+n%3000'
                 WHEN 'timestamp with time zone' THEN 'timestamptz''2023-01-01''+n*interval''1minute'''
                 WHEN 'jsonb' THEN '''{{}}''::jsonb'
                 WHEN 'json' THEN '''{{}}''::json'
                 WHEN 'bytea' THEN 'decode(md5(n::text),''hex'')'
                 ELSE '''t''||n' END || ' ' || CASE is_nullable WHEN 'NO' THEN '' ELSE '?' END AS t
             FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name = '{table}' AND is_generated = 'NEVER'
             ORDER BY ordinal_position"
        ));
        let (names, values) = named(&columns);
        format!(
            "DELETE FROM {table}; INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE
             SELECT {values} FROM generate_series(1, {ROWS}) AS n"
        )
    }
}

/// The names of columns and what stands in them, from `name value ?`, of which one that may be empty is so in
/// every other row.
fn named(columns: &[String]) -> (String, String) {
    let parts = columns.iter().map(|column| {
        let (name, rest) = column.split_once(' ').unwrap();
        let (value, may_be_empty) = rest.rsplit_once(' ').unwrap();
        let value = match may_be_empty {
            "?" => format!("CASE WHEN n % 2 = 0 THEN {value} END"),
            _ => value.to_owned(),
        };
        (format!("\"{name}\""), value)
    });
    let (names, values): (Vec<String>, Vec<String>) = parts.unzip();
    (names.join(", "), values.join(", "))
}
