//! Which record a row tells of.

/// What is known of the record that a row may tell of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidates<I> {
    /// The record that the source's own key was tied to by an earlier import.
    pub by_key: Option<I>,
    /// For each number of the row, the most telling first, the records that bear it.
    pub by_number: Vec<Vec<I>>,
    /// Those of them that the same source knows by another key.
    pub taken: Vec<I>,
}

/// Which record a row tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match<I> {
    /// This one.
    Record(I),
    /// Several bear its number, and nothing says which is meant.
    Ambiguous {
        /// How many.
        count: usize,
    },
    /// None that is recorded.
    New,
}

/// Decides which record a row tells of: the one tied to its key; else the one record that bears
/// its most telling number borne at all.
///
/// A record that the same source knows by another key is another thing to that source, so it is
/// none of this row's: several establishments share a SIRET.
#[must_use]
pub fn matched<I: Copy + PartialEq>(candidates: &Candidates<I>) -> Match<I> {
    if let Some(known) = candidates.by_key {
        return Match::Record(known);
    }
    for bearers in &candidates.by_number {
        let mut free: Vec<I> = Vec::new();
        for bearer in bearers {
            if !candidates.taken.contains(bearer) && !free.contains(bearer) {
                free.push(*bearer);
            }
        }
        match free.as_slice() {
            [] => {}
            [one] => return Match::Record(*one),
            several => {
                let count = several.len();
                return Match::Ambiguous { count };
            }
        }
    }
    Match::New
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;

    use super::*;

    fn candidates() -> impl Strategy<Value = Candidates<u8>> {
        let bearers = prop::collection::vec(0..6_u8, 0..4);
        (
            prop::option::weighted(0.2, 0..6_u8),
            prop::collection::vec(bearers, 0..4),
            prop::collection::vec(0..6_u8, 0..3),
        )
            .prop_map(|(by_key, by_number, taken)| Candidates {
                by_key,
                by_number,
                taken,
            })
    }

    proptest! {
        #[test]
        fn the_source_s_own_key_decides_before_any_number(candidates in candidates(), known in 0..6_u8) {
            let candidates = Candidates { by_key: Some(known), ..candidates };

            prop_assert_eq!(matched(&candidates), Match::Record(known));
        }

        #[test]
        fn a_record_known_by_another_key_is_never_the_one(candidates in candidates()) {
            let candidates = Candidates { by_key: None, ..candidates };

            if let Match::Record(one) = matched(&candidates) {
                prop_assert!(!candidates.taken.contains(&one));
            }
        }

        #[test]
        fn the_one_bears_a_number_and_no_one_else_does(candidates in candidates()) {
            let candidates = Candidates { by_key: None, ..candidates };
            let free = |bearers: &Vec<u8>| {
                let mut free = bearers.clone();
                free.retain(|bearer| !candidates.taken.contains(bearer));
                free.sort_unstable();
                free.dedup();
                free
            };

            let first = candidates.by_number.iter().map(free).find(|free| !free.is_empty());

            prop_assert_eq!(matched(&candidates), match first.as_deref() {
                None => Match::New,
                Some([one]) => Match::Record(*one),
                Some(several) => Match::Ambiguous { count: several.len() },
            });
        }

        #[test]
        fn the_order_of_the_bearers_does_not_matter(candidates in candidates()) {
            let mut turned = candidates.clone();
            turned.by_number.iter_mut().for_each(|bearers| bearers.reverse());
            turned.taken.reverse();

            prop_assert_eq!(matched(&turned), matched(&candidates));
        }
    }
}
