//! French typography (Lexique des règles typographiques en usage à l'Imprimerie nationale): the
//! spaces of ; : ! ? and « », apostrophes, quotes that pair, the ellipsis. Idempotent.

use super::is_right_to_left;

/// Stands for what is not text, or is shown as it is typed, between two pieces of a line.
pub(in crate::press::import) const OPAQUE: char = '\u{fffc}';

/// The space before ; ! and ?
const NARROW: char = '\u{202f}';
/// The space before : and inside « »
const WIDE: char = '\u{a0}';

/// `text` as a French printer sets it. Addresses, times, ratios and numbers stay as they are, and a
/// text that is mostly Arabic too.
#[must_use]
pub fn french(text: &str) -> String {
    let mut pieces = [text.to_owned()];
    french_pieces(&mut pieces);
    let [text] = pieces;
    text
}

/// The same over a line in several pieces, as in `<em>Bonjour</em> !`. A piece that is [`OPAQUE`]
/// is left alone.
pub(in crate::press::import) fn french_pieces(pieces: &mut [String]) {
    if !pieces.iter().any(|piece| piece.contains(is_touched)) {
        return;
    }
    let mut line: Vec<char> = Vec::new();
    let mut owners: Vec<usize> = Vec::new();
    for (owner, piece) in pieces.iter().enumerate() {
        line.extend(piece.chars());
        owners.resize(line.len(), owner);
    }
    let count = |test: fn(char) -> bool| line.iter().filter(|c| test(**c)).count();
    if count(is_right_to_left) > count(|c| c.is_ascii_alphabetic()) {
        return;
    }
    let mut edits = Edits::new(&line);
    edits.ellipses();
    edits.apostrophes();
    edits.quotes();
    edits.guillemets();
    edits.marks();
    if edits.changes.is_empty() {
        return;
    }
    let Edits { mut changes, .. } = edits;
    changes.sort_by_key(|change| (change.at, change.order));
    let mut out = vec![String::new(); pieces.len()];
    let mut changes = changes.into_iter().peekable();
    for (at, c) in line.iter().enumerate() {
        let mut kept = Some(*c);
        while let Some(change) = changes.next_if(|change| change.at == at) {
            match change.what {
                What::Before(new) => out[owners[at]].push(new),
                What::Become(new) => kept = new,
                What::After(new) => {
                    out[owners[at]].extend(kept.take());
                    out[owners[at]].push(new);
                }
            }
        }
        out[owners[at]].extend(kept);
    }
    pieces.clone_from_slice(&out);
}

fn is_touched(c: char) -> bool {
    matches!(c, ';' | ':' | '!' | '?' | '«' | '»' | '\'' | '"' | '.')
}

#[derive(Clone, Copy, Debug)]
enum What {
    /// A letter comes before this one.
    Before(char),
    /// This letter becomes another, or nothing.
    Become(Option<char>),
    /// A letter comes after this one.
    After(char),
}

#[derive(Clone, Copy, Debug)]
struct Change {
    at: usize,
    order: u8,
    what: What,
}

struct Edits<'a> {
    line: &'a [char],
    /// Letters of addresses and the like.
    locked: Vec<bool>,
    changes: Vec<Change>,
}

impl<'a> Edits<'a> {
    fn new(line: &'a [char]) -> Self {
        let mut locked = vec![false; line.len()];
        let mut start = 0;
        for end in 0..=line.len() {
            if end < line.len() && !line[end].is_whitespace() && line[end] != OPAQUE {
                continue;
            }
            if is_address(&line[start..end]) {
                locked[start..end].fill(true);
            }
            start = end + 1;
        }
        Self {
            line,
            locked,
            changes: Vec::new(),
        }
    }

    fn change(&mut self, at: usize, what: What) {
        let order = match what {
            What::Before(_) => 0,
            What::Become(_) => 1,
            What::After(_) => 2,
        };
        self.changes.push(Change { at, order, what });
    }

