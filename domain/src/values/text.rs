//! Short texts with a rule: the macro that makes a type of one, and those that are only text.

use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use super::{Misread, ValueError};

/// Declares a value type over a text that `$parse` accepts and brings to its canonical form.
///
/// What it gives: `parse`, `as_str`, `Display`, `FromStr`, serde by the same parsing, and a schema
/// with its example and, where one can be written, its pattern.
macro_rules! text_value {
    (
        $(#[$doc:meta])*
        pub struct $name:ident = $parse:path;
        example $example:literal $(, pattern $pattern:literal)? $(, max $max:literal)? $(, format $format:literal)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// A valid value, for documents and tests.
            pub const EXAMPLE: &'static str = $example;

            /// Reads a value, or says why it is refused.
            pub fn parse(text: &str) -> Result<Self, $crate::values::ValueError> {
                $parse(text).map(Self)
            }

            /// The canonical text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::values::ValueError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(from)?;
                Self::parse(&text).map_err(|error| {
                    serde::de::Error::custom($crate::values::Misread::new(error, Self::EXAMPLE))
                })
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .examples([Self::EXAMPLE])
                    $(.pattern(Some($pattern)))?
                    $(.min_length(Some(1)).max_length(Some($max)))?
                    $(.format(Some(utoipa::openapi::SchemaFormat::Custom($format.into()))))?
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}
pub(crate) use text_value;

text_value! {
    /// A human name or title: 1 to 200 characters once trimmed, no control character.
    pub struct Label = label;
    example "Reseda",
    pattern r"^[^\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]*[^\s\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff][^\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]*$",
    max 200
}

text_value! {
    /// A free text of several lines: 1 to 4 000 characters once trimmed.
    pub struct Text = text;
    example "Recorded twice by mistake.",
    pattern r"^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u0008\u000b-\u001f\u007f-\u009f]*$",
    max 4_000
}

impl Label {
    /// A word of ours, and the last twelve digits of an id to tell one from another.
    pub(crate) fn numbered<T>(word: &'static str, id: super::Id<T>) -> Self {
        let last = id.uuid().as_u128() & 0xffff_ffff_ffff;
        Self(format!("{word} {last:012x}"))
    }
}

fn label(given: &str) -> Result<String, ValueError> {
    let trimmed = within(given, 200)?;
    if trimmed.chars().any(|c| c.is_control() || is_invisible(c)) {
        return Err(ValueError::ControlCharacter);
    }
    Ok(trimmed.to_owned())
}

/// A character that shows nothing and may turn the reading order: it would make two names that
/// look alike differ, or one name look like another.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
    )
}

fn text(given: &str) -> Result<String, ValueError> {
    let trimmed = within(given, 4_000)?;
    if trimmed
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t')
    {
        return Err(ValueError::ControlCharacter);
    }
    Ok(trimmed.to_owned())
}

pub(super) fn within(given: &str, max: usize) -> Result<&str, ValueError> {
    let trimmed = given.trim();
    match trimmed.chars().count() {
        0 => Err(ValueError::Empty),
        n if n > max => Err(ValueError::TooLong { max }),
        _ => Ok(trimmed),
    }
}

/// The text in capitals and without its spaces, whatever their width.
pub(super) fn compact(given: &str) -> String {
    given
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

/// The text without its spaces. Refused when that is not exactly `count` digits.
pub(super) fn digits(given: &str, count: usize) -> Result<String, ValueError> {
    let digits = compact(given);
    if digits.len() == count && digits.bytes().all(|digit| digit.is_ascii_digit()) {
        Ok(digits)
    } else {
        Err(ValueError::Format {
            expected: "9".repeat(count),
        })
    }
}

/// Deserialises by parsing, for the types that are not kept as text.
pub(super) fn read<'de, D, T>(from: D, example: &'static str) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err = ValueError>,
{
    String::deserialize(from)?
        .parse()
        .map_err(|error| serde::de::Error::custom(Misread::new(error, example)))
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;

    use super::super::testing::labels;
    use super::*;

    proptest! {
        #[test]
        fn what_is_printed_reads_back_the_same(name in labels(), text in "[\\PC\n\t]{0,60}") {
            prop_assert_eq!(Label::parse(name.as_str()), Ok(name.clone()));
            let json = serde_json::to_string(&name).unwrap();
            prop_assert_eq!(serde_json::from_str::<Label>(&json).unwrap(), name);
            if let Ok(text) = Text::parse(&text) {
                prop_assert_eq!(Text::parse(text.as_str()), Ok(text));
            }
        }

        #[test]
        fn spaces_around_a_name_change_nothing(name in labels()) {
            prop_assert_eq!(Label::parse(&format!(" \t{name}\u{a0}\n")), Ok(name));
        }
    }

    #[test]
    fn a_name_is_neither_empty_nor_long_nor_of_two_lines() {
        assert_eq!(Label::parse(" \u{a0} "), Err(ValueError::Empty));
        assert_eq!(
            Label::parse("Réseau\nAlès"),
            Err(ValueError::ControlCharacter)
        );
        assert_eq!(
            Label::parse(&"é".repeat(201)),
            Err(ValueError::TooLong { max: 200 })
        );
        assert!(Label::parse(&"é".repeat(200)).is_ok());
    }

    #[test]
    fn a_text_may_have_several_lines_and_no_other_control() {
        assert_eq!(Text::parse("one\n\ttwo\n").unwrap().as_str(), "one\n\ttwo");
        assert_eq!(
            Text::parse("one\u{0}two"),
            Err(ValueError::ControlCharacter)
        );
        assert_eq!(
            Text::parse(&"a".repeat(4_001)),
            Err(ValueError::TooLong { max: 4_000 })
        );
    }

    #[test]
    fn a_bad_text_is_misread_and_a_number_is_another_type() {
        let misread = serde_json::from_str::<Label>("\"\"")
            .unwrap_err()
            .to_string();
        let other = serde_json::from_str::<Label>("12").unwrap_err().to_string();

        let expected = Misread::new(ValueError::Empty, Label::EXAMPLE);
        assert_eq!(Misread::find_in(&misread), Some(expected));
        assert!(other.starts_with("invalid type"), "{other}");
    }
}
