//! The two languages as the tidy tests read them: what of a template a person sees, and the pairs of texts that stand
//! side by side. No parser of Rust or HTML: it knows just enough of both.

/// What a template shows that went through no translation: its line, and the words.
pub fn untranslated(template: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let (text, macros) = without_code(template);
    for (line, said) in macros {
        found.extend(literals(&said).into_iter().filter(|said| is_sentence(said)).map(|said| (line, said)));
    }
    let mut at = 0;
    while at < text.len() {
        let end = if text[at..].starts_with('<') {
            tag_end(&text, at)
        } else {
            text[at..].find('<').map_or(text.len(), |n| at + n)
        };
        let part = &text[at..end];
        let line = text[..at].matches('\n').count() + 1;
        let seen = if part.starts_with('<') { attributes(part) } else { vec![part.to_owned()] };
        found.extend(seen.into_iter().filter(|words| has_word(words)).map(|words| (line, words.trim().to_owned())));
        at = end;
    }
    found
}

/// The attributes that people see or hear.
const SEEN: [&str; 6] = ["alt=\"", "title=\"", "aria-label=\"", "placeholder=\"", "data-clean=\"", "data-failed=\""];

fn attributes(tag: &str) -> Vec<String> {
    let of = |name: &&str| {
        tag.split(&format!(" {name}"))
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    SEEN.iter().flat_map(of).collect()
}

fn tag_end(text: &str, at: usize) -> usize {
    text[at..].find('>').map_or(text.len(), |n| at + n + 1)
}

/// The template with its expressions, tags and comments blanked, and the arguments of macros without their `pick(…)`.
fn without_code(template: &str) -> (String, Vec<(usize, String)>) {
    let (mut text, mut macros, mut rest) = (String::new(), Vec::new(), template);
    while let Some(at) = ["{{", "{%", "{#"].iter().filter_map(|open| rest.find(open)).min() {
        let close = match &rest[at..at + 2] {
            "{{" => "}}",
            "{%" => "%}",
            _ => "#}",
        };
        let end = rest[at..].find(close).map_or(rest.len(), |n| at + n + 2);
        text.push_str(&rest[..at]);
        let code = &rest[at..end];
        if code.starts_with("{% call") || code.starts_with("{{") {
            let line = text.matches('\n').count() + 1;
            macros.push((line, without_picks(code)));
        }
        text.extend(code.chars().filter(|c| *c == '\n'));
        rest = &rest[end..];
    }
    (text + rest, macros)
}

fn without_picks(code: &str) -> String {
    let mut kept = String::new();
    let mut rest = code;
    while let Some(at) = rest.find("pick(") {
        kept.push_str(&rest[..at]);
        rest = &rest[at + 5..];
        for _ in 0..2 {
            let Some((_, length)) = literal(rest) else { break };
            rest = &rest[length..];
        }
    }
    kept + rest
}

/// Every string literal of a piece of code.
fn literals(code: &str) -> Vec<String> {
    let (mut found, mut rest) = (Vec::new(), code);
    while let Some(at) = rest.find('"') {
        let Some((text, length)) = literal(&rest[at..]) else { break };
        found.push(text);
        rest = &rest[at + length..];
    }
    found
}

/// Whether there are words in a text; an attribute that a macro writes is none.
fn has_word(text: &str) -> bool {
    if text.contains("=\"") {
        return false;
    }
    let text = text.replace("&nbsp;", " ");
    text.chars().filter(|c| c.is_alphabetic()).count() > 1
}

/// Whether an argument is for people: a name of a field or a kind has no capital, no blank and no other letters.
fn is_sentence(text: &str) -> bool {
    has_word(text) && text.chars().any(|c| c.is_uppercase() || c == ' ' || !c.is_ascii())
}

/// The pairs of literals after each `start`: line, German, English. What is no literal is somebody else's to check.
pub fn pairs(code: &str, start: &str) -> Vec<(usize, String, String)> {
    let of = |(at, _): (usize, &str)| {
        let rest = &code[at + start.len()..];
        let (german, length) = literal(rest)?;
        let (english, _) = literal(&rest[length..])?;
        Some((code[..at].matches('\n').count() + 1, german, english))
    };
    code.match_indices(start).filter_map(of).collect()
}

/// The literal that comes next, after blanks and a comma, and where it ends.
pub fn literal(code: &str) -> Option<(String, usize)> {
    let start = code.find(|c: char| !c.is_whitespace() && c != ',')?;
    let body = code[start..].strip_prefix('"')?;
    let mut text = String::new();
    let mut chars = body.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((text, start + at + 2)),
            '\\' => match chars.next()?.1 {
                '\n' => while chars.next_if(|(_, c)| c.is_whitespace()).is_some() {},
                other => text.push(other),
            },
            c => text.push(c),
        }
    }
    None
}
