//! The edition of hostile bodies, printed: what stands in its pages is what stands in the sample
//! edition's, element by element and attribute by attribute, and asks nobody else for anything.

mod built;
#[path = "hostile/edition.rs"]
mod edition;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use html5ever::interface::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{
    Attribute, LocalName, Namespace, ParseOpts, QualName, local_name, ns, parse_document,
};
use manchette::content::{Article, decode};
use manchette::press::import::body::{Place, convert};
use manchette::press::{Options, check, prerender};
use proptest::prelude::*;
use url::Url;

/// What a browser finds in a page: every element, with the text that stands right in it.
#[derive(Default)]
struct Found(RefCell<Vec<Element>>);

#[derive(Debug)]
struct Element {
    name: QualName,
    attributes: Vec<Attribute>,
    text: String,
}

#[derive(Debug)]
struct Name(QualName);

impl ElemName for Name {
    fn ns(&self) -> &Namespace {
        &self.0.ns
    }

    fn local_name(&self) -> &LocalName {
        &self.0.local
    }
}

impl Found {
    fn add(&self, name: QualName, attributes: Vec<Attribute>) -> usize {
        let mut elements = self.0.borrow_mut();
        elements.push(Element {
            name,
            attributes,
            text: String::new(),
        });
        elements.len() - 1
    }
}

impl TreeSink for Found {
    type Handle = usize;
    type Output = Vec<Element>;
    type ElemName<'a> = Name;

    fn finish(self) -> Vec<Element> {
        self.0.into_inner()
    }

    fn get_document(&self) -> usize {
        if self.0.borrow().is_empty() {
            self.add(QualName::new(None, ns!(), local_name!("")), Vec::new());
        }
        0
    }

    fn elem_name(&self, target: &usize) -> Name {
        Name(self.0.borrow()[*target].name.clone())
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, _: ElementFlags) -> usize {
        self.add(name, attrs)
    }

    fn append(&self, parent: &usize, child: NodeOrText<usize>) {
        if let NodeOrText::AppendText(text) = child {
            self.0.borrow_mut()[*parent].text.push_str(&text);
        }
    }

    fn append_based_on_parent_node(&self, element: &usize, _: &usize, child: NodeOrText<usize>) {
        self.append(element, child);
    }

    fn append_before_sibling(&self, sibling: &usize, child: NodeOrText<usize>) {
        self.append(sibling, child);
    }

    fn add_attrs_if_missing(&self, target: &usize, attrs: Vec<Attribute>) {
        self.0.borrow_mut()[*target].attributes.extend(attrs);
    }

    fn get_template_contents(&self, target: &usize) -> usize {
        *target
    }

    fn same_node(&self, x: &usize, y: &usize) -> bool {
        x == y
    }

    fn create_comment(&self, text: StrTendril) -> usize {
        let at = self.add(
            QualName::new(None, ns!(), LocalName::from("#comment")),
            Vec::new(),
        );
        self.0.borrow_mut()[at].text.push_str(&text);
        at
    }

    fn create_pi(&self, text: StrTendril, _: StrTendril) -> usize {
        self.create_comment(text)
    }

    fn parse_error(&self, _: Cow<'static, str>) {}
    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}
    fn set_quirks_mode(&self, _: QuirksMode) {}
    fn remove_from_parent(&self, _: &usize) {}
    fn reparent_children(&self, _: &usize, _: &usize) {}
}

fn elements(html: &str, scripting_enabled: bool) -> Vec<Element> {
    let options = ParseOpts {
        tree_builder: TreeBuilderOpts {
            scripting_enabled,
            ..TreeBuilderOpts::default()
        },
        ..ParseOpts::default()
    };
    parse_document(Found::default(), options).one(html)
}

impl Element {
    fn tag(&self) -> &str {
        &self.name.local
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        let mut found = self.attributes.iter().filter(|a| &*a.name.local == name);
        found.next().map(|a| &*a.value)
    }

