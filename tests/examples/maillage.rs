//! The program, for stories that start it as a process of its own: built beside the tests, from the
//! very crates that these were built from.

use std::process::ExitCode;

fn main() -> ExitCode {
    api::main()
}
