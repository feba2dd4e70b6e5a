//! The contract, from the outside: what a backend may send and what becomes of it.
//! Every member present and absent, every kind of bad document, and the bounds.

use manchette::content::{
    Article, Block, DOCUMENT_LIMIT, Feed, Field, Inline, Item, Site, Trouble, decode,
};
use manchette::view::List;
use proptest::prelude::*;
use serde_json::{Value, json};

fn read<T>(value: &Value, read: fn(&Field) -> Option<T>) -> (T, Vec<String>) {
    let decoded = decode(value.to_string().as_bytes(), read);
    let faults = decoded.faults.iter().map(ToString::to_string).collect();
    match decoded.value {
        Ok(value) => (value, faults),
        Err(trouble) => panic!("{trouble:?}: {faults:?}"),
    }
}

fn clean<T>(value: &Value, how: fn(&Field) -> Option<T>) -> T {
    let (value, faults) = read(value, how);
    assert_eq!(faults, Vec::<String>::new());
    value
}

fn refused<T: std::fmt::Debug>(bytes: &[u8], how: fn(&Field) -> Option<T>) -> Trouble {
    decode(bytes, how)
        .value
        .expect_err("the document is refused")
}

fn full_item() -> Value {
    json!({
        "id": "https://example.org/politique/a/",
        "url": "https://example.org/politique/a/",
        "title": "Titre",
        "summary": "Résumé",
        "image": "https://example.org/media/a-800.webp",
        "date_published": "2026-11-20T09:30:00+01:00",
        "date_modified": "2026-11-20T11:00:00+01:00",
        "authors": [{ "name": "La rédaction" }],
        "tags": ["Politique"],
        "_manchette": {
            "section": "politique", "slug": "a", "kicker": "Dossier",
            "image": { "url": "/media/a-800.webp", "width": 800, "height": 450,
                       "srcset": "/media/a-400.webp 400w, /media/a-800.webp 800w", "alt": "Une carte" }
        }
    })
}

fn full_article() -> Value {
    json!({
        "@context": "https://schema.org", "@type": "NewsArticle",
        "identifier": "4711",
        "url": "https://example.org/politique/a/",
        "slug": "a",
        "articleSection": "politique",
        "kicker": "Dossier",
        "headline": "Titre",
        "description": "Chapô",
        "inLanguage": "fr",
        "datePublished": "2026-11-20T09:30:00+01:00",
        "dateModified": "2026-11-20T11:00:00+01:00",
        "author": [{ "@type": "Organization", "name": "La rédaction", "url": "/auteur/la-redaction/" }],
        "keywords": ["régions"],
        "image": { "url": "/media/a-1200.webp", "width": 1200, "height": 675, "alt": "Carte",
                   "caption": "Les régions", "creditText": "© La rédaction" },
        "body": { "type": "root", "children": [
            { "type": "paragraph", "children": [{ "type": "text", "value": "Texte" }] }
        ] },
        "related": [full_item()]
    })
}

fn body(children: &Value) -> (Vec<Block>, Vec<String>) {
    let mut article = full_article();
    article["body"]["children"] = children.clone();
    let (article, faults) = read(&article, Article::read);
    (article.body.children, faults)
}

fn text(value: &str) -> Inline {
    Inline::Text {
        value: value.to_owned(),
    }
}

#[test]
fn a_full_item_is_read_without_a_fault() {
    let item = clean(&full_item(), Item::read);
    assert_eq!(item.title.as_deref(), Some("Titre"));
    assert_eq!(item.manchette.kicker.as_deref(), Some("Dossier"));
    let image = item.picture().expect("a picture");
    assert_eq!(image.srcset.candidates().len(), 2);
    assert_eq!(item.authors[0].name, "La rédaction");
    assert_eq!(
        item.date_published.expect("a date").words(),
        "20 novembre 2026"
    );
}

#[test]
fn every_member_of_an_item_but_its_id_may_be_missing() {
    for name in full_item().as_object().expect("an object").keys() {
        let mut item = full_item();
        item.as_object_mut().expect("an object").remove(name);
        let feed = json!({ "version": "https://jsonfeed.org/version/1.1", "items": [item] });
        let (feed, faults) = read(&feed, Feed::read);
        if name == "id" {
            assert!(feed.items.is_empty());
            assert_eq!(faults, ["items[0].id: missing; the item is left out"]);
        } else {
            assert_eq!(feed.items.len(), 1, "{name}");
            assert_eq!(faults, Vec::<String>::new(), "{name}");
            assert!(!feed.items[0].headline().is_empty());
        }
    }
}

