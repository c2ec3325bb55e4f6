//! Things that hold for some time.

/// Declares something that holds for some time: these members, and the days from `starts_on` up to but not
/// including `ends_before`. Read only when it holds on some day.
macro_rules! dated {
    (
        $(#[$doc:meta])*
        pub struct $name:ident {
            $( $(#[$member_doc:meta])* pub $member:ident: $type:ty, )+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $( $(#[$member_doc])* pub $member: $type, )+
            /// The first day; absent when not known.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub starts_on: Option<$crate::values::Date>,
            /// The first day on which it no longer is.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub ends_before: Option<$crate::values::Date>,
        }

        impl $name {
            /// The days on which it holds.
            #[must_use]
            pub fn since(&self) -> $crate::values::Since {
                $crate::values::Since {
                    starts_on: self.starts_on,
                    ends_before: self.ends_before,
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                #[derive(serde::Deserialize)]
                #[serde(deny_unknown_fields)]
                struct Members {
                    $( $(#[$member_doc])* $member: $type, )+
                    #[serde(default)]
                    starts_on: Option<$crate::values::Date>,
                    #[serde(default)]
                    ends_before: Option<$crate::values::Date>,
                }

                let Members { $( $member, )+ starts_on, ends_before } = Members::deserialize(from)?;
                let days = $crate::values::Since::new(starts_on, ends_before);
                let mut read = Self { $( $member, )+ starts_on: None, ends_before: None };
                match days {
                    Ok(_) => {
                        (read.starts_on, read.ends_before) = (starts_on, ends_before);
                        Ok(read)
                    }
                    Err(error) => {
                        let example = serde_json::to_value(read).unwrap_or_default();
                        let misread = $crate::values::Misread::new(error, example);
                        Err(serde::de::Error::custom(misread.at("ends_before")))
                    }
                }
            }
        }
    };
}
pub(crate) use dated;
