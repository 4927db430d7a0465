//! What was typed into a form and what is wrong with it: enough to show the same form again with a message beside each
//! field.

use std::collections::BTreeMap;
use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;

use crate::domain::text::{Lang, Text};
use crate::web::error::Error;

/// The name of the field with the session's form token.
pub const TOKEN: &str = "form_token";

/// A form as it was sent, or as it is shown at first.
#[derive(Clone, Debug, Default)]
pub struct Form {
    fields: Vec<(String, String)>,
    files: Vec<(String, Bytes)>,
    errors: BTreeMap<String, Text>,
}

impl Form {
    /// Reads a body of `application/x-www-form-urlencoded`; line ends become `\n`.
    pub fn read(body: &[u8]) -> Self {
        let fields = url::form_urlencoded::parse(body);
        let fields = fields.map(|(name, value)| (name.into_owned(), value.replace("\r\n", "\n")));
        Self { fields: fields.collect(), ..Self::default() }
    }

    /// Reads a body of `multipart/form-data`, where files come in; one that was not chosen is not there.
    pub async fn read_parts(body: Bytes, boundary: String) -> Result<Self, Error> {
        let mut parts = multer::Multipart::new(stream::iter([Ok::<_, Infallible>(body)]), boundary);
        let mut form = Self::default();
        while let Some(part) = parts.next_field().await.map_err(|_| Error::NotAForm)? {
            let name = part.name().unwrap_or_default().to_owned();
            let is_file = part.file_name().is_some();
            let value = part.bytes().await.map_err(|_| Error::NotAForm)?;
            match is_file {
                true if value.is_empty() => {}
                true => form.files.push((name, value)),
                false => form.fields.push((name, String::from_utf8_lossy(&value).replace("\r\n", "\n"))),
            }
        }
        Ok(form)
    }

    /// The file that was chosen in a field.
    pub fn file(&self, name: &str) -> Option<&Bytes> {
        self.files.iter().find(|(field, _)| field == name).map(|(_, file)| file)
    }

    /// A field's first value, empty when it was not sent.
    pub fn value(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// A field's first value without blanks at its ends; `None` when nothing is left.
    pub fn text(&self, name: &str) -> Option<&str> {
        Some(self.value(name).trim()).filter(|text| !text.is_empty())
    }

    /// Every value of a field, in order.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Whether a field was sent with this value: a ticked box.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|sent| sent == value)
    }

    /// Puts a value into a field, in place of any it had.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.fields.retain(|(field, _)| field != name);
        self.fields.push((name.to_owned(), value.into()));
    }

    /// Says what is wrong with a field; the first word on it stays.
    pub fn refuse(&mut self, name: &str, why: Text) {
        self.errors.entry(name.to_owned()).or_insert(why);
    }

    /// The value of a check, or its refusal beside the field.
    pub fn take<T>(&mut self, name: &str, checked: Result<T, Text>) -> Option<T> {
        checked.map_err(|why| self.refuse(name, why)).ok()
    }

    /// What is wrong with a field.
    pub fn error(&self, name: &str, lang: &Lang) -> Option<&'static str> {
        self.errors.get(name).map(|why| why.get(*lang))
    }

    /// Whether nothing is wrong.
    pub fn is_good(&self) -> bool {
        self.errors.is_empty()
    }

    /// Forgets what must not be shown again: passwords and tokens.
    pub fn without(mut self, names: &[&str]) -> Self {
        self.fields.retain(|(field, _)| !names.contains(&field.as_str()));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_kept_with_what_is_wrong() {
        let mut form = Form::read(b"name=+Mara+&bio=a%0D%0Ab&tick=one&tick=two&umlaut=%C3%A4&broken=%FF");
        assert_eq!((form.text("name"), form.value("bio"), form.text("none")), (Some("Mara"), "a\nb", None));
        assert!(form.has("tick", "two") && !form.has("tick", "three") && form.is_good());
        assert_eq!((form.value("umlaut"), form.value("broken")), ("ä", "\u{fffd}"));
        form.refuse("name", Text::new("zu kurz", "too short"));
        form.refuse("name", Text::new("anders", "other"));
        assert_eq!(form.error("name", &Lang::En), Some("too short"));
        assert!(!form.is_good() && form.without(&["name"]).text("name").is_none());
    }

    #[tokio::test]
    async fn files_come_in_parts() {
        let part =
            |head: &str, body: &str| format!("--edge\r\ncontent-disposition: form-data; {head}\r\n\r\n{body}\r\n");
        let name = part("name=\"name\"", "Mara\r\nF");
        let chosen = part("name=\"picture\"; filename=\"a.png\"", "\u{1}\u{2}");
        let none = part("name=\"other\"; filename=\"\"", "");
        let read = |body: String| Form::read_parts(Bytes::from(body), "edge".to_owned());
        let form = read(format!("{name}{chosen}{none}--edge--\r\n")).await.unwrap();
        assert_eq!((form.value("name"), form.file("picture").map(|file| &file[..])), ("Mara\nF", Some(&[1, 2][..])));
        assert!(form.file("other").is_none() && form.file("name").is_none());
        assert!(matches!(read(format!("{name}{chosen}")).await, Err(Error::NotAForm)), "a form that breaks off");
    }
}
