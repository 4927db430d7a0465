//! Reads a PDF back as those get it who have it read to them: the tree of its parts in order, each with its words. Knows
//! nothing of how it was made, and fails on what may not be in it: words outside the tree, fonts that are not in the file.

use std::collections::{BTreeMap, HashMap};

use lopdf::content::Content;
use lopdf::{Dictionary, Document, Object, ObjectId};

/// A part of the document.
#[derive(Debug, Default)]
pub struct Part {
    /// What it is: `H1`, `P`, `Figure`.
    pub role: String,
    /// Its words, with those of everything in it.
    pub text: String,
    /// What stands for it where it is a picture.
    pub alt: Option<String>,
}

/// A PDF.
pub struct Pdf {
    document: Document,
    /// The words of each page's marked content, by number.
    words: Vec<HashMap<i64, String>>,
}

impl Pdf {
    pub fn read(bytes: &[u8]) -> Self {
        let document = Document::load_mem(bytes).unwrap();
        let pages: Vec<ObjectId> = document.get_pages().into_values().collect();
        let words = pages.iter().map(|page| marked(&document, *page)).collect();
        Self { document, words }
    }

    pub fn pages(&self) -> usize {
        self.words.len()
    }

    fn catalog(&self) -> &Dictionary {
        self.document.catalog().unwrap()
    }

    /// A text of the catalog: `Lang`.
    pub fn says(&self, key: &[u8]) -> String {
        lopdf::decode_text_string(self.catalog().get(key).unwrap()).unwrap()
    }

    pub fn is_marked(&self) -> bool {
        let marks = get(&self.document, self.catalog(), b"MarkInfo").unwrap();
        marks.as_dict().unwrap().get(b"Marked").unwrap().as_bool().unwrap()
    }

    /// Whether the outlines of every font are in the file.
    pub fn fonts(&self) -> BTreeMap<String, bool> {
        let objects = self.document.objects.values().filter_map(|object| object.as_dict().ok());
        let fonts = objects.filter(|font| font.get(b"FontDescriptor").is_ok());
        let embedded = |font: &Dictionary| {
            let descriptor = get(&self.document, font, b"FontDescriptor").unwrap().as_dict().unwrap();
            [&b"FontFile"[..], b"FontFile2", b"FontFile3"].iter().any(|key| descriptor.has(key))
        };
        let name = |font: &Dictionary| String::from_utf8(font.get(b"BaseFont").unwrap().as_name().unwrap().to_vec());
        fonts.map(|font| (name(font).unwrap(), embedded(font))).collect()
    }

    /// Where its links lead.
    pub fn links(&self) -> Vec<String> {
        let objects = self.document.objects.values().filter_map(|object| object.as_dict().ok());
        let links = objects.filter_map(|link| get(&self.document, link, b"A")?.as_dict().ok()?.get(b"URI").ok());
        links.map(|uri| String::from_utf8(uri.as_str().unwrap().to_vec()).unwrap()).collect()
    }

    /// Every part that holds words or is a picture, in the order it is read.
    pub fn parts(&self) -> Vec<Part> {
        let root = get(&self.document, self.catalog(), b"StructTreeRoot").unwrap().as_dict().unwrap();
        let mut parts = Vec::new();
        self.walk(root, &mut parts);
        parts
    }

    /// All of it, read in order.
    pub fn text(&self) -> String {
        self.parts().iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join("\n")
    }

    /// The texts of the parts of a role.
    pub fn of(&self, role: &str) -> Vec<String> {
        self.parts().into_iter().filter(|part| part.role == role).map(|part| part.text.trim().to_owned()).collect()
    }

    /// Adds the parts of an element; gives the words that stand in it directly or in a link.
    fn walk(&self, element: &Dictionary, parts: &mut Vec<Part>) -> String {
        let role = element.get(b"S").and_then(Object::as_name).map(|role| String::from_utf8_lossy(role).into_owned());
        let role = role.unwrap_or_default();
        let place = parts.len();
        parts.push(Part { role: role.clone(), ..Part::default() });
        let mut text = String::new();
        let kids = get(&self.document, element, b"K");
        let list = match kids {
            Some(Object::Array(kids)) => kids.clone(),
            Some(kid) => vec![kid.clone()],
            None => Vec::new(),
        };
        let page = element.get(b"Pg").ok().and_then(|page| page.as_reference().ok());
        for kid in list {
            text.push_str(&self.kid(&kid, page, parts));
        }
        parts[place].alt = element.get(b"Alt").ok().map(|alt| lopdf::decode_text_string(alt).unwrap());
        let own = text.trim().is_empty() && parts[place].alt.is_none();
        if own || role == "Link" {
            parts.remove(place);
        } else {
            parts[place].text.clone_from(&text);
        }
        if role == "Link" { text } else { String::new() }
    }

