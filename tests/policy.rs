//! The Content-Security-Policy of every server in deploy/: the same, and nothing inline but what it
//! names by a hash. Whether these are the built page's is asked by `make budget`.

use std::fs;
use std::path::Path;

fn repo() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_server_sends_one_policy_that_allows_one_script_and_one_style_sheet() {
    let html = fs::read_to_string(repo().join("index.html")).expect("index.html");
    for inline in ["<script", "<style", " style="] {
        assert!(!html.contains(inline), "index.html: {inline}");
    }
    let mut all = Vec::new();
    for file in ["deploy/nginx.conf", "deploy/Caddyfile", "deploy/_headers"] {
        let conf = fs::read_to_string(repo().join(file)).expect(file);
        let policies = conf
            .split("default-src")
            .filter(|part| part.contains("script-src '"));
        let policies: Vec<_> = policies
            .filter_map(|part| part.split(['"', '\n']).next())
            .map(|policy| policy.trim_end().to_owned())
            .collect();
        assert!(!policies.is_empty(), "{file} must have a policy");
        for directive in ["script-src", "style-src"] {
            let allowed = policies[0]
                .split(';')
                .find(|part| part.trim().starts_with(directive))
                .unwrap_or_default();
            assert_eq!(
                allowed.matches("'sha256-").count(),
                1,
                "{file}: {directive}"
            );
        }
        assert_eq!(
            conf.matches("'sha256-").count(),
            2,
            "{file}: our own script and style alone"
        );
        assert!(!policies[0].contains("unsafe-inline"), "{file}");
        all.extend(policies);
    }
    all.dedup();
    assert_eq!(all.len(), 1, "every server sends the same policy");
}
