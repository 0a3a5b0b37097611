//! Webhooks in over HTTP, Avro records out on the right topics; and what the program answers to its users.

#[cfg(test)]
mod admin_listener;
#[cfg(test)]
mod backups;
#[cfg(test)]
mod check_connect;
#[cfg(test)]
mod command_line;
#[cfg(test)]
mod config_errors;
#[cfg(test)]
mod dashboard;
#[cfg(test)]
mod dead_letters;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod docs_commands;
#[cfg(test)]
mod docs_commands_on_services;
#[cfg(test)]
mod documented_payloads;
#[cfg(test)]
mod error_messages;
#[cfg(test)]
mod exit_codes;
#[cfg(test)]
mod expected_records;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod foreign_readers;
#[cfg(test)]
mod forget;
#[cfg(test)]
mod host_faults;
#[cfg(test)]
mod hostile_bodies;
#[cfg(test)]
mod http_dead_letters;
#[cfg(test)]
mod http_refusals;
#[cfg(test)]
mod journal_lock;
#[cfg(test)]
mod kafka_messages;
#[cfg(test)]
mod leaks;
#[cfg(test)]
mod own_schemas;
#[cfg(test)]
mod privacy;
#[cfg(test)]
mod quirks;
#[cfg(test)]
mod recipes;
#[cfg(test)]
mod registry_auth_proxy;
#[cfg(test)]
mod reload;
#[cfg(test)]
mod reload_of_broken_sinks;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod sandbox;
#[cfg(test)]
mod schema_registry;
#[cfg(test)]
mod several_sinks;
#[cfg(test)]
mod signals;
#[cfg(test)]
mod status_page;
#[cfg(test)]
mod strict_schema_registry;
#[cfg(test)]
mod tap;
#[cfg(test)]
mod task_pages;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod trace_context;
#[cfg(test)]
mod traces;
#[cfg(test)]
mod unreachable_sink;
#[cfg(test)]
mod unread_log;
#[cfg(test)]
mod unusable_bodies;
