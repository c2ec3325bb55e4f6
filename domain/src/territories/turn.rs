//! The day of a change, known or not.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::values::Date;

/// The days between which something changed, when no source says on which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize, ToSchema)]
pub struct Between {
    /// The last day on which what was before is attested.
    pub after: Date,
    /// The first day on which what came after is attested.
    pub at_latest: Date,
}

/// When something changed: from which day on it is otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Turn {
    /// From this day on.
    On(Date),
    /// From some day between these on.
    Between(Between),
}

impl Turn {
    /// The one that is given, of a day and two days between which it lies.
    #[must_use]
    pub fn of(on: Option<Date>, between: Option<Between>) -> Option<Self> {
        on.map(Self::On).or(between.map(Self::Between))
    }

    /// The day, when it is known.
    #[must_use]
    pub fn on(self) -> Option<Date> {
        match self {
            Self::On(day) => Some(day),
            Self::Between(_) => None,
        }
    }

    /// The days between which it lies, when it is not known.
    #[must_use]
    pub fn between(self) -> Option<Between> {
        match self {
            Self::On(_) => None,
            Self::Between(between) => Some(between),
        }
    }

    /// The first day on which the change may have taken effect.
    #[must_use]
    pub fn earliest(self) -> Date {
        match self {
            Self::On(day) => day,
            Self::Between(between) => between.after.tomorrow().unwrap_or(Date::MAX),
        }
    }

    /// The first day on which it surely had.
    #[must_use]
    pub fn surely_by(self) -> Date {
        match self {
            Self::On(day) => day,
            Self::Between(between) => between.at_latest,
        }
    }

    /// Whether it had taken effect on `day`; nothing when that is not known.
    #[must_use]
    pub fn had_come(self, day: Date) -> Option<bool> {
        if day >= self.surely_by() {
            Some(true)
        } else if day < self.earliest() {
            Some(false)
        } else {
            None
        }
    }

    /// The days on which the answer of [`Self::had_come`] changes.
    pub fn turning_days(self) -> impl Iterator<Item = Date> + Clone {
        [self.earliest(), self.surely_by()].into_iter()
    }
}