#[test]
fn a_bare_item_is_shown_by_its_summary_and_its_number() {
    let item = clean(&json!({ "id": 4711, "summary": "Résumé" }), Item::read);
    assert_eq!(item.id, "4711");
    assert_eq!(item.headline(), "Résumé");
    assert!(item.picture().is_none());
    let item = clean(
        &json!({ "id": 1.50, "title": "T", "image": "/a.webp" }),
        Item::read,
    );
    assert_eq!(item.id, "1.5");
    assert_eq!(
        item.picture().expect("its own picture").url.as_str(),
        "/a.webp"
    );
}

#[test]
fn an_item_loses_only_what_is_wrong_with_it() {
    let mut item = full_item();
    item["url"] = json!("javascript:alert(1)");
    item["date_published"] = json!("hier");
    item["authors"] = json!([{ "name": "A" }, { "url": "x" }, "B"]);
    item["_manchette"]["section"] = json!("../../etc");
    item["_manchette"]["image"]["url"] = json!("data:image/svg+xml,<svg onload=alert(1)>");
    let (item, faults) = read(&item, Item::read);
    assert_eq!(item.url, None);
    assert_eq!(item.date_published, None);
    assert_eq!(item.authors.len(), 1);
    assert_eq!(item.manchette.section, None);
    assert_eq!(item.manchette.image, None);
    for member in [
        "url: ",
        "date_published: ",
        "authors[1].name: ",
        "authors[2]: ",
        "_manchette.section: ",
        "_manchette.image.url: ",
    ] {
        assert!(
            faults.iter().any(|f| f.starts_with(member)),
            "{member} in {faults:?}"
        );
    }
}

#[test]
fn a_full_article_is_read_without_a_fault() {
    let article = clean(&full_article(), Article::read);
    assert_eq!(article.headline, "Titre");
    assert_eq!(article.identifier.as_deref(), Some("4711"));
    assert_eq!(
        article.author[0].url.as_ref().expect("a link").as_str(),
        "/auteur/la-redaction/"
    );
    assert_eq!(article.related.len(), 1);
    assert!(article.update().is_some());
    assert_eq!(article.reading_minutes(), 1);
}

#[test]
fn an_article_needs_its_slug_its_headline_and_its_body() {
    for name in full_article().as_object().expect("an object").keys() {
        let mut article = full_article();
        article.as_object_mut().expect("an object").remove(name);
        let decoded = decode(article.to_string().as_bytes(), Article::read);
        if ["slug", "headline", "body"].contains(&name.as_str()) {
            let Err(Trouble::Shape(message)) = decoded.value else {
                panic!("an article without {name} is refused");
            };
            assert!(
                message.starts_with(&format!("{name}: missing")),
                "{message}"
            );
        } else {
            assert!(decoded.value.is_ok(), "{name}");
            assert_eq!(decoded.faults, [], "{name}");
        }
    }
}

#[test]
fn what_is_written_is_read_back_as_it_was() {
    let article = clean(&full_article(), Article::read);
    let written = serde_json::to_value(&article).expect("JSON");
    assert_eq!(clean(&written, Article::read), article);
    let item = clean(&full_item(), Item::read);
    let written = serde_json::to_value(&item).expect("JSON");
    assert_eq!(written, full_item());
}

#[test]
fn a_site_needs_its_name() {
    let site = clean(
        &json!({ "name": "Le Courrier", "sections": [{ "slug": "politique", "title": "Politique" }] }),
        Site::read,
    );
    assert_eq!(
        (site.language.as_str(), site.feed_refresh_seconds),
        ("fr", 60)
    );
    let (site, faults) = read(
        &json!({ "name": "N", "feed_refresh_seconds": 1, "publisher": { "name": "P" },
                 "sections": [{ "slug": "api", "title": "A" }, { "slug": "a b" }, { "title": "B" }, 7,
                              { "slug": "c" }] }),
        Site::read,
    );
    assert_eq!(site.feed_refresh_seconds, 10);
    assert_eq!(site.publisher.as_deref(), Some("P"));
    assert_eq!(site.sections.len(), 1);
    assert_eq!(site.sections[0].title, "c");
    assert_eq!(faults.len(), 5, "{faults:?}");
    assert!(matches!(refused(b"{}", Site::read), Trouble::Shape(m) if m == "name: missing"));
}

