//! What stands in a line while it is read: pieces of text with the marks that are on them, and the
//! nodes that they become. Marks are kept flat, so that no nesting of tags makes nodes deep.

use crate::content::{Image, Inline};
use crate::press::import::text::{OPAQUE, clean, french_pieces, is_fixed_space};

use super::Target;

/// Marks on a piece of text, one bit each.
pub type Marks = u8;

pub const STRONG: Marks = 1;
pub const EMPHASIS: Marks = 2;
pub const DELETE: Marks = 4;
pub const SUPERSCRIPT: Marks = 8;
pub const SUBSCRIPT: Marks = 16;
pub const CODE: Marks = 32;

const NESTING: [Marks; 5] = [STRONG, EMPHASIS, DELETE, SUPERSCRIPT, SUBSCRIPT];

/// A link's place in the list of those that were met.
pub type LinkId = usize;

/// A piece of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    pub what: What,
    pub marks: Marks,
    pub link: Option<LinkId>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Text(String),
    Break,
    Picture(Image),
}

/// A line that is being read.
#[derive(Default)]
pub struct Line {
    pieces: Vec<Piece>,
    /// Bytes of text so far.
    pub bytes: usize,
}

impl Line {
    pub fn text(&mut self, text: &str, marks: Marks, link: Option<LinkId>) {
        self.bytes += text.len();
        if let Some(Piece {
            what: What::Text(last),
            marks: last_marks,
            link: last_link,
        }) = self.pieces.last_mut()
            && (*last_marks, *last_link) == (marks, link)
        {
            last.push_str(text);
            return;
        }
        self.push(What::Text(text.to_owned()), marks, link);
    }

    pub fn line_break(&mut self) {
        self.push(What::Break, 0, None);
    }

    pub fn picture(&mut self, image: Image, marks: Marks, link: Option<LinkId>) {
        self.push(What::Picture(image), marks, link);
    }

    fn push(&mut self, what: What, marks: Marks, link: Option<LinkId>) {
        // Each piece costs something, or a line of breaks alone would never end.
        self.bytes += 8;
        self.pieces.push(Piece { what, marks, link });
    }

    /// Whether nothing is to be seen yet.
    pub fn is_blank(&self) -> bool {
        self.pieces.iter().all(|piece| match &piece.what {
            What::Text(text) => text.trim().is_empty(),
            What::Break => true,
            What::Picture(_) => false,
        })
    }

    /// The lines that this one is: white space folded, nothing invisible, parted where two breaks
    /// follow each other; none of them is blank.
    pub fn finish(self, typography: bool) -> Vec<Vec<Piece>> {
        let mut pieces = self.pieces;
        for piece in &mut pieces {
            if let What::Text(text) = &mut piece.what {
                *text = clean(text);
            }
        }
        fold(&mut pieces);
        pieces.retain(|piece| !matches!(&piece.what, What::Text(text) if text.is_empty()));
        let mut lines = Vec::new();
        let mut line: Vec<Piece> = Vec::new();
        for piece in pieces {
            if piece.what == What::Break {
                match line.last() {
                    None => continue,
                    Some(last) if last.what == What::Break => {
                        line.pop();
                        lines.push(std::mem::take(&mut line));
                        continue;
                    }
                    Some(_) => {}
                }
            }
            line.push(piece);
        }
        if line.last().is_some_and(|last| last.what == What::Break) {
            line.pop();
        }
        lines.push(line);
        lines.retain(|line| !line.is_empty());
        for line in &mut lines {
            unmark_spaces(line);
            if typography {
                set(line);
            }
        }
        lines
    }
}

/// Folds white space over all pieces, as HTML does; a space alone that does not break stays.
fn fold(pieces: &mut [Piece]) {
    // Where the space before the next letter stands, and which it is.
    let mut pending: Option<(usize, char)> = None;
    let mut begun = false;
    for at in 0..pieces.len() {
        let text = match &mut pieces[at].what {
            What::Break => {
                (pending, begun) = (None, false);
                continue;
            }
            What::Picture(_) => {
                if let Some((place, space)) = pending.take() {
                    push(pieces, place, space);
                }
                begun = true;
                continue;
            }
            What::Text(text) => std::mem::take(text),
        };
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            if c.is_whitespace() {
                pending = match pending {
                    _ if !begun => None,
                    None if is_fixed_space(c) => Some((at, c)),
                    None => Some((at, ' ')),
                    Some((place, _)) => Some((place, ' ')),
                };
                continue;
            }
            if let Some((place, space)) = pending.take() {
                if place == at {
                    out.push(space);
                } else {
                    push(pieces, place, space);
                }
            }
            begun = true;
            out.push(c);
        }
        pieces[at].what = What::Text(out);
    }
}

fn push(pieces: &mut [Piece], at: usize, space: char) {
    if let What::Text(text) = &mut pieces[at].what {
        text.push(space);
    }
}

