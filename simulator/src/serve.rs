//! The way of one request: log, wait, find the fault, let the platform answer, spoil it.

use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;
use hyper::header::{HeaderName, HeaderValue};

use crate::answer::{Answer, encoded};
use crate::call::{Call, Pairs};
use crate::control;
use crate::fault::{Wire, distort, garble, http_date, mutate, refuse};
use crate::listen::CONTROL;
use crate::state::{Recorded, Request, Shared};
use crate::upstream;

/// What becomes of a request.
pub enum Outcome {
    Say(Response<Full<Bytes>>),
    Play(Wire),
}

/// Answers one request, with whatever fault is due.
pub async fn respond(shared: &Shared, mut call: Call) -> Outcome {
    if call.upstream == CONTROL {
        return Outcome::Say(response(&control::answer(shared, &call)));
    }
    shared.log(entry(&call));
    if let Some(latency) = shared.latency(call.upstream) {
        tokio::time::sleep(latency).await;
    }
    shared.gate.pass(call.upstream).await;
    call.fault = shared.rules().strike(call.upstream, &call.path);
    let fault = call.fault();
    if fault.name == "transport/reset-after-accept" {
        return Outcome::Play(Wire::new(fault.name, &Answer::empty(200)));
    }
    let answer = dated(outcome(shared, &call), &call);
    match fault.group {
        "transport" => Outcome::Play(Wire::new(fault.name, &answer)),
        _ => Outcome::Say(response(&answer)),
    }
}

fn outcome(shared: &Shared, call: &Call) -> Answer {
    let fault = call.fault();
    match fault.group {
        "status" => refuse(fault, call).unwrap_or_else(|| platform(shared, call)),
        "body" => distort(fault.name, platform(shared, call)),
        "schema" => mutate(fault.name, platform(shared, call)),
        "token" => garble(fault.name, platform(shared, call)),
        _ => platform(shared, call),
    }
}

fn platform(shared: &Shared, call: &Call) -> Answer {
    match shared.replayed(call.upstream, &call.path) {
        Some(recorded) => replay(recorded),
        None => upstream::answer(shared, call),
    }
}

fn replay(recorded: Recorded) -> Answer {
    let answer = Answer::raw(recorded.status, &recorded.content_type, recorded.body);
    let headers = recorded.headers.iter();
    headers.fold(answer, |answer, (name, value)| answer.with(&name.to_ascii_lowercase(), value.as_str()))
}

/// The platforms' clocks run on the simulator's time.
fn dated(answer: Answer, call: &Call) -> Answer {
    answer.with("date", http_date(call.now))
}

/// Header values that HTTP can't carry are left out.
fn response(answer: &Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(answer.bytes()));
    if let Ok(status) = hyper::StatusCode::from_u16(answer.status) {
        *response.status_mut() = status;
    }
    for (name, value) in &answer.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

const SECRET: [&str; 11] = [
    "access_token",
    "client_secret",
    "code",
    "fb_exchange_token",
    "input_token",
    "key",
    "refresh_token",
    "sig",
    "state",
    "token",
    "oe",
];

fn entry(call: &Call) -> Request {
    Request {
        upstream: call.upstream.to_owned(),
        method: call.method.clone(),
        path: call.path.clone(),
        query: redacted(&call.query),
        at: call.now,
    }
}

fn redacted(query: &Pairs) -> String {
    let pair = |(name, value): &(String, String)| {
        if SECRET.contains(&name.as_str()) { format!("{name}=…") } else { format!("{name}={}", encoded(value)) }
    };
    query.0.iter().map(pair).collect::<Vec<_>>().join("&")
}
