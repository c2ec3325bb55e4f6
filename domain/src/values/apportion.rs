//! How a sum is cut into shares without making or losing a cent.

use std::cmp::Reverse;

use super::Cents;

/// One share being cut: where it stands, what it surely gets, and what it would still deserve.
struct Share {
    place: usize,
    whole: i128,
    remainder: i128,
}

/// Cuts `total` in proportion to `weights`, in cents, by the largest remainder.
///
/// Each part gets its exact share rounded down; the cents left go one each to the parts that lost
/// most by the rounding. **Of two that lost as much, the earlier in the list is served first**, so
/// the same list always gives the same parts. A part of weight 0 gets nothing. A negative total is
/// cut as its opposite would be, every sign turned: what is taken back mirrors what was given.
///
/// Nothing when all the weights are 0, or there are none: there is no one to give to.
#[must_use]
pub fn apportion(total: Cents, weights: &[u64]) -> Option<Vec<Cents>> {
    if weights.iter().all(|weight| *weight == 0) {
        return None;
    }
    if total < Cents::ZERO {
        let parts = apportion(total.reversed(), weights)?;
        return Some(parts.into_iter().map(Cents::reversed).collect());
    }
    let sum = weights
        .iter()
        .try_fold(0_i128, |sum, weight| sum.checked_add((*weight).into()))?;
    let mut left = i128::from(total.number());
    let mut shares = Vec::with_capacity(weights.len());
    for (place, weight) in weights.iter().enumerate() {
        let product = i128::from(total.number()).checked_mul((*weight).into())?;
        let whole = product.checked_div(sum)?;
        left = left.checked_sub(whole)?;
        shares.push(Share {
            place,
            whole,
            remainder: product.checked_rem(sum)?,
        });
    }
    // The sort is stable: shares with the same remainder stay in the order of the list. Fewer
    // cents are left than there are shares with a remainder.
    shares.sort_by_key(|share| Reverse(share.remainder));
    for share in shares.iter_mut().take(usize::try_from(left).ok()?) {
        share.whole = share.whole.checked_add(1)?;
    }
    shares.sort_unstable_by_key(|share| share.place);
    shares
        .into_iter()
        .map(|share| Cents::new(share.whole).ok())
        .collect()
}

#[cfg(test)]
mod laws {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::testing::cents;
    use super::*;

    fn weights() -> impl Strategy<Value = Vec<u64>> {
        let weight = prop_oneof![0..5_u64, 0..100_000_u64, any::<u64>()];
        vec(weight, 1..12).prop_filter("someone to give to", |all| all.iter().any(|w| *w > 0))
    }

    fn numbers(parts: Option<Vec<Cents>>) -> Option<Vec<i64>> {
        parts.map(|parts| parts.into_iter().map(Cents::number).collect())
    }

    fn cut(total: i64, weights: &[u64]) -> Option<Vec<i64>> {
        numbers(apportion(Cents::new(total).unwrap(), weights))
    }

    proptest! {
        #[test]
        fn apportioning_never_creates_or_loses_a_cent(total in cents(), weights in weights()) {
            let parts = apportion(total, &weights).unwrap();

            prop_assert_eq!(parts.len(), weights.len());
            prop_assert_eq!(Cents::total(parts), Some(total));
        }

        #[test]
        fn each_part_is_within_one_cent_of_its_exact_share(total in cents(), weights in weights()) {
            let parts = apportion(total, &weights).unwrap();
            let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();

            for (part, weight) in parts.into_iter().zip(weights) {
                let exact = i128::from(total.number()).saturating_mul(weight.into());
                let given = i128::from(part.number()).saturating_mul(sum);
                prop_assert!(given.abs_diff(exact) < sum.unsigned_abs());
            }
        }

        #[test]
        fn who_weighs_nothing_gets_nothing(total in cents(), weights in weights()) {
            let parts = apportion(total, &weights).unwrap();

            for (part, weight) in parts.into_iter().zip(weights) {
                prop_assert!(weight > 0 || part == Cents::ZERO);
            }
        }

        #[test]
        fn who_weighs_more_never_gets_less(total in 0..1_000_000_i64, weights in weights()) {
            let parts = cut(total, &weights).unwrap();
            let both: Vec<_> = weights.into_iter().zip(parts).collect();

            for (light, less) in &both {
                prop_assert!(both.iter().all(|(heavy, more)| heavy <= light || less <= more));
            }
        }

        #[test]
        fn what_is_taken_back_mirrors_what_was_given(total in cents(), weights in weights()) {
            let given = apportion(total, &weights).unwrap();
            let taken = apportion(total.reversed(), &weights).unwrap();

            prop_assert!(given.into_iter().zip(taken).all(|(one, other)| one.reversed() == other));
        }
    }

    #[test]
    fn of_two_that_lost_as_much_the_earlier_is_served_first() {
        assert_eq!(cut(100, &[1, 1, 1]), Some(vec![34, 33, 33]));
        assert_eq!(cut(-100, &[1, 1, 1]), Some(vec![-34, -33, -33]));
        assert_eq!(cut(1, &[0, 5, 5]), Some(vec![0, 1, 0]));
        assert_eq!(cut(101, &[1, 2, 1]), Some(vec![25, 51, 25]));
    }

    #[test]
    fn there_must_be_someone_to_give_to() {
        assert_eq!(cut(100, &[]), None);
        assert_eq!(cut(0, &[]), None);
        assert_eq!(cut(100, &[0, 0]), None);
        assert_eq!(cut(0, &[1, 2]), Some(vec![0, 0]));
    }
}
