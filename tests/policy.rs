//! The Content-Security-Policy that is deployed: it allows the one inline script of `index.html`,
//! by its hash, and nothing else of the kind.

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
    let conf = fs::read_to_string(repo().join("deploy/nginx.conf")).expect("deploy/nginx.conf");
    let scripts = inline_scripts(&html);
    assert_eq!(scripts.len(), 1, "one inline script, for the text size");
    let policies: Vec<_> = conf
        .lines()
        .filter(|line| line.contains("script-src '"))
        .collect();
    assert_eq!(policies.len(), 1, "one policy lets scripts run");
    for (directive, text) in [("script-src", scripts[0]), ("style-src", style().trim())] {
        let hash = csp_hash(text);
        let allowed = policies[0]
            .split(';')
            .find(|part| part.trim().starts_with(directive));
        assert!(
            allowed.is_some_and(|allowed| allowed.contains(&hash)),
            "deploy/nginx.conf must allow {hash} in {directive}"
        );
    }
    assert_eq!(conf.matches("'sha256-").count(), 2);
    assert!(!policies[0].contains("unsafe-inline"));
    assert!(!html.contains(" style=") && !html.contains("<style"));
}
