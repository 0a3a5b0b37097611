use clap::Args;
use jiff::Timestamp;

use super::{Configuration, offline::rate};

/// Options of `kalends replay`.
#[derive(Debug, Clone, Args)]
pub struct ReplayArgs {
    /// Which configuration.
    #[command(flatten)]
    pub configuration: Configuration,
    /// Sink to deliver to once more, by its name in the configuration
    #[arg(long, value_name = "NAME")]
    pub sink: String,
    /// Only webhooks received at or after this time, such as 2026-01-31T00:00:00Z [default: all that are kept]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub from: Option<i64>,
    /// Only webhooks received before this time [default: all there are now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub to: Option<i64>,
    /// Only records of these types, such as Subscribe,DeadLetter
    #[arg(long = "type", value_name = "TYPES", value_delimiter = ',')]
    pub types: Vec<String>,
    /// Only records with these keys
    #[arg(long = "key", value_name = "KEYS", value_delimiter = ',')]
    pub keys: Vec<String>,
    /// Only what was a dead letter at this sink, or still is one
    #[arg(long)]
    pub dead_letters: bool,
    /// Name of the replay, [a-z0-9-]+; the same one again goes on where it was [default: made of the time]
    #[arg(long, value_name = "ID", value_parser = id)]
    pub id: Option<String>,
    /// Most records a second [default: as fast as the destination takes them]
    #[arg(long, value_name = "NUMBER", value_parser = rate)]
    pub rate: Option<f64>,
    /// Count what would be delivered, and deliver nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print the result as one JSON object
    #[arg(long)]
    pub json: bool,
}

pub(super) fn time(text: &str) -> Result<i64, String> {
    let time = text.parse::<Timestamp>().map(Timestamp::as_microsecond);
    time.map_err(|_| "write a time with its zone, such as 2026-01-31T00:00:00Z".into())
}

/// Part of file names and of a `transactional.id`.
fn id(text: &str) -> Result<String, String> {
    let is_sound = (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    is_sound.then(|| text.to_owned()).ok_or("write lower-case letters, digits and hyphens, 64 at most".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_fit_for_a_file_name() {
        assert_eq!(id("2026-fix-1").as_deref(), Ok("2026-fix-1"));
        for text in ["", "A", "a/b", "..", "a b", &"x".repeat(65)] {
            assert!(id(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_time_has_a_zone() {
        assert_eq!(time("1970-01-01T01:00:01+01:00"), Ok(1_000_000));
        assert!(time("1970-01-01").unwrap_err().contains("zone"));
    }
}
