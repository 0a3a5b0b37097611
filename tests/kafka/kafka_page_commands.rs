//! The commands that docs/consume/kafka.md gives people to look at what landed.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    process::Command,
};

use kalends_tests::{Installation, config, sample, service};

use crate::fixture::shared_broker;

const CONSOLE_CONSUMER: &str = "kafka-console-consumer.sh";

/// Words of a command that tell it from the others, and what its output must have.
const EXPECTED: [(&str, &[&str]); 6] = [
    ("kcat -b localhost:9092 -L", &["topic \"rokt.calendar.unsubscribe\" with 1 partitions"]),
    (
        "partition %p",
        &[
            "partition 0, offset 0, time 1",
            "ce_type=rokt.calendar.Subscribe,",
            "content-type=application/avro,kalends-position=0:1,",
        ],
    ),
    ("od -A d", &["0000000 c3 01", "Subsc"]),
    ("exception.message", &["0:8 "]),
    ("kalends.checkpoints", &["kafka/", "\"position\":8"]),
    (
        CONSOLE_CONSUMER,
        &[
            "ce_type:rokt.calendar.Subscribe,",
            "ce_type:rokt.calendar.DeadLetter,",
            "Processed a total of 8 messages",
        ],
    ),
];

/// The page's commands, each as one text with its line breaks.
fn commands() -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/consume/kafka.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, section) = page.split_once("## Reading it").unwrap();
    let (section, _) = section.split_once("In Python").unwrap();
    let blocks = section.split("\n\n").map(|block| block.trim_start_matches('\n'));
    blocks.filter(|block| block.starts_with("    ")).map(str::to_owned).collect()
}

/// Puts a program of this name into `folder`, which calls Kafka's own.
fn console_consumer(folder: &Path) {
    let script = format!(
        ". '{}/lib.sh'; need_java 17\nexec \"$JAVA\" -cp \"$KALENDS_INFRA/libs/kafka/*\" \
         org.apache.kafka.tools.consumer.ConsoleConsumer \"$@\"\n",
        service::folder().display()
    );
    let program = folder.join(CONSOLE_CONSUMER);
    fs::write(&program, format!("#!/usr/bin/env bash\n{script}")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
}

fn run(command: &str, bootstrap: &str, programs: &Path) -> String {
    let command = command.replace("localhost:9092", bootstrap);
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let output =
        Command::new("bash").args(["-o", "pipefail", "-c", &command]).env("PATH", path).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}\n{said}");
    said.into_owned()
}

#[test]
fn the_commands_of_the_page_show_what_landed() {
    let Some(broker) = shared_broker() else { return };
    let installation = Installation::new(&config::kafka(broker.bootstrap())).unwrap();
    let daemon = installation.start().unwrap();
    for sample in sample::seven().unwrap() {
        assert_eq!(daemon.post(&sample.body).unwrap().status, 200);
    }
    assert_eq!(daemon.post("no JSON").unwrap().status, 200);
    daemon.wait_until_delivered(&["kafka"]).unwrap();

    let programs = installation.path("programs");
    fs::create_dir(&programs).unwrap();
    console_consumer(&programs);
    let kcat = service::kcat().unwrap();
    if let Some(kcat) = &kcat {
        symlink(kcat, programs.join("kcat")).unwrap();
    }
    let commands = commands();
    assert_eq!(commands.len(), EXPECTED.len(), "each command of the page is expected to show something");
    for (words, shown) in EXPECTED {
        let command = commands.iter().find(|command| command.contains(words)).unwrap();
        if command.contains("kcat") && kcat.is_none() {
            continue;
        }
        let said = run(command, broker.bootstrap(), &programs);
        for text in shown {
            assert!(said.contains(text), "{command}\nshows no {text}:\n{said}");
        }
    }
}
