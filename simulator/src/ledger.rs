//! Every credential the simulator ever issued and every exchange it was asked for: the judge
//! of whether a client lost a token, used a dead one or exchanged one twice.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::random::{BASE62, Dice};

/// What a credential is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// Authorisation code, good for one exchange.
    Code,
    /// Reads data in the name of a user.
    Access,
    /// Buys a new access token.
    Refresh,
    /// Reads data in the name of a Facebook Page.
    Page,
    /// Reads data in the name of an app.
    App,
    /// A key that never changes.
    ApiKey,
}

/// Where a credential stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenState {
    /// Works.
    Valid,
    /// Replaced by its successor, or a code that was used.
    Superseded,
    /// Withdrawn by the owner or the platform.
    Revoked,
    /// Past its time.
    Expired,
}

/// One credential.
#[derive(Clone, Debug, Serialize)]
pub struct Token {
    /// What it is for.
    pub kind: TokenKind,
    /// Platform id, or `github`.
    pub platform: String,
    /// Key of the creator.
    pub account: String,
    /// The credential itself.
    pub value: String,
    /// Since when it works.
    pub issued_at: Timestamp,
    /// Until when; `None` for ever.
    pub expires_at: Option<Timestamp>,
    /// When the person agreed in the browser; exchanges do not move it.
    pub authorised_at: Timestamp,
    /// What it may read.
    pub scopes: Vec<String>,
    /// For a Page token the page's id, for a code the redirect address, for a user's token of Twitch or X whose app it
    /// was given to.
    pub subject: Option<String>,
    /// For a code, what whoever redeems it has to prove (RFC 7636).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge: Option<String>,
    /// Whether an exchange can make a longer-lived token of it.
    pub short_lived: bool,
    /// Where it stands.
    pub state: TokenState,
}

impl Token {
    /// Whose app a token of Twitch or X was given to.
    pub fn app(&self) -> &str {
        self.subject.as_deref().unwrap_or(&self.account)
    }
}

/// One attempt to trade a credential for another.
#[derive(Clone, Debug, Serialize)]
pub struct Exchange {
    /// When.
    pub at: Timestamp,
    /// Platform id.
    pub platform: String,
    /// Key of the creator; empty when what was presented is unknown.
    pub account: String,
    /// The grant's name at the platform, for example `refresh_token`.
    pub grant: String,
    /// What was presented.
    pub presented: String,
    /// What was issued for it; empty when refused.
    pub issued: Vec<String>,
    /// Why it was refused.
    pub refused: Option<String>,
}

/// A copy of the books at one instant.
#[derive(Clone, Debug, Serialize)]
pub struct Ledger {
    /// In the order of issue.
    pub tokens: Vec<Token>,
    /// In the order of arrival.
    pub exchanges: Vec<Exchange>,
}

impl Ledger {
    /// How many exchanges succeeded for one account of one platform.
    pub fn exchange_count(&self, platform: &str, account: &str) -> usize {
        self.exchanges
            .iter()
            .filter(|event| event.platform == platform && event.account == account)
            .filter(|event| event.refused.is_none())
            .count()
    }

    /// Whether a credential works at the instant of the copy.
    pub fn is_valid(&self, value: &str) -> bool {
        self.token(value).is_some_and(|token| token.state == TokenState::Valid)
    }

    /// The entry of a credential.
    pub fn token(&self, value: &str) -> Option<&Token> {
        self.tokens.iter().find(|token| token.value == value)
    }
}

/// What is asked of [`Books::issue`]; the rest of a token follows from it.
pub struct Order<'a> {
    pub kind: TokenKind,
    pub platform: &'a str,
    pub account: &'a str,
    pub prefix: &'a str,
    pub length: usize,
    pub life: Option<SignedDuration>,
    pub scopes: &'a [String],
    pub subject: Option<String>,
    pub challenge: Option<String>,
    pub authorised_at: Option<Timestamp>,
    pub short_lived: bool,
}

impl<'a> Order<'a> {
    pub fn new(kind: TokenKind, platform: &'a str, account: &'a str) -> Self {
        Self {
            kind,
            platform,
            account,
            prefix: "",
            length: 40,
            life: None,
            scopes: &[],
            subject: None,
            challenge: None,
            authorised_at: None,
            short_lived: false,
        }
    }
}

/// The live ledger.
#[derive(Debug)]
pub struct Books {
    dice: Dice,
    tokens: Vec<Token>,
    by_value: HashMap<String, usize>,
    exchanges: Vec<Exchange>,
    /// Where whoever searches output for secrets finds what there is to search for.
    issued_file: Option<PathBuf>,
}

