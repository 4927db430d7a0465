//! The panel as the server answers it: who gets in, what is saved, what is refused beside its field.

mod passkeys;
mod design;
mod profile;
mod security;
mod sign_in;
mod start;
