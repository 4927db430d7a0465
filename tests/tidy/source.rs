//! Rust source as the tidy tests read it: comments and strings blanked, places kept. No parser: it knows just enough
//! to tell code from text and to match braces.

use std::path::PathBuf;

/// A Rust file whose comments, strings and characters are spaces, so that every place is still where it was.
pub struct Source {
    /// Where it is.
    pub path: PathBuf,
    /// Its code.
    pub code: String,
}

impl Source {
    /// Blanks out what isn't code.
    pub fn new(text: &str, path: PathBuf) -> Self {
        Self { path, code: blanked(text) }
    }

    /// The paths that climb with `super::` out of the file's top module, as if they began with `crate::`.
    pub fn through_super(&self, code: &str) -> Vec<(usize, Vec<String>)> {
        let shown = self.path.to_string_lossy().replace('\\', "/");
        let inside = shown.rsplit_once("/src/").map_or("", |(_, rest)| rest);
        let depth = inside.matches('/').count() + usize::from(!inside.ends_with("/mod.rs"));
        paths_after(code, &"super::".repeat(depth.max(1)))
    }
}

/// Replaces comments, strings and characters by spaces; line ends stay.
fn blanked(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = text_end(bytes, at);
        for byte in &mut code[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end.max(at + 1);
    }
    // What is left outside of strings and comments is copied whole, so this can't fail on a valid file.
    String::from_utf8(code).unwrap_or_default()
}

/// Where the comment or literal that begins at `at` ends; `at` itself when it is code.
fn text_end(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    let inside_word = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    if rest.starts_with(b"//") {
        at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())
    } else if rest.starts_with(b"/*") {
        at + find(&rest[2..], b"*/").map_or(rest.len(), |length| length + 4)
    } else if rest[0] == b'"' {
        quoted_end(bytes, at + 1, b'"')
    } else if !inside_word && (rest.starts_with(b"r\"") || rest.starts_with(b"r#") || rest.starts_with(b"br")) {
        raw_end(bytes, at)
    } else if rest[0] == b'\'' && is_character(rest) {
        quoted_end(bytes, at + 1, b'\'')
    } else {
        at
    }
}

/// Tells the character `'a'` from the lifetime `'a`.
fn is_character(rest: &[u8]) -> bool {
    match rest.get(1) {
        Some(b'\\') => true,
        Some(first) if !first.is_ascii() => true,
        _ => rest.get(2) == Some(&b'\''),
    }
}

fn quoted_end(bytes: &[u8], mut at: usize, quote: u8) -> usize {
    while at < bytes.len() && bytes[at] != quote {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// Where a raw string ends; `at` when it is an identifier such as `r#type` or `break`.
fn raw_end(bytes: &[u8], at: usize) -> usize {
    let start = at + usize::from(bytes[at] == b'b') + 1;
    let hashes = bytes[start.min(bytes.len())..].iter().take_while(|byte| **byte == b'#').count();
    if bytes.get(start + hashes) != Some(&b'"') {
        return at;
    }
    let close = [b"\"".as_slice(), &b"#".repeat(hashes)].concat();
    let body = start + hashes + 1;
    find(&bytes[body..], &close).map_or(bytes.len(), |length| body + length + close.len())
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The line, counted from one, of a place in a text.
pub fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// Where `name` stands as a whole word, or as a path or macro that begins and ends as one.
pub fn idents(text: &str, name: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let free = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_none_or(|byte| !is_word(*byte));
    text.match_indices(name)
        .map(|(at, _)| at)
        .filter(|at| free(at.checked_sub(1)) && free(Some(at + name.len())))
        .collect()
}

/// The paths that follow `start`, for example `crate::`; a group `crate::{a, b::c}` gives one for each of its parts.
pub fn paths_after(code: &str, start: &str) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(start) {
        let begins = at == 0 || !(is_word(code.as_bytes()[at - 1]) || code[..at].ends_with("::"));
        let rest = &code[at + start.len()..];
        if !begins || rest.starts_with("super::") {
            continue;
        }
        let parts = if let Some(group) = rest.strip_prefix('{') { group_parts(group) } else { vec![rest] };
        for part in parts {
            let path: Vec<String> = part.split("::").map(first_word).take_while(|word| !word.is_empty()).collect();
            if !path.is_empty() {
                found.push((at, path));
            }
        }
    }
    found
}

/// The parts of a group of imports, split at its own commas.
fn group_parts(group: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0_usize, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&group[from..at]);
                from = at + 1;
            }
            '}' => {
                parts.push(&group[from..at]);
                break;
            }
            _ => {}
        }
    }
    parts
}

fn first_word(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The code without its `#[cfg(test)]` modules and functions.
pub fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut bytes = code.as_bytes().to_vec();
    for (at, _) in code.match_indices(MARK) {
        let end = body_end(code, at + MARK.len()).unwrap_or(at);
        for byte in &mut bytes[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// Where the item that begins at `from` ends: at its closing brace, or at a semicolon before any brace.
fn body_end(code: &str, from: usize) -> Option<usize> {
    let (mut depth, mut round) = (0_usize, 0_usize);
    for (offset, byte) in code.as_bytes()[from..].iter().enumerate() {
        match byte {
            b'(' | b'[' => round += 1,
            b')' | b']' => round = round.saturating_sub(1),
            b'{' => depth += 1,
            b'}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 && round == 0 {
                    return Some(from + offset + 1);
                }
            }
            b';' if depth == 0 && round == 0 => return Some(from + offset + 1),
            _ => {}
        }
    }
    None
}

/// Every function with its name, first and last line.
pub fn functions(code: &str) -> Vec<(String, usize, usize)> {
    let named = idents(code, "fn").into_iter().filter_map(|at| {
        let name = first_word(&code[at + 2..]);
        let end = body_end(code, at)?;
        (!name.is_empty()).then(|| (name, line_of(code, at), line_of(code, end)))
    });
    named.collect()
}