    fn get(&self, at: usize) -> Option<char> {
        self.line.get(at).copied()
    }

    fn before(&self, at: usize) -> Option<char> {
        at.checked_sub(1).and_then(|at| self.get(at))
    }

    fn ellipses(&mut self) {
        let mut at = 0;
        while at < self.line.len() {
            let run = self.line[at..].iter().take_while(|c| **c == '.').count();
            if run == 3 && !self.locked[at] {
                self.change(at, What::Become(Some('…')));
                self.change(at + 1, What::Become(None));
                self.change(at + 2, What::Become(None));
            }
            at += run.max(1);
        }
    }

    fn apostrophes(&mut self) {
        for at in 0..self.line.len() {
            if self.line[at] != '\'' || self.locked[at] {
                continue;
            }
            let letter = self.before(at).is_some_and(char::is_alphabetic);
            let word = self
                .get(at + 1)
                .is_some_and(|c| c.is_alphanumeric() || matches!(c, OPAQUE | '«' | '“' | '"'));
            if letter && word {
                self.change(at, What::Become(Some('’')));
            }
        }
    }

    /// Straight quotes, where they pair over the whole line.
    fn quotes(&mut self) {
        let places: Vec<usize> = (0..self.line.len())
            .filter(|at| self.line[*at] == '"' && !self.locked[*at])
            .collect();
        if places.is_empty() || places.len() % 2 == 1 {
            return;
        }
        let opens = |at: usize| {
            let free = self.before(at).is_none_or(|c| {
                c.is_whitespace() || matches!(c, '(' | '[' | '’' | '\'' | '«' | '—' | '–')
            });
            free && self
                .get(at + 1)
                .is_some_and(|c| !c.is_whitespace() && c != '"')
        };
        let closes = |at: usize| {
            let free = self
                .get(at + 1)
                .is_none_or(|c| !c.is_alphanumeric() && c != OPAQUE);
            // Not after a number, where it may be inches.
            free && self
                .before(at)
                .is_some_and(|c| !c.is_whitespace() && c != '"')
        };
        let paired = places
            .chunks(2)
            .all(|pair| opens(pair[0]) && closes(pair[1]));
        if !paired {
            return;
        }
        // Inside « » a quote has other marks.
        let mut depth = 0_usize;
        let mut at = 0;
        let mut second = Vec::new();
        for place in &places {
            for c in &self.line[at..*place] {
                match c {
                    '«' => depth += 1,
                    '»' => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
            at = *place;
            second.push(depth > 0);
        }
        if places
            .chunks(2)
            .zip(second.chunks(2))
            .any(|(_, inside)| inside[0] != inside[1])
        {
            return;
        }
        for (pair, inside) in places.chunks(2).zip(second.chunks(2)) {
            if inside[0] {
                self.change(pair[0], What::Become(Some('“')));
                self.change(pair[1], What::Become(Some('”')));
            } else {
                self.change(pair[0], What::Become(Some('«')));
                self.change(pair[0], What::After(WIDE));
                self.change(pair[1], What::Before(WIDE));
                self.change(pair[1], What::Become(Some('»')));
            }
        }
    }

    fn guillemets(&mut self) {
        for at in 0..self.line.len() {
            if self.locked[at] {
                continue;
            }
            let (inner, beyond, other) = match self.line[at] {
                '«' => (self.get(at + 1), self.get(at + 2), '»'),
                '»' => (
                    self.before(at),
                    at.checked_sub(2).and_then(|at| self.get(at)),
                    '«',
                ),
                _ => continue,
            };
            let opens = other == '»';
            match inner {
                None | Some('\n') => {}
                // A space, with something beyond it that is quoted.
                Some(c) if c.is_whitespace() => {
                    if beyond.is_some_and(|c| opens || c != other) {
                        self.space(if opens { at + 1 } else { at - 1 }, WIDE);
                    }
                }
                Some(c) if c == other => {}
                Some(_) if opens => self.change(at, What::After(WIDE)),
                Some(_) => self.change(at, What::Before(WIDE)),
            }
        }
    }

    /// The space at `at` becomes another.
    fn space(&mut self, at: usize, new: char) {
        if self.line[at] != new {
            self.change(at, What::Become(Some(new)));
        }
    }

    /// ; : ! and ?
    fn marks(&mut self) {
        for at in 0..self.line.len() {
            let mark = self.line[at];
            let space = match mark {
                ';' | '!' | '?' => NARROW,
                ':' => WIDE,
                _ => continue,
            };
            if self.locked[at] {
                continue;
            }
            let next = self.get(at + 1);
            // A mark is followed by a space, the end, or what closes; anything else is a name in
            // code, a time, a ratio, a face.
            let ends = next.is_none_or(|c| {
                c.is_whitespace()
                    || matches!(
                        c,
                        OPAQUE | '!' | '?' | '»' | '”' | '’' | '"' | '…' | '.' | ']' | '—' | '«'
                    )
                    || (c == ')' && mark != ':' && mark != ';')
            });
            if !ends {
                continue;
            }
            match self.before(at) {
                Some('\n') | None => {}
                Some(c) if c.is_whitespace() => {
                    let word = at.checked_sub(2).and_then(|at| self.get(at));
                    let ratio = word.is_some_and(|c| c.is_ascii_digit())
                        && self
                            .line
                            .get(at + 1..)
                            .and_then(|rest| rest.iter().find(|c| !c.is_whitespace()))
                            .is_some_and(|c| c.is_ascii_digit())
                        && mark == ':';
                    if word.is_some_and(ends_word) && !ratio {
                        self.space(at - 1, space);
                    }
                }
                Some(c) if ends_word(c) => {
                    let entity = mark == ';' && self.is_entity(at);
                    if !entity {
                        self.change(at, What::Before(space));
                    }
                }
                Some(_) => {}
            }
        }
    }

    /// Whether the semicolon ends something like `&nbsp;`, which was text twice over.
    fn is_entity(&self, at: usize) -> bool {
        let word = self.line[..at].iter().rev().take(12);
        let letters = word
            .take_while(|c| c.is_ascii_alphanumeric() || **c == '#')
            .count();
        at.checked_sub(letters + 1).and_then(|at| self.get(at)) == Some('&')
    }
}

/// Whether a word can end with `c`, so that a mark after it wants its space.
fn ends_word(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(
            c,
            OPAQUE | '»' | '”' | '’' | '"' | ')' | ']' | '…' | '%' | '€' | '$' | '°' | '.'
        )
}

/// Whether a run of letters without white space is an address, a path or a name in code.
fn is_address(word: &[char]) -> bool {
    let has = |text: &str| {
        let mut wanted = text.chars();
        word.windows(text.chars().count())
            .any(|part| part.iter().copied().eq(wanted.clone()))
            && wanted.next().is_some()
    };
    if !word
        .iter()
        .any(|c| matches!(c, '/' | '@' | '.' | ':' | '=' | '_' | '\\'))
    {
        return false;
    }
    let between = |sign: char| {
        let inner = word.windows(3);
        let mut inner = inner.filter(|part| part[1] == sign);
        inner.any(|part| part[0].is_alphanumeric() && part[2].is_alphanumeric())
    };
    let dot_then_slash = word.iter().position(|c| *c == '/').is_some_and(|slash| {
        word[..slash]
            .windows(3)
            .any(|part| part[1] == '.' && part[0].is_alphanumeric() && part[2].is_alphanumeric())
    });
    has("://")
        || has("www.")
        || has("::")
        || between('@')
        || between('=')
        || between('_')
        || between('\\')
        || dot_then_slash
        || has("mailto:")
        || has("tel:")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sets_french_as_printers_do() {
        for (text, wanted) in [
            ("Bonjour !", "Bonjour\u{202f}!"),
            ("Bonjour!", "Bonjour\u{202f}!"),
            ("Quoi ?!", "Quoi\u{202f}?!"),
            ("Voici : un ; deux", "Voici\u{a0}: un\u{202f}; deux"),
            ("Voici: un", "Voici\u{a0}: un"),
            ("« mot »", "«\u{a0}mot\u{a0}»"),
            ("«mot»", "«\u{a0}mot\u{a0}»"),
            ("« Ah ! »", "«\u{a0}Ah\u{202f}!\u{a0}»"),
            ("\"mot\"", "«\u{a0}mot\u{a0}»"),
            (
                "Un \"mot\", \"deux\".",
                "Un «\u{a0}mot\u{a0}», «\u{a0}deux\u{a0}».",
            ),
            ("Un \"mot\" !", "Un «\u{a0}mot\u{a0}»\u{202f}!"),
            ("«dit \"oui\" ici»", "«\u{a0}dit “oui” ici\u{a0}»"),
            ("l'eau d'ici", "l’eau d’ici"),
            ("l'\"eau\"", "l’«\u{a0}eau\u{a0}»"),
            ("Et puis...", "Et puis…"),
            ("(vraiment ?)", "(vraiment\u{202f}?)"),
            ("100 % ; oui", "100 %\u{202f}; oui"),
        ] {
            assert_eq!(french(text), wanted, "{text}");
        }
    }

    #[test]
    fn leaves_what_is_not_prose() {
        for text in [
            "14:05",
            "de 14:05 à 15:10",
            "un rapport de 3:1 ou 3 : 1",
            "https://example.org/a?b=c;d!e:f",
            "contact@example.org",
            "www.example.org/?x",
            "example.org/a:b?c",
            "std::mem::swap",
            "un écran de 27\" et un de 32",
            "5'30\" au tour",
            ":-) ;)",
            "(?)",
            "&nbsp;",
            "a\"b\"c",
            "....",
            "C:\\temp\\a",
            "العربية: نعم!",
            "f(x)=\"y\"",
        ] {
            assert_eq!(french(text), text);
        }
    }

    #[test]
    fn works_over_pieces() {
        let set = |pieces: &[&str]| {
            let mut pieces: Vec<String> = pieces.iter().map(|p| (*p).to_owned()).collect();
            french_pieces(&mut pieces);
            pieces
        };
        assert_eq!(set(&["Bonjour", " !"]), ["Bonjour", "\u{202f}!"]);
        assert_eq!(set(&["l'", "eau", "!"]), ["l’", "eau", "\u{202f}!"]);
        assert_eq!(
            set(&["Un \"", "mot", "\" ici"]),
            ["Un «\u{a0}", "mot", "\u{a0}» ici"]
        );
        assert_eq!(
            set(&["Le ", "\u{fffc}", " ?"]),
            ["Le ", "\u{fffc}", "\u{202f}?"]
        );
    }

    proptest! {
        #[test]
        fn once_is_enough(text in "[a-z0-9 \"'«»“”;:!?.…(),\u{a0}\u{202f}\u{fffc}\n/@é=_-]{0,24}") {
            let once = french(&text);
            prop_assert_eq!(french(&once), once);
        }

        #[test]
        fn only_spaces_and_marks_change(text in "\\PC{0,40}") {
            let letters = |text: &str| -> String {
                text.chars().filter(|c| c.is_alphanumeric()).collect()
            };
            prop_assert_eq!(letters(&french(&text)), letters(&text));
        }

        #[test]
        fn pieces_are_the_line(
            pieces in prop::collection::vec("[ab \"'«»;:!?.1]{0,6}", 1..5),
        ) {
            let mut set = pieces.clone();
            french_pieces(&mut set);
            prop_assert_eq!(set.concat(), french(&pieces.concat()));
        }
    }
}
