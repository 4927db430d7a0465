//! The words of the public pages in both languages. A word that is missing in one does not compile.

use crate::domain::engagement;
use crate::domain::metric::{Precision, Provenance};
use crate::domain::text::{Lang, Text};

/// The fixed words of the public pages.
pub struct Words {
    pub other_lang: &'static str,
    pub this_language: &'static str,
    pub other_language: &'static str,
    pub doc_kind: &'static str,
    pub skip: &'static str,
    pub language_nav: &'static str,
    pub contact: &'static str,
    pub pdf: &'static str,
    pub summary_heading: &'static str,
    pub summary_heading_verified: &'static str,
    pub own_sum_note: &'static str,
    pub share: &'static str,
    pub bar_label: &'static str,
    pub left_out_heading: &'static str,
    pub facts_heading: &'static str,
    /// In its place when nothing is in the total yet.
    pub accounts_heading: &'static str,
    pub analytics_heading: &'static str,
    pub tabs_label: &'static str,
    /// Behind the name of a platform whose panel has a notice.
    pub has_notice: &'static str,
    pub approx: &'static str,
    pub stale: &'static str,
    pub verified: &'static str,
    pub badge: &'static str,
    pub profile_link: &'static str,
    /// Before the host a link leads to.
    pub leads_to: &'static str,
    pub see_work: &'static str,
    pub notes_heading: &'static str,
    pub notes_intro: &'static str,
    /// Mark, term, explanation.
    pub notes_marks: [(&'static str, &'static str, &'static str); 5],
    pub notes_approx: (&'static str, &'static str),
    pub notes_age: (&'static str, &'static str),
    pub empty_heading: &'static str,
    pub empty_text: &'static str,
    /// On a kit that nobody has set up yet.
    pub first_step: &'static str,
    pub first_step_link: &'static str,
    pub first_step_shell: &'static str,
    pub as_of: &'static str,
    pub check_now: &'static str,
    /// What the days of a chart are called together, and one of them.
    pub window: &'static str,
    pub day: &'static str,
    pub imprint: &'static str,
    pub privacy: &'static str,
    /// In a frame on another site.
    pub whole_kit: &'static str,
}

pub static DE: Words = Words {
    other_lang: "en",
    this_language: "Deutsch",
    other_language: "English",
    doc_kind: "Media-Kit",
    skip: "Zum Inhalt",
    language_nav: "Sprache",
    contact: "Kontakt aufnehmen",
    pdf: "Als PDF laden",
    summary_heading: "Follower im Überblick",
    summary_heading_verified: "Bestätigte Follower im Überblick",
    own_sum_note: "Eigene Summe, von keiner Plattform bestätigt. Wer mehreren Konten folgt, ist mehrfach gezählt.",
    share: "Anteil",
    bar_label: "Anteile der Plattformen an der Summe, die Werte stehen in der Liste darunter",
    left_out_heading: "Nicht in der Summe",
    facts_heading: "Eigene Angaben",
    accounts_heading: "Eingetragene Konten",
    analytics_heading: "Analytics nach Plattform",
    tabs_label: "Plattform wählen",
    has_notice: "mit Hinweis",
    approx: "ungefähr",
    stale: "veraltet",
    verified: "vom Konto selbst bestätigt",
    badge: "mit dem Abzeichen der Plattform",
    profile_link: "Öffentliches Profil ansehen",
    leads_to: "Öffnet",
    see_work: "Ansehen",
    notes_heading: "Zu den Zahlen",
    notes_intro: "Jede Zahl steht auf ihrer Quelle. Ein Klick auf die Zahl zeigt den genauen Wert, wie er entstanden ist und wo er sich prüfen lässt.",
    notes_marks: [
        ("owner", "vom Konto selbst bestätigt", "Abgerufen mit der eigenen Freigabe des Kontos."),
        ("api", "öffentlich abgerufen, Schnittstelle", "Gelesen über die offizielle Schnittstelle der Plattform."),
        ("page", "öffentlich abgerufen, Profilseite", "Gelesen von der Seite, die alle sehen."),
        ("self", "selbst angegeben", "Eingetragen, nicht abgerufen. Zählt in keiner Summe."),
        ("sum", "eigene Summe", "Hier gerechnet. Die Teile stehen daneben."),
    ],
    notes_approx: ("ungefähr, gerundet", "Die Plattform nennt nur einen gerundeten Wert."),
    notes_age: ("veraltet", "Älter als 72 Stunden. Nach 30 Tagen fällt eine Zahl aus der Summe."),
    empty_heading: "Noch keine Zahlen",
    empty_text: "Hier stehen die Zahlen, sobald ein Konto eingetragen ist: jede mit Quelle, Zeitpunkt und Genauigkeit.",
    first_step: "Gehört dir diese Seite? Richte sie im Panel ein; beim ersten Mal führt der Link dorthin, den mediakit beim Start ausgibt.",
    first_step_link: "Zum Panel",
    first_step_shell: "Oder trag dein erstes Konto in der Kommandozeile ein:",
    as_of: "Stand",
    check_now: "jetzt prüfen",
    window: "Zeitraum",
    day: "Tag",
    imprint: "Impressum",
    privacy: "Datenschutz",
    whole_kit: "Ganzes Media-Kit ansehen",
};

pub static EN: Words = Words {
    other_lang: "de",
    this_language: "English",
    other_language: "Deutsch",
    doc_kind: "Media kit",
    skip: "Skip to content",
    language_nav: "Language",
    contact: "Get in touch",
    pdf: "Download as PDF",
    summary_heading: "Follower summary",
    summary_heading_verified: "Verified follower summary",
    own_sum_note: "Our own sum, confirmed by no platform. People who follow several accounts are counted more than once.",
    share: "Share",
    bar_label: "Shares of the platforms in the total, the values are in the list below",
    left_out_heading: "Not in the total",
    facts_heading: "Facts of their own",
    accounts_heading: "Accounts entered",
    analytics_heading: "Platform analytics",
    tabs_label: "Choose a platform",
    has_notice: "with a notice",
    approx: "approximately",
    stale: "stale",
    verified: "confirmed by the account itself",
    badge: "carries the platform’s badge",
    profile_link: "View the public profile",
    leads_to: "Opens",
    see_work: "See it",
    notes_heading: "About the numbers",
    notes_intro: "Every number stands on its source. Select a number to see the exact value, how it came about and where to check it.",
    notes_marks: [
        ("owner", "confirmed by the account itself", "Fetched with the account’s own authorisation."),
        ("api", "read from public data, API", "Read through the platform’s official interface."),
        ("page", "read from public data, profile page", "Read from the page everybody can see."),
        ("self", "self-reported", "Typed in, not fetched. Counts in no total."),
        ("sum", "our own sum", "Computed here. Its parts stand beside it."),
    ],
    notes_approx: ("approximate, rounded", "The platform gives a rounded value only."),
    notes_age: ("stale", "Older than 72 hours. After 30 days a number leaves the total."),
    empty_heading: "No numbers yet",
    empty_text: "The numbers will stand here once an account is entered, each with its source, time and precision.",
    first_step: "Is this page yours? Set it up in the panel; the first time, the link that mediakit prints at its start leads there.",
    first_step_link: "To the panel",
    first_step_shell: "Or enter your first account on the command line:",
    as_of: "As of",
    check_now: "check now",
    window: "Window",
    day: "Day",
    imprint: "Legal notice",
    privacy: "Privacy",
    whole_kit: "View the whole media kit",
};

/// The fixed words in a language.
pub const fn words(lang: Lang) -> &'static Words {
    match lang {
        Lang::De => &DE,
        Lang::En => &EN,
    }
}

/// How exact a number is.
pub const fn precision(precision: Precision) -> Text {
    match precision {
        Precision::Exact => Text::new("exakt", "exact"),
        Precision::Rounded => Text::new("gerundet", "rounded"),
        Precision::Approximate => Text::new("ungefähr", "approximate"),
    }
}

/// How a number of our own making is defined, in words.
pub struct Definition {
    /// Behind the label: "nach Followern"; empty where the label says it all.
    pub short: Text,
    /// The formula.
    pub formula: Text,
}

/// The definition behind a formula's name; `None` for one without words.
pub fn definition(formula: &str) -> Option<Definition> {
    let (short, formula) = match formula {
        engagement::BY_FOLLOWERS => (
            Text::new("nach Followern", "by followers"),
            Text::new(
                "(Likes + Kommentare) ÷ Follower, Mittelwert der Beiträge",
                "(likes + comments) ÷ followers, mean of the posts",
            ),
        ),
        engagement::BY_VIEWS => (
            Text::new("nach Aufrufen", "by views"),
            Text::new(
                "(Likes + Kommentare + Weiterleitungen) ÷ Aufrufe, Mittelwert der Beiträge",
                "(likes + comments + shares) ÷ views, mean of the posts",
            ),
        ),
        engagement::LIKES_BY_VIEWS => (
            Text::new("Likes je Aufruf", "likes per view"),
            Text::new("Likes ÷ Aufrufe, Mittelwert der Beiträge", "likes ÷ views, mean of the posts"),
        ),
        engagement::MEAN_VIEWS => (
            Text::new("Mittelwert", "mean"),
            Text::new("Summe der Aufrufe ÷ Zahl der Beiträge", "sum of the views ÷ number of posts"),
        ),
        engagement::BY_REACH => (
            Text::new("nach Reichweite", "by reach"),
            Text::new(
                "(Likes + Kommentare der Beiträge aus 28 Tagen) ÷ erreichte Konten in 28 Tagen",
                "(likes + comments of the posts of 28 days) ÷ accounts reached in 28 days",
            ),
        ),
        engagement::MEDIAN_VIEWS => (
            Text::new("Median", "median"),
            Text::new(
                "Die Hälfte der Beiträge hat mehr Aufrufe, die Hälfte weniger",
                "half of the posts have more views, half have fewer",
            ),
        ),
        engagement::POSTS_PER_WEEK => (
            Text::new("", ""),
            Text::new(
                "Zahl der neuesten Beiträge ÷ Wochen seit dem ältesten davon",
                "number of the newest posts ÷ weeks since the oldest of them",
            ),
        ),
        _ => return None,
    };
    Some(Definition { short, formula })
}

/// The mark and the word for who vouches for a number.
pub const fn provenance(provenance: Provenance) -> (&'static str, Text) {
    match provenance {
        Provenance::OwnerAuthorised => {
            ("owner", Text::new("vom Konto selbst bestätigt", "confirmed by the account itself"))
        }
        Provenance::PublicApi => ("api", Text::new("öffentlich abgerufen", "read from public data")),
        Provenance::PublicPage => ("page", Text::new("öffentlich abgerufen", "read from public data")),
        Provenance::SelfReported => ("self", Text::new("selbst angegeben", "self-reported")),
    }
}

pub const SUM: Text = Text::new("eigene Summe", "our own sum");
pub const TOTAL: Text = Text::new("Follower insgesamt", "Followers in total");
pub const SUM_OF: Text = Text::new("eigene Summe aus {} Plattformen", "our own sum of {} platforms");
pub const SUM_OF_ONE: Text = Text::new("eigene Summe aus einer Plattform", "our own sum of one platform");
pub const NOTHING_COUNTS: Text =
    Text::new("Noch zählt keine Zahl in die Summe.", "No number counts towards the total yet.");
pub const VERIFIED_PART: Text =
    Text::new("Davon {} vom Konto selbst bestätigt.", "Of these, {} confirmed by the accounts themselves.");
pub const INCOMPLETE: Text =
    Text::new("Unvollständig: {} fehlt in der Summe.", "Incomplete: {} is missing in the total.");
pub const INCOMPLETE_MANY: Text =
    Text::new("Unvollständig: {} fehlen in der Summe.", "Incomplete: {} are missing in the total.");
pub const UPDATED: Text = Text::new("Zuletzt aktualisiert {} UTC.", "Last updated {} UTC.");
pub const UPDATED_SHORT: Text = Text::new("zuletzt aktualisiert {} UTC", "last updated {} UTC");
pub const UNDER: Text = Text::new("unter {}", "under {}");
pub const UNDER_SHARE: Text = Text::new("unter {} aller Follower", "under {} of all followers");
pub const TOO_OLD: Text = Text::new("älter als 30 Tage", "older than 30 days");
pub const NOT_AVAILABLE: Text = Text::new("keine Angabe", "not available");
pub const NOT_FETCHED: Text = Text::new("Es liegen noch keine Zahlen vor.", "There are no numbers yet.");
pub const NOT_GIVEN: Text =
    Text::new("{} hat diesen Wert beim letzten Abruf nicht genannt.", "{} did not give this value at the last fetch.");
pub const OFF_AIR: Text =
    Text::new("Beim letzten Abruf lief keine Sendung.", "There was no broadcast at the last fetch.");
pub const COMPUTED: Text = Text::new("aus {} Beiträgen berechnet", "computed from {} posts");
pub const TOO_FEW_POSTS: Text = Text::new(
    "Wird ab {} Beiträgen mit sichtbaren Zahlen berechnet.",
    "Computed from {} posts with visible numbers on.",
);
/// The metrics that are made here, from posts.
pub const COMPUTED_METRICS: [&str; 2] = ["engagement_rate", "average_views"];
pub const NOBODY_ANSWERED: Text = Text::new(
    "Beim letzten Abruf kamen von keiner Plattform neue Zahlen.",
    "At the last fetch no platform gave new numbers.",
);
pub const NUMBERS_STAY: Text = Text::new(
    "Die letzten guten Zahlen bleiben sichtbar, Stand {} UTC.",
    "The last good numbers stay visible, as of {} UTC.",
);
pub const OLD_NUMBERS_STAY: Text = Text::new(
    "Die letzten guten Zahlen bleiben sichtbar, Stand {} UTC, und gelten als veraltet.",
    "The last good numbers stay visible, as of {} UTC, and count as stale.",
);
pub const NO_NEW_NUMBERS: Text = Text::new("Von {} kommen keine neuen Zahlen.", "No new numbers come from {}.");
pub const HELD: Text = Text::new(
    "{} nannte beim letzten Abruf eine Zahl, die stark von der vorigen abweicht. Sie erscheint hier, sobald ein zweiter \
     Abruf sie bestätigt.",
    "At the last fetch {} gave a number far from the one before. It appears here once a second fetch confirms it.",
);
pub const NEXT_ATTEMPT: Text = Text::new("Nächster Versuch {} UTC.", "Next attempt {} UTC.");
pub const ATTEMPT_DUE: Text = Text::new("Der nächste Versuch steht an.", "The next attempt is due.");
pub const YES: Text = Text::new("ja", "yes");
pub const NO: Text = Text::new("nein", "no");
pub const TODAY: Text = Text::new("heute", "today");
pub const YESTERDAY: Text = Text::new("gestern", "yesterday");
pub const TOMORROW: Text = Text::new("morgen", "tomorrow");
pub const ONE_DAY_OLD: Text = Text::new("1 Tag alt", "1 day old");
pub const DAYS_OLD: Text = Text::new("{} Tage alt", "{} days old");
pub const DESCRIPTION: Text = Text::new("{name}: {total} Follower insgesamt", "{name}: {total} followers in total");
pub const MONTHS: [Text; 12] = [
    Text::new("Jan.", "Jan"),
    Text::new("Feb.", "Feb"),
    Text::new("März", "Mar"),
    Text::new("Apr.", "Apr"),
    Text::new("Mai", "May"),
    Text::new("Juni", "Jun"),
    Text::new("Juli", "Jul"),
    Text::new("Aug.", "Aug"),
    Text::new("Sept.", "Sep"),
    Text::new("Okt.", "Oct"),
    Text::new("Nov.", "Nov"),
    Text::new("Dez.", "Dec"),
];

/// The labels inside an opened figure.
pub mod detail {
    use crate::domain::text::Text;

