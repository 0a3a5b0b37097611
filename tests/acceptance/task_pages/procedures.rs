//! The pages of procedures, each from the state that it begins with.

use std::{
    fs,
    path::Path,
    time::{Duration, UNIX_EPOCH},
};

use kalends_tests::{
    Record, config, documents, event, files::records_under, tree, wait::PATIENCE, wait_until,
};

use super::{
    each_once,
    site::{Site, root},
};
use crate::tls::{self, Authority};

fn nothing(_: &mut Site, _: &str, _: &str) {}

/// A configuration with the sink `archive` beside `files`.
fn with_archive(start: &str) -> String {
    let archive = format!("kind: files, directory: ./archive, roll_every: 1s, start: {start}");
    format!("{}  archive: {{ {archive} }}\n", config::files())
}

fn records(site: &Site, folder: &str) -> Vec<Record> {
    records_under(&site.installation.path(folder)).unwrap()
}

#[test]
fn bring_old_events_to_a_new_sink() {
    let mut site = Site::new(&config::files());
    site.deliver("before", 3);
    site.follow("bring-old-events#Bring old events to a new sink, a new type or a new field", nothing);
    site.installation.configure(&with_archive("earliest")).unwrap();
    site.follow("bring-old-events#To a new sink", nothing);
    site.deliver("after", 2);
    site.daemon().wait_until_delivered(&["archive"]).unwrap();
    each_once(&records(&site, "archive"), 5);
    each_once(&site.installation.records().unwrap(), 5);
}

#[test]
fn bring_old_events_to_a_sink_that_began_too_late() {
    let mut site = Site::new(&config::files());
    site.deliver("before", 3);
    site.installation.configure(&with_archive("latest")).unwrap();
    site.follow("bring-old-events#To a new sink", nothing);
    site.daemon().wait_until_delivered(&["archive"]).unwrap();
    assert!(records(&site, "archive").is_empty());
    site.filled.insert("NAME", "archive".to_owned());
    site.follow("bring-old-events#A new sink that began too late", nothing);
    site.daemon().wait_until_delivered(&["archive"]).unwrap();
    each_once(&records(&site, "archive"), 3);
}

#[test]
fn bring_old_events_to_a_new_type() {
    let page = "docs/run/own-schemas.md";
    let [schema, body]: [String; 2] = documents::json_blocks(&root(), page).unwrap().try_into().unwrap();
    let mut site = Site::new(&config::files());
    assert_eq!(site.daemon().post(&body).unwrap().status, 200);
    site.daemon().wait_until_delivered(&["files"]).unwrap();
    site.stop();
    let schemas = format!("{}schemas: {{ directory: ./schemas }}\n", config::files());
    site.installation.configure(&schemas).unwrap();
    fs::create_dir(site.installation.path("schemas")).unwrap();
    fs::write(site.installation.path("schemas/SubscriptionPaused.avsc"), schema).unwrap();
    site.start();
    assert_eq!(site.daemon().post(body.replace("0f1d5918", "00000000")).unwrap().status, 200);
    site.daemon().wait_until_delivered(&["files"]).unwrap();
    site.filled.insert("TYPE", "SubscriptionPaused".to_owned());
    site.follow("bring-old-events#To a new event type", |site, command, said| {
        if command.starts_with("kalends status") {
            let since = said.split("since ").nth(1).unwrap().lines().next().unwrap();
            site.filled.insert("TIME", since.to_owned());
        }
    });
    let events = site.installation.path("events");
    let ids = |folder: &Path| {
        let records = records_under(folder).unwrap();
        records.iter().map(|record| record.text("event_id").unwrap()[..8].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&events.join("rokt.calendar.unknown")), ["0f1d5918"]);
    assert_eq!(ids(&events.join("rokt.calendar.subscription-paused")), ["00000000"]);
    let folders = fs::read_dir(&events).unwrap().map(|folder| folder.unwrap().path());
    let replay = folders.into_iter().find(|folder| folder.display().to_string().contains("replay=")).unwrap();
    assert_eq!(ids(&replay), ["0f1d5918"], "the replay repeats nothing that the new schema has delivered");
    let replayed = records_under(&replay.join("rokt.calendar.subscription-paused")).unwrap();
    assert_eq!(replayed[0].text("email_address"), Some("ada@example.com"));
    assert_eq!(replayed[0].number("paused_until_date_time_utc"), Some(1_893_456_000_000));
    assert_eq!(replayed[0].text("extra_fields"), None);
}

#[test]
fn take_a_sink_away() {
    let mut site = Site::new(&with_archive("earliest"));
    site.deliver("before", 3);
    site.daemon().wait_until_delivered(&["archive"]).unwrap();
    site.filled.insert("NAME", "archive".to_owned());
    site.follow("take-a-sink-away", |site, command, _| {
        if command.starts_with("kalends sinks list") {
            site.installation.configure(&config::files()).unwrap();
        }
    });
    assert!(!site.installation.path("journal/sinks/archive.json").exists());
    site.deliver("after", 2);
    each_once(&site.installation.records().unwrap(), 5);
    each_once(&records(&site, "archive"), 3);
}

