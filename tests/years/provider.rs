//! A platform's side: what it issued, what of it works, and what a request means to it. It knows the true time and
//! nothing of the program. After `../shared/platforms.md`, sections 3, 4, 6, 7, 8 and 9.

use std::collections::{BTreeMap, HashMap};

use mediakit::domain::failure::FailureKind;
use mediakit::outbound::FetchError;

use crate::dice::Dice;
use crate::time::{DAY, DAYS, HOUR, Secs, beginning};
use crate::weather::Deed;

/// Values by their key.
pub type Values = BTreeMap<&'static str, String>;

/// How a platform's credentials live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A token of 60 days that extends itself, once it is a day old.
    InstagramLogin,
    /// A token of 60 days that is exchanged while it works; the person must agree again every 90 days.
    FacebookLogin,
    /// An access token of a day or of hours, and a refresh token that ends when its successor is issued.
    TikTok,
    /// An access token of an hour; answers mostly bring no refresh token, sometimes a new one.
    Google,
    /// Keys that do not end.
    Keys,
}

/// What a platform granted.
#[derive(Clone, Debug)]
pub struct Granted {
    pub values: Values,
    pub expires_in: Secs,
    pub refresh_expires_in: Option<Secs>,
}

/// How a token stands, where the platform tells (Facebook).
#[derive(Clone, Copy, Debug, Default)]
pub struct Told {
    pub expires_at: Option<Secs>,
    pub data_access_until: Option<Secs>,
}

#[derive(Clone, Debug)]
struct Token {
    /// How many times the person's grant had been renewed when it was issued.
    number: u32,
    issued_at: Secs,
    ends_at: Option<Secs>,
    ended: bool,
}

/// The books of one platform about one account.
pub struct Provider {
    pub id: &'static str,
    pub kind: Kind,
    /// The key of the token for calls, and of what buys the next one.
    pub call_key: &'static str,
    pub renew_key: &'static str,
    tokens: HashMap<String, Token>,
    issued: u32,
    authorised_at: Secs,
    dice: Dice,
    /// From when on lives are shorter.
    shorter_from: Secs,
}

impl Provider {
    pub fn new(id: &'static str, kind: Kind, seed: u64) -> Self {
        let (call_key, renew_key) = match (kind, id) {
            (Kind::InstagramLogin | Kind::FacebookLogin, _) => ("INSTAGRAM_ACCESS_TOKEN", "INSTAGRAM_ACCESS_TOKEN"),
            (Kind::TikTok, _) => ("TIKTOK_ACCESS_TOKEN", "TIKTOK_REFRESH_TOKEN"),
            (Kind::Google, _) => ("YOUTUBE_ACCESS_TOKEN", "YOUTUBE_REFRESH_TOKEN"),
            (Kind::Keys, "youtube") => ("YOUTUBE_API_KEY", "YOUTUBE_API_KEY"),
            (Kind::Keys, "twitch") => ("TWITCH_CLIENT_SECRET", "TWITCH_CLIENT_SECRET"),
            (Kind::Keys, _) => ("X_BEARER_TOKEN", "X_BEARER_TOKEN"),
        };
        let mut dice = Dice::new(seed, &format!("{id} shorter"));
        let shorter_from = beginning() + dice.between(DAYS / 4, DAYS * 3 / 4) * DAY;
        let (tokens, dice) = (HashMap::new(), Dice::new(seed, &format!("{id} answers")));
        Self { id, kind, call_key, renew_key, tokens, issued: 0, authorised_at: 0, dice, shorter_from }
    }

