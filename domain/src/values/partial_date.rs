//! Days of which only the year or the month is known.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::date::digits;
use super::text::read;
use super::{Date, ValueError};

/// A day known as a year `1998`, a month `2004-06` or a day `2018-09-24`.
///
/// For sources that give no more, so that no day is invented. Two of them have no order of their
/// own, since `1998` is neither before nor after `1998-06`: compare their bounds.
///
/// Source: ISO 8601-1 §5.2.2, reduced precision; the `date` of HL7 FHIR.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PartialDate {
    earliest: Date,
    precision: Precision,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Precision {
    Year,
    Month,
    Day,
}

impl PartialDate {
    /// A valid partial date, for documents and tests.
    pub const EXAMPLE: &'static str = "2004-06";
    const PATTERN: &'static str = "^[1-9][0-9]{3}(-[0-9]{2}(-[0-9]{2})?)?$";

    /// Some day of that year. Refused when the year has not four digits.
    pub fn in_year(year: i16) -> Result<Self, ValueError> {
        Self::from_first(Date::new(year, 1, 1).ok(), Precision::Year)
    }

    /// Some day of that month. Refused when there is no such month, or its year has not four
    /// digits.
    pub fn in_month(year: i16, month: i8) -> Result<Self, ValueError> {
        Self::from_first(Date::new(year, month, 1).ok(), Precision::Month)
    }

    fn from_first(day: Option<Date>, precision: Precision) -> Result<Self, ValueError> {
        let earliest = day.ok_or_else(unreadable)?;
        Ok(Self {
            earliest,
            precision,
        })
    }

    /// The first day it may be.
    #[must_use]
    pub fn earliest(self) -> Date {
        self.earliest
    }

    /// The last day it may be.
    #[must_use]
    pub fn latest(self) -> Date {
        let first = self.earliest.jiff();
        let last = match self.precision {
            Precision::Year => first.last_of_year(),
            Precision::Month => first.last_of_month(),
            Precision::Day => first,
        };
        // A year that holds a `Date` holds no day outside the calendar.
        Date::try_from(last).unwrap_or(self.earliest)
    }

    /// The day itself, where it is known.
    #[must_use]
    pub fn day(self) -> Option<Date> {
        (self.precision == Precision::Day).then_some(self.earliest)
    }
}

impl From<Date> for PartialDate {
    fn from(day: Date) -> Self {
        Self {
            earliest: day,
            precision: Precision::Day,
        }
    }
}

impl fmt::Debug for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.earliest.jiff();
        match self.precision {
            Precision::Year => write!(f, "{:04}", first.year()),
            Precision::Month => write!(f, "{:04}-{:02}", first.year(), first.month()),
            Precision::Day => fmt::Display::fmt(&self.earliest, f),
        }
    }
}

impl FromStr for PartialDate {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let parts: Vec<&str> = text.splitn(4, '-').collect();
        match parts.as_slice() {
            [year] => digits(year, 4)
                .ok_or_else(unreadable)
                .and_then(Self::in_year),
            [year, month] => match (digits(year, 4), digits(month, 2)) {
                (Some(year), Some(month)) => Self::in_month(year, month),
                _ => Err(unreadable()),
            },
            _ => Self::from_first(text.parse().ok(), Precision::Day),
        }
    }
}

impl Serialize for PartialDate {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PartialDate {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read(from, Self::EXAMPLE)
    }
}

impl PartialSchema for PartialDate {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(Self::PATTERN))
            .max_length(Some(10))
            .examples([Self::EXAMPLE])
            .into()
    }
}

impl ToSchema for PartialDate {}

fn unreadable() -> ValueError {
    ValueError::Format {
        expected: "YYYY[-MM[-DD]]".to_owned(),
    }
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;

    use super::super::testing::{dates, partial_dates};
    use super::*;

    proptest! {
        #[test]
        fn what_is_printed_reads_back_the_same(partial in partial_dates()) {
            prop_assert_eq!(partial.to_string().parse(), Ok(partial));
            let json = serde_json::to_string(&partial).unwrap();
            prop_assert_eq!(serde_json::from_str::<PartialDate>(&json).unwrap(), partial);
        }

        #[test]
        fn a_day_lies_within_its_month_and_its_year(day in dates()) {
            let text = day.to_string();
            for width in [4, 7, 10] {
                let partial: PartialDate = text.get(..width).unwrap().parse().unwrap();
                prop_assert!(partial.earliest() <= day && day <= partial.latest());
                prop_assert_eq!(partial.day(), (width == 10).then_some(day));
            }
        }
    }

    #[test]
    fn a_year_and_a_month_run_to_their_last_day() {
        let bounds = |text: &str| {
            let partial: PartialDate = text.parse().unwrap();
            (partial.earliest().to_string(), partial.latest().to_string())
        };

        assert_eq!(bounds("1998"), ("1998-01-01".into(), "1998-12-31".into()));
        assert_eq!(
            bounds("2004-02"),
            ("2004-02-01".into(), "2004-02-29".into())
        );
        assert_eq!(
            bounds("2018-09-24"),
            ("2018-09-24".into(), "2018-09-24".into())
        );
        assert_eq!(bounds("9999"), ("9999-01-01".into(), "9999-12-31".into()));
    }

    #[test]
    fn other_precisions_are_refused() {
        for text in [
            "",
            "98",
            "0998",
            "1998-",
            "1998-6",
            "1998-13",
            "1998-00",
            "1998-06-31",
            "2018-09-24T10",
        ] {
            assert_eq!(text.parse::<PartialDate>(), Err(unreadable()), "{text}");
        }
    }
}
