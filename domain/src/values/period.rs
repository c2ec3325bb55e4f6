//! Runs of days, half-open: "until 31 December 2026" is `ends_before: 2027-01-01`.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{Date, Misread, ValueError};

/// A non-empty run of days, from `starts_on` up to but not including `ends_before`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize, ToSchema)]
#[serde(try_from = "PeriodFields", deny_unknown_fields)]
pub struct Period {
    /// The first day.
    starts_on: Date,
    /// The first day that no longer belongs to it.
    ends_before: Date,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PeriodFields {
    starts_on: Date,
    ends_before: Date,
}

impl Period {
    /// Refused when it would hold no day.
    pub fn new(starts_on: Date, ends_before: Date) -> Result<Self, ValueError> {
        if starts_on < ends_before {
            Ok(Self {
                starts_on,
                ends_before,
            })
        } else {
            Err(ValueError::EmptyPeriod)
        }
    }

    /// The civil year, from 1000 to 9998: the day after 9999 is none.
    pub fn year(year: i16) -> Result<Self, ValueError> {
        let first_of = |year| Date::new(year, 1, 1).ok();
        match (first_of(year), year.checked_add(1).and_then(first_of)) {
            (Some(starts_on), Some(ends_before)) => Self::new(starts_on, ends_before),
            _ => Err(ValueError::OutOfRange {
                min: 1000,
                max: 9998,
            }),
        }
    }

    /// The first day.
    #[must_use]
    pub fn starts_on(self) -> Date {
        self.starts_on
    }

    /// The first day that no longer belongs to it.
    #[must_use]
    pub fn ends_before(self) -> Date {
        self.ends_before
    }

    /// How many days it holds, at least 1.
    #[must_use]
    pub fn days(self) -> u32 {
        // The whole calendar is 3.3 million days long.
        u32::try_from(self.starts_on.days_until(self.ends_before)).unwrap_or(u32::MAX)
    }

    /// Whether `day` belongs to it.
    #[must_use]
    pub fn contains(self, day: Date) -> bool {
        self.starts_on <= day && day < self.ends_before
    }

    /// Whether some day belongs to both.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.intersection(other).is_some()
    }

    /// The days both share, if any.
    #[must_use]
    pub fn intersection(self, other: Self) -> Option<Self> {
        Self::new(
            self.starts_on.max(other.starts_on),
            self.ends_before.min(other.ends_before),
        )
        .ok()
    }

    /// The days before `day`, and those from it on; nothing when either part would be empty.
    #[must_use]
    pub fn split_at(self, day: Date) -> Option<(Self, Self)> {
        let before = Self::new(self.starts_on, day).ok()?;
        let after = Self::new(day, self.ends_before).ok()?;
        Some((before, after))
    }
}

impl TryFrom<PeriodFields> for Period {
    type Error = Misread;

    fn try_from(given: PeriodFields) -> Result<Self, Misread> {
        Self::new(given.starts_on, given.ends_before).map_err(misread)
    }
}

/// A run of days that may have begun on an unknown day and may still be going on, from
/// `starts_on` up to but not including `ends_before`.
///
/// An unknown start is said to be unknown and never invented: such a run is taken to hold on any
/// day before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize, ToSchema)]
#[serde(try_from = "SinceFields", deny_unknown_fields)]
pub struct Since {
    /// The first day, or nothing when it is not known.
    pub starts_on: Option<Date>,
    /// The first day on which it no longer holds, or nothing while it goes on.
    pub ends_before: Option<Date>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SinceFields {
    starts_on: Option<Date>,
    ends_before: Option<Date>,
}

impl Since {
    /// Every day, as far as is known.
    pub const ALWAYS: Self = Self {
        starts_on: None,
        ends_before: None,
    };

    /// Refused when it would hold no day.
    pub fn new(starts_on: Option<Date>, ends_before: Option<Date>) -> Result<Self, ValueError> {
        match (starts_on, ends_before) {
            (Some(start), Some(end)) if end <= start => Err(ValueError::EmptyPeriod),
            _ => Ok(Self {
                starts_on,
                ends_before,
            }),
        }
    }

    /// Whether it holds on `day`; an unknown start counts as long past.
    #[must_use]
    pub fn contains(self, day: Date) -> bool {
        self.starts_on.is_none_or(|start| start <= day)
            && self.ends_before.is_none_or(|end| day < end)
    }

