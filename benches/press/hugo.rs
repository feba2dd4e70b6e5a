//! The same edition as Hugo takes it: Markdown with front matter, and templates that write the
//! pages that ours are.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::json;

use super::edition::{Block, Edition, PAGE};

/// Writes the site's source to `dir`. `form` is what our pages are poured into: the same style and
/// the same script stand in Hugo's.
pub fn write(edition: &Edition, form: &str, dir: &Path) -> io::Result<()> {
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/press/hugo");
    for folder in ["_default", "partials"] {
        let to = dir.join("layouts").join(folder);
        fs::create_dir_all(&to)?;
        for entry in fs::read_dir(templates.join(folder))? {
            let path = entry?.path();
            fs::copy(&path, to.join(path.file_name().unwrap_or_default()))?;
        }
    }
    // Hugo's templates would read the braces of a script: what does not differ from page to page
    // comes as text.
    let cut = |from: &str, to: &str| {
        let start = form.find(from).map_or(0, |at| at + from.len());
        let end = form[start..].find(to).map_or(form.len(), |at| start + at);
        form[start..end].to_owned()
    };
    let waiting = "<!--/waiting-->";
    let data = dir.join("data");
    fs::create_dir_all(&data)?;
    fs::write(
        data.join("form.json"),
        json!({
            "head": cut("<!--/head-->", "<div id=\"app\">"),
            "end": cut(waiting, "\u{0}"),
        })
        .to_string(),
    )?;
    fs::write(
        dir.join("config.json"),
        json!({
            "baseURL": "https://example.org/",
            "title": "Le Courrier des Deux Rives",
            "languageCode": "fr",
            "defaultContentLanguage": "fr",
            "removePathAccents": true,
            "paginate": PAGE,
            "taxonomies": { "auteur": "auteur", "mot-cle": "mot-cle" },
            "permalinks": { "auteur": "/auteur/:slug/", "mot-cle": "/mot-cle/:slug/" },
            "outputs": { "home": ["HTML", "RSS"], "section": ["HTML", "RSS"], "term": ["HTML"], "taxonomy": ["HTML"] },
        })
        .to_string(),
    )?;
    for n in 0..edition.articles {
        let head = edition.head(n);
        let related: Vec<_> = edition
            .related(n)
            .into_iter()
            .map(|other| {
                let other = edition.head(other);
                json!({
                    "url": format!("/{}/{}/", other.section, other.slug),
                    "title": other.headline, "kicker": other.kicker, "desk": other.desk,
                    "date": other.published, "picture": other.picture,
                })
            })
            .collect();
        let front = json!({
            "title": head.headline, "date": head.published, "slug": head.slug,
            "description": head.standfirst, "kicker": head.kicker,
            "auteur": [head.desk], "mot-cle": edition.keywords(n),
            "picture": head.picture, "related": related,
            // Ours carries its document for the app; so does Hugo's, ready made.
            "document": edition.article(n).to_string().replace('<', "\\u003c"),
        });
        let blocks = edition.body(n);
        let blocks = blocks.into_iter().map(|block| match block {
            Block::Heading(title) => format!("## {title}"),
            Block::Paragraph(words, None) => words,
            Block::Paragraph(words, Some(link)) => {
                format!("{words} [{link}](https://example.com/source/)")
            }
            Block::SeeAlso(other) => {
                let other = edition.head(other);
                format!(
                    "**Lire aussi :** [{}](/{}/{}/)",
                    other.headline, other.section, other.slug
                )
            }
        });
        let text: Vec<_> = std::iter::once(front.to_string()).chain(blocks).collect();
        let path = dir.join(format!("content/{}/{}.md", head.section, head.slug));
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, text.join("\n\n"))?;
    }
    Ok(())
}
