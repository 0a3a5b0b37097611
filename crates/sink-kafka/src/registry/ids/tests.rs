use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use kalends_sink::Schema;
use tempfile::TempDir;

use super::*;
use crate::registry::{
    Credentials,
    metrics::Metrics,
    stub::{Request, Stub},
};

const NOWHERE: &str = "http://127.0.0.1:1";

/// A registry that takes everything, and a sink of two streams.
struct Fixture {
    stub: Stub,
    /// Schemas by subject; the id of the one at index 0 is 10.
    schemas: Arc<Mutex<BTreeMap<String, (u32, String)>>>,
    directory: TempDir,
}

impl Fixture {
    fn new() -> Self {
        let schemas: Arc<Mutex<BTreeMap<String, (u32, String)>>> = Arc::default();
        let kept = Arc::clone(&schemas);
        let stub = Stub::new(move |line, body| answer(&mut kept.lock().unwrap(), line, body));
        Self { stub, schemas, directory: tempfile::tempdir().unwrap() }
    }

    fn settings(&self) -> Settings {
        let mut settings = Settings::new(vec![self.stub.url.clone()]);
        settings.known_ids = Some(self.path());
        settings.timeout = Duration::from_secs(20);
        settings
    }

    fn auto(&self) -> Settings {
        Settings { auto_register: true, ..self.settings() }
    }

    /// The same registry, not to be reached.
    fn dead(&self) -> Settings {
        let mut settings = self.settings();
        // Recognised by its second address, which nobody listens at now.
        settings.urls = vec![NOWHERE.to_owned()];
        settings
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("sinks/kafka.schema-ids")
    }

    fn registrations(&self) -> usize {
        self.stub.asked().iter().filter(|request| request.line.ends_with("/versions")).count()
    }
}

