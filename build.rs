//! Lists the platform glyphs, so that a new platform's glyph is a file and nothing else.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

const GLYPHS: &str = "templates/parts/glyphs";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={GLYPHS}");
    println!("cargo::rerun-if-changed=migrations");
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    let mut files: Vec<_> = fs::read_dir(GLYPHS)?.collect::<Result<_, _>>()?;
    files.sort_by_key(fs::DirEntry::path);
    let mut code = String::from("&[\n");
    for file in files {
        // The text and not its path: two clones with one target folder share this file.
        let text = fs::read_to_string(file.path())?;
        if let Some(id) = file.path().file_stem().and_then(|stem| stem.to_str()) {
            writeln!(code, "    ({id:?}, {text:?}),").map_err(io::Error::other)?;
        }
    }
    code.push_str("]\n");
    fs::write(Path::new(&out).join("glyphs.rs"), code)
}