    /// A script or a style that does something: its attributes and its text.
    fn active(&self) -> Option<String> {
        let data = matches!(
            self.attribute("type"),
            Some("application/json" | "application/ld+json")
        );
        let active = matches!(self.tag(), "script" | "style") && !data;
        active.then(|| format!("{:?} {}", self.attributes, self.text))
    }
}

/// Every page of a site.
fn pages(dist: &Path) -> Vec<(String, String)> {
    let mut pages = Vec::new();
    let mut folders = vec![dist.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "html") {
                let html = fs::read_to_string(&path).expect("a page");
                pages.push((path.display().to_string(), html));
            }
        }
    }
    pages
}

/// The pages of the edition in `api`.
fn printed(api: &Path, dist: &Path) -> Vec<(String, String)> {
    fs::create_dir_all(dist).expect("dist");
    built::built(dist);
    let summary = prerender(&Options {
        api: Some(api.to_owned()),
        ..Options::new(dist)
    });
    let summary = summary.expect("a site");
    let faults: Vec<_> = summary.faults.iter().map(ToString::to_string).collect();
    assert_eq!(faults, Vec::<String>::new());
    pages(dist)
}

/// What pages of the sample edition have: pairs of element and attribute, and what is active.
#[derive(Default)]
struct Known {
    attributes: BTreeSet<(String, String)>,
    tags: BTreeSet<String>,
    active: BTreeSet<String>,
    ids: BTreeSet<String>,
}

impl Known {
    fn sample(dist: &Path) -> Self {
        let api = Path::new(env!("CARGO_MANIFEST_DIR")).join("public/api");
        let mut known = Self::default();
        for (_, html) in printed(&api, dist) {
            for scripting in [true, false] {
                for element in elements(&html, scripting) {
                    known.tags.insert(element.tag().to_owned());
                    known.active.extend(element.active());
                    known.ids.extend(element.attribute("id").map(str::to_owned));
                    for attribute in &element.attributes {
                        let pair = (element.tag().to_owned(), attribute.name.local.to_string());
                        known.attributes.insert(pair);
                    }
                }
            }
        }
        // What the contract has and the sample edition happens not to use.
        for tag in [
            "sub", "sup", "del", "hr", "br", "ol", "ul", "li", "pre", "code", "em",
        ] {
            known.tags.insert(tag.to_owned());
        }
        for (tag, name) in [
            ("ol", "start"),
            ("pre", "role"),
            ("pre", "tabindex"),
            ("pre", "aria-label"),
            ("span", "class"),
            ("img", "class"),
        ] {
            known.attributes.insert((tag.to_owned(), name.to_owned()));
        }
        known
    }
}

fn is_safe(address: &str) -> bool {
    let address = address.trim_matches(|c: char| c <= ' ');
    let scheme = address.split_once(':').map(|(scheme, _)| scheme);
    let scheme = scheme.filter(|scheme| !scheme.contains(['/', '?', '#']));
    scheme.is_none_or(|scheme| matches!(scheme, "http" | "https" | "mailto" | "tel"))
}

#[test]
fn every_kind_has_a_name_of_its_own() {
    let kinds = edition::kinds();
    let names: BTreeSet<&str> = kinds.iter().map(|kind| kind.name.as_str()).collect();
    assert_eq!(names.len(), kinds.len());
    assert!(kinds.len() >= 200, "{}", kinds.len());
    for kind in &kinds {
        let word = kind
            .name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_');
        assert!(word && !kind.html.is_empty(), "{}", kind.name);
    }
}

#[test]
fn no_page_holds_what_the_sample_editions_do_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let known = Known::sample(&folder.path().join("sample"));
    let api = folder.path().join("edition");
    let articles = edition::write(&api, Some("/media/regions-800.webp")).expect("an edition");
    let report = check(&api).expect("an edition");
    let faults: Vec<_> = report.faults.iter().map(ToString::to_string).collect();
    assert_eq!(faults, Vec::<String>::new());
    assert_eq!(report.unknown_nodes, 0);
    assert_eq!(report.articles, articles.len());

    let pages = printed(&api, &folder.path().join("dist"));
    for page in &articles {
        let file = format!("{}/{}/index.html", edition::SECTION, page.slug);
        let (_, html) = pages
            .iter()
            .find(|(path, _)| path.ends_with(&file))
            .expect(&file);
        for name in page
            .names
            .iter()
            .filter(|name| !name.starts_with("meta_of"))
        {
            assert!(html.contains(&format!("Ici {name}<")), "{name}");
        }
    }
    for (path, html) in &pages {
        for scripting in [true, false] {
            for element in elements(html, scripting) {
                assert_known(&element, &known, path);
            }
        }
    }
}