fn answer(schemas: &mut BTreeMap<String, (u32, String)>, line: &str, body: &str) -> (u16, String) {
    let schema = || serde_json::from_str::<Value>(body).unwrap()["schema"].as_str().unwrap().to_owned();
    let path = line.split(' ').nth(1).unwrap();
    let segments: Vec<_> = path.split('/').skip(1).collect();
    match segments.as_slice() {
        ["subjects", subject] => match schemas.get(*subject) {
            Some((id, text)) if *text == schema() => (200, format!(r#"{{"id":{id},"version":1}}"#)),
            Some(_) => (404, r#"{"error_code":40403,"message":"Schema not found"}"#.into()),
            None => (404, r#"{"error_code":40401,"message":"Subject not found"}"#.into()),
        },
        ["subjects", "readonly-value", "versions"] => {
            (422, r#"{"error_code":42205,"message":"Subject readonly-value is in read-only mode"}"#.into())
        }
        ["subjects", "frozen-value", "versions"] => {
            (409, r#"{"error_code":0,"message":"Unsupported. Storage is in read-only mode."}"#.into())
        }
        ["subjects", "taken-value", "versions"] => {
            (409, r#"{"error_code":409,"message":"no default"}"#.into())
        }
        ["subjects", subject, "versions"] => {
            let id = 10 + u32::try_from(schemas.len()).unwrap();
            schemas.insert((*subject).to_owned(), (id, schema()));
            (200, format!(r#"{{"id":{id}}}"#))
        }
        ["schemas", "ids", id] => match schemas.values().find(|(known, _)| known.to_string() == *id) {
            Some((_, text)) => (200, serde_json::json!({ "schema": text }).to_string()),
            None => (404, r#"{"error_code":40403,"message":"no"}"#.into()),
        },
        _ => (404, String::new()),
    }
}

fn streams(topics: &[&str]) -> Vec<Stream> {
    let stream = |topic: &&str| {
        let schema = Schema {
            name: "Test".into(),
            full_name: "rokt.calendar.Test".into(),
            json: format!(r#"{{"type":"record","name":"{topic}","fields":[]}}"#),
            fingerprint: 1,
        };
        Stream { topic: (*topic).into(), schema: Arc::new(schema) }
    };
    topics.iter().map(stream).collect()
}

fn metrics() -> SinkMetrics {
    Metrics::default().of_sink("kafka")
}

fn ask(settings: &Settings, topics: &[&str]) -> Result<Vec<u32>, String> {
    ids(settings, &metrics(), "kafka", &streams(topics)).map_err(|failure| {
        assert!(matches!(failure, Failure::Hold { .. }), "{failure:?}");
        failure.to_string()
    })
}

#[test]
fn what_is_not_registered_is_a_hold_that_names_all_of_it_and_the_command() {
    let fixture = Fixture::new();
    let told = ask(&fixture.settings(), &["a", "b"]).unwrap_err();
    assert!(told.contains("a-value, b-value") && told.contains("kalends schemas register"), "{told}");
    assert_eq!(fixture.registrations(), 0);
    assert!(!fixture.path().exists());
}

#[test]
fn schemas_are_registered_where_that_is_allowed_and_once() {
    let fixture = Fixture::new();
    assert_eq!(ask(&fixture.auto(), &["a", "b"]), Ok(vec![10, 11]));
    assert_eq!(ask(&fixture.auto(), &["b", "a"]), Ok(vec![11, 10]));
    assert_eq!(fixture.registrations(), 2);
}

#[test]
fn a_dead_registry_stops_nothing_that_is_known_and_holds_what_is_not() {
    let fixture = Fixture::new();
    let mut both = fixture.auto();
    both.urls.insert(0, NOWHERE.to_owned());
    assert_eq!(ask(&both, &["a", "b"]), Ok(vec![10, 11]), "the second address answers");
    let metrics = metrics();
    assert_eq!(
        ids(&fixture.dead(), &metrics, "kafka", &streams(&["b", "a"])).map_err(|failure| failure.to_string()),
        Ok(vec![11, 10])
    );
    assert_eq!((metrics.unverified.get(), metrics.requests.failed.get()), (2, 1), "it is asked once");
    let told = ask(&fixture.dead(), &["a", "c"]).unwrap_err();
    assert!(told.contains("c-value") && !told.contains("a-value") && told.contains(NOWHERE), "{told}");
}

#[test]
fn a_registry_that_refuses_who_asks_stops_nothing_that_is_known() {
    let fixture = Fixture::new();
    assert_eq!(ask(&fixture.auto(), &["a"]), Ok(vec![10]));
    let guarded = Stub::new(|_, _| (401, r#"{"error_code":401,"message":"Unauthorized"}"#.into()));
    let mut settings = fixture.settings();
    settings.urls.insert(0, guarded.url.clone());
    assert_eq!(ask(&settings, &["a"]), Ok(vec![10]));
    settings.credentials = Credentials::Basic { user: "kalends".into(), password: "hunter2".into() };
    let told = ask(&settings, &["b"]).unwrap_err();
    assert!(told.contains("refuses the credentials (401") && !told.contains("hunter2"), "{told}");
}

#[test]
fn a_registry_that_is_read_only_stops_nothing_that_is_known() {
    let fixture = Fixture::new();
    assert_eq!(ask(&fixture.auto(), &["a"]), Ok(vec![10]));
    assert_eq!(ask(&fixture.auto(), &["a"]), Ok(vec![10]));
    for (topic, said) in
        [("readonly", "422: Subject readonly-value is in read-only mode (code 42205)"), ("frozen", "409: ")]
    {
        let told = ask(&fixture.auto(), &["a", topic]).unwrap_err();
        assert!(told.contains(said) && told.contains("let it take schemas again"), "{told}");
        assert!(!told.contains("compatible"), "{told}");
    }
}

#[test]
fn a_schema_that_is_not_compatible_is_a_hold_that_says_why() {
    let fixture = Fixture::new();
    let told = ask(&fixture.auto(), &["taken"]).unwrap_err();
    assert!(
        told.contains("taken-value") && told.contains("no default") && told.contains("superset"),
        "{told}"
    );
}

#[test]
fn another_id_for_a_known_schema_is_a_hold_that_says_how_to_go_on() {
    let fixture = Fixture::new();
    assert_eq!(ask(&fixture.auto(), &["a", "b"]), Ok(vec![10, 11]));
    fixture.schemas.lock().unwrap().get_mut("b-value").unwrap().0 = 99;
    let told = ask(&fixture.auto(), &["a", "b"]).unwrap_err();
    for part in ["b-value", "11", "99", "schema-ids", "kalends schemas register"] {
        assert!(told.contains(part), "{told}");
    }
    fs::remove_file(fixture.path()).unwrap();
    assert_eq!(ask(&fixture.auto(), &["a", "b"]), Ok(vec![10, 99]));
}

#[test]
fn an_emptied_registry_is_a_hold_and_is_not_filled_anew() {
    let fixture = Fixture::new();
    assert_eq!(ask(&fixture.auto(), &["a", "b"]), Ok(vec![10, 11]));
    fixture.schemas.lock().unwrap().clear();
    let told = ask(&fixture.auto(), &["a", "b"]).unwrap_err();
    assert!(told.contains("there is no such id"), "{told}");
    let other = ("a-value".to_owned(), (10, "\"string\"".to_owned()));
    fixture.schemas.lock().unwrap().extend([other]);
    let told = ask(&fixture.auto(), &["a", "b"]).unwrap_err();
    assert!(told.contains("that id is of another schema"), "{told}");
    assert_eq!(fixture.registrations(), 2);
}

#[test]
fn an_id_whose_subject_was_deleted_goes_on_while_it_means_the_same() {
    let fixture = Fixture::new();
    assert_eq!(ask(&fixture.auto(), &["a"]), Ok(vec![10]));
    let mut schemas = fixture.schemas.lock().unwrap();
    let (id, text) = schemas.remove("a-value").unwrap();
    schemas.insert("elsewhere".into(), (id, text.replace(',', " , ")));
    drop(schemas);
    assert_eq!(ask(&fixture.auto(), &["a"]), Ok(vec![10]));
}

#[test]
fn ids_that_can_not_be_read_or_kept_stop_delivery() {
    let fixture = Fixture::new();
    fs::create_dir_all(fixture.path()).unwrap();
    let told = ask(&fixture.auto(), &["a"]).unwrap_err();
    assert!(told.contains("schema-ids") && told.contains("remove it"), "{told}");
    let mut settings = fixture.auto();
    settings.known_ids = Some(fixture.path().join("no").join("\0"));
    fs::remove_dir(fixture.path()).unwrap();
    fs::write(fixture.path(), "").unwrap();
    settings.known_ids = Some(fixture.path().join("under/a/file"));
    let failure = ids(&settings, &metrics(), "kafka", &streams(&["a"])).unwrap_err();
    assert!(!matches!(failure, Failure::Data { .. }), "{failure:?}");
}

#[test]
fn something_else_at_the_address_is_told_apart_from_a_missing_subject() {
    let other = Stub::new(|_, _| (404, "<html>".into()));
    let told = ask(&Settings::new(vec![other.url.clone()]), &["a"]).unwrap_err();
    assert!(told.contains("/apis/ccompat/v7") && told.contains("404"), "{told}");
    let talkative = Stub::new(|_, _| (200, "<html>".into()));
    let told = ask(&Settings::new(vec![talkative.url]), &["a"]).unwrap_err();
    assert!(told.contains("not as a schema registry"), "{told}");
}

#[test]
fn what_is_no_object_or_no_id_is_not_believed() {
    for answer in ["[10,1]", r#"{"id":-1,"version":1}"#, r#"{"id":2147483648,"version":1}"#, r#"{"id":10}"#] {
        let stub = Stub::new(move |_, _| (200, answer.to_owned()));
        let told = ask(&Settings::new(vec![stub.url]), &["a"]).unwrap_err();
        assert!(told.contains("not as a schema registry does"), "{answer}: {told}");
    }
}

#[test]
fn neither_redirects_nor_endless_answers_are_followed() {
    let moved = Stub::new(|_, _| (301, String::new()));
    let told = ask(&Settings::new(vec![moved.url]), &["a"]).unwrap_err();
    assert!(told.contains("status 301"), "{told}");
    let endless = Stub::new(|_, _| (200, " ".repeat(5 << 20)));
    let told = ask(&Settings::new(vec![endless.url]), &["a"]).unwrap_err();
    assert!(told.contains("doesn't answer"), "{told}");
}

#[test]
fn an_answer_that_does_not_come_is_waited_for_so_long() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut settings = Settings::new(vec![format!("http://{}", silent.local_addr().unwrap())]);
    settings.timeout = Duration::from_millis(200);
    let told = ask(&settings, &["a"]).unwrap_err();
    assert!(told.contains("timeout"), "{told}");
}

#[test]
fn an_address_that_fails_is_left_for_the_next() {
    let fixture = Fixture::new();
    let broken = Stub::new(|_, _| (500, r#"{"error_code":50001,"message":"store"}"#.into()));
    let mut settings = fixture.auto();
    settings.urls.insert(0, broken.url.clone());
    assert_eq!(ask(&settings, &["a", "b"]), Ok(vec![10, 11]));
    assert_eq!(broken.asked().len(), 1, "the one that answered is asked first from then on");
}

#[test]
fn credentials_go_with_every_request() {
    let fixture = Fixture::new();
    let mut settings = fixture.auto();
    settings.credentials = Credentials::Basic { user: "kalends".into(), password: "pass:word".into() };
    ask(&settings, &["a"]).unwrap();
    settings.credentials = Credentials::Bearer("token".into());
    ask(&settings, &["b"]).unwrap();
    let asked: Vec<Request> = fixture.stub.asked();
    assert_eq!(asked.len(), 4);
    assert!(asked[..2].iter().all(|r| r.authorization.as_deref() == Some("Basic a2FsZW5kczpwYXNzOndvcmQ=")));
    assert!(asked[2..].iter().all(|r| r.authorization.as_deref() == Some("Bearer token")));
    assert!(asked[0].body.contains(r#""schema":"{\"type\""#), "{}", asked[0].body);
}
