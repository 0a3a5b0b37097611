//! What stands under the options of each command's `--help`: what is worth knowing, how the command ends, and examples.
//!
//! Paragraphs that begin with `Exit codes:` and `Examples:` become the man page's sections of that purpose.

pub(super) const KALENDS: &str = "\
Exit codes:
  0   done; a daemon: stopped as asked
  64  the command line is wrong
  65  the given data is not what it should be
  69  something did not answer, is not ready or has no room: try again later
  70  a bug of kalends: report it
  74  disk: a file or the journal can't be read or written, or the journal is damaged
  78  the configuration can't be used

Examples:
  kalends demo                            see it work, with nothing to set up
  kalends check -c kalends.yaml           every problem of a configuration at once
  kalends run -c kalends.yaml             receive and deliver until SIGTERM
  kalends send --count 100                post made-up events of all eight types to it
  kalends explain webhook.json            what becomes of one body, and why
  kalends cat data/events/*/*/*.avro      records as JSON lines";

pub(super) const RUN: &str = "\
Without -c it listens on 127.0.0.1:8080, keeps webhooks in ./data/journal and writes files under ./data/events.
SIGTERM stops it in order: running requests end, sinks commit, the rest waits in the journal. A second signal ends it at once.
SIGHUP reads the configuration again.

Exit codes: 0 stopped as asked, 69 an address can't be taken yet, or the system has no threads or open files to give, 70 a bug,
74 the journal can't be opened or a sync of it failed, 78 the configuration can't be used.

Examples:
  kalends run
  kalends run -c /etc/kalends/kalends.yaml --log-format json
  KALENDS__SINKS__FILES__ROLL_EVERY=5s kalends run        any key can be overridden like this";

pub(super) const CHECK: &str = "\
Without --connect it asks nobody over the network, and reads only the files that the configuration names: secrets, certificates,
schemas. With it, it writes no record, creates nothing and takes over from nobody, so that it may run beside a daemon.

Exit codes: 0 sound, 69 with --connect: something did not answer or has no room, 78 somebody has to mend something.

Examples:
  kalends check -c kalends.yaml && echo sound
  kalends check -c kalends.yaml --connect
  kalends check -c kalends.yaml --json | jq .problems
  kalends check                           the built-in configuration with KALENDS__… variables over it";

pub(super) const CONFIG: &str = "\
Exit codes: 0 printed, 78 the configuration can't be used.

Examples:
  kalends config -c kalends.yaml          can be used as a configuration itself
  kalends config --json | jq .sinks
  kalends config --schema > kalends.schema.json           for your editor";

pub(super) const STATUS: &str = "\
Exit codes: 0 it answers (with --ready: it is ready), 69 no answer, or another daemon's, or not ready, 78 the configuration can't be used.

Examples:
  kalends status -c kalends.yaml
  kalends status --ready && echo takes webhooks
  kalends status --json --address 127.0.0.1:9464 | jq .sinks";

pub(super) const DEMO: &str = "\
Everything stands in a new directory ./data/demo-<time>/; taken ports are avoided.

Exit codes: 0 shown, 69 a payload was not answered 200 or not delivered in time, 74 the directory can't be written.

Examples:
  kalends demo                            stays up to play with, until Ctrl-C
  kalends demo --exit                     ends by itself
  kalends demo --exit --json | jq .duplicates";

pub(super) const EXPLAIN: &str = "\
Works offline, and asks what delivers: its decoder, its encoder and the kind of each sink. Topics are those of the built-in configuration,
or of the sinks in -c FILE. Without --sink, values are shown as received, before any sink's privacy. A body that the listener would not
store is told as refused.

Exit codes: 0 explained (a dead letter or a refusal is an answer too), 64 no such sink or endpoint, 65 no webhook at --at, 74 a file or the
journal can't be read, 78 the configuration can't be used.

Examples:
  kalends explain webhook.json
  kalends explain -c kalends.yaml --sink crm webhook.json
  kalends explain -c kalends.yaml --sink kafka --at 48213
  kalends explain - < webhook.json
  kalends explain --json webhook.json | jq .record
  kalends explain --json --lines bodies.ndjson | jq -c 'select(.dead_letter)'";

