//! Token faults: the platform did its work and issued what it issues, but its answer says something odd about it.
//! An answer without a token passes unchanged.

use serde_json::json;

use crate::answer::Answer;

/// Changes an answer that carries a token as the named fault says.
pub fn garble(name: &str, mut answer: Answer) -> Answer {
    let Some(reply) = answer.value_mut().and_then(|root| root.as_object_mut()) else { return answer };
    if !reply.contains_key("access_token") {
        return answer;
    }
    match name.strip_prefix("token/").unwrap_or(name) {
        "content-type" => return answer.with("content-type", "text/html; charset=utf-8"),
        "access-empty" => reply.insert("access_token".to_owned(), json!("")),
        "access-number" => reply.insert("access_token".to_owned(), json!(48_263)),
        "life-missing" => reply.remove("expires_in"),
        "life-zero" => reply.insert("expires_in".to_owned(), json!(0)),
        "life-one-second" => reply.insert("expires_in".to_owned(), json!(1)),
        "life-negative" => reply.insert("expires_in".to_owned(), json!(-3_600)),
        "life-text" => reply.insert("expires_in".to_owned(), json!("soon")),
        "life-3000-years" => reply.insert("expires_in".to_owned(), json!(94_672_800_000_i64)),
        "life-above-2-63" => reply.insert("expires_in".to_owned(), json!(u64::MAX)),
        _ => None,
    };
    answer
}
