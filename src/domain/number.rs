//! Numbers for people: short forms, grouped digits, both languages. Cut, never rounded up.

use super::text::Lang;

const STEPS: [(i64, &str); 3] = [(1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k")];

/// The short form of the API: `999`, `1.0k`, `104.7k`, `1.0M`; one decimal, cut and never rounded up.
pub fn short(n: i64) -> String {
    short_with(n, '.')
}

/// The short form in the reader's language: `104,7k` in German, `104.7k` in English.
pub fn short_in(n: i64, lang: Lang) -> String {
    short_with(n, decimal_mark(lang))
}

fn short_with(n: i64, mark: char) -> String {
    for (step, suffix) in STEPS {
        if n >= step {
            return format!("{}{mark}{}{suffix}", n / step, n % step / (step / 10));
        }
    }
    n.to_string()
}

/// Every digit, grouped: `104.700` in German, `104,700` in English.
pub fn exact_in(n: i64, lang: Lang) -> String {
    let digits = n.unsigned_abs().to_string();
    let mark = if lang == Lang::De { '.' } else { ',' };
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if n < 0 {
        out.push('−');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(mark);
        }
        out.push(digit);
    }
    out
}

/// A fraction as per cent with two decimals at most: `3,42 %` in German, `3.42%` in English.
pub fn percent_in(fraction: f64, lang: Lang) -> String {
    let cut = (fraction * 10_000.0).floor() / 100.0;
    match lang {
        Lang::De => format!("{} %", cut.to_string().replace('.', ",")),
        Lang::En => format!("{cut}%"),
    }
}

/// A number with one decimal at most: `3,2` in German, `3.2` in English.
pub fn decimal_in(number: f64, lang: Lang) -> String {
    let cut = (number * 10.0).floor() / 10.0;
    cut.to_string().replace('.', &decimal_mark(lang).to_string())
}

const fn decimal_mark(lang: Lang) -> char {
    match lang {
        Lang::De => ',',
        Lang::En => '.',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_are_cut_and_never_rounded_up() {
        let cases = [
            (0, "0"),
            (999, "999"),
            (1_000, "1.0k"),
            (104_700, "104.7k"),
            (104_799, "104.7k"),
            (999_950, "999.9k"),
            (999_999, "999.9k"),
            (1_050_000, "1.0M"),
            (1_000_000_000, "1.0B"),
            (i64::MAX, "9223372036.8B"),
        ];
        for (n, expected) in cases {
            assert_eq!(short(n), expected, "{n}");
        }
    }

    #[test]
    fn people_read_their_own_marks() {
        assert_eq!(short_in(104_700, Lang::De), "104,7k");
        assert_eq!(short_in(104_700, Lang::En), "104.7k");
        assert_eq!(exact_in(1_234_567, Lang::De), "1.234.567");
        assert_eq!(exact_in(999, Lang::En), "999");
        assert_eq!(percent_in(0.0342, Lang::De), "3,42 %");
        assert_eq!(percent_in(0.05, Lang::En), "5%");
        assert_eq!((decimal_in(3.29, Lang::De).as_str(), decimal_in(3.0, Lang::En).as_str()), ("3,2", "3"));
    }
}
