//! A browser's name for people, from what it sends. It is a guess for the eye, and nothing is decided by it.

/// Browsers by their mark; those that also bear another's come first.
const BROWSERS: [(&str, &str); 8] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
];

const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// `Firefox, Linux`; the beginning of what it sends when that says nothing, and `None` when it sends nothing.
pub fn named(agent: &str) -> Option<String> {
    let of =
        |marks: &[(&str, &'static str)]| marks.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    match (of(&BROWSERS), of(&SYSTEMS)) {
        (Some(browser), Some(system)) => Some(format!("{browser}, {system}")),
        (Some(browser), None) => Some(browser.to_owned()),
        _ => agent.split_whitespace().next().map(|first| first.chars().take(40).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_browsers_have_names() {
        let mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) ";
        for (agent, name) in [
            (&format!("{mac}Version/17.4 Safari/605.1.15"), "Safari, macOS"),
            (&format!("{mac}Chrome/126.0.0.0 Safari/537.36 Edg/126.0"), "Edge, macOS"),
            (&"Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0".to_owned(), "Firefox, Linux"),
            (&"Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36".to_owned(), "Chrome, Android"),
            (&"curl/8.5.0".to_owned(), "curl/8.5.0"),
        ] {
            assert_eq!(named(agent).as_deref(), Some(name));
        }
        assert_eq!(named(" "), None);
        assert_eq!(named(&"x".repeat(300)).unwrap().len(), 40);
    }
}
