//! The files of the demonstration, in which records name one another by keys: `@reseda`, `@commune:30007`.

use std::collections::HashMap;

use domain::access::{Action, Actor, Permit, Target};
use domain::bearers::BearerFields;
use domain::facilitations::FacilitationFields;
use domain::lineage::{LineageEventId, LineageFields};
use domain::memberships::MembershipFields;
use domain::networks::{Network, NetworkFields, NetworkId};
use domain::organisations::{Organisation, OrganisationFields, OrganisationId};
use domain::poolings::PoolingFields;
use domain::records::Resource;
use domain::relations::{Relation, Stated};
use domain::values::Id;
use persistence::{Tx, organisations, records, relations};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Filled, NotFilled};
use crate::lineage;

/// Which record each key names.
pub(super) type Keys = HashMap<String, Uuid>;

/// One record of the demonstration.
#[derive(Clone, Debug, Deserialize)]
struct Entry {
    /// By which name the others call it, if they do.
    key: Option<String>,
    /// Which source states it.
    source: String,
    /// The rest, as a caller would say it, but for keys where there are ids.
    #[serde(flatten)]
    fields: Map<String, Value>,
}

/// What ties the records to one another.
#[derive(Clone, Debug, Deserialize)]
struct Relations {
    memberships: Vec<Entry>,
    bearers: Vec<Entry>,
    facilitations: Vec<Entry>,
    poolings: Vec<Entry>,
}

/// What the files hold, in the order in which it is recorded.
#[derive(Clone, Debug)]
pub(super) struct Files {
    organisations: Vec<Entry>,
    networks: Vec<Entry>,
    relations: Relations,
    lineage: Vec<Entry>,
}

impl Files {
    /// The files of this program.
    pub(super) fn read() -> Result<Self, NotFilled> {
        Ok(Self {
            organisations: read(
                "organisations.json",
                include_str!("../../data/demo/organisations.json"),
            )?,
            networks: read(
                "networks.json",
                include_str!("../../data/demo/networks.json"),
            )?,
            relations: read(
                "relations.json",
                include_str!("../../data/demo/relations.json"),
            )?,
            lineage: read("lineage.json", include_str!("../../data/demo/lineage.json"))?,
        })
    }

    /// How many records they hold.
    pub(super) fn len(&self) -> usize {
        let things = self.organisations.len().saturating_add(self.networks.len());
        let told = self.relations.len().saturating_add(self.lineage.len());
        things.saturating_add(told)
    }

    /// Records all of it.
    pub(super) fn record(
        &self,
        tx: &mut Tx,
        keys: &mut Keys,
        mut step: impl FnMut(),
    ) -> Result<Filled, NotFilled> {
        for entry in &self.organisations {
            let id = organisation(tx, entry, keys)?;
            entry.call(id.uuid(), keys);
            step();
        }
        for entry in &self.networks {
            let id = network(tx, entry, keys)?;
            entry.call(id.uuid(), keys);
            step();
        }
        let relations = &self.relations;
        relate::<MembershipFields>(tx, &relations.memberships, keys, &mut step)?;
        relate::<BearerFields>(tx, &relations.bearers, keys, &mut step)?;
        relate::<FacilitationFields>(tx, &relations.facilitations, keys, &mut step)?;
        relate::<PoolingFields>(tx, &relations.poolings, keys, &mut step)?;
        for entry in &self.lineage {
            become_others(tx, entry, keys)?;
            step();
        }
        Ok(Filled {
            organisations: self.organisations.len(),
            networks: self.networks.len(),
            relations: relations.len(),
            lineage: self.lineage.len(),
            ..Filled::default()
        })
    }
}

impl Relations {
    fn len(&self) -> usize {
        [
            &self.memberships,
            &self.bearers,
            &self.facilitations,
            &self.poolings,
        ]
        .iter()
        .map(|entries| entries.len())
        .sum()
    }
}

fn read<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, NotFilled> {
    serde_json::from_str(text)
        .map_err(|error| NotFilled::Unreadable(name.to_owned(), error.to_string()))
}

fn may(action: Action) -> Result<Permit, NotFilled> {
    Ok(Actor::operator().authorise(action, Target::Everything)?)
}

