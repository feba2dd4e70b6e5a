//! The bytes that reach a reader, and that the build added no code of its own. Reads `dist/`:
//! `make budget` builds it first.

use std::fs;
use std::path::{Path, PathBuf};

fn repo() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn inline_scripts(html: &str) -> Vec<&str> {
    let parts = html.split("<script>").skip(1);
    parts
        .filter_map(|part| part.split("</script>").next())
        .collect()
}

fn dist() -> PathBuf {
    let dist =
        std::env::var_os("MANCHETTE_DIST").map_or_else(|| repo().join("dist"), PathBuf::from);
    assert!(
        dist.join("index.html").is_file(),
        "no {}: run `make build`",
        dist.display()
    );
    dist
}

/// Brotli at its best, as a CDN keeps it.
fn brotli(path: &Path) -> usize {
    let bytes = fs::read(path).expect("a file");
    let mut out = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &params).expect("compressed");
    out.len()
}

fn built(ending: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(dist()).expect("dist");
    let paths = files.map(|entry| entry.expect("an entry").path());
    paths
        .filter(|path| path.extension().is_some_and(|e| e == ending))
        .collect()
}

/// The built app with the pages of its edition, in a folder of its own.
fn with_pages() -> tempfile::TempDir {
    let site = tempfile::tempdir().expect("a folder");
    for entry in fs::read_dir(dist()).expect("dist") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            fs::copy(&path, site.path().join(path.file_name().expect("a name"))).expect("a copy");
        }
    }
    let summary = manchette::press::prerender(&manchette::press::Options {
        dist: site.path().to_owned(),
        api: repo().join("public/api"),
        base_url: None,
    });
    assert!(summary.expect("pages").faults.is_empty());
    site
}

/// The pages of a folder and below.
fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("api") && !path.ends_with("media") {
            pages(&path, found);
        } else if path.ends_with("index.html") {
            found.push(path);
        }
    }
}

#[test]
fn the_app_fits_its_budget() {
    let sum = |ending: &str| built(ending).iter().map(|path| brotli(path)).sum::<usize>();
    let (js, wasm, css) = (sum("js"), sum("wasm"), sum("css"));
    println!("brotli 11: wasm {wasm}, js {js}, css {css} bytes");
    assert!(wasm > 0 && js > 0 && css > 0);
    assert!(
        js + wasm <= 110_000,
        "js {js} + wasm {wasm} > 110,000 bytes"
    );
    assert!(css <= 8_000, "css {css} > 8,000 bytes");
}

/// What one round trip carries on a new connection: about ten TCP segments (RFC 6928).
const FIRST_FLIGHT: usize = 14_000;

#[test]
fn every_page_fits_the_first_flight() {
    let site = with_pages();
    let mut paths = Vec::new();
    pages(site.path(), &mut paths);
    let mut sizes: Vec<_> = paths.iter().map(|path| (brotli(path), path)).collect();
    sizes.sort();
    let size = |file: &str| brotli(&site.path().join(file));
    println!(
        "brotli 11: home {}, section {}, an article of 800 words {}, fallback {} bytes; of {} pages the largest {}, the one in the middle {}",
        size("index.html"),
        size("politique/index.html"),
        size("politique/la-loi-de-finances-calendrier/index.html"),
        size("404.html"),
        sizes.len(),
        sizes.last().map_or(0, |(size, _)| *size),
        sizes.get(sizes.len() / 2).map_or(0, |(size, _)| *size),
    );
    let over: Vec<_> = sizes
        .iter()
        .filter(|(size, _)| *size > FIRST_FLIGHT)
        .collect();
    assert!(over.is_empty(), "over {FIRST_FLIGHT} bytes: {over:?}");
}

#[test]
fn the_built_page_has_no_code_but_the_allowed() {
    let html = fs::read_to_string(dist().join("index.html")).expect("index.html");
    let source = fs::read_to_string(repo().join("index.html")).expect("index.html");
    assert_eq!(inline_scripts(&html), inline_scripts(&source));
    assert_eq!(
        html.matches("<script").count(),
        2,
        "the inline one and boot.js"
    );
    assert_eq!(
        html.matches("http://").count() + html.matches("https://").count(),
        0
    );
    // In a page of its own, besides: the documents, and what search engines read. Neither is code.
    let site = with_pages();
    let home = fs::read_to_string(site.path().join("index.html")).expect("index.html");
    assert_eq!(inline_scripts(&home), inline_scripts(&source));
    assert_eq!(home.matches("<script").count(), 4);
    assert_eq!(home.matches("<script type=\"application/").count(), 2);
}
