//! Actions that look as if they were one, recorded twice: by two owners, or in two years' plans. What is found here is
//! shown, never refused.

use super::{ActionFields, ActionStatus};
use crate::organisations::what_matters;
use crate::territories::Ground;
use crate::values::{Since, fold};

/// The most doubles that are told of one action.
pub const MOST_DOUBLES: usize = 20;

impl ActionFields {
    /// The days on which it is surely being done, or was. What is done has an end; of what rests, it is not known when it
    /// began to.
    #[must_use]
    pub fn runs(&self) -> Option<Since> {
        let since = Since {
            starts_on: self.starts_on,
            ends_before: self.ends_before,
        };
        match self.status {
            ActionStatus::Running => Some(since),
            ActionStatus::Done => self.ends_before.map(|_| since),
            ActionStatus::Planned | ActionStatus::Suspended | ActionStatus::Abandoned => None,
        }
    }

    /// What a double of it would have in common with it: a theme, with the words of the title that matter.
    #[must_use]
    pub fn marks(&self) -> Vec<String> {
        let title = what_matters(&fold(self.title.as_str()));
        let themes = self.themes.iter();
        themes.map(|theme| format!("{theme} {title}")).collect()
    }

    /// Whether it and another look like one: both on one theme, under titles whose words that matter are the same, on
    /// some day, in some commune or territory. An action that says nowhere where it is done looks like none.
    #[must_use]
    pub fn looks_like(&self, other: &Self, ground: &Ground) -> bool {
        let (marks, others) = (self.marks(), other.marks());
        let alike = marks.iter().any(|mark| others.contains(mark));
        let together = match (self.runs(), other.runs()) {
            (Some(one), Some(other)) => one.overlaps(other),
            _ => false,
        };
        alike && together && self.meets(other, ground)
    }

    fn meets(&self, other: &Self, ground: &Ground) -> bool {
        let [own, others] = [self, other].map(|one| one.territories.iter().copied().collect());
        let [here, there] = [&own, &others].map(|one| ground.communes_of(one));
        !own.is_disjoint(&others) || !here.is_disjoint(&there)
    }
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::territories::{TerritoryId, TerritoryKind};

    fn id(number: u128) -> TerritoryId {
        TerritoryId::new(Uuid::from_u128(number))
    }

    /// The communes 1 and 2 in the EPCI 10, the commune 3 in none, and the district 20.
    fn ground() -> Ground {
        let mut ground = Ground::default();
        for commune in [1, 2] {
            ground.hold(id(10), id(commune), TerritoryKind::Commune);
        }
        ground.know(id(10), TerritoryKind::Epci);
        ground.know(id(3), TerritoryKind::Commune);
        ground.know(id(20), TerritoryKind::Qpv);
        ground
    }

    fn action(more: &Value) -> ActionFields {
        let mut fields = json!({
            "owner": { "type": "network", "id": Uuid::from_u128(7) }, "title": "Forum de la santé",
            "themes": ["addictions"], "territories": [id(10)], "status": "running",
        });
        let more = more.as_object().unwrap().clone();
        fields.as_object_mut().unwrap().extend(more);
        serde_json::from_value(fields).unwrap()
    }

    #[test]
    fn two_actions_look_like_one_by_theme_title_days_and_communes_together() {
        let one = action(&json!({ "starts_on": "2026-01-01", "ends_before": "2027-01-01" }));

        for (more, alike) in [
            (json!({}), true),
            (json!({ "title": "Santé : le forum" }), true),
            (json!({ "title": "Forum de l'emploi" }), false),
            (json!({ "themes": ["diabetes", "addictions"] }), true),
            (json!({ "themes": ["diabetes"] }), false),
            (json!({ "starts_on": "2026-12-31" }), true),
            (json!({ "starts_on": "2027-01-01" }), false),
            (json!({ "territories": [id(1)] }), true),
            (json!({ "territories": [id(3)] }), false),
            (json!({ "territories": [] }), false),
            (json!({ "status": "planned" }), false),
            (
                json!({ "status": "done", "ends_before": "2026-07-01" }),
                true,
            ),
        ] {
            let other = action(&more);
            assert_eq!(one.looks_like(&other, &ground()), alike, "{more}");
            assert_eq!(other.looks_like(&one, &ground()), alike, "{more}");
        }
        let in_district = action(&json!({ "territories": [id(20)] }));
        assert!(in_district.looks_like(&in_district.clone(), &ground()));
    }

    #[test]
    fn what_is_done_without_an_end_or_not_begun_runs_on_no_day() {
        let runs = |status: &str, ends: Option<&str>| {
            action(&json!({ "status": status, "ends_before": ends }))
                .runs()
                .is_some()
        };

        assert!(runs("running", None) && runs("done", Some("2026-01-01")));
        for status in ["planned", "suspended", "abandoned", "done"] {
            assert!(!runs(status, None), "{status}");
        }
    }

    proptest! {
        #[test]
        fn doubles_are_found_by_their_marks(
            one in prop::sample::subsequence(vec!["addictions", "diabetes", "cancer"], 0..=3),
            other in prop::sample::subsequence(vec!["addictions", "diabetes", "cancer"], 0..=3),
            titles in prop::sample::subsequence(vec!["Forum", "Le forum", "Atelier"], 2),
        ) {
            let one = action(&json!({ "themes": one, "title": titles[0] }));
            let other = action(&json!({ "themes": other, "title": titles[1] }));

            let found = one.marks().iter().any(|mark| other.marks().contains(mark));
            prop_assert_eq!(one.looks_like(&other, &ground()), found);
        }
    }
}