fn organisation(tx: &mut Tx, entry: &Entry, keys: &Keys) -> Result<OrganisationId, NotFilled> {
    let id = OrganisationId::new(Uuid::now_v7());
    let fields: OrganisationFields = entry.fields(keys)?;
    let permit = may(Action::CreateOrganisation)?;
    let wholes = organisations::wholes(tx, &permit, None, fields.wholes())?;
    let organisation = Organisation::create(id, fields, &wholes);
    let organisation = organisation.map_err(|refusal| entry.refused(&refusal))?;
    organisations::insert(tx, &permit, &organisation)?;
    Ok(id)
}

fn network(tx: &mut Tx, entry: &Entry, keys: &Keys) -> Result<NetworkId, NotFilled> {
    let id = NetworkId::new(Uuid::now_v7());
    let fields: NetworkFields = entry.fields(keys)?;
    let permit = may(Action::CreateNetwork)?;
    let known = records::known(tx, &permit, fields.named())?;
    let network = Network::create(id, fields, &known);
    let network = network.map_err(|refusal| entry.refused(&refusal))?;
    records::insert(tx, &permit, &network)?;
    Ok(id)
}

fn relate<F: Stated>(
    tx: &mut Tx,
    entries: &[Entry],
    keys: &Keys,
    mut step: impl FnMut(),
) -> Result<(), NotFilled>
where
    Relation<F>: Resource,
{
    let permit = may(F::ACTS.create)?;
    for entry in entries {
        let fields: F = entry.fields(keys)?;
        let around = relations::around(tx, &permit, &fields)?;
        let relation = Relation::create(Id::new(Uuid::now_v7()), fields, &around);
        let relation = relation.map_err(|refusal| entry.refused(&refusal))?;
        records::insert(tx, &permit, &relation)?;
        step();
    }
    Ok(())
}

/// Records an event with all that it carries: what it ties together is recorded before.
fn become_others(tx: &mut Tx, entry: &Entry, keys: &Keys) -> Result<(), NotFilled> {
    let id = LineageEventId::new(Uuid::now_v7());
    let fields: LineageFields = entry.fields(keys)?;
    let permit = may(Action::RecordLineage)?;
    let recorded = lineage::record(tx, &permit, id, &fields, &mut Uuid::now_v7);
    recorded.map_err(|problem| entry.refused(&problem))?;
    Ok(())
}

impl Entry {
    /// Lets the others call this record by its key.
    fn call(&self, id: Uuid, keys: &mut Keys) {
        keys.extend(self.key.iter().map(|key| (key.clone(), id)));
    }

    /// What the file says, as a caller would.
    fn fields<T: DeserializeOwned>(&self, keys: &Keys) -> Result<T, NotFilled> {
        let mut fields = Value::Object(self.fields.clone());
        resolve(&mut fields, keys).map_err(|why| self.unreadable(why))?;
        serde_json::from_value(fields).map_err(|error| self.unreadable(error.to_string()))
    }

    /// What a reader of the message knows it by.
    fn name(&self) -> String {
        let key = self.key.clone();
        key.unwrap_or_else(|| format!("{} ({})", Value::from(self.fields.clone()), self.source))
    }

    fn refused(&self, why: &dyn std::fmt::Debug) -> NotFilled {
        NotFilled::Refused(self.name(), format!("{why:?}"))
    }

    fn unreadable(&self, why: String) -> NotFilled {
        NotFilled::Unreadable(self.name(), why)
    }
}

/// Puts the id of the record in the place of each key. Says which key names nothing.
fn resolve(value: &mut Value, keys: &Keys) -> Result<(), String> {
    match value {
        Value::String(text) => {
            if let Some(key) = text.strip_prefix('@') {
                let id = keys.get(key).ok_or_else(|| format!("no such key: {key}"))?;
                *text = id.to_string();
            }
            Ok(())
        }
        Value::Array(items) => items.iter_mut().try_for_each(|item| resolve(item, keys)),
        Value::Object(members) => members
            .values_mut()
            .try_for_each(|member| resolve(member, keys)),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}
