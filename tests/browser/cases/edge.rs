//! The edge: what the servers in deploy/ send with the files.
//! What the files themselves should be is for the native tests.

use std::fs;

use super::prerendered::{KINDS, awake};
use crate::Trouble;
use crate::case::{Case, Done, case};
use crate::engine::Needs;
use crate::own::Own;
use crate::page::Page;
use crate::site::{Reply, Site, dist, get_with};

pub const CASES: &[Case] = &[
    case!(sends_its_headers_and_the_browser_agrees, PAGES),
    case!(nginx_tells_files_apart, PAGES),
    case!(caddy_tells_files_apart, PAGES),
    case!(a_page_keeps_to_the_policy_that_it_brings, PAGES),
];

const PAGES: Needs = Needs::NOTHING.prerendered();

async fn sends_its_headers_and_the_browser_agrees(site: &Site, page: &Page) -> Done {
    let reply = site.get("/").await?;
    assert_eq!(reply.status, 200);
    assert!(reply.body.contains("<html"), "{}", reply.body);
    assert!(
        reply.header("content-type").starts_with("text/html"),
        "{:?}",
        reply.headers
    );
    // Over TLS, which ends in front of this server here.
    let tls = get_with(
        &format!("{}/", site.url()),
        &[("x-forwarded-proto", "https")],
    )
    .await?;
    assert_eq!(tls.header("strict-transport-security"), "max-age=63072000");
    // What the policy refuses of our own pages would be an error, which fails every case.
    page.open("/").await?;
    page.wait_for("document.readyState === 'complete'").await?;
    Ok(())
}

async fn nginx_tells_files_apart(site: &Site, _: &Page) -> Done {
    tells_files_apart(site.url()).await?;
    Ok(())
}

async fn caddy_tells_files_apart(_: &Site, _: &Page) -> Done {
    let own = Own::behind_caddy()?;
    tells_files_apart(&own.url())
        .await
        .map_err(|trouble| format!("{trouble}\n{}", own.log()))?;
    Ok(())
}

/// On a host that sends no header of its own.
async fn a_page_keeps_to_the_policy_that_it_brings(site: &Site, page: &Page) -> Done {
    let own = Own::below("/journal")?;
    own.prerender(&["--base-url", "/journal/", "--policy-in-pages"])?;
    let reply = get_with(&format!("{}/journal/", own.url()), &[]).await?;
    assert_eq!(reply.header("content-security-policy"), "");
    let front = own.front(site).await?;
    page.through(&front);
    // All that is ours may: a violation would fail the case.
    for path in KINDS {
        page.open(&format!("/journal{path}")).await?;
        awake(page).await?;
    }
    assert_eq!(page.faults(site).await?, [""; 0]);
    // And nothing else.
    let theirs = "<script>window.ran = true</script><style>body { --ran: 1 }</style></head>";
    front.html(move |html| html.replacen("</head>", theirs, 1));
    page.open("/journal/politique/").await?;
    awake(page).await?;
    let ran = "window.ran || getComputedStyle(document.body).getPropertyValue('--ran')";
    assert!(!page.eval::<bool>(&format!("!!({ran})")).await?);
    let told = page.faults(site).await?;
    for what in ["script-src", "style-src"] {
        let named = told.iter().any(|fault| fault.contains(what));
        assert!(named, "{what} in {told:?}");
    }
    Ok(())
}

const PAGE: &str = "max-age=0, stale-while-revalidate=60, stale-if-error=86400";
const NEWS: &str = "max-age=30, stale-while-revalidate=60, stale-if-error=86400";
const DAY: &str = "max-age=86400, stale-while-revalidate=604800, stale-if-error=604800";
const EVER: &str = "public, max-age=31536000, immutable";

