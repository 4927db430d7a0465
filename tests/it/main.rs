//! The integration tests, one binary.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test says what it expects by failing

mod databases;
mod store_story;
