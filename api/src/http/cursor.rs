//! Places in lists and in the feed, as opaque text.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::values::{Instant, Version};
use jiff::Timestamp;
use persistence::changes::Place;
use persistence::page::{After, SortBy};
use persistence::{Fault, audit};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::{Keys, SEAL_BYTES};
use crate::problem::Problem;
use crate::words::Request;

/// A row's place in a list, with the order it is a place in.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct ListPlace {
    /// The order.
    s: String,
    /// The key in that order.
    k: String,
    /// The id.
    i: Uuid,
}

/// The cursor after a row of a list.
#[must_use]
pub fn of_list(sort: SortBy, after: &After) -> String {
    let place = ListPlace {
        s: name(sort).to_owned(),
        k: after.key.clone(),
        i: after.id,
    };
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&place).unwrap_or_default())
}

/// The row that a cursor of a list in this order comes after.
pub fn in_list(cursor: &str, sort: SortBy) -> Result<After, Request> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).or(Err(Request::BadCursor))?;
    let place: ListPlace = serde_json::from_slice(&bytes).or(Err(Request::BadCursor))?;
    // PostgreSQL holds no text with this character in it.
    if place.s != name(sort) || place.k.contains('\0') {
        return Err(Request::BadCursor);
    }
    Ok(After {
        key: place.k,
        id: place.i,
    })
}

fn name(sort: SortBy) -> &'static str {
    match sort {
        SortBy::Id => "id",
        SortBy::Name => "name",
    }
}

/// The cursor after a pair of records.
#[must_use]
pub fn of_pairs(one: Uuid, other: Uuid) -> String {
    URL_SAFE_NO_PAD.encode([one.into_bytes(), other.into_bytes()].concat())
}

/// The pair that a cursor comes after.
pub fn in_pairs(cursor: &str) -> Result<(Uuid, Uuid), Request> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).or(Err(Request::BadCursor))?;
    let ids: Vec<Uuid> = bytes.chunks(16).flat_map(Uuid::from_slice).collect();
    match ids.as_slice() {
        [one, other] if bytes.len() == 32 => Ok((*one, *other)),
        _ => Err(Request::BadCursor),
    }
}

/// The cursor after a line of the audit.
#[must_use]
pub fn of_audit(place: audit::Place) -> String {
    format!("{}.{}", place.at.as_microsecond(), place.line)
}

/// The line that a cursor of the audit comes after.
pub fn in_audit(cursor: &str) -> Result<audit::Place, Request> {
    let place = cursor.split_once('.').and_then(|(at, line)| {
        let at = Timestamp::from_microsecond(at.parse().ok()?).ok()?;
        Some(audit::Place {
            // No engine holds every instant that there is a number for.
            at: Instant::try_from(at).ok()?.jiff(),
            line: line.parse().ok()?,
        })
    });
    place
        .filter(|place| of_audit(*place) == cursor)
        .ok_or(Request::BadCursor)
}

/// The cursor after a state of a history.
#[must_use]
pub fn of_history(version: Version) -> String {
    version.to_string()
}

/// The state that a cursor of a history comes after.
pub fn in_history(cursor: &str) -> Result<Version, Request> {
    let version = cursor.parse().ok().filter(|version| *version >= 0);
    let version = version.map(Version::new).ok_or(Request::BadCursor)?;
    // No other way to write the number was given to anybody.
    let given = of_history(version) == cursor;
    given.then_some(version).ok_or(Request::BadCursor)
}

/// Where a reader of the feed stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// In the feed.
    pub place: Place,
    /// The version of the rights under which everything up to there was told.
    pub rights: i64,
    /// How far the reader was told, there, of what other rights change.
    pub turning: Option<Turning>,
}

/// On the way from one version of rights to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turning {
    /// The version that the rights turn to.
    pub to: i64,
    /// The last record that was told of.
    pub after: Uuid,
}