fn assert_known(element: &Element, known: &Known, path: &str) {
    let tag = element.tag();
    assert!(known.tags.contains(tag), "{path}: <{tag}>");
    if let Some(active) = element.active() {
        assert!(known.active.contains(&active), "{path}: {active}");
    } else if tag == "script" {
        let data: Result<serde_json::Value, _> = serde_json::from_str(&element.text);
        assert!(data.is_ok(), "{path}: {}", element.text);
    }
    if let Some(id) = element.attribute("id") {
        assert!(known.ids.contains(id), "{path}: id={id}");
    }
    for attribute in &element.attributes {
        let name = &*attribute.name.local;
        let value = &*attribute.value;
        let pair = (tag.to_owned(), name.to_owned());
        assert!(known.attributes.contains(&pair), "{path}: <{tag} {name}>");
        assert!(
            !name.starts_with("on") && name != "style",
            "{path}: <{tag} {name}>"
        );
        match name {
            "href" | "src" | "action" | "poster" | "data" | "cite" => {
                assert!(is_safe(value), "{path}: {name}={value}");
            }
            "srcset" => {
                let addresses = value.split(", ");
                assert!(addresses.into_iter().all(is_safe), "{path}: {value}");
            }
            _ => {}
        }
        // A link may lead there; a text that names it is a text.
        let asks = match name {
            "href" => tag != "a",
            "content" | "alt" | "title" | "aria-label" => false,
            _ => true,
        };
        assert!(
            !asks || !value.contains(edition::TRACKER),
            "{path}: <{tag} {name}={value}>"
        );
    }
}

/// Hostile bodies, cut anywhere and put one after the other.
fn shreds() -> impl Strategy<Value = String> {
    static KINDS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let kinds = edition::kinds().into_iter().map(|kind| kind.html);
        kinds.filter(|html| html.len() < 1_000).collect()
    });
    let shred = (
        0..KINDS.len(),
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
    );
    let shred = shred.prop_map(|(kind, from, to)| {
        let letters: Vec<char> = KINDS[kind].chars().collect();
        let (a, b) = (from.index(letters.len() + 1), to.index(letters.len() + 1));
        letters[a.min(b)..a.max(b)].iter().collect::<String>()
    });
    let whole = (0..KINDS.len()).prop_map(|kind| KINDS[kind].clone());
    let part = prop_oneof![shred, whole];
    prop::collection::vec(part, 1..6).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn shreds_of_hostile_html_give_a_body_that_the_contract_has(html in shreds()) {
        let page = Url::parse("https://journal.invalid/2024/05/epreuve/").expect("an address");
        let converted = convert(&html, &Place {
            page: &page,
            article: &|_| None,
            picture: &|_| None,
            typography: true,
        });
        let article = serde_json::json!({ "slug": "a", "headline": "A", "body": converted.body });
        let decoded = decode(article.to_string().as_bytes(), Article::read);
        prop_assert!(decoded.faults.is_empty(), "{:?} {html}", decoded.faults);
        prop_assert_eq!(decoded.unknown_nodes, 0);
        prop_assert_eq!(decoded.value.expect("an article").body, converted.body);
        // Each address is one that may be followed, and no address is in another place.
        let mut values = vec![&article["body"]];
        while let Some(value) = values.pop() {
            match value {
                serde_json::Value::Array(list) => values.extend(list),
                serde_json::Value::Object(members) => {
                    if let Some(url) = members.get("url") {
                        prop_assert!(is_safe(url.as_str().unwrap_or("javascript:")), "{url} {html}");
                    }
                    values.extend(members.values());
                }
                _ => {}
            }
        }
    }
}
