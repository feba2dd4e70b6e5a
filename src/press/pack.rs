//! Compressed forms of files, beside them: `page.html.br` (RFC 7932) and `page.html.gz` (RFC 1952),
//! which a server sends as they are (nginx: `brotli_static`, `gzip_static`; Caddy: `precompressed`).

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::output;

/// The endings of the compressed forms.
const ENDINGS: [&str; 2] = ["br", "gz"];

/// What is smaller is not worth a second file, in bytes.
const SMALLEST: usize = 512;

/// Whether compressing makes the file smaller: text does, pictures are compressed already.
pub fn pays(file: &str) -> bool {
    let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
    matches!(
        ending,
        "html" | "json" | "xml" | "js" | "wasm" | "css" | "svg" | "txt" | "webmanifest"
    )
}

/// A file's forms, as small as can be had: they are made once and sent many times. (Brotli's best
/// takes a tenth of a second for a page and makes it a tenth smaller than what takes half of that.)
pub fn forms(bytes: &[u8]) -> io::Result<Vec<(&'static str, Vec<u8>)>> {
    if bytes.len() < SMALLEST {
        return Ok(Vec::new());
    }
    let mut br = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        size_hint: bytes.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &*bytes, &mut br, &params)?;
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gz.write_all(bytes)?;
    let [br_ending, gz_ending] = ENDINGS;
    Ok(vec![(br_ending, br), (gz_ending, gz.finish()?)])
}

/// Where a compressed form is.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".");
    name.push(ending);
    name.into()
}

/// Whether the compressed forms of a file are there, or need not be.
pub fn is_there(path: &Path) -> bool {
    let small = fs::metadata(path)
        .is_ok_and(|file| file.len() < u64::try_from(SMALLEST).unwrap_or(u64::MAX));
    small || ENDINGS.iter().all(|ending| beside(path, ending).is_file())
}

/// Takes the compressed forms away, where there are any.
pub fn remove(path: &Path) -> io::Result<()> {
    for ending in ENDINGS {
        output::remove(&beside(path, ending))?;
    }
    Ok(())
}