pub(super) const TAP: &str = "\
Reads the journal's files beside the running daemon, which notices nothing: what a slow reader misses meanwhile, the journal keeps. Prints
what delivery hands to the sink: after its privacy, only and except, without what repeats an earlier event. Ends with its reader, after --limit,
or by Ctrl-C. First it reads the journal back to the beginning of the duplicate window.

Exit codes: 0 ended, 64 no such sink, 65 no such position, 74 the journal can't be read, 78 the configuration can't be used.

Examples:
  kalends tap -c kalends.yaml --sink kafka
  kalends tap -c kalends.yaml --sink kafka | jq -c .record
  kalends tap -c kalends.yaml --sink kafka --from 48213 --limit 10";

pub(super) const FORGET: &str = "\
From then on personal values of this person are null in whatever a sink that lags, a replay or a new sink gets; events are delivered and
counted as ever. Of an address, the subscriptions that the journal has with it are forgotten, too. The list beside the journal has keyed
hashes only. What was delivered before, and the journal's files, are not reached: docs/tasks/erase-a-person.md. With - in place of a value, values
are read from standard input, one a line, and stand in no history of a shell.

Exit codes: 0 done, and a running daemon uses the list, 64 --yes is missing, or there is nobody to forget, 69 on the list, and a running daemon has
not said that it uses the list, 74 the journal or the list can't be read or written, 78 the configuration can't be used.

Examples:
  kalends forget -c kalends.yaml --email somebody@example.com         says what it would do
  kalends forget -c kalends.yaml --email somebody@example.com --yes
  kalends forget -c kalends.yaml --email - --yes < addresses.txt
  kalends forget -c kalends.yaml --subscription 0f1d5918-052d-4915-89a7-8cc9c4d33492 --external-id 4711 --yes";

pub(super) const SCHEMAS: &str = "\
Only register and check --registry use the network. The schemas are the built-in ones, and over them those in schemas.directory
of -c FILE.

Exit codes: 0 done, 64 no such record type, 65 a registry would not take a schema, 69 a registry doesn't answer, 78 a schema or the
configuration can't be used.

Examples:
  kalends schemas list
  kalends schemas show Subscribe > Subscribe.avsc
  kalends schemas check ./schemas
  kalends schemas register -c kalends.yaml --dry-run";

pub(super) const SCHEMAS_LIST: &str = "\
Exit codes: 0 listed, 78 a schema or the configuration can't be used.

Examples:
  kalends schemas list
  kalends schemas list --json | jq -r .full_name";

pub(super) const SCHEMAS_SHOW: &str = "\
Exit codes: 0 printed, 64 no such record type, 78 a schema or the configuration can't be used.

Examples:
  kalends schemas show Subscribe > Subscribe.avsc
  kalends schemas show --source UnknownEvent > SubscriptionPaused.avsc       to begin a schema of your own with
  kalends schemas show --json DeadLetter | jq '.fields[].name'";

pub(super) const SCHEMAS_CHECK: &str = "\
With --registry it also asks the schema registry of each Kafka sink whether it would take them. Nothing is changed there.

Exit codes: 0 sound, 65 a registry would not take a schema, 69 a registry doesn't answer, 78 a schema or the configuration can't be
used.

Examples:
  kalends schemas check ./schemas
  kalends schemas check --json ./schemas | jq .problems
  kalends schemas check -c kalends.yaml --registry";

pub(super) const SCHEMAS_DDL: &str = "\
Where all of it is there, the statements change nothing. With `migrate: true` the sink runs them itself.

Exit codes: 0 printed, 78 no sink has a database, or a schema or the configuration can't be used.

Examples:
  kalends schemas ddl -c kalends.yaml > tables.sql
  kalends schemas ddl -c kalends.yaml --rebuild-state | psql -1 postgres://owner@db.internal/marketing";

pub(super) const SCHEMAS_REGISTER: &str = "\
A step of deployment, to be run before a version with new schemas. If one of them is not compatible, none is registered.

Exit codes: 0 registered, 65 a registry doesn't take a schema, 69 a registry doesn't answer, 78 a schema or the configuration can't be
used.

Examples:
  kalends schemas register -c kalends.yaml --dry-run
  kalends schemas register -c kalends.yaml --json | jq -r .subject";

pub(super) const SEND: &str = "\
Nobody real is in the events: every address ends in example.com. Ctrl-C ends it early, with a report of what was sent until then.

