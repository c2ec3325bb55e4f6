//! The laws of the policy.

use uuid::Uuid;

use super::*;
use crate::organisations::OrganisationId;

fn one(number: u128) -> Scope {
    Scope::Organisation(OrganisationId::new(Uuid::from_u128(number)))
}

fn actor(role: Role, scope: Scope, scopes: &[TokenScope]) -> Actor {
    Actor {
        held: vec![Held { role, scope }],
        scopes: scopes.to_vec(),
        ..Actor::operator()
    }
}

/// Reached by the scope of this one, with these rights.
fn by(number: u128, sway: Sway) -> Reached {
    Reached {
        by: one(number),
        sway,
    }
}

fn target(number: u128, within: &[Reached]) -> Target<'_> {
    Target::One {
        own: one(number),
        within,
    }
}

#[test]
fn an_administrator_may_do_everything() {
    for action in Action::ALL {
        assert!(
            Actor::operator().may(*action, Target::Everything),
            "{action}"
        );
    }
}

#[test]
fn readers_federations_and_the_public_write_nothing() {
    for role in [Role::Reader, Role::Federation, Role::Public] {
        for action in role.rights() {
            assert_eq!(action.token_scope(), TokenScope::Read, "{role} {action}");
        }
    }
}

#[test]
fn rights_that_wait_for_a_room_hold_nothing() {
    for role in [Role::Secretary, Role::Funder] {
        assert_eq!(role.rights(), [], "{role}");
        let holder = actor(role, one(1), TokenScope::ALL);
        for action in Action::ALL {
            assert!(!holder.may(*action, target(1, &[])), "{role} {action}");
            assert!(holder.visibility(*action).is_err(), "{role} {action}");
        }
    }
}

#[test]
fn only_an_administrator_gives_rights_or_keeps_accounts() {
    let administers = |action: &&Action| action.token_scope() == TokenScope::Administer;
    for role in Role::ALL
        .iter()
        .filter(|role| **role != Role::Administrator)
    {
        let found = role.rights().iter().find(administers);
        assert_eq!(found, None, "{role}");
    }
}

#[test]
fn a_right_over_one_thing_is_none_over_another() {
    let coordinator = actor(Role::Coordinator, one(1), TokenScope::ALL);
    let change = Action::ChangeOrganisation;

    assert!(coordinator.may(change, target(1, &[])));
    assert!(coordinator.may(change, target(2, &[by(1, Sway::Full)])));
    assert_eq!(
        coordinator.authorise(change, target(2, &[by(3, Sway::Full)])),
        Err(Denied::Scope { action: change })
    );
    assert_eq!(
        coordinator.authorise(change, Target::Everything),
        Err(Denied::Scope { action: change })
    );
}

#[test]
fn what_is_only_to_be_seen_is_changed_by_nobody_who_only_sees_it() {
    let coordinator = actor(Role::Coordinator, one(1), TokenScope::ALL);
    let seen = [by(1, Sway::Sight)];

    for action in Role::Coordinator.rights() {
        let reads = action.token_scope() == TokenScope::Read;
        assert_eq!(
            coordinator.may(*action, target(2, &seen)),
            reads,
            "{action}"
        );
    }
}

#[test]
fn a_role_in_one_scope_is_not_held_in_another() {
    let mixed = Actor {
        held: vec![
            Held {
                role: Role::Reader,
                scope: one(1),
            },
            Held {
                role: Role::Coordinator,
                scope: one(2),
            },
        ],
        ..Actor::operator()
    };

    assert!(mixed.may(Action::ReadOrganisations, target(1, &[])));
    assert!(!mixed.may(Action::ChangeOrganisation, target(1, &[])));
    assert!(mixed.may(Action::ChangeOrganisation, target(2, &[])));
}

#[test]
fn what_is_seen_is_what_may_be_read() {
    for role in Role::ALL {
        for scope in [Scope::Everything, one(1)] {
            let actor = actor(*role, scope, TokenScope::ALL);
            for within in [
                vec![],
                vec![by(1, Sway::Full)],
                vec![by(1, Sway::Sight)],
                vec![by(3, Sway::Full)],
            ] {
                let read = Action::ReadOrganisations;
                let sees = actor
                    .visibility(read)
                    .is_ok_and(|visible| visible.covers(one(2), &within));

                assert_eq!(sees, actor.may(read, target(2, &within)), "{role} {scope}");
            }
        }
    }
}

#[test]
fn reference_data_is_read_whatever_the_grant_is_on() {
    let reader = actor(Role::Reader, one(1), TokenScope::ALL);

    assert_eq!(
        reader.visibility(Action::ReadTerritories),
        Ok(Visibility::Everything)
    );
}

#[test]
fn a_token_narrows_and_never_widens() {
    for role in Role::ALL {
        for action in Action::ALL {
            let narrow = actor(*role, Scope::Everything, &[TokenScope::Read]);
            let wide = actor(*role, Scope::Everything, TokenScope::ALL);

            let narrowed = narrow.entitle(*action).is_ok();

            assert!(!narrowed || wide.entitle(*action).is_ok());
            assert!(!narrowed || action.token_scope() == TokenScope::Read);
        }
    }
}

#[test]
fn every_role_has_its_line() {
    assert!(
        Role::ALL
            .iter()
            .all(|role| RIGHTS.iter().any(|(holder, _)| holder == role))
    );
}
