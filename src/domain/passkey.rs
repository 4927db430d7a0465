//! A passkey: a key pair whose private half never leaves the owner's device.

use jiff::Timestamp;

use super::text::Text;

/// The longest name, in characters.
pub const LONGEST_NAME: usize = 64;

/// A passkey of an owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// The credential's id, chosen by the device.
    pub id: Vec<u8>,
    /// Whose it is.
    pub owner_id: i64,
    /// What its owner calls it.
    pub name: String,
    /// The public key, as COSE writes it (RFC 9052).
    pub public_key: Vec<u8>,
    /// How often the device says it was used; some devices always say 0.
    pub uses: u32,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last used here.
    pub used_at: Option<Timestamp>,
}

/// A name for a passkey, trimmed.
///
/// # Errors
/// The reason why it can't be one.
pub fn name(typed: &str) -> Result<String, Text> {
    let name = typed.trim();
    if name.is_empty() {
        return Err(Text::new("Gib ihm einen Namen, zum Beispiel „Laptop“.", "Give it a name, “laptop” for example."));
    }
    if name.chars().count() > LONGEST_NAME || name.contains(char::is_control) {
        return Err(Text::new("Der Name darf höchstens 64 Zeichen haben.", "The name may have at most 64 characters."));
    }
    Ok(name.to_owned())
}
