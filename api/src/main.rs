//! The program: `maillage serve | migrate | demo | client | account | import | export | check | backup | maintain | openapi`.

use std::process::ExitCode;

/// A page is many small strings, made by one thread and given up by another.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    api::main()
}
