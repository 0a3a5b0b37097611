mod crash;
mod delivery;
mod harness;
mod refusal;
