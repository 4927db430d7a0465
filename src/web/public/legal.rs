//! The legal notice and the privacy page, written from the facts the owner gave and from what the pages really do. They
//! are there once the facts are. Pure, like every public page.

use askama::Template;

use super::look::Look;
use crate::domain::legal::Legal;
use crate::domain::media_kit::MediaKit;
use crate::domain::share::Access;
use crate::domain::text::{Lang, Text};
use crate::web::render::Site;
use crate::web::words::{Words, words};

/// A page about who is behind the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Who answers for the pages.
    Imprint,
    /// What becomes of visitors' data.
    Privacy,
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Imprint, Self::Privacy];

    /// Where it lives, German name first.
    pub const fn paths(self) -> [&'static str; 2] {
        match self {
            Self::Imprint => ["/impressum", "/imprint"],
            Self::Privacy => ["/datenschutz", "/privacy"],
        }
    }

    const fn path(self, lang: Lang) -> &'static str {
        let [german, english] = self.paths();
        match lang {
            Lang::De => german,
            Lang::En => english,
        }
    }

    /// The address to link to; `None` while the facts are missing.
    pub fn href(self, kit: &MediaKit, lang: Lang) -> Option<String> {
        kit.legal.as_ref().map(|_| format!("{}?lang={}", self.path(lang), lang.tag()))
    }

    const fn title(self, words: &Words) -> &'static str {
        match self {
            Self::Imprint => words.imprint,
            Self::Privacy => words.privacy,
        }
    }
}

/// The links to both pages with their names; none while the facts are missing.
pub fn links(kit: &MediaKit, lang: Lang) -> Vec<(&'static str, String)> {
    let link = |kind: Kind| Some((kind.title(words(lang)), kind.href(kit, lang)?));
    Kind::ALL.into_iter().filter_map(link).collect()
}

/// A heading with what stands under it.
pub struct Section {
    /// The heading.
    pub heading: &'static str,
    /// The paragraphs; those with an address are links.
    pub paragraphs: Vec<(String, Option<String>)>,
}

#[derive(Template)]
#[template(path = "public/legal.html", whitespace = "minimize")]
pub struct LegalPage<'a> {
    lang: &'a str,
    w: &'static Words,
    look: Look,
    css_href: &'a str,
    title: &'static str,
    name: &'a str,
    other_lang_href: String,
    sections: Vec<Section>,
    other: (&'static str, Option<String>),
}

/// A page in a language, from the facts and from what `kit` shows.
pub fn page<'a>(kit: &'a MediaKit, legal: &'a Legal, site: &'a Site, kind: Kind, lang: Lang) -> LegalPage<'a> {
    let w = words(lang);
    let (sections, other) = match kind {
        Kind::Imprint => (imprint(legal, lang), Kind::Privacy),
        Kind::Privacy => (privacy(legal, kit, lang), Kind::Imprint),
    };
    LegalPage {
        lang: lang.tag(),
        w,
        look: Look::of(&kit.creator),
        css_href: &site.assets.css,
        title: kind.title(w),
        name: if kit.creator.name.is_empty() { &legal.name } else { &kit.creator.name },
        other_lang_href: format!("{}?lang={}", kind.path(lang.other()), lang.other().tag()),
        sections,
        other: (other.title(w), other.href(kit, lang)),
    }
}

fn imprint(legal: &Legal, l: Lang) -> Vec<Section> {
    let mut sections = vec![
        section(WHO, l, [plain(format!("{}\n{}", legal.name, legal.address))]),
        section(CONTACT, l, contact(legal, l)),
    ];
    if let Some(vat_id) = &legal.vat_id {
        sections.push(section(VAT_ID, l, [plain(vat_id.clone())]));
    }
    if let Some(responsible) = &legal.responsible {
        sections.push(section(RESPONSIBLE, l, [plain(responsible.clone())]));
    }
    sections
}

fn privacy(legal: &Legal, kit: &MediaKit, l: Lang) -> Vec<Section> {
    let mut visit = vec![plain(VISIT.get(l).to_owned()), plain(FAILED_SIGN_INS.get(l).to_owned())];
    if let Some(hosting) = &legal.hosting {
        let days = legal.log_days.map(|days| LOG_DAYS.get(l).replace("{}", &days.to_string()));
        let text = HOSTING.get(l).replace("{}", hosting);
        visit.push(plain([Some(text), days].into_iter().flatten().collect::<Vec<_>>().join(" ")));
    }
    let who = [plain(format!("{}\n{}", legal.name, legal.address))].into_iter().chain(contact(legal, l));
    let mut sections = vec![
        section(CONTROLLER, l, who),
        section(VISITING, l, visit),
        section(NO_COOKIES, l, [plain(NOTHING_STORED.get(l).to_owned())]),
    ];
    if kit.counts_visits {
        sections.push(section(VIEWS, l, [plain(VIEWS_COUNTED.get(l).to_owned())]));
    }
    if kit.counts_visits && kit.links.iter().any(|link| link.counted_url().is_some()) {
        sections.push(section(CLICKS, l, [plain(CLICKS_COUNTED.get(l).to_owned())]));
    }
    if !kit.panels.is_empty() {
        let platforms: Vec<&str> = kit.panels.iter().map(|panel| panel.about.name).collect();
        sections.push(section(NUMBERS, l, [plain(NUMBERS_FETCHED.get(l).replace("{}", &platforms.join(", ")))]));
    }
    if kit.creator.access == Access::Gated {
        sections.push(section(ASKING, l, [plain(ASKED.get(l).to_owned())]));
    }
    if kit.has_links_of_its_own {
        sections.push(section(LINKS, l, [plain(LINKS_COUNTED.get(l).to_owned())]));
    }
    sections.push(section(WRITING, l, [plain(WRITTEN.get(l).to_owned())]));
    sections.push(section(RIGHTS, l, [plain(YOUR_RIGHTS.get(l).to_owned()), plain(COMPLAINT.get(l).to_owned())]));
    sections
}

