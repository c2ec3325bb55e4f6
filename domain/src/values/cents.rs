//! Money, in cents of euro. Nothing here multiplies: shares are cut by [`super::apportion()`].

use super::ValueError;
use super::number::whole_number;

whole_number! {
    /// A sum of money in cents of euro, owed or owing, within ±(2^53 − 1): every JSON reader holds
    /// it exactly, one of floating-point numbers too.
    pub struct Cents(i64) from -9_007_199_254_740_991 to 9_007_199_254_740_991;
    example 1_250_000, format Int64
}

whole_number! {
    /// A sum of money in cents of euro that is moved: at least one cent.
    pub struct Amount(i64) from 1 to 9_007_199_254_740_991;
    example 1_250_000, format Int64
}

impl Cents {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// Both together; nothing when that is beyond the bounds.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Self::new(self.0.checked_add(other.0)?).ok()
    }

    /// This without `other`; nothing when that is beyond the bounds.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Self::new(self.0.checked_sub(other.0)?).ok()
    }

    /// The same sum the other way round, as in a reversing entry.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Self(self.0.saturating_neg())
    }

    /// All of them together; nothing when that is beyond the bounds. Only the total is judged,
    /// so that the order does not matter.
    #[must_use]
    pub fn total(sums: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut sums = sums.into_iter().map(|sum| i128::from(sum.0));
        Self::new(sums.try_fold(0_i128, i128::checked_add)?).ok()
    }
}

impl Amount {
    /// The sum it moves.
    #[must_use]
    pub const fn cents(self) -> Cents {
        Cents(self.0)
    }
}

impl From<Amount> for Cents {
    fn from(amount: Amount) -> Self {
        amount.cents()
    }
}

impl TryFrom<Cents> for Amount {
    type Error = ValueError;

    fn try_from(sum: Cents) -> Result<Self, ValueError> {
        Self::new(sum.0)
    }
}

#[cfg(test)]
mod laws {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::Misread;
    use super::super::testing::cents;
    use super::*;

    proptest! {
        #[test]
        fn what_is_printed_reads_back_the_same(sum in cents()) {
            prop_assert_eq!(sum.to_string().parse(), Ok(sum));
            let json = serde_json::to_string(&sum).unwrap();
            prop_assert_eq!(&json, &sum.to_string());
            prop_assert_eq!(serde_json::from_str::<Cents>(&json).unwrap(), sum);
        }

        #[test]
        fn what_is_added_can_be_taken_away(one in cents(), other in cents()) {
            match one.checked_add(other) {
                Some(both) => prop_assert_eq!(both.checked_sub(other), Some(one)),
                None => prop_assert!(one.checked_sub(other.reversed()).is_none()),
            }
        }

        #[test]
        fn a_sum_and_its_reversal_leave_nothing(sum in cents()) {
            prop_assert_eq!(sum.checked_add(sum.reversed()), Some(Cents::ZERO));
        }

        #[test]
        fn a_total_does_not_depend_on_the_order(mut sums in vec(cents(), 0..8)) {
            let total = Cents::total(sums.clone());
            sums.reverse();

            prop_assert_eq!(Cents::total(sums), total);
        }

        #[test]
        fn an_amount_is_a_sum_above_nothing(sum in cents()) {
            let amount = Amount::try_from(sum);

            prop_assert_eq!(amount.is_ok(), sum > Cents::ZERO);
            prop_assert!(amount.is_err() || amount.map(Cents::from) == Ok(sum));
        }
    }

    #[test]
    fn a_cent_beyond_the_bounds_is_refused() {
        let cent = Cents::new(1).unwrap();

        assert_eq!(Cents::MAX.number(), (1_i64 << 53) - 1);
        assert_eq!(Cents::MAX.checked_add(cent), None);
        assert_eq!(Cents::MIN.checked_sub(cent), None);
        assert_eq!(Cents::total([Cents::MAX, cent, Cents::MIN]), Some(cent));
        assert_eq!(Cents::total([]), Some(Cents::ZERO));
        assert!(Cents::new(i64::MIN).is_err() && Cents::new(i64::MAX).is_err());
    }

    #[test]
    fn no_fraction_of_a_cent_is_read() {
        for json in ["1.5", "12.0", "\"12\""] {
            let error = serde_json::from_str::<Cents>(json).unwrap_err().to_string();
            assert!(error.starts_with("invalid type"), "{json}: {error}");
        }
    }

    #[test]
    fn an_amount_of_nothing_is_misread() {
        let error = serde_json::from_str::<Amount>("0").unwrap_err().to_string();

        let bounds = ValueError::OutOfRange {
            min: 1,
            max: Amount::MAX.number(),
        };
        let expected = Misread::new(bounds, 1_250_000);
        assert_eq!(Misread::find_in(&error), Some(expected));
    }
}
