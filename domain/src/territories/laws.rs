//! The laws of this room, each as a sentence.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::records::Resource;
use crate::values::testing::dates;
use crate::values::{Date, Label};

fn id(number: u64) -> TerritoryId {
    TerritoryId::new(Uuid::from_u64_pair(9, number))
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn key(kind: TerritoryKind, code: &str) -> Key {
    Key::new(kind, TerritoryCode::parse(code).unwrap())
}

fn entry(kind: TerritoryKind, code: &str, name: &str, wholes: &[Key]) -> Entry {
    Entry {
        key: key(kind, code),
        name: Label::parse(name).unwrap(),
        form: None,
        siren: None,
        postcodes: Vec::new(),
        population: None,
        wholes: wholes.to_vec(),
        former_codes: Vec::new(),
        starts_on: None,
        ends_before: None,
    }
}

fn vintage(year: i16, entries: Vec<Entry>, members: Vec<(Key, Key)>) -> Vintage {
    Vintage {
        attested_on: Date::new(year, 1, 1).unwrap(),
        source: Label::parse("a list").unwrap(),
        days: ChangeDays::default(),
        entries,
        members,
    }
}

/// What is recorded once a vintage is loaded.
fn loaded(
    vintage: &Vintage,
    mut recorded: Vec<Territory>,
) -> Result<Vec<Territory>, VintageRefusal> {
    let mut next = u64::try_from(recorded.len()).unwrap();
    let found = compare(vintage, &recorded, || {
        next = next.saturating_add(1);
        id(next)
    })?;
    for decision in found.decisions {
        match decision {
            Decision::Create(territory) => recorded.push(territory),
            Decision::Change(after) | Decision::End(after) => {
                let before = recorded
                    .iter_mut()
                    .find(|before| before.id == after.id)
                    .unwrap();
                assert_eq!(after.version, before.version.next());
                *before = after;
            }
        }
    }
    Ok(recorded)
}

fn the(recorded: &[Territory], kind: TerritoryKind, code: &str) -> Territory {
    let wanted = key(kind, code);
    let mut same = recorded
        .iter()
        .filter(|territory| Key::of(territory) == Some(wanted.clone()));
    same.next_back().cloned().unwrap()
}

use TerritoryKind::{Commune, CommuneDeleguee, Epci};

/// Corbès and Thoiras before they merged, in Alès Agglomération, as in the files of 2023.
fn before_the_merger() -> Vintage {
    let ales = key(Epci, "200066918");
    let communes = [("30094", "Corbès"), ("30329", "Thoiras")];
    let mut entries = vec![entry(Epci, "200066918", "CA Alès Agglomération", &[])];
    entries.extend(communes.map(|(code, name)| entry(Commune, code, name, &[])));
    let members = communes.map(|(code, _)| (key(Commune, code), ales.clone()));
    vintage(2023, entries, members.to_vec())
}

/// The same as in the files of 2026.
fn after_the_merger() -> Vintage {
    let (ales, commune) = (key(Epci, "200066918"), key(Commune, "30329"));
    let mut new = entry(Commune, "30329", "Thoiras-Corbès", &[]);
    new.former_codes = vec![TerritoryCode::parse("30094").unwrap()];
    let entries = vec![
        entry(Epci, "200066918", "CA Alès Agglomération", &[]),
        new,
        entry(
            CommuneDeleguee,
            "30094",
            "Corbès",
            std::slice::from_ref(&commune),
        ),
        entry(
            CommuneDeleguee,
            "30329",
            "Thoiras",
            std::slice::from_ref(&commune),
        ),
    ];
    vintage(2026, entries, vec![(commune, ales)])
}

#[test]
fn a_commune_that_merged_ends_and_names_its_successor() {
    let before = loaded(&before_the_merger(), Vec::new()).unwrap();

    let after = loaded(&after_the_merger(), before.clone()).unwrap();

    let (corbes, thoiras) = (the(&after, Commune, "30094"), the(&after, Commune, "30329"));
    assert_eq!(corbes.id, the(&before, Commune, "30094").id);
    assert_eq!(thoiras.id, the(&before, Commune, "30329").id);
    assert_eq!(corbes.ended.as_ref().unwrap().successors, [thoiras.id]);
    assert!(corbes.part_of[0].end().is_some());
    assert!(thoiras.part_of[0].end().is_none());
    let part = the(&after, CommuneDeleguee, "30094");
    assert_eq!(part.start(), corbes.ending());
    assert_eq!(
        the(&after, CommuneDeleguee, "30329").start(),
        corbes.ending()
    );
}

#[test]
fn on_a_day_between_two_vintages_it_is_not_known_whether_it_had_merged() {
    let before = loaded(&before_the_merger(), Vec::new()).unwrap();
    let after = loaded(&after_the_merger(), before).unwrap();
    let (corbes, thoiras) = (the(&after, Commune, "30094"), the(&after, Commune, "30329"));

    let state = |on: &str| corbes.on(day(on)).answer.state;
    let name = |on: &str| {
        let answer = thoiras.on(day(on)).answer;
        (answer.name.to_string(), answer.uncertain)
    };

    assert_eq!(state("2023-01-01"), TerritoryState::Open);
    assert_eq!(state("2023-01-02"), TerritoryState::Unknown);
    assert_eq!(state("2025-12-31"), TerritoryState::Unknown);
    assert_eq!(state("2026-01-01"), TerritoryState::Ended);
    assert_eq!(name("2023-01-01"), ("Thoiras".to_owned(), vec![]));
    assert_eq!(
        name("2024-06-01"),
        ("Thoiras".to_owned(), vec![Uncertain::Name])
    );
    assert_eq!(name("2026-01-01"), ("Thoiras-Corbès".to_owned(), vec![]));
}

#[test]
fn a_day_that_somebody_knows_is_taken_and_must_lie_between_the_vintages() {
    let before = loaded(&before_the_merger(), Vec::new()).unwrap();
    let mut next = after_the_merger();
    let code = TerritoryCode::parse("30329").unwrap();
    next.days.by_code = BTreeMap::from([(code, day("2025-01-01"))]);

    let after = loaded(&next, before.clone()).unwrap();
    next.days.all = Some(day("2023-01-01"));
    next.days.by_code.clear();
    let outside = loaded(&next, before);

    let corbes = the(&after, Commune, "30094");
    assert_eq!(corbes.ending(), Some(Turn::On(day("2025-01-01"))));
    assert_eq!(corbes.on(day("2024-12-31")).answer.uncertain, []);
    assert_eq!(
        the(&after, Commune, "30329")
            .on(day("2025-01-01"))
            .answer
            .name
            .as_str(),
        "Thoiras-Corbès"
    );
    assert!(matches!(outside, Err(VintageRefusal::DayOutside { .. })));
}

#[test]
fn an_older_vintage_is_not_loaded_over_a_newer_one() {
    let newer = loaded(&after_the_merger(), Vec::new()).unwrap();

    let refused = loaded(&before_the_merger(), newer);

    assert!(
        matches!(refused, Err(VintageRefusal::Older { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_commune_without_a_word_on_what_became_of_it_is_left_as_it_is() {
    let before = loaded(&before_the_merger(), Vec::new()).unwrap();
    let mut silent = after_the_merger();
    silent
        .entries
        .retain(|entry| entry.key.kind != CommuneDeleguee);
    silent.entries[1].former_codes.clear();

    let found = compare(&silent, &before, || id(99)).unwrap();

    assert_eq!(found.missing, [key(Commune, "30094")]);
}

#[test]
fn the_same_words_written_otherwise_are_no_new_name() {
    let listed = |year, name| vintage(year, vec![entry(Epci, "200000172", name, &[])], vec![]);
    let before = loaded(&listed(2023, "CC Faucigny-Glières"), Vec::new()).unwrap();

    let after = loaded(&listed(2026, "CC Faucigny - Glières"), before).unwrap();

    let names: Vec<TerritoryName> = after[0].names.clone().into();
    assert_eq!(names.len(), 1);
    assert_eq!(names[0].name.as_str(), "CC Faucigny - Glières");
}

#[test]
fn an_epci_all_of_whose_communes_went_to_others_ends() {
    let (old, new) = (key(Epci, "200000172"), key(Epci, "200000438"));
    let commune = key(Commune, "30007");
    let listed = |epci: &Key| {
        let entries = vec![
            entry(Epci, epci.code.as_str(), "CC", &[]),
            entry(Commune, "30007", "Alès", &[]),
        ];
        (entries, vec![(commune.clone(), epci.clone())])
    };
    let (entries, members) = listed(&old);
    let before = loaded(&vintage(2023, entries, members), Vec::new()).unwrap();
    let (entries, members) = listed(&new);

    let after = loaded(&vintage(2026, entries, members), before).unwrap();

    let ended = the(&after, Epci, "200000172").ended.unwrap();
    let ales = the(&after, Commune, "30007");
    assert_eq!(ended.successors, [the(&after, Epci, "200000438").id]);
    assert_eq!(ales.part_of[0].end(), ended.turn());
    assert_eq!(ales.part_of[1].start(), ended.turn());
}

#[test]
fn an_epci_that_keeps_a_commune_lives_on_though_an_extract_does_not_give_it() {
    let (old, new) = (key(Epci, "200000172"), key(Epci, "200000438"));
    let (gone, kept) = (key(Commune, "30007"), key(Commune, "30010"));
    let entries = vec![
        entry(Epci, "200000172", "CC", &[]),
        entry(Commune, "30007", "Alès", &[]),
        entry(Commune, "30010", "Anduze", &[]),
    ];
    let members = vec![(gone.clone(), old.clone()), (kept, old)];
    let before = loaded(&vintage(2023, entries, members), Vec::new()).unwrap();
    let entries = vec![
        entry(Epci, "200000438", "CC", &[]),
        entry(Commune, "30007", "Alès", &[]),
    ];

    let after = loaded(&vintage(2026, entries, vec![(gone, new)]), before.clone()).unwrap();

    assert_eq!(
        the(&after, Epci, "200000172"),
        the(&before, Epci, "200000172")
    );
    assert_eq!(
        the(&after, Commune, "30010"),
        the(&before, Commune, "30010")
    );
    assert!(the(&after, Commune, "30007").part_of[0].end().is_some());
}

/// What a code of the lists at random is: a commune in an EPCI, a part of another commune, nothing.
#[derive(Clone, Copy, Debug)]
enum Is {
    Commune(Option<usize>),
    Part(TerritoryKind, usize),
    Nothing,
}

const CODES: [&str; 5] = ["01001", "01002", "01003", "01004", "01005"];
const EPCIS: [&str; 3] = ["200000172", "200000438", "200000545"];

fn lists() -> impl Strategy<Value = Vintage> {
    let is = prop_oneof![
        3 => prop::option::of(0..EPCIS.len()).prop_map(Is::Commune),
        2 => (prop::sample::select(vec![CommuneDeleguee, TerritoryKind::CommuneAssociee]), 0..CODES.len())
            .prop_map(|(kind, of)| Is::Part(kind, of)),
        1 => Just(Is::Nothing),
    ];
    let one = (is, "[a-c]", any::<bool>());
    (
        prop::collection::vec(one, CODES.len()),
        prop::collection::vec(any::<bool>(), EPCIS.len()),
    )
        .prop_map(|(codes, epcis)| {
            let commune = |i: usize| key(Commune, CODES[i]);
            let is_commune = |i: usize| matches!(codes[i].0, Is::Commune(_));
            let (mut entries, mut members) = (Vec::new(), Vec::new());
            for (epci, name) in EPCIS
                .iter()
                .zip(["x", "y", "z"])
                .zip(&epcis)
                .filter_map(|(e, l)| l.then_some(e))
            {
                entries.push(entry(Epci, epci, name, &[]));
            }
            for (i, (is, name, also_a_part)) in codes.iter().enumerate() {
                match is {
                    Is::Commune(epci) => {
                        entries.push(entry(Commune, CODES[i], name, &[]));
                        if *also_a_part {
                            entries.push(entry(CommuneDeleguee, CODES[i], name, &[commune(i)]));
                        }
                        if let Some(epci) = epci.filter(|epci| epcis[*epci]) {
                            members.push((commune(i), key(Epci, EPCIS[epci])));
                        }
                    }
                    Is::Part(kind, of) if is_commune(*of) => {
                        entries.push(entry(*kind, CODES[i], name, &[commune(*of)]));
                    }
                    Is::Part(..) | Is::Nothing => {}
                }
            }
            vintage(2020, entries, members)
        })
}

fn of_year(list: &Vintage, year: i16) -> Vintage {
    let attested_on = Date::new(year, 1, 1).unwrap();
    Vintage {
        attested_on,
        ..list.clone()
    }
}

proptest! {
    #[test]
    fn what_a_vintage_changed_it_does_not_change_again(
        lists in prop::collection::vec(lists(), 1..4), known in any::<bool>(),
    ) {
        let mut recorded = Vec::new();
        for (year, list) in (2020..).zip(&lists) {
            let mut list = of_year(list, year);
            list.days.all = known.then(|| Date::new(year, 1, 1).unwrap());
            recorded = loaded(&list, recorded).unwrap();

            let again = compare(&list, &recorded, || id(999)).unwrap();

            prop_assert_eq!(again.decisions, vec![]);
            prop_assert_eq!(again.unchanged, list.entries.len());
        }
    }

    #[test]
    fn each_entry_is_one_living_territory_and_no_id_is_lost(older in lists(), newer in lists()) {
        let before = loaded(&of_year(&older, 2020), Vec::new()).unwrap();

        let after = loaded(&of_year(&newer, 2021), before.clone()).unwrap();

        for entry in &newer.entries {
            let living = after.iter().filter(|t| t.ended.is_none() && Key::of(t).as_ref() == Some(&entry.key));
            prop_assert_eq!(living.count(), 1);
        }
        let ids: BTreeSet<_> = after.iter().map(|t| t.id).collect();
        prop_assert!(before.iter().all(|t| ids.contains(&t.id)));
        prop_assert_eq!(ids.len(), after.len());
    }

    #[test]
    fn on_the_day_of_each_vintage_nothing_that_it_tells_is_uncertain(older in lists(), newer in lists()) {
        let before = loaded(&of_year(&older, 2020), Vec::new()).unwrap();
        let after = loaded(&of_year(&newer, 2021), before).unwrap();

        for territory in &after {
            for year in [2020, 2021] {
                let answer = territory.on(Date::new(year, 1, 1).unwrap()).answer;
                prop_assert_eq!(answer.uncertain, vec![]);
            }
        }
    }

    #[test]
    fn what_is_stored_reads_back_the_same(older in lists(), newer in lists()) {
        let before = loaded(&of_year(&older, 2020), Vec::new()).unwrap();

        for territory in loaded(&of_year(&newer, 2021), before).unwrap() {
            let json = serde_json::to_value(&territory).unwrap();
            prop_assert_eq!(serde_json::from_value::<Territory>(json).unwrap(), territory);
        }
    }

    #[test]
    fn a_turn_had_come_or_had_not_on_every_day_outside_its_two(
        after in dates(), days in 1..2_000_i32, at in dates(),
    ) {
        let at_latest = after.plus_days(days).unwrap();
        let turn = Turn::Between(Between { after, at_latest });

        let known = turn.had_come(at);

        prop_assert_eq!(known.is_none(), after < at && at < at_latest);
        prop_assert_eq!(known == Some(true), at >= at_latest);
    }
}

fn drawn(json: &serde_json::Value) -> TerritoryFields {
    let mut all = serde_json::json!({ "kind": "bassin", "names": [{ "name": "Bassin alésien" }] });
    all.as_object_mut()
        .unwrap()
        .extend(json.as_object().unwrap().clone());
    serde_json::from_value(all).unwrap()
}

fn known(kind: TerritoryKind) -> Vec<KnownMember> {
    vec![KnownMember { id: id(1), kind }]
}

fn members(json: &serde_json::Value) -> TerritoryFields {
    drawn(&serde_json::json!({ "members": json }))
}

fn faults(refused: Result<Territory, Refusal>) -> Vec<(String, &'static str)> {
    let Err(Refusal::Values(faults)) = refused else {
        panic!("{refused:?}")
    };
    let told = |fault: &crate::values::Fault| (fault.pointer.to_string(), fault.error.code());
    faults.iter().map(told).collect()
}

#[test]
fn only_communes_and_epci_make_up_a_drawn_territory() {
    let one = || members(&serde_json::json!([{ "territory": id(1) }]));

    for kind in <TerritoryKind as crate::values::CodeList>::ALL {
        let outcome = Territory::draw(id(2), one(), &known(*kind));

        let allowed = matches!(kind, Commune | Epci);
        assert_eq!(outcome.is_ok(), allowed, "{kind}");
        if !allowed {
            let refusal = Refusal::NotAMember {
                territory: id(1),
                kind: *kind,
            };
            assert_eq!(outcome, Err(refusal));
        }
    }
    assert_eq!(
        faults(Territory::draw(id(2), one(), &[])),
        [("/members/0/territory".to_owned(), "unknown_reference")]
    );
}

#[test]
fn nobody_is_a_member_twice_on_one_day() {
    let twice = |first_ends: &str| {
        let members = members(&serde_json::json!([
            { "territory": id(1), "starts_on": "2020-01-01" },
            { "territory": id(1), "ends_before": first_ends },
        ]));
        Territory::draw(id(2), members, &known(Commune))
    };

    assert!(twice("2020-01-01").is_ok());
    assert_eq!(
        faults(twice("2020-01-02")),
        [("/members/1".to_owned(), "contradicts")]
    );
}

#[test]
fn a_reference_territory_is_not_changed_by_hand() {
    let commune = loaded(&before_the_merger(), Vec::new()).unwrap().remove(1);
    let reference = || Refusal::Reference { kind: Commune };
    let end = EndOfTerritory {
        ends_before: day("2027-01-01"),
        reason: None,
    };

    let as_a_commune = drawn(&serde_json::json!({ "kind": "commune" }));

    assert_eq!(Territory::draw(id(2), as_a_commune, &[]), Err(reference()));
    assert_eq!(
        commune.clone().redraw(drawn(&serde_json::json!({})), &[]),
        Err(reference())
    );
    assert_eq!(commune.clone().end(end), Err(reference()));
    assert_eq!(commune.delete(), Err(reference()));
    assert_eq!(commune.acts(), []);
}

#[test]
fn a_drawn_territory_ends_once_and_after_it_began() {
    let bassin = || {
        let fields = drawn(&serde_json::json!({ "starts_on": "2011-01-01" }));
        Territory::draw(id(2), fields, &[]).unwrap()
    };
    let end = |on: &str| EndOfTerritory {
        ends_before: day(on),
        reason: None,
    };

    let ended = bassin().end(end("2027-01-01")).unwrap();

    let ends_before = day("2027-01-01");
    assert_eq!(
        ended.end(end("2028-01-01")),
        Err(Refusal::AlreadyEnded { ends_before })
    );
    assert_eq!(
        faults(bassin().end(end("2011-01-01"))),
        [("/ends_before".to_owned(), "not_in_order")]
    );
}

#[test]
fn a_priority_district_is_coded_as_its_list_codes() {
    let fits = |year, code| qpv_code(QpvList::of(year).unwrap(), code).is_ok();

    for code in ["QP030001", "QP02A001", "qp030001"] {
        assert!(fits(2015, code) && !fits(2024, code), "{code}");
    }
    for code in ["QN03001M", "QN02A01I", "QN97401D"] {
        assert!(fits(2024, code) && !fits(2015, code), "{code}");
    }
    for code in [
        "",
        "QP",
        "QP03000",
        "QP0300012",
        "QN030012",
        "QN03C01M",
        "XX030001",
        "QPé3000",
    ] {
        assert!(!fits(2015, code) && !fits(2024, code), "{code}");
    }
    assert_eq!(QpvList::of(2020), None);
}

#[test]
fn the_first_list_of_districts_ends_where_the_second_begins() {
    let code = |text| TerritoryCode::parse(text).unwrap();
    let change = Some(day("2024-01-01"));

    assert_eq!(QpvList::Of2015.ends_before(&code("QP030001")), change);
    assert_eq!(QpvList::Of2024.starts_on(&code("QN03001M")), change);
    assert_eq!(QpvList::Of2024.ends_before(&code("QN03001M")), None);
    assert_eq!(QpvList::Of2015.ends_before(&code("QP974001")), None);
}

#[test]
fn a_list_of_districts_is_loaded_whatever_other_lists_there_are() {
    let commune = vintage(2026, vec![entry(Commune, "30007", "Alès", &[])], vec![]);
    let of = |year: i16, code: &str| {
        let mut district = entry(TerritoryKind::Qpv, code, "Centre", &[key(Commune, "30007")]);
        district.key.list = Some(year);
        let list = QpvList::of(year).unwrap();
        district.starts_on = list.starts_on(&district.key.code);
        district.ends_before = list.ends_before(&district.key.code);
        vintage(year, vec![district], vec![])
    };
    let mut recorded = loaded(&commune, Vec::new()).unwrap();

    for list in [of(2024, "QN03001M"), of(2015, "QP030001")] {
        recorded = loaded(&list, recorded).unwrap();
        assert_eq!(compare(&list, &recorded, || id(99)).unwrap().decisions, []);
    }

    let states = |on: &str| {
        recorded[1..]
            .iter()
            .map(|t| t.state_on(day(on)))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        states("2023-12-31"),
        [TerritoryState::Expected, TerritoryState::Open]
    );
    assert_eq!(
        states("2024-01-01"),
        [TerritoryState::Open, TerritoryState::Ended]
    );
    assert!(loaded(&of(2024, "QN03001M"), Vec::new()).is_err());
}
