//! What holds of every objective.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::records::Known;
use crate::relations::{Around, Peer, Refusal, Stated};

fn said(more: &Value) -> ObjectiveFields {
    let mut fields = json!({
        "owner": { "type": "network", "id": Uuid::from_u128(1) }, "level": "operational",
        "title": "Former les relais", "status": "planned",
    });
    let more = more.as_object().unwrap().clone();
    fields.as_object_mut().unwrap().extend(more);
    serde_json::from_value(fields).unwrap()
}

/// Where the owner is there, with this objective of this owner and level.
fn around(fields: &ObjectiveFields, (id, owner, level): (u128, u128, &str)) -> Around {
    let existing = fields.named().into_iter().map(|(_, one)| one);
    let peer = Peer {
        owner: Some(Uuid::from_u128(owner)),
        kind: Some(level.to_owned()),
    };
    Around {
        known: Known {
            existing: existing.collect(),
            ..Known::default()
        },
        peers: BTreeMap::from([(Uuid::from_u128(id), peer)]),
        ..Around::default()
    }
}

fn recorded(more: &Value, peer: (u128, u128, &str)) -> Result<Objective, Refusal> {
    let fields = said(more);
    let around = around(&fields, peer);
    Objective::create(ObjectiveId::new(Uuid::from_u128(9)), fields, &around)
}

fn faults(of: Result<Objective, Refusal>) -> Vec<(String, &'static str)> {
    let Err(Refusal::Values(faults)) = of else {
        return Vec::new();
    };
    let told = faults.iter();
    told.map(|fault| (fault.pointer.to_string(), fault.error.code()))
        .collect()
}

#[test]
fn an_operational_objective_serves_a_general_one_of_the_same_owner() {
    let under = json!({ "under": Uuid::from_u128(5) });
    let told = |code| vec![("/under".to_owned(), code)];

    assert!(recorded(&under, (5, 1, "general")).is_ok());
    assert_eq!(
        faults(recorded(&under, (5, 1, "operational"))),
        told("contradicts")
    );
    assert_eq!(
        faults(recorded(&under, (5, 2, "general"))),
        told("unknown_reference")
    );
    assert_eq!(
        faults(recorded(&under, (6, 1, "general"))),
        told("unknown_reference")
    );
    let general = json!({ "under": Uuid::from_u128(5), "level": "general" });
    assert_eq!(
        faults(recorded(&general, (5, 1, "general"))),
        told("contradicts")
    );
}

#[test]
fn whose_an_objective_is_and_its_level_are_said_once_and_for_all() {
    let objective = recorded(&json!({}), (5, 1, "general")).unwrap();
    let change = |more: Value| {
        let fields = said(&more);
        let around = around(&fields, (5, 1, "general"));
        faults(objective.clone().change(fields, &around))
    };

    assert_eq!(change(json!({ "status": "running" })), []);
    assert_eq!(
        change(json!({ "level": "general" })),
        [("/level".to_owned(), "fixed")]
    );
    let other = json!({ "owner": { "type": "network", "id": Uuid::from_u128(2) } });
    assert_eq!(change(other), [("/owner".to_owned(), "fixed")]);
}

#[test]
fn an_objective_is_proposed_until_its_owner_s_own_body_adopts_it() {
    let objective = recorded(&json!({}), (5, 1, "general")).unwrap();

    assert_eq!(objective.fields.validity, Validity::Proposed);
    let adopted = json!({ "validity": "adopted" });
    let mut fields = serde_json::to_value(&objective.fields).unwrap();
    fields
        .as_object_mut()
        .unwrap()
        .extend(adopted.as_object().unwrap().clone());
    assert!(serde_json::from_value::<ObjectiveFields>(fields).is_err());
}
