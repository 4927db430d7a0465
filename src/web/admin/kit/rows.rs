//! The entries of a block's form: one more, one less, one further up. All of it on what was typed; nothing is saved.

use crate::domain::block::input::Input;
use crate::domain::block::shape::{Rows, at};
use crate::web::admin::form::Form;

/// The field that says what a button of the form does.
const ACTION: &str = "do";

/// How many entries a form shows.
pub fn count(form: &Form, rows: &Rows) -> usize {
    form.value("rows").parse().unwrap_or(0_usize).min(rows.most)
}

/// Does what a button asked for and says whether one did: then the form is shown again.
pub fn arranged(form: &mut Form, rows: &Rows) -> bool {
    let action = form.value(ACTION).to_owned();
    let mut entries: Vec<Vec<String>> = (0..count(form, rows)).map(|row| entry(form, rows, row)).collect();
    let row = |name: &str| action.strip_prefix(name).and_then(|row| row.parse::<usize>().ok());
    if action == "more" {
        entries.push(blank(rows));
    } else if let Some(row) = row("drop-").filter(|row| *row < entries.len()) {
        entries.remove(row);
    } else if let Some(row) = row("up-").filter(|row| (1..entries.len()).contains(row)) {
        entries.swap(row - 1, row);
    } else {
        return false;
    }
    entries.truncate(rows.most);
    write(form, rows, &entries);
    true
}

/// Puts entries into a form, in place of those it had.
pub fn write(form: &mut Form, rows: &Rows, entries: &[Vec<String>]) {
    form.set("rows", entries.len().to_string());
    for row in 0..rows.most {
        for (index, field) in rows.fields.iter().enumerate() {
            let value = entries.get(row).and_then(|entry| entry.get(index)).map_or("", String::as_str);
            form.set(&at(field.name, row), value);
        }
    }
}

fn entry(form: &Form, rows: &Rows, row: usize) -> Vec<String> {
    let value = |name: String| form.value(&name).to_owned();
    rows.fields.iter().map(|field| value(at(field.name, row))).collect()
}

/// An entry nobody has typed anything into: a choice stands on its first value.
pub fn blank(rows: &Rows) -> Vec<String> {
    let value = |input: &Input| match input {
        Input::Choice(values) => values.first().map_or("", |(value, _)| value).to_owned(),
        _ => String::new(),
    };
    rows.fields.iter().map(|field| value(&field.input)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::block::Kind;

    fn after(action: &str, body: &str) -> (bool, Form) {
        let mut form = Form::read(format!("do={action}&{body}").as_bytes());
        let done = arranged(&mut form, Kind::Stats.shape().rows.unwrap());
        (done, form)
    }

    fn typed(form: &Form) -> Vec<String> {
        (0..count(form, Kind::Stats.shape().rows.unwrap()))
            .map(|row| form.value(&at("label", row)).to_owned())
            .collect()
    }

    #[test]
    fn entries_move_on_what_was_typed() {
        let body = "rows=3&label-0=a&value-0=1&label-1=b&label-2=c&heading=Zahlen";
        for (action, expected) in
            [("more", vec!["a", "b", "c", ""]), ("drop-1", vec!["a", "c"]), ("up-2", vec!["a", "c", "b"])]
        {
            let (done, form) = after(action, body);
            assert!(done && typed(&form) == expected, "{action}: {:?}", typed(&form));
            assert_eq!((form.value("heading"), form.value("value-0")), ("Zahlen", "1"));
        }
        for action in ["", "up-0", "up-3", "drop-9", "drop-x", "drop--1"] {
            assert!(!after(action, body).0, "{action}");
        }
    }

    #[test]
    fn there_are_never_more_than_there_may_be() {
        let (_, form) = after("more", "rows=99999999999999999999");
        assert_eq!(typed(&form), [""]);
        let (_, form) = after("more", "rows=8");
        assert_eq!(typed(&form).len(), 8);
    }
}
