//! Plain types and pure rules: what the numbers are and what may be said about them.
//! Nothing here reads, writes, waits or knows the time by itself.

pub mod account;
pub mod alert;
pub mod api_token;
pub mod audit;
pub mod block;
pub mod chart;
pub mod credential;
pub mod demographics;
pub mod design;
pub mod engagement;
pub mod failure;
pub mod history;
pub mod lease;
pub mod legal;
pub mod link;
pub mod media_kit;
pub mod metric;
pub mod milestone;
pub mod number;
pub mod owner;
pub mod passkey;
pub mod picture;
pub mod platform;
pub mod profile;
pub mod reading;
pub mod share;
pub mod snapshot;
pub mod study;
pub mod text;
pub mod time;
pub mod visit;
