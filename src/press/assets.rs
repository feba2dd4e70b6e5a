//! What Trunk built, under names that follow the bytes: `assets/{name}-{hash}.{ending}`, with the
//! hash of the file as it is sent. (Trunk takes its hashes before wasm-bindgen and wasm-opt.)

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::output::{self, OWN, in_file};
use super::pack;

/// The folder of the assets, below the site's.
const FOLDER: &str = "assets";
/// What every page is poured into, in the press's own folder.
const FORM: &str = "form.html";
/// The names of what Trunk made and nothing asks for any longer, until it is taken away.
const LEFT_OVER: &str = "left-over";

/// What a build is, for the pages that start it.
#[derive(Debug)]
pub struct Build {
    /// `index.html` with the style inside and the final names: what every page is poured into.
    /// Addresses that begin with a slash begin at the edition's root.
    pub form: String,
    /// The assets, below the site's folder.
    pub assets: Vec<String>,
    /// The files that Trunk made and that have another name now.
    left_over: Vec<PathBuf>,
}

impl Build {
    /// The build that Trunk left in `dist`, given its names; or the one that an earlier run found
    /// there.
    pub fn open(dist: &Path) -> io::Result<Self> {
        let index = dist.join("index.html");
        let kept = dist.join(OWN).join(FORM);
        let html = fs::read_to_string(&index).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound if kept.is_file() => Ok(String::new()),
            _ => Err(in_file(&index, &error)),
        })?;
        // Trunk's own page still asks for the style sheet; ours has it inside.
        if html.contains(STYLE.0) {
            return Self::settle(dist, &html);
        }
        let left_over = fs::read_to_string(dist.join(OWN).join(LEFT_OVER)).unwrap_or_default();
        let form = fs::read_to_string(&kept).map_err(|error| {
            let what = "neither what Trunk built nor what an earlier run left; run `make build`";
            io::Error::new(error.kind(), format!("{}: {what}", dist.display()))
        })?;
        let assets = form.split('"').filter_map(|text| text.strip_prefix("/"));
        let assets = assets.filter(|text| text.starts_with("assets/"));
        let mut assets: Vec<_> = assets.map(str::to_owned).collect();
        // The start script names the other two.
        for start in assets.clone() {
            let text = fs::read_to_string(dist.join(&start)).unwrap_or_default();
            let Ok((_, names, _)) = between(&text, FILES) else {
                continue;
            };
            let names: serde_json::Value = serde_json::from_str(names).unwrap_or_default();
            let names = [&names["js"], &names["wasm"]];
            let names = names.into_iter().filter_map(|name| name.as_str());
            assets.extend(names.map(|name| format!("{FOLDER}/{name}")));
        }
        Ok(Self {
            form,
            assets,
            // Of a run that came no further.
            left_over: left_over.lines().map(|name| dist.join(name)).collect(),
        })
    }

    fn settle(dist: &Path, html: &str) -> io::Result<Self> {
        let must = |what: String| {
            io::Error::other(format!(
                "{}: must have {what}, once",
                dist.join("index.html").display()
            ))
        };
        let mut build = Self {
            form: String::new(),
            assets: Vec::new(),
            left_over: Vec::new(),
        };
        let (before, href, after) = between(html, STYLE).map_err(must)?;
        let style = String::from_utf8(build.take(dist, href)?).map_err(io::Error::other)?;
        let html = [before, "<style>", style.trim(), "</style>", after].concat();

        let (before, tag, after) = between(&html, START).map_err(must)?;
        let name = |attribute: &'static str| {
            between(tag, (attribute, "\""))
                .map(|(_, name, _)| name)
                .map_err(must)
        };
        let mut js = build.take(dist, name(" data-js=\"")?)?;
        let mut wasm = build.take(dist, name(" data-wasm=\"")?)?;
        let boot = build.take(dist, name(" src=\"")?)?;
        number_imports(&mut js, &mut wasm);
        let (js, wasm) = (
            build.put(dist, "manchette", "js", &js)?,
            build.put(dist, "manchette", "wasm", &wasm)?,
        );
        let names = json!({
            "js": js.0, "jsIntegrity": js.1, "wasm": wasm.0, "wasmIntegrity": wasm.1,
        });
        let names = [FILES.0, &names.to_string(), FILES.1].concat();
        let boot = [names.as_bytes(), &boot].concat();
        let (boot, integrity) = build.put(dist, "boot", "js", &boot)?;
        let tag = format!(
            "<script type=\"module\" src=\"/{FOLDER}/{boot}\" integrity=\"{integrity}\" data-app></script>"
        );
        // Trunk puts it at the end of the body; it waits with what the page does without until it
        // stands there.
        let html = [before, after].concat();
        let (before, waiting, after) = between(&html, AFTERWARDS).map_err(must)?;
        let (open, close) = AFTERWARDS;
        build.form = [before, open, waiting, &tag, close, after].concat();
        let names = build.left_over.iter().filter_map(|path| path.file_name());
        let names: Vec<_> = names.map(|name| name.to_string_lossy()).collect();
        let own = dist.join(OWN);
        for (name, text) in [(LEFT_OVER, &names.join("\n")), (FORM, &build.form)] {
            output::write(&own.join(name), text.as_bytes())?;
        }
        Ok(build)
    }

    /// A file that Trunk made, by the address that it gave it.
    fn take(&mut self, dist: &Path, address: &str) -> io::Result<Vec<u8>> {
        let path = dist.join(address.rsplit('/').next().unwrap_or_default());
        let bytes = fs::read(&path).map_err(|error| in_file(&path, &error))?;
        self.left_over.push(path);
        Ok(bytes)
    }

    /// Writes an asset with its compressed forms. Returns its name and its hash for the browser
    /// (W3C Subresource Integrity).
    fn put(
        &mut self,
        dist: &Path,
        stem: &str,
        ending: &str,
        bytes: &[u8],
    ) -> io::Result<(String, String)> {
        let digest = Sha256::digest(bytes);
        let (half, _) = digest.split_at(8);
        let hash = half
            .iter()
            .fold(0, |hash, byte| hash << 8 | u64::from(*byte));
        let name = format!("{stem}-{hash:016x}.{ending}");
        // Nothing asks for it before a page does, and the pages come later.
        write(&dist.join(FOLDER).join(&name), bytes)?;
        self.assets.push(format!("{FOLDER}/{name}"));
        Ok((name, integrity(&digest)))
    }

    /// Takes away what Trunk made under other names, once no page asks for it.
    pub fn clear(&self, dist: &Path) -> io::Result<()> {
        let list = dist.join(OWN).join(LEFT_OVER);
        for path in self.left_over.iter().chain([&list]) {
            output::remove(path)?;
        }
        Ok(())
    }
}