fn contact(legal: &Legal, l: Lang) -> Vec<(String, Option<String>)> {
    let mut lines = vec![(legal.email.clone(), Some(format!("mailto:{}", legal.email)))];
    lines.extend(legal.phone.as_ref().map(|phone| plain(format!("{} {phone}", l.pick("Telefon", "Telephone")))));
    lines
}

fn section(heading: Text, l: Lang, paragraphs: impl IntoIterator<Item = (String, Option<String>)>) -> Section {
    Section { heading: heading.get(l), paragraphs: paragraphs.into_iter().collect() }
}

const fn plain(text: String) -> (String, Option<String>) {
    (text, None)
}

const WHO: Text = Text::new("Angaben nach § 5 DDG", "Information under section 5 DDG (Germany)");
const CONTACT: Text = Text::new("Kontakt", "Contact");
const VAT_ID: Text = Text::new("Umsatzsteuer-Identifikationsnummer", "VAT identification number");
const RESPONSIBLE: Text = Text::new(
    "Verantwortlich für den Inhalt nach § 18 Abs. 2 MStV",
    "Responsible for the content under section 18(2) MStV (Germany)",
);
const CONTROLLER: Text = Text::new("Wer verantwortlich ist", "Who is responsible");
const VISITING: Text = Text::new("Wenn du diese Seite aufrufst", "When you open this page");
const VISIT: Text = Text::new(
    "Dein Browser überträgt, was zum Aufruf nötig ist, darunter deine IP-Adresse und die Adresse der Seite. Damit wird dir \
     die Seite geschickt; Rechtsgrundlage ist das berechtigte Interesse, sie bereitzustellen (Art. 6 Abs. 1 Buchst. f \
     DSGVO). Das Programm hinter dieser Seite legt keine Liste der Besuche an.",
    "Your browser sends what is needed to open it, your IP address and the page's address among it. With that the page \
     is sent to you; the legal basis is the legitimate interest in providing it (Art. 6(1)(f) GDPR). The program behind \
     this page keeps no list of visits.",
);
const FAILED_SIGN_INS: Text = Text::new(
    "Nur wer sich vergeblich anzumelden versucht oder einen falschen Zugangsschlüssel benutzt, dessen IP-Adresse steht \
     im Protokoll des Programms, um Angriffe zu erkennen und zu bremsen.",
    "Only the IP address of someone who fails to sign in or uses a wrong access key is written to the program's log, to \
     notice attacks and slow them down.",
);
const HOSTING: Text = Text::new(
    "Die Seite wird betrieben bei: {}. Dort können bei jedem Aufruf IP-Adresse, Zeitpunkt und aufgerufene Adresse \
     protokolliert werden, um den Betrieb zu sichern.",
    "The page is hosted by: {}. IP address, time and the address that was opened may be logged there to keep it running.",
);
const LOG_DAYS: Text =
    Text::new("Diese Protokolle werden nach {} Tagen gelöscht.", "These logs are deleted after {} days.");
