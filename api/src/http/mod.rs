//! HTTP, apart from what any one room says.
//!
//! - [`reading`]: a JSON body into a value, with every bad value of it in one answer.
//! - [`body`], [`query`]: the extractors over it.
//! - [`asked`]: who asks, and under which conditions.
//! - [`answer`]: a stored record into an answer.
//! - [`list`], [`records`]: what every list, and every record and its history, take and give.
//! - [`format`], [`table`], [`stream`]: which format is preferred, CSV, and answers of any length.
//! - [`cursor`]: places in lists and in the feed, as opaque text.
//! - [`guard`]: what is true of every request and every answer.

pub mod answer;
pub mod asked;
pub mod body;
pub mod cursor;
pub mod format;
pub mod guard;
pub mod list;
pub mod query;
pub mod reading;
pub mod records;
pub mod source;
pub mod stream;
pub mod table;
