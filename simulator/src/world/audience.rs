//! Who follows: shares by age, gender, country and town, by the creator's language and
//! with a little difference from account to account.

use super::Account;

/// A bucket and its share of the audience; the shares of a list sum to less than one.
pub struct Share {
    pub names: Vec<String>,
    pub share: f64,
}

const AGES: [(&str, f64); 7] = [
    ("13-17", 0.03),
    ("18-24", 0.21),
    ("25-34", 0.38),
    ("35-44", 0.22),
    ("45-54", 0.09),
    ("55-64", 0.03),
    ("65+", 0.01),
];
const GENDERS: [(&str, f64); 3] = [("F", 0.43), ("M", 0.52), ("U", 0.04)];
const COUNTRIES_DE: [(&str, f64); 10] = [
    ("DE", 0.63),
    ("AT", 0.11),
    ("CH", 0.10),
    ("NL", 0.03),
    ("IT", 0.02),
    ("US", 0.02),
    ("FR", 0.012),
    ("BE", 0.007),
    ("LU", 0.005),
    ("PL", 0.004),
];
const COUNTRIES_EN: [(&str, f64); 10] = [
    ("GB", 0.46),
    ("US", 0.21),
    ("IE", 0.06),
    ("AU", 0.05),
    ("CA", 0.04),
    ("DE", 0.04),
    ("NZ", 0.03),
    ("ZA", 0.008),
    ("NL", 0.007),
    ("FR", 0.004),
];
const CITIES_DE: [(&str, f64); 6] = [
    ("Berlin, Berlin", 0.074),
    ("Freiburg, Baden-Württemberg", 0.052),
    ("Hamburg, Hamburg", 0.041),
    ("Munich, Bayern", 0.039),
    ("Vienna, Vienna", 0.031),
    ("Zürich, Zürich", 0.026),
];
const CITIES_EN: [(&str, f64); 6] = [
    ("London, England", 0.081),
    ("Bristol, England", 0.036),
    ("Falmouth, England", 0.029),
    ("Dublin, Dublin", 0.022),
    ("New York, New York", 0.020),
    ("Sydney, New South Wales", 0.014),
];

pub fn ages(account: &Account) -> Vec<Share> {
    shares(account, &AGES)
}

pub fn genders(account: &Account) -> Vec<Share> {
    shares(account, &GENDERS)
}

pub fn countries(account: &Account) -> Vec<Share> {
    shares(account, german(account, &COUNTRIES_DE, &COUNTRIES_EN))
}

pub fn cities(account: &Account) -> Vec<Share> {
    shares(account, german(account, &CITIES_DE, &CITIES_EN))
}

/// Age and gender together, in this order.
pub fn ages_by_gender(account: &Account) -> Vec<Share> {
    let mut both = Vec::new();
    for age in ages(account) {
        for gender in genders(account) {
            both.push(Share {
                names: vec![age.names[0].clone(), gender.names[0].clone()],
                share: age.share * gender.share,
            });
        }
    }
    both
}

fn german<T>(account: &Account, german: T, other: T) -> T {
    match account.creator.language.as_str() {
        "de" => german,
        _ => other,
    }
}

fn shares(account: &Account, table: &[(&str, f64)]) -> Vec<Share> {
    let bend = |name: &str| account.dice.text("audience").text(name).between(0.9, 1.03);
    table.iter().map(|(name, share)| Share { names: vec![(*name).to_owned()], share: share * bend(name) }).collect()
}
