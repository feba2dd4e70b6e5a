//! `manchette check` on the sample edition and on editions that are broken on purpose; the schemas
//! beside the sample edition; and what the sample edition must have in it.

use std::fs;
use std::path::{Path, PathBuf};

use manchette::press::{check, schemas};
use serde_json::{Value, json};

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("public/api")
}

fn json_files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            json_files(&path, out);
        } else {
            out.push(path);
        }
    }
}

fn value(path: &Path) -> Value {
    let text = fs::read_to_string(path).expect("a text");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn the_sample_edition_has_no_fault() {
    let report = check(&sample()).expect("it can be read");
    let faults: Vec<_> = report.faults.iter().map(ToString::to_string).collect();
    assert_eq!(faults, Vec::<String>::new());
    assert!(report.articles >= 24);
    assert!(report.unknown_nodes >= 2);
}

#[test]
fn the_schemas_beside_the_sample_edition_are_those_of_the_types() {
    for (name, text) in schemas() {
        let kept = fs::read_to_string(sample().join("schema").join(name)).unwrap_or_default();
        assert_eq!(kept, text, "run: cargo run -- schema public/api/schema");
    }
}

#[test]
fn the_sample_edition_is_valid_by_the_schemas() {
    let schema = |name: &str| {
        let schema = value(&sample().join("schema").join(name));
        jsonschema::draft202012::new(&schema).expect("a schema")
    };
    let (site, feed, article) = (
        schema("site.schema.json"),
        schema("feed.schema.json"),
        schema("article.schema.json"),
    );
    let valid = |schema: &jsonschema::Validator, path: &Path| {
        let value = value(path);
        let errors: Vec<_> = schema
            .iter_errors(&value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{}", path.display());
    };
    valid(&site, &sample().join("site.json"));
    for (folder, schema) in [("feeds", &feed), ("articles", &article)] {
        let mut files = Vec::new();
        json_files(&sample().join(folder), &mut files);
        assert!(files.len() > 10);
        for file in files {
            valid(schema, &file);
        }
    }
    // And the schemas do refuse something.
    assert!(!article.is_valid(&json!({ "slug": "a", "headline": "T" })));
    assert!(!feed.is_valid(&json!({ "items": [{ "title": "no id" }] })));
    assert!(!article.is_valid(
        &json!({ "@type": "NewsArticle", "slug": "A B", "headline": "T",
        "body": { "type": "root", "children": [] } })
    ));
}

#[test]
fn the_sample_edition_shows_every_node_and_every_gap() {
    let mut files = Vec::new();
    json_files(&sample().join("articles"), &mut files);
    let articles: Vec<Value> = files.iter().map(|file| value(file)).collect();
    let all = articles.iter().map(Value::to_string).collect::<String>();
    for node in [
        "paragraph",
        "heading",
        "text",
        "emphasis",
        "strong",
        "delete",
        "inlineCode",
        "code",
        "link",
        "blockquote",
        "list",
        "listItem",
        "thematicBreak",
        "table",
        "tableRow",
        "tableCell",
        "seeAlso",
        "figure",
        "embed",
        "superscript",
        "subscript",
        "break",
        "image",
    ] {
        assert!(
            all.contains(&format!(r#""type":"{node}""#)),
            "no {node} in the edition"
        );
    }
    let any = |has: &dyn Fn(&Value) -> bool| articles.iter().any(has);
    for member in ["kicker", "author", "image", "description", "keywords"] {
        assert!(
            any(&|a| a.get(member).is_none()),
            "an article without {member}"
        );
    }
    let headline = |a: &Value| a["headline"].as_str().unwrap_or_default().chars().count();
    assert!(
        any(&|a| (150..=170).contains(&headline(a))),
        "a headline of 160 characters"
    );
    let cards: Vec<&Value> = articles
        .iter()
        .filter_map(|a| a["related"].as_array())
        .flatten()
        .collect();
    for lacking in ["title", "authors", "date_published", "image"] {
        assert!(
            cards.iter().any(|c| c.get(lacking).is_none()),
            "a card without {lacking}"
        );
    }
    let url = |c: &Value| c["url"].as_str().unwrap_or_default().to_owned();
    assert!(
        cards
            .iter()
            .any(|c| url(c).starts_with("https://example.com/")),
        "a link away"
    );
}

/// An edition in a folder of its own.
struct Edition(tempfile::TempDir);

impl Edition {
    fn new() -> Self {
        let edition = Self(tempfile::tempdir().expect("a folder"));
        edition.write("site.json", &json!({
            "name": "N", "url": "https://example.org/", "sections": [{ "slug": "politique", "title": "P" }]
        }));
        let item = |n: u32| {
            json!({
                "id": format!("https://example.org/politique/a{n}/"), "title": "T",
                "url": format!("https://example.org/politique/a{n}/"),
                "date_published": format!("2026-11-{:02}T09:00:00+01:00", n)
            })
        };
        for n in 1..=5 {
            edition.write(
                &format!("articles/a{n}.json"),
                &json!({
                    "slug": format!("a{n}"), "headline": "T", "articleSection": "politique",
                    "body": { "type": "root", "children": [] }
                }),
            );
        }
        for name in ["latest", "politique"] {
            let list = |items: Vec<Value>, next: Option<u32>| {
                let mut feed =
                    json!({ "version": "https://jsonfeed.org/version/1.1", "items": items });
                if let Some(n) = next {
                    feed["next_url"] = json!(format!("/api/feeds/{name}/{n}.json"));
                }
                feed
            };
            edition.write(
                &format!("feeds/{name}.json"),
                &list(vec![item(5), item(4)], Some(2)),
            );
            edition.write(
                &format!("feeds/{name}/2.json"),
                &list(vec![item(3)], Some(1)),
            );
            edition.write(
                &format!("feeds/{name}/1.json"),
                &list(vec![item(2), item(1)], None),
            );
        }
        edition
    }

    fn write(&self, file: &str, value: &Value) {
        self.write_text(file, &value.to_string());
    }

    fn write_text(&self, file: &str, text: &str) {
        let path = self.0.path().join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("written");
    }

    fn change(&self, file: &str, change: impl FnOnce(&mut Value)) {
        let mut json = value(&self.0.path().join(file));
        change(&mut json);
        self.write(file, &json);
    }

    fn faults(&self) -> Vec<String> {
        let report = check(self.0.path()).expect("it can be read");
        report.faults.iter().map(ToString::to_string).collect()
    }
}

#[test]
fn a_small_edition_is_whole() {
    assert_eq!(Edition::new().faults(), Vec::<String>::new());
}

#[test]
fn each_fault_is_named_by_file_and_member() {
    let fault = |wanted: &str, spoil: &dyn Fn(&Edition)| {
        let edition = Edition::new();
        spoil(&edition);
        let faults = edition.faults();
        assert!(
            faults.iter().any(|f| f == wanted),
            "{wanted}\nis not among {faults:#?}"
        );
    };
    fault("site.json: missing", &|e| {
        fs::remove_file(e.0.path().join("site.json")).expect("gone")
    });
    fault(
        "site.json: is not JSON: expected value at line 1 column 1",
        &|e| {
            e.write_text("site.json", "<!doctype html>");
        },
    );
    fault("site.json: begins with a byte-order mark", &|e| {
        e.write_text("site.json", "\u{feff}{}");
    });
    fault("site.json: name: missing", &|e| {
        e.write("site.json", &json!({}))
    });
    fault("feeds/politique.json: missing", &|e| {
        fs::remove_file(e.0.path().join("feeds/politique.json")).expect("gone");
    });
    fault(
        "articles/a1.json: slug: is \"b1\", but the file's name says \"a1\"",
        &|e| {
            e.change("articles/a1.json", |a| a["slug"] = json!("b1"));
        },
    );
    fault("articles/A 1.json: the file's name must be a slug", &|e| {
        e.write("articles/A 1.json", &json!({}));
    });
    fault("articles/a1.json: headline: missing", &|e| {
        e.change("articles/a1.json", |a| a["headline"] = json!(null));
    });
    fault(
        "articles/a1.json: articleSection: the edition has no section \"sport\"",
        &|e| {
            e.change("articles/a1.json", |a| a["articleSection"] = json!("sport"));
        },
    );
    fault(
        "articles/a1.json: datePublished: must be an RFC 3339 time with an offset",
        &|e| {
            e.change("articles/a1.json", |a| {
                a["datePublished"] = json!("2026-11-20T09:30:00")
            });
        },
    );
    fault(
        "articles/a1.json: body.children[0].slug: the edition has no article \"rien\"",
        &|e| {
            e.change("articles/a1.json", |a| {
            a["body"]["children"] = json!([{ "type": "seeAlso", "section": "politique", "slug": "rien", "title": "T" }]);
        });
        },
    );
    fault(
        "articles/a1.json: related[0]: is the article itself",
        &|e| {
            e.change("articles/a1.json", |a| {
            a["related"] = json!([{ "id": "x", "title": "T", "_manchette": { "section": "politique", "slug": "a1" } }]);
        });
        },
    );
    fault(
        "articles/a1.json: url: must be the article's own page, /politique/a1/",
        &|e| {
            e.change("articles/a1.json", |a| {
                a["url"] = json!("https://example.org/politique/a2/")
            });
        },
    );
    fault(
        "feeds/politique.json: items[1].id: stands in this list before",
        &|e| {
            e.change("feeds/politique.json", |f| {
                f["items"][1]["id"] = f["items"][0]["id"].clone()
            });
        },
    );
    fault(
        "feeds/politique.json: items[1].date_published: is later than an item above it; the newest comes first",
        &|e| {
            e.change("feeds/politique.json", |f| {
                f["items"].as_array_mut().expect("a list").reverse()
            })
        },
    );
    fault(
        "feeds/politique.json: next_url: must lead to archive page 2",
        &|e| {
            e.change("feeds/politique.json", |f| f["next_url"] = json!("1.json"));
        },
    );
    fault(
        "feeds/politique/1.json: next_url: leads on from the oldest page",
        &|e| {
            e.change("feeds/politique/1.json", |f| {
                f["next_url"] = json!("2.json")
            });
        },
    );
    fault(
        "feeds/politique/2.json: items: all archive pages but the newest have the same number of items",
        &|e| {
            e.write(
                "feeds/politique/3.json",
                &json!({
                    "version": "https://jsonfeed.org/version/1.1", "items": [], "next_url": "2.json"
                }),
            );
            // Page 1 has two items; page 2, which is no longer the newest, has one.
        },
    );
    fault(
        "feeds/politique/1.json: missing: archive pages are numbered from 1 without a hole",
        &|e| {
            fs::remove_file(e.0.path().join("feeds/politique/1.json")).expect("gone");
        },
    );
    fault(
        "feeds/latest.json: items[0].url: the edition has no article \"zzz\"",
        &|e| {
            e.change("feeds/latest.json", |f| {
                f["items"][0]["url"] = json!("/politique/zzz/")
            });
        },
    );
    let large = format!("{{\"x\":\"{}\"}}", "a".repeat(2 << 20));
    fault("articles/a1.json: is over 2 MiB", &|e| {
        e.write_text("articles/a1.json", &large)
    });
}

#[test]
fn the_command_says_so_and_ends_so() {
    let run = |dir: &Path| {
        let command = env!("CARGO_BIN_EXE_manchette");
        let output = std::process::Command::new(command)
            .arg("check")
            .arg(dir)
            .output();
        let output = output.expect("the command runs");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    };
    let edition = Edition::new();
    assert_eq!(
        run(edition.0.path()),
        (Some(0), "5 articles and 6 lists, no fault\n".into())
    );
    edition.change("articles/a1.json", |a| a["headline"] = json!(null));
    let (code, said) = run(edition.0.path());
    assert_eq!(code, Some(1));
    assert!(
        said.starts_with("articles/a1.json: headline: missing\n"),
        "{said}"
    );
    let (code, _) = run(&edition.0.path().join("rien"));
    assert_eq!(code, Some(2));
}
