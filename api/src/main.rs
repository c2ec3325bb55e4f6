//! The program: `maillage serve | migrate | demo | client | import | export | openapi`.

mod commands;
mod manage;

use std::process::ExitCode;

use clap::Parser;

/// 0 done, 1 refused or failed with the reason on stderr, 2 wrong usage.
fn main() -> ExitCode {
    match commands::run(api::settings::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("maillage: {reason}");
            let usage = reason.is::<persistence::BadLocation>();
            ExitCode::from(if usage { 2 } else { 1 })
        }
    }
}