    pub const EXACT: Text = Text::new("Genauer Wert", "Exact value");
    pub const FORMULA: Text = Text::new("Formel", "Formula");
    pub const SAMPLE: Text = Text::new("Stichprobe", "Sample");
    pub const POSTS: Text = Text::new("{} Beiträge", "{} posts");
    pub const WINDOW: Text = Text::new("Zeitraum", "Window");
    pub const LAST_DAYS: Text = Text::new("die letzten {} Tage", "the last {} days");
    pub const LAST_DAY: Text = Text::new("der letzte Tag", "the last day");
    pub const PRECISION: Text = Text::new("Genauigkeit", "Precision");
    pub const PROVENANCE: Text = Text::new("Herkunft", "Provenance");
    pub const SOURCE: Text = Text::new("Quelle", "Source");
    pub const VERSION: Text = Text::new("API-Version angefragt", "API version asked");
    pub const VERSION_ANSWERED: Text = Text::new("API-Version geantwortet", "API version answered");
    pub const FETCHED: Text = Text::new("Abgerufen", "Fetched");
    pub const THRESHOLD: Text = Text::new("Zählt ab", "Counts from");
    pub const OLDEST: Text = Text::new("Älteste Zahl", "Oldest number");
    pub const WHOLE: Text = Text::new("Gemessen an", "Measured against");
}

/// The words of the kit on paper and in pictures.
pub mod paper {
    use crate::domain::text::Text;

