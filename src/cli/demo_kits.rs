//! What the demo's creators say about themselves beside the numbers: invented, as they are, and complete, as a kit
//! that brands answer to is.

use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

use crate::app::App;
use crate::domain::block::{Body, Kind};
use crate::store::StoreError;

/// Puts a creator's blocks in place of those every kit begins with.
pub(super) async fn enter(app: &App, creator: &str) -> Result<(), StoreError> {
    let id = app.store.creator().await?.id;
    for block in app.store.blocks(id).await? {
        app.store.delete_block(id, block.id, block.version).await?;
    }
    let today = app.clock.now().to_zoned(TimeZone::UTC).date();
    for body in blocks(creator) {
        app.store.insert_block(id, &body.dated(None, today)).await?;
    }
    Ok(())
}

/// The blocks of a creator of the simulator, in their order.
fn blocks(creator: &str) -> Vec<Body> {
    let described = match creator {
        "mara" => mara(),
        "wren" => wren(),
        _ => Vec::new(),
    };
    described.into_iter().filter_map(|(kind, body)| Kind::named(kind)?.body(body).ok()).collect()
}

fn work(brand: &str, month: &str, given: &str, what: &str, result: &str) -> Json {
    json!({ "brand": brand, "month": month, "disclosure": given, "what": what, "result": result })
}

fn package(name: &str, price: Option<i64>, least: bool, includes: &[&str]) -> Json {
    let cents = price.map(|price| price * 100);
    json!({ "name": name, "price": cents, "least": least, "includes": includes.join("\n") })
}

fn shares(group: &str, shares: &[(&str, i64)]) -> Vec<Json> {
    shares.iter().map(|(label, permille)| json!({ "group": group, "label": label, "permille": permille })).collect()
}

fn mara() -> Vec<(&'static str, Json)> {
    let audience = [
        shares("language", &[("Deutsch", 871), ("Englisch", 643), ("Französisch", 162)]),
        shares("interest", &[("Reisen mit dem Rad", 718), ("Selbst reparieren", 640), ("Zelten", 487)]),
    ];
    let works = [
        work(
            "Ortmann Taschen",
            "2026-09",
            "paid",
            "Vier Wochen mit einem Satz Taschen durch die Alpen: drei Reels, ein langes Video, eine ehrliche Mängelliste am Ende.",
            "1,2 Mio. Aufrufe, 4.310 Klicks zum Shop",
        ),
        work(
            "Reifenwerk Lahr",
            "2026-06",
            "gifted",
            "Ein Satz Reifen über 2.400 km Schotter, gefilmt bei jedem Platten. Es waren zwei.",
            "386.000 Aufrufe, 2.140-mal gespeichert",
        ),
        work(
            "Werkstatt am Güterbahnhof",
            "2026-03",
            "own",
            "Ein Samstag im Monat: Wir reparieren vor laufender Kamera, was Leute mitbringen.",
            "Acht Termine, alle ausgebucht",
        ),
    ];
    vec![
        ("hero", json!({})),
        (
            "stats",
            json!({ "items": [
            { "label": "Newsletter „Schotterpost“", "value": "6.840 Abos" },
            { "label": "Gefahren in diesem Jahr", "value": "9.120 km" },
        ] }),
        ),
        ("platforms", json!({})),
        (
            "audience",
            json!({ "source": "Umfrage unter 1.204 Newsletter-Lesern, Mehrfachnennungen", "items": audience.concat() }),
        ),
        ("partners", json!({ "items": works })),
        (
            "rates",
            json!({
                "currency": "EUR",
                "note": "Netto, gültig bis Ende 2026. Nutzungsrechte auf deinen eigenen Kanälen für 6 Monate sind dabei, bezahlte Ausspielung und Exklusivität nicht.",
                "items": [
                    package("Reel", Some(1_450), false, &["Ein Reel bis 90 Sekunden auf Instagram und TikTok", "Eine Korrekturschleife", "Fertig in 10 Werktagen"]),
                    package("Werkstattfolge", Some(3_200), false, &["Ein Video von 8 bis 12 Minuten auf YouTube", "Zwei kurze Schnitte daraus", "Link in der Beschreibung für 12 Monate"]),
                    package("Langstrecke", Some(5_800), true, &["Vier Wochen Test auf der Straße", "Drei Reels, ein Video, ein Fazit mit Mängelliste", "Alle Rohaufnahmen"]),
                    package("Vor Ort", None, false, &["Messe, Werkstattabend oder Ausfahrt mit euren Leuten"]),
                ],
            }),
        ),
        (
            "video",
            json!({
                "title": "2.400 km Schotter: was hält, was bricht",
                "link": "https://www.youtube.com/@marabikes",
                "text": "Die Folge, mit der viele anfangen.",
            }),
        ),
        (
            "markdown",
            json!({ "heading": "Wie ich arbeite", "text":
            "Ich habe **elf Jahre in Werkstätten** gearbeitet, bevor ich angefangen habe zu filmen. Das merkt man.\n\n\
             - Ich teste, was ich zeige, mindestens zwei Wochen.\n- Mängel nenne ich. Vorher sage ich dir, welche.\n\
             - Werbung ist als Werbung zu erkennen.\n\nNicht bei mir: Wetten, Krypto, Diäten." }),
        ),
        (
            "call-to-action",
            json!({
                "heading": "Was sollen wir kaputt fahren?",
                "text": "Schreib mir, was ihr baut und für wen. Ich antworte in zwei Werktagen.",
            }),
        ),
    ]
}

