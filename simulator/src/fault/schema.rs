//! Schema faults: the answer is well-formed and arrives whole, but says something a client
//! does not expect. They work on any answer that declares where its main count, id, name or
//! list is; an answer that has none passes unchanged.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::answer::{Answer, Body};

/// A text that no platform sends; it marks the place of a literal JSON can't hold as a value.
const MARK: &str = "\u{e000}literal\u{e000}";

/// Changes the answer as the named fault says.
pub fn mutate(name: &str, mut answer: Answer) -> Answer {
    let shape = answer.shape;
    match name.strip_prefix("schema/").unwrap_or(name) {
        "array-at-root" => wrap_root(&mut answer),
        "list-empty" => set(&mut answer, shape.list, |_| json!([])),
        "list-duplicated" => set(&mut answer, shape.list, double),
        "id-other-account" => set(&mut answer, shape.id, other_id),
        "count-missing" => rename(&mut answer, shape.count, None),
        "count-renamed" => rename(&mut answer, shape.count, Some("audience_total")),
        "count-null" => set(&mut answer, shape.count, |_| Value::Null),
        "count-bool" => set(&mut answer, shape.count, |_| json!(true)),
        "count-object" => set(&mut answer, shape.count, |count| json!({ "value": count })),
        "count-other-type" => set(&mut answer, shape.count, flip),
        "name-lone-surrogate" => return literal(answer, shape.name, |_| r#""Mara \ud83d""#.into()),
        other => match number(other) {
            Some(digits) => return literal(answer, shape.count, |old| in_form_of(old, digits)),
            None => set(&mut answer, shape.name, |name| odd_name(other, name)),
        },
    }
    answer
}

/// The unusual numbers, as they stand in the JSON text.
fn number(name: &str) -> Option<&'static str> {
    Some(match name {
        "count-float" => "48263.7",
        "count-exponent" => "4.8263e4",
        "count-negative" => "-48263",
        "count-above-2-53" => "9007199254740995",
        "count-above-2-63" => "9223372036854775809",
        _ => return None,
    })
}

fn odd_name(fault: &str, name: &Value) -> Value {
    let name = name.as_str().unwrap_or_default();
    match fault {
        "name-emoji" => json!(format!("{name} 🚲👩🏽‍🔧✨")),
        "name-rtl-override" => json!(format!("\u{202e}{name}")),
        "name-nul" => json!(format!("{name}\0admin")),
        "name-1mb" => json!("M".repeat(1 << 20)),
        _ => json!(name),
    }
}

fn set(answer: &mut Answer, pointer: &str, change: impl FnOnce(&Value) -> Value) {
    if pointer.is_empty() {
        return;
    }
    if let Some(place) = answer.value_mut().and_then(|root| root.pointer_mut(pointer)) {
        *place = change(place);
    }
}

fn rename(answer: &mut Answer, pointer: &str, to: Option<&str>) {
    let Some((parent, key)) = pointer.rsplit_once('/') else {
        return;
    };
    let parent = answer.value_mut().and_then(|root| root.pointer_mut(parent));
    let Some(parent) = parent.and_then(Value::as_object_mut) else {
        return;
    };
    if let (Some(value), Some(to)) = (parent.remove(key), to) {
        parent.insert(to.to_owned(), value);
    }
}

fn wrap_root(answer: &mut Answer) {
    if let Some(root) = answer.value_mut() {
        *root = json!([root.take()]);
    }
}

fn double(list: &Value) -> Value {
    let entries = list.as_array().cloned().unwrap_or_default();
    Value::Array([entries.clone(), entries].concat())
}

/// A number becomes a string and the other way round.
fn flip(count: &Value) -> Value {
    match count {
        Value::String(text) => text.parse::<i64>().map_or(json!(48_263), |number| json!(number)),
        other => json!(other.to_string()),
    }
}

fn other_id(id: &Value) -> Value {
    match id {
        Value::String(text) => {
            let end = if text.ends_with('7') { '8' } else { '7' };
            let kept = text.chars().count().saturating_sub(1);
            json!(text.chars().take(kept).chain([end]).collect::<String>())
        }
        other => json!(other.as_i64().unwrap_or_default() + 1),
    }
}

/// The digits as a bare number, or in quotes, or in front of the words of a sentence,
/// whichever way the answer wrote its count before.
fn in_form_of(old: &Value, digits: &str) -> String {
    match old {
        Value::String(text) => match text.split_once(' ') {
            Some((_, words)) => json!(format!("{digits} {words}")).to_string(),
            None => json!(digits).to_string(),
        },
        _ => digits.to_owned(),
    }
}

/// Writes a literal into the text of the answer.
fn literal(mut answer: Answer, pointer: &str, text: impl FnOnce(&Value) -> String) -> Answer {
    let mut written = String::new();
    set(&mut answer, pointer, |old| {
        written = text(old);
        json!(MARK)
    });
    let marked = String::from_utf8_lossy(&answer.bytes()).replace(&format!("\"{MARK}\""), &written);
    answer.body = Body::Raw(Bytes::from(marked));
    answer
}
