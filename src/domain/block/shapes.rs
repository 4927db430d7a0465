//! The fields of each kind of block, as data.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::input::{Input, Size};
use super::shape::{Field, Rows, Shape};
use crate::domain::text::Text;

const NO_HELP: Text = Text::new("", "");

const fn field(name: &'static str, input: Input, label: Text, help: Text) -> Field {
    Field { name, label, help, input, needed: false }
}

const fn needed(name: &'static str, input: Input, label: Text, help: Text) -> Field {
    Field { name, label, help, input, needed: true }
}

const HEADING: Field = field(
    "heading",
    Input::Line(Size::Short),
    Text::new("Überschrift", "Heading"),
    Text::new(
        "Leer bleibt die übliche, in der Sprache der Leser.",
        "Left empty it is the usual one, in the reader’s language.",
    ),
);

const fn any(_: &[Json]) -> Option<(usize, &'static str, Text)> {
    None
}

pub(super) static HERO: Shape = Shape {
    fields: &[
        field(
            "line",
            Input::Lines(Size::Paragraph),
            Text::new("Text", "Text"),
            Text::new("Leer steht hier der Text aus deinem Profil.", "Left empty it is the text of your profile."),
        ),
        field("picture", Input::Tick, Text::new("Bild zeigen", "Show the picture"), NO_HELP),
        field("location", Input::Tick, Text::new("Ort zeigen", "Show the place"), NO_HELP),
        field("contact", Input::Tick, Text::new("Kontakt zeigen", "Show the contact"), NO_HELP),
    ],
    rows: None,
};

pub(super) static STATS: Shape = Shape { fields: &[HEADING], rows: Some(&FACTS) };

static FACTS: Rows = Rows {
    one: Text::new("Eigene Angabe", "Fact of your own"),
    most: 8,
    fields: &[
        needed(
            "label",
            Input::Line(Size::Short),
            Text::new("Was", "What"),
            Text::new("Zum Beispiel Newsletter-Abos.", "For example newsletter subscribers."),
        ),
        needed(
            "value",
            Input::Line(Size::Short),
            Text::new("Zahl", "Number"),
            Text::new(
                "Sie erscheint als selbst angegeben, mit dem Tag der Eingabe.",
                "It appears as self-reported, with the day it was typed.",
            ),
        ),
    ],
    claims: &["label", "value"],
    together: any,
};

pub(super) static PLATFORMS: Shape = Shape { fields: &[HEADING], rows: None };

pub(super) static AUDIENCE: Shape = Shape {
    fields: &[
        HEADING,
        field(
            "source",
            Input::Line(Size::Short),
            Text::new("Abgelesen bei", "Read at"),
            Text::new(
                "Zum Beispiel Instagram Insights, letzte 90 Tage.",
                "For example Instagram Insights, last 90 days.",
            ),
        ),
    ],
    rows: Some(&SHARES),
};

static SHARES: Rows = Rows {
    one: Text::new("Anteil", "Share"),
    most: 30,
    fields: &[
        needed(
            "group",
            Input::Choice(&[
                ("country", Text::new("Land", "Country")),
                ("age", Text::new("Alter", "Age")),
                ("gender", Text::new("Geschlecht", "Gender")),
                ("language", Text::new("Sprache", "Language")),
                ("interest", Text::new("Interesse", "Interest")),
            ]),
            Text::new("Nach", "By"),
            NO_HELP,
        ),
        needed("label", Input::Line(Size::Short), Text::new("Wer", "Who"), NO_HELP),
        needed("permille", Input::Percent, Text::new("Prozent", "Per cent"), NO_HELP),
    ],
    claims: &["group", "label", "permille"],
    together: at_most_all,
};

/// Nobody lives in two countries: the shares of such a group are at most all of them.
fn at_most_all(shares: &[Json]) -> Option<(usize, &'static str, Text)> {
    const WRONG: Text = Text::new(
        "Damit sind es zusammen mehr als 100 Prozent. Prüfe die Anteile dieser Gruppe.",
        "With this they are more than 100 per cent together. Check the shares of this group.",
    );
    let mut sums = BTreeMap::new();
    shares.iter().enumerate().find_map(|(index, share)| {
        let group = share["group"].as_str().filter(|group| matches!(*group, "country" | "age" | "gender"))?;
        let sum = sums.entry(group).or_insert(0);
        *sum += share["permille"].as_i64().unwrap_or_default();
        (*sum > 1000).then_some((index, "permille", WRONG))
    })
}

pub(super) static PARTNERS: Shape = Shape { fields: &[HEADING], rows: Some(&WORKS) };