    /// The person agrees in the browser: everything the owner has to enter.
    pub fn authorise(&mut self, now: Secs) -> Values {
        self.authorised_at = now;
        let mut values = self.issue(now, true).values;
        let fixed: &[(&'static str, &str)] = match self.kind {
            Kind::InstagramLogin => &[("INSTAGRAM_LOGIN", "instagram")],
            Kind::FacebookLogin => {
                &[("INSTAGRAM_LOGIN", "facebook"), ("INSTAGRAM_APP_ID", "411"), ("INSTAGRAM_APP_SECRET", APP_SECRET)]
            }
            Kind::TikTok => &[("TIKTOK_CLIENT_KEY", "aw1"), ("TIKTOK_CLIENT_SECRET", APP_SECRET)],
            Kind::Google => &[("YOUTUBE_CLIENT_ID", "c1"), ("YOUTUBE_CLIENT_SECRET", APP_SECRET)],
            Kind::Keys if self.id == "twitch" => &[("TWITCH_CLIENT_ID", "t1")],
            Kind::Keys => &[],
        };
        values.extend(fixed.iter().map(|(key, value)| (*key, (*value).to_owned())));
        values
    }

    /// Whether credentials can be renewed at all.
    pub fn renews(&self) -> bool {
        self.kind != Kind::Keys
    }

    /// Trades what is presented for something newer.
    pub fn renew(&mut self, presented: &Values, now: Secs) -> Result<Granted, FetchError> {
        let value = presented.get(self.renew_key).cloned().unwrap_or_default();
        let works = self.works(&value, now);
        let refused = if self.renew_key == self.call_key { FailureKind::AuthExpired } else { FailureKind::AuthRevoked };
        let token = self.tokens.get(&value).filter(|_| works).ok_or(refused)?;
        if self.kind == Kind::InstagramLogin && now - token.issued_at < DAY {
            return Err(FailureKind::AuthRevoked.into());
        }
        let with_refresh = self.kind != Kind::Google || self.dice.in_ten_thousand(200);
        let granted = self.issue(now, with_refresh);
        if self.kind == Kind::TikTok {
            self.end(&value);
        }
        Ok(granted)
    }

    /// Answers a call that needs a token.
    pub fn answer(&self, deed: Deed, presented: &Values, now: Secs) -> Result<Told, FetchError> {
        let value = presented.get(self.call_key).map(String::as_str).unwrap_or_default();
        if !self.works(value, now) {
            return Err(FailureKind::AuthExpired.into());
        }
        let data_access_until = Some(self.authorised_at + 90 * DAY).filter(|_| self.kind == Kind::FacebookLogin);
        if deed == Deed::Read && data_access_until.is_some_and(|until| until <= now) {
            return Err(FailureKind::Permission.into());
        }
        let expires_at = data_access_until.and_then(|_| self.tokens[value].ends_at);
        Ok(Told { expires_at, data_access_until })
    }

    /// Until when these values can be renewed: `None` when they do not end by themselves.
    pub fn end_of(&self, values: &Values) -> Option<Span> {
        let token = self.tokens.get(values.get(self.renew_key)?)?;
        Some(Span { since: token.issued_at, until: token.ends_at?, ended: token.ended })
    }

    /// Until when the person's agreement holds, where it ends.
    pub fn data_access_until(&self) -> Option<Secs> {
        (self.kind == Kind::FacebookLogin).then_some(self.authorised_at + 90 * DAY)
    }

    /// Whether these values can be renewed now.
    pub fn is_alive(&self, values: &Values, now: Secs) -> bool {
        values.get(self.renew_key).is_some_and(|value| self.works(value, now))
    }

    /// Whether the value is of this platform, and which it is in the order of issue.
    pub fn number(&self, value: &str) -> Option<u32> {
        self.tokens.get(value).map(|token| token.number)
    }

    /// How old the token is with which a renewal is asked for.
    pub fn age(&self, presented: &Values, now: Secs) -> Option<Secs> {
        self.tokens.get(presented.get(self.renew_key)?).map(|token| now - token.issued_at)
    }

    /// The person withdraws what they agreed to.
    pub fn withdraw(&mut self) {
        self.tokens.values_mut().for_each(|token| token.ended = true);
    }

    fn works(&self, value: &str, now: Secs) -> bool {
        self.tokens.get(value).is_some_and(|token| !token.ended && token.ends_at.is_none_or(|end| now < end))
    }

    fn end(&mut self, value: &str) {
        self.tokens.get_mut(value).unwrap().ended = true;
    }

    fn issue(&mut self, now: Secs, with_refresh: bool) -> Granted {
        self.issued += 1;
        let (number, shorter) = (self.issued, now >= self.shorter_from);
        let (mark, life, refresh_life) = match self.kind {
            Kind::InstagramLogin => ("IGCANARYlogin", if shorter { 30 * DAY } else { 5_183_944 }, None),
            Kind::FacebookLogin => ("EAACANARYig1", if shorter { 40 * DAY } else { 5_183_944 }, None),
            Kind::TikTok if shorter => ("act.CANARYtiktok1", 2 * HOUR, Some(180 * DAY)),
            Kind::TikTok => ("act.CANARYtiktok1", DAY, Some(365 * DAY)),
            Kind::Google => ("ya29.CANARYyoutube", 3_599, None),
            Kind::Keys => ("AIzaCANARYyoutube", 0, None),
        };
        let call = format!("{mark}-{number}");
        let ends_at = (self.kind != Kind::Keys).then_some(now + life);
        self.tokens.insert(call.clone(), Token { number, issued_at: now, ends_at, ended: false });
        let mut values = Values::from([(self.call_key, call)]);
        if with_refresh && self.renew_key != self.call_key {
            let refresh = format!("rft.CANARYtiktok2-{}-{number}", self.id);
            let ends_at = refresh_life.map(|life| now + life);
            self.tokens.insert(refresh.clone(), Token { number, issued_at: now, ends_at, ended: false });
            values.insert(self.renew_key, refresh);
        }
        Granted { values, expires_in: life, refresh_expires_in: refresh_life }
    }
}

/// From when until when something can be renewed, and whether it was ended before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub since: Secs,
    pub until: Secs,
    pub ended: bool,
}

const APP_SECRET: &str = "CANARYclient/app+secret6bVyKzTn3M";
