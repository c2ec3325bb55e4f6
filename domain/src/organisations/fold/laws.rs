//! The laws of folding, each as a sentence.

use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::IdentifierSystem;
use super::*;
use crate::values::testing::{dates, labels, sinces};
use crate::values::{Label, Version};

fn id(number: u64) -> OrganisationId {
    OrganisationId::new(Uuid::from_u64_pair(7, number))
}

fn said(more: &Value) -> OrganisationFields {
    let mut all = json!({ "kind": "association", "names": [{ "name": "Réseda" }] });
    for (name, value) in more.as_object().unwrap() {
        all[name] = value.clone();
    }
    serde_json::from_value(all).unwrap()
}

fn recorded(number: u64, fields: OrganisationFields) -> Organisation {
    Organisation {
        id: id(number),
        version: Version::FIRST,
        fields,
        ended: None,
        folded: None,
        provenance: Vec::new(),
        lineage: crate::lineage::Lineage::default(),
    }
}

fn simple(number: u64) -> Organisation {
    recorded(number, said(&json!({})))
}

fn part_of(whole: u64, since: Since) -> PartOf {
    PartOf {
        whole: id(whole),
        part_as: super::super::PartKind::Antenna,
        starts_on: since.starts_on,
        ends_before: since.ends_before,
    }
}

const ALWAYS: Since = Since {
    starts_on: None,
    ends_before: None,
};

/// Folds the first of some organisations into the second, as the base would.
fn fold_first(all: &[Organisation]) -> Result<Fold, Refusal> {
    let (folded, survivor) = (all[0].clone(), all[1].clone());
    let is_part = |one: &&Organisation| one.fields.wholes().any(|whole| whole == folded.id);
    let parts = all
        .iter()
        .filter(is_part)
        .filter(|one| one.id != survivor.id);
    let parts = parts.cloned().collect();
    folded.fold(survivor, parts, None, &above(all))
}

fn above(all: &[Organisation]) -> Wholes {
    let whole = |one: &Organisation| super::super::Whole {
        id: one.id,
        ends_before: one.ends_before(),
    };
    Wholes {
        existing: all.iter().map(whole).collect(),
        links: all.iter().flat_map(Organisation::links).collect(),
        ..Wholes::default()
    }
}

fn changed(before: &Organisation, left: &Organisation) -> Changed {
    Changed {
        id: before.id,
        before: before.clone(),
        left: left.clone(),
        now: Found::There(Box::new(left.clone())),
    }
}

/// What is said after a fold was taken back at once.
fn taken_back(all: &[Organisation], fold: &Fold) -> Result<Fold, Refusal> {
    let before = |one: &Organisation| all.iter().find(|known| known.id == one.id).unwrap();
    let parts = fold.parts.iter().map(|left| changed(before(left), left));
    let survivor = changed(before(&fold.survivor), &fold.survivor);
    let was = before(&fold.folded).clone();
    fold.folded
        .clone()
        .unfold(was, survivor, parts.collect(), &above(all))
}

#[test]
fn a_record_is_not_folded_into_itself_nor_into_what_ended() {
    let ended = Organisation {
        ended: Some(super::super::Ended {
            ends_before: Date::MAX,
            reason: None,
        }),
        ..simple(2)
    };

    assert_eq!(
        fold_first(&[simple(1), simple(1)]),
        Err(Refusal::SameRecord)
    );
    assert_eq!(
        fold_first(&[simple(1), ended]),
        Err(Refusal::SurvivorEnded {
            ends_before: Date::MAX
        })
    );
}

#[test]
fn numbers_that_contradict_one_another_forbid_a_fold() {
    let bearing = |number, siren: &str, ends: Option<&str>| {
        let siren = json!({ "system": "siren", "value": siren, "ends_before": ends });
        recorded(number, said(&json!({ "identifiers": [siren] })))
    };
    let kept = bearing(2, "356000000", None);

    let at_once = fold_first(&[bearing(1, "732829320", Some("2020-01-01")), kept.clone()]);
    let alike = fold_first(&[bearing(1, "356000000", Some("2020-01-01")), kept.clone()]);

    let Err(Refusal::ContradictingIdentifiers { contradictions }) = at_once else {
        panic!("{at_once:?}")
    };
    assert_eq!(contradictions[0].folded.value(), "732829320");
    assert_eq!(contradictions[0].survivor.value(), "356000000");
    assert_eq!(
        alike.unwrap().survivor.fields.identifiers,
        kept.fields.identifiers
    );
}

