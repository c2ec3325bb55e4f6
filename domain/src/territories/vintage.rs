//! A reference list as it stood on one day.

use std::collections::BTreeMap;

use super::{Between, EpciForm, Territory, TerritoryCode, TerritoryKind, Turn};
use crate::values::{Date, Label, Misread, Postcode, Siren};

/// What tells a territory of the reference lists from every other that exists on the same day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// What it is: the same code means another territory in another kind.
    pub kind: TerritoryKind,
    /// The year of the list the code belongs to, where each list gives its own codes.
    pub list: Option<i16>,
    /// Its official code.
    pub code: TerritoryCode,
}

impl Key {
    /// The key of a kind whose codes go through every vintage.
    #[must_use]
    pub fn new(kind: TerritoryKind, code: TerritoryCode) -> Self {
        let list = None;
        Self { kind, list, code }
    }

    /// The key of a territory as recorded; nothing for a drawn one.
    #[must_use]
    pub fn of(territory: &Territory) -> Option<Self> {
        Some(Self {
            kind: territory.kind,
            list: territory.vintage,
            code: territory.code.clone()?,
        })
    }

    /// The key with the same code in another kind.
    #[must_use]
    pub fn as_a(&self, kind: TerritoryKind) -> Self {
        Self::new(kind, self.code.clone())
    }
}

/// One territory as a list gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which.
    pub key: Key,
    /// Its name.
    pub name: Label,
    /// The legal form of an EPCI.
    pub form: Option<EpciForm>,
    /// The SIREN of the authority that governs it.
    pub siren: Option<Siren>,
    /// The postcodes of a commune.
    pub postcodes: Vec<Postcode>,
    /// The inhabitants of a commune.
    pub population: Option<u32>,
    /// The larger territories that it is part of.
    pub wholes: Vec<Key>,
    /// The codes of the communes that became this one.
    pub former_codes: Vec<TerritoryCode>,
    /// Its first day, when the list itself says it.
    pub starts_on: Option<Date>,
    /// The first day on which it no longer exists, when that follows from the list.
    pub ends_before: Option<Date>,
}

/// The days of the changes since the vintage before, as far as somebody knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeDays {
    /// The day of every change that has no day of its own here.
    pub all: Option<Date>,
    /// The day of what happened to the communes of these codes, and to those that became part of
    /// them.
    pub by_code: BTreeMap<TerritoryCode, Date>,
}

/// Reference lists as they stood on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vintage {
    /// That day.
    pub attested_on: Date,
    /// Where the lists come from.
    pub source: Label,
    /// The days of the changes, as far as they are known.
    pub days: ChangeDays,
    /// The territories.
    pub entries: Vec<Entry>,
    /// Which commune is a member of which EPCI: all members of each EPCI that is listed.
    pub members: Vec<(Key, Key)>,
}

impl Vintage {
    /// When something changed that was otherwise until `after`; nothing when no time passed.
    ///
    /// Refused when the day that was given for it lies outside.
    pub(super) fn turn<'a>(
        &self,
        codes: impl IntoIterator<Item = &'a TerritoryCode>,
        after: Date,
    ) -> Result<Option<Turn>, VintageRefusal> {
        let at_latest = self.attested_on;
        if after >= at_latest {
            return Ok(None);
        }
        let mut codes = codes.into_iter();
        let of_code = codes.find_map(|code| self.days.by_code.get(code));
        let between = Between { after, at_latest };
        match of_code.or(self.days.all.as_ref()) {
            Some(day) if after < *day && *day <= at_latest => Ok(Some(Turn::On(*day))),
            Some(day) => Err(VintageRefusal::DayOutside { day: *day, between }),
            None if after.tomorrow() == Some(at_latest) => Ok(Some(Turn::On(at_latest))),
            None => Ok(Some(Turn::Between(between))),
        }
    }
}

/// Why a vintage cannot be compared with what is recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VintageRefusal {
    /// A later one is recorded already: what came after it cannot be told from an earlier list.
    #[error(
        "{} {} is attested on {recorded}, after {given}: load the older vintage first",
        key.kind,
        key.code
    )]
    Older {
        /// A territory that is attested later.
        key: Key,
        /// The day for which it is attested.
        recorded: Date,
        /// The day of the list.
        given: Date,
    },
    /// The list gives one territory twice.
    #[error("{} {} stands twice", key.kind, key.code)]
    Twice {
        /// Which.
        key: Key,
    },
    /// The list names a territory that neither it nor the base holds.
    #[error("{} {} names {} {}, which is not known", key.kind, key.code, missing.kind, missing.code)]
    Unknown {
        /// Which names it.
        key: Key,
        /// What it names.
        missing: Key,
    },
    /// The day that is given for a change does not lie between the two vintages.
    #[error("{day} is not after {} and at the latest {}", between.after, between.at_latest)]
    DayOutside {
        /// The day.
        day: Date,
        /// Where it should lie.
        between: Between,
    },
    /// A day is given for the code of a commune that neither the list nor the base holds.
    #[error("a day of change is given for commune {code}, which is not known")]
    DayOfNobody {
        /// The code.
        code: TerritoryCode,
    },
    /// The names of one territory would not follow one another.
    #[error("{} {}: {misread}", key.kind, key.code)]
    Names {
        /// Which.
        key: Key,
        /// What is wrong with them.
        misread: Misread,
    },
}
