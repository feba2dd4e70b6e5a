//! The contract as JSON Schema (2020-12), made from the types that read it.
//! One schema for each kind of document, kept beside the sample edition.

use std::io;
use std::path::{Path, PathBuf};

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use crate::content::{Article, Feed, Site};

/// Name and content of each schema.
#[must_use]
pub fn schemas() -> Vec<(&'static str, String)> {
    let schema = |title: &str, mut value: Value| {
        open(&mut value);
        value["title"] = json!(title);
        serde_json::to_string_pretty(&value).map(|text| text + "\n")
    };
    let generator = || SchemaSettings::draft2020_12().into_generator();
    let of = [
        (
            "site.schema.json",
            schema(
                "site.json",
                generator().into_root_schema_for::<Site>().to_value(),
            ),
        ),
        (
            "feed.schema.json",
            schema(
                "feeds/*.json",
                generator().into_root_schema_for::<Feed>().to_value(),
            ),
        ),
        (
            "article.schema.json",
            schema(
                "articles/*.json",
                generator().into_root_schema_for::<Article>().to_value(),
            ),
        ),
    ];
    of.into_iter()
        .filter_map(|(name, text)| Some((name, text.ok()?)))
        .collect()
}

/// Writes the schemas into `dir` and returns their paths.
pub fn write_schemas(dir: &Path) -> io::Result<Vec<PathBuf>> {
    std::fs::create_dir_all(dir)?;
    schemas()
        .into_iter()
        .map(|(name, text)| {
            let path = dir.join(name);
            std::fs::write(&path, text)?;
            Ok(path)
        })
        .collect()
}

/// A list of nodes takes nodes of unknown types too: the contract shows their children. The types
/// can't say so, for once it is read no such node is left.
fn open(schema: &mut Value) {
    let Some(definitions) = schema.get_mut("$defs").and_then(Value::as_object_mut) else {
        return;
    };
    let mut known = Vec::new();
    for name in ["Block", "Inline"] {
        let variants = definitions
            .get(name)
            .and_then(|node| node["oneOf"].as_array());
        for variant in variants.into_iter().flatten() {
            known.push(variant["properties"]["type"]["const"].clone());
        }
    }
    for name in ["Block", "Inline"] {
        let Some(variants) = definitions
            .get_mut(name)
            .and_then(|node| node["oneOf"].as_array_mut())
        else {
            continue;
        };
        variants.push(json!({
            "description": "A node of a type that the contract does not have: replaced by its \
                            children where it has some, else left out.",
            "type": "object",
            "required": ["type"],
            "properties": { "type": { "type": "string", "not": { "enum": known } } }
        }));
    }
}