#[test]
fn bad_documents_are_refused_with_the_right_word() {
    let good = full_article().to_string();
    let bytes = good.as_bytes();
    assert_eq!(refused(b"", Article::read), Trouble::NotJson);
    assert_eq!(
        refused(b"<!doctype html><p>503", Article::read),
        Trouble::NotJson
    );
    assert_eq!(refused(b"\xff\xfe{}", Article::read), Trouble::NotJson);
    assert_eq!(
        refused(b"{\"slug\":\"\xff\"}", Article::read),
        Trouble::NotJson
    );
    assert_eq!(refused(b"{} {}", Article::read), Trouble::NotJson);
    for other in ["[]", "null", "\"texte\"", "42", "{\"slug\":[]}"] {
        let trouble = refused(other.as_bytes(), Article::read);
        assert!(matches!(trouble, Trouble::Shape(_)), "{other}: {trouble:?}");
        assert!(matches!(
            refused(other.as_bytes(), Feed::read),
            Trouble::Shape(_)
        ));
    }
    let mut large = good.clone();
    large.push_str(&" ".repeat(DOCUMENT_LIMIT));
    assert_eq!(refused(large.as_bytes(), Article::read), Trouble::TooLarge);
    let mut exact = good.clone();
    exact.push_str(&" ".repeat(DOCUMENT_LIMIT - good.len()));
    assert!(decode(exact.as_bytes(), Article::read).value.is_ok());
    // Cut anywhere: never a panic, never a half article.
    for end in 1..bytes.len() {
        let trouble = refused(&bytes[..end], Article::read);
        assert!(
            matches!(trouble, Trouble::Truncated | Trouble::NotJson),
            "cut at {end}: {trouble:?}"
        );
    }
    let bom = [b"\xef\xbb\xbf", bytes].concat();
    let decoded = decode(&bom, Article::read);
    assert_eq!(
        decoded.faults[0].to_string(),
        "begins with a byte-order mark"
    );
}

#[test]
fn every_node_of_the_contract_is_read() {
    let children = json!([
        { "type": "heading", "depth": 3, "children": [{ "type": "text", "value": "H" }] },
        { "type": "paragraph", "children": [
            { "type": "emphasis", "children": [{ "type": "text", "value": "e" }] },
            { "type": "strong", "children": [{ "type": "text", "value": "s" }] },
            { "type": "delete", "children": [{ "type": "text", "value": "d" }] },
            { "type": "superscript", "children": [{ "type": "text", "value": "p" }] },
            { "type": "subscript", "children": [{ "type": "text", "value": "b" }] },
            { "type": "inlineCode", "value": "c" },
            { "type": "break" },
            { "type": "link", "url": "https://example.com/", "children": [{ "type": "text", "value": "l" }] },
            { "type": "image", "url": "/media/i.webp", "alt": "i" }
        ] },
        { "type": "blockquote", "children": [{ "type": "paragraph", "children": [{ "type": "text", "value": "q" }] }] },
        { "type": "list", "ordered": true, "start": 3, "children": [
            { "type": "listItem", "children": [{ "type": "paragraph", "children": [{ "type": "text", "value": "i" }] }] }
        ] },
        { "type": "code", "value": "x = 1" },
        { "type": "thematicBreak" },
        { "type": "table", "children": [
            { "type": "tableRow", "children": [{ "type": "tableCell", "children": [{ "type": "text", "value": "t" }] }] }
        ] },
        { "type": "seeAlso", "slug": "b", "section": "politique", "title": "B" },
        { "type": "seeAlso", "url": "https://example.com/", "title": "Ailleurs" },
        { "type": "figure", "image": { "url": "/media/f.webp", "caption": "F" } },
        { "type": "embed", "provider": "youtube", "url": "https://www.youtube.com/watch?v=abc", "title": "V" }
    ]);
    let (blocks, faults) = body(&children);
    assert_eq!(faults, Vec::<String>::new());
    assert_eq!(blocks.len(), 11);
    // Written out again, it is the same tree: nothing was lost or renamed.
    let written = serde_json::to_value(&blocks).expect("JSON");
    assert_eq!(body(&written).0, blocks);
    assert_eq!(written[3]["start"], 3);
    assert_eq!(written[4], json!({ "type": "code", "value": "x = 1" }));
    assert_eq!(written[1]["children"][8]["type"], "image");
}

#[test]
fn unknown_nodes_give_way_to_their_children() {
    let (blocks, faults) = body(&json!([
        { "type": "callout", "children": [{ "type": "paragraph", "children": [{ "type": "text", "value": "a" }] }] },
        { "type": "starMap" },
        { "type": "paragraph", "children": [
            { "type": "text", "value": "b" },
            { "type": "footnote", "children": [{ "type": "text", "value": "c" }] },
            { "children": [{ "type": "text", "value": "d" }] },
            { "type": "html", "value": "<script>alert(1)</script>" }
        ] },
        "rien", 7, null
    ]));
    assert_eq!(faults, Vec::<String>::new());
    assert_eq!(
        blocks,
        [
            Block::Paragraph {
                children: vec![text("a")]
            },
            Block::Paragraph {
                children: vec![text("b"), text("c"), text("d")]
            },
        ]
    );
}

