//! What holds of every facilitation.

use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::access::Sway;
use crate::records::{Known, RecordRef, Resource, TieKind};
use crate::relations::{Around, Refusal, Stated};

fn named(of: &str, number: u128) -> Value {
    json!({ "type": of, "id": Uuid::from_u128(number) })
}

fn said(more: &Value) -> FacilitationFields {
    let mut fields = json!({ "of": named("network", 1), "by": named("organisation", 2) });
    let more = more.as_object().unwrap().clone();
    fields.as_object_mut().unwrap().extend(more);
    serde_json::from_value(fields).unwrap()
}

fn recorded(fields: FacilitationFields, known: Vec<RecordRef>) -> Result<Facilitation, Refusal> {
    let around = Around {
        known: Known {
            existing: known.into_iter().collect(),
            ..Known::default()
        },
        ..Around::default()
    };
    Facilitation::create(FacilitationId::new(Uuid::from_u128(9)), fields, &around)
}

#[test]
fn a_mandate_is_of_somebody_who_is_there_and_who_sees_what_came_of_it() {
    let fields = said(&json!({ "mandate": { "giver": Uuid::from_u128(3) } }));
    let (network_and_team, all) = {
        let named: Vec<RecordRef> = fields.named().into_iter().map(|(_, one)| one).collect();
        (named[..2].to_vec(), named)
    };

    let refused = recorded(fields.clone(), network_and_team);
    let kept = recorded(fields, all).unwrap();

    let Err(Refusal::Values(faults)) = refused else {
        panic!("{refused:?}")
    };
    let pointers: Vec<String> = faults
        .iter()
        .map(|fault| fault.pointer.to_string())
        .collect();
    assert_eq!(pointers, ["/mandate/giver"]);
    let ties = kept.ties();
    let giver = ties
        .iter()
        .find(|tie| tie.kind == TieKind::MandateOf)
        .unwrap();
    assert_eq!(
        (giver.target.id, giver.sway),
        (Uuid::from_u128(3), Some(Sway::Sight))
    );
}

#[test]
fn who_animates_a_network_works_there_as_long_as_that_lasts() {
    let fields = said(&json!({ "starts_on": "2019-01-01", "ends_before": "2022-01-01" }));
    let since = fields.since();
    let all = fields.named().into_iter().map(|(_, one)| one).collect();

    let ties = recorded(fields, all).unwrap().ties();

    let works = ties
        .iter()
        .find(|tie| tie.kind == TieKind::FacilitatedBy)
        .unwrap();
    assert_eq!(
        (works.tied.id, works.target.id),
        (Uuid::from_u128(1), Uuid::from_u128(2))
    );
    assert_eq!((works.sway, works.since), (Some(Sway::Full), since));
}

#[test]
fn one_animates_several_phases_and_each_of_them_once() {
    let key = |phase: Value| said(&json!({ "phase": phase })).alone_in();

    assert_eq!(key(json!("elaboration")), key(json!("elaboration")));
    assert_ne!(key(json!("elaboration")), key(json!("follow_up")));
    assert_ne!(key(json!("elaboration")), key(json!(null)));
}
