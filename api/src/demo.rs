//! The demonstration: the Alès basin as public sources describe it.

use domain::values::Date;
use persistence::{Database, Fault};

/// What the demonstration recorded.
pub struct Filled {
    /// Territories.
    pub territories: usize,
    /// Organisations.
    pub organisations: usize,
}

/// Fills.
pub async fn fill(
    _database: &Database,
    _if_empty: bool,
    _progress: bool,
) -> Result<Option<Filled>, Fault> {
    Ok(None)
}

/// The day it is in France.
pub fn today() -> Result<Date, jiff::Error> {
    let day = jiff::Timestamp::now().in_tz("Europe/Paris")?.date();
    Ok(Date::try_from(day).unwrap_or(Date::MAX))
}
