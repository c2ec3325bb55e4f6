//! Bad values as data: what is wrong, where, and the facts, in no language.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a value was refused. The words are told elsewhere; here are only the facts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
#[error("{}", self.code())]
pub enum ValueError {
    /// A required member is missing.
    Required,
    /// A member that the request does not know.
    UnknownMember,
    /// Nothing is left once spaces are removed.
    Empty,
    /// More characters than `max`.
    TooLong {
        /// The longest accepted, in characters.
        max: usize,
    },
    /// Fewer items than `min`, or more than `max`.
    Count {
        /// The fewest items accepted.
        min: usize,
        /// The most items accepted.
        max: usize,
    },
    /// A control character, such as a line break in a name.
    ControlCharacter,
    /// Not written as `expected`, a short pattern such as `9 digits`.
    Format {
        /// The pattern, in symbols rather than in a language, such as `W999999999`.
        expected: String,
    },
    /// The check digit (Luhn key) does not match.
    CheckDigit,
    /// A number below `min` or above `max`.
    OutOfRange {
        /// The smallest accepted.
        min: i64,
        /// The largest accepted.
        max: i64,
    },
    /// A code that is not in its list.
    UnknownCode {
        /// The list, as `GET /v1/code-lists/{list}` names it.
        list: String,
    },
    /// A period that would hold no day: it ends on or before the day it starts.
    EmptyPeriod,
    /// The same value twice where it may stand once.
    Repeated,
    /// Not an e-mail address.
    Email,
    /// Not an absolute `http` or `https` address.
    WebAddress,
    /// It names a record that was folded into another.
    Folded {
        /// The record to name instead.
        into: String,
    },
    /// Dates that must follow one another do not.
    NotInOrder,
    /// The value contradicts the member at `with`.
    Contradicts {
        /// The pointer of the member it contradicts.
        with: Pointer,
    },
    /// It names a resource that does not exist.
    UnknownReference,
    /// It says what the record is of, which is said once and for all.
    Fixed,
}

impl ValueError {
    /// The stable code of this error, as clients see it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::UnknownMember => "unknown_member",
            Self::Empty => "empty",
            Self::TooLong { .. } => "too_long",
            Self::Count { .. } => "count",
            Self::ControlCharacter => "control_character",
            Self::Format { .. } => "format",
            Self::CheckDigit => "check_digit",
            Self::OutOfRange { .. } => "out_of_range",
            Self::UnknownCode { .. } => "unknown_code",
            Self::EmptyPeriod => "empty_period",
            Self::Repeated => "repeated",
            Self::Email => "email",
            Self::WebAddress => "web_address",
            Self::NotInOrder => "not_in_order",
            Self::Contradicts { .. } => "contradicts",
            Self::UnknownReference => "unknown_reference",
            Self::Fixed => "fixed",
            Self::Folded { .. } => "folded",
        }
    }
}

/// A JSON pointer (RFC 6901) into the request.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Pointer(String);

impl Pointer {
    /// The whole document.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// This pointer, one step further down.
    #[must_use]
    pub fn join(&self, step: impl fmt::Display) -> Self {
        let step = step.to_string().replace('~', "~0").replace('/', "~1");
        Self(format!("{}/{step}", self.0))
    }

    /// This pointer and then another one from there.
    #[must_use]
    pub fn followed_by(&self, rest: &Self) -> Self {
        Self(format!("{}{}", self.0, rest.0))
    }

