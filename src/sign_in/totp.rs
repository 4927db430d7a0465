//! Codes from an app: RFC 6238 as every app knows it, with SHA-1, 30 seconds and six digits.

use jiff::Timestamp;
use ring::hmac;
use zeroize::Zeroizing;

/// A code holds this long.
const STEP_SECS: i64 = 30;
/// Codes of this many steps before and after are taken: clocks differ, and typing takes time.
const WINDOW: i64 = 1;
const DIGITS: usize = 6;
/// 160 bits, as RFC 4226 (section 4) wants them.
const BYTES: usize = 20;
/// RFC 4648, section 6.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What the app and we make the same codes of. It is wiped when it is no longer needed and can't be printed.
pub struct TotpSecret(Zeroizing<[u8; BYTES]>);

impl TotpSecret {
    /// A new one; `None` when the machine gives no randomness.
    pub fn generate() -> Option<Self> {
        let mut bytes = Zeroizing::new([0; BYTES]);
        getrandom::fill(bytes.as_mut_slice()).ok()?;
        Some(Self(bytes))
    }

    /// The secret of these bytes; `None` when their number is wrong.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// Reads what [`TotpSecret::text`] writes.
    pub fn read(text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; BYTES]);
        let (mut at, mut bits, mut kept) = (0, 0_u32, 0_u32);
        for letter in text.bytes().filter(|byte| *byte != b' ') {
            let value = BASE32.iter().position(|known| *known == letter.to_ascii_uppercase())?;
            kept = (kept << 5 | u32::try_from(value).ok()?) & 0xfff;
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                *bytes.get_mut(at)? = u8::try_from(kept >> bits & 0xff).ok()?;
                at += 1;
            }
        }
        (at == BYTES && bits == 0).then_some(Self(bytes))
    }

    /// The secret as people type it into their app: Base32 in groups of four.
    pub fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(BYTES * 2));
        for five in self.0.chunks(5) {
            let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            for at in (0..8).rev() {
                if at % 4 == 3 && !text.is_empty() {
                    text.push(' ');
                }
                text.push(char::from(BASE32[usize::try_from(bits >> (at * 5) & 31).unwrap_or_default()]));
            }
        }
        text
    }

    /// The address an app reads from a QR code.
    pub fn address(&self, name: &str) -> Zeroizing<String> {
        let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
        let secret = Zeroizing::new(self.text().replace(' ', ""));
        // Blanks are `%20` here; `+` would be read as a plus.
        let name = name.replace('+', "%20");
        Zeroizing::new(format!("otpauth://totp/mediakit:{name}?secret={}&issuer=mediakit", secret.as_str()))
    }

    /// The step whose code was typed, among those that hold now.
    pub fn step_of(&self, typed: &str, now: Timestamp) -> Option<i64> {
        let typed: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        if typed.len() != DIGITS || !typed.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let typed: u32 = typed.parse().ok()?;
        let now = now.as_second().div_euclid(STEP_SECS);
        (now - WINDOW..=now + WINDOW).find(|step| self.code(*step) == typed)
    }

    /// The code that an app shows at an instant.
    pub fn shown_at(&self, now: Timestamp) -> String {
        format!("{:06}", self.code(now.as_second().div_euclid(STEP_SECS)))
    }

    /// RFC 4226, section 5.3.
    fn code(&self, step: i64) -> u32 {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.0.as_slice());
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let offset = usize::from(tag[tag.len() - 1] & 0xf);
        let four = tag[offset..offset + 4].iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        (four & 0x7fff_ffff) % 1_000_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(secs).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the last six of its eight digits.
        let secret = TotpSecret::from_bytes(b"12345678901234567890").unwrap();
        for (secs, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret.shown_at(at(secs)), code);
            assert_eq!(secret.step_of(code, at(secs)), Some(secs / 30));
        }
    }

    #[test]
    fn a_code_holds_a_step_before_and_after() {
        let (secret, now) = (TotpSecret::generate().unwrap(), at(1_800_000_000));
        let code = secret.shown_at(now);
        for (late, good) in [(-60, false), (-30, true), (0, true), (59, true), (60, false)] {
            let found = secret.step_of(&code, now + SignedDuration::from_secs(late));
            assert_eq!(found.is_some(), good, "{late} s");
        }
        let spaced = format!(" {} {}", &code[..3], &code[3..]);
        assert!(secret.step_of(&spaced, now).is_some());
        for wrong in ["", "12345", "1234567", "12345x", "+12345", "１２３４５６"] {
            assert_eq!(secret.step_of(wrong, now), None, "{wrong}");
        }
    }

    #[test]
    fn a_secret_is_read_as_it_is_written() {
        let secret = TotpSecret::from_bytes(b"12345678901234567890").unwrap();
        assert_eq!(secret.text().as_str(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let again = TotpSecret::read(&secret.text().to_lowercase()).unwrap();
        assert_eq!(*again.0, *secret.0);
        assert_eq!(
            secret.address("Mära & co").as_str(),
            "otpauth://totp/mediakit:M%C3%A4ra%20%26%20co?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=mediakit"
        );
        for wrong in ["", "GEZD", "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJ1", &"A".repeat(33), &"A".repeat(4000)] {
            assert!(TotpSecret::read(wrong).is_none(), "{wrong}");
        }
    }
}
