//! Body faults: the platform did its work, then something between it and the client spoiled
//! what was on the way.

use std::io::Write as _;
use std::sync::OnceLock;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use crate::answer::{Answer, Body};

const BOMB_BYTES: usize = 64 << 20;
const DEPTH: usize = 100_000;

/// Spoils the answer as the named fault says.
pub fn distort(name: &str, answer: Answer) -> Answer {
    match name.strip_prefix("body/").unwrap_or(name) {
        "gzip" => encoded(&answer, "gzip", gzip(&answer.bytes())),
        "brotli" => encoded(&answer, "br", brotli(&answer.bytes())),
        "gzip-bomb" => encoded(&answer, "gzip", bomb(&GZIP_BOMB, gzip)),
        "brotli-bomb" => encoded(&answer, "br", bomb(&BROTLI_BOMB, brotli)),
        "json-10mb" => padded(answer),
        "json-deep" => replaced(answer, &format!("{}{}", "[".repeat(DEPTH), "]".repeat(DEPTH))),
        "malformed" => reworded(answer, |text| text.replacen(':', " ", 1)),
        "truncated" => cut(answer),
        "empty-200" => with_bytes(answer, Bytes::new()),
        "no-content-204" => Answer::empty(204),
        "login-wall" => Answer::html(200, LOGIN_WALL),
        "login-wall-as-json" => Answer::raw(200, "application/json", LOGIN_WALL),
        "error-in-200" => Answer::json(200, json!({"error": {"code": 1, "message": "An unknown error occurred"}})),
        "bom" => surrounded(answer, "\u{feff}", ""),
        "trailing-garbage" => surrounded(answer, "", "\n}]<!-- edge-17 -->"),
        "duplicate-keys" => duplicated(answer),
        _ => answer,
    }
}

const LOGIN_WALL: &str = "<!DOCTYPE html><html lang=\"en\"><head><title>Log in</title></head>\
    <body><main><h1>Log in to continue</h1><form method=\"post\" action=\"/accounts/login/\">\
    <input name=\"username\"><input name=\"password\" type=\"password\"></form></main></body></html>";

static GZIP_BOMB: OnceLock<Bytes> = OnceLock::new();
static BROTLI_BOMB: OnceLock<Bytes> = OnceLock::new();

/// 64 MB of valid JSON in a few kilobytes, made once.
fn bomb(place: &OnceLock<Bytes>, compress: fn(&[u8]) -> Bytes) -> Bytes {
    let text = || format!("{{\"data\":{}1}}", " ".repeat(BOMB_BYTES));
    place.get_or_init(|| compress(text().as_bytes())).clone()
}

fn gzip(plain: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(plain).and_then(|()| encoder.finish());
    written.unwrap_or_default().into()
}

fn brotli(plain: &[u8]) -> Bytes {
    let mut packed = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut packed, 64 << 10, 4, 22);
    let written = encoder.write_all(plain);
    drop(encoder);
    written.map(|()| packed.into()).unwrap_or_default()
}

fn encoded(answer: &Answer, coding: &str, bytes: Bytes) -> Answer {
    with_bytes(answer.clone(), bytes).with("content-encoding", coding)
}

fn with_bytes(mut answer: Answer, bytes: impl Into<Bytes>) -> Answer {
    answer.body = Body::Raw(bytes.into());
    answer
}

fn padded(mut answer: Answer) -> Answer {
    let padding = "x".repeat(10 << 20);
    match answer.value_mut().and_then(Value::as_object_mut) {
        Some(object) => {
            object.insert("padding".to_owned(), json!(padding));
            answer
        }
        None => surrounded(answer, "", &padding),
    }
}

/// Puts other text where the JSON was.
fn replaced(answer: Answer, text: &str) -> Answer {
    let whole = match &answer.body {
        Body::Page(before, _, after) => format!("{before}{text}{after}"),
        _ => text.to_owned(),
    };
    with_bytes(answer, whole)
}

/// Changes the text of the JSON.
fn reworded(answer: Answer, change: impl FnOnce(&str) -> String) -> Answer {
    let text = match &answer.body {
        Body::Json(value) | Body::Page(_, value, _) => value.to_string(),
        Body::Raw(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    };
    let text = change(&text);
    replaced(answer, &text)
}

fn cut(answer: Answer) -> Answer {
    let bytes = answer.bytes();
    let kept = bytes.len() * 3 / 5;
    with_bytes(answer, bytes.slice(..kept))
}

fn surrounded(answer: Answer, before: &str, after: &str) -> Answer {
    let whole = [before.as_bytes(), &answer.bytes(), after.as_bytes()].concat();
    with_bytes(answer, whole)
}

/// The main count appears twice, first with another value.
fn duplicated(answer: Answer) -> Answer {
    let Some(key) = answer.shape.count.rsplit('/').next().filter(|key| !key.is_empty()) else {
        return answer;
    };
    let field = format!("\"{key}\":");
    reworded(answer, |text| text.replacen(&field, &format!("{field}7,{field}"), 1))
}