    /// Whether it leads to the same place as `other`, or to somewhere within it.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.0
            .strip_prefix(other.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The pointer as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A member of the whole document.
impl From<&str> for Pointer {
    fn from(member: &str) -> Self {
        Self::root().join(member)
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One bad value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where the value stands in the request.
    pub pointer: Pointer,
    /// Why it is refused.
    pub error: ValueError,
}

/// Every bad value of one request, so that a caller mends them all at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Adds one bad value.
    pub fn push(&mut self, pointer: Pointer, error: ValueError) {
        self.0.push(Fault { pointer, error });
    }

    /// Adds what stands twice in a list of which each item may stand once.
    pub fn repeated<T: PartialEq>(&mut self, list: &str, items: &[T]) {
        for (i, item) in items.iter().enumerate() {
            if items.iter().take(i).any(|earlier| earlier == item) {
                self.push(Pointer::root().join(list).join(i), ValueError::Repeated);
            }
        }
    }

    /// Adds the items of a list that cannot stand beside an earlier one.
    pub fn contradicting<T>(
        &mut self,
        list: &str,
        items: &[T],
        contradict: impl Fn(&T, &T) -> bool,
    ) {
        let list = Pointer::root().join(list);
        for (i, one) in items.iter().enumerate() {
            for (j, other) in items.iter().enumerate().take(i) {
                if contradict(one, other) {
                    let with = list.join(j);
                    self.push(list.join(i), ValueError::Contradicts { with });
                }
            }
        }
    }

    /// `Ok` when nothing was found wrong.
    pub fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }

    /// The faults in the order they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }
}

impl IntoIterator for Faults {
    type Item = Fault;
    type IntoIter = std::vec::IntoIter<Fault>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// A value that could not be read, in the only form a serde error can carry: text.
///
/// It takes along a valid `example` of the same type, so that a reader may put it in the place of
/// the bad value, go on, and report every other bad value of the request in the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Misread {
    /// Why the value was refused.
    pub error: ValueError,
    /// A valid value of the same type, as JSON.
    pub example: serde_json::Value,
    /// The part of the value that is wrong, such as `/ends_before`; the root for all of it.
    pub at: Pointer,
}

impl Misread {
    const MARK: char = '\u{1}';

    /// The whole value is refused.
    #[must_use]
    pub fn new(error: ValueError, example: impl Into<serde_json::Value>) -> Self {
        Self {
            error,
            example: example.into(),
            at: Pointer::root(),
        }
    }

    /// The same, when only a part of the value is wrong: one of its members by name, or what a
    /// pointer from the value leads to.
    #[must_use]
    pub fn at(self, part: impl Into<Pointer>) -> Self {
        Self {
            at: part.into(),
            ..self
        }
    }

    /// Reads back what [`fmt::Display`] wrote, from within a longer message.
    #[must_use]
    pub fn find_in(message: &str) -> Option<Self> {
        let (_, rest) = message.split_once(Self::MARK)?;
        let (json, _) = rest.split_once(Self::MARK)?;
        serde_json::from_str(json).ok()
    }
}

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_string(self).or(Err(fmt::Error))?;
        write!(f, "{mark}{json}{mark}", mark = Self::MARK)
    }
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;

    use super::*;

    fn errors() -> impl Strategy<Value = ValueError> {
        prop_oneof![
            Just(ValueError::Empty),
            Just(ValueError::CheckDigit),
            any::<usize>().prop_map(|max| ValueError::TooLong { max }),
            any::<(i64, i64)>().prop_map(|(min, max)| ValueError::OutOfRange { min, max }),
            any::<String>().prop_map(|expected| ValueError::Format { expected }),
            any::<String>().prop_map(|step| {
                ValueError::Contradicts {
                    with: Pointer::root().join(step),
                }
            }),
        ]
    }

    proptest! {
        #[test]
        fn a_misread_value_is_found_in_the_message_of_any_reader(
            error in errors(),
            example in any::<String>(),
            step in any::<String>(),
            before in "\\PC{0,20}",
            after in "\\PC{0,20}",
        ) {
            let misread = Misread::new(error, example).at(step.as_str());

            let message = format!("{before}{misread}{after} at line 1 column 2");

            prop_assert_eq!(Misread::find_in(&message), Some(misread));
        }

        #[test]
        fn the_code_of_an_error_is_the_one_it_is_stored_with(error in errors()) {
            let json = serde_json::to_value(&error).unwrap();

            prop_assert_eq!(json.get("code").unwrap(), error.code());
            prop_assert_eq!(error.to_string(), error.code());
        }

        #[test]
        fn no_message_without_a_mark_holds_a_misread_value(message in "\\PC{0,60}") {
            prop_assert_eq!(Misread::find_in(&message), None);
        }
    }

    #[test]
    fn a_pointer_escapes_what_would_be_a_step() {
        let pointer = Pointer::root().join("items").join(0).join("a/b~c");

        assert_eq!(pointer.as_str(), "/items/0/a~1b~0c");
        assert_eq!(Pointer::root().as_str(), "");
    }

    #[test]
    fn faults_keep_their_order() {
        let mut faults = Faults::default();
        assert!(faults.clone().into_result().is_ok());

        faults.push(Pointer::root().join("b"), ValueError::Empty);
        faults.push(Pointer::root().join("a"), ValueError::CheckDigit);

        let codes: Vec<_> = faults.iter().map(|fault| fault.error.code()).collect();
        assert_eq!(codes, ["empty", "check_digit"]);
        assert!(faults.into_result().is_err());
    }
}
