//! Tells whose a picture is from what it shows, where a caption says both.
//! Knows how French newsrooms end a caption; nothing is taken away that is not put beside it.

use super::line;

/// A caption and the credit that stood at its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caption {
    /// What the picture shows.
    pub caption: Option<String>,
    /// Whose it is.
    pub credit_text: Option<String>,
}

/// The longest credit, in letters: what is longer is a sentence.
const CREDIT_LIMIT: usize = 80;

/// Agencies and libraries whose name after a slash ends a caption.
const AGENCIES: [&str; 22] = [
    "afp",
    "reuters",
    "ap",
    "epa",
    "map",
    "getty",
    "getty images",
    "sipa",
    "sipa press",
    "xinhua",
    "dpa",
    "ansa",
    "efe",
    "maxppp",
    "abaca",
    "shutterstock",
    "istock",
    "unsplash",
    "pixabay",
    "pexels",
    "wikimedia",
    "wikimedia commons",
];

/// What stands before a name that is a credit, in small letters.
const LABELS: [&str; 18] = [
    "crédit photos",
    "crédits photos",
    "crédit photo",
    "crédits photo",
    "credit photo",
    "credits photo",
    "crédit image",
    "crédit",
    "crédits",
    "credit",
    "credits",
    "photographie",
    "photographe",
    "photos",
    "photo",
    "ph.",
    "ph",
    "copyright",
];

/// The caption in `html`, with "© …", "(c) …", "Crédit photo : …", "Photo : …", "Ph. : …" or
/// "… / AFP" at its end told apart.
#[must_use]
pub fn caption(html: &str, typography: bool) -> Caption {
    split(&line(html, typography))
}

/// The same of text.
pub(in crate::press::import) fn split(text: &str) -> Caption {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    match by_sign(text)
        .or_else(|| by_label(text))
        .or_else(|| by_agency(text))
    {
        Some((caption, credit)) => Caption {
            caption: some(caption),
            credit_text: some(&credit),
        },
        None => Caption {
            caption: some(text),
            credit_text: None,
        },
    }
}

/// What is before a credit, without the stroke or bracket that leads to it.
fn before(text: &str) -> &str {
    text.trim_end_matches(|c: char| {
        c.is_whitespace() || matches!(c, '(' | '[' | '|' | '/' | '-' | '–' | '—' | ',' | ':' | '•')
    })
}

/// A name at the end of a caption, without the bracket or stop after it.
fn name(text: &str) -> Option<&str> {
    let text = text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, ':' | ')' | ']' | '|' | '-' | '–' | ',' | ';')
    });
    let text = text.strip_suffix('.').unwrap_or(text).trim_end();
    let plain = !text.is_empty()
        && text.chars().count() <= CREDIT_LIMIT
        && text.chars().any(char::is_alphanumeric)
        // More sentences come after it: that is no end.
        && !has_sentence(text)
        && !text.contains(['!', '?', '«']);
    plain.then_some(text)
}

/// Whether a sentence ends in `text`: a stop after a word, not after an initial.
fn has_sentence(text: &str) -> bool {
    text.match_indices(". ").any(|(at, _)| {
        let word = text[..at].chars().rev().take_while(|c| c.is_alphanumeric());
        word.count() > 2
    })
}

fn by_sign(text: &str) -> Option<(&str, String)> {
    let (at, length) = ["©", "(c)", "(C)"]
        .iter()
        .filter_map(|sign| Some((text.rfind(sign)?, sign.len())))
        .max()?;
    let name = name(&text[at + length..])?;
    let left = before(&text[..at]);
    // "Crédit : © AFP", "Photo © AFP"
    let left = label_start(left).map_or(left, |start| before(&left[..start]));
    Some((left, format!("© {name}")))
}

/// Where a label begins that ends `text`.
fn label_start(text: &str) -> Option<usize> {
    LABELS.iter().find_map(|label| {
        let start = ends_with(text, label)?;
        begins_word(text, start).then_some(start)
    })
}

/// Where `end`, in small letters, begins in `text` that ends with it in any letters.
fn ends_with(text: &str, end: &str) -> Option<usize> {
    let mut letters = text.char_indices().rev();
    let mut start = text.len();
    for wanted in end.chars().rev() {
        let (at, c) = letters.next()?;
        if !same_letter(c, wanted) {
            return None;
        }
        start = at;
    }
    Some(start)
}

