//! The daemon with PostgreSQL: real servers, poolers and standbys that die, fill up, fall silent or go back in time.

#[cfg(test)]
mod going_back;
#[cfg(test)]
mod kills;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod owners;
#[cfg(test)]
mod restores;
#[cfg(test)]
mod tables;
