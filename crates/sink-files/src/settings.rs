use std::{fmt, path::PathBuf, str::FromStr, time::Duration};

/// Where the files go and how often they are rolled.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Holds one folder per topic, and `.kalends`. Made when it is missing.
    pub directory: PathBuf,
    /// Longest time from the first record written to the publication of its file.
    pub roll_every: Duration,
    /// Most bytes of datums, over all topics together, between two publications.
    pub roll_bytes: u64,
    /// How the blocks of the files are compressed.
    pub codec: Codec,
}

/// How the blocks of an object container file are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// Not at all.
    Null,
    /// Raw DEFLATE, which every Avro reader knows.
    Deflate,
}

impl Codec {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Deflate => "deflate",
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no codec that files can be written with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown codec {0:?}: want `deflate` (compressed, read by every Avro reader) or `null` (not compressed)"
)]
pub struct ParseCodecError(String);

impl FromStr for Codec {
    type Err = ParseCodecError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = [Self::Null, Self::Deflate].into_iter().find(|codec| codec.name() == text);
        known.ok_or_else(|| ParseCodecError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_codec_survives_its_name() {
        for codec in [Codec::Null, Codec::Deflate] {
            assert_eq!(codec.to_string().parse(), Ok(codec));
        }
    }

    #[test]
    fn an_unknown_codec_is_told_what_there_is() {
        let error = "snappy".parse::<Codec>().unwrap_err().to_string();
        for word in ["snappy", "deflate", "null"] {
            assert!(error.contains(word), "{error}");
        }
    }
}
