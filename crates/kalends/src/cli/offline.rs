use std::{path::PathBuf, time::Duration};

use clap::Args;
use kalends_settings::parse_duration;

use super::Configuration;
use kalends_load::EventType;

/// Options of `kalends demo`.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// End when everything has been shown
    #[arg(long)]
    pub exit: bool,
    /// Print what landed as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Options of `kalends explain`.
#[derive(Debug, Clone, Args)]
pub struct ExplainArgs {
    /// Which configuration.
    #[command(flatten)]
    pub configuration: Configuration,
    /// Show what this sink gets, by its name in the configuration: after its privacy, only and except
    #[arg(long, value_name = "NAME")]
    pub sink: Option<String>,
    /// The endpoint that receives the bodies, by its path or its name [default: the first of the configuration]
    #[arg(long, value_name = "PATH", conflicts_with = "at")]
    pub endpoint: Option<String>,
    /// Explain the webhook at this position of the journal, in place of files
    #[arg(long, value_name = "POSITION", value_parser = position, conflicts_with_all = ["bodies", "lines"])]
    pub at: Option<u64>,
    /// The body of a webhook, or several; - or nothing reads standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub bodies: Vec<PathBuf>,
    /// Take each line of the files as a body of its own
    #[arg(long)]
    pub lines: bool,
    /// Print one JSON object a body, on one line
    #[arg(long)]
    pub json: bool,
}

/// Options of `kalends cat`.
#[derive(Debug, Clone, Args)]
pub struct CatArgs {
    /// Avro object container files
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
}

/// Options of `kalends send`.
#[derive(Debug, Clone, Args)]
pub struct SendArgs {
    /// Where to post to
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080/webhooks/rokt")]
    pub url: String,
    /// Token to send as `Authorization: Bearer`
    #[arg(long, value_name = "TOKEN", env = "KALENDS_SEND_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// How many events [default: one of each type; of --file: one]
    #[arg(long, value_name = "NUMBER")]
    pub count: Option<u64>,
    /// Events a second [default: as fast as they are answered]
    #[arg(long, value_name = "NUMBER", value_parser = rate)]
    pub rate: Option<f64>,
    /// Connections, each with one request at a time
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub connections: u32,
    /// Event types to take turns, with commas between [default: people who subscribe, stay, leave and come back]
    #[arg(long, value_name = "TYPES", value_delimiter = ',', ignore_case = true)]
    pub types: Vec<EventType>,
    /// Make the same events again, ids and all, which count as sent again [default: new ids each time]
    #[arg(long, value_name = "NUMBER", conflicts_with = "file")]
    pub seed: Option<u64>,
    /// Post every event that is not answered 2xx again, as the sender does, but for no longer than this
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "5m", value_parser = parse_duration)]
    pub retry: Option<Duration>,
    /// Post the body in this file, as it is, in place of made-up events
    #[arg(long, value_name = "BODY", conflicts_with = "types")]
    pub file: Option<PathBuf>,
    /// Append the id of each event to this file as soon as it is answered 2xx
    #[arg(long, value_name = "IDS_FILE", conflicts_with = "file")]
    pub out: Option<PathBuf>,
    /// Print the report as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// A position, or shard and position as in the header `kalends-position`.
fn position(text: &str) -> Result<u64, String> {
    let position = match text.split_once(':') {
        Some(("0", position)) => position,
        Some((shard, _)) => {
            return Err(format!("this journal has the shard 0 alone, and no shard `{shard}`"));
        }
        None => text,
    };
    position.parse().map_err(|_| "write a position such as 48213 or 0:48213".to_owned())
}

pub(super) fn rate(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|rate: &f64| rate.is_finite() && *rate > 0.0)
        .ok_or("write a number above 0".into())
}
