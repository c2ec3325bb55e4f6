//! Imports of records from files: the jobs, what they report, and which record each key of a
//! source stands for.

mod candidates;
mod jobs;
mod presence;
mod report;
mod ties;

pub use candidates::{bearers, bearing_name, borne_marks, communes, look_again};
pub use jobs::{
    Counts, Filter, Job, Progress, abandoned, by_key, change, exclusive, find, insert, list,
    running,
};
pub use presence::Presence;
pub use report::{Line, forget, keep_lines, lines};
pub use ties::{Tie, keep_ties, tied_to, ties};
