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

#[test]
fn every_server_keeps_the_same_things_from_pages_and_from_other_sites() {
    let nginx = fs::read_to_string(repo().join("deploy/nginx.conf")).expect("nginx.conf");
    for header in [
        "Permissions-Policy",
        "Referrer-Policy",
        "X-Content-Type-Options",
        "Cross-Origin-Opener-Policy",
    ] {
        let line = nginx
            .lines()
            .find(|line| line.contains(&format!("add_header {header} ")));
        let value = line.and_then(|line| line.split('"').nth(1)).expect(header);
        for (file, says) in [
            ("deploy/Caddyfile", format!("{header} \"{value}\"")),
            ("deploy/_headers", format!("{header}: {value}\n")),
        ] {
            let conf = fs::read_to_string(repo().join(file)).expect(file);
            assert!(conf.contains(&says), "{file} must have `{says}`");
        }
    }
    for file in ["deploy/nginx.conf", "deploy/Caddyfile", "deploy/_headers"] {
        let conf = fs::read_to_string(repo().join(file)).expect(file);
        for needed in [
            "max-age=63072000",
            "Cross-Origin-Resource-Policy",
            "max-age=0, must-revalidate",
        ] {
            assert!(conf.contains(needed), "{file} must have {needed}");
        }
    }
}