/// What every server must say of each kind of file.
async fn tells_files_apart(url: &str) -> Result<(), Trouble> {
    let get = async |path: &str, headers: &[(&str, &str)]| {
        get_with(&format!("{url}{path}"), headers).await
    };
    let asset = |ending: &str| -> Result<String, Trouble> {
        let names = fs::read_dir(dist().join("assets"))?;
        names
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .find(|name| name.ends_with(ending))
            .map(|name| format!("/assets/{name}"))
            .ok_or_else(|| format!("no asset ends in {ending}").into())
    };
    let (wasm, js) = (asset(".wasm")?, asset(".js")?);
    let html = "text/html; charset=utf-8";
    let cases = [
        ("/", 200, PAGE, html),
        ("/politique/le-role-des-regions/", 200, PAGE, html),
        ("/politique/page/1/", 200, PAGE, html),
        (wasm.as_str(), 200, EVER, "application/wasm"),
        (js.as_str(), 200, EVER, "text/javascript"),
        ("/api/site.json", 200, NEWS, "application/json"),
        (
            "/api/articles/le-role-des-regions.json",
            200,
            NEWS,
            "application/json",
        ),
        ("/api/feeds/latest.json", 200, NEWS, "application/json"),
        ("/api/feeds/politique/1.json", 200, DAY, "application/json"),
        ("/api/feeds/mot-cle/loi.json", 200, NEWS, "application/json"),
        ("/media/regions-400.webp", 200, DAY, "image/webp"),
        ("/icon.svg", 200, DAY, "image/svg+xml"),
        ("/icon-192.png", 200, DAY, "image/png"),
        ("/apple-touch-icon.png", 200, DAY, "image/png"),
        ("/rss.xml", 200, PAGE, ""),
        (
            "/sw.js",
            200,
            "max-age=0, must-revalidate",
            "text/javascript",
        ),
        ("/manifest.webmanifest", 200, PAGE, ""),
        // A page that is not there is a 404 with the app in it, …
        ("/politique/n-existe-pas/", 404, "no-store", html),
        // … a file that is not there is nothing.
        (
            "/assets/manchette-0000000000000000.wasm",
            404,
            "no-store",
            "-",
        ),
        ("/api/articles/n-existe-pas.json", 404, "no-store", "-"),
        ("/api/", 404, "no-store", "-"),
        ("/media/missing.webp", 404, "no-store", "-"),
        ("/missing.js", 404, "no-store", "-"),
        ("/.git/config", 404, "no-store", "-"),
        ("/.manchette/memory", 404, "no-store", "-"),
        ("/_headers", 404, "no-store", "-"),
        ("/_redirects", 404, "no-store", "-"),
    ];
    for (path, status, cache, kind) in cases {
        let reply = get(path, &[]).await?;
        let said = format!("{path}: {} {:?}", reply.status, reply.headers);
        assert_eq!(reply.status, status, "{said}");
        assert_eq!(reply.header("cache-control"), cache, "{said}");
        if kind == "-" {
            assert!(
                !reply.body.contains("id=\"app\""),
                "{path} answers with the app"
            );
        } else {
            assert!(reply.header("content-type").starts_with(kind), "{said}");
        }
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{said}");
        let policy = reply.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{said}");
        let shared = ["/media/", "/api/", "/icon", "/apple-touch-icon"];
        let shared = shared.iter().any(|start| path.starts_with(start)) || path.ends_with(".xml");
        let whose = if shared {
            "cross-origin"
        } else {
            "same-origin"
        };
        let resource = reply.header("cross-origin-resource-policy");
        assert!(resource == whose || status != 200, "{said}");
        assert_eq!(reply.header("strict-transport-security"), "", "{said}");
        if status == 200 {
            let picture = path.starts_with("/media/");
            assert_eq!(policy.contains("script-src"), !picture, "{said}");
        }
        assert_eq!(reply.header("server-timing"), "", "{said}");
    }
    // As it lies there, the smallest that the browser can read.
    for path in ["/", "/politique/le-role-des-regions/", &wasm, &js] {
        for (accepted, encoding) in [("gzip, br", "br"), ("gzip", "gzip"), ("identity", "")] {
            let reply = get(path, &[("accept-encoding", accepted)]).await?;
            assert_eq!(
                reply.header("content-encoding"),
                encoding,
                "{path} {accepted}"
            );
            assert!(
                encoding.is_empty() || vary(&reply).contains("accept-encoding"),
                "{path}: {:?}",
                reply.headers
            );
        }
    }
    // And a second time, nothing.
    let first = get("/", &[]).await?;
    let again = get("/", &[("if-none-match", first.header("etag"))]).await?;
    assert_eq!(again.status, 304);
    // Who saves data is told, alone.
    let reply = get("/politique/", &[("save-data", "on")]).await?;
    assert_eq!(reply.header("server-timing"), "save-data");
    assert!(
        reply.header("cache-control").starts_with("private, "),
        "{:?}",
        reply.headers
    );
    assert!(vary(&reply).contains("save-data"), "{:?}", reply.headers);
    let reply = get(&wasm, &[("save-data", "on")]).await?;
    assert_eq!(reply.header("cache-control"), EVER);
    Ok(())
}

/// What the answer depends on, of all the headers that say so.
fn vary(reply: &Reply) -> String {
    let values = reply.headers.get_all("vary").into_iter();
    let values: Vec<_> = values.filter_map(|value| value.to_str().ok()).collect();
    values.join(", ").to_lowercase()
}
