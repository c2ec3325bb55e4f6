//! Instants: when something was recorded or known. Never a legal date.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use super::{Misread, ValueError};

/// An instant from the year 1000 to 30 December 9999, written as RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(Timestamp);

impl Instant {
    /// A valid instant, for documents and tests.
    pub const EXAMPLE: &'static str = "2026-01-01T00:00:00Z";

    /// How it is written.
    pub const PATTERN: &'static str = concat!(
        "^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]",
        r"(\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
    );

    const FIRST_SECOND: i64 = -30_610_224_000;
    const LAST_SECOND: i64 = 253_402_207_200;

    /// The same instant for arithmetic.
    #[must_use]
    pub const fn jiff(self) -> Timestamp {
        self.0
    }
}

impl TryFrom<Timestamp> for Instant {
    type Error = ValueError;

    fn try_from(instant: Timestamp) -> Result<Self, ValueError> {
        if (Self::FIRST_SECOND..=Self::LAST_SECOND).contains(&instant.as_second()) {
            Ok(Self(instant))
        } else {
            Err(unreadable())
        }
    }
}

fn unreadable() -> ValueError {
    ValueError::Format {
        expected: "YYYY-MM-DDThh:mm:ssZ".to_owned(),
    }
}

impl FromStr for Instant {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        text.parse::<Timestamp>().or(Err(unreadable()))?.try_into()
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse()
            .map_err(|error| serde::de::Error::custom(Misread::new(error, Self::EXAMPLE)))
    }
}

impl PartialSchema for Instant {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .pattern(Some(Self::PATTERN))
            .max_length(Some(35))
            .examples([Self::EXAMPLE])
            .into()
    }
}

impl ToSchema for Instant {}

#[cfg(test)]
mod laws {
    use super::*;

    #[test]
    fn an_instant_lies_in_the_years_that_every_engine_holds() {
        assert!("1000-01-01T00:00:00Z".parse::<Instant>().is_ok());
        assert!("9999-12-30T00:00:00Z".parse::<Instant>().is_ok());
        assert!("0999-12-31T23:59:59Z".parse::<Instant>().is_err());
        assert!("-004800-01-01T00:00:00Z".parse::<Instant>().is_err());
        assert!("2026-01-01".parse::<Instant>().is_err());
    }

    #[test]
    fn what_is_printed_reads_back_the_same() {
        let instant: Instant = "2026-11-22T13:39:36.988088Z".parse().unwrap();

        assert_eq!(instant.to_string().parse(), Ok(instant));
    }
}
