//! Stories over HTTP, on both engines.
