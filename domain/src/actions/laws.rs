//! What holds of every action.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::access::Sway;
use crate::records::{Known, Resource, TieKind};
use crate::relations::{Around, Peer, Refusal, Stated};

fn said(more: &Value) -> ActionFields {
    let mut fields = json!({
        "owner": { "type": "network", "id": Uuid::from_u128(1) }, "title": "Forum santé", "status": "planned",
    });
    let more = more.as_object().unwrap().clone();
    fields.as_object_mut().unwrap().extend(more);
    serde_json::from_value(fields).unwrap()
}

/// Where all that it names is there, and this objective is this owner's.
fn recorded(more: &Value, objective: (u128, u128)) -> Result<PlannedAction, Refusal> {
    let fields = said(more);
    let existing = fields.named().into_iter().map(|(_, one)| one);
    let peer = Peer {
        owner: Some(Uuid::from_u128(objective.1)),
        kind: None,
    };
    let around = Around {
        known: Known {
            existing: existing.collect(),
            ..Known::default()
        },
        peers: BTreeMap::from([(Uuid::from_u128(objective.0), peer)]),
        ..Around::default()
    };
    PlannedAction::create(PlannedActionId::new(Uuid::from_u128(9)), fields, &around)
}

#[test]
fn an_action_serves_objectives_of_its_own_owner() {
    let serves = json!({ "objectives": [Uuid::from_u128(5)] });

    assert!(recorded(&serves, (5, 1)).is_ok());
    let Err(Refusal::Values(faults)) = recorded(&serves, (5, 2)) else {
        panic!("it serves another's objective")
    };
    let pointers: Vec<String> = faults
        .iter()
        .map(|fault| fault.pointer.to_string())
        .collect();
    assert_eq!(pointers, ["/objectives/0"]);
}

#[test]
fn what_an_action_is_about_is_said_once_each() {
    let twice = json!({ "themes": ["cancer", "cancer"], "determinants": ["work", "work"] });

    let Err(Refusal::Values(faults)) = recorded(&twice, (5, 1)) else {
        panic!("it says the same twice")
    };
    let pointers: Vec<String> = faults
        .iter()
        .map(|fault| fault.pointer.to_string())
        .collect();
    assert_eq!(pointers, ["/themes/1", "/determinants/1"]);
}

#[test]
fn the_owner_keeps_an_action_and_its_partners_see_it() {
    let partners = json!({ "partners": [{ "organisation": Uuid::from_u128(3), "role": "pilot" }] });

    let ties = recorded(&partners, (5, 1)).unwrap().ties();

    let told: Vec<_> = ties
        .iter()
        .map(|tie| (tie.kind, tie.target.id, tie.sway))
        .collect();
    assert_eq!(
        told,
        [
            (TieKind::OwnedBy, Uuid::from_u128(1), Some(Sway::Full)),
            (TieKind::Partner, Uuid::from_u128(3), Some(Sway::Sight)),
        ]
    );
}
