//! Starts the daemon and real services as child processes, and waits for conditions.