#[test]
fn blocks_and_lines_cannot_be_mixed_up() {
    let (blocks, _) = body(&json!([
        { "type": "text", "value": "seul" },
        { "type": "strong", "children": [{ "type": "text", "value": "fort" }] },
        { "type": "paragraph", "children": [
            { "type": "paragraph", "children": [{ "type": "text", "value": "dedans" }] },
            { "type": "link", "url": "/a/", "children": [
                { "type": "link", "url": "/b/", "children": [{ "type": "text", "value": "lien" }] }
            ] }
        ] },
        { "type": "tableCell", "children": [{ "type": "text", "value": "perdue" }] }
    ]));
    let lines: Vec<String> = blocks
        .iter()
        .map(|block| match block {
            Block::Paragraph { children } => Inline::plain(children),
            other => panic!("only paragraphs: {other:?}"),
        })
        .collect();
    assert_eq!(lines, ["seulfort", "dedanslien", "perdue"]);
}

#[test]
fn a_hostile_link_loses_its_address_and_keeps_its_text() {
    let (blocks, faults) = body(&json!([{ "type": "paragraph", "children": [
        { "type": "link", "url": "java\tscript:alert(1)", "children": [{ "type": "text", "value": "ici" }] }
    ] }]));
    assert_eq!(
        blocks,
        [Block::Paragraph {
            children: vec![text("ici")]
        }]
    );
    assert_eq!(faults.len(), 1);
    assert!(
        faults[0].starts_with("body.children[0].children[0].url: "),
        "{faults:?}"
    );
}

#[test]
fn depths_are_clamped() {
    for (depth, wanted) in [(0, 2), (1, 2), (2, 2), (4, 4), (5, 4), (6, 4)] {
        let (blocks, faults) =
            body(&json!([{ "type": "heading", "depth": depth, "children": [] }]));
        assert!(matches!(blocks[0], Block::Heading { depth, .. } if depth == wanted));
        assert_eq!(faults.is_empty(), depth == wanted);
    }
}

/// How many `Emphasis` stand in each other, and the text inside.
fn depth_of(nodes: &[Inline]) -> usize {
    match nodes {
        [Inline::Emphasis { children }, ..] => 1 + depth_of(children),
        _ => 0,
    }
}

#[test]
fn nesting_deeper_than_32_is_flattened_to_text() {
    for levels in [20, 31, 33, 70, 100, 5_000, 60_000] {
        let open = r#"{"type":"emphasis","children":["#.repeat(levels);
        let close = "]}".repeat(levels);
        let json = format!(
            r#"{{"slug":"a","headline":"T","body":{{"type":"root","children":[{{"type":"paragraph","children":[{open}{{"type":"text","value":"au fond"}}{close}]}}]}}}}"#
        );
        if json.len() > DOCUMENT_LIMIT {
            continue;
        }
        let article = decode(json.as_bytes(), Article::read).value.expect("shown");
        let Block::Paragraph { children } = &article.body.children[0] else {
            panic!("a paragraph");
        };
        assert_eq!(Inline::plain(children), "au fond", "{levels}");
        assert_eq!(depth_of(children), levels.min(31), "{levels}");
    }
}

#[test]
fn a_list_that_repeats_itself_ends() {
    let page = |ids: &[u32]| {
        let items: Vec<_> = ids
            .iter()
            .map(|id| json!({ "id": id, "title": "T" }))
            .collect();
        clean(
            &json!({ "version": "https://jsonfeed.org/version/1.1", "items": items,
                     "next_url": "1.json" }),
            Feed::read,
        )
    };
    let mut list = List::of(page(&[3, 2, 1]));
    assert_eq!(list.append(page(&[3, 2, 1])), 0);
    assert_eq!(list.items.len(), 3);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop_oneof![
            Just("paragraph"),
            Just("list"),
            Just("listItem"),
            Just("table"),
            Just("link"),
            Just("text"),
            Just("root"),
            Just("javascript:x"),
            Just("seeAlso"),
            Just("heading"),
        ]
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec(
                (
                    prop_oneof![
                        Just("type"),
                        Just("children"),
                        Just("value"),
                        Just("url"),
                        Just("body"),
                        Just("items"),
                        Just("id"),
                        Just("title"),
                        Just("slug"),
                        Just("headline"),
                        Just("image"),
                        Just("related"),
                        Just("_manchette"),
                        Just("depth"),
                    ]
                    .prop_map(String::from),
                    inner
                ),
                0..6
            )
            .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_makes_it_panic(value in any_json()) {
        let bytes = value.to_string().into_bytes();
        let _ = decode(&bytes, Site::read);
        let _ = decode(&bytes, Feed::read);
        let _ = decode(&bytes, Article::read);
        let mut article = full_article();
        article["body"]["children"] = json!([value]);
        let decoded = decode(article.to_string().as_bytes(), Article::read);
        prop_assert!(decoded.value.is_ok());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(&bytes, Article::read);
        let _ = decode(&bytes, Feed::read);
    }
}
