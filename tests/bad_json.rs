//! Documents that are no JSON, or that broke off on the way: never a panic, and always the right word
//! for the reader. The texts of JSONTestSuite, alone and inside a good article; cuts; broken bytes.

use manchette::content::{Article, Feed, Site, Trouble, decode};

/// Name and text. The first letter of a name says whether it is JSON: yes, no, or as one likes.
fn suite() -> Vec<(String, String)> {
    let file = include_str!("json_suite/parsing.json");
    let mut suite: Vec<(String, String)> = serde_json::from_str(file).expect("the suite");
    assert!(suite.len() > 300);
    suite.push(("n_many_opening_arrays".into(), "[".repeat(100_000)));
    suite.push(("n_open_array_object".into(), r#"[{"":"#.repeat(50_000)));
    suite
}

/// As it is written, and with bytes that are no UTF-8 where the suite had those.
fn as_bytes(text: &str) -> [Vec<u8>; 2] {
    let mut broken = Vec::new();
    for (index, part) in text.split('\u{fffd}').enumerate() {
        if index > 0 {
            broken.push(0xff);
        }
        broken.extend_from_slice(part.as_bytes());
    }
    [text.into(), broken]
}

fn article(bytes: &[u8]) -> Result<Article, Trouble> {
    decode(bytes, Article::read).value
}

fn is_bad_json(trouble: Option<&Trouble>) -> bool {
    matches!(trouble, Some(Trouble::NotJson | Trouble::Truncated))
}

#[test]
fn the_suite_alone_is_never_a_document() {
    for (name, text) in suite() {
        for bytes in as_bytes(&text) {
            for trouble in [
                article(&bytes).err(),
                decode(&bytes, Feed::read).value.err(),
                decode(&bytes, Site::read).value.err(),
            ] {
                let right = match name.as_bytes()[0] {
                    b'n' => is_bad_json(trouble.as_ref()),
                    // JSON, but not ours: the member that is missing is named.
                    b'y' => matches!(trouble, Some(Trouble::Shape(_))),
                    _ => trouble.is_some(),
                };
                assert!(right, "{name}: {trouble:?}");
            }
        }
    }
}

#[test]
fn the_suite_as_a_member_costs_the_member_or_the_document() {
    let form = |member: &str| {
        format!(
            r#"{{"slug":"a","headline":"Titre","body":{{"type":"root","children":[]}},{member}}}"#
        )
    };
    for (name, text) in suite() {
        for place in [
            "\"kicker\":@",
            "\"related\":[@]",
            "\"author\":{\"name\":@}",
            "\"image\":@",
            "\"x\":[1,@,2]",
            "@",
        ] {
            let whole = form(&place.replace('@', &text));
            for bytes in as_bytes(&whole) {
                let read = article(&bytes);
                let right = match (name.as_bytes()[0], place) {
                    (_, "@") => read.is_ok() || is_bad_json(read.as_ref().err()),
                    (b'n', _) => is_bad_json(read.as_ref().err()) || empties(&text, place),
                    (b'y', _) => read.is_ok_and(|article| article.headline == "Titre"),
                    _ => read.is_ok() || is_bad_json(read.as_ref().err()),
                };
                assert!(right, "{name} in {place}: {:?}", article(&bytes).err());
            }
        }
    }
}

/// Nothing is a list without elements.
fn empties(text: &str, place: &str) -> bool {
    text.trim().is_empty() && place == "\"related\":[@]"
}

fn sample(file: &str) -> String {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("public/api")
        .join(file);
    std::fs::read_to_string(file).expect("a document of the sample edition")
}

#[test]
fn a_document_cut_at_any_byte_broke_off() {
    for file in [
        "articles/le-role-des-regions.json",
        "feeds/politique.json",
        "site.json",
    ] {
        let text = sample(file);
        let whole = text.trim_end();
        for end in 1..whole.len() {
            let cut = &whole.as_bytes()[..end];
            let trouble = match file {
                "site.json" => decode(cut, Site::read).value.err(),
                file if file.starts_with("feeds") => decode(cut, Feed::read).value.err(),
                _ => article(cut).err(),
            };
            assert_eq!(trouble, Some(Trouble::Truncated), "{file} cut at {end}");
        }
    }
}

#[test]
fn a_document_with_any_byte_broken_is_read_or_refused_in_words() {
    let text = sample("articles/les-cigognes-blanches.json");
    let whole = text.trim_end().as_bytes();
    let mut bytes = whole.to_vec();
    for at in 0..whole.len() {
        for other in *b"\"{,\xff" {
            if whole[at] == other {
                continue;
            }
            bytes[at] = other;
            if let Err(trouble) = article(&bytes) {
                let named = matches!(&trouble, Trouble::Shape(member) if !member.is_empty());
                assert!(
                    named || is_bad_json(Some(&trouble)),
                    "{other:#x} at {at}: {trouble:?}"
                );
            }
        }
        bytes[at] = whole[at];
    }
}
