//! What no single crate can hold: who may depend on whom, and that documents and shipped files say what the program does.

#[cfg(test)]
mod arrows;
#[cfg(test)]
mod configurations;
#[cfg(test)]
mod deploy;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod guarantees;
#[cfg(test)]
mod hints;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod threats;
