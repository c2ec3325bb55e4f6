//! What holds of every pooling.

use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::access::Sway;
use crate::records::{Known, Resource, TieKind};
use crate::relations::{Around, Refusal, Stated};

fn network(number: u128) -> Value {
    json!({ "type": "network", "id": Uuid::from_u128(number) })
}

fn recorded(more: &Value) -> Result<Pooling, Refusal> {
    let mut fields = json!({
        "kept_by": network(1), "form": "maison_des_reseaux", "title": "Maison des réseaux",
        "participants": [network(1), network(2)],
    });
    let more = more.as_object().unwrap().clone();
    fields.as_object_mut().unwrap().extend(more);
    let fields: PoolingFields = serde_json::from_value(fields).unwrap();
    let existing = fields.named().into_iter().map(|(_, one)| one);
    let around = Around {
        known: Known {
            existing: existing.collect(),
            ..Known::default()
        },
        ..Around::default()
    };
    Pooling::create(PoolingId::new(Uuid::from_u128(9)), fields, &around)
}

fn faults(more: &Value) -> Vec<(String, &'static str)> {
    let Err(Refusal::Values(faults)) = recorded(more) else {
        return Vec::new();
    };
    let told = faults.iter();
    told.map(|fault| (fault.pointer.to_string(), fault.error.code()))
        .collect()
}

#[test]
fn two_at_least_pool_and_each_is_named_once() {
    assert!(recorded(&json!({})).is_ok());
    assert_eq!(
        faults(&json!({ "participants": [network(1)] })),
        [("/participants".to_owned(), "count")]
    );
    assert_eq!(
        faults(&json!({ "participants": [network(1), network(1)] })),
        [("/participants/1".to_owned(), "repeated")]
    );
    assert_eq!(
        faults(&json!({ "shares": ["premises", "premises"] })),
        [("/shares/1".to_owned(), "repeated")]
    );
}

#[test]
fn only_a_joint_representation_sits_in_a_body_of_others() {
    let seat = |form: &str| json!({ "seat_in": "Conseil territorial de santé", "form": form });

    assert!(recorded(&seat("joint_representation")).is_ok());
    assert_eq!(
        faults(&seat("shared_actions")),
        [("/seat_in".to_owned(), "contradicts")]
    );
}

#[test]
fn one_keeps_a_pooling_and_all_who_take_part_see_it() {
    let ties = recorded(&json!({})).unwrap().ties();

    let told: Vec<_> = ties
        .iter()
        .map(|tie| (tie.kind, tie.target.id, tie.sway))
        .collect();
    assert_eq!(
        told,
        [
            (TieKind::OwnedBy, Uuid::from_u128(1), Some(Sway::Full)),
            (TieKind::Participant, Uuid::from_u128(1), Some(Sway::Sight)),
            (TieKind::Participant, Uuid::from_u128(2), Some(Sway::Sight)),
        ]
    );
}
