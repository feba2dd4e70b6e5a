//! The built `index.html` as the form that every page is poured into.
//! Knows the places in it that are filled: head, style, mount element.

use std::fs;
use std::io;
use std::path::Path;

/// The form, cut at the places that a page fills.
#[derive(Debug)]
pub struct Shell {
    before_head: String,
    head: String,
    before_app: String,
    app: String,
    after_app: String,
}

/// Where the page's own part of the head is, in `index.html`.
const HEAD: (&str, &str) = ("<!--head-->", "<!--/head-->");
/// The mount element.
const APP: (&str, &str) = ("<div id=\"app\">", "</div><!--app-->");
/// What only a page that waits for the app needs, after the mount element.
const WAITING: (&str, &str) = ("<!--waiting-->", "<!--/waiting-->");

/// The name of the page that starts the app where there is no page of its own for an address.
pub const FALLBACK: &str = "404.html";

impl Shell {
    /// The form in a folder that Trunk built, or that was prerendered before.
    pub fn open(dist: &Path) -> io::Result<Self> {
        let built = dist.join("index.html");
        let fallback = dist.join(FALLBACK);
        // A home page that was prerendered is no form any more; the fallback always is.
        let mut text = fs::read_to_string(&built).map_err(|error| {
            io::Error::new(error.kind(), format!("{}: {error}", built.display()))
        })?;
        let mut file = built;
        if text.contains("id=\"documents\"") {
            text = fs::read_to_string(&fallback)?;
            file = fallback;
        }
        let text = inline_style(&text, dist)?;
        Self::cut(&text)
            .map_err(|what| io::Error::other(format!("{}: must have {what}, once", file.display())))
    }

    fn cut(text: &str) -> Result<Self, String> {
        let (before_head, head, rest) = between(text, HEAD)?;
        let (before_app, app, after_app) = between(rest, APP)?;
        Ok(Self {
            before_head: before_head.to_owned(),
            head: head.to_owned(),
            before_app: before_app.to_owned(),
            app: app.to_owned(),
            after_app: after_app.to_owned(),
        })
    }

    /// The page that starts the app at an address that has no page of its own.
    #[must_use]
    pub fn fallback(&self) -> String {
        self.pour(&self.head, &self.app, &self.after_app)
    }

    /// A page: its part of the head, what stands in the mount element, and the documents that it
    /// was made of.
    #[must_use]
    pub fn page(&self, head: &str, html: &str, documents: &str) -> String {
        let after = match between(&self.after_app, WAITING) {
            Ok((before, _, after)) => format!("{before}{after}"),
            Err(_) => self.after_app.clone(),
        };
        let carried =
            format!("<script type=\"application/json\" id=\"documents\">{documents}</script>");
        self.pour(head, html, &format!("\n{carried}{after}"))
    }

    fn pour(&self, head: &str, app: &str, after: &str) -> String {
        let (before_head, before_app) = (&self.before_head, &self.before_app);
        let ((head_open, head_close), (app_open, app_close)) = (HEAD, APP);
        [
            before_head,
            head_open,
            head,
            head_close,
            before_app,
            app_open,
            app,
            app_close,
            after,
        ]
        .concat()
    }
}

fn between<'a>(
    text: &'a str,
    (open, close): (&str, &str),
) -> Result<(&'a str, &'a str, &'a str), String> {
    let (before, rest) = text.split_once(open).ok_or_else(|| open.to_owned())?;
    let (inside, after) = rest.split_once(close).ok_or_else(|| close.to_owned())?;
    Ok((before, inside, after))
}

/// Puts the style sheet into the page: it is small, and a page that waits for it shows nothing.
fn inline_style(text: &str, dist: &Path) -> io::Result<String> {
    let Ok((before, href, after)) = between(text, ("<link rel=\"stylesheet\" href=\"", "\"/>"))
    else {
        return Ok(text.to_owned());
    };
    let name = href.rsplit('/').next().unwrap_or_default();
    let style = fs::read_to_string(dist.join(name))?;
    Ok([before, "<style>", style.trim(), "</style>", after].concat())
}
