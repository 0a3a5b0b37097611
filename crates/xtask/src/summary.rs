use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

use anyhow::Context;

/// Sum of the results of a run's test binaries.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    passed: usize,
    failed: usize,
    left_out: usize,
    /// A binary did not build, or ended without saying how.
    broken: bool,
    failures: Vec<String>,
}

impl Summary {
    /// Runs a `cargo test` command, passes on what it prints, and adds up its results.
    ///
    /// # Errors
    /// The command can't be started or its output not be read.
    pub(crate) fn run(&mut self, command: &mut Command) -> anyhow::Result<()> {
        let mut child = command.stdout(Stdio::piped()).spawn().context("can't start cargo")?;
        let output = child.stdout.take().context("cargo has no output")?;
        let failed_before = self.failed;
        let mut stdout = std::io::stdout();
        for line in BufReader::new(output).lines() {
            let line = line.context("can't read what cargo says")?;
            writeln!(stdout, "{line}")?;
            self.read(&line);
        }
        let status = child.wait().context("can't wait for cargo")?;
        self.broken |= !status.success() && self.failed == failed_before;
        Ok(())
    }

    /// Returns whether every test that ran has passed, and at least one ran.
    pub(crate) fn passed(&self) -> bool {
        self.failed == 0 && !self.broken && self.passed > 0
    }

    fn read(&mut self, line: &str) {
        if let Some(name) = line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED")) {
            self.failures.push(name.to_owned());
        }
        let Some(result) = line.strip_prefix("test result: ") else { return };
        for part in result.split([';', '.']) {
            let mut words = part.split_whitespace();
            let (Some(Ok(count)), Some(what)) = (words.next().map(str::parse::<usize>), words.next()) else {
                continue;
            };
            match what {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                "ignored" | "filtered" => self.left_out += count,
                _ => {}
            }
        }
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { passed, failed, left_out, broken, failures } = self;
        write!(f, "{passed} passed, {failed} failed, {left_out} left out")?;
        failures.iter().try_for_each(|name| write!(f, "\n  failed: {name}"))?;
        if *broken {
            write!(f, "\n  cargo itself failed: see above")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_several_binaries_add_up() {
        let mut summary = Summary::default();
        summary.read(
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.01s",
        );
        summary.read("test frames::a_torn_tail_is_cut ... FAILED");
        summary.read("test result: FAILED. 4 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.0s");
        assert_eq!(
            summary.to_string(),
            "7 passed, 1 failed, 3 left out\n  failed: frames::a_torn_tail_is_cut"
        );
        assert!(!summary.passed());
    }

    #[test]
    fn a_run_without_a_single_test_has_not_passed() {
        assert!(!Summary::default().passed());
    }
}
