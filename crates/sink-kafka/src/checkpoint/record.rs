use kalends_sink::{Checkpoint, JournalId};
use serde::{Deserialize, Serialize};

use super::owner::Owner;

const VERSION: u32 = 1;

/// The value of a record in the checkpoint topic: how far a sink has got, and who says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CheckpointRecord {
    version: u32,
    journal: JournalId,
    shard: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    position: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chain: Option<u64>,
    instance: String,
    host: String,
    started_at: i64,
}

/// The value is none that this version can read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DecodeError {
    #[error("its version is {0}: it was written by a newer kalends, which is needed to go on")]
    Version(u32),
    #[error("it was not written by kalends: choose another checkpoint_topic")]
    Foreign,
}

/// Key of the records of one sink and one journal.
pub(crate) fn key(sink: &str, journal: JournalId, shard: u32) -> String {
    format!("{sink}/{journal}/{shard}")
}

impl CheckpointRecord {
    /// A commit of `checkpoint` by `owner`.
    pub(crate) fn commit(checkpoint: Checkpoint, owner: &Owner) -> Self {
        Self {
            position: Some(checkpoint.position),
            chain: Some(checkpoint.chain),
            ..Self::claim(checkpoint.journal, checkpoint.shard, owner)
        }
    }

    /// The claim of a sink that has delivered nothing of this journal.
    pub(crate) fn claim(journal: JournalId, shard: u32, owner: &Owner) -> Self {
        let Owner { instance, host, started_at } = owner.clone();
        Self { version: VERSION, journal, shard, position: None, chain: None, instance, host, started_at }
    }

    /// Position that the sink has reached; `None` while it has delivered nothing.
    pub(crate) fn checkpoint(&self) -> Option<Checkpoint> {
        let (position, chain) = self.position.zip(self.chain)?;
        Some(Checkpoint { journal: self.journal, shard: self.shard, position, chain })
    }

    /// The record's writer.
    pub(crate) fn owner(&self) -> Owner {
        Owner { instance: self.instance.clone(), host: self.host.clone(), started_at: self.started_at }
    }

    pub(crate) fn encode(&self) -> String {
        serde_json::json!(self).to_string()
    }

    pub(crate) fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let Version { version } = serde_json::from_slice(value).map_err(|_| DecodeError::Foreign)?;
        if version != VERSION {
            return Err(DecodeError::Version(version));
        }
        serde_json::from_slice(value).map_err(|_| DecodeError::Foreign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner() -> Owner {
        Owner { instance: "00ff".into(), host: "h".into(), started_at: -1 }
    }

    #[test]
    fn a_checkpoint_survives_its_record() {
        let journal = JournalId::new([3; 16]);
        let checkpoint = Checkpoint { journal, shard: 2, position: u64::MAX, chain: u64::MAX - 1 };
        let record = CheckpointRecord::commit(checkpoint, &owner());
        let read = CheckpointRecord::decode(record.encode().as_bytes()).unwrap();
        assert_eq!(read.checkpoint(), Some(checkpoint));
        assert_eq!(read.owner(), owner());
    }

    #[test]
    fn a_first_claim_is_no_checkpoint() {
        let claim = CheckpointRecord::claim(JournalId::new([3; 16]), 0, &owner());
        assert!(!claim.encode().contains("position"));
        assert_eq!(CheckpointRecord::decode(claim.encode().as_bytes()).unwrap().checkpoint(), None);
    }

    /// Records that version 0.1 has left in Kafka.
    #[test]
    fn records_of_released_versions_are_read_and_written_the_same() {
        let owner = Owner {
            instance: "3f9c07d2a1b84e65".into(),
            host: "kalends-0".into(),
            started_at: 1_763_802_061_000_000,
        };
        let journal = JournalId::new(*b"released\0\0\0\0\0\0\0\0");
        assert_eq!(key("kafka", journal, 0), include_str!("../../../../tests/fixtures/checkpoints/0.1/key"));
        let checkpoint =
            Checkpoint { journal, shard: 0, position: 48_213, chain: 13_176_245_766_935_394_011 };
        for (stored, expected) in [
            (
                include_str!("../../../../tests/fixtures/checkpoints/0.1/commit.json"),
                CheckpointRecord::commit(checkpoint, &owner),
            ),
            (
                include_str!("../../../../tests/fixtures/checkpoints/0.1/claim.json"),
                CheckpointRecord::claim(journal, 0, &owner),
            ),
        ] {
            assert_eq!(CheckpointRecord::decode(stored.as_bytes()).unwrap(), expected);
            assert_eq!(expected.encode(), stored, "another format needs another version");
        }
    }

    #[test]
    fn what_this_version_cannot_read_is_refused_and_told_apart() {
        assert_eq!(CheckpointRecord::decode(br#"{"version":2}"#), Err(DecodeError::Version(2)));
        assert_eq!(CheckpointRecord::decode(br#"{"version":1}"#), Err(DecodeError::Foreign));
        assert_eq!(CheckpointRecord::decode(b"\x00"), Err(DecodeError::Foreign));
    }
}
