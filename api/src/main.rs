//! The program: `maillage serve | migrate | demo | client | account | import | export | check | backup | maintain | openapi`.

use std::process::ExitCode;

fn main() -> ExitCode {
    api::main()
}
