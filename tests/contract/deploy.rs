//! What `deploy/` has is accepted by the tools that its users will give it to.

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use kalends_tests::{
    Installation, config,
    python::Python,
    service,
    tree::{self, files_under},
};
use serde_json::Value;

fn deploy(path: &str) -> PathBuf {
    super::sources::root().join("deploy").join(path)
}

#[track_caller]
fn succeeds(output: &Output) {
    let said = [&*output.stdout, &*output.stderr].map(String::from_utf8_lossy).concat();
    assert!(output.status.success(), "{said}");
}

/// Names of metrics in a text, without what a histogram's series have behind theirs.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let names = words.filter(|word| word.starts_with("kalends_"));
    names
        .map(|name| {
            ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
        })
        .map(str::to_owned)
        .collect()
}

fn expressions() -> Vec<String> {
    let dashboard: Value =
        serde_json::from_str(&fs::read_to_string(deploy("grafana/kalends.json")).unwrap()).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    targets.map(|target| target["expr"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn alerts_and_dashboard_ask_for_metrics_that_a_daemon_has() {
    let database = config::postgres_sink("database", "127.0.0.1:9/kalends", "");
    let installation = Installation::new(&(config::files_and_kafka("127.0.0.1:9") + &database)).unwrap();
    let exposed = installation.start().unwrap().metrics().unwrap().names();
    let alerts = fs::read_to_string(deploy("prometheus/alerts.yml")).unwrap();
    let expressions =
        alerts.lines().filter(|line| line.contains("expr:")).map(str::to_owned).chain(expressions());
    for expression in expressions {
        let asked = metrics_in(&expression);
        assert!(asked.is_subset(&exposed), "{expression}: {:?}", asked.difference(&exposed));
    }
}

#[test]
fn every_alert_has_its_place_in_the_operators_page() {
    let alerts = fs::read_to_string(deploy("prometheus/alerts.yml")).unwrap();
    let page = fs::read_to_string(super::sources::root().join("docs/run/alerts.md")).unwrap();
    let named: BTreeSet<&str> =
        alerts.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    let explained: BTreeSet<&str> = page.lines().filter_map(|line| line.strip_prefix("## Kalends")).collect();
    let named: BTreeSet<&str> = named.iter().filter_map(|name| name.strip_prefix("Kalends")).collect();
    assert!(!named.is_empty());
    assert_eq!(named, explained);
}

#[test]
fn prometheus_takes_its_configuration_and_each_alert_fires_when_it_should() {
    let Some(programs) = service::prometheus().unwrap() else { return };
    for arguments in [
        ["check", "config", "prometheus.yml"],
        ["check", "rules", "alerts.yml"],
        ["test", "rules", "alerts.test.yml"],
    ] {
        let mut promtool = Command::new(programs.join("promtool"));
        succeeds(&promtool.args(arguments).current_dir(deploy("prometheus")).output().unwrap());
    }
}

#[test]
fn promtool_finds_nothing_odd_in_what_a_daemon_exposes() {
    let Some(programs) = service::prometheus().unwrap() else { return };
    let installation = Installation::new(&config::files_and_kafka("127.0.0.1:9")).unwrap();
    let metrics = installation.start().unwrap().metrics().unwrap();
    let file = installation.path("metrics");
    fs::write(&file, metrics.text()).unwrap();
    let mut promtool = Command::new(programs.join("promtool"));
    let output = promtool.args(["check", "metrics"]).stdin(fs::File::open(file).unwrap()).output().unwrap();
    let said = [&*output.stdout, &*output.stderr].map(String::from_utf8_lossy).concat();
    assert!(output.status.success() && said.trim().is_empty(), "{said}");
}

#[test]
fn the_linters_of_dockerfiles_manifests_and_compose_files_find_nothing() {
    let Some(python) = Python::with_linters().unwrap() else { return };
    let dockerfile = deploy("docker/Dockerfile");
    succeeds(&python.program("hadolint", &[dockerfile.as_os_str()]).unwrap());
    let compose = deploy("compose/compose.yaml");
    let arguments = ["-f".as_ref(), compose.as_os_str(), "config".as_ref(), "--quiet".as_ref()];
    let output = python.program("docker-compose", &arguments).unwrap();
    succeeds(&output);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "it warns of what it passes over");
    // These two have no schema in Kubernetes itself: one is kustomize's, the other the Prometheus operator's.
    let others = ["kustomization.yaml", "servicemonitor.yaml", "kalends.yaml"];
    let manifests = files_under(&deploy("kubernetes")).unwrap().into_iter();
    let manifests: Vec<_> =
        manifests.filter(|file| others.iter().all(|other| !file.ends_with(other))).collect();
    assert!(manifests.len() >= 5, "{manifests:?}");
    for manifest in manifests {
        is_valid(&python, &manifest);
    }
}

/// Kubernetes' own schemas have nothing against a manifest.
#[track_caller]
fn is_valid(python: &Python, manifest: &Path) {
    let arguments = [OsStr::new("--strict"), manifest.as_os_str()];
    succeeds(&python.program("kubernetes-validate", &arguments).unwrap());
}

#[test]
fn kustomize_makes_one_valid_whole_of_the_manifests() {
    let Some(kustomize) = service::kustomize().unwrap() else { return };
    let Some(python) = Python::with_linters().unwrap() else { return };
    let folder = Installation::new("").unwrap();
    let base = folder.path("base");
    tree::copy(&deploy("kubernetes"), &base).unwrap();
    fs::write(base.join("token"), "a-token-of-this-test").unwrap();
    let whole = folder.path("whole.yaml");
    let output = Command::new(kustomize).arg("build").arg(&base).arg("-o").arg(&whole).output().unwrap();
    succeeds(&output);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "it warns of what is out of date");
    is_valid(&python, &whole);

    let whole = fs::read_to_string(whole).unwrap();
    let kinds: BTreeSet<&str> = whole.lines().filter_map(|line| line.strip_prefix("kind: ")).collect();
    let wanted = [
        "ConfigMap",
        "Namespace",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "Secret",
        "Service",
        "ServiceMonitor",
        "StatefulSet",
    ];
    assert_eq!(kinds, BTreeSet::from(wanted));
    // What is generated is named by its content, and the pod asks for it by that name.
    for (generated, asked) in [("kind: ConfigMap", "configMap:"), ("kind: Secret", "secretName:")] {
        let behind = |text: &str, start: &str| {
            let text = text.split_once(start).unwrap().1.to_owned();
            text.split_whitespace().find(|word| word.starts_with("kalends-")).unwrap().to_owned()
        };
        assert_eq!(behind(&whole, generated), behind(&whole, asked));
    }
}

/// Paths in a manifest that begin with `start`.
fn named(manifest: &str, start: &str) -> Vec<String> {
    let words = manifest.split([' ', ':', '"', '\n', ']', '[']).filter(|word| word.starts_with(start));
    words.map(str::to_owned).collect()
}

#[test]
fn manifests_name_files_that_are_there() {
    let compose = fs::read_to_string(deploy("compose/compose.yaml")).unwrap();
    let kustomization = fs::read_to_string(deploy("kubernetes/kustomization.yaml")).unwrap();
    let here = ["./", "../"]
        .iter()
        .flat_map(|start| named(&compose, start))
        .map(|path| Path::new("compose").join(path));
    let resources = kustomization.lines().filter_map(|line| line.trim().strip_prefix("- "));
    let resources = resources.filter(|name| Path::new(name).extension().is_some_and(|end| end == "yaml"));
    let resources = resources.map(|name| Path::new("kubernetes").join(name));
    let all: Vec<PathBuf> = here.chain(resources).collect();
    assert!(all.len() >= 10, "{all:?}");
    for path in all {
        let path = super::sources::root().join("deploy").join(path);
        assert!(path.exists(), "{} is not there", path.display());
    }
}

#[test]
fn whatever_scrapes_calls_the_job_as_the_alert_does() {
    let read = |path| fs::read_to_string(deploy(path)).unwrap();
    assert!(read("prometheus/alerts.yml").contains(r#"up{job="kalends"}"#));
    for file in ["prometheus/prometheus.yml", "prometheus/local.yml"] {
        assert!(read(file).contains("job_name: kalends\n"), "{file}");
    }
    // The operator takes it from a label of the service, which kustomize sets.
    assert!(read("kubernetes/servicemonitor.yaml").contains("jobLabel: app.kubernetes.io/name\n"));
    assert!(read("kubernetes/kustomization.yaml").contains("app.kubernetes.io/name: kalends\n"));
}

#[test]
fn systemd_takes_the_unit() {
    let installation = Installation::new("").unwrap();
    let unit = fs::read_to_string(deploy("systemd/kalends.service")).unwrap();
    let program = kalends_tests::program().unwrap();
    let file = installation.path("kalends.service");
    fs::write(&file, unit.replace("/usr/local/bin/kalends", &program.display().to_string())).unwrap();
    match Command::new("systemd-analyze").arg("verify").arg(file).output() {
        Ok(output) => {
            succeeds(&output);
            assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        }
        Err(missing) => service::skip("systemd-analyze", &missing.into()).unwrap(),
    }
}