fn same_letter(c: char, small: char) -> bool {
    c == small || c.to_lowercase().eq(std::iter::once(small))
}

fn begins_word(text: &str, at: usize) -> bool {
    let last = text[..at].chars().next_back();
    last.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '’' | '\'' | '-'))
}

fn by_label(text: &str) -> Option<(&str, String)> {
    let colon = text.rfind(':')?;
    let head = text[..colon].trim_end();
    let start = label_start(head)?;
    let left = &text[..start];
    // "Sur cette photo : le port" is a caption; a credit's label begins a sentence or a bracket.
    let opens = before(left).is_empty()
        || left.trim_end().ends_with([
            '.', '!', '?', '…', '(', '[', '|', '-', '–', '—', '/', '•', '»', ')', '\n',
        ]);
    let name = name(&text[colon + 1..])?;
    opens.then(|| (before(left), name.to_owned()))
}

fn by_agency(text: &str) -> Option<(&str, String)> {
    let trimmed = text.trim_end_matches([')', ']', '.', ' ']);
    let slash = trimmed.rfind('/')?;
    let agency = trimmed[slash + 1..].trim();
    if !AGENCIES.contains(&agency.to_lowercase().as_str()) {
        return None;
    }
    // The photographer's name goes back to the end of the caption's sentence.
    let head = trimmed[..slash].trim_end();
    let border = [
        ". ",
        "! ",
        "? ",
        " (",
        " - ",
        " – ",
        " — ",
        "| ",
        "\u{a0}! ",
        "\u{202f}! ",
    ]
    .iter()
    .filter_map(|border| Some(head.rfind(border)? + border.len()))
    .max();
    match border {
        Some(border) if head[border..].chars().count() <= CREDIT_LIMIT / 2 => {
            let credit = head[border..].trim();
            let credit = if credit.is_empty() {
                agency.to_owned()
            } else {
                format!("{credit} / {agency}")
            };
            Some((before(&head[..border]), credit))
        }
        _ if head.split_whitespace().count() <= 3 && !head.is_empty() => {
            Some(("", format!("{head} / {agency}")))
        }
        _ => Some((before(head), agency.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_caption_and_credit_apart() {
        for (text, caption, credit) in [
            ("Le port au matin", Some("Le port au matin"), None),
            (
                "Le port au matin. © DR",
                Some("Le port au matin."),
                Some("© DR"),
            ),
            (
                "Le port au matin (c) AFP",
                Some("Le port au matin"),
                Some("© AFP"),
            ),
            (
                "Le port (© La rédaction)",
                Some("Le port"),
                Some("© La rédaction"),
            ),
            ("© DR", None, Some("© DR")),
            (
                "Le port. Crédit : La rédaction",
                Some("Le port."),
                Some("La rédaction"),
            ),
            (
                "Le port. Crédits photo : L. Martel.",
                Some("Le port."),
                Some("L. Martel"),
            ),
            ("Le port | Photo : MAP", Some("Le port"), Some("MAP")),
            (
                "Le port (Ph. : L. Martel)",
                Some("Le port"),
                Some("L. Martel"),
            ),
            ("Photo : La rédaction", None, Some("La rédaction")),
            (
                "Le port. Lou Martel / AFP",
                Some("Le port."),
                Some("Lou Martel / AFP"),
            ),
            (
                "Le port au petit matin / AFP",
                Some("Le port au petit matin"),
                Some("AFP"),
            ),
            ("Lou Martel / Reuters", None, Some("Lou Martel / Reuters")),
            (
                "Le port. Photo © Lou Martel",
                Some("Le port."),
                Some("© Lou Martel"),
            ),
            (
                "Sur cette photo : le port",
                Some("Sur cette photo : le port"),
                None,
            ),
            ("Ouvert 7 jours / 7", Some("Ouvert 7 jours / 7"), None),
            ("", None, None),
        ] {
            let found = split(text);
            assert_eq!(found.caption.as_deref(), caption, "{text}");
            assert_eq!(found.credit_text.as_deref(), credit, "{text}");
        }
    }

    #[test]
    fn reads_html() {
        let found = caption("L&rsquo;oued <em>en crue</em>. &copy; DR", true);
        assert_eq!(found.caption.as_deref(), Some("L’oued en crue."));
        assert_eq!(found.credit_text.as_deref(), Some("© DR"));
    }
}
