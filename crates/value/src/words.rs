/// Reads the enum from its words; any other word is an error that lists them.
///
/// A derived `Deserialize` would do, but for the message: the layer underneath does not list the words.
///
/// `Type(Enum)` is a struct around the enum of another crate.
#[macro_export]
macro_rules! words {
    ($type:ident { $($word:literal => $variant:ident),* $(,)? }) => {
        $crate::words!(@read $type { $($word => (Self::$variant),)* });
    };
    ($type:ident($enum:ty) { $($word:literal => $variant:ident),* $(,)? }) => {
        $crate::words!(
            @read $type { $($word => (Self(<$enum>::$variant)),)* }
        );
    };
    (@read $type:ident { $($word:literal => ($($value:tt)*),)* }) => {
        impl<'de> $crate::macro_support::serde::Deserialize<'de> for $type {
            fn deserialize<D: $crate::macro_support::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = <String as $crate::macro_support::serde::Deserialize>::deserialize(deserializer)?;
                match word.as_str() {
                    $($word => Ok($($value)*),)*
                    other => Err($crate::macro_support::serde::de::Error::unknown_variant(other, &[$($word),*])),
                }
            }
        }

        impl $crate::macro_support::serde::Serialize for $type {
            fn serialize<S: $crate::macro_support::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(match self {
                    $($($value)* => $word,)*
                })
            }
        }

        impl $crate::macro_support::schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut $crate::macro_support::schemars::SchemaGenerator) -> $crate::macro_support::schemars::Schema {
                $crate::macro_support::schemars::json_schema!({ "type": "string", "enum": [$($word),*] })
            }
        }
    };
}
