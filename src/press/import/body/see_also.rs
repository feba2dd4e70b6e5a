//! "Lire aussi" in every form in which newsrooms write it, as the contract's node.
//! Knows the words that lead to it; where a link leads is said by the target.

use crate::content::{Block, Inline};
use crate::press::import::text;
use crate::route::Route;

use super::Target;
use super::line::{Piece, What};

/// Words that lead to other articles, without accents, in small letters.
const LEADS: [&str; 22] = [
    "a lire aussi",
    "a lire egalement",
    "a lire encore",
    "a lire ou a relire",
    "a lire et a relire",
    "a voir aussi",
    "a voir egalement",
    "a ecouter aussi",
    "a decouvrir aussi",
    "a relire",
    "lire aussi",
    "lire egalement",
    "lire encore",
    "lire ou relire",
    "voir aussi",
    "voir egalement",
    "ecouter aussi",
    "decouvrir aussi",
    "sur le meme sujet",
    "sur le meme theme",
    "dans le meme dossier",
    "nos articles sur le meme sujet",
];

/// Those that are only a lead with a colon after them.
const WEAK: [&str; 5] = ["a lire", "a voir", "lire", "voir", "relire"];

/// Words that may stand between two links.
const BETWEEN: [&str; 4] = ["et", "ou", "puis", "aussi"];

/// The longest words between lead and colon, as in "À lire aussi dans nos pages :".
const LEAD_LIMIT: usize = 40;

/// How many bytes of `text` are a lead, with the colon or arrow after it.
fn lead(text: &str) -> Option<usize> {
    let mut folded = String::new();
    // For each byte of `folded`, where in `text` it comes from.
    let mut places = Vec::new();
    for (at, c) in text.char_indices() {
        if folded.len() > 2 * LEAD_LIMIT {
            break;
        }
        let c = match c {
            'à' | 'À' | 'â' => 'a',
            'é' | 'É' | 'è' | 'ê' => 'e',
            c if c.is_whitespace() => ' ',
            c if c.is_ascii() => c.to_ascii_lowercase(),
            _ => '\u{1}',
        };
        folded.push(c);
        places.push(at);
    }
    let start = folded.find(|c: char| c.is_ascii_alphanumeric())?;
    let here = &folded[start..];
    let after = |words: &[&str]| {
        let words = words.iter().filter_map(|words| here.strip_prefix(words));
        let words = words.filter(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()));
        words.map(|rest| folded.len() - rest.len()).max()
    };
    let place = |at: usize| places.get(at).copied().unwrap_or(text.len());
    let colon = |from: usize| {
        let at = folded[from..].find(':')?;
        (at <= LEAD_LIMIT).then_some(from + at + 1)
    };
    let end = match after(&LEADS) {
        Some(end) => colon(end).unwrap_or(end),
        None => {
            let end = after(&WEAK)?;
            colon(end).filter(|colon| folded[end..*colon].trim() == ":")?
        }
    };
    let from = place(end);
    let rest = text[from..].find(char::is_alphanumeric);
    // A quote or bracket that opens the title belongs to it.
    let stop = rest.map_or(text.len(), |rest| from + rest);
    let opening = text[from..stop].find(['«', '“', '"', '(', '[']);
    Some(opening.map_or(stop, |opening| from + opening))
}

/// The lines that a paragraph is, if it is nothing else: links after a lead, or, where `alone` may
/// be enough, one link to an article of the edition.
pub fn read(line: &[Piece], links: &[Target], alone: bool) -> Option<Vec<Block>> {
    if !line.iter().any(|piece| piece.link.is_some()) {
        return None;
    }
    let text = super::line::plain(line);
    let lead = lead(&text);
    let mut skipped = lead.unwrap_or_default();
    let mut titles: Vec<(usize, String)> = Vec::new();
    let mut between = String::new();
    let mut last = None;
    for piece in line {
        let part = match &piece.what {
            What::Text(text) => text.as_str(),
            What::Break => " ",
            What::Picture(_) => return None,
        };
        let (skip, part) = part.split_at(skipped.min(part.len()));
        skipped -= skip.len();
        match piece.link {
            Some(id) if last == Some(id) => {
                if let Some((_, title)) = titles.last_mut() {
                    title.push_str(part);
                }
            }
            Some(id) => {
                titles.push((id, part.to_owned()));
                between.push(' ');
            }
            None => between.push_str(part),
        }
        last = piece.link;
    }
    let quiet = between
        .split(|c: char| !c.is_alphanumeric())
        .all(|word| word.is_empty() || (lead.is_some() && BETWEEN.contains(&word)));
    titles.retain(|(_, title)| title.contains(char::is_alphanumeric));
    if !quiet || titles.is_empty() || (lead.is_none() && !(alone && titles.len() == 1)) {
        return None;
    }
    let lines = titles.into_iter().map(|(id, title)| {
        let target = links.get(id)?;
        if lead.is_none() && target.own.is_none() {
            return None;
        }
        line_to(target, &title)
    });
    lines.collect()
}

