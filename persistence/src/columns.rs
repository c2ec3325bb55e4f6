//! Columns that both engines hold in their own way, and one Rust type for each.
//!
//! | here | PostgreSQL | SQLite |
//! |---|---|---|
//! | [`Key`] | `uuid` | `BLOB` of 16 bytes |
//! | [`Day`] | `date` | `TEXT`, `YYYY-MM-DD` |
//! | [`Instant`] | `timestamptz` | `INTEGER`, microseconds since 1970 |
//! | [`Json`] | `json`, kept as written | `TEXT` |

use std::io::Write;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Binary, SqlType, Text};
use diesel::sqlite::{Sqlite, SqliteValue};
use domain::values::{Date, Id};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// The SQL side, named in `table!`.
pub(crate) mod sql {
    use super::{QueryId, SqlType};

    #[derive(Clone, Copy, Debug, Default, SqlType, QueryId)]
    #[diesel(
        postgres_type(oid = 2950, array_oid = 2951),
        sqlite_type(name = "Binary")
    )]
    pub struct Key;

    #[derive(Clone, Copy, Debug, Default, SqlType, QueryId)]
    #[diesel(
        postgres_type(oid = 1082, array_oid = 1182),
        sqlite_type(name = "Text")
    )]
    pub struct Day;

    #[derive(Clone, Copy, Debug, Default, SqlType, QueryId)]
    #[diesel(
        postgres_type(oid = 1184, array_oid = 1185),
        sqlite_type(name = "Long")
    )]
    pub struct Instant;

    #[derive(Clone, Copy, Debug, Default, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 114, array_oid = 199), sqlite_type(name = "Text"))]
    pub struct JsonText;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql::Key)]
pub(crate) struct Key(pub(crate) Uuid);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql::Day)]
pub(crate) struct Day(pub(crate) Date);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql::Instant)]
pub(crate) struct Instant(pub(crate) Timestamp);

#[derive(Clone, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql::JsonText)]
pub(crate) struct Json(pub(crate) String);

impl<T> From<Id<T>> for Key {
    fn from(id: Id<T>) -> Self {
        Self(id.uuid())
    }
}

impl ToSql<sql::Key, Pg> for Key {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<sql::Key, Pg> for Key {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Uuid::from_slice(value.as_bytes())?))
    }
}

impl ToSql<sql::Key, Sqlite> for Key {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl FromSql<sql::Key, Sqlite> for Key {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(value)?;
        Ok(Self(Uuid::from_slice(&bytes)?))
    }
}

/// The day from which PostgreSQL counts days.
const POSTGRES_EPOCH: jiff::civil::Date = jiff::civil::date(2000, 1, 1);

impl ToSql<sql::Day, Pg> for Day {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let days = i32::try_from(self.0.jiff().duration_since(POSTGRES_EPOCH).as_hours() / 24)?;
        out.write_all(&days.to_be_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<sql::Day, Pg> for Day {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let days = i64::from(i32::from_be_bytes(value.as_bytes().try_into()?));
        let day = POSTGRES_EPOCH.checked_add(SignedDuration::from_hours(days * 24))?;
        Ok(Self(Date::try_from(day)?))
    }
}

impl ToSql<sql::Day, Sqlite> for Day {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.to_string());
        Ok(IsNull::No)
    }
}

impl FromSql<sql::Day, Sqlite> for Day {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
        Ok(Self(text.parse()?))
    }
}

/// 2000-01-01 in microseconds since 1970: where PostgreSQL counts instants from.
const POSTGRES_EPOCH_MICROSECONDS: i64 = 946_684_800_000_000;

impl ToSql<sql::Instant, Pg> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let microseconds = self.0.as_microsecond() - POSTGRES_EPOCH_MICROSECONDS;
        out.write_all(&microseconds.to_be_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<sql::Instant, Pg> for Instant {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let microseconds = i64::from_be_bytes(value.as_bytes().try_into()?);
        Ok(Self(Timestamp::from_microsecond(
            microseconds + POSTGRES_EPOCH_MICROSECONDS,
        )?))
    }
}

impl ToSql<sql::Instant, Sqlite> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_microsecond());
        Ok(IsNull::No)
    }
}

impl FromSql<sql::Instant, Sqlite> for Instant {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let microseconds = <i64 as FromSql<BigInt, Sqlite>>::from_sql(value)?;
        Ok(Self(Timestamp::from_microsecond(microseconds)?))
    }
}

impl ToSql<sql::JsonText, Pg> for Json {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<sql::JsonText, Pg> for Json {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(std::str::from_utf8(value.as_bytes())?.to_owned()))
    }
}

impl ToSql<sql::JsonText, Sqlite> for Json {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_str());
        Ok(IsNull::No)
    }
}

impl FromSql<sql::JsonText, Sqlite> for Json {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self(<String as FromSql<Text, Sqlite>>::from_sql(value)?))
    }
}