/// A SHA-256 as pages and policies name it (W3C Subresource Integrity, 3.1).
pub fn integrity(digest: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(digest);
    format!("sha256-{text}")
}

/// Writes an asset with its compressed forms.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    output::write(path, bytes)?;
    for (ending, bytes) in pack::forms(bytes)? {
        output::write(&pack::beside(path, ending), &bytes)?;
    }
    Ok(())
}

/// Numbers in the place of the hashes in the names by which the app's two files know each other
/// (`__wbg_fetch_0123456789abcdef`, some hundreds): nothing in a build compresses as badly.
fn number_imports(js: &mut [u8], wasm: &mut [u8]) {
    let in_js: HashSet<_> = hashes(js).into_iter().map(|at| js[at].to_vec()).collect();
    let in_both = hashes(wasm).into_iter().map(|at| wasm[at].to_vec());
    let mut numbers = HashMap::new();
    for hash in in_both.filter(|hash| in_js.contains(hash)) {
        let next = numbers.len();
        numbers
            .entry(hash)
            .or_insert_with(|| format!("{next:0HASH$}").into_bytes());
    }
    for file in [js, wasm] {
        for place in hashes(file) {
            if let Some(number) = numbers.get(&file[place.clone()]) {
                file[place].copy_from_slice(number);
            }
        }
    }
}

