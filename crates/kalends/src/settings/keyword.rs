//! Settings that are one word of a few.

/// Reads the enum from its words; any other word is an error that lists them.
///
/// A derived `Deserialize` would do, but for the message: the layer underneath does not list the words.
macro_rules! keywords {
    ($type:ident { $($word:literal => $variant:ident),* $(,)? }) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = <String as serde::Deserialize>::deserialize(deserializer)?;
                match word.as_str() {
                    $($word => Ok(Self::$variant),)*
                    other => Err(serde::de::Error::unknown_variant(other, &[$($word),*])),
                }
            }
        }
    };
}

pub(super) use keywords;