#[test]
fn what_the_survivor_does_not_say_is_filled_and_what_it_says_stands() {
    let folded = said(&json!({
        "sectors": ["social"],
        "contact": { "website": "https://a.example", "phone": "0466000000" },
        "constituted_on": "1998",
    }));
    let survivor = said(&json!({
        "sectors": ["health"],
        "contact": { "website": "https://b.example" },
    }));

    let kept = fold_first(&[recorded(1, folded), recorded(2, survivor)])
        .unwrap()
        .survivor;

    let kept = serde_json::to_value(kept).unwrap();
    assert_eq!(kept["sectors"], json!(["health"]));
    assert_eq!(kept["contact"]["website"], "https://b.example");
    assert!(kept["contact"]["phone"].is_string());
    assert_eq!(kept["constituted_on"], "1998");
    assert_eq!(kept["other_names"], json!([]));
}

#[test]
fn one_whole_of_both_is_said_once() {
    let part = |number, since: Value| {
        let mut part = since;
        part["whole"] = json!(id(3));
        part["as"] = json!("antenna");
        recorded(number, said(&json!({ "part_of": [part] })))
    };
    let folded = part(
        1,
        json!({ "starts_on": "2010-01-01", "ends_before": "2020-01-01" }),
    );
    let survivor = part(2, json!({ "starts_on": "2015-01-01" }));

    let kept = fold_first(&[folded, survivor, simple(3)]).unwrap().survivor;

    let days: Vec<Since> = kept.fields.part_of.iter().map(PartOf::since).collect();
    let since = |from: &str, until: Option<&str>| Since {
        starts_on: from.parse().ok(),
        ends_before: until.map(|until| until.parse().unwrap()),
    };
    assert_eq!(
        days,
        [
            since("2015-01-01", None),
            since("2010-01-01", Some("2015-01-01"))
        ]
    );
}

#[test]
fn a_part_is_not_folded_into_its_whole_nor_a_whole_into_its_part() {
    let mut part = simple(1);
    part.fields.part_of = vec![part_of(2, ALWAYS)];
    let mut far = simple(3);
    far.fields.part_of = vec![part_of(1, ALWAYS)];

    let into_whole = fold_first(&[part.clone(), simple(2)]);
    let into_part = fold_first(&[simple(2), part.clone()]);
    let over_another = fold_first(&[far, simple(2), part]);

    assert_eq!(
        into_whole,
        Err(Refusal::PartOfItself {
            through: vec![id(2)].into()
        })
    );
    assert_eq!(
        into_part,
        Err(Refusal::PartOfItself {
            through: vec![id(1)].into()
        })
    );
    assert_eq!(
        over_another,
        Err(Refusal::PartOfItself {
            through: vec![id(1), id(2)].into()
        })
    );
}

#[test]
fn a_fold_on_which_something_depends_is_not_taken_back() {
    let all = [simple(1), simple(2)];
    let fold = fold_first(&all).unwrap();
    let with = |now: Found| {
        let survivor = Changed {
            now,
            ..changed(&all[1], &fold.survivor)
        };
        let undone = fold
            .folded
            .clone()
            .unfold(all[0].clone(), survivor, Vec::new(), &above(&all));
        match undone {
            Err(refusal) => {
                let all = refusal.others().into_iter().collect();
                match refusal.seeing(all) {
                    Refusal::CannotUnfold { because } => {
                        because.seen().iter().map(|one| one.what).collect()
                    }
                    _ => Vec::new(),
                }
            }
            Ok(_) => Vec::new(),
        }
    };
    let later = Organisation {
        version: Version::new(7),
        fields: said(&json!({ "sectors": ["health"] })),
        ..fold.survivor.clone()
    };
    let as_it_was_left = Organisation {
        version: Version::new(9),
        ..fold.survivor.clone()
    };

    assert_eq!(with(Found::There(Box::new(later))), [Hindrance::Changed]);
    assert_eq!(with(Found::Folded), [Hindrance::Folded]);
    assert_eq!(with(Found::Deleted), [Hindrance::Deleted]);
    assert_eq!(with(Found::There(Box::new(as_it_was_left))), []);
    let never = simple(1).unfold(
        simple(1),
        changed(&all[1], &all[1]),
        Vec::new(),
        &above(&all),
    );
    assert_eq!(never, Err(Refusal::NotFolded));
}

#[test]
fn what_was_part_only_once_is_no_concern_of_a_fold() {
    let today: Date = "2026-11-22".parse().unwrap();
    let until = |day: &str| Since {
        starts_on: None,
        ends_before: Some(day.parse().unwrap()),
    };
    let part = |number, since: Since, ended: Option<&str>| {
        let mut part = simple(number);
        part.fields.part_of = vec![part_of(1, since)];
        part.ended = ended.map(|day| super::super::Ended {
            ends_before: day.parse().unwrap(),
            reason: None,
        });
        part
    };
    let parts = [
        part(3, ALWAYS, None),
        part(4, until("2026-11-23"), None),
        part(5, until("2026-11-22"), None),
        part(6, ALWAYS, Some("2026-11-22")),
    ];
    let all = [&[simple(1), simple(2)], &parts[..]].concat();

    let fold = fold_first(&all).unwrap();
    let back = taken_back(&all, &fold).unwrap();

    for fold in [fold, back] {
        let of = |part| fold.concerns(part, today);
        let concerned: Vec<bool> = fold.parts.iter().map(of).collect();
        assert_eq!(concerned, [true, true, false, false]);
    }
}