    pub const NOTES: Text = Text::new(
        "Jede Zahl steht auf ihrer Quelle. Das Zeichen davor sagt, woher sie kommt. Formel, Zeitraum und Stichprobe \
         stehen auf der Seite, zu der der QR-Code führt.",
        "Every number stands on its source. The sign before it says where it comes from. Formula, window and sample are \
         on the page that the QR code leads to.",
    );
    pub const LIVE: Text = Text::new("Aktuelle Zahlen", "Live numbers");
    pub const QR: Text = Text::new("QR-Code zu {}", "QR code to {}");
    pub const AS_OF: Text = Text::new("Stand {} UTC", "As of {} UTC");
}

/// The words for who an audience is made of.
pub mod audience {
    use crate::domain::demographics::Whole;
    use crate::domain::text::Text;

    pub const SHARE_OF: Text = Text::new("Anteil an {}", "share of {}");
    pub const IN_DAYS: Text = Text::new("{} in {days}\u{a0}Tagen", "{} in {days}\u{a0}days");
    pub const AS_IT_IS: Text = Text::new("der Stand beim Abruf", "as it was at the fetch");
    pub const REST: Text = Text::new("Andere, unbekannt", "Other or unknown");
    pub const REST_IS: Text =
        Text::new("Teile unter 1 % und alle, die {} nicht zuordnet", "parts under 1% and everybody {} does not place");