const NO_COOKIES: Text = Text::new("Keine Cookies, keine fremden Server", "No cookies, no other servers");
const NOTHING_STORED: Text = Text::new(
    "Wer die Seite besucht, bekommt keine Cookies; es werden keine Kennungen auf deinem Gerät gespeichert oder von dort \
     ausgelesen (§ 25 TDDDG). Schriften, Bilder und Skripte kommen von dieser Seite selbst, sodass kein anderer Server \
     von deinem Besuch erfährt.",
    "Visitors get no cookies; no identifiers are stored on your device or read from it (section 25 TDDDG, Germany). \
     Fonts, pictures and scripts come from this very page, so that no other server learns of your visit.",
);
const VIEWS: Text = Text::new("Gezählte Aufrufe", "Counted views");
const VIEWS_COUNTED: Text = Text::new(
    "Für jede Seite wird gezählt, wie oft sie an einem Tag aufgerufen wurde, dazu von welchen Websites (nur deren Name) und, \
     wenn der Server es mitgeteilt bekommt, aus welchen Ländern. Gespeichert werden nur diese Summen je Tag, jede für \
     sich: keine IP-Adresse, kein Gerät, keine Uhrzeit und nichts, was dich wiedererkennt. Rechtsgrundlage ist das \
     berechtigte Interesse zu wissen, wie oft die Seite gesehen wird (Art. 6 Abs. 1 Buchst. f DSGVO).",
    "For each page it is counted how often it was opened on a day, and from which websites (their names only) and, where \
     the server is told, from which countries. Only these sums of a day are stored, each by itself: no IP address, no \
     device, no time and nothing that recognises you. The legal basis is the legitimate interest in knowing how often \
     the page is seen (Art. 6(1)(f) GDPR).",
);
const CLICKS: Text = Text::new("Gezählte Klicks", "Counted clicks");
const CLICKS_COUNTED: Text = Text::new(
    "Für jeden Link wird gezählt, wie oft er an einem Tag angeklickt wurde. Gespeichert wird nur diese Zahl: keine \
     IP-Adresse, kein Gerät und keine Uhrzeit.",
    "For each link it is counted how often it was followed on a day. Only this number is stored: no IP address, no \
     device and no time.",
);
const NUMBERS: Text = Text::new("Zahlen der Plattformen", "Numbers of the platforms");
const NUMBERS_FETCHED: Text = Text::new(
    "Die gezeigten Zahlen sind die der eigenen Konten bei: {}. Der Server ruft sie selbst ab, unabhängig von deinem \
     Besuch. Erst wenn du einem Link dorthin folgst, erfährt die Plattform von dir; dann gelten ihre Regeln.",
    "The numbers shown are those of the owner's accounts on: {}. The server fetches them by itself, whether you visit or \
     not. Only when you follow a link there does the platform learn of you; its own rules hold then.",
);
const ASKING: Text = Text::new("Wenn du um das Media-Kit bittest", "When you ask for the media kit");
const ASKED: Text = Text::new(
    "Gespeichert werden dein Name, die Marke, deine E-Mail-Adresse und deine Nachricht, um dir zu antworten (Art. 6 Abs. 1 \
     Buchst. b und f DSGVO). Nach der Antwort wird die Anfrage gelöscht; zum Link, den du bekommst, bleiben Marke und \
     E-Mail-Adresse vermerkt, bis er gelöscht wird. Name und Marke können außerdem per E-Mail, ntfy oder \
     Webhook gemeldet werden. Ohne Antwort wird sie nach 60 Tagen gelöscht.",
    "Your name, the brand, your e-mail address and your message are stored to answer you (Art. 6(1)(b) and (f) GDPR). Once \
     answered, the request is deleted; with the link you get, brand and e-mail address stay noted until it is deleted. Name \
     and brand may be reported by e-mail, ntfy or webhook besides. \
     Without an answer it is deleted after 60 days.",
);
const LINKS: Text = Text::new("Links für Marken", "Links for brands");
const LINKS_COUNTED: Text = Text::new(
    "Für jeden solchen Link wird gezählt, wie oft er an einem Tag geöffnet wurde: ohne Cookie, ohne IP-Adresse, ohne Gerät \
     und ohne Uhrzeit. Ist ein Link mit einem Passwort geschützt, merkt sich dein Browser nach der Eingabe in einem Cookie, \
     dass du es kanntest; das ist nötig, um dir die Seite zu zeigen (§ 25 Abs. 2 TDDDG), gilt nur für diesen Link und endet \
     mit der Sitzung.",
    "For each such link it is counted how often it was opened on a day: without a cookie, an IP address, a device or a \
     time. Where a link has a password, your browser keeps in a cookie that you knew it; that is necessary to show you the \
     page (section 25(2) TDDDG, Germany), holds for this link only and ends with the session.",
);
const WRITING: Text = Text::new("Wenn du schreibst", "When you write");
const WRITTEN: Text = Text::new(
    "Was du mitteilst, wird benutzt, um dir zu antworten (Art. 6 Abs. 1 Buchst. b und f DSGVO), und gelöscht, sobald es \
     nicht mehr gebraucht wird und keine Pflicht zur Aufbewahrung besteht.",
    "What you tell is used to answer you (Art. 6(1)(b) and (f) GDPR) and deleted once it is no longer needed and no duty \
     to keep it remains.",
);
const RIGHTS: Text = Text::new("Deine Rechte", "Your rights");
const YOUR_RIGHTS: Text = Text::new(
    "Du kannst Auskunft über deine Daten verlangen, sie berichtigen, löschen, ihre Verarbeitung einschränken und sie dir \
     übertragen lassen (Art. 15 bis 20 DSGVO), und der Verarbeitung aus berechtigtem Interesse widersprechen (Art. 21 \
     DSGVO). Eine Nachricht an die Adresse oben genügt.",
    "You may ask what is known of you, have it corrected, deleted, restricted or handed over (Art. 15 to 20 GDPR), and \
     object to what is based on a legitimate interest (Art. 21 GDPR). A message to the address above is enough.",
);
const COMPLAINT: Text = Text::new(
    "Außerdem kannst du dich bei einer Aufsichtsbehörde für den Datenschutz beschweren (Art. 77 DSGVO).",
    "You may also complain to a data protection authority (Art. 77 GDPR).",
);
