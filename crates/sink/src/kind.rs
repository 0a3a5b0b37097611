//! The configuration half of the seam: what a kind of sink says of itself and of its settings.

mod claim;
mod context;
mod definition;
mod doubt;
mod erased;
mod explanation;
mod metrics;
mod report;
mod schema_registry;
mod scope;
mod topics;

pub use claim::Claim;
pub use context::{BuildError, Context};
pub use definition::{CommonKey, CommonKeys, Guarantee, SinkDefinition};
pub use doubt::Doubt;
pub use erased::{KindSettings, SinkKind, SinkKinds};
pub use explanation::Explanation;
pub use metrics::{SharedMetrics, SinkMetrics};
pub use report::Report;
pub use schema_registry::{Finding, SchemaRegistry, SchemaRegistryError, Standing, WHEN_INCOMPATIBLE};
pub use scope::{RecordName, Scope};
pub use topics::{TOPIC_RULE, Topics, is_topic};
