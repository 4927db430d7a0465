//! Meta's error envelope and every refusal a client has to know.
//! <https://developers.facebook.com/docs/graph-api/guides/error-handling/>

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::call::Call;
use crate::random::{BASE62, Dice};

/// A refusal with code, optional subcode and message.
pub fn error(status: u16, code: i64, subcode: Option<i64>, message: &str) -> Answer {
    let trace = Dice::new(0).text(message).letters(BASE62, 22);
    let mut inner = json!({
        "message": message, "type": "OAuthException", "code": code, "fbtrace_id": format!("A{trace}"),
    });
    if let Some(subcode) = subcode {
        inner["error_subcode"] = json!(subcode);
    }
    let answer = Answer::json(status, json!({ "error": inner }));
    match code {
        190 => answer.with("www-authenticate", format!("OAuth \"Facebook Platform\" \"invalid_token\" \"{message}\"")),
        _ => answer,
    }
}

/// Code 100: the request itself is wrong.
pub fn bad_parameter(message: &str) -> Answer {
    error(400, 100, None, &format!("(#100) {message}"))
}

/// Code 100/33: the object is not there for this token.
pub fn no_object(id: &str) -> Answer {
    let message = format!(
        "Unsupported get request. Object with ID '{id}' does not exist, cannot be loaded due to \
         missing permissions, or does not support this operation"
    );
    error(400, 100, Some(33), &message)
}

pub fn unparsable_token() -> Answer {
    error(401, 190, None, "Invalid OAuth access token - Cannot parse access token")
}

pub fn expired(ended: Timestamp, now: Timestamp) -> Answer {
    let message = format!(
        "Error validating access token: Session has expired on {}. The current time is {}.",
        pacific(ended),
        pacific(now)
    );
    error(400, 190, Some(463), &message)
}

pub fn invalidated() -> Answer {
    error(
        400,
        190,
        Some(460),
        "Error validating access token: The session has been invalidated because the user changed \
         their password or Facebook has changed the session for security reasons.",
    )
}

pub fn no_permission() -> Answer {
    error(403, 10, None, "(#10) Application does not have permission for this action")
}

/// Business discovery of somebody who is not there or not a professional account.
pub fn no_such_user(username: &str) -> Answer {
    let mut answer = error(400, 110, Some(2_207_013), "Invalid user id");
    if let Some(inner) = answer.value_mut().and_then(|root| root.pointer_mut("/error")) {
        inner["is_transient"] = json!(false);
        inner["error_user_title"] = json!("Cannot find User");
        inner["error_user_msg"] = json!(format!("The user with username: {username} cannot be found."));
    }
    answer
}

/// `Friday, 20-Nov-26 04:00:00 PST`
fn pacific(at: Timestamp) -> String {
    let shifted = at.checked_sub(SignedDuration::from_hours(8)).unwrap_or(at);
    shifted.strftime("%A, %d-%b-%y %H:%M:%S PST").to_string()
}

/// The refusal a fault of the `meta` group stands for; `None` when it is not a plain refusal.
pub fn canned(call: &Call) -> Option<Answer> {
    let what = call.fault().name.strip_prefix("meta/")?;
    if let Some(subcode) = what.strip_prefix("190-") {
        return subcode.parse().ok().map(|subcode| dead_session(subcode, call.now));
    }
    let (status, code, subcode, message) =
        *REFUSALS.iter().find(|(name, _)| *name == what).map(|(_, refusal)| refusal)?;
    let answer = error(status, code, subcode, message);
    Some(match what {
        "80002-19-minutes" => throttled(answer, 100, 19),
        "code-4" => answer.with("x-app-usage", app_usage(100)),
        _ => answer,
    })
}

fn dead_session(subcode: i64, now: Timestamp) -> Answer {
    let why = match subcode {
        458 => "The user has not authorized application.",
        459 => "The user must log in at www.facebook.com to pass a checkpoint.",
        460 => return invalidated(),
        463 => return expired(now - SignedDuration::from_hours(40), now),
        464 => "The user is not a confirmed user.",
        467 => "The session is invalid because the user logged out.",
        492 => "The user must be an administrator, editor, or moderator of the page in order to impersonate it.",
        _ => "The session is invalid.",
    };
    error(400, 190, Some(subcode), &format!("Error validating access token: {why}"))
}

type Refusal = (u16, i64, Option<i64>, &'static str);

const REFUSALS: [(&str, Refusal); 19] = [
    ("190", (401, 190, None, "Error validating access token: Session key is malformed.")),
    ("code-1", (500, 1, None, "An unknown error occurred")),
    ("code-2", (500, 2, None, "An unexpected error has occurred. Please retry your request later.")),
    ("code-4", (400, 4, None, "(#4) Application request limit reached")),
    ("code-10", (403, 10, None, "(#10) Application does not have permission for this action")),
    ("code-17", (400, 17, Some(2_446_079), "(#17) User request limit reached")),
    ("code-32", (400, 32, None, "(#32) Page request limit reached")),
    ("code-100", (400, 100, None, "(#100) Invalid parameter")),
    ("code-102", (400, 102, None, "Session key invalid or no longer valid")),
    ("code-110", (400, 110, Some(2_207_013), "Invalid user id")),
    ("code-200", (403, 200, None, "(#200) Provide valid app ID")),
    ("code-294", (403, 294, None, "(#294) Managing advertisements requires the permission ads_read or ads_management")),
    ("code-368", (400, 368, None, "(#368) The action attempted has been deemed abusive or is otherwise disallowed")),
    ("code-613", (400, 613, Some(1_996), "(#613) Calls to this api have exceeded the rate limit.")),
    ("code-2635", (400, 2_635, None, "(#2635) You are calling a deprecated version of the API.")),
    ("code-36104", (400, 36_104, None, "(#36104) This field can only be read through business discovery")),
    (
        "80001",
        (400, 80_001, None, "(#80001) There have been too many calls to this Page account. Wait a bit and try again."),
    ),
    (
        "80002-19-minutes",
        (
            400,
            80_002,
            None,
            "(#80002) There have been too many calls to this Instagram account. Wait a bit and try again.",
        ),
    ),
    (
        "100-33",
        (
            400,
            100,
            Some(33),
            "Unsupported get request. Object does not exist, cannot be loaded due to missing permissions, or does not support this operation",
        ),
    ),
];

/// Value of `X-App-Usage` at so many per cent.
pub fn app_usage(percent: i64) -> String {
    json!({"call_count": percent, "total_time": percent * 9 / 10, "total_cputime": percent / 2}).to_string()
}

/// Adds the headers of an account that is at its limit.
pub fn throttled(answer: Answer, percent: i64, minutes: i64) -> Answer {
    let usage: Value = json!({"178400000000000": [{
        "type": "instagram", "call_count": percent, "total_cputime": percent / 3,
        "total_time": percent / 2, "estimated_time_to_regain_access": minutes,
    }]});
    answer.with("x-business-use-case-usage", usage.to_string())
}
