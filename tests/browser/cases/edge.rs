//! The edge: what deploy/nginx.conf sends with the files.
//! What the files themselves should be is for the native tests.

use crate::case::{Case, Done, case};
use crate::page::Page;
use crate::site::Site;

pub const CASES: &[Case] = &[case!(sends_its_headers_and_the_browser_agrees)];

async fn sends_its_headers_and_the_browser_agrees(site: &Site, page: &Page) -> Done {
    let reply = site.get("/").await?;
    assert_eq!(reply.status, 200);
    assert!(reply.body.contains("<html"), "{}", reply.body);
    assert!(
        reply.header("content-type").starts_with("text/html"),
        "{:?}",
        reply.headers
    );
    assert!(
        reply
            .header("content-security-policy")
            .contains("default-src 'none'"),
        "{:?}",
        reply.headers
    );
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    for path in [
        "/api/missing.json",
        "/media/missing.webp",
        "/missing.js",
        "/.git/config",
    ] {
        let reply = site.get(path).await?;
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
    }
    // What the policy refuses of our own pages would be an error, which fails every case.
    page.open("/").await?;
    page.wait_for("document.readyState === 'complete'").await?;
    Ok(())
}
