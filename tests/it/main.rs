//! The tests that see the product from outside, in one binary.

mod cli;
mod config;
mod env_social;
