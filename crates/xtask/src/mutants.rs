//! Takes out, one at a time, the lines that tests guard, and wants those tests to fail.

mod mutation;
mod page;
mod tree;

use std::{
    io::Write,
    process::{Command, ExitCode, Stdio},
};

use anyhow::Context;
use mutation::Test;
use tree::Tree;

use crate::workspace;

/// A test that still runs after so many seconds has not passed either.
const PATIENCE_SECONDS: &str = "400";
/// Exit code by which `timeout` says that it was needed.
const TIMED_OUT: i32 = 124;

/// Choice of the lines that are taken out.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only mutations whose area, file, description or tests contain this.
    #[arg(default_value = "")]
    only: String,
}

/// Applies every mutation of `tests/mutants` to a copy of the tree under `target/mutants`, and runs the tests that it names.
///
/// # Errors
/// The table can't be read, or a program can't be started.
pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let areas = mutation::read(&workspace::root().join("tests/mutants"))?;
    let tree = Tree::copy()?;
    let mut out = std::io::stdout();
    let (mut noticed, mut survived) = (0, 0);
    let only = &options.only;
    for mutation in areas.iter().flat_map(|area| area.about(only)) {
        writeln!(out, "{}: {}", mutation.file, mutation.what)?;
        let Some(whole) = tree.mutate(mutation)? else {
            writeln!(out, "    DOES NOT STAND THERE ONCE")?;
            survived += mutation.tests.len();
            continue;
        };
        for tests in mutation.runs() {
            let outcome = attempt(&tree, tests)?;
            if let Outcome::NoProgram(said) = &outcome {
                writeln!(out, "{said}    DOES NOT BUILD")?;
            }
            for test in tests {
                let failed = outcome.is_failure_of(test);
                *(if failed { &mut noticed } else { &mut survived }) += 1;
                writeln!(out, "    {} {}", if failed { "noticed by" } else { "NOT NOTICED BY" }, test.name)?;
            }
        }
        whole.restore()?;
    }
    writeln!(out, "{noticed} tests failed when the line they guard was gone, {survived} did not")?;
    Ok(if survived == 0 && noticed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The end of the tests of one target.
enum Outcome {
    /// The broken program does not even build; the compiler's words.
    NoProgram(String),
    /// The tests did not end.
    Endless,
    /// The tests ended; their words.
    Ended(String),
}

impl Outcome {
    fn is_failure_of(&self, test: &Test) -> bool {
        match self {
            Self::NoProgram(_) => false,
            Self::Endless => true,
            Self::Ended(said) => said.contains(&format!("{} ... FAILED", test.name)),
        }
    }
}

/// Runs `tests`, which are in one target.
fn attempt(tree: &Tree, tests: &[Test]) -> anyhow::Result<Outcome> {
    let Some(Test { package, target, .. }) = tests.first() else { return Ok(Outcome::Ended(String::new())) };
    let test = ["test", "--no-run", "--quiet", "--package", package].into_iter();
    let mut builds = vec![test.chain(target.iter().map(String::as_str)).collect()];
    if package == "kalends-tests" {
        // These run the program, which cargo doesn't build for them.
        builds.push(vec!["build", "--quiet", "--package=kalends"]);
    }
    for build in builds {
        let output = tree.cargo().args(build).output().context("can't start cargo")?;
        if !output.status.success() {
            return Ok(Outcome::NoProgram(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
    }
    let cargo = tree.cargo();
    let mut command = Command::new("timeout");
    command.arg(PATIENCE_SECONDS).arg(cargo.get_program()).args(["test", "--package", package]);
    command.args(target).args(["--", "--include-ignored"]).args(tests.iter().map(|test| &test.name));
    tree.settle(&mut command);
    let output = command.stderr(Stdio::null()).output().context("can't start timeout")?;
    if output.status.code() == Some(TIMED_OUT) {
        return Ok(Outcome::Endless);
    }
    Ok(Outcome::Ended(String::from_utf8_lossy(&output.stdout).into_owned()))
}