Exit codes: 0 every event was answered 2xx, 64 the URL can't be used, 69 an event was not answered 2xx, 74 a file can't be read or
written.

Examples:
  kalends send                            one event of each type
  kalends send --count 10000 --connections 32
  kalends send --count 600 --rate 10 --types Subscribe,Unsubscribe
  kalends send --retry --count 1000 --out ids.txt         until each is answered 2xx; its id is then in ids.txt
  kalends send --json --count 1000 | jq .latency_ms.p99
  kalends send --file webhook.json --url http://staging.example.com:8080/webhooks/rokt";

pub(super) const CAT: &str = "\
Instants are RFC 3339; bytes are text where they are UTF-8, else {\"base64\": …}.

Exit codes: 0 printed, 65 a file is no sound Avro file (what stands before the damage is printed), 74 a file can't be read.

Examples:
  kalends cat data/events/rokt.calendar.subscribe/date=*/*.avro
  kalends cat part.avro | jq -r .email_address";

pub(super) const JOURNAL: &str = "\
Exit codes: 0 done, 65 there is no such receipt, 74 the journal can't be read or is damaged, 78 the configuration can't be used.

Examples:
  kalends journal stat -c kalends.yaml
  kalends journal verify --directory data/journal
  kalends journal repair --directory data/journal           says what it would do; --yes does it
  kalends journal cat --at 48213 --body | jq .";

pub(super) const JOURNAL_STAT: &str = "\
Exit codes: 0 shown, 74 the journal can't be read, 78 the configuration can't be used.

Examples:
  kalends journal stat -c kalends.yaml
  kalends journal stat --json | jq .bytes";

pub(super) const JOURNAL_VERIFY: &str = "\
Exit codes: 0 sound, 74 damaged or can't be read, 78 the configuration can't be used.

Examples:
  kalends journal verify -c kalends.yaml
  kalends journal verify --json --directory data/journal | jq .damage";

pub(super) const JOURNAL_REPAIR: &str = "\
Exit codes: 0 repaired or sound, 74 damaged and --yes is missing, or the journal can't be written, 78 the configuration can't be used.

Examples:
  kalends journal repair -c kalends.yaml          says what it would do
  kalends journal repair -c kalends.yaml --yes";

pub(super) const JOURNAL_ADOPT: &str = "\
Before the first start with a journal that is older than its sinks, or a copy of one that is used elsewhere. Sinks then go on by themselves.

Exit codes: 0 done, 64 --yes is missing, 74 the journal can't be read or written, or is in use, 78 the configuration can't be used.

Examples:
  kalends journal adopt -c kalends.yaml           says what it would do
  kalends journal adopt -c kalends.yaml --yes";

pub(super) const JOURNAL_CAT: &str = "\
Receipts hold personal data. Instants are RFC 3339; a body is text where it is UTF-8, else {\"base64\": …}.

Exit codes: 0 printed, 65 there is no receipt at --at, 74 the journal can't be read, 78 the configuration can't be used.

Examples:
  kalends journal cat --from 48200 --count 10 | jq -r .received_at
  kalends journal cat --at 48213 --body | kalends explain -";

pub(super) const DEAD_LETTERS: &str = "\
The journal has every body that became a dead letter, for as long as it keeps it; beside it, each sink notes which it was given.
Neither needs a daemon.

Exit codes: 0 done, 64 no such sink, 65 no dead letter at that position, 74 the journal can't be read, 78 the configuration can't be used.

Examples:
  kalends dead-letters list -c kalends.yaml
  kalends dead-letters show 48213
  kalends replay --sink kafka --dead-letters --dry-run      what a newer version makes of them";

pub(super) const DEAD_LETTERS_LIST: &str = "\
Reads the journal, or with --sink only what stands in that sink's note. Nothing of a body is shown but its length.

Exit codes: 0 listed (or there are none), 64 no such sink, 74 the journal can't be read, 78 the configuration can't be used.

Examples:
  kalends dead-letters list
  kalends dead-letters list --from 2026-01-31T00:00:00Z --to 2026-02-01T00:00:00Z
  kalends dead-letters list --sink kafka --json | jq -r .reason | sort | uniq -c";

pub(super) const DEAD_LETTERS_SHOW: &str = "\
The body is personal data, and shown only with --body.

Exit codes: 0 shown, 65 no dead letter at that position, 74 the journal can't be read, 78 the configuration can't be used.

Examples:
  kalends dead-letters show 48213
  kalends dead-letters show 48213 --body
  kalends dead-letters show 48213 --json | jq .headers";

pub(super) const REPLAY: &str = "\
Records go to the sink's topics with the header kalends-replay: ID, or to files under replay=ID/ in the sink's directory. Live delivery
is not touched. What repeats an event within the replay is passed over; what was delivered before is delivered again. One that was
ended goes on where it was, with the same options and its --id.

Exit codes: 0 replayed, 64 no such sink or type, or other options than before, 69 the destination refuses, 74 the journal can't be read or
no longer has it, 78 the configuration can't be used.

Examples:
  kalends replay -c kalends.yaml --sink kafka --from 2026-01-31T00:00:00Z --to 2026-02-01T00:00:00Z --dry-run
  kalends replay -c kalends.yaml --sink kafka --type Subscribe --rate 500
  kalends replay -c kalends.yaml --sink kafka --dead-letters --id after-the-fix";

pub(super) const SINKS: &str = "\
Orders wait in a file beside the journal: who may write there may give them, whether the daemon runs or not.

Exit codes: 0 done, 64 no such sink, or --yes is missing, 65 no such position, 69 no daemon takes the order, 74 the journal can't be read,
78 the configuration can't be used.

Examples:
  kalends sinks list -c kalends.yaml
  kalends sinks seek kafka --to 48213             says what that would skip or repeat; --yes does it
  kalends sinks seek kafka --to 2026-01-31T00:00:00Z --yes
  kalends sinks skip kafka --at 48213             says which record would become a dead letter; --yes does it
  kalends sinks resume kafka                      after the cause of a hold is gone";

pub(super) const SINKS_LIST: &str = "\
Exit codes: 0 listed, 74 a note can't be read, 78 the configuration can't be used.

Examples:
  kalends sinks list -c kalends.yaml
  kalends sinks list --json | jq -r 'select(.state == \"hold\") | .name'";

pub(super) const SINKS_SEEK: &str = "\
Exit codes: 0 done, ordered or taken back, 64 no such sink, or --yes is missing, 65 no such position, 74 the journal or the order can't be read or
written, 78 the configuration can't be used.

Examples:
  kalends sinks seek kafka --to 48213             says what that would skip or repeat
  kalends sinks seek kafka --to earliest --yes
  kalends sinks seek kafka --cancel               takes back one that waits
  kalends sinks seek kafka --to earliest --json | jq .repeated";

pub(super) const SINKS_SKIP: &str = "\
Exit codes: 0 done, ordered or taken back, 64 no such sink, or --yes is missing, 65 no such position, or it is delivered, 74 the journal or
the order can't be read or written, 78 the configuration can't be used.

Examples:
  kalends sinks skip kafka --at 48213             says what that would do
  kalends sinks skip kafka --at 48213 --yes       the record becomes a dead letter, and the sink goes on
  kalends sinks skip kafka --cancel               takes back one that waits";

pub(super) const SINKS_DOUBTS: &str = "\
Exit codes: 0 listed, or there are none, 64 no such sink, 74 a note can't be read, 78 the configuration can't be used.

Examples:
  kalends sinks doubts -c kalends.yaml            what may stand twice, and why
  kalends sinks doubts crm --json | jq -r .id     ids at the destination, to look for there";

pub(super) const SINKS_RESUME: &str = "\
Exit codes: 0 it tries again, 64 no such sink, 69 no daemon takes the order, 74 the order can't be written, 78 the configuration can't be
used.

Examples:
  kalends sinks resume kafka -c kalends.yaml
  kalends sinks resume kafka --json | jq .tries_again
  kalends sinks resume kafka --dead-letter        what the destination refuses again and again is bad indeed";

pub(super) const COMPLETIONS: &str = "\
Exit codes: 0 printed, 64 no such shell.

Examples:
  kalends completions bash > /etc/bash_completion.d/kalends
  kalends completions zsh > ~/.zfunc/_kalends
  kalends completions fish > ~/.config/fish/completions/kalends.fish";

pub(super) const MAN: &str = "\
Exit codes: 0 printed or written, 64 no such command, 74 a page can't be written.

Examples:
  kalends man | man -l -
  kalends man journal verify | man -l -
  kalends man --directory /usr/local/share/man/man1";
