//! Foreign text in formats of lines: what would end a line or an element, or make a cell a formula, is taken away.

/// In one line: whatever breaks a line or steers a terminal is a space; what XML can't hold is gone with it.
pub fn line(text: &str) -> String {
    let broken = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}');
    let spaced: String = text.chars().map(|c| if broken(c) { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_in_its_line() {
        assert_eq!(line(" Mara\r\n# Festa\u{2028}\u{0}x\t"), "Mara # Festa x");
    }
}
