//! What no single crate can hold: who may depend on whom, and that documents and shipped files say what the program does.

#[cfg(test)]
mod code_tour;
#[cfg(test)]
mod configurations;
#[cfg(test)]
mod dependencies;
#[cfg(test)]
mod deploy;
#[cfg(test)]
mod docs_tests;
#[cfg(test)]
mod guarantees;
#[cfg(test)]
mod hints;
#[cfg(test)]
mod holds;
#[cfg(test)]
mod layers;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod mutants;
#[cfg(test)]
mod sink_kinds;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod threat_model;
#[cfg(test)]
mod words;
#[cfg(test)]
mod zones;