static WORKS: Rows = Rows {
    one: Text::new("Zusammenarbeit", "Work"),
    most: 12,
    fields: &[
        needed("brand", Input::Line(Size::Short), Text::new("Marke", "Brand"), NO_HELP),
        needed(
            "disclosure",
            Input::Choice(&[
                ("paid", Text::new("bezahlt", "paid")),
                ("gifted", Text::new("Produkt kostenlos erhalten", "product received for free")),
                ("affiliate", Text::new("Anteil am Umsatz (Affiliate)", "share of the sales (affiliate)")),
                ("own", Text::new("ohne Gegenleistung", "nothing received")),
            ]),
            Text::new("Was du dafür bekommen hast", "What you received for it"),
            Text::new(
                "Alles außer „ohne Gegenleistung“ wird als Werbung gekennzeichnet.",
                "Everything but “nothing received” is labelled as advertising.",
            ),
        ),
        field("what", Input::Lines(Size::Paragraph), Text::new("Was du gemacht hast", "What you did"), NO_HELP),
        field(
            "result",
            Input::Line(Size::Line),
            Text::new("Ergebnis", "Result"),
            Text::new(
                "In Zahlen. Es erscheint als selbst angegeben, mit dem Tag der Eingabe.",
                "In numbers. It appears as self-reported, with the day it was typed.",
            ),
        ),
        field(
            "month",
            Input::Month,
            Text::new("Monat", "Month"),
            Text::new("Zum Beispiel 2026-09.", "For example 2026-09."),
        ),
        field(
            "link",
            Input::Web,
            Text::new("Link", "Link"),
            Text::new("Wo man es sehen kann.", "Where it can be seen."),
        ),
    ],
    claims: &["brand", "result"],
    together: any,
};

pub(super) static RATES: Shape = Shape {
    fields: &[
        HEADING,
        needed(
            "currency",
            Input::Choice(&[
                ("EUR", Text::new("Euro", "Euro")),
                ("CHF", Text::new("Schweizer Franken", "Swiss franc")),
                ("GBP", Text::new("Britisches Pfund", "Pound sterling")),
                ("USD", Text::new("US-Dollar", "US dollar")),
            ]),
            Text::new("Währung", "Currency"),
            NO_HELP,
        ),
        field(
            "note",
            Input::Lines(Size::Paragraph),
            Text::new("Hinweis", "Note"),
            Text::new(
                "Was für alle gilt: Steuer, Nutzungsrechte, Anfahrt.",
                "What holds for all of them: tax, usage rights, travel.",
            ),
        ),
    ],
    rows: Some(&PACKAGES),
};

static PACKAGES: Rows = Rows {
    one: Text::new("Paket", "Package"),
    most: 10,
    fields: &[
        needed("name", Input::Line(Size::Short), Text::new("Name", "Name"), NO_HELP),
        field(
            "price",
            Input::Money,
            Text::new("Preis", "Price"),
            Text::new("Leer heißt: auf Anfrage.", "Left empty it is on request."),
        ),
        field("least", Input::Tick, Text::new("Ab diesem Preis", "From this price on"), NO_HELP),
        field(
            "includes",
            Input::Lines(Size::Paragraph),
            Text::new("Was drin ist", "What is in it"),
            Text::new("Eine Zeile je Punkt.", "One line a point."),
        ),
    ],
    claims: &[],
    together: any,
};

const OWN_HEADING: Field = field("heading", Input::Line(Size::Short), Text::new("Überschrift", "Heading"), NO_HELP);

pub(super) static TEXT: Shape = Shape {
    fields: &[
        OWN_HEADING,
        needed(
            "text",
            Input::Lines(Size::Page),
            Text::new("Text", "Text"),
            Text::new("Eine leere Zeile beginnt einen neuen Absatz.", "An empty line begins a new paragraph."),
        ),
    ],
    rows: None,
};

pub(super) static MARKDOWN: Shape = Shape {
    fields: &[
        OWN_HEADING,
        needed(
            "text",
            Input::Lines(Size::Page),
            Text::new("Text in Markdown", "Text in Markdown"),
            Text::new(
                "**fett**, *kursiv*, [Link](https://example.org), - Liste, > Zitat. HTML und Bilder fallen weg.",
                "**bold**, *italic*, [link](https://example.org), - list, > quote. HTML and pictures are left out.",
            ),
        ),
    ],
    rows: None,
};

pub(super) static CALL_TO_ACTION: Shape = Shape {
    fields: &[
        needed(
            "heading",
            Input::Line(Size::Short),
            Text::new("Satz", "Sentence"),
            Text::new("Zum Beispiel: Lass uns etwas bauen.", "For example: Let’s build something."),
        ),
        field("text", Input::Lines(Size::Paragraph), Text::new("Text", "Text"), NO_HELP),
        field(
            "label",
            Input::Line(Size::Short),
            Text::new("Auf dem Knopf", "On the button"),
            Text::new("Leer heißt: Kontakt aufnehmen.", "Left empty it says: Get in touch."),
        ),
        field(
            "link",
            Input::Link,
            Text::new("Wohin er führt", "Where it leads"),
            Text::new(
                "Web-Adresse, E-Mail-Adresse oder tel:. Leer führt er zum Kontakt aus deinem Profil.",
                "A web address, an e-mail address or tel:. Left empty it leads to the contact of your profile.",
            ),
        ),
    ],
    rows: None,
};

