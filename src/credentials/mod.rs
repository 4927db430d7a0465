//! Credentials: the file they stand in, the values the platforms are given, and the state machine that keeps them
//! alive. `machine.rs` has its arrows, `keeper.rs` goes along them, `policy.rs` says when.

pub mod connections;
pub mod desk;
pub mod durable;
pub mod env_file;
pub mod github;
pub mod import;
pub mod keeper;
pub mod key;
pub mod ladder;
pub mod machine;
pub mod mirrors;
pub mod policy;
pub mod rewrite;
pub mod source;
pub mod status;
pub mod trouble;

pub use connections::Connections;
pub use desk::{Attempted, Desk, MirrorState, Ready, Renewed, Storage};
pub use env_file::{Assignment, Complaint, EnvFile, EnvFileError, Quote};
pub use keeper::Keeper;
pub use mirrors::Mirrors;
pub use source::{CredentialSource, Given, Place};
pub use status::Status;
