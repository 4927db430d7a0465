//! Who stands behind the pages, as the law wants it said: the facts for the legal notice and the privacy page.

use serde::{Deserialize, Serialize};

/// The facts. What is empty was not given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Legal {
    /// Name of the person or company.
    pub name: String,
    /// Postal address, several lines.
    pub address: String,
    /// E-mail address.
    pub email: String,
    /// Telephone number.
    pub phone: Option<String>,
    /// VAT identification number.
    pub vat_id: Option<String>,
    /// Who answers for the content, with a postal address.
    pub responsible: Option<String>,
    /// Who runs the machine.
    pub hosting: Option<String>,
    /// After how many days the logs of that machine are deleted.
    pub log_days: Option<u16>,
}

impl Legal {
    /// The facts as text, for the store.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The facts of a text; `None` when it is none of ours.
    pub fn from_json(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}