/// Takes from spaces the marks that their neighbours do not have: a bold space says nothing.
fn unmark_spaces(line: &mut Vec<Piece>) {
    for at in 0..line.len() {
        let around = |at: Option<&Piece>| at.map_or((0, None), |p| (p.marks, p.link));
        let before = around(at.checked_sub(1).and_then(|at| line.get(at)));
        let after = around(line.get(at + 1));
        let piece = &mut line[at];
        if matches!(&piece.what, What::Text(text) if text.trim().is_empty()) {
            piece.marks &= before.0 & after.0;
            if before.1 != piece.link || after.1 != piece.link {
                piece.link = None;
            }
        }
    }
    let mut merged: Vec<Piece> = Vec::with_capacity(line.len());
    for piece in line.drain(..) {
        if let (
            Some(Piece {
                what: What::Text(last),
                marks,
                link,
            }),
            What::Text(text),
        ) = (merged.last_mut(), &piece.what)
            && (*marks, *link) == (piece.marks, piece.link)
        {
            last.push_str(text);
        } else {
            merged.push(piece);
        }
    }
    *line = merged;
}

/// Sets French typography over a line.
fn set(line: &mut [Piece]) {
    let mut texts: Vec<String> = line
        .iter()
        .map(|piece| match &piece.what {
            What::Text(text) if piece.marks & CODE == 0 => text.clone(),
            What::Break => "\n".to_owned(),
            _ => OPAQUE.to_string(),
        })
        .collect();
    french_pieces(&mut texts);
    for (piece, new) in line.iter_mut().zip(texts) {
        if let What::Text(text) = &mut piece.what
            && piece.marks & CODE == 0
        {
            *text = new;
        }
    }
}

/// The text of a line without its form.
pub fn plain(line: &[Piece]) -> String {
    let mut text = String::new();
    for piece in line {
        match &piece.what {
            What::Text(part) => text.push_str(part),
            What::Break => text.push(' '),
            What::Picture(_) => {}
        }
    }
    text
}

/// The nodes of a line. Of the marks on the piece in turn, the one that reaches furthest is the
/// outermost.
pub fn inlines(line: &[Piece], links: &[Target]) -> Vec<Inline> {
    let mut out = Vec::new();
    nodes(line, links, 0, false, &mut out);
    out
}

fn nodes(line: &[Piece], links: &[Target], done: Marks, linked: bool, out: &mut Vec<Inline>) {
    let mut at = 0;
    while at < line.len() {
        let rest = &line[at..];
        let piece = &rest[0];
        let run = |same: &dyn Fn(&Piece) -> bool| {
            let length = rest.iter().take_while(|p| same(p)).count();
            // A break at the end belongs outside.
            let breaks = rest[..length].iter().rev();
            length - breaks.take_while(|p| p.what == What::Break).count()
        };
        let mut best: (usize, Option<Marks>) = (0, None);
        if !linked && piece.link.is_some() {
            best = (
                run(&|p| p.link == piece.link || p.what == What::Break),
                None,
            );
        }
        for mark in NESTING {
            if done & mark == 0 && piece.marks & mark != 0 {
                let length = run(&|p| p.marks & mark != 0 || p.what == What::Break);
                if length > best.0 {
                    best = (length, Some(mark));
                }
            }
        }
        let (length, mark) = best;
        if length == 0 {
            leaf(piece, out);
            at += 1;
            continue;
        }
        let mut children = Vec::new();
        let inner = &rest[..length];
        match mark {
            Some(mark) => nodes(inner, links, done | mark, linked, &mut children),
            None => nodes(inner, links, done, true, &mut children),
        }
        out.push(match (mark, piece.link) {
            (Some(STRONG), _) => Inline::Strong { children },
            (Some(EMPHASIS), _) => Inline::Emphasis { children },
            (Some(DELETE), _) => Inline::Delete { children },
            (Some(SUPERSCRIPT), _) => Inline::Superscript { children },
            (Some(_), _) => Inline::Subscript { children },
            (None, link) => match link.and_then(|id| links.get(id)) {
                Some(target) => Inline::Link {
                    url: target.href.clone(),
                    children,
                },
                None => {
                    out.append(&mut children);
                    at += length;
                    continue;
                }
            },
        });
        at += length;
    }
}

fn leaf(piece: &Piece, out: &mut Vec<Inline>) {
    match &piece.what {
        What::Break => out.push(Inline::Break),
        What::Picture(image) => out.push(Inline::Picture(image.clone())),
        What::Text(text) => match out.last_mut() {
            Some(Inline::InlineCode { value }) if piece.marks & CODE != 0 => value.push_str(text),
            Some(Inline::Text { value }) if piece.marks & CODE == 0 => value.push_str(text),
            _ if piece.marks & CODE != 0 => out.push(Inline::InlineCode {
                value: text.clone(),
            }),
            _ => out.push(Inline::Text {
                value: text.clone(),
            }),
        },
    }
}