    /// Whether some day belongs to both.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.intersection(other).is_some()
    }

    /// The days both share, if any; they begin on an unknown day when both do.
    #[must_use]
    pub fn intersection(self, other: Self) -> Option<Self> {
        let ends = [self.ends_before, other.ends_before];
        // Of two starts, an unknown one is the lesser.
        let starts_on = self.starts_on.max(other.starts_on);
        Self::new(starts_on, ends.into_iter().flatten().min()).ok()
    }
}

impl Since {
    /// The shortest run that holds every day of both.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self {
            // Of two starts, an unknown one is the lesser.
            starts_on: self.starts_on.min(other.starts_on),
            ends_before: match (self.ends_before, other.ends_before) {
                (Some(one), Some(other)) => Some(one.max(other)),
                _ => None,
            },
        }
    }

    /// Its days that are not in `other`: none, one run or two.
    #[must_use]
    pub fn without(self, other: Self) -> Vec<Self> {
        if !self.overlaps(other) {
            return vec![self];
        }
        let before = other
            .starts_on
            .map(|starts| Self::new(self.starts_on, Some(starts)));
        let after = other
            .ends_before
            .map(|ends| Self::new(Some(ends), self.ends_before));
        [before, after].into_iter().flatten().flatten().collect()
    }
}

impl Since {
    /// Whether each of its days is in one of these.
    #[must_use]
    pub fn is_within(self, runs: &[Self]) -> bool {
        let left = runs.iter().fold(vec![self], |left, run| {
            let left = left.into_iter();
            left.flat_map(|days| days.without(*run)).collect()
        });
        left.is_empty()
    }
}

impl From<Period> for Since {
    fn from(period: Period) -> Self {
        Self {
            starts_on: Some(period.starts_on),
            ends_before: Some(period.ends_before),
        }
    }
}

impl TryFrom<SinceFields> for Since {
    type Error = Misread;

    fn try_from(given: SinceFields) -> Result<Self, Misread> {
        Self::new(given.starts_on, given.ends_before).map_err(misread)
    }
}

