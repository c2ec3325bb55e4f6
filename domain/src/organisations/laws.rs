//! The laws of this room, each as a sentence.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::records::Resource;
use crate::values::testing::{dates, sinces};
use crate::values::{Date, Since, ValueError, Version};

fn id(number: u64) -> OrganisationId {
    OrganisationId::new(Uuid::from_u64_pair(7, number))
}

fn fields(json: &serde_json::Value) -> OrganisationFields {
    let mut all = serde_json::json!({ "kind": "association", "names": [{ "name": "Reseda" }] });
    all.as_object_mut()
        .unwrap()
        .extend(json.as_object().unwrap().clone());
    serde_json::from_value(all).unwrap()
}

fn simple() -> OrganisationFields {
    fields(&serde_json::json!({}))
}

fn part_of(whole: OrganisationId, since: Since) -> OrganisationFields {
    let mut fields = simple();
    fields.part_of = vec![PartOf {
        whole,
        part_as: PartKind::Antenna,
        starts_on: since.starts_on,
        ends_before: since.ends_before,
    }];
    fields
}

fn alone(json: &serde_json::Value) -> Result<Organisation, Refusal> {
    Organisation::create(id(1), fields(json), &Wholes::default())
}

fn end(day: Date) -> EndOfOrganisation {
    EndOfOrganisation {
        ends_before: day,
        reason: None,
    }
}

