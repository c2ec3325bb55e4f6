//! Records from files: the same work for the command and for `POST /v1/imports`.

pub mod table;
