//! A reader of the CBOR that authenticators write (RFC 8949; CTAP 2.1, section 8: definite lengths, little nesting). It
//! borrows and allocates nothing, so that a length is only ever believed as far as there are bytes.

/// More nesting than any authenticator writes.
const DEEPEST: usize = 8;

/// What is left to read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(&'a [u8]);

/// The major types we name.
const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;

impl<'a> Reader<'a> {
    /// A reader of these bytes.
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// What was not read.
    pub(super) const fn rest(self) -> &'a [u8] {
        self.0
    }

    /// A whole number.
    pub(super) fn int(&mut self) -> Option<i64> {
        match self.head()? {
            (UNSIGNED, n) => i64::try_from(n).ok(),
            (NEGATIVE, n) => Some(-1 - i64::try_from(n).ok()?),
            _ => None,
        }
    }

    /// A byte string.
    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        self.string(BYTES)
    }

    /// A text.
    pub(super) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.string(TEXT)?).ok()
    }

    /// The beginning of a map; gives the number of its pairs.
    pub(super) fn map(&mut self) -> Option<u64> {
        let (major, pairs) = self.head()?;
        (major == MAP).then_some(pairs)
    }

    /// Passes over one value, whatever it is.
    pub(super) fn skip(&mut self) -> Option<()> {
        self.pass(DEEPEST)
    }

    fn pass(&mut self, deeper: usize) -> Option<()> {
        let deeper = deeper.checked_sub(1)?;
        match self.head()? {
            (BYTES | TEXT, length) => self.take(length).map(drop),
            // A count that lies ends with the bytes: every value takes at least one.
            (ARRAY, values) => (0..values).try_for_each(|_| self.pass(deeper)),
            (MAP, pairs) => (0..pairs).try_for_each(|_| self.pass(deeper).and_then(|()| self.pass(deeper))),
            (TAG, _) => self.pass(deeper),
            _ => Some(()),
        }
    }

    fn string(&mut self, wanted: u8) -> Option<&'a [u8]> {
        let (major, length) = self.head()?;
        if major == wanted { self.take(length) } else { None }
    }

    /// The major type and the number that follows it; lengths left open are refused.
    fn head(&mut self) -> Option<(u8, u64)> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        let number = match first & 31 {
            small @ 0..=23 => u64::from(small),
            size @ 24..=27 => {
                let bytes = self.take(1 << (size - 24))?;
                bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
            }
            _ => return None,
        };
        Some((first >> 5, number))
    }

    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_are_read_as_the_standard_writes_them() {
        // RFC 8949, appendix A.
        for (bytes, number) in [
            (&[0x17][..], 23),
            (&[0x18, 0x64], 100),
            (&[0x19, 0x03, 0xe8], 1000),
            (&[0x1b, 0, 0, 0, 0xe8, 0xd4, 0xa5, 0x10, 0], 1_000_000_000_000),
            (&[0x20], -1),
            (&[0x39, 0x01, 0x00], -257),
        ] {
            assert_eq!(Reader::new(bytes).int(), Some(number));
        }
        assert_eq!(Reader::new(&[0x44, 1, 2, 3, 4]).bytes(), Some(&[1, 2, 3, 4][..]));
        assert_eq!(Reader::new(&[0x62, 0xc3, 0xbc]).text(), Some("ü"));
        assert_eq!(Reader::new(&[0x62, 0xc3, 0xff]).text(), None);
        let mut nested = Reader::new(&[0xa2, 0x01, 0x83, 1, 2, 0x41, 9, 0x61, b'a', 0xf6, 0x05]);
        assert_eq!((nested.skip(), nested.int(), nested.rest()), (Some(()), Some(5), &[][..]));
    }

    #[test]
    fn lies_about_lengths_and_depth_are_refused_at_once() {
        for lie in [
            &[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff][..],
            &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
            &[0x9f, 0xff],
            &[0x5f, 0x41, 1, 0xff],
            &[0x1c],
            &[0x19, 1],
            &[],
        ] {
            assert_eq!(Reader::new(lie).skip(), None, "{lie:x?}");
        }
        assert_eq!(Reader::new(&vec![0x81; 100_000]).skip(), None);
        assert_eq!(Reader::new(&vec![0xc1; 100_000]).skip(), None);
        assert_eq!(Reader::new(&[0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]).int(), None);
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut reader = Reader::new(&bytes);
            while reader.skip().is_some() {}
            let _ = (Reader::new(&bytes).int(), Reader::new(&bytes).text(), Reader::new(&bytes).map());
            prop_assert!(reader.rest().len() <= bytes.len());
        }
    }
}