fn wren() -> Vec<(&'static str, Json)> {
    let audience = [
        shares("language", &[("English", 962), ("French", 148), ("German", 91)]),
        shares("interest", &[("Sailing", 744), ("Woodwork", 529), ("Slow travel", 463), ("Cooking", 187)]),
    ];
    let works = [
        work(
            "Penryn Rope Works",
            "2026-08",
            "paid",
            "Re-rigging the whole boat with their line, in four episodes, splices and swearing included.",
            "2.1M views, 1,870 orders with the code",
        ),
        work(
            "Harbour Lamp Co.",
            "2026-05",
            "affiliate",
            "A winter of testing brass lamps below deck, with a table of what corroded.",
            "412,000 views, still selling",
        ),
        work(
            "Falmouth Working Boats",
            "2026-07",
            "own",
            "Filming the race from the oldest boat in the fleet.",
            "Picked up by the regional news",
        ),
    ];
    vec![
        ("hero", json!({})),
        ("stats", json!({ "items": [{ "label": "Newsletter “Slow Mornings”", "value": "11,200 subscribers" }] })),
        ("platforms", json!({})),
        (
            "audience",
            json!({ "source": "Survey of 2,311 newsletter readers, several answers each", "items": audience.concat() }),
        ),
        ("partners", json!({ "items": works })),
        (
            "rates",
            json!({
                "currency": "GBP",
                "note": "Excluding VAT, valid through 2026. Use on your own channels for six months is included; paid amplification and exclusivity are not.",
                "items": [
                    package("Short", Some(1_100), false, &["One vertical film of up to 60 seconds", "One round of changes"]),
                    package("Episode", Some(4_600), false, &["A dedicated part of an episode, 3 to 5 minutes", "Link in the description for 12 months"]),
                    package("Season", Some(14_000), true, &["Four episodes over a season", "Photographs for your own channels"]),
                ],
            }),
        ),
        (
            "text",
            json!({ "heading": "About the boat", "text":
            "A gaff cutter built in 1968, bought for a pound and a promise.\n\nI show the parts that go wrong, because those are the parts people come for." }),
        ),
        (
            "call-to-action",
            json!({
                "heading": "Come aboard",
                "text": "Tell me what you make and who it is for. I answer within two working days, tides permitting.",
            }),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_simulated_creator_has_a_kit_that_could_have_been_typed() {
        for creator in ["mara", "wren"] {
            let blocks = blocks(creator);
            assert!(blocks.len() >= 8, "{creator}: every block is readable");
            for body in blocks {
                let (shape, json) = (body.kind().shape(), body.to_json());
                let lang = crate::domain::text::Lang::De;
                let typed = |name: &str| -> String {
                    let (field, row) = name.rsplit_once('-').unwrap_or((name, ""));
                    let of_row = shape.rows.zip(row.parse::<usize>().ok());
                    let entry = of_row.and_then(|(rows, row)| {
                        let field = rows.fields.iter().find(|known| known.name == field)?;
                        Some(field.typed(json["items"].get(row)?.get(field.name)?, lang))
                    });
                    let whole =
                        || shape.fields.iter().find(|known| known.name == name).map(|f| f.typed(&json[name], lang));
                    entry.or_else(whole).unwrap_or_default()
                };
                let read = shape.read(|name| Box::leak(typed(name).into_boxed_str()));
                assert!(read.is_ok(), "{creator} {:?}: {read:?}", body.kind());
                assert!(!body.is_empty());
            }
        }
    }
}
