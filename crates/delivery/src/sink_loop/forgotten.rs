//! The moment at which a sink's loop takes up another list of forgotten people.

use kalends_sink::Failure;

use super::{Session, SinkLoop};
use crate::forget::{ForgetNews, ListError};

impl SinkLoop {
    /// Takes up the list as it is now. What was written by the list before is committed first: once the loop shows the new list,
    /// nothing leaves by the old one.
    pub(super) fn forget(&mut self, session: &mut Session) -> Result<(), Failure> {
        let Some(news) = self.forget_news()? else { return Ok(()) };
        self.commit(session)?;
        self.take_up(news)
    }

    /// The same where nothing is written and not committed: whatever was is void.
    pub(super) fn forget_between_sessions(&mut self) -> Result<(), Failure> {
        if let Some(news) = self.forget_news()? {
            self.take_up(news)?;
        }
        Ok(())
    }

    /// A list that can't be read may have anybody on it, so that nothing is delivered.
    fn forget_news(&self) -> Result<Option<ForgetNews>, Failure> {
        self.forgotten.news().map_err(|ListError { path, source }| {
            let path = path.display();
            Failure::hold(format!("the list of forgotten people can't be used: {path}: {source}; put both files of its folder back"))
        })
    }

    fn take_up(&mut self, news: ForgetNews) -> Result<(), Failure> {
        self.forgotten.take_up(news);
        let listed = self.forgotten.listed();
        self.encoder.forget(listed);
        let (revision, entries) = (listed.revision, listed.people.len());
        self.progress.update(self.index, |delivered| delivered.forgotten = (revision, entries));
        tracing::info!(sink = self.health.sink(), revision, entries, "uses the list of forgotten people");
        self.forgotten.note_used().map_err(|ListError { path, source }| {
            let path = path.display();
            Failure::retry(format!("can't note which list of forgotten people is used: {path}: {source}"))
        })
    }
}
