use std::collections::BTreeMap;

/// The records that a sink has refused for what they are, until a commit has passed them.
#[derive(Debug, Default)]
pub(crate) struct RejectedRecords(BTreeMap<u64, Rejection>);

/// What becomes of a refused record.
#[derive(Debug, Clone)]
pub(crate) struct Rejection {
    /// The dead letter's reason.
    pub(crate) reason: &'static str,
    /// The dead letter's message.
    pub(crate) message: String,
    /// How much of the event the dead letter carries.
    pub(crate) detail: Detail,
}

/// How much of an event its dead letter carries: less with each refusal. The journal keeps all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Detail {
    /// Everything.
    Whole,
    /// Not the body.
    WithoutBody,
    /// Only the position: an event id or type can be of any length too.
    Position,
}

impl Rejection {
    /// The rejection of a record that was skipped so many times.
    pub(crate) fn skipped(reason: &'static str, message: &str, times: u32) -> Self {
        let detail = match times {
            0 | 1 => Detail::Whole,
            2 => Detail::WithoutBody,
            _ => Detail::Position,
        };
        Self { reason, message: message.to_owned(), detail }
    }
}

impl RejectedRecords {
    /// The record at `position` was refused: its next form is a smaller one. Returns false when there is none.
    ///
    /// `dead_letter` tells that the record was a dead letter by itself, whose body was already part of it.
    pub(crate) fn refuse(
        &mut self,
        position: u64,
        reason: &'static str,
        message: String,
        dead_letter: bool,
    ) -> bool {
        let Some(rejection) = self.0.get_mut(&position) else {
            let detail = if dead_letter { Detail::WithoutBody } else { Detail::Whole };
            return self.0.insert(position, Rejection { reason, message, detail }).is_none();
        };
        rejection.detail = match rejection.detail {
            Detail::Whole => Detail::WithoutBody,
            Detail::WithoutBody => Detail::Position,
            Detail::Position => return false,
        };
        true
    }

    /// An operator has skipped the record at a position. Returns whether that was not known yet.
    pub(crate) fn skip(&mut self, position: u64, rejection: Rejection) -> bool {
        match self.0.get_mut(&position) {
            None => self.0.insert(position, rejection).is_none(),
            Some(known) => {
                known.detail = known.detail.max(rejection.detail);
                false
            }
        }
    }

    pub(crate) fn get(&self, position: u64) -> Option<&Rejection> {
        self.0.get(&position)
    }

    pub(crate) fn forget_through(&mut self, position: u64) {
        self.0 = self.0.split_off(&(position + 1));
    }
}
