//! Everything that needs more than one part: one binary, so that it is built and linked once.

mod fault_matrix;
mod harness;
mod refresh;
