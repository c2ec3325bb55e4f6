//! Dates as spreadsheets write them.

use super::CellError;
use crate::values::{Date, PartialDate};

/// A day: `2024-01-05`, or as French spreadsheets show it, `05/01/2024`.
pub(crate) fn day(text: &str) -> Result<Date, CellError> {
    let (year, month, day) = match parts(text)?.as_slice() {
        [year, month, day] => (*year, *month, *day),
        _ => return Err(CellError::UnreadableDate),
    };
    match (i8::try_from(month), i8::try_from(day)) {
        (Ok(month), Ok(day)) => Date::new(year, month, day).or(Err(CellError::ImpossibleDate)),
        _ => Err(CellError::ImpossibleDate),
    }
}

/// A day, a month or a year: `2024-01-05`, `05/01/2024`, `2024-01`, `01/2024`, `2024`.
pub(crate) fn partial(text: &str) -> Result<PartialDate, CellError> {
    match parts(text)?.as_slice() {
        [year] => PartialDate::in_year(*year).or(Err(CellError::ImpossibleDate)),
        [year, month] => match i8::try_from(*month) {
            Ok(month) => PartialDate::in_month(*year, month).or(Err(CellError::ImpossibleDate)),
            Err(_) => Err(CellError::ImpossibleDate),
        },
        _ => day(text).map(PartialDate::from),
    }
}

/// Year, month and day as numbers, as far as they are written.
fn parts(text: &str) -> Result<Vec<i16>, CellError> {
    let text = text.trim();
    let french = text.contains('/');
    let parts: Vec<&str> = text.split(if french { '/' } else { '-' }).collect();
    let widths = |part: &&str| part.len();
    let widths: Vec<usize> = parts.iter().map(widths).collect();
    let fits = matches!(
        (french, widths.as_slice()),
        (false, [4] | [4, 2] | [4, 2, 2]) | (true, [1..=2, 4] | [1..=2, 1..=2, 4])
    );
    let number = |part: &&str| {
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        if digits { part.parse().ok() } else { None }
    };
    let numbers: Option<Vec<i16>> = parts.iter().map(number).collect();
    match numbers {
        Some(mut numbers) if fits => {
            if french {
                numbers.reverse();
            }
            Ok(numbers)
        }
        _ => Err(CellError::UnreadableDate),
    }
}
