//! Working time, in thousandths of a full-time equivalent.

use super::number::whole_number;

whole_number! {
    /// Working time in thousandths of a full-time equivalent (`fte_thousandths`): 333 is a third of
    /// a post, 2 500 two posts and a half. At most what a 32-bit integer holds.
    pub struct Fte(u32) from 0 to 2_147_483_647; example 500, format Int32
}

whole_number! {
    /// A part of one person's own full time, in thousandths: 1 to 1 000. Nobody is at work more
    /// than their full time, nor assigned for nothing.
    pub struct WorkShare(u32) from 1 to 1_000; example 333, format Int32
}

impl Fte {
    /// No working time.
    pub const ZERO: Self = Self(0);
    /// One person's full time.
    pub const FULL: Self = Self(1_000);

    /// Both together; nothing when that is beyond the bounds.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Self::new(self.0.checked_add(other.0)?).ok()
    }

    /// This without `other`; nothing when `other` is more.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// All of them together; nothing when that is beyond the bounds.
    #[must_use]
    pub fn total(times: impl IntoIterator<Item = Self>) -> Option<Self> {
        times.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }
}

impl WorkShare {
    /// The working time it is.
    #[must_use]
    pub const fn fte(self) -> Fte {
        Fte(self.0)
    }
}

impl From<WorkShare> for Fte {
    fn from(share: WorkShare) -> Self {
        share.fte()
    }
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;

    use super::super::ValueError;
    use super::*;

    proptest! {
        #[test]
        fn what_is_printed_reads_back_the_same(
            time in 0..=Fte::MAX.number(), share in 1..=1_000_u32,
        ) {
            let (time, share) = (Fte::new(time).unwrap(), WorkShare::new(share).unwrap());

            prop_assert_eq!(time.to_string().parse(), Ok(time));
            prop_assert_eq!(share.to_string().parse(), Ok(share));
            let json = serde_json::to_string(&time).unwrap();
            prop_assert_eq!(serde_json::from_str::<Fte>(&json).unwrap(), time);
        }

        #[test]
        fn what_is_added_can_be_taken_away(one in 0..100_000_u32, other in 0..100_000_u32) {
            let (one, other) = (Fte::new(one).unwrap(), Fte::new(other).unwrap());

            let both = one.checked_add(other).unwrap();

            prop_assert_eq!(both.checked_sub(other), Some(one));
            prop_assert_eq!(Fte::total([one, other]), Some(both));
        }
    }

    #[test]
    fn three_thirds_of_a_post_fall_short_of_it() {
        let third = WorkShare::new(333).unwrap().fte();

        let left = Fte::FULL.checked_sub(Fte::total([third; 3]).unwrap());

        assert_eq!(left.map(Fte::number), Some(1));
        assert_eq!(third.checked_sub(Fte::FULL), None);
        assert_eq!(Fte::MAX.checked_add(third), None);
    }

    #[test]
    fn nobody_works_more_than_full_time_or_for_nothing() {
        for thousandths in [-1, 0, 1_001] {
            let refused = Err(ValueError::OutOfRange { min: 1, max: 1_000 });
            assert_eq!(WorkShare::new(thousandths), refused);
        }
    }
}
