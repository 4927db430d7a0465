//! What the audit log says of a deed: the name it is kept under, and its words.

use super::text::Text;

/// Something that was done, or tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deed {
    /// The name in the store.
    pub name: &'static str,
    /// What people read.
    pub text: Text,
}

const fn deed(name: &'static str, de: &'static str, en: &'static str) -> Deed {
    Deed { name, text: Text::new(de, en) }
}

/// Somebody signed in with their password.
pub const SIGNED_IN: Deed = deed("signed in", "Angemeldet", "Signed in");
/// Somebody signed in with their password and a code.
pub const SIGNED_IN_BY_CODE: Deed = deed("signed in with a code", "Angemeldet mit Code", "Signed in with a code");
/// Somebody signed in with their password and a recovery code.
pub const SIGNED_IN_BY_RECOVERY: Deed =
    deed("signed in with a recovery code", "Angemeldet mit Wiederherstellungscode", "Signed in with a recovery code");
/// Somebody signed in with a passkey.
pub const SIGNED_IN_BY_PASSKEY: Deed =
    deed("signed in with a passkey", "Angemeldet mit Passkey", "Signed in with a passkey");
/// A name or password was wrong.
pub const SIGN_IN_FAILED: Deed = deed("sign-in failed", "Anmeldung gescheitert", "Sign-in failed");
/// The password was right, the code was wrong.
pub const CODE_FAILED: Deed =
    deed("second factor failed", "Passwort richtig, Code falsch", "Password right, code wrong");
/// A passkey's answer was refused.
pub const PASSKEY_FAILED: Deed = deed("passkey refused", "Passkey abgelehnt", "Passkey refused");
/// Somebody signed out.
pub const SIGNED_OUT: Deed = deed("signed out", "Abgemeldet", "Signed out");
/// An owner was added.
pub const OWNER_CREATED: Deed = deed("owner created", "Konto angelegt", "Account added");
/// A password was replaced.
pub const PASSWORD_CHANGED: Deed = deed("password changed", "Passwort geändert", "Password changed");
/// Codes from an app are asked for from now on.
pub const TOTP_ON: Deed = deed("second factor on", "Zweiter Faktor eingeschaltet", "Second factor switched on");
/// Codes from an app are no longer asked for.
pub const TOTP_OFF: Deed = deed("second factor off", "Zweiter Faktor ausgeschaltet", "Second factor switched off");
/// The recovery codes were replaced.
pub const RECOVERY_RENEWED: Deed =
    deed("recovery codes renewed", "Wiederherstellungscodes erneuert", "Recovery codes renewed");
/// A passkey was added.
pub const PASSKEY_ADDED: Deed = deed("passkey added", "Passkey hinzugefügt", "Passkey added");
/// A passkey was removed.
pub const PASSKEY_REMOVED: Deed = deed("passkey removed", "Passkey entfernt", "Passkey removed");
/// A session was ended from another one.
pub const SESSION_ENDED: Deed = deed("session ended", "Anmeldung beendet", "Session ended");
/// Every session but one was ended.
pub const OTHERS_ENDED: Deed =
    deed("other sessions ended", "Alle anderen Anmeldungen beendet", "All other sessions ended");
/// The profile or a handle was changed.
pub const PROFILE_CHANGED: Deed = deed("profile changed", "Profil geändert", "Profile changed");
/// The look of the pages was changed.
pub const DESIGN_CHANGED: Deed = deed("design changed", "Design geändert", "Design changed");
/// The language of the panel was chosen.
pub const LANGUAGE_CHANGED: Deed = deed("language changed", "Sprache gewechselt", "Language changed");
/// A platform's credentials were renewed.
pub const CREDENTIALS_RENEWED: Deed = deed("credentials renewed", "Zugangsdaten erneuert", "Credentials renewed");
/// Credentials were shown to somebody.
pub const CREDENTIALS_REVEALED: Deed = deed("credentials revealed", "Zugangsdaten angezeigt", "Credentials revealed");
/// Everything sealed was sealed with another key.
pub const KEY_REPLACED: Deed = deed("key replaced", "Schlüssel ersetzt", "Key replaced");

