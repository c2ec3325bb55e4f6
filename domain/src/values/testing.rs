//! Valid values at random, for property tests here and in the stories.

use proptest::option;
use proptest::prelude::*;

use super::{Cents, Date, Label, PartialDate, Period, Since, Siren, Siret};

/// Days from 1900 to 2099.
pub fn dates() -> impl Strategy<Value = Date> + Clone {
    (1900..2100_i16, 1..=12_i8, 1..=31_i8)
        .prop_filter_map("a day of the calendar", |(year, month, day)| {
            Date::new(year, month, day).ok()
        })
}

/// Years, months and days from 1900 to 2099.
pub fn partial_dates() -> impl Strategy<Value = PartialDate> + Clone {
    (dates(), prop::sample::select(vec![4_usize, 7, 10]))
        .prop_filter_map("a precision", |(day, width)| {
            day.to_string().get(..width)?.parse().ok()
        })
}

/// Periods of a day to some years, within dates from 1900 to 2099 or shortly after.
pub fn periods() -> impl Strategy<Value = Period> + Clone {
    let days = prop_oneof![1..=31_i32, 1..=4_000_i32, Just(365)];
    (dates(), days).prop_filter_map("a period", |(start, days)| {
        Period::new(start, start.plus_days(days)?).ok()
    })
}

/// Runs of days, open at either end or not.
pub fn sinces() -> impl Strategy<Value = Since> + Clone {
    (periods(), option::of(Just(())), option::of(Just(()))).prop_filter_map(
        "a run of days",
        |(period, start, end)| {
            let starts_on = start.map(|()| period.starts_on());
            Since::new(starts_on, end.map(|()| period.ends_before())).ok()
        },
    )
}

/// SIREN with their right key.
pub fn sirens() -> impl Strategy<Value = Siren> + Clone {
    "[0-9]{8}".prop_filter_map("a key", |digits| {
        (0..10).find_map(|key| Siren::parse(&format!("{digits}{key}")).ok())
    })
}

/// SIRET with their right key, or with what La Poste uses instead.
pub fn sirets() -> impl Strategy<Value = Siret> + Clone {
    let own = (sirens(), "[0-9]{4}").prop_filter_map("a key", |(siren, digits)| {
        (0..10).find_map(|key| Siret::parse(&format!("{siren}{digits}{key}")).ok())
    });
    let of_la_poste = ("[0-9]{4}", 0..10_u8).prop_filter_map("a key", |(digits, first)| {
        (first..10).find_map(|key| Siret::parse(&format!("356000000{digits}{key}")).ok())
    });
    prop_oneof![9 => own, 1 => of_la_poste]
}

/// Sums of money, small ones, round ones, and as far as the bounds.
pub fn cents() -> impl Strategy<Value = Cents> + Clone {
    let number = prop_oneof![
        -100..=100_i64,
        -100_000_000..=100_000_000_i64,
        Cents::MIN.number()..=Cents::MAX.number(),
        Just(Cents::MIN.number()),
        Just(Cents::MAX.number()),
    ];
    number.prop_filter_map("a sum", |number| Cents::new(number).ok())
}

/// Names as the field writes them, accents, apostrophes and ligatures included.
pub fn labels() -> impl Strategy<Value = Label> + Clone {
    "[A-Za-zÀÉÈÇéèêëàâîïôœŒæùûüç0-9][A-Za-zéèêàôœç0-9 '’&,.()-]{0,80}"
        .prop_filter_map("a name", |name| Label::parse(&name).ok())
}
