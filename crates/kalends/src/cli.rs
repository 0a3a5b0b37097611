//! The command line.

mod check;
mod configuration;
mod journal;
mod offline;
mod replay;
mod run;
mod schemas;
mod sinks;
mod status;

pub use check::CheckArgs;
pub use configuration::{ConfigArgs, Configuration};
pub use journal::{JournalArgs, JournalCatArgs, JournalCommand, JournalPlace, RepairArgs, StatArgs};
pub use offline::{CatArgs, DemoArgs, ExplainArgs, SendArgs};
pub use replay::ReplayArgs;
pub use run::RunArgs;
pub use schemas::{SchemasArgs, SchemasCommand};
pub use sinks::{SeekArgs, SeekTarget, SinksArgs, SinksCommand};
pub use status::StatusArgs;

use clap::{Parser, Subcommand};

/// Turns Rokt Calendar webhooks into Avro records on Kafka topics split by event type.
#[derive(Debug, Parser)]
#[command(name = "kalends", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  kalends demo                            see it work, with nothing to set up
  kalends check -c kalends.yaml           every problem of a configuration at once
  kalends run -c kalends.yaml             receive and deliver until SIGTERM
  kalends send --count 100                post made-up events of all eight types to it
  kalends explain webhook.json            what becomes of one body, and why
  kalends cat data/events/*/*/*.avro      records as JSON lines

Exit codes: 0 done, 64 command line, 65 data, 69 not answered, 70 bug, 74 disk, 78 configuration";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Receive webhooks and deliver records until told to stop
    #[command(after_help = "\
Without -c it listens on 127.0.0.1:8080, keeps webhooks in ./data/journal and writes files under ./data/events.
SIGTERM stops it in order: running requests end, sinks commit, the rest waits in the journal. A second signal ends it at once.

Examples:
  kalends run
  kalends run -c /etc/kalends/kalends.yaml --log-format json
  KALENDS__SINKS__FILES__ROLL_EVERY=5s kalends run        any key can be overridden like this")]
    Run(RunArgs),
    /// Report every problem of the configuration; with --connect also of brokers, topics, rights and disks
    #[command(after_help = "\
Without --connect it reaches for no network and no directory. With it, it writes no record, creates nothing and takes over from
nobody, so that it may run beside a daemon. Exits 78 when somebody has to mend something, 69 when something did not answer.

Examples:
  kalends check -c kalends.yaml && echo sound
  kalends check -c kalends.yaml --connect
  kalends check                           the built-in configuration with KALENDS__… variables over it")]
    Check(CheckArgs),
    /// Print the configuration in effect: file, variables and defaults together; secrets stay references
    #[command(after_help = "\
Examples:
  kalends config -c kalends.yaml          can be used as a configuration itself
  kalends config --json | jq .sinks
  kalends config --schema > kalends.schema.json           for your editor")]
    Config(ConfigArgs),
    /// Ask a running daemon how it is
    #[command(after_help = "\
Examples:
  kalends status -c kalends.yaml
  kalends status --ready && echo takes webhooks
  kalends status --json --address 127.0.0.1:9464 | jq .sinks")]
    Status(StatusArgs),
    /// See it work: post the sender's own samples to a daemon of its own and show what comes out
    #[command(after_help = "\
Everything stands in a new directory ./data/demo-<time>/; taken ports are avoided.

Examples:
  kalends demo                            stays up to play with, until Ctrl-C
  kalends demo --exit                     ends by itself")]
    Demo(DemoArgs),
    /// Show what becomes of webhook bodies: topic, key, headers, record, oddities; or why one is a dead letter
    #[command(after_help = "\
Works offline. Topics are those of the built-in configuration, or of the sinks in -c FILE.

Examples:
  kalends explain webhook.json
  pbpaste | kalends explain -
  kalends explain --json webhook.json | jq .record
  kalends explain --json --lines bodies.ndjson | jq -c 'select(.dead_letter)'")]
    Explain(ExplainArgs),
    /// List, show, check or register the Avro schemas of the records
    #[command(after_help = "\
Only register and check --registry use the network. The schemas are the built-in ones, and over them those in schemas.directory
of -c FILE.

Examples:
  kalends schemas list
  kalends schemas show Subscribe > Subscribe.avsc
  kalends schemas check ./schemas
  kalends schemas register -c kalends.yaml --dry-run")]
    Schemas(SchemasArgs),
    /// Post made-up events of all eight types over HTTP, and show answers and latencies
    #[command(after_help = "\
Nobody real is in the events: every address ends in example.com.

Examples:
  kalends send                            one event of each type
  kalends send --count 10000 --connections 32
  kalends send --count 600 --rate 10 --types Subscribe,Unsubscribe
  kalends send --retry --count 1000 --out ids.txt         until each is answered 2xx; its id is then in ids.txt
  kalends send --file webhook.json --url http://staging.example.com:8080/webhooks/rokt")]
    Send(SendArgs),
    /// Print the records of Avro files as JSON lines
    #[command(after_help = "\
Instants are RFC 3339; bytes are text where they are UTF-8, else {\"base64\": …}.

Examples:
  kalends cat data/events/rokt.calendar.subscribe/date=*/*.avro
  kalends cat part.avro | jq -r .email_address")]
    Cat(CatArgs),
    /// Look at the journal of stored webhooks, verify it, repair it, print from it
    #[command(after_help = "\
Examples:
  kalends journal stat -c kalends.yaml
  kalends journal verify --directory data/journal
  kalends journal repair --directory data/journal           says what it would do; --yes does it
  kalends journal cat --at 48213 --body | jq .")]
    Journal(JournalArgs),
    /// Deliver to one sink once more what the journal still has, beside a running daemon or without one
    #[command(after_help = "\
Records go to the sink's topics with the header kalends-replay: ID, or to files under replay=ID/ in the sink's directory. Live delivery
is not touched. What repeats an event within the replay is passed over; what was delivered before is delivered again. One that was
ended goes on where it was, with the same options and its --id.

Examples:
  kalends replay -c kalends.yaml --sink kafka --from 2026-01-31T00:00:00Z --to 2026-02-01T00:00:00Z --dry-run
  kalends replay -c kalends.yaml --sink kafka --type Subscribe --rate 500
  kalends replay -c kalends.yaml --sink kafka --dead-letters --id after-the-fix")]
    Replay(ReplayArgs),
    /// List sinks, choose where one goes on, have one on hold try again
    #[command(after_help = "\
Orders wait in a file beside the journal: who may write there may give them, whether the daemon runs or not.

Examples:
  kalends sinks list -c kalends.yaml
  kalends sinks seek kafka --to 48213             says what that would skip or repeat; --yes does it
  kalends sinks seek kafka --to 2026-01-31T00:00:00Z --yes
  kalends sinks resume kafka                      after the cause of a hold was mended")]
    Sinks(SinksArgs),
}
