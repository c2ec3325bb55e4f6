//! References to records of one of several types.

/// Declares a reference to a record of one of these types, as `{ "type": …, "id": … }`.
macro_rules! one_of {
    (
        $(#[$doc:meta])*
        pub enum $name:ident { $( $(#[$of_doc:meta])* $of:ident($id:ty), )+ }
    ) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Deserialize, serde::Serialize, utoipa::ToSchema,
        )]
        #[serde(tag = "type", content = "id", rename_all = "snake_case")]
        pub enum $name { $( $(#[$of_doc])* $of($id), )+ }

        impl $name {
            /// The record.
            #[must_use]
            pub fn record(self) -> $crate::records::RecordRef {
                match self {
                    $( Self::$of(id) => id.into(), )+
                }
            }
        }
    };
}
pub(crate) use one_of;
