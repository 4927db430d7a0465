//! mediakit: the media kit that is never wrong and never needs you.
//!
//! `main → cli → app → {web, alerts, refresh, credentials, sign_in} → store → domain`, and
//! `refresh, credentials → platforms → outbound`, `alerts → outbound`, `web → sign_in`. `ARCHITECTURE.md` is the map.

pub mod alerts;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod credentials;
pub mod domain;
pub mod import;
pub mod outbound;
pub mod platforms;
pub mod refresh;
pub mod settings;
pub mod sign_in;
pub mod store;
pub mod web;
