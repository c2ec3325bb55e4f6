//! The program, as the system starts it.

use std::process::ExitCode;

use clap::Parser;

use crate::commands;
use crate::settings::Cli;

/// Does what the command line says: 0 done, 1 refused or failed with the reason on stderr, 2 wrong
/// usage.
#[must_use]
pub fn main() -> ExitCode {
    match commands::run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("maillage: {reason}");
            let usage = reason.is::<persistence::BadLocation>();
            ExitCode::from(if usage { 2 } else { 1 })
        }
    }
}
