//! Credentials: the file they stand in, and the values the platforms are given.

pub mod env_file;
pub mod key;
pub mod source;

pub use env_file::{Assignment, Complaint, EnvFile, EnvFileError, Quote};
pub use source::{CredentialSource, FileState};
