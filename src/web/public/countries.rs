//! What the countries are called that audiences are mostly in, as CLDR has them; any other keeps its code.

use crate::domain::text::Text;

/// By code.
const NAMES: [(&str, Text); 74] = [
    ("AE", Text::new("Ver. Arab. Emirate", "United Arab Emirates")),
    ("AR", Text::new("Argentinien", "Argentina")),
    ("AT", Text::new("Österreich", "Austria")),
    ("AU", Text::new("Australien", "Australia")),
    ("BA", Text::new("Bosnien und Herzegowina", "Bosnia & Herzegovina")),
    ("BD", Text::new("Bangladesch", "Bangladesh")),
    ("BE", Text::new("Belgien", "Belgium")),
    ("BG", Text::new("Bulgarien", "Bulgaria")),
    ("BR", Text::new("Brasilien", "Brazil")),
    ("CA", Text::new("Kanada", "Canada")),
    ("CH", Text::new("Schweiz", "Switzerland")),
    ("CL", Text::new("Chile", "Chile")),
    ("CN", Text::new("China", "China")),
    ("CO", Text::new("Kolumbien", "Colombia")),
    ("CY", Text::new("Zypern", "Cyprus")),
    ("CZ", Text::new("Tschechien", "Czechia")),
    ("DE", Text::new("Deutschland", "Germany")),
    ("DK", Text::new("Dänemark", "Denmark")),
    ("DZ", Text::new("Algerien", "Algeria")),
    ("EC", Text::new("Ecuador", "Ecuador")),
    ("EE", Text::new("Estland", "Estonia")),
    ("EG", Text::new("Ägypten", "Egypt")),
    ("ES", Text::new("Spanien", "Spain")),
    ("FI", Text::new("Finnland", "Finland")),
    ("FR", Text::new("Frankreich", "France")),
    ("GB", Text::new("Vereinigtes Königreich", "United Kingdom")),
    ("GH", Text::new("Ghana", "Ghana")),
    ("GR", Text::new("Griechenland", "Greece")),
    ("HK", Text::new("Hongkong", "Hong Kong")),
    ("HR", Text::new("Kroatien", "Croatia")),
    ("HU", Text::new("Ungarn", "Hungary")),
    ("ID", Text::new("Indonesien", "Indonesia")),
    ("IE", Text::new("Irland", "Ireland")),
    ("IL", Text::new("Israel", "Israel")),
    ("IN", Text::new("Indien", "India")),
    ("IQ", Text::new("Irak", "Iraq")),
    ("IR", Text::new("Iran", "Iran")),
    ("IS", Text::new("Island", "Iceland")),
    ("IT", Text::new("Italien", "Italy")),
    ("JP", Text::new("Japan", "Japan")),
    ("KE", Text::new("Kenia", "Kenya")),
    ("KR", Text::new("Südkorea", "South Korea")),
    ("KZ", Text::new("Kasachstan", "Kazakhstan")),
    ("LI", Text::new("Liechtenstein", "Liechtenstein")),
    ("LT", Text::new("Litauen", "Lithuania")),
    ("LU", Text::new("Luxemburg", "Luxembourg")),
    ("LV", Text::new("Lettland", "Latvia")),
    ("MA", Text::new("Marokko", "Morocco")),
    ("MX", Text::new("Mexiko", "Mexico")),
    ("MY", Text::new("Malaysia", "Malaysia")),
    ("NG", Text::new("Nigeria", "Nigeria")),
    ("NL", Text::new("Niederlande", "Netherlands")),
    ("NO", Text::new("Norwegen", "Norway")),
    ("NZ", Text::new("Neuseeland", "New Zealand")),
    ("PE", Text::new("Peru", "Peru")),
    ("PH", Text::new("Philippinen", "Philippines")),
    ("PK", Text::new("Pakistan", "Pakistan")),
    ("PL", Text::new("Polen", "Poland")),
    ("PT", Text::new("Portugal", "Portugal")),
    ("RO", Text::new("Rumänien", "Romania")),
    ("RS", Text::new("Serbien", "Serbia")),
    ("RU", Text::new("Russland", "Russia")),
    ("SA", Text::new("Saudi-Arabien", "Saudi Arabia")),
    ("SE", Text::new("Schweden", "Sweden")),
    ("SG", Text::new("Singapur", "Singapore")),
    ("SI", Text::new("Slowenien", "Slovenia")),
    ("SK", Text::new("Slowakei", "Slovakia")),
    ("TH", Text::new("Thailand", "Thailand")),
    ("TR", Text::new("Türkei", "Türkiye")),
    ("TW", Text::new("Taiwan", "Taiwan")),
    ("UA", Text::new("Ukraine", "Ukraine")),
    ("US", Text::new("USA", "United States")),
    ("VN", Text::new("Vietnam", "Vietnam")),
    ("ZA", Text::new("Südafrika", "South Africa")),
];

/// A country's name; `None` for one that is seldom.
pub fn name(code: &str) -> Option<Text> {
    NAMES.iter().find(|(known, _)| *known == code).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_there_once_and_in_order() {
        assert!(NAMES.is_sorted_by(|(a, _), (b, _)| a < b));
    }
}
