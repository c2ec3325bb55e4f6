//! The two lists of priority districts of the city policy, and how they write their codes.

use super::TerritoryCode;
use crate::values::{Date, ValueError};

/// A list of priority districts. The second replaced the first and gave every code anew, so that a
/// code belongs to its list: the key is the pair.
///
/// Source: décret n° 2023-1314, which puts the list of 2024 in force on 1 January 2024 in mainland
/// France; docs/glossary.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QpvList {
    /// The list of 2015.
    Of2015,
    /// The list of 2024.
    Of2024,
}

impl QpvList {
    /// The list of a year; nothing for a year without one.
    #[must_use]
    pub fn of(year: i16) -> Option<Self> {
        match year {
            2015 => Some(Self::Of2015),
            2024 => Some(Self::Of2024),
            _ => None,
        }
    }

    /// The first day on which a district of this list exists; nothing where it is not known.
    #[must_use]
    pub fn starts_on(self, code: &TerritoryCode) -> Option<Date> {
        match self {
            Self::Of2024 if !is_overseas(code) => change_of_lists(),
            _ => None,
        }
    }

    /// The first day on which a district of this list no longer exists; nothing while it does.
    ///
    /// Reading: the décret of 2023 is about mainland France, so that nothing is said of the end of
    /// the list of 2015 overseas.
    #[must_use]
    pub fn ends_before(self, code: &TerritoryCode) -> Option<Date> {
        match self {
            Self::Of2015 if !is_overseas(code) => change_of_lists(),
            _ => None,
        }
    }
}

fn change_of_lists() -> Option<Date> {
    Date::new(2024, 1, 1).ok()
}

fn is_overseas(code: &TerritoryCode) -> bool {
    code.as_str().get(2..4) == Some("97")
}

/// The code of a district in its list: `QP` and six characters in 2015, the département's three
/// first; in 2024 `QN`, the same three, two digits and a letter.
///
/// Reading: the département is written with three characters, `02A` and `02B` in Corsica.
pub fn qpv_code(list: QpvList, given: &str) -> Result<TerritoryCode, ValueError> {
    let expected = match list {
        QpvList::Of2015 => "QP999999",
        QpvList::Of2024 => "QN99999A",
    };
    let refused = || ValueError::Format {
        expected: expected.to_owned(),
    };
    let code = TerritoryCode::parse(given).or(Err(refused()))?;
    let (prefix, rest) = code.as_str().split_at_checked(2).ok_or_else(refused)?;
    let (departement, number) = rest.split_at_checked(3).ok_or_else(refused)?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let in_departement = digits(departement) || matches!(departement, "02A" | "02B");
    let fits = in_departement
        && match (list, number.split_at_checked(2)) {
            (QpvList::Of2015, Some(_)) => prefix == "QP" && number.len() == 3 && digits(number),
            (QpvList::Of2024, Some((order, letter))) => {
                let letter = letter.len() == 1 && letter.bytes().all(|b| b.is_ascii_uppercase());
                prefix == "QN" && digits(order) && letter
            }
            (_, None) => false,
        };
    if fits { Ok(code) } else { Err(refused()) }
}