    fn kid(&self, kid: &Object, page: Option<ObjectId>, parts: &mut Vec<Part>) -> String {
        match self.document.dereference(kid).unwrap().1 {
            Object::Integer(number) => self.marked(page, *number),
            Object::Dictionary(kid) if kid.has(b"MCID") => {
                let page = kid.get(b"Pg").ok().and_then(|page| page.as_reference().ok()).or(page);
                self.marked(page, kid.get(b"MCID").unwrap().as_i64().unwrap())
            }
            Object::Dictionary(kid) if kid.has(b"S") => self.walk(&kid.clone(), parts),
            _ => String::new(),
        }
    }

    fn marked(&self, page: Option<ObjectId>, number: i64) -> String {
        let pages: Vec<ObjectId> = self.document.get_pages().into_values().collect();
        let page = pages.iter().position(|id| Some(*id) == page).expect("marked content is on a page");
        self.words[page].get(&number).cloned().expect("what the tree names is on the page")
    }
}

fn get<'d>(document: &'d Document, of: &'d Dictionary, key: &[u8]) -> Option<&'d Object> {
    Some(document.dereference(of.get(key).ok()?).ok()?.1)
}

/// The words of a page by the number of their mark; every word has one or is decoration.
fn marked(document: &Document, page: ObjectId) -> HashMap<i64, String> {
    let fonts: HashMap<Vec<u8>, HashMap<u16, String>> = document
        .get_page_fonts(page)
        .unwrap()
        .into_iter()
        .map(|(name, font)| (name, unicode(document, font)))
        .collect();
    let content = Content::decode(&document.get_page_content(page)).unwrap();
    let mut words: HashMap<i64, String> = HashMap::new();
    let (mut mark, mut said, mut depth, mut font) = (None, false, 0, Vec::new());
    for operation in content.operations {
        match operation.operator.as_str() {
            "BDC" | "BMC" => {
                depth += 1;
                assert_eq!(depth, 1, "marks are not nested");
                let properties = operation.operands.get(1).and_then(|object| object.as_dict().ok());
                mark = properties.and_then(|properties| properties.get(b"MCID").ok()?.as_i64().ok());
                let actual = properties.and_then(|properties| properties.get(b"ActualText").ok());
                said = actual.is_some();
                if let Some(mark) = mark {
                    words.insert(mark, actual.map(|text| lopdf::decode_text_string(text).unwrap()).unwrap_or_default());
                }
            }
            "EMC" => (mark, said, depth) = (None, false, depth - 1),
            "Tf" => font = operation.operands[0].as_name().unwrap().to_vec(),
            "Tj" | "TJ" => {
                assert_eq!(depth, 1, "every word is marked");
                if let (Some(mark), false) = (mark, said) {
                    let text = shown(&operation.operands, &fonts[&font]);
                    words.get_mut(&mark).unwrap().push_str(&text);
                }
            }
            _ => {}
        }
    }
    words
}

fn shown(operands: &[Object], font: &HashMap<u16, String>) -> String {
    let mut text = String::new();
    for object in operands {
        match object {
            Object::Array(parts) => text.push_str(&shown(parts, font)),
            Object::String(bytes, _) => {
                for pair in bytes.chunks(2) {
                    let glyph = u16::from_be_bytes([pair[0], pair[1]]);
                    text.push_str(font.get(&glyph).expect("every glyph says what it is"));
                }
            }
            _ => {}
        }
    }
    text
}

/// What the glyphs of a font say, from its `ToUnicode`.
fn unicode(document: &Document, font: &Dictionary) -> HashMap<u16, String> {
    let stream = get(document, font, b"ToUnicode").unwrap().as_stream().unwrap();
    let map = String::from_utf8(stream.decompressed_content().unwrap_or_else(|_| stream.content.clone())).unwrap();
    let mut glyphs = HashMap::new();
    for block in map.split("beginbfchar").skip(1) {
        for line in block.split("endbfchar").next().unwrap().lines() {
            let mut hex = line.split(['<', '>']).filter(|part| !part.trim().is_empty());
            if let (Some(glyph), Some(text)) = (hex.next(), hex.next()) {
                glyphs.insert(u16::from_str_radix(glyph, 16).unwrap(), utf16(text));
            }
        }
    }
    assert!(!map.contains("beginbfrange"), "this reader knows single glyphs only");
    glyphs
}

fn utf16(hex: &str) -> String {
    let units =
        hex.as_bytes().chunks(4).map(|four| u16::from_str_radix(std::str::from_utf8(four).unwrap(), 16).unwrap());
    String::from_utf16(&units.collect::<Vec<_>>()).unwrap()
}
