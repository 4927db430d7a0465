//! The `fields=` language of the Graph API: `id,media.limit(12){like_count,timestamp}`.
//! <https://developers.facebook.com/docs/graph-api/guides/field-expansion/>

/// One requested field with its modifiers and nested fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    /// `.limit(12)` gives `("limit", "12")`.
    pub modifiers: Vec<(String, String)>,
    pub nested: Vec<Field>,
}

impl Field {
    pub fn modifier(&self, name: &str) -> Option<&str> {
        self.modifiers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Reads a whole expression; `None` when brackets do not match.
pub fn parse(text: &str) -> Option<Vec<Field>> {
    let mut rest = text;
    let fields = list(&mut rest, 0)?;
    rest.is_empty().then_some(fields)
}

fn list(rest: &mut &str, depth: usize) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    if depth > 8 {
        return None;
    }
    loop {
        fields.push(field(rest, depth)?);
        match rest.strip_prefix(',') {
            Some(after) => *rest = after,
            None => return Some(fields),
        }
    }
}

fn field(rest: &mut &str, depth: usize) -> Option<Field> {
    let mut field = Field { name: word(rest)?, modifiers: Vec::new(), nested: Vec::new() };
    while let Some(after) = rest.strip_prefix('.') {
        *rest = after;
        let name = word(rest)?;
        let (value, after) = rest.strip_prefix('(')?.split_once(')')?;
        field.modifiers.push((name, value.to_owned()));
        *rest = after;
    }
    if let Some(after) = rest.strip_prefix('{') {
        *rest = after;
        field.nested = list(rest, depth + 1)?;
        *rest = rest.strip_prefix('}')?;
    }
    Some(field)
}

fn word(rest: &mut &str) -> Option<String> {
    *rest = rest.trim_start();
    let end = rest.find(|letter: char| !(letter.is_alphanumeric() || letter == '_')).unwrap_or(rest.len());
    let (word, after) = rest.split_at(end);
    *rest = after.trim_start();
    (!word.is_empty()).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_fields_with_modifiers_are_read() {
        let fields = parse("id,business_discovery.username(a.b){name,media.limit(2){id}}").unwrap();
        assert_eq!(fields[1].modifier("username"), Some("a.b"));
        assert_eq!(fields[1].nested[1].modifier("limit"), Some("2"));
        assert_eq!(fields[1].nested[1].nested[0].name, "id");
    }

    #[test]
    fn unbalanced_brackets_are_refused() {
        assert_eq!(parse("id,media{id"), None);
        assert_eq!(parse("id}"), None);
    }
}