impl Books {
    pub fn new(seed: u64) -> Self {
        Self {
            dice: Dice::new(seed).text("token"),
            tokens: Vec::new(),
            by_value: HashMap::new(),
            exchanges: Vec::new(),
            issued_file: std::env::var_os("SIMULATOR_ISSUED").map(PathBuf::from),
        }
    }

    /// Issues a new credential and returns its value.
    pub fn issue(&mut self, now: Timestamp, order: Order<'_>) -> String {
        let serial = i64::try_from(self.tokens.len()).unwrap_or(i64::MAX);
        let tail = self.dice.number(serial).letters(BASE62, order.length);
        let value = format!("{}{tail}", order.prefix);
        self.tell(&tail);
        self.by_value.insert(value.clone(), self.tokens.len());
        self.tokens.push(Token {
            kind: order.kind,
            platform: order.platform.to_owned(),
            account: order.account.to_owned(),
            value: value.clone(),
            issued_at: now,
            expires_at: order.life.map(|life| now + life),
            authorised_at: order.authorised_at.unwrap_or(now),
            scopes: order.scopes.to_vec(),
            subject: order.subject,
            challenge: order.challenge,
            short_lived: order.short_lived,
            state: TokenState::Valid,
        });
        value
    }

    /// Adds a secret's random part to the file that `SIMULATOR_ISSUED` names, if it names one.
    pub fn tell(&self, secret: &str) {
        let Some(file) = &self.issued_file else { return };
        let opened = OpenOptions::new().create(true).append(true).open(file);
        // One write a line: several simulators may share the file.
        let told = opened.and_then(|mut file| file.write_all(format!("{secret}\n").as_bytes()));
        assert!(told.is_ok(), "SIMULATOR_ISSUED can't be written: a search would quietly lack this secret");
    }

    /// A credential with its state as of `now`.
    pub fn find(&self, value: &str, now: Timestamp) -> Option<Token> {
        let at = *self.by_value.get(value)?;
        Some(as_of(&self.tokens[at], now))
    }

    /// A valid credential of one platform.
    pub fn valid(&self, platform: &str, value: &str, now: Timestamp) -> Option<Token> {
        self.find(value, now).filter(|token| token.platform == platform && token.state == TokenState::Valid)
    }

    /// The newest valid credential of a kind, for those that are handed out again unchanged.
    pub fn standing(
        &self,
        kind: TokenKind,
        platform: &str,
        account: &str,
        subject: Option<&str>,
        now: Timestamp,
    ) -> Option<Token> {
        self.tokens
            .iter()
            .rev()
            .filter(|token| token.kind == kind && token.platform == platform)
            .filter(|token| token.account == account && token.subject.as_deref() == subject)
            .map(|token| as_of(token, now))
            .find(|token| token.state == TokenState::Valid)
    }

    pub fn supersede(&mut self, value: &str) {
        self.mark(value, TokenState::Superseded);
    }

    /// Withdraws a credential; `false` when it was never issued.
    pub fn revoke(&mut self, value: &str) -> bool {
        self.mark(value, TokenState::Revoked)
    }

    fn mark(&mut self, value: &str, state: TokenState) -> bool {
        let Some(at) = self.by_value.get(value) else {
            return false;
        };
        self.tokens[*at].state = state;
        true
    }

    /// Notes an exchange that succeeded.
    pub fn exchanged(&mut self, now: Timestamp, grant: &str, from: &Token, issued: &[&str]) {
        self.exchanges.push(Exchange {
            at: now,
            platform: from.platform.clone(),
            account: from.account.clone(),
            grant: grant.to_owned(),
            presented: from.value.clone(),
            issued: issued.iter().map(|value| (*value).to_owned()).collect(),
            refused: None,
        });
    }

    /// Notes an exchange that was refused.
    pub fn refused(&mut self, now: Timestamp, platform: &str, grant: &str, value: &str, why: &str) {
        let account = self.find(value, now).map(|token| token.account);
        self.exchanges.push(Exchange {
            at: now,
            platform: platform.to_owned(),
            account: account.unwrap_or_default(),
            grant: grant.to_owned(),
            presented: value.to_owned(),
            issued: Vec::new(),
            refused: Some(why.to_owned()),
        });
    }

    pub fn copy(&self, now: Timestamp) -> Ledger {
        Ledger {
            tokens: self.tokens.iter().map(|token| as_of(token, now)).collect(),
            exchanges: self.exchanges.clone(),
        }
    }
}

fn as_of(token: &Token, now: Timestamp) -> Token {
    let mut token = token.clone();
    let over = token.expires_at.is_some_and(|end| end <= now);
    if over && token.state == TokenState::Valid {
        token.state = TokenState::Expired;
    }
    token
}
