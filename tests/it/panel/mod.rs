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
mod settings;
mod settings_alerts;
mod settings_backup;
mod settings_delete;
mod settings_import;
mod settings_legal;
mod settings_mirror;
mod settings_tokens;
mod shares;
mod sign_in;
mod start;
