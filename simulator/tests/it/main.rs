//! The simulator seen from outside: everything here goes over real sockets.

mod client;
mod control;
mod faults;
mod meta;
mod numbers;
mod others;
mod tiktok;
mod tokens;
mod youtube;
