//! The fields of a block: what a form asks, what may be typed, and the JSON it becomes.

use jiff::civil::Date;
use serde_json::{Map, Value as Json, json};

use super::input::Input;
use crate::domain::text::{Lang, Text};

/// One field.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name in the form and in the JSON.
    pub name: &'static str,
    /// What people read above it.
    pub label: Text,
    /// What people read below it; may be empty.
    pub help: Text,
    /// What may be typed.
    pub input: Input,
    /// Whether something must be typed.
    pub needed: bool,
}

/// A list of equal entries in a block.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    /// What one entry is called.
    pub one: Text,
    /// At most this many.
    pub most: usize,
    /// The fields of an entry.
    pub fields: &'static [Field],
    /// The fields that make a claim: an entry keeps its day while they stay the same. Empty: entries have no day.
    pub claims: &'static [&'static str],
    /// What must hold of all entries together: the first entry with which it does not, and why.
    pub together: fn(&[Json]) -> Option<(usize, &'static str, Text)>,
}

/// The fields of a kind of block.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The fields there is one of.
    pub fields: &'static [Field],
    /// The entries, which become `items` in the JSON.
    pub rows: Option<&'static Rows>,
}

/// What is wrong: the field's name in the form, and why.
pub type Wrong = Vec<(String, Text)>;

/// The name of an entry's field in a form: `brand-2`.
pub fn at(name: &str, row: usize) -> String {
    format!("{name}-{row}")
}

impl Field {
    fn read(&self, typed: &str) -> Result<Json, Text> {
        let value = self.input.read(typed)?;
        if self.needed && value.is_null() {
            return Err(Text::new("Das fehlt noch.", "This is missing."));
        }
        Ok(value)
    }

    /// Its name in the form, as a field of an entry.
    pub fn of_row(&self, row: &usize) -> String {
        at(self.name, *row)
    }

    /// Whether what was typed counts as an entry; a choice or a tick alone does not.
    fn makes_an_entry(&self, typed: &str) -> bool {
        !matches!(self.input, Input::Choice(_) | Input::Tick) && !typed.trim().is_empty()
    }

    /// A value of the JSON as people type it.
    pub fn typed(&self, value: &Json, lang: Lang) -> String {
        self.input.typed(value, lang)
    }
}

impl Shape {
    /// Reads a form into the JSON of a body, or says what is wrong beside each field.
    pub fn read<'t>(&self, typed: impl Fn(&str) -> &'t str) -> Result<Json, Wrong> {
        let mut wrong = Wrong::new();
        let mut body = record(self.fields, &mut wrong, |name| (name.to_owned(), typed(name)));
        if let Some(rows) = self.rows {
            body.insert("items".to_owned(), rows.read(&typed, &mut wrong));
        }
        if wrong.is_empty() { Ok(Json::Object(body)) } else { Err(wrong) }
    }

    /// `body` with the day beside each claim.
    pub(super) fn dated(&self, mut body: Json, before: Option<&Json>, today: Date) -> Json {
        let Some(rows) = self.rows.filter(|rows| !rows.claims.is_empty()) else { return body };
        let known = before.and_then(|before| before["items"].as_array()).map(Vec::as_slice).unwrap_or_default();
        for entry in body["items"].as_array_mut().into_iter().flatten() {
            let same = |old: &&Json| rows.claims.iter().all(|claim| old[*claim] == entry[*claim]);
            let day = known.iter().find(same).map(|old| old["typed_on"].clone()).filter(|day| !day.is_null());
            entry["typed_on"] = day.unwrap_or_else(|| json!(today));
        }
        body
    }
}

impl Rows {
    fn read<'t>(&self, typed: impl Fn(&str) -> &'t str, wrong: &mut Wrong) -> Json {
        let filled = |row: &usize| self.fields.iter().any(|field| field.makes_an_entry(typed(&at(field.name, *row))));
        let rows: Vec<usize> = (0..self.most).filter(filled).collect();
        let entry = |row: usize, wrong: &mut Wrong| {
            let of_row = |name: &str| (at(name, row), typed(&at(name, row)));
            Json::Object(record(self.fields, wrong, of_row))
        };
        let entries: Vec<Json> = rows.iter().map(|row| entry(*row, wrong)).collect();
        if wrong.is_empty()
            && let Some((index, field, why)) = (self.together)(&entries)
        {
            wrong.push((at(field, rows[index]), why));
        }
        Json::Array(entries)
    }
}

/// The values of some fields; `typed` gives each field's name in the form and what stands in it.
fn record<'t>(fields: &[Field], wrong: &mut Wrong, typed: impl Fn(&str) -> (String, &'t str)) -> Map<String, Json> {
    let mut values = Map::new();
    for field in fields {
        let (name, text) = typed(field.name);
        match field.read(text) {
            Ok(value) => drop(values.insert(field.name.to_owned(), value)),
            Err(why) => wrong.push((name, why)),
        }
    }
    values
}
