//! Everything that needs more than one part: one binary, so that it is built and linked once.

mod cli;
mod config;
mod env_social;
mod fault_matrix;
mod harness;
mod refresh;
