//! What the countries are called that audiences are mostly in, as CLDR has them; any other keeps its code.

use crate::domain::text::Text;

/// Code, German, English.
const NAMES: [(&str, &str, &str); 74] = [
    ("AE", "Vereinigte Arabische Emirate", "United Arab Emirates"),
    ("AR", "Argentinien", "Argentina"),
    ("AT", "Österreich", "Austria"),
    ("AU", "Australien", "Australia"),
    ("BA", "Bosnien und Herzegowina", "Bosnia & Herzegovina"),
    ("BD", "Bangladesch", "Bangladesh"),
    ("BE", "Belgien", "Belgium"),
    ("BG", "Bulgarien", "Bulgaria"),
    ("BR", "Brasilien", "Brazil"),
    ("CA", "Kanada", "Canada"),
    ("CH", "Schweiz", "Switzerland"),
    ("CL", "Chile", "Chile"),
    ("CN", "China", "China"),
    ("CO", "Kolumbien", "Colombia"),
    ("CY", "Zypern", "Cyprus"),
    ("CZ", "Tschechien", "Czechia"),
    ("DE", "Deutschland", "Germany"),
    ("DK", "Dänemark", "Denmark"),
    ("DZ", "Algerien", "Algeria"),
    ("EC", "Ecuador", "Ecuador"),
    ("EE", "Estland", "Estonia"),
    ("EG", "Ägypten", "Egypt"),
    ("ES", "Spanien", "Spain"),
    ("FI", "Finnland", "Finland"),
    ("FR", "Frankreich", "France"),
    ("GB", "Vereinigtes Königreich", "United Kingdom"),
    ("GH", "Ghana", "Ghana"),
    ("GR", "Griechenland", "Greece"),
    ("HK", "Hongkong", "Hong Kong"),
    ("HR", "Kroatien", "Croatia"),
    ("HU", "Ungarn", "Hungary"),
    ("ID", "Indonesien", "Indonesia"),
    ("IE", "Irland", "Ireland"),
    ("IL", "Israel", "Israel"),
    ("IN", "Indien", "India"),
    ("IQ", "Irak", "Iraq"),
    ("IR", "Iran", "Iran"),
    ("IS", "Island", "Iceland"),
    ("IT", "Italien", "Italy"),
    ("JP", "Japan", "Japan"),
    ("KE", "Kenia", "Kenya"),
    ("KR", "Südkorea", "South Korea"),
    ("KZ", "Kasachstan", "Kazakhstan"),
    ("LI", "Liechtenstein", "Liechtenstein"),
    ("LT", "Litauen", "Lithuania"),
    ("LU", "Luxemburg", "Luxembourg"),
    ("LV", "Lettland", "Latvia"),
    ("MA", "Marokko", "Morocco"),
    ("MX", "Mexiko", "Mexico"),
    ("MY", "Malaysia", "Malaysia"),
    ("NG", "Nigeria", "Nigeria"),
    ("NL", "Niederlande", "Netherlands"),
    ("NO", "Norwegen", "Norway"),
    ("NZ", "Neuseeland", "New Zealand"),
    ("PE", "Peru", "Peru"),
    ("PH", "Philippinen", "Philippines"),
    ("PK", "Pakistan", "Pakistan"),
    ("PL", "Polen", "Poland"),
    ("PT", "Portugal", "Portugal"),
    ("RO", "Rumänien", "Romania"),
    ("RS", "Serbien", "Serbia"),
    ("RU", "Russland", "Russia"),
    ("SA", "Saudi-Arabien", "Saudi Arabia"),
    ("SE", "Schweden", "Sweden"),
    ("SG", "Singapur", "Singapore"),
    ("SI", "Slowenien", "Slovenia"),
    ("SK", "Slowakei", "Slovakia"),
    ("TH", "Thailand", "Thailand"),
    ("TR", "Türkei", "Türkiye"),
    ("TW", "Taiwan", "Taiwan"),
    ("UA", "Ukraine", "Ukraine"),
    ("US", "USA", "United States"),
    ("VN", "Vietnam", "Vietnam"),
    ("ZA", "Südafrika", "South Africa"),
];

/// A country's name; `None` for one that is seldom.
pub fn name(code: &str) -> Option<Text> {
    NAMES.iter().find(|(known, ..)| *known == code).map(|(_, de, en)| Text::new(de, en))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_there_once_and_in_order() {
        assert!(NAMES.is_sorted_by(|(a, ..), (b, ..)| a < b));
    }
}
