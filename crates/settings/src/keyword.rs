//! Settings that are one word of a few.

/// Reads the enum from its words; any other word is an error that lists them.
///
/// A derived `Deserialize` would do, but for the message: the layer underneath does not list the words.
///
/// `Type(Enum)` is a struct around the enum of another crate.
macro_rules! keywords {
    ($type:ident { $($word:literal => $variant:ident),* $(,)? }) => {
        $crate::keyword::keywords!(@read $type { $($word => (Self::$variant),)* });
    };
    ($type:ident($enum:ty) { $($word:literal => $variant:ident),* $(,)? }) => {
        $crate::keyword::keywords!(
            @read $type { $($word => (Self(<$enum>::$variant)),)* }
        );
    };
    (@read $type:ident { $($word:literal => ($($value:tt)*),)* }) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = <String as serde::Deserialize>::deserialize(deserializer)?;
                match word.as_str() {
                    $($word => Ok($($value)*),)*
                    other => Err(serde::de::Error::unknown_variant(other, &[$($word),*])),
                }
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(match self {
                    $($($value)* => $word,)*
                })
            }
        }

        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "enum": [$($word),*] })
            }
        }
    };
}

pub(super) use keywords;
