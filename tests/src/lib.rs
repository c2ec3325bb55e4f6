//! Stories over HTTP: a real server, a real base, a fixed clock, on both engines.
//!
//! `story` is the harness; each other file tells of one room. Everything is one binary, so that
//! what the stories exercised can be told at the end (`whole`).

#[cfg(test)]
mod story;

#[cfg(test)]
mod access;
#[cfg(test)]
mod accounts;
#[cfg(test)]
mod actions;
#[cfg(test)]
mod activities;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod bearers;
#[cfg(test)]
mod bodies;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod chaos;
#[cfg(test)]
mod checking;
#[cfg(test)]
mod clients;
#[cfg(test)]
mod code_lists;
#[cfg(test)]
mod dated_facts;
#[cfg(test)]
mod dated_lineage;
#[cfg(test)]
mod demonstration;
#[cfg(test)]
mod directory;
#[cfg(test)]
mod drawn;
#[cfg(test)]
mod duplicates;
#[cfg(test)]
mod erasures;
#[cfg(test)]
mod expertise;
#[cfg(test)]
mod exports;
#[cfg(test)]
mod facilitations;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod federation;
#[cfg(test)]
mod feeds;
#[cfg(test)]
mod folds;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod founding_texts;
#[cfg(test)]
mod generated;
#[cfg(test)]
mod grants;
#[cfg(test)]
mod imports;
#[cfg(test)]
mod issuer;
#[cfg(test)]
mod leaks;
#[cfg(test)]
mod lineage;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod memberships;
#[cfg(test)]
mod mesh;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod moments;
#[cfg(test)]
mod networks;
#[cfg(test)]
mod objectives;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod organisations;
#[cfg(test)]
mod parts;
#[cfg(test)]
mod people;
#[cfg(test)]
mod permissions;
#[cfg(test)]
mod poolings;
#[cfg(test)]
mod programs;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod retries;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod rooms;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod territories;
#[cfg(test)]
mod vintages;
#[cfg(test)]
mod whole;
