//! The bytes that reach a reader, and that the build added no code of its own. Reads `dist/`:
//! `make budget` builds it first.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use sha2::Digest as _;

fn repo() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What stands in the page's elements of this name that have no attribute.
fn inline<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let parts = html.split(&open).skip(1);
    parts.filter_map(|part| part.split(&close).next()).collect()
}

/// As a Content-Security-Policy names it (W3C CSP 3, "hash-source").
fn csp_hash(text: &str) -> String {
    let digest = sha2::Sha256::digest(text.as_bytes());
    format!(
        "'sha256-{}'",
        base64::engine::general_purpose::STANDARD.encode(digest)
    )
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

/// The assets that the pages of this build name, by their ending. (Those of builds before it may lie
/// beside them.)
fn built(ending: &str) -> Vec<PathBuf> {
    let named = |text: &str| -> Vec<String> {
        let names = text.split(['"', '/']).filter(|name| name.ends_with(ending));
        names.map(str::to_owned).collect()
    };
    let home = fs::read_to_string(dist().join("index.html")).expect("index.html");
    let (_, start) = home
        .split_once("src=\"/assets/boot-")
        .expect("a start script");
    let (start, _) = start.split_once('"').expect("a start script");
    let start = format!("boot-{start}");
    let text = fs::read_to_string(dist().join("assets").join(&start)).expect("the start script");
    let (files, _) = text.split_once('\n').expect("the names of the app's files");
    let mut names = named(files);
    names.extend(start.ends_with(ending).then_some(start));
    names
        .iter()
        .map(|name| dist().join("assets").join(name))
        .collect()
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
    let (js, wasm) = (sum(".js"), sum(".wasm"));
    println!("brotli 11: wasm {wasm}, js {js} bytes");
    assert!(wasm > 0 && js > 0);
    assert_eq!((built(".js").len(), built(".wasm").len()), (2, 1));
    assert!(
        js + wasm <= 110_000,
        "js {js} + wasm {wasm} > 110,000 bytes"
    );
}

/// What one round trip carries on a new connection: about ten TCP segments (RFC 6928).
const FIRST_FLIGHT: usize = 14_000;

#[test]
fn every_page_fits_the_first_flight() {
    let mut paths = Vec::new();
    pages(&dist(), &mut paths);
    assert!(paths.len() > 100);
    let mut sizes: Vec<_> = paths.iter().map(|path| (brotli(path), path)).collect();
    sizes.sort();
    let size = |file: &str| brotli(&dist().join(file));
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
    // And what lies beside a page is what a server sends.
    for (size, path) in sizes {
        let mut sent = path.clone().into_os_string();
        sent.push(".br");
        let sent = fs::metadata(&sent)
            .expect("the page's compressed form")
            .len();
        assert!(
            sent <= FIRST_FLIGHT as u64,
            "{}: {sent}, {size}",
            path.display()
        );
    }
}

#[test]
fn the_built_page_has_no_code_but_the_allowed() {
    let page = |file: &str| fs::read_to_string(dist().join(file)).expect(file);
    let conf = fs::read_to_string(repo().join("deploy/nginx.conf")).expect("nginx.conf");
    let fallback = page("404.html");
    for name in ["script", "style"] {
        let code = inline(&fallback, name);
        assert_eq!(code.len(), 1, "one inline {name}");
        let hash = csp_hash(code[0]);
        assert!(
            conf.contains(&hash),
            "{name}-src must allow {hash}: in deploy/nginx.conf, Caddyfile and _headers"
        );
    }
    assert_eq!(
        fallback.matches("<script").count(),
        2,
        "the inline one and the start script"
    );
    // It names no origin but its own, which site.json says.
    let own = fallback.matches("\"https://example.org/").count();
    assert_eq!(fallback.matches("://").count(), own);
    // In a page of its own, besides: the documents, and what search engines read. Neither is code.
    let home = page("index.html");
    for name in ["script", "style"] {
        assert_eq!(inline(&home, name), inline(&fallback, name));
    }
    assert_eq!(home.matches("<script").count(), 4);
    assert_eq!(home.matches("<script type=\"application/").count(), 2);
}
