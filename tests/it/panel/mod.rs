//! The panel as the server answers it: who gets in, what is saved, what is refused beside its field.

mod profile;
mod sign_in;
mod settings;
mod settings_alerts;
mod settings_tokens;
mod settings_legal;
mod settings_backup;
