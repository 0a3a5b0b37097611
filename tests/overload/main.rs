//! Clients by the thousand that never finish, never listen or may not send: memory stays bounded, those that behave are
//! answered meanwhile, and the operator sees in the metrics which limit was met.

#[cfg(test)]
mod broken;
#[cfg(test)]
mod idle;
#[cfg(test)]
mod slow;
#[cfg(test)]
mod strangers;
#[cfg(test)]
mod target;
