//! Days. A legal date has no hour and no zone.

use std::fmt;
use std::str::FromStr;

use jiff::{Span, civil};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use super::ValueError;
use super::text::read;

/// A day of the civil calendar, from 1000-01-01 to 9999-12-31, written `YYYY-MM-DD`.
///
/// A year always has four digits, so that days sort alike as values and as texts. An instant such
/// as `2026-01-01T00:00:00Z` is refused: which day it is depends on a zone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

impl Date {
    /// A valid day, for documents and tests.
    pub const EXAMPLE: &'static str = "2026-01-01";

    /// How it is written.
    pub const PATTERN: &'static str = "^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$";

    /// The first day there is, 1000-01-01.
    pub const MIN: Self = Self(civil::date(1000, 1, 1));

    /// The last day there is, 9999-12-31.
    pub const MAX: Self = Self(civil::date(9999, 12, 31));

    /// Refused when the calendar has no such day, or its year has not four digits.
    pub fn new(year: i16, month: i8, day: i8) -> Result<Self, ValueError> {
        match civil::Date::new(year, month, day) {
            Ok(day) => day.try_into(),
            Err(_) => Err(unreadable()),
        }
    }

    /// The day after; nothing after 9999-12-31.
    #[must_use]
    pub fn tomorrow(self) -> Option<Self> {
        self.plus_days(1)
    }

    /// The day before; nothing before 1000-01-01.
    #[must_use]
    pub fn yesterday(self) -> Option<Self> {
        self.plus_days(-1)
    }

    /// The day `days` later, or earlier when negative; nothing outside the calendar.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Option<Self> {
        let days = Span::new().try_days(days).ok()?;
        self.0.checked_add(days).ok()?.try_into().ok()
    }

    /// How many days from this one to `other`; negative when `other` is earlier.
    #[must_use]
    pub fn days_until(self, other: Self) -> i64 {
        self.0.duration_until(other.0).as_hours() / 24
    }

    /// Its year, 1000 to 9999.
    #[must_use]
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// The same day for calendar arithmetic; months, weekdays and zones are jiff's affair.
    #[must_use]
    pub const fn jiff(self) -> civil::Date {
        self.0
    }
}

impl From<Date> for civil::Date {
    fn from(day: Date) -> Self {
        day.0
    }
}

impl TryFrom<civil::Date> for Date {
    type Error = ValueError;

    fn try_from(day: civil::Date) -> Result<Self, ValueError> {
        if (1000..=9999).contains(&day.year()) {
            Ok(Self(day))
        } else {
            Err(unreadable())
        }
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for Date {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let parts: Vec<&str> = text.splitn(4, '-').collect();
        let [year, month, day] = parts.as_slice() else {
            return Err(unreadable());
        };
        match (digits(year, 4), digits(month, 2), digits(day, 2)) {
            (Some(year), Some(month), Some(day)) => Self::new(year, month, day),
            _ => Err(unreadable()),
        }
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read(from, Self::EXAMPLE)
    }
}

impl PartialSchema for Date {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            .pattern(Some(Self::PATTERN))
            .max_length(Some(10))
            .examples([Self::EXAMPLE])
            .into()
    }
}

impl ToSchema for Date {}

fn unreadable() -> ValueError {
    ValueError::Format {
        expected: "YYYY-MM-DD".to_owned(),
    }
}

/// The number that `text` writes with exactly `width` digits and nothing else.
pub(super) fn digits<T: FromStr>(text: &str, width: usize) -> Option<T> {
    let written = text.len() == width && text.bytes().all(|b| b.is_ascii_digit());
    if written { text.parse().ok() } else { None }
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;

    use super::super::Misread;
    use super::super::testing::dates;
    use super::*;

    proptest! {
        #[test]
        fn what_is_printed_reads_back_the_same(day in dates()) {
            prop_assert_eq!(day.to_string().parse(), Ok(day));
            let json = serde_json::to_string(&day).unwrap();
            prop_assert_eq!(serde_json::from_str::<Date>(&json).unwrap(), day);
        }

        #[test]
        fn days_sort_alike_as_values_and_as_texts(one in dates(), other in dates()) {
            prop_assert_eq!(one.cmp(&other), one.to_string().cmp(&other.to_string()));
        }

        #[test]
        fn tomorrow_is_one_day_away_and_its_yesterday_is_today(day in dates()) {
            let tomorrow = day.tomorrow().unwrap();

            prop_assert_eq!(day.days_until(tomorrow), 1);
            prop_assert_eq!(tomorrow.yesterday(), Some(day));
        }

        #[test]
        fn counting_days_there_leads_there(from in dates(), to in dates()) {
            let days = i32::try_from(from.days_until(to)).unwrap();

            prop_assert_eq!(from.plus_days(days), Some(to));
        }

        #[test]
        fn no_text_of_another_length_is_a_day(text in "[0-9-]{0,9}|[0-9-]{11,14}") {
            prop_assert_eq!(text.parse::<Date>(), Err(unreadable()));
        }
    }

    #[test]
    fn only_the_full_written_form_of_a_real_day_is_read() {
        for text in [
            "",
            "2026",
            "2026-01",
            "2026-1-01",
            "2026-01-1",
            "26-01-01",
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-01-00",
            "0999-12-31",
            "0000-01-01",
            "10000-01-01",
            "+2026-01-01",
            "-2026-01-01",
            "+026-01-01",
            "2026/01/01",
            "20260101",
            "2026-01-01T00:00:00Z",
            "2026-01-01 ",
            " 2026-01-01",
            "2026-01-01-",
            "01-01-2026",
            "２０２６-01-01",
            "2026-W01-1",
        ] {
            assert_eq!(text.parse::<Date>(), Err(unreadable()), "{text}");
        }
        assert!("2024-02-29".parse::<Date>().is_ok());
    }

    #[test]
    fn the_calendar_ends_at_years_of_four_digits() {
        let first = Date::new(1000, 1, 1).unwrap();
        let last = Date::new(9999, 12, 31).unwrap();

        assert_eq!((first.yesterday(), last.tomorrow()), (None, None));
        assert_eq!(Date::new(999, 12, 31), Err(unreadable()));
        assert_eq!(
            Date::try_from(civil::Date::constant(-5, 1, 1)),
            Err(unreadable())
        );
    }

    #[test]
    fn a_bad_day_is_misread_and_a_number_is_another_type() {
        let misread = serde_json::from_str::<Date>("\"2026-01-01T00:00:00Z\"").unwrap_err();
        let other = serde_json::from_str::<Date>("20260101").unwrap_err();

        let expected = Misread::new(unreadable(), Date::EXAMPLE);
        assert_eq!(Misread::find_in(&misread.to_string()), Some(expected));
        assert!(other.to_string().starts_with("invalid type"), "{other}");
    }
}
