//! Whole numbers with bounds: the macro that makes a type of one.

use std::fmt;

use serde::de::Visitor;

/// Declares a value type over an integer between two bounds, both accepted.
///
/// What it gives: `new` from any integer, `number`, `Display`, `FromStr`, serde as a JSON integer,
/// and a schema with its bounds and its example. A number out of bounds is a misread value; a
/// fraction or a text is another JSON type, and serde says so.
macro_rules! whole_number {
    (
        $(#[$doc:meta])*
        pub struct $name:ident($repr:ty) from $min:literal to $max:literal;
        example $example:literal, format $format:ident
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name($repr);

        impl $name {
            /// A valid value, for documents and tests.
            pub const EXAMPLE: $repr = $example;
            /// The least value.
            pub const MIN: Self = Self($min);
            /// The greatest value.
            pub const MAX: Self = Self($max);

            /// Refused when it lies outside the bounds.
            pub fn new(number: impl TryInto<$repr>) -> Result<Self, $crate::values::ValueError> {
                match number.try_into() {
                    Ok(number) if ($min..=$max).contains(&number) => Ok(Self(number)),
                    _ => Err($crate::values::ValueError::OutOfRange { min: $min, max: $max }),
                }
            }

            /// The bare number.
            #[must_use]
            pub const fn number(self) -> $repr {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.0, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::values::ValueError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::values::number::from_text(text).and_then(Self::new)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let number = from.deserialize_i64($crate::values::number::WholeNumber)?;
                Self::new(number).map_err(|error| {
                    serde::de::Error::custom($crate::values::Misread::new(error, Self::EXAMPLE))
                })
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::Integer)
                    .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(
                        utoipa::openapi::KnownFormat::$format,
                    )))
                    .minimum(Some(Self::MIN.0))
                    .maximum(Some(Self::MAX.0))
                    .examples([Self::EXAMPLE])
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}
pub(crate) use whole_number;

/// Reads any JSON integer, so that one too great for its type is told by its bounds.
pub(crate) struct WholeNumber;

impl Visitor<'_> for WholeNumber {
    type Value = i128;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_i64<E>(self, number: i64) -> Result<i128, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<i128, E> {
        Ok(number.into())
    }
}

/// Reads an optional minus sign and digits, as `Display` writes them.
pub(crate) fn from_text(text: &str) -> Result<i128, super::ValueError> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(super::ValueError::Format {
            expected: "999".to_owned(),
        });
    }
    // Thirty-nine digits or more are beyond every bound.
    Ok(text.parse().unwrap_or(i128::MAX))
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;

    use super::super::{Misread, ValueError, WorkShare};

    const BEYOND: ValueError = ValueError::OutOfRange { min: 1, max: 1_000 };

    fn from_json(json: &str) -> Result<WorkShare, ValueError> {
        serde_json::from_str(json)
            .map_err(|error| Misread::find_in(&error.to_string()).unwrap().error)
    }

    proptest! {
        #[test]
        fn a_number_is_read_when_it_lies_within_the_bounds(
            number in prop_oneof![any::<i64>(), -2_000..2_000_i64, 0..3_i64, 999..1_002_i64],
        ) {
            let share = WorkShare::new(number);

            match &share {
                Ok(share) => prop_assert_eq!(i64::from(share.number()), number),
                Err(error) => prop_assert!(*error == BEYOND && !(1..=1_000).contains(&number)),
            }
            prop_assert_eq!(number.to_string().parse(), share.clone());
            prop_assert_eq!(from_json(&number.to_string()), share);
        }
    }

    #[test]
    fn a_number_beyond_every_integer_is_out_of_range_too() {
        let json = "18446744073709551615";
        let error = serde_json::from_str::<WorkShare>(json)
            .unwrap_err()
            .to_string();

        assert_eq!(Misread::find_in(&error), Some(Misread::new(BEYOND, 333)));
        assert_eq!("9".repeat(60).parse::<WorkShare>(), Err(BEYOND));
        assert_eq!(
            format!("-{}", "9".repeat(60)).parse::<WorkShare>(),
            Err(BEYOND)
        );
    }

    #[test]
    fn a_fraction_or_a_text_is_another_type() {
        for json in ["1.5", "1.0", "1e0", "\"1\"", "null", "true", "[1]", "1e40"] {
            let error = serde_json::from_str::<WorkShare>(json)
                .unwrap_err()
                .to_string();
            assert!(error.starts_with("invalid type"), "{json}: {error}");
        }
    }

    #[test]
    fn what_is_not_written_as_an_integer_is_refused() {
        for text in ["", "-", "+1", " 1", "1 ", "1.0", "1e0", "--1", "٣"] {
            let expected = "999".to_owned();
            assert_eq!(
                text.parse::<WorkShare>(),
                Err(ValueError::Format { expected }),
                "{text}"
            );
        }
    }
}
