use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Progress on a terminal; nothing anywhere else.
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// A bar for the positions behind `after` through `through`.
    pub(super) fn new(after: u64, through: u64) -> Self {
        let bar =
            ProgressBar::with_draw_target(Some(through.saturating_sub(after)), ProgressDrawTarget::stderr());
        if let Ok(style) =
            ProgressStyle::with_template("{bar:30} {pos} of {len} webhooks, {per_sec}, {eta} left")
        {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// So many positions are behind it.
    pub(super) fn at(&self, positions: u64) {
        self.0.set_position(positions);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
