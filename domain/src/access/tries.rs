//! How often a password may be tried.
//!
//! Tries are counted by *lane*: one person's address as tried from one place. A place is a device
//! where that person logged in before, or else a part of the network. Whoever guesses locks their
//! own lane. All places where the person never logged in share one count more, so that guessing
//! from everywhere at once does not help; it never locks a lane that is known.

/// So many tries, and for how long a lane is then closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The most tries that fail.
    pub most: i64,
    /// Within how many seconds; and for how many seconds the lane is closed after the last one.
    pub seconds: i64,
}

/// The limit of one lane: 10 in a quarter of an hour.
pub const OF_ONE_LANE: Limit = Limit {
    most: 10,
    seconds: 15 * 60,
};

/// The limit of all lanes together on which a person never logged in: 50 in an hour.
pub const OF_STRANGERS: Limit = Limit {
    most: 50,
    seconds: 60 * 60,
};

/// The tries that were counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub count: i64,
    /// Since when, in seconds since 1970; the last one's moment once the lane is closed.
    pub since: i64,
}

/// The lane is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many tries; closed for {retry_after_seconds} seconds")]
pub struct TooManyTries {
    /// For how many seconds more.
    pub retry_after_seconds: i64,
}

impl Tally {
    /// The tally with one more try, before it is known whether it fails: tries at one moment cannot
    /// slip past the limit together.
    ///
    /// Refused while the lane is closed.
    pub fn count(self, limit: Limit, now: i64) -> Result<Self, TooManyTries> {
        let left = self.since.saturating_add(limit.seconds).saturating_sub(now);
        // A clock that was set back closes nothing for longer than the limit says.
        let is_over = left <= 0 || left > limit.seconds;
        if is_over {
            return Ok(Self {
                count: 1,
                since: now,
            });
        }
        if self.count >= limit.most {
            return Err(TooManyTries {
                retry_after_seconds: left,
            });
        }
        let count = self.count.saturating_add(1);
        let closes = count >= limit.most;
        Ok(Self {
            count,
            since: if closes { now } else { self.since },
        })
    }

    /// The tally without one try that did not fail.
    #[must_use]
    pub fn without_one(self) -> Self {
        Self {
            count: self.count.saturating_sub(1).max(0),
            ..self
        }
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "small numbers of a test")]
mod laws {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_lane_is_closed_after_its_last_try_for_the_whole_time(
            steps in prop::collection::vec(0_i64..600, 1..60),
        ) {
            let (mut tally, mut now) = (Tally::default(), 1_800_000_000);
            let mut closed_until = 0;
            for step in steps {
                now += step;
                match tally.count(OF_ONE_LANE, now) {
                    Ok(next) => {
                        prop_assert!(now >= closed_until);
                        if next.count == OF_ONE_LANE.most {
                            closed_until = now + OF_ONE_LANE.seconds;
                        }
                        tally = next;
                    }
                    Err(refused) => {
                        prop_assert_eq!(now + refused.retry_after_seconds, closed_until);
                    }
                }
            }
        }

        #[test]
        fn no_more_than_the_most_are_let_through_between_two_rests(pause in 0_i64..80) {
            let (mut tally, mut now, mut through) = (Tally::default(), 1_800_000_000, 0);
            for _ in 0..10 {
                now += pause;
                if let Ok(next) = tally.count(OF_ONE_LANE, now) {
                    tally = next;
                    through += 1;
                }
            }
            prop_assert_eq!(through, 10);
            prop_assert!(tally.count(OF_ONE_LANE, now).is_err());
            prop_assert!(tally.count(OF_ONE_LANE, now + OF_ONE_LANE.seconds).is_ok());
        }
    }

    #[test]
    fn a_try_that_succeeds_is_not_held_against_its_lane() {
        let tally = Tally {
            count: 9,
            since: 1_800_000_000,
        };

        let counted = tally.count(OF_STRANGERS, 1_800_000_001).unwrap();

        assert_eq!(counted.without_one().count, 9);
        assert_eq!(Tally::default().without_one().count, 0);
    }
}
