//! Webhooks in over HTTP, Avro records out on the right topics; and what the program answers to its users.

#[cfg(test)]
mod bad_bodies;
#[cfg(test)]
mod bad_configuration;
#[cfg(test)]
mod broken_sinks;
#[cfg(test)]
mod command_line;
#[cfg(test)]
mod complaints;
#[cfg(test)]
mod confinement;
#[cfg(test)]
mod connecting;
#[cfg(test)]
mod dashboard;
#[cfg(test)]
mod dead_letters;
#[cfg(test)]
mod demonstration;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod documents_on_services;
#[cfg(test)]
mod exit_codes;
#[cfg(test)]
mod expected;
#[cfg(test)]
mod gatekeeper;
#[cfg(test)]
mod hostile_bodies;
#[cfg(test)]
mod on_kafka;
#[cfg(test)]
mod on_registry;
#[cfg(test)]
mod on_strict_registry;
#[cfg(test)]
mod operating;
#[cfg(test)]
mod operator;
#[cfg(test)]
mod other_readers;
#[cfg(test)]
mod own_schemas;
#[cfg(test)]
mod payloads;
#[cfg(test)]
mod planted;
#[cfg(test)]
mod privacy;
#[cfg(test)]
mod quirks;
#[cfg(test)]
mod recipes;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod reload;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod several_sinks;
#[cfg(test)]
mod status_page;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod trace_context;
#[cfg(test)]
mod traces;