fn misread(error: ValueError) -> Misread {
    Misread::new(
        error,
        json!({ "starts_on": "2026-01-01", "ends_before": "2027-01-01" }),
    )
    .at("ends_before")
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;

    use super::super::testing::{dates, periods, sinces};
    use super::*;

    proptest! {
        #[test]
        fn what_is_printed_reads_back_the_same(period in periods(), since in sinces()) {
            let json = serde_json::to_value(period).unwrap();
            prop_assert_eq!(serde_json::from_value::<Period>(json).unwrap(), period);
            let json = serde_json::to_value(since).unwrap();
            prop_assert_eq!(serde_json::from_value::<Since>(json).unwrap(), since);
        }

        #[test]
        fn a_period_holds_its_first_day_and_not_the_day_it_ends_before(period in periods()) {
            prop_assert!(period.contains(period.starts_on()));
            prop_assert!(period.contains(period.ends_before().yesterday().unwrap()));
            prop_assert!(!period.contains(period.ends_before()));
            prop_assert!(!period.contains(period.starts_on().yesterday().unwrap()));
        }

        #[test]
        fn splitting_a_period_loses_no_day(period in periods(), day in dates()) {
            match period.split_at(day) {
                Some((before, after)) => {
                    prop_assert_eq!(before, Period::new(period.starts_on(), day).unwrap());
                    prop_assert_eq!(after, Period::new(day, period.ends_before()).unwrap());
                    prop_assert_eq!(before.days().checked_add(after.days()), Some(period.days()));
                    prop_assert!(!before.overlaps(after));
                }
                None => prop_assert!(!period.contains(day) || day == period.starts_on()),
            }
        }

        #[test]
        fn a_day_is_in_the_intersection_when_it_is_in_both(
            one in periods(), other in periods(), day in dates(),
        ) {
            let shared = one.intersection(other);

            prop_assert_eq!(shared, other.intersection(one));
            prop_assert_eq!(shared.is_some(), one.overlaps(other));
            prop_assert_eq!(
                shared.is_some_and(|days| days.contains(day)),
                one.contains(day) && other.contains(day)
            );
        }

        #[test]
        fn two_runs_overlap_when_some_day_is_in_both(one in sinces(), other in sinces()) {
            // Where they share a day, they share a first or a last one, or every day.
            let firsts = [one, other].into_iter().filter_map(|run| run.starts_on);
            let lasts = [one, other].into_iter().filter_map(|run| run.ends_before);
            let days = firsts.chain(lasts.filter_map(Date::yesterday)).chain(Date::new(2000, 1, 1));
            let shared = days.into_iter().any(|day| one.contains(day) && other.contains(day));

            prop_assert_eq!(one.overlaps(other), shared);
            prop_assert_eq!(other.overlaps(one), shared);
        }

        #[test]
        fn a_day_is_shared_by_two_runs_when_it_is_in_both(
            one in sinces(), other in sinces(), day in dates(),
        ) {
            let shared = one.intersection(other);

            prop_assert_eq!(shared, other.intersection(one));
            prop_assert_eq!(
                shared.is_some_and(|days| days.contains(day)),
                one.contains(day) && other.contains(day)
            );
        }

        #[test]
        fn a_hull_holds_the_days_of_both_and_no_other_when_they_meet(
            one in sinces(), other in sinces(), day in dates(),
        ) {
            let hull = one.hull(other);
            let in_either = one.contains(day) || other.contains(day);

            prop_assert!(hull.contains(day) || !in_either);
            prop_assert!(in_either || !hull.contains(day) || !one.overlaps(other));
        }

        #[test]
        fn what_is_left_of_a_run_without_another_is_what_that_one_does_not_hold(
            one in sinces(), other in sinces(), day in dates(),
        ) {
            let left = one.without(other);

            prop_assert_eq!(
                left.iter().filter(|run| run.contains(day)).count(),
                usize::from(one.contains(day) && !other.contains(day))
            );
        }

        #[test]
        fn a_period_seen_as_a_run_holds_the_same_days(
            one in periods(), other in periods(), day in dates(),
        ) {
            prop_assert_eq!(Since::from(one).contains(day), one.contains(day));
            prop_assert_eq!(Since::from(one).overlaps(other.into()), one.overlaps(other));
        }
    }

    #[test]
    fn an_unknown_start_holds_on_any_day_before_the_end() {
        let since: Since = serde_json::from_str(r#"{"ends_before": "2020-01-01"}"#).unwrap();
        let always = Since::new(None, None).unwrap();

        assert!(since.contains(Date::new(1000, 1, 1).unwrap()));
        assert!(!since.contains(Date::new(2020, 1, 1).unwrap()));
        assert!(always.overlaps(since));
        assert_eq!(
            serde_json::to_string(&since).unwrap(),
            r#"{"starts_on":null,"ends_before":"2020-01-01"}"#
        );
    }

    #[test]
    fn a_civil_year_has_as_many_days_as_the_calendar_says() {
        let days = |year| Period::year(year).map(Period::days);

        assert_eq!((days(2024), days(2026)), (Ok(366), Ok(365)));
        for year in [i16::MIN, 999, 9999, i16::MAX] {
            assert_eq!(
                days(year),
                Err(ValueError::OutOfRange {
                    min: 1000,
                    max: 9998
                })
            );
        }
    }

    #[test]
    fn a_run_without_a_day_is_misread_and_its_example_is_valid() {
        let empty = r#"{"starts_on": "2026-01-01", "ends_before": "2026-01-01"}"#;
        let period = serde_json::from_str::<Period>(empty)
            .unwrap_err()
            .to_string();
        let since = serde_json::from_str::<Since>(empty)
            .unwrap_err()
            .to_string();

        for message in [period, since] {
            let found = Misread::find_in(&message).unwrap();
            assert_eq!(
                (found.error, found.at.as_str()),
                (ValueError::EmptyPeriod, "/ends_before")
            );
            assert!(serde_json::from_value::<Period>(found.example.clone()).is_ok());
            assert!(serde_json::from_value::<Since>(found.example).is_ok());
        }
    }

    #[test]
    fn a_member_that_a_period_does_not_know_is_refused() {
        let text = r#"{"starts_on": "2026-01-01", "ends_before": "2027-01-01", "ends_on": null}"#;

        let error = serde_json::from_str::<Period>(text)
            .unwrap_err()
            .to_string();

        assert!(error.starts_with("unknown field `ends_on`"), "{error}");
    }
}
