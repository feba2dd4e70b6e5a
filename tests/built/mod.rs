//! A folder as Trunk leaves it, without the build: the project's own `index.html` and start script,
//! and small files in the place of the app's.

use std::fs;
use std::path::Path;

/// Puts into `dist` what `trunk build --release` puts there before the pages are written.
pub fn built(dist: &Path) {
    let repo = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |file: &str| fs::read_to_string(repo.join(file)).expect(file);
    let index = read("index.html");
    let lines = index.lines().filter_map(|line| {
        if line.contains("rel=\"css\"") {
            return Some("<link rel=\"stylesheet\" href=\"/manchette-1111.css\"/>".to_owned());
        }
        if line.contains("rel=\"rust\"") {
            let names = "data-js=\"/manchette-2222.js\" data-wasm=\"/manchette-2222_bg.wasm\"";
            return Some(format!(
                "<script type=\"module\" src=\"/boot.js\" {names} data-app></script>"
            ));
        }
        if line.contains("rel=\"inline\"") {
            return Some(["<script>", &read("public/page.js"), "</script>"].concat());
        }
        (!line.contains("data-trunk")).then(|| line.to_owned())
    });
    let index: Vec<_> = lines.collect();
    for (file, text) in [
        ("index.html", index.join("\n").as_str()),
        ("manchette-1111.css", "body{color:red}\n"),
        ("manchette-2222.js", "export default () => {}\n"),
        ("manchette-2222_bg.wasm", "\0asm\u{1}\0\0\0"),
        ("boot.js", &read("public/boot.js")),
    ] {
        fs::write(dist.join(file), text).expect(file);
    }
}
