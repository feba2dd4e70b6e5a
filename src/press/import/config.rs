//! What the newsroom decides: a small `manchette.toml`, or options of the command.
//! Which sections the edition has, and of which categories they are made.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;

use super::post::{Term, readable_slug};
use crate::content::{Base, Section, Slug};

/// The file, as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The edition's name, where it is not the site's.
    pub name: Option<String>,
    /// What it is, in a sentence.
    pub description: Option<String>,
    /// BCP 47 language tag.
    pub language: Option<String>,
    /// Where the edition is served, where that is not the site's own address.
    pub url: Option<String>,
    /// The sections, in the order of the masthead.
    pub section: Vec<Chosen>,
}

/// A section that is made of a category and the categories within it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    /// The category's slug in the CMS.
    pub category: String,
    /// The section's slug, where that is another.
    pub slug: Option<String>,
    /// Its name for readers, where that is another.
    pub title: Option<String>,
}

impl Config {
    /// Reads a file.
    pub fn read(path: &Path) -> io::Result<Self> {
        let of = |what: String| io::Error::other(format!("{}: {what}", path.display()));
        let text = fs::read_to_string(path).map_err(|error| of(error.to_string()))?;
        let config: Self =
            toml::from_str(&text).map_err(|error| of(error.to_string().trim_end().to_owned()))?;
        if let Some(url) = &config.url
            && Base::parse(url).is_none_or(|base| base.origin().is_empty())
        {
            return Err(of(format!("url: {url:?} is no http or https address")));
        }
        for (index, chosen) in config.section.iter().enumerate() {
            if let Some(slug) = &chosen.slug
                && Slug::section(slug).is_none()
            {
                return Err(of(format!(
                    "section[{index}].slug: {slug:?} must be lower-case letters, digits and single hyphens, and none of the site's own names"
                )));
            }
        }
        Ok(config)
    }

    /// Sections by the categories' slugs alone, as `--sections` names them.
    pub fn choose(&mut self, categories: &[String]) {
        if categories.is_empty() {
            return;
        }
        let chosen = categories.iter().map(|category| Chosen {
            category: category.clone(),
            slug: None,
            title: None,
        });
        self.section = chosen.collect();
    }
}

/// The sections, and which category belongs to which.
#[derive(Debug, Default)]
pub struct Sections {
    /// In the order of the masthead.
    pub list: Vec<Section>,
    /// The section of each category that is in one, and whether the category is the section's own.
    pub of: BTreeMap<String, (usize, bool)>,
}

/// Makes sections of the source's categories. Where none are chosen, of all those at the top that have
/// posts. An error names what was chosen and is not there.
pub fn sections(
    config: &Config,
    terms: &BTreeMap<String, Term>,
    typography: bool,
) -> io::Result<Sections> {
    let slug_of = |term: &Term| readable_slug(&term.slug);
    let mut roots: Vec<(String, Section)> = Vec::new();
    if config.section.is_empty() {
        let mut tops: Vec<_> = terms
            .iter()
            .filter(|(_, term)| term.parent.is_none())
            .collect();
        // "Uncategorized" is where posts are that are in none.
        tops.retain(|(key, _)| count(key, terms) > 0);
        tops.sort_by_key(|(key, term)| (std::cmp::Reverse(count(key, terms)), term.slug.clone()));
        for (key, term) in tops {
            let Some(slug) = slug_of(term).map(allowed) else {
                continue;
            };
            let title = term
                .name
                .line(typography)
                .unwrap_or_else(|| slug.to_string());
            if !roots.iter().any(|(_, section)| section.slug == slug) {
                roots.push((key.clone(), Section { slug, title }));
            }
        }
    }
    for chosen in &config.section {
        let wanted = readable_slug(&chosen.category);
        let named = |term: &Term| {
            term.slug == chosen.category || (wanted.is_some() && slug_of(term) == wanted)
        };
        let Some((key, term)) = terms.iter().find(|(_, term)| named(term)) else {
            let mut there: Vec<_> = terms
                .values()
                .filter_map(slug_of)
                .map(|slug| slug.to_string())
                .collect();
            there.sort();
            there.truncate(40);
            return Err(io::Error::other(format!(
                "sections: the source has no category {:?}; it has: {}",
                chosen.category,
                there.join(", ")
            )));
        };
        let slug = match &chosen.slug {
            Some(slug) => Slug::section(slug),
            None => slug_of(term).map(allowed),
        };
        let Some(slug) = slug else {
            return Err(io::Error::other(format!(
                "sections: {:?} makes no slug",
                chosen.category
            )));
        };
        if roots.iter().any(|(_, section)| section.slug == slug) {
            return Err(io::Error::other(format!(
                "sections: {:?} is there twice",
                slug.as_str()
            )));
        }
        let title = chosen.title.clone().or_else(|| term.name.line(typography));
        let title = title.unwrap_or_else(|| slug.to_string());
        roots.push((key.clone(), Section { slug, title }));
    }
    let mut of = BTreeMap::new();
    for key in terms.keys() {
        // Up from the category, to the first that is a section. (A circle ends after as many steps as
        // there are categories.)
        let mut at = Some(key);
        for _ in 0..=terms.len() {
            let Some(here) = at else { break };
            if let Some(index) = roots.iter().position(|(root, _)| root == here) {
                of.insert(key.clone(), (index, here == key));
                break;
            }
            at = terms.get(here).and_then(|term| term.parent.as_ref());
        }
    }
    let list = roots.into_iter().map(|(_, section)| section).collect();
    Ok(Sections { list, of })
}

