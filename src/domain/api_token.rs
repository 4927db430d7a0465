//! What an API token may be called and allowed. The token itself is made elsewhere and kept nowhere.

use super::text::Text;

/// What a token can be allowed.
pub const SCOPES: [&str; 3] = ["refresh", "read", "write"];
/// The longest name, in characters.
const LONGEST_NAME: usize = 64;

/// A name for a token, trimmed.
///
/// # Errors
/// The reason why it can't be one.
pub fn name(typed: &str) -> Result<String, Text> {
    let name = typed.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.contains(char::is_control) {
        return Err(Text::new(
            "Der Name braucht 1 bis 64 sichtbare Zeichen.",
            "The name needs 1 to 64 visible characters.",
        ));
    }
    Ok(name.to_owned())
}
