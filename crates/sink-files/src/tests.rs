mod conformance;
mod crash;
mod delivery;
mod harness;
mod meddling;
mod power;
mod refusal;
mod world;
