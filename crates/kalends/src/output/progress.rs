//! Progress of long work: a bar on standard error where that is a terminal, and nothing anywhere else.

use std::fmt::Write;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use kalends_settings::Size;

/// How far something is. The bar goes away with it.
#[derive(Debug)]
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar of `steps`, each `what` (such as webhooks).
    #[must_use]
    pub fn of(steps: u64, what: &str) -> Self {
        Self::new(
            Some(steps),
            &format!("{{bar:30}} {{human_pos}} of {{human_len}} {what}, {{per_sec}}, {{eta}} left"),
        )
    }

    /// A bar of bytes, whose number is told later.
    #[must_use]
    pub fn of_bytes() -> Self {
        Self::new(None, "{bar:30} {done} of {all}, {eta} left")
    }

    fn new(steps: Option<u64>, template: &str) -> Self {
        let bar = ProgressBar::with_draw_target(steps, ProgressDrawTarget::stderr());
        // Writing to a string can't fail.
        let told = |of: fn(&ProgressState) -> u64| {
            move |state: &ProgressState, text: &mut dyn Write| {
                text.write_str(&Size::told(of(state))).ok();
            }
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            let style = style.with_key("done", told(ProgressState::pos));
            bar.set_style(style.with_key("all", told(|state| state.len().unwrap_or(0))));
        }
        Self(bar)
    }

    /// So many steps there are.
    pub fn total(&self, steps: u64) {
        self.0.set_length(steps);
    }

    /// So many steps are behind it.
    pub fn at(&self, steps: u64) {
        self.0.set_position(steps);
    }

    /// Takes the bar away while something else is written to the terminal.
    pub fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.0.suspend(write)
    }

    /// One step more is behind it.
    pub fn step(&self) {
        self.0.inc(1);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