#[test]
fn rotate_the_senders_token() {
    let with = |tokens: &str| {
        config::files().replace("/webhooks/rokt }", &format!("/webhooks/rokt, tokens: [{tokens}] }}"))
    };
    let (old, both) = ("{ file: ./etc/token }", "{ file: ./etc/token.new }, { file: ./etc/token }");
    let mut site = Site::stopped(&with(old));
    let file =
        |site: &Site, name: &str| fs::read_to_string(site.installation.path(name)).unwrap().trim().to_owned();
    fs::write(site.installation.path("etc/token"), "the-token-that-was-there-before").unwrap();
    site.start();
    let answer = |site: &Site, token: &str| {
        let path = format!("{}?token={token}", config::PATH);
        site.daemon().send("POST", &path, &[], event::webhook(token, 0).as_bytes()).unwrap().status
    };
    let former = file(&site, "etc/token");
    let mut reloads = 0;
    site.follow("rotate-a-secret#The sender's token", |site, command, _| {
        match command {
            _ if command.starts_with("chmod") => site.installation.configure(&with(both)).unwrap(),
            _ if command.starts_with("mv") => site.installation.configure(&with(old)).unwrap(),
            "systemctl reload kalends" => reloads += 1,
            _ => {}
        }
        // The old token serves until the last step.
        if reloads < 2 {
            assert_eq!(answer(site, &former), 200, "{command}");
        }
        if reloads == 1 && command.starts_with("systemctl") {
            assert_eq!(answer(site, &file(site, "etc/token.new")), 200);
        }
    });
    assert_eq!((reloads, answer(&site, &former)), (2, 401));
    assert_eq!(answer(&site, &file(&site, "etc/token")), 200);
}

#[test]
fn rotate_a_listeners_certificate() {
    let (old, new) = (Authority::new(), Authority::new());
    let mut site = Site::stopped(&tls::of_the_public_listener("./etc"));
    old.certify(&site.installation.path("etc"));
    site.start_without_asking();
    let status = |authority: &Authority, site: &Site| authority.ready(site.daemon());
    assert!(status(&old, &site).is_ok());
    let beside = site.installation.path("beside");
    fs::create_dir(&beside).unwrap();
    new.certify(&beside);
    for name in ["tls.crt", "tls.key"] {
        fs::rename(beside.join(name), site.installation.path(&format!("etc/{name}.new"))).unwrap();
    }
    site.follow("rotate-a-secret#A listener's certificate", nothing);
    wait_until("the new certificate", PATIENCE, || Ok(Some(status(&new, &site)?))).unwrap();
    assert!(status(&old, &site).is_err());
}

#[test]
fn rotate_the_credential_of_a_sink() {
    let key = "privacy: { classes: { email: hash }, key: { file: ./etc/key } }";
    let mut site =
        Site::stopped(&config::files().replace("roll_every: 1s", &format!("roll_every: 1s, {key}")));
    fs::write(site.installation.path("etc/key"), "a-key-of-hashes-of-this-test").unwrap();
    site.start();
    site.deliver("before", 1);
    fs::write(site.installation.path("etc/key"), "another-key-of-hashes-of-this-test").unwrap();
    site.follow("rotate-a-secret#Credentials of a sink", nothing);
    site.deliver("after", 1);
    each_once(&site.installation.records().unwrap(), 2);
}

#[test]
fn move_to_another_machine() {
    let mut site = Site::new(&config::files());
    site.deliver("before", 3);
    site.follow("move-to-another-machine", |site, command, _| {
        if command.contains("-czf") {
            for folder in ["journal", "events"] {
                fs::remove_dir_all(site.installation.path(folder)).unwrap();
            }
        }
    });
    site.deliver("before", 3);
    site.deliver("after", 2);
    each_once(&site.installation.records().unwrap(), 5);
}

#[test]
fn free_the_disk() {
    let small = "directory: ./journal, segment_size: 64KiB";
    let small = config::files().replace("directory: ./journal", small);
    let small = small.replacen("127.0.0.1:0 }", "127.0.0.1:0, max_body: 16KiB }", 1);
    let mut site = Site::new(&small);
    site.deliver("before", 400);
    let bytes_of = |site: &Site| -> u64 {
        let files = tree::files_under(&site.installation.path("journal")).unwrap();
        files.iter().map(|file| fs::metadata(file).unwrap().len()).sum()
    };
    let full = bytes_of(&site);
    fs::create_dir_all(site.installation.path("journal/set-aside")).unwrap();
    fs::write(site.installation.path("journal/set-aside/x"), "x").unwrap();
    site.follow("free-the-disk", |site, command, _| {
        if command.starts_with("kalends sinks list") {
            let less = small.replace("directory: ./journal", "directory: ./journal, max_size: 192KiB");
            site.installation.configure(&less).unwrap();
            let files = tree::files_under(&site.installation.path("events")).unwrap();
            let old = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
            for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "avro")) {
                fs::File::options().write(true).open(file).unwrap().set_modified(old).unwrap();
            }
        }
    });
    assert!(!site.installation.path("journal/set-aside/x").exists());
    wait_until("the journal to be smaller", PATIENCE, || Ok((bytes_of(&site) < full).then_some(()))).unwrap();
    wait_until("webhooks to be taken", PATIENCE, || {
        let answer = site.daemon().post(event::webhook("first", 1))?;
        Ok((answer.status == 200).then_some(()))
    })
    .unwrap();
    assert!(site.installation.records().unwrap().is_empty(), "loaded files are removed");
    site.deliver("after", 2);
    each_once(&site.installation.records().unwrap(), 3);
}

#[test]
fn at_3_a_m() {
    let mut site = Site::new(&config::files());
    site.deliver("before", 3);
    site.stop();
    site.follow("at-3-a-m", nothing);
    site.start();
    site.deliver("after", 2);
    each_once(&site.installation.records().unwrap(), 5);
}