fn numbers() -> impl Strategy<Value = Vec<Identifier>> {
    let number = prop_oneof![
        Just((IdentifierSystem::Siret, "73282932000074")),
        Just((IdentifierSystem::Siret, "73282932000082")),
        Just((IdentifierSystem::Siren, "732829320")),
        Just((IdentifierSystem::Siren, "356000000")),
        Just((IdentifierSystem::Rna, "W302003454")),
    ];
    let dated = (number, sinces())
        .prop_map(|((system, value), since)| Identifier::new(system, value, since).unwrap());
    prop::collection::vec(dated, 0..5)
}

fn named() -> impl Strategy<Value = OrganisationFields> {
    (labels(), labels(), dates(), numbers()).prop_map(|(first, then, from, numbers)| {
        let mut fields = said(&json!({
            "names": [{ "name": first }, { "name": then, "starts_on": from }],
        }));
        fields.identifiers = numbers;
        fields
    })
}

/// Five organisations, each part of some others on some days, without contradiction.
fn families() -> impl Strategy<Value = Vec<Organisation>> {
    let belonging = (0_usize..5, 1_u64..6, sinces());
    prop::collection::vec(belonging, 0..9).prop_map(|belongings| {
        let mut all: Vec<Organisation> = (1..6).map(simple).collect();
        for (part, whole, since) in belongings {
            let one = all[part].clone();
            let mut fields = one.fields.clone();
            fields.part_of.push(part_of(whole, since));
            if one.change(fields, &above(&all)).is_ok() {
                all[part].fields.part_of.push(part_of(whole, since));
            }
        }
        all
    })
}

proptest! {
    #[test]
    fn no_number_and_no_name_is_lost_by_a_fold(folded in named(), survivor in named(), day in dates()) {
        let both = [recorded(1, folded), recorded(2, survivor)];
        prop_assume!(both.iter().all(|one| one.fields.check().is_ok()));
        let Ok(fold) = fold_first(&both) else { return Ok(()) };
        let kept = &fold.survivor.fields;
        let bears = |fields: &OrganisationFields, number: &Identifier| {
            let same = |one: &&Identifier| one.value() == number.value() && one.system() == number.system();
            fields.identifiers.iter().filter(same).any(|one| one.since().contains(day))
        };

        for number in both.iter().flat_map(|one| &one.fields.identifiers) {
            let borne = both.iter().any(|one| bears(&one.fields, number));
            prop_assert_eq!(bears(kept, number), borne);
        }
        let texts: Vec<&Label> = kept.names.iter().map(|name| &name.name)
            .chain(kept.other_names.iter().map(|name| &name.name)).collect();
        for name in both.iter().flat_map(|one| one.fields.names.iter()) {
            prop_assert!(texts.contains(&&name.name));
        }
        prop_assert!(kept.check().is_ok());
    }

    #[test]
    fn taking_back_a_fold_gives_back_both(folded in named(), survivor in named(), mut all in families()) {
        all[0].fields.names = folded.names;
        all[1].fields.names = survivor.names;
        let Ok(fold) = fold_first(&all) else { return Ok(()) };

        let back = taken_back(&all, &fold).unwrap();

        prop_assert_eq!(&back.folded.fields, &all[0].fields);
        prop_assert_eq!(&back.survivor.fields, &all[1].fields);
        prop_assert_eq!((back.folded.version, back.folded.folded), (Version::new(3), None));
        prop_assert_eq!(back.survivor.version, Version::new(3));
        for part in &back.parts {
            let before = all.iter().find(|one| one.id == part.id).unwrap();
            prop_assert_eq!(&part.fields, &before.fields);
        }
    }

    #[test]
    fn after_a_fold_nothing_is_part_of_itself_or_of_two_on_one_day(all in families(), day in dates()) {
        let Ok(fold) = fold_first(&all) else { return Ok(()) };
        let mut after: Vec<Organisation> = all[1..].to_vec();
        for one in &mut after {
            let changed = fold.parts.iter().chain([&fold.survivor]).find(|changed| changed.id == one.id);
            *one = changed.unwrap_or(one).clone();
        }

        for one in &after {
            let wholes: Vec<_> = one.links().filter(|link| link.since.contains(day)).collect();
            prop_assert!(wholes.len() <= 1);
            prop_assert!(one.fields.wholes().all(|whole| whole != fold.folded.id));
            let mut at = one.id;
            for _ in 0..6 {
                let up = after.iter().filter(|other| other.id == at).flat_map(Organisation::links);
                let Some(link) = up.into_iter().find(|link| link.since.contains(day)) else { break };
                at = link.whole;
                prop_assert_ne!(at, one.id);
            }
        }
    }
}