/// How many posts a category has, those within it included.
fn count(key: &str, terms: &BTreeMap<String, Term>) -> u64 {
    let own = terms.get(key).map_or(0, |term| term.count);
    let within = terms
        .values()
        .filter(|term| term.parent.as_deref() == Some(key));
    own + within.map(|term| term.count).sum::<u64>()
}

/// The slug, or one beside it where the site needs that for itself.
fn allowed(slug: Slug) -> Slug {
    Slug::section(slug.as_str())
        .or_else(|| Slug::section(&format!("rubrique-{slug}")))
        .unwrap_or(slug)
}

#[cfg(test)]
mod tests {
    use super::super::post::Words;
    use super::*;

    fn term(slug: &str, parent: Option<&str>, count: u64) -> Term {
        Term {
            slug: slug.to_owned(),
            name: Words::Html(format!("{slug} &amp; co")),
            parent: parent.map(str::to_owned),
            count,
        }
    }

    fn terms() -> BTreeMap<String, Term> {
        [
            ("1", term("politique", None, 2)),
            ("2", term("parlement", Some("1"), 4)),
            ("3", term("media", None, 9)),
            ("4", term("vide", None, 0)),
            ("5", term("boucle", Some("6"), 1)),
            ("6", term("retour", Some("5"), 1)),
        ]
        .into_iter()
        .map(|(key, term)| (key.to_owned(), term))
        .collect()
    }

    #[test]
    fn sections_are_the_categories_at_the_top_and_hold_those_below() {
        let sections = sections(&Config::default(), &terms(), false).expect("sections");
        let slugs: Vec<_> = sections.list.iter().map(|s| s.slug.as_str()).collect();
        assert_eq!(slugs, ["rubrique-media", "politique"]);
        assert_eq!(sections.of.get("2"), Some(&(1, false)));
        assert_eq!(sections.of.get("1"), Some(&(1, true)));
        assert_eq!(sections.of.get("5"), None);
    }

    #[test]
    fn chosen_sections_come_in_their_order_and_unknown_ones_are_named() {
        let mut config = Config::default();
        config.choose(&["parlement".to_owned(), "politique".to_owned()]);
        let chosen = sections(&config, &terms(), false).expect("sections");
        // The child is a section of its own here.
        assert_eq!(chosen.of.get("2"), Some(&(0, true)));
        assert_eq!(chosen.list[1].title, "politique & co");
        config.choose(&["sport".to_owned()]);
        let error = sections(&config, &terms(), false)
            .expect_err("an error")
            .to_string();
        assert!(
            error.contains("\"sport\"") && error.contains("parlement, politique"),
            "{error}"
        );
    }

    #[test]
    fn a_file_with_a_fault_is_named_with_the_place() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("manchette.toml");
        let read = |text: &str| {
            fs::write(&path, text).expect("a file");
            Config::read(&path).map_err(|error| error.to_string())
        };
        let config = read(
            "url = \"https://example.org/\"\n[[section]]\ncategory = \"politique\"\ntitle = \"Politique\"",
        );
        assert_eq!(config.expect("a file").section.len(), 1);
        for (text, named) in [
            ("nom = \"x\"", "nom"),
            ("url = \"example.org\"", "url"),
            (
                "[[section]]\ncategory = \"a\"\nslug = \"api\"",
                "section[0].slug",
            ),
            ("[[section]]\ntitle = \"a\"", "category"),
        ] {
            let error = read(text).expect_err(text);
            assert!(
                error.contains("manchette.toml") && error.contains(named),
                "{error}"
            );
        }
    }
}