/// How long such a hash is.
const HASH: usize = 16;

/// Where there are hashes at the end of names.
fn hashes(bytes: &[u8]) -> Vec<Range<usize>> {
    let is_hash = |at: &Range<usize>| {
        let of_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        bytes
            .get(at.clone())
            .is_some_and(|hash| hash.iter().all(is_hex))
            && !bytes.get(at.end).is_some_and(of_name)
    };
    let after = |(at, byte): (usize, &u8)| (*byte == b'_').then(|| at + 1..at + 1 + HASH);
    bytes
        .iter()
        .enumerate()
        .filter_map(after)
        .filter(is_hash)
        .collect()
}

/// The assets of the last builds, newest first, the current one among them; those of older builds go.
/// `from` is where the builds before it are: the same folder, or the one that this takes the place of.
pub fn keep_builds(
    dist: &Path,
    from: &Path,
    before: Vec<Vec<String>>,
    current: &Build,
    keep: usize,
) -> io::Result<Vec<Vec<String>>> {
    let mut builds = vec![current.assets.clone()];
    builds.extend(before.into_iter().filter(|build| *build != current.assets));
    let gone = builds.split_off(builds.len().min(keep.max(1)));
    let kept = |asset: &String| builds.iter().any(|build| build.contains(asset));
    if from == dist {
        for asset in gone.iter().flatten().filter(|asset| !kept(asset)) {
            let path = dist.join(asset);
            pack::remove(&path)?;
            output::remove(&path)?;
        }
        return Ok(builds);
    }
    for asset in builds.iter().flatten() {
        let (old, new) = (from.join(asset), dist.join(asset));
        if new.exists() || !old.exists() {
            continue;
        }
        let bytes = fs::read(&old).map_err(|error| in_file(&old, &error))?;
        write(&new, &bytes)?;
    }
    Ok(builds)
}

/// Where `index.html` has what a page does without until it stands there.
pub const AFTERWARDS: (&str, &str) = ("<template id=\"ensuite\">", "</template>");
/// Where Trunk's page asks for the style sheet.
const STYLE: (&str, &str) = ("<link rel=\"stylesheet\" href=\"", "\"/>");
/// Where it starts the app (Trunk.toml, `pattern_script`).
const START: (&str, &str) = ("<script type=\"module\"", "</script>");
/// Where the start script has the names of the app's files: before all the rest.
const FILES: (&str, &str) = ("const files=", ";\n");

/// What stands before, between and after two marks, the first of which is there.
pub fn between<'a>(
    text: &'a str,
    (open, close): (&str, &str),
) -> Result<(&'a str, &'a str, &'a str), String> {
    let (before, rest) = text.split_once(open).ok_or_else(|| open.to_owned())?;
    let (inside, after) = rest.split_once(close).ok_or_else(|| close.to_owned())?;
    Ok((before, inside, after))
}

#[cfg(test)]
mod tests {
    use super::number_imports;

    #[test]
    fn hashes_of_imports_become_numbers_on_both_sides() {
        let mut js = *b"__wbg_b_0123456789abcdef:f,__wbg_a_fedcba9876543210:g,__wbg_b_0123456789abcdef,x_0123456789abcdef0";
        let mut wasm =
            *b"\x18__wbg_a_fedcba9876543210\0\x01__wbg_b_0123456789abcdef\0 _ffffffffffffffff";
        number_imports(&mut js, &mut wasm);
        assert_eq!(
            js.as_slice(),
            b"__wbg_b_0000000000000001:f,__wbg_a_0000000000000000:g,__wbg_b_0000000000000001,x_0123456789abcdef0"
        );
        assert_eq!(
            wasm.as_slice(),
            b"\x18__wbg_a_0000000000000000\0\x01__wbg_b_0000000000000001\0 _ffffffffffffffff"
        );
    }
}