/// The cursor of a reader of the feed, sealed: it says under which rights all before it was told,
/// which nobody may claim.
pub fn of_feed(standing: Standing, keys: &Keys) -> Result<String, Fault> {
    let mut bytes = bytes_of(standing);
    bytes.extend(keys.seal(&bytes)?);
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn bytes_of(standing: Standing) -> Vec<u8> {
    let Standing { place, rights, .. } = standing;
    let numbers = [place.position, place.fingerprint, rights].map(i64::to_be_bytes);
    let mut bytes = numbers.concat();
    if let Some(turning) = standing.turning {
        bytes.extend(turning.to.to_be_bytes());
        bytes.extend(turning.after.as_bytes());
    }
    bytes
}

/// Where the reader with this cursor stands. One under another seal, as of another base, leads
/// nowhere.
pub fn in_feed(cursor: &str, keys: &Keys) -> Result<Standing, Problem> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).or(Err(Request::BadCursor))?;
    let length = bytes.len().checked_sub(SEAL_BYTES);
    let (said, seal) = length
        .and_then(|length| bytes.split_at_checked(length))
        .ok_or(Request::BadCursor)?;
    let standing = standing(said).ok_or(Request::BadCursor)?;
    if keys.seal(said)? != seal {
        let reason = "other_past";
        return Err(Request::Resync { reason }.into());
    }
    Ok(standing)
}

fn standing(bytes: &[u8]) -> Option<Standing> {
    let (position, rest) = number(bytes)?;
    let (fingerprint, rest) = number(rest)?;
    let (rights, rest) = number(rest)?;
    let turning = if rest.is_empty() {
        None
    } else {
        let (to, rest) = number(rest)?;
        let after = Uuid::from_slice(rest).ok()?;
        Some(Turning { to, after })
    };
    let place = Place {
        position,
        fingerprint,
    };
    (position >= 0).then_some(Standing {
        place,
        rights,
        turning,
    })
}

fn number(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (first, rest) = bytes.split_first_chunk()?;
    Some((i64::from_be_bytes(*first), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_the_same_in_its_own_order_only() {
        let after = After {
            key: "reseda".to_owned(),
            id: Uuid::nil(),
        };
        let cursor = of_list(SortBy::Name, &after);

        assert_eq!(in_list(&cursor, SortBy::Name).unwrap(), after);
        assert!(in_list(&cursor, SortBy::Id).is_err());
        assert!(in_list("?", SortBy::Name).is_err());
    }

    #[test]
    fn a_pair_reads_back_the_same() {
        let (one, other) = (Uuid::nil(), Uuid::max());

        assert_eq!(in_pairs(&of_pairs(one, other)).unwrap(), (one, other));
        assert!(in_pairs("AAAA").is_err());
    }

    #[test]
    fn a_place_in_the_audit_is_written_in_one_way_and_is_one_that_engines_hold() {
        let cursor = "1767225600000000.7";

        assert_eq!(of_audit(in_audit(cursor).unwrap()), cursor);
        for other in [
            "01767225600000000.7",
            "-300000000000000000.1",
            "1.+7",
            "1.7.7",
            "7",
        ] {
            assert!(in_audit(other).is_err(), "{other}");
        }
    }

    #[test]
    fn a_place_in_a_history_is_written_in_one_way() {
        assert_eq!(in_history("12").unwrap(), Version::new(12));
        for other in ["012", "+12", "-1", "", "twelve"] {
            assert!(in_history(other).is_err());
        }
    }

    #[test]
    fn a_place_in_the_feed_reads_back_the_same() {
        let standing = |position, turning| Standing {
            place: Place {
                position,
                fingerprint: -7,
            },
            rights: 3,
            turning,
        };
        let turning = Turning {
            to: 4,
            after: Uuid::from_u128(9),
        };

        let keys = Keys::new(b"0123456789abcdef0123456789abcdef", 900).unwrap();
        let others = Keys::new(b"another key, another key, another", 900).unwrap();

        for given in [standing(42, None), standing(42, Some(turning))] {
            let cursor = of_feed(given, &keys).unwrap();

            assert_eq!(in_feed(&cursor, &keys).unwrap(), given);
            assert!(in_feed(&cursor, &others).is_err());
        }
        let before_all = of_feed(standing(-1, None), &keys).unwrap();
        assert!(in_feed(&before_all, &keys).is_err());
        assert!(in_feed("AAAA", &keys).is_err());
    }
}
