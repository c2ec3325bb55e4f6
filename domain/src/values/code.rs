//! Codes: enumerations of our own, and concepts of others' nomenclatures.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ValueError;
use super::text::text_value;

/// An enumeration published at `GET /v1/code-lists/{list}`.
pub trait CodeList: Copy + Sized + 'static {
    /// The name of the list in the address.
    const LIST: &'static str;
    /// Every code, in the order they are shown.
    const ALL: &'static [Self];

    /// The code as it is written.
    fn code(self) -> &'static str;

    /// Reads a code, or says which list does not hold it.
    fn parse(code: &str) -> Result<Self, ValueError> {
        Self::ALL
            .iter()
            .copied()
            .find(|known| known.code() == code)
            .ok_or_else(|| ValueError::UnknownCode {
                list: Self::LIST.to_owned(),
            })
    }
}

/// Declares an enumeration as a [`CodeList`], with serde and a schema of its codes.
macro_rules! code_list {
    (
        $(#[$doc:meta])*
        pub enum $name:ident in $list:literal {
            $( $(#[$variant_doc:meta])* $variant:ident = $code:literal, )+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $( $(#[$variant_doc])* $variant, )+ }

        impl $crate::values::CodeList for $name {
            const LIST: &'static str = $list;
            const ALL: &'static [Self] = &[ $( Self::$variant, )+ ];

            fn code(self) -> &'static str {
                match self { $( Self::$variant => $code, )+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($crate::values::CodeList::code(*self))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::values::ValueError;

            fn from_str(code: &str) -> Result<Self, Self::Err> {
                <Self as $crate::values::CodeList>::parse(code)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str($crate::values::CodeList::code(*self))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let code = <String as serde::Deserialize>::deserialize(from)?;
                <Self as $crate::values::CodeList>::parse(&code).map_err(|error| {
                    let example = [ $( $code, )+ ][0];
                    serde::de::Error::custom($crate::values::Misread::new(error, example))
                })
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some([ $( $code, )+ ]))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}
pub(crate) use code_list;

text_value! {
    /// The name of a nomenclature, such as `TRE_R66-CategorieEtablissement`.
    pub struct System = system; example "TRE_R66-CategorieEtablissement", max 100
}

text_value! {
    /// A code within its nomenclature.
    pub struct Code = system; example "604", max 100
}

fn system(given: &str) -> Result<String, ValueError> {
    super::Label::parse(given).and_then(|label| match label.as_str().chars().count() {
        0..=100 => Ok(label.as_str().to_owned()),
        _ => Err(ValueError::TooLong { max: 100 }),
    })
}

/// A concept of a nomenclature. The same code means different things in different systems, so the
/// key is always the pair: `60` is a nurse in `TRE_G15` and an addiction specialist in `TRE_R356`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Coded {
    /// The nomenclature.
    pub system: System,
    /// The code within it.
    pub code: Code,
}
