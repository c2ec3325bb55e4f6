//! What the field decides, and nothing else.
//!
//! Every rule of local health coordination lives here as a pure function over values: no clock,
//! no randomness, no files, no network, no database, no language. Ids and dates come in as
//! arguments; decisions and refusals with their facts go out.
//!
//! - [`values`]: the words every room shares: identifiers, money, working time, days and periods.
//! - [`records`]: what every record has in common: a type, an id, a version, an answer for each day.
//! - [`nomenclatures`]: others' code systems, as far as we hold them.
//! - [`access`]: who may do what, as one table, and the [`access::Permit`] that every write needs.
//! - [`imports`]: why a row of a file is not taken, and which record it tells of.
//! - [`organisations`]: associations, hospitals, local authorities… their dated names,
//!   identifiers and places, and how they are parts of one another.
//! - [`networks`]: réseaux de santé, dispositifs, working groups and projects, and their lives.
//! - [`people`]: people at work, and who they are kept apart so that it can be erased.
//! - [`relations`]: what ties records to one another for some time; [`memberships`] of networks and
//!   organisations, [`bearers`] of networks, their [`facilitations`], [`objectives`] and [`actions`];
//!   [`poolings`] of several of them, [`founding_texts`] of a réseau de santé.
//! - [`lineage`]: mergers, splits and successions of networks and of organisations.
//! - [`concerns`]: what work on health is about.
//! - [`territories`]: communes, EPCI, départements and régions, and who holds whom at a date.
#![deny(clippy::arithmetic_side_effects, clippy::float_arithmetic)]

pub mod access;
pub mod actions;
pub mod bearers;
pub mod concerns;
pub mod directory;
pub mod facilitations;
pub mod founding_texts;
pub mod imports;
pub mod lineage;
pub mod memberships;
pub mod mesh;
pub mod networks;
pub mod nomenclatures;
pub mod objectives;
pub mod organisations;
pub mod people;
pub mod poolings;
pub mod records;
pub mod relations;
pub mod territories;
pub mod values;