pub(super) static VIDEO: Shape = Shape {
    fields: &[
        HEADING,
        needed("title", Input::Line(Size::Line), Text::new("Titel des Videos", "Title of the video"), NO_HELP),
        needed("link", Input::Web, Text::new("Adresse des Videos", "Address of the video"), NO_HELP),
        field(
            "text",
            Input::Lines(Size::Paragraph),
            Text::new("Was es zu sehen gibt", "What there is to see"),
            NO_HELP,
        ),
    ],
    rows: None,
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::civil::date;
    use serde_json::json;

    use super::super::body::{Disclosure, Group};
    use super::super::{Body, Kind};
    use super::*;

    fn read(kind: Kind, typed: &[(&str, &str)]) -> Result<Body, Vec<(String, Text)>> {
        let typed: BTreeMap<&str, &str> = typed.iter().copied().collect();
        let json = kind.shape().read(|name| typed.get(name).copied().unwrap_or_default())?;
        Ok(kind.body(json).unwrap())
    }

    const WORK: [(&str, &str); 4] =
        [("brand-1", "Ortlieb"), ("disclosure-1", "paid"), ("result-1", "1,2 Mio. Aufrufe"), ("month-1", "9/2026")];

    #[test]
    fn blank_entries_are_left_out_and_the_others_keep_their_order() {
        let typed = [WORK.as_slice(), &[("disclosure-0", "own"), ("brand-5", "Schwalbe"), ("disclosure-5", "own")]];
        let Body::Partners(partners) = read(Kind::Partners, &typed.concat()).unwrap() else { panic!() };
        let brands: Vec<_> = partners.items.iter().map(|work| (work.brand.as_str(), work.disclosure)).collect();
        assert_eq!(brands, [("Ortlieb", Disclosure::Paid), ("Schwalbe", Disclosure::Own)]);
        assert_eq!(partners.items[0].month.as_deref(), Some("2026-09"));
    }

    #[test]
    fn what_is_wrong_stands_beside_its_field() {
        let typed =
            [("brand-0", "Ortlieb"), ("disclosure-0", "bribed"), ("link-0", "javascript:alert(1)"), ("what-2", "?")];
        let wrong = read(Kind::Partners, &typed).unwrap_err();
        let fields: Vec<_> = wrong.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["disclosure-0", "link-0", "brand-2", "disclosure-2"]);
        assert!(wrong.iter().all(|(_, why)| why.de.ends_with('.') && why.en.ends_with('.')));
    }

    #[test]
    fn a_claim_keeps_its_day_while_it_says_the_same() {
        let first = read(Kind::Partners, &WORK).unwrap().dated(None, date(2026, 11, 1));
        let mut typed = WORK.to_vec();
        typed.push(("what-1", "Drei Reels"));
        let again = read(Kind::Partners, &typed).unwrap().dated(Some(&first), date(2026, 11, 22));
        let other = read(Kind::Partners, &[("brand-0", "Ortlieb"), ("disclosure-0", "paid"), ("result-0", "2 Mio.")]);
        let other = other.unwrap().dated(Some(&again), date(2026, 11, 22));
        let day = |body: &Body| match body {
            Body::Partners(partners) => partners.items[0].typed_on,
            _ => None,
        };
        assert_eq!([day(&first), day(&again), day(&other)], [1, 1, 22].map(|day| Some(date(2026, 11, day))));
    }

    #[test]
    fn shares_of_one_group_are_at_most_all() {
        let typed = |second| {
            [("group-0", "country"), ("label-0", "Deutschland"), ("permille-0", "70")]
                .into_iter()
                .chain([("group-3", second), ("label-3", "Österreich"), ("permille-3", "30,1")])
                .collect::<Vec<_>>()
        };
        let wrong = read(Kind::Audience, &typed("country")).unwrap_err();
        assert_eq!(wrong[0].0, "permille-3");
        let Body::Audience(audience) = read(Kind::Audience, &typed("age")).unwrap() else { panic!() };
        assert_eq!((audience.items[1].group, audience.items[1].permille), (Group::Age, 301));
    }

    #[test]
    fn every_field_reads_back_what_it_shows() {
        let typed = [("currency", "EUR"), ("name-0", "Reel"), ("price-0", "1.200,50"), ("least-0", "yes")];
        let body = read(Kind::Rates, &typed).unwrap().to_json();
        let price = PACKAGES.fields[1].typed(&body["items"][0]["price"], crate::domain::text::Lang::De);
        assert_eq!((price.as_str(), &body["items"][0]["least"]), ("1200,50", &json!(true)));
    }
}
