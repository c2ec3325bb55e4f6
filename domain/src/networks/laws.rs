//! What holds of every network.

use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::organisations::OrganisationId;
use crate::records::{Known, RecordRef, Resource, TieKind};
use crate::territories::TerritoryId;
use crate::values::testing::dates;
use crate::values::{CodeList, Date, Pointer, Since, ValueError};

fn id() -> NetworkId {
    NetworkId::new(Uuid::from_u128(1))
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// What is said of a network, with these members beside the least there must be.
fn said(members: &Value) -> Result<NetworkFields, serde_json::Error> {
    let mut fields = json!({
        "kind": "reseau",
        "names": [{ "name": "Addictologie" }],
        "life": [{ "state": "active" }],
    });
    let members = members.as_object().unwrap().clone();
    fields.as_object_mut().unwrap().extend(members);
    serde_json::from_value(fields)
}

fn recorded(members: &Value) -> Result<Network, Refusal> {
    let fields = said(members).unwrap();
    let known = knowing(fields.named().into_iter().map(|(_, named)| named));
    Network::create(id(), fields, &known)
}

/// That these are there.
fn knowing(named: impl IntoIterator<Item = RecordRef>) -> Known {
    Known {
        existing: named.into_iter().collect(),
        ..Known::default()
    }
}

/// Where values contradict one another.
fn faults(members: &Value) -> Vec<(String, &'static str)> {
    let Err(Refusal::Values(faults)) = recorded(members) else {
        return Vec::new();
    };
    faults
        .iter()
        .map(|fault| (fault.pointer.as_str().to_owned(), fault.error.code()))
        .collect()
}

fn states() -> impl Strategy<Value = NetworkState> {
    prop::sample::select(NetworkState::ALL)
}

proptest! {
    #[test]
    fn a_life_is_read_when_each_phase_may_follow_the_one_before_and_begins_after_it(
        phases in prop::collection::vec((states(), dates()), 1..6),
    ) {
        let life: Vec<Phase> = phases
            .iter()
            .map(|(state, starts)| Phase { state: *state, starts_on: Some((*starts).into()), reason: None })
            .collect();
        let in_order = phases.iter().zip(phases.iter().skip(1)).all(|(earlier, later)| {
            earlier.1 < later.1 && earlier.0.next().contains(&later.0)
        });
        // That one merged is for lineage to say.
        let allowed = in_order && phases.iter().all(|phase| phase.0 != NetworkState::Merged);

        prop_assert_eq!(Life::try_from(life).is_ok(), allowed);
    }

    #[test]
    fn on_any_day_a_network_is_in_the_last_phase_that_began(
        starts in prop::collection::btree_set(dates(), 1..6), asked in dates(),
    ) {
        // To and fro between work and rest.
        let states = [NetworkState::Active, NetworkState::Dormant].into_iter().cycle();
        let phases: Vec<Phase> = starts
            .iter()
            .zip(states)
            .map(|(starts, state)| Phase { state, starts_on: Some((*starts).into()), reason: None })
            .collect();
        let begun = starts.iter().filter(|starts| **starts <= asked).count();
        let expected = begun.checked_sub(1).map(|last| phases[last].clone());
        let life = Life::try_from(phases).unwrap();

        prop_assert_eq!(life.on(asked), expected.as_ref());
        let found: Vec<NetworkState> =
            life.spans().filter(|(_, since)| since.contains(asked)).map(|(state, _)| state).collect();
        prop_assert_eq!(found, Vec::from_iter(expected.map(|phase| phase.state)));
    }

    #[test]
    fn what_a_network_says_of_a_day_holds_until_the_day_it_tells(asked in dates()) {
        let network = recorded(&json!({
            "names": [{ "name": "A" }, { "name": "B", "starts_on": "2009-09-01" }],
            "life": [{ "state": "emergent" }, { "state": "active", "starts_on": "2004-06" }, { "state": "closed", "starts_on": "2022" }],
            "legal_bases": [{ "basis": "l6321_1", "starts_on": "2005-01-01", "ends_before": "2020-01-01" }],
            "financing": [{ "state": "funded", "starts_on": "2006-01-01", "ends_before": "2007-01-01" }, { "state": "unfunded", "starts_on": "2008-01-01" }],
        })).unwrap();
        let said = network.on(asked);

        if let Some(last) = said.until.and_then(Date::yesterday) {
            prop_assert_eq!(&network.on(last).answer, &said.answer);
        }
        if let Some(first) = said.since {
            prop_assert_eq!(&network.on(first).answer, &said.answer);
        }
    }
}

#[test]
fn what_is_closed_stays_closed_and_only_rest_leads_back_to_work() {
    assert!(NetworkState::Closed.next().is_empty());
    for state in NetworkState::ALL {
        let back = *state == NetworkState::Dormant;
        let to_structuring = state.next().contains(&NetworkState::Structuring);
        assert_eq!(
            to_structuring,
            back || *state == NetworkState::Emergent,
            "{state}"
        );
        assert!(!state.next().contains(state) && !state.next().contains(&NetworkState::Emergent));
    }
}

#[test]
fn a_phase_is_entered_once_the_last_one_began() {
    let network = recorded(&json!({ "life": [{ "state": "active", "starts_on": "2004-06" }] }));
    let phase = |state, starts: &str| Phase {
        state,
        starts_on: Some(starts.parse().unwrap()),
        reason: None,
    };
    let network = network.unwrap();

    let resting = network.clone().enter(phase(NetworkState::Dormant, "2019"));
    let too_early = network.clone().enter(phase(NetworkState::Dormant, "2004"));
    let back = network.enter(phase(NetworkState::Emergent, "2019"));

    let resting = resting.unwrap();
    assert_eq!(resting.version.number(), 2);
    let state = |asked: &str| resting.on(day(asked)).answer.state;
    assert_eq!(state("2004-05-31"), None);
    assert_eq!(state("2018-12-31"), Some(NetworkState::Active));
    assert_eq!(state("2019-01-01"), Some(NetworkState::Dormant));
    assert!(matches!(too_early, Err(Refusal::Values(_))));
    assert!(matches!(back, Err(Refusal::Values(_))));
}

#[test]
fn there_is_one_main_theme_as_soon_as_there_are_themes() {
    let themes = json!(["addictions", "youth_health"]);

    assert!(recorded(&json!({ "themes": themes, "main_theme": "addictions" })).is_ok());
    assert_eq!(
        faults(&json!({ "themes": themes })),
        [("/main_theme".to_owned(), "required")]
    );
    assert_eq!(
        faults(&json!({ "themes": themes, "main_theme": "cancer" })),
        [("/main_theme".to_owned(), "contradicts")]
    );
    assert_eq!(
        faults(&json!({ "themes": ["cancer", "cancer"], "main_theme": "cancer" })),
        [("/themes/1".to_owned(), "repeated")]
    );
}

#[test]
fn a_network_works_under_one_article_on_any_day() {
    let dac = json!({ "basis": "l6327_1", "starts_on": "2022-07-01" });
    let until = |day: &str| json!({ "basis": "l6321_1", "ends_before": day });

    assert!(recorded(&json!({ "legal_bases": [until("2022-07-01"), dac] })).is_ok());
    assert_eq!(
        faults(&json!({ "legal_bases": [until("2022-07-02"), dac] })),
        [("/legal_bases/1".to_owned(), "contradicts")]
    );
}

/// Article 23 of law 2019-774 of 24 July 2019, published on the 26th, and its three years.
#[test]
fn nothing_works_under_l6321_1_three_years_after_its_repeal_was_published() {
    let until = |day: Value| {
        recorded(&json!({ "legal_bases": [{ "basis": "l6321_1", "ends_before": day }] })).err()
    };
    let repealed = Some(Refusal::Repealed {
        basis: LegalBasis::L6321_1,
        over_from: day("2022-07-26"),
    });

    assert_eq!(until(json!("2022-07-26")), None);
    assert_eq!(until(json!("2022-07-27")), repealed);
    assert_eq!(until(Value::Null), repealed);
}

#[test]
fn no_founding_text_outlives_the_article_under_which_its_network_works() {
    let article = |since: Value| json!({ "legal_bases": [since] });
    let under = recorded(&article(
        json!({ "basis": "l6321_1", "starts_on": "2004-06-01", "ends_before": "2022-07-26" }),
    ))
    .unwrap();
    let changed = |members: &Value, texts: &[(&str, &str)]| {
        let since = |(from, before): &(&str, &str)| Since::new(Some(day(from)), Some(day(before)));
        let texts: Vec<Since> = texts.iter().map(|days| since(days).unwrap()).collect();
        let fields = said(members).unwrap();
        let refused = under.clone().change(fields, &Known::default(), &texts);
        refused.err()
    };
    let shorter = article(
        json!({ "basis": "l6321_1", "starts_on": "2005-01-01", "ends_before": "2012-01-01" }),
    );
    let none = json!({ "legal_bases": [{ "basis": "none" }] });
    let (within, before, after) = (
        ("2005-01-01", "2012-01-01"),
        ("2004-06-01", "2011-01-01"),
        ("2006-01-01", "2012-01-02"),
    );

    assert_eq!(changed(&none, &[]), None);
    assert_eq!(changed(&shorter, &[within]), None);
    for (members, texts, count) in [
        (&shorter, vec![within, before], 1),
        (&shorter, vec![before, after], 2),
        (&none, vec![within], 1),
    ] {
        assert_eq!(
            changed(members, &texts),
            Some(Refusal::TextsInForce { count })
        );
    }
}

#[test]
fn several_may_fund_a_network_that_is_funded_and_nobody_one_that_is_not() {
    let payer = |number| OrganisationId::new(Uuid::from_u128(number));
    let funded = |number| json!({ "state": "funded", "funder": payer(number) });
    let waits = json!({ "state": "awaiting", "starts_on": "2026-01-01" });

    assert!(recorded(&json!({ "financing": [funded(2), funded(3)] })).is_ok());
    for contradiction in [
        json!([funded(2), funded(2)]),
        json!([funded(2), waits]),
        json!([waits, waits]),
    ] {
        let found = faults(&json!({ "financing": contradiction }));
        assert_eq!(found, [("/financing/1".to_owned(), "contradicts")]);
    }
    let by_whom = json!([{ "state": "unfunded", "funder": payer(2) }]);
    assert_eq!(
        faults(&json!({ "financing": by_whom })),
        [("/financing/0/funder".to_owned(), "contradicts")]
    );
}

#[test]
fn a_network_names_what_is_known_and_is_tied_to_it() {
    let territory = TerritoryId::new(Uuid::from_u128(7));
    let fields = said(&json!({ "territories": [
        { "territory": territory, "ends_before": "2017-01-01" },
        { "territory": territory, "starts_on": "2017-01-01" },
    ] }));
    let fields = fields.unwrap();

    let refused = Network::create(id(), fields.clone(), &Known::default());
    let known = knowing([territory.into()]);
    let ties = Network::create(id(), fields, &known).unwrap().ties();

    let Err(Refusal::Values(faults)) = refused else {
        panic!("{refused:?}")
    };
    let unknown = |i: usize| {
        let territories = Pointer::root().join("territories");
        (
            territories.join(i).join("territory"),
            ValueError::UnknownReference,
        )
    };
    let told: Vec<_> = faults
        .into_iter()
        .map(|fault| (fault.pointer, fault.error))
        .collect();
    assert_eq!(told, [unknown(0), unknown(1)]);
    assert_eq!(ties.len(), 2);
    for tie in ties {
        assert_eq!(tie.kind, TieKind::WorksIn);
        assert_eq!(tie.target, territory.into());
        assert_eq!(
            tie.sway, None,
            "a territory gives no rights over what works in it"
        );
    }
}

#[test]
fn a_network_to_which_others_are_tied_is_not_deleted() {
    let network = recorded(&json!({})).unwrap();

    assert_eq!(network.delete(0), Ok(()));
    assert_eq!(network.delete(2), Err(Refusal::Tied { count: 2 }));
}
