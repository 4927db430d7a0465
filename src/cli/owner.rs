//! `owner create|reset-password`: who may sign in to the panel. A password comes from a prompt or standard input, never
//! from the command line.

use std::io::{IsTerminal as _, Read as _};

use console::Term;
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::args::Owner;
use super::stop::{Exit, Stop};
use super::{Session, say};
use crate::clock::Clock;
use crate::domain::owner::{self, LONGEST_PASSWORD};
use crate::domain::text::{Lang, Text};
use crate::sign_in::{SignIn, SignInError};
use crate::store::StoreError;

const TAKEN: Text = Text::new(
    "Den Namen gibt es schon. `mediakit owner reset-password` setzt sein Passwort neu.",
    "This name is taken already. `mediakit owner reset-password` sets its password anew.",
);
const UNKNOWN: Text = Text::new(
    "Diesen Namen gibt es nicht. `mediakit owner create` legt ihn an.",
    "There is no such name. `mediakit owner create` adds it.",
);
const WHICH: Text = Text::new(
    "Es gibt mehrere Konten. Nenne eines: mediakit owner reset-password NAME",
    "There are several accounts. Name one: mediakit owner reset-password NAME",
);
const DIFFERENT: Text = Text::new("Das war zweimal etwas anderes.", "The two were different.");
const MACHINE: Text = Text::new(
    "Dieser Rechner gibt gerade keinen Speicher oder keinen Zufall her. Versuche es noch einmal.",
    "This machine gives no memory or no randomness right now. Try again.",
);

pub(super) async fn run(session: &Session, what: &Owner) -> Result<Exit, Stop> {
    let lang = session.lang;
    let sign_in = SignIn::new(session.store().await?, Clock::System);
    match what {
        Owner::Create { name, password_stdin } => {
            let name = owner::name(name).map_err(|why| Stop::usage(why.get(lang)))?;
            let password = password(*password_stdin, lang)?;
            sign_in.create_another(&name, password).await.map_err(|error| refused(error, TAKEN, lang))?;
            say(lang.pick("Angelegt. Melde dich im Browser unter /admin an.", "Added. Sign in at /admin in a browser."));
        }
        Owner::ResetPassword { name, password_stdin, without_second_factor } => {
            let store = session.store().await?;
            let mut owners = store.owners().await?;
            owners.retain(|owner| name.as_ref().is_none_or(|name| *name == owner.name));
            let [owner] = &owners[..] else {
                let words = if owners.is_empty() { UNKNOWN } else { WHICH };
                return Err(Stop::usage(words.get(lang)));
            };
            let password = password(*password_stdin, lang)?;
            let changed = sign_in.change_password(owner, password, None).await;
            changed.map_err(|error| refused(error, UNKNOWN, lang))?;
            if *without_second_factor {
                sign_in.password_only(owner).await.map_err(|error| refused(error, UNKNOWN, lang))?;
            }
            say(lang.pick(
                "Das neue Passwort gilt, alle Anmeldungen sind beendet.",
                "The new password holds, every session has ended.",
            ));
            if *without_second_factor {
                say(lang.pick(
                    "Codes und Passkeys sind abgeschaltet. Richte sie nach dem Anmelden unter /admin/security neu ein.",
                    "Codes and passkeys are switched off. Set them up again at /admin/security after signing in.",
                ));
            } else if owner.has_totp {
                say(lang.pick(
                    "Nach dem Passwort wird weiter ein Code verlangt. Ist das Telefon weg: --without-second-factor",
                    "A code is still asked for after the password. If the phone is lost: --without-second-factor",
                ));
            }
        }
    }
    Ok(Exit::All)
}

/// A password of standard input's first line, or typed twice at the terminal.
fn password(from_stdin: bool, lang: Lang) -> Result<SecretString, Stop> {
    let typed = if from_stdin || !std::io::stdin().is_terminal() { piped()? } else { asked(lang)? };
    owner::password(&typed).map_err(|why| Stop::usage(why.get(lang)))?;
    Ok(SecretString::from(typed.as_str()))
}

fn piped() -> Result<Zeroizing<String>, Stop> {
    let mut typed = Zeroizing::new(String::new());
    let most = u64::try_from(LONGEST_PASSWORD + 2).unwrap_or(u64::MAX);
    std::io::stdin().lock().take(most).read_to_string(&mut typed).map_err(Stop::Output)?;
    Ok(Zeroizing::new(typed.lines().next().unwrap_or_default().to_owned()))
}

fn asked(lang: Lang) -> Result<Zeroizing<String>, Stop> {
    let ask = |words: &str| {
        say(words);
        Term::stderr().read_secure_line().map(Zeroizing::new).map_err(Stop::Output)
    };
    let first = ask(lang.pick("Neues Passwort:", "New password:"))?;
    let second = ask(lang.pick("Noch einmal:", "Once more:"))?;
    if *first == *second { Ok(first) } else { Err(Stop::usage(DIFFERENT.get(lang))) }
}

fn refused(error: SignInError, conflict: Text, lang: Lang) -> Stop {
    match error {
        SignInError::Store(StoreError::Conflict) => Stop::usage(conflict.get(lang)),
        SignInError::Store(error) => Stop::Store(error),
        SignInError::Machine => Stop::Said(Exit::Nothing, MACHINE.get(lang).to_owned()),
    }
}