fn faults(refused: Result<Organisation, Refusal>) -> Vec<(String, &'static str)> {
    let Err(Refusal::Values(faults)) = refused else {
        panic!("{refused:?}")
    };
    faults
        .iter()
        .map(|fault| (fault.pointer.to_string(), fault.error.code()))
        .collect()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn an_organisation_has_one_siren_on_any_day() {
    let two = |first_ends: Option<&str>| {
        alone(&serde_json::json!({ "identifiers": [
            { "system": "siren", "value": "732829320", "ends_before": first_ends },
            { "system": "siren", "value": "356000000", "starts_on": "2020-01-01" },
        ] }))
    };

    assert_eq!(
        faults(two(None)),
        [("/identifiers/1/value".to_owned(), "contradicts")]
    );
    assert_eq!(
        faults(two(Some("2020-01-02"))),
        [("/identifiers/1/value".to_owned(), "contradicts")]
    );
    assert!(two(Some("2020-01-01")).is_ok());
}

#[test]
fn a_siret_belongs_to_the_siren_borne_on_the_same_day() {
    let with_siret = |siret: &str| {
        alone(&serde_json::json!({ "identifiers": [
            { "system": "siren", "value": "732829320" },
            { "system": "siret", "value": siret },
        ] }))
    };

    assert!(with_siret("73282932000074").is_ok());
    assert_eq!(
        faults(with_siret("23350001600040")),
        [("/identifiers/1/value".to_owned(), "contradicts")]
    );
}

#[test]
fn an_entity_may_bear_the_siret_of_several_establishments_but_each_once() {
    let two = |second: &str| {
        alone(&serde_json::json!({ "identifiers": [
            { "system": "siret", "value": "35600000000048" },
            { "system": "siret", "value": second },
        ] }))
    };

    assert!(two("35600000049837").is_ok());
    assert_eq!(
        faults(two("35600000000048")),
        [("/identifiers/1".to_owned(), "repeated")]
    );
}

#[test]
fn an_organisation_is_part_of_one_other_on_any_day() {
    let two = |starts_on: &str| {
        let mut both = part_of(
            id(2),
            Since {
                starts_on: None,
                ends_before: Some(day("2019-01-01")),
            },
        );
        both.part_of.extend(
            part_of(
                id(3),
                Since {
                    starts_on: Some(day(starts_on)),
                    ends_before: None,
                },
            )
            .part_of,
        );
        let whole = |number| Whole {
            id: id(number),
            ends_before: None,
        };
        let wholes = Wholes {
            existing: vec![whole(2), whole(3)],
            ..Wholes::default()
        };
        Organisation::create(id(1), both, &wholes)
    };

    assert!(two("2019-01-01").is_ok());
    assert_eq!(
        faults(two("2018-12-31")),
        [("/part_of/1".to_owned(), "contradicts")]
    );
}

#[test]
fn a_whole_must_exist() {
    let refused = Organisation::create(
        id(1),
        part_of(
            id(2),
            Since {
                starts_on: None,
                ends_before: None,
            },
        ),
        &Wholes::default(),
    );

    assert_eq!(
        faults(refused),
        [(
            "/part_of/0/whole".to_owned(),
            ValueError::UnknownReference.code()
        )]
    );
}

#[test]
fn reso_occitanie_was_constituted_before_it_operated() {
    let reso = alone(&serde_json::json!({
        "kind": "federation", "constituted_on": "2018-09-24", "operates_from": "2019-01-01",
    }))
    .unwrap();

    assert_eq!(reso.exists_from(), Some(day("2018-09-24")));
    for (on, state, until) in [
        (
            "2018-09-23",
            OrganisationState::Expected,
            Some("2018-09-24"),
        ),
        (
            "2018-09-24",
            OrganisationState::Constituted,
            Some("2019-01-01"),
        ),
        (
            "2018-12-31",
            OrganisationState::Constituted,
            Some("2019-01-01"),
        ),
        ("2019-01-01", OrganisationState::Open, None),
    ] {
        let then = reso.on(day(on));
        assert_eq!(
            (then.answer.state, then.until),
            (state, until.map(day)),
            "{on}"
        );
    }
}

#[test]
fn of_a_year_alone_no_day_is_invented() {
    let reseda = alone(&serde_json::json!({ "constituted_on": "1998" })).unwrap();

    assert_eq!(
        serde_json::to_value(&reseda).unwrap()["constituted_on"],
        "1998"
    );
    assert_eq!(
        reseda.on(day("1997-12-31")).answer.state,
        OrganisationState::Expected
    );
    assert_eq!(
        reseda.on(day("1998-01-01")).answer.state,
        OrganisationState::Open
    );
}

#[test]
fn an_end_cannot_come_before_the_beginning() {
    let begun = || alone(&serde_json::json!({ "constituted_on": "1998-07-01" })).unwrap();

    let refused = begun().end(end(day("1998-07-01")), &[]);

    assert_eq!(
        faults(refused),
        [("/ends_before".to_owned(), "not_in_order")]
    );
    assert!(begun().end(end(day("1998-07-02")), &[]).is_ok());
}

#[test]
fn what_others_were_part_of_is_ended_and_not_deleted() {
    let whole = alone(&serde_json::json!({})).unwrap();
    let past = Link {
        part: id(2),
        whole: whole.id,
        since: Since {
            starts_on: None,
            ends_before: Some(day("2000-01-01")),
        },
    };
    let parts = [past];

    assert_eq!(
        whole.delete(&parts, 0),
        Err(Refusal::HasParts {
            parts: vec![id(2)].into()
        })
    );
    assert!(whole.end(end(day("2020-01-01")), &parts).is_ok());
}

#[test]
fn what_it_is_part_of_is_judged_only_where_it_is_said_anew() {
    let always = Since {
        starts_on: None,
        ends_before: None,
    };
    let whole = |ends_before| Wholes {
        existing: vec![Whole {
            id: id(2),
            ends_before,
        }],
        ..Wholes::default()
    };
    let part = Organisation::create(id(1), part_of(id(2), always), &whole(None)).unwrap();
    let mut otherwise = part.fields.clone();
    otherwise.sectors = vec![Sector::Health];
    let from = Since {
        starts_on: Some(day("2020-01-01")),
        ends_before: None,
    };
    let ended = whole(Some(day("2021-01-01")));

    let otherwise = part.clone().change(otherwise, &Wholes::default());
    let moved = part.change(part_of(id(2), from), &ended);

    assert!(otherwise.is_ok());
    assert!(matches!(moved, Err(Refusal::WholeEnded { .. })));
}

#[test]
fn a_chain_of_parts_has_an_end() {
    let chain_of = |levels: u64, levels_below: usize| {
        let always = Since {
            starts_on: None,
            ends_before: None,
        };
        let link = |number| Link {
            part: id(number),
            whole: id(number + 1),
            since: always,
        };
        let wholes = Wholes {
            existing: vec![Whole {
                id: id(2),
                ends_before: None,
            }],
            links: (2..2 + levels).map(link).collect(),
            levels_below,
            folded: Vec::new(),
        };
        Organisation::create(id(1), part_of(id(2), always), &wholes)
    };

    assert!(chain_of(11, 0).is_ok());
    assert_eq!(
        chain_of(12, 0),
        Err(Refusal::TooManyLevels { max: MOST_LEVELS })
    );
    assert_eq!(
        chain_of(6, 6),
        Err(Refusal::TooManyLevels { max: MOST_LEVELS })
    );
    assert!(chain_of(6, 5).is_ok());
}

#[test]
fn two_that_changed_places_over_time_are_no_chain() {
    let until = Since {
        starts_on: None,
        ends_before: Some(day("2020-01-01")),
    };
    let from = Since {
        starts_on: Some(day("2020-01-01")),
        ends_before: None,
    };
    let link = |part, whole, since| Link {
        part: id(part),
        whole: id(whole),
        since,
    };
    let links = vec![link(1, 2, until), link(2, 1, from)];
    let wholes = Wholes {
        existing: vec![Whole {
            id: id(2),
            ends_before: None,
        }],
        levels_below: levels_below(&[id(1)], &links),
        links,
        folded: Vec::new(),
    };

    assert_eq!(wholes.levels_below, 1);
    assert!(Organisation::create(id(1), part_of(id(2), until), &wholes).is_ok());
}

#[test]
fn a_wrong_finess_key_warns_and_a_corsican_one_does_not() {
    let with_finess = |finess: &str| {
        alone(&serde_json::json!({ "identifiers": [{ "system": "finess_et", "value": finess }] }))
            .unwrap()
            .warnings()
            .len()
    };

    assert_eq!(with_finess("300780038"), 0);
    assert_eq!(with_finess("300780039"), 1);
    assert_eq!(with_finess("2A0000011"), 0);
}

#[test]
fn a_code_outside_our_extract_warns() {
    let with_code = |code: &str| {
        let coded = serde_json::json!({ "system": "TRE_R66-CategorieEtablissement", "code": code });
        alone(&serde_json::json!({ "classifications": [coded] }))
            .unwrap()
            .warnings()
            .len()
    };

    assert_eq!((with_code("355"), with_code("650")), (0, 1));
}

proptest! {
    #[test]
    fn what_is_recorded_reads_back_the_same(begins in dates(), ends in dates(), named in dates()) {
        prop_assume!(begins < ends);
        let organisation = alone(&serde_json::json!({
            "constituted_on": begins,
            "names": [{ "name": "Avant" }, { "name": "Après", "starts_on": named }],
        })).unwrap().end(end(ends), &[]).unwrap();

        let json = serde_json::to_string(&organisation).unwrap();

        prop_assert_eq!(serde_json::from_str::<Organisation>(&json).unwrap(), organisation);
    }

    #[test]
    fn an_answer_for_a_day_holds_as_long_as_it_says(
        begins in dates(), ends in dates(), named in dates(), one in dates(), other in dates(),
    ) {
        prop_assume!(begins < ends);
        let organisation = alone(&serde_json::json!({
            "constituted_on": begins,
            "names": [{ "name": "Avant" }, { "name": "Après", "starts_on": named }],
        })).unwrap().end(end(ends), &[]).unwrap();
        let answer = organisation.on(one);

        let still = answer.since.is_none_or(|since| since <= other) && answer.until.is_none_or(|until| other < until);

        prop_assert!(answer.since.is_none_or(|since| since <= one));
        prop_assert!(answer.until.is_none_or(|until| one < until));
        prop_assert!(!still || organisation.on(other).answer == answer.answer);
    }

    #[test]
    fn an_organisation_ends_once_and_can_be_taken_back(ends in dates(), again in dates()) {
        let open = alone(&serde_json::json!({})).unwrap();
        let ended = open.clone().end(end(ends), &[]).unwrap();

        let twice = ended.clone().end(end(again), &[]);
        let reopened = ended.clone().reopen(&Wholes::default()).unwrap();

        prop_assert_eq!(twice, Err(Refusal::AlreadyEnded { ends_before: ends }));
        prop_assert_eq!(open.clone().reopen(&Wholes::default()), Err(Refusal::NotEnded));
        prop_assert_eq!((reopened.fields, reopened.ended), (open.fields, None));
        prop_assert_eq!(reopened.version, Version::new(3));
        prop_assert_eq!(ended.on(ends).answer.state, OrganisationState::Ended);
        prop_assert_eq!(ended.on(ends.yesterday().unwrap()).answer.state, OrganisationState::Open);
    }

    #[test]
    fn nothing_outlives_the_whole_it_is_part_of(since in sinces(), ends in dates()) {
        let whole = Organisation { id: id(2), version: Version::FIRST, fields: simple(), ended: None, folded: None, provenance: Vec::new(), lineage: crate::lineage::Lineage::default() };
        let link = Link { part: id(1), whole: id(2), since };
        let outlives = since.ends_before.is_none_or(|leaves| ends < leaves);

                let of_ended = Wholes {
            existing: vec![Whole { id: id(2), ends_before: Some(ends) }],
            ..Wholes::default()
        };

        prop_assert_eq!(whole.end(end(ends), &[link]).is_err(), outlives);
        prop_assert_eq!(Organisation::create(id(1), part_of(id(2), since), &of_ended).is_err(), outlives);
    }

    #[test]
    fn no_organisation_is_part_of_itself_on_any_day(
        links in prop::collection::vec((1_u64..6, 1_u64..6, sinces()), 0..8),
        whole in 1_u64..6,
        since in sinces(),
        on in dates(),
    ) {
        let links: Vec<Link> =
            links.into_iter().map(|(part, whole, since)| Link { part: id(part), whole: id(whole), since }).collect();
        let existing = (1..6).map(|number| Whole { id: id(number), ends_before: None }).collect();
        let wholes = Wholes { existing, links: links.clone(), levels_below: 0, folded: Vec::new() };

        let created = Organisation::create(id(1), part_of(id(whole), since), &wholes);

        // The plain way to see it: walk up on one day.
        let up = |from: OrganisationId| {
            links.iter().filter(move |link| link.part == from && link.since.contains(on)).map(|link| link.whole)
        };
        let mut reached = vec![id(whole)];
        let mut next = 0;
        while let Some(from) = reached.get(next).copied() {
            let new: Vec<OrganisationId> = up(from).filter(|whole| !reached.contains(whole)).collect();
            reached.extend(new);
            next = next.saturating_add(1);
        }
        let ring_on_that_day = since.contains(on) && reached.contains(&id(1));
        prop_assert!(!ring_on_that_day || created.is_err());
    }
}
