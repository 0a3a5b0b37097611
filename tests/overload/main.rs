//! Clients by the thousand that never finish, never listen or may not send: memory stays bounded, those that behave are
//! answered meanwhile, and the operator sees in the metrics which limit was met.

#[cfg(test)]
mod idle_connections;
#[cfg(test)]
mod malformed_requests;
#[cfg(test)]
mod slow_clients;
#[cfg(test)]
mod target;
#[cfg(test)]
mod unauthenticated_flood;
