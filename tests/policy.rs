//! The Content-Security-Policy of every server in deploy/: it allows the one inline script of
//! `index.html` and the style sheet, by their hashes, and nothing else of the kind.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use sha2::Digest as _;

fn repo() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn inline_scripts(html: &str) -> Vec<&str> {
    let parts = html.split("<script>").skip(1);
    parts
        .filter_map(|part| part.split("</script>").next())
        .collect()
}

fn csp_hash(text: &str) -> String {
    let digest = sha2::Sha256::digest(text.as_bytes());
    format!(
        "'sha256-{}'",
        base64::engine::general_purpose::STANDARD.encode(digest)
    )
}

/// The style sheet as the pages have it in their heads: joined as Trunk.toml says.
fn style() -> String {
    let trunk = fs::read_to_string(repo().join("Trunk.toml")).expect("Trunk.toml");
    let (_, names) = trunk.split_once("style/{").expect("the hook that joins");
    let (names, _) = names.split_once('}').expect("the hook that joins");
    let sheet = |name: &str| {
        let file = repo().join(format!("style/{name}.css"));
        fs::read_to_string(&file).expect(name)
    };
    names.split(',').map(sheet).collect()
}

#[test]
fn the_policy_allows_the_inline_script_and_style_and_nothing_else() {
    let html = fs::read_to_string(repo().join("index.html")).expect("index.html");
    let scripts = inline_scripts(&html);
    assert_eq!(scripts.len(), 1, "one inline script, for the text size");
    assert!(!html.contains(" style=") && !html.contains("<style"));
    let mut all = Vec::new();
    for file in ["deploy/nginx.conf", "deploy/Caddyfile", "deploy/_headers"] {
        let conf = fs::read_to_string(repo().join(file)).expect(file);
        let policies = conf
            .split("default-src")
            .filter(|part| part.contains("script-src '"));
        let policies: Vec<_> = policies
            .filter_map(|part| part.split(['"', '\n']).next())
            .collect();
        assert!(!policies.is_empty(), "{file} must have a policy");
        for (directive, text) in [("script-src", scripts[0]), ("style-src", style().trim())] {
            let hash = csp_hash(text);
            let allowed = policies[0]
                .split(';')
                .find(|part| part.trim().starts_with(directive));
            assert!(
                allowed.is_some_and(|allowed| allowed.contains(&hash)),
                "{file} must allow {hash} in {directive}"
            );
        }
        assert_eq!(
            conf.matches("'sha256-").count(),
            2,
            "{file}: our own script and style alone"
        );
        assert!(!policies[0].contains("unsafe-inline"), "{file}");
        all.extend(
            policies
                .into_iter()
                .map(|policy| policy.trim_end().to_owned()),
        );
    }
    all.dedup();
    assert_eq!(all.len(), 1, "every server sends the same policy");
}