    /// What shares are parts of; `{n}` stands for how many.
    pub const fn whole(whole: Whole) -> Text {
        match whole {
            Whole::Followers => Text::new("{n}\u{a0}Followern", "{n}\u{a0}followers"),
            Whole::PlacedFollowers => Text::new("{n} zugeordneten Followern", "the {n} followers that were placed"),
            Whole::Views => Text::new("{n}\u{a0}Aufrufen", "{n}\u{a0}views"),
            Whole::Viewers => Text::new("den angemeldeten Zuschauern", "signed-in viewers"),
        }
    }

    /// A part's name, where it is none of a country or an age.
    pub fn gender(key: &str) -> Option<Text> {
        match key {
            "female" => Some(Text::new("Frauen", "Women")),
            "male" => Some(Text::new("Männer", "Men")),
            "self_described" => Some(Text::new("selbst beschrieben", "self-described")),
            _ => None,
        }
    }
}

/// The words of the charts.
pub mod chart {
    use crate::domain::text::Text;

    pub const HEADING: Text = Text::new("{} im Verlauf", "{} over time");
    pub const SENTENCE: Text = Text::new("{from} bis {to}: von {a} auf {b}.", "{from} to {to}: from {a} to {b}.");
    pub const RATE: Text = Text::new("Das sind {}.", "That is {}.");
    pub const TOO_FEW: Text = Text::new(
        "Noch zu wenige Tage für einen Verlauf. Jeder Tag mit einem Abruf bringt einen Punkt.",
        "Too few days for a chart yet. Every day with a fetch adds a point.",
    );
    pub const BEGINS: Text = Text::new(
        "Gemessen wird seit {}, deshalb steht hier kein Prozentwert.",
        "Measured since {}, so there is no percentage here.",
    );
    pub const GAP: Text = Text::new(
        "An {} Tagen fehlt der Wert, deshalb steht hier kein Prozentwert.",
        "On {} days the value is missing, so there is no percentage here.",
    );
    pub const GAP_OF_ONE: Text = Text::new(
        "An einem Tag fehlt der Wert, deshalb steht hier kein Prozentwert.",
        "On one day the value is missing, so there is no percentage here.",
    );
    pub const CHANGED: Text = Text::new(
        "Seit {} wird anders gemessen, deshalb steht hier kein Prozentwert.",
        "Since {} it is measured in another way, so there is no percentage here.",
    );
    pub const MORE: Text = Text::new("Werte und Herkunft", "Values and provenance");
    pub const ONE_GAP: Text = Text::new("1 Lücke", "1 gap");
    pub const GAPS: Text = Text::new("{} Lücken", "{} gaps");
    pub const SPAN: Text = Text::new("{from} bis {to}", "{from} to {to}");
    pub const GAP_NOTE: Text = Text::new("{days}: kein Wert. {why}", "{days}: no value. {why}");
    pub const NO_VALUE: Text = Text::new("kein Wert", "no value");
    pub const NOT_ASKED: Text = Text::new("In dieser Zeit wurde nicht abgerufen.", "Nothing was fetched in this time.");
    pub const CHANGE_NOTE: Text = Text::new("Seit {day}: {new} statt {old}.", "Since {day}: {new} in place of {old}.");
    pub const MEASURED: Text = Text::new("Gemessen an", "Measured on");
    pub const DAYS_OF: Text =
        Text::new("{} von {all} Tagen, je der erste Abruf", "{} of {all} days, the first fetch of each");
    pub const FORMULA: Text =
        Text::new("(letzter Wert − erster Wert) ÷ erster Wert", "(last value − first value) ÷ first value");
    pub const NEWEST: Text = Text::new("Letzter Wert", "Last value");
}

/// The words of the blocks.
pub mod block {
    use crate::domain::block::body::Group;
    use crate::domain::text::Text;

    pub const AUDIENCE: Text = Text::new("Publikum", "Audience");
    pub const PARTNERS: Text = Text::new("Zusammenarbeit", "Past work");
    pub const RATES: Text = Text::new("Pakete und Preise", "Packages and prices");
    pub const VIDEO: Text = Text::new("Video", "Video");
    pub const RESULT: Text = Text::new("Ergebnis", "Result");
    pub const FROM: Text = Text::new("ab {}", "from {}");
    pub const ON_REQUEST: Text = Text::new("auf Anfrage", "on request");

    /// What an audience is divided by: its name in a figure's id, and its word.
    pub const fn group(group: Group) -> (&'static str, Text) {
        match group {
            Group::Country => ("country", Text::new("Länder", "Countries")),
            Group::Age => ("age", Text::new("Alter", "Age")),
            Group::Gender => ("gender", Text::new("Geschlecht", "Gender")),
            Group::Language => ("language", Text::new("Sprachen", "Languages")),
            Group::Interest => ("interest", Text::new("Interessen", "Interests")),
        }
    }
}
