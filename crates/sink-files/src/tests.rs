mod crash;
mod delivery;
mod harness;
mod power;
mod refusal;
mod world;
