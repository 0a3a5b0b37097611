mod mock;
mod unreachable;
