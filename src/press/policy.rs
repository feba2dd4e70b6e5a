//! The Content-Security-Policy as a part of the page, for hosts that can't send it as a header.
//! The servers' own is in deploy/; a test holds the two together.

use sha2::{Digest as _, Sha256};
use url::Url;

use super::assets::{between, integrity};

/// Before anything that a policy is about.
const CHARSET: &str = "<meta charset=\"utf-8\">";
/// Where the form says where the backend is.
const API: (&str, &str) = ("<meta name=\"manchette:api\" content=\"", "\">");

/// The form with a policy of its own, which allows what the servers' allows. `frame-ancestors` is not
/// among it: a page can't say that of itself (W3C Content Security Policy 3, 3.3).
///
/// An error is what the form lacks.
pub fn put_into(form: &str) -> Result<String, String> {
    let (before, after) = form.split_once(CHARSET).ok_or_else(|| CHARSET.to_owned())?;
    let (_, api, _) = between(form, API)?;
    let backend = match Url::parse(api) {
        Ok(url) => format!(" {}", url.origin().ascii_serialization()),
        Err(_) => String::new(), // a path on our own host
    };
    let (script, style) = (hashes(form, "script"), hashes(form, "style"));
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{script}; style-src 'self'{style}; \
         img-src 'self' https: data:; connect-src 'self'{backend}; font-src 'self'; \
         manifest-src 'self'; worker-src 'self'; frame-src https://www.youtube-nocookie.com; \
         base-uri 'none'; form-action 'none'; trusted-types manchette; \
         require-trusted-types-for 'script'"
    );
    let meta = format!("\n<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">");
    Ok([before, CHARSET, &meta, after].concat())
}

/// The hashes of what stands in the form's elements of this name, each with a space before it.
fn hashes(form: &str, tag: &str) -> String {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    let inline = form.split(&open).skip(1);
    let inline = inline.filter_map(|rest| rest.split(&close).next());
    inline
        .flat_map(|text| {
            [
                " '".to_owned(),
                integrity(&Sha256::digest(text)),
                "'".to_owned(),
            ]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::put_into;

    const FORM: &str = "<head>\n<meta charset=\"utf-8\">\n<meta name=\"manchette:api\" content=\"/api/\">\n<script>a</script><style>b</style></head>";

    #[test]
    fn the_policy_stands_before_what_it_is_about_and_allows_that_alone() {
        let page = put_into(FORM).expect("a form");
        let start = "<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ";
        assert!(page.starts_with(start), "{page}");
        // printf %s a | openssl dgst -sha256 -binary | base64
        for allowed in [
            "script-src 'self' 'wasm-unsafe-eval' 'sha256-ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=';",
            "style-src 'self' 'sha256-PiPoFgA5WUoziU9lZOGxNIu9egCI1CxKy3PurtWcAJ0=';",
            "connect-src 'self';",
        ] {
            assert!(page.contains(allowed), "{allowed} in {page}");
        }
    }

    #[test]
    fn a_backend_elsewhere_may_be_asked() {
        let form = FORM.replace("/api/", "https://cms.example.org:8443/journal/api/");
        let page = put_into(&form).expect("a form");
        let allowed = "connect-src 'self' https://cms.example.org:8443;";
        assert!(page.contains(allowed), "{page}");
    }

    #[test]
    fn a_form_that_lacks_a_place_is_refused_by_its_name() {
        let error = put_into(&FORM.replace("utf-8", "x")).expect_err("no charset");
        assert_eq!(error, "<meta charset=\"utf-8\">");
        put_into(&FORM.replace("api", "x")).expect_err("no backend");
    }
}