/// The line that leads to `target`.
pub fn line_to(target: &Target, title: &str) -> Option<Block> {
    let title = text::plain(title);
    if title.is_empty() || !target.web {
        return None;
    }
    Some(match &target.own {
        Some((section, slug)) => Block::SeeAlso {
            slug: Some(slug.clone()),
            section: Some(section.clone()),
            url: None,
            title,
        },
        None => Block::SeeAlso {
            slug: None,
            section: None,
            url: Some(target.href.clone()),
            title,
        },
    })
}

/// Makes lines of the links that follow a lead which stands alone, as a subhead or a paragraph.
pub fn gather(blocks: Vec<Block>) -> Vec<Block> {
    let leads = |block: &Block| match block {
        Block::Paragraph { children } | Block::Heading { children, .. } => {
            let text = Inline::plain(children);
            text.len() < 120
                && !children
                    .iter()
                    .any(|node| matches!(node, Inline::Link { .. }))
                && lead(&text) == Some(text.len())
        }
        _ => false,
    };
    let mut out: Vec<Block> = Vec::with_capacity(blocks.len());
    // Whether the last block that was kept is a lead without its links.
    let mut waiting = false;
    let mut following = false;
    for block in blocks {
        if leads(&block) {
            out.push(block);
            (waiting, following) = (true, false);
            continue;
        }
        if !waiting && !following {
            out.push(block);
            continue;
        }
        match links_alone(&block) {
            Some(mut lines) => {
                if waiting {
                    out.pop();
                }
                (waiting, following) = (false, true);
                out.append(&mut lines);
            }
            None => {
                (waiting, following) = (false, false);
                out.push(block);
            }
        }
    }
    out
}

/// The lines of a block that holds links and nothing else.
fn links_alone(block: &Block) -> Option<Vec<Block>> {
    match block {
        Block::SeeAlso { .. } => Some(vec![block.clone()]),
        Block::Paragraph { children } => links_in(children),
        Block::List { children, .. } => {
            let items = children.iter().map(|item| match &item.children[..] {
                [Block::Paragraph { children }] => links_in(children),
                [line @ Block::SeeAlso { .. }] => Some(vec![line.clone()]),
                _ => None,
            });
            Some(items.collect::<Option<Vec<_>>>()?.concat())
        }
        _ => None,
    }
}

fn links_in(nodes: &[Inline]) -> Option<Vec<Block>> {
    let mut lines = Vec::new();
    for node in nodes {
        match node {
            Inline::Link { url, children } => lines.push((url, Inline::plain(children))),
            Inline::Strong { children } | Inline::Emphasis { children } => {
                return links_in(children).filter(|_| nodes.len() == 1);
            }
            Inline::Text { value } if !value.contains(char::is_alphanumeric) => {}
            Inline::Break => {}
            _ => return None,
        }
    }
    let lines = lines.into_iter().map(|(url, title)| {
        let own = match Route::parse(url.as_str()) {
            Some(Route::Article { section, slug }) => Some((section, slug)),
            _ => None,
        };
        let web = own.is_some() || url.as_str().starts_with("http");
        let href = url.clone();
        line_to(&Target { href, own, web }, &title)
    });
    let lines: Vec<_> = lines.collect::<Option<_>>()?;
    (!lines.is_empty()).then_some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_words_that_lead() {
        for (text, rest) in [
            ("Lire aussi : Le sel", "Le sel"),
            ("LIRE AUSSI – Le sel", "Le sel"),
            ("→ À lire aussi\u{a0}: « Le sel »", "« Le sel »"),
            ("A lire également Le sel", "Le sel"),
            ("À lire aussi dans nos pages : Le sel", "Le sel"),
            ("À lire : Le sel", "Le sel"),
            ("Voir aussi", ""),
            ("📖 Lire aussi : Le sel", "Le sel"),
        ] {
            let end = lead(text).expect(text);
            assert_eq!(&text[end..], rest, "{text}");
        }
        for text in [
            "Lire aussitôt",
            "Voir la mer",
            "À lire demain",
            "Il faut lire aussi",
            "",
        ] {
            assert_eq!(lead(text), None, "{text}");
        }
    }
}
