//! The program: `maillage serve | migrate | demo | client | account | import | export | openapi`.

use std::process::ExitCode;

fn main() -> ExitCode {
    api::main()
}
