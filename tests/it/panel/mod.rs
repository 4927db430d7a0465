//! The panel as the server answers it: who gets in, what is saved, what is refused beside its field.

mod connecting;
mod connections;
mod design;
mod desk;
mod links;
mod media_kit;
mod passkeys;
mod profile;
mod security;
mod sign_in;
mod start;
