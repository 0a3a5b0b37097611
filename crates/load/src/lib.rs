//! Made-up events over real HTTP, as the sender would post them: the load of `kalends send`.

mod body;
mod client;
mod error;
mod event_type;
mod ids;
mod latencies;
mod life;
mod load;
mod report;
mod settings;
mod target;
mod worker;

pub use error::Error;
pub use event_type::EventType;
pub use load::Load;
pub use report::Report;
pub use settings::Settings;
pub use worker::run;