/// Every deed. Those without a name above are the tabs' own, and written down by name.
pub const ALL: &[Deed] = &[
    SIGNED_IN,
    SIGNED_IN_BY_CODE,
    SIGNED_IN_BY_RECOVERY,
    SIGNED_IN_BY_PASSKEY,
    SIGN_IN_FAILED,
    CODE_FAILED,
    PASSKEY_FAILED,
    SIGNED_OUT,
    OWNER_CREATED,
    PASSWORD_CHANGED,
    TOTP_ON,
    TOTP_OFF,
    RECOVERY_RENEWED,
    PASSKEY_ADDED,
    PASSKEY_REMOVED,
    SESSION_ENDED,
    OTHERS_ENDED,
    PROFILE_CHANGED,
    DESIGN_CHANGED,
    LANGUAGE_CHANGED,
    CREDENTIALS_RENEWED,
    CREDENTIALS_REVEALED,
    KEY_REPLACED,
    deed("numbers refreshed", "Zahlen aktualisiert", "Numbers refreshed"),
    deed("shown numbers changed", "Gezeigte Zahlen geändert", "Shown numbers changed"),
    deed("platforms ordered", "Plattformen umgeordnet", "Platforms ordered"),
    deed("block added", "Baustein hinzugefügt", "Block added"),
    deed("block changed", "Baustein geändert", "Block changed"),
    deed("block moved", "Baustein verschoben", "Block moved"),
    deed("block hidden", "Baustein ausgeblendet", "Block hidden"),
    deed("block shown", "Baustein eingeblendet", "Block shown"),
    deed("block deleted", "Baustein gelöscht", "Block deleted"),
    deed("link added", "Link hinzugefügt", "Link added"),
    deed("link changed", "Link geändert", "Link changed"),
    deed("link hidden", "Link ausgeblendet", "Link hidden"),
    deed("link shown", "Link eingeblendet", "Link shown"),
    deed("links moved", "Links umgeordnet", "Links moved"),
    deed("link deleted", "Link gelöscht", "Link deleted"),
    deed("access changed", "Sichtbarkeit geändert", "Visibility changed"),
    deed("share added", "Marken-Link angelegt", "Brand link added"),
    deed("share changed", "Marken-Link geändert", "Brand link changed"),
    deed("share revoked", "Marken-Link widerrufen", "Brand link revoked"),
    deed("share deleted", "Marken-Link gelöscht", "Brand link deleted"),
    deed("request declined", "Anfrage abgelehnt", "Request declined"),
    deed("connected", "Verbunden", "Connected"),
    deed("disconnected", "Getrennt", "Disconnected"),
    deed("credentials entered", "Zugangsdaten eingetragen", "Credentials entered"),
    deed("renewal asked for", "Erneuerung angestoßen", "Renewal asked for"),
    deed("api token created", "API-Token angelegt", "API token created"),
    deed("api token revoked", "API-Token widerrufen", "API token revoked"),
    deed("settings changed", "Einstellungen geändert", "Settings changed"),
    deed("imported", "Übernommen", "Imported"),
    deed("alerts tested", "Alarme geprüft", "Alerts tested"),
    deed("mirror tested", "GitHub-Kopie geprüft", "GitHub copy tested"),
    deed("backup downloaded", "Sicherung heruntergeladen", "Backup downloaded"),
    deed("backup restored", "Sicherung eingespielt", "Backup restored"),
    deed("everything deleted", "Alles gelöscht", "Everything deleted"),
];

/// Who did something that nobody is signed in for.
pub const NOBODY: &str = "unknown";

/// The words of a deed as it stands in the store; `None` for one that is not known any more.
pub fn text(name: &str) -> Option<Text> {
    ALL.iter().find(|deed| deed.name == name).map(|deed| deed.text)
}

/// The words for who did something; `None` for a name of somebody.
pub fn actor(who: &str) -> Option<Text> {
    match who {
        "api" => Some(Text::new("API-Token", "API token")),
        "cli" => Some(Text::new("Kommandozeile", "Command line")),
        "mediakit" => Some(Text::new("mediakit selbst", "mediakit itself")),
        NOBODY => Some(Text::new("Unbekannt", "Unknown")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_deed_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<_> = ALL.iter().map(|deed| deed.name).collect();
        assert_eq!(names.len(), ALL.len());
        assert_eq!(text("signed in"), Some(SIGNED_IN.text));
        assert!(text("flew away").is_none() && actor("mara").is_none() && actor("cli").is_some());
    }
}
