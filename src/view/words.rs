//! Every word of the interface, in French, in one place.
//! Narrow no-break spaces (U+202F) stand before double punctuation and inside guillemets.

use crate::content::Trouble;

pub const SKIP: &str = "Aller au contenu";
pub const SECTIONS: &str = "Rubriques";
pub const TEXT_SIZE: &str = "Taille du texte";
/// The four steps of the text size: stored value and accessible name.
pub const TEXT_SIZES: [(&str, &str); 4] = [
    ("normale", "Normale"),
    ("grande", "Grande"),
    ("tres-grande", "Très grande"),
    ("maximale", "Maximale"),
];
pub const UPDATED: &str = "Mis à jour le\u{a0}";
pub const KEYWORDS: &str = "Mots-clés";
pub const LATEST: &str = "Dernières actualités";
pub const RELATED: &str = "À lire aussi";
/// Kept in one piece by the style sheet; a plain space, so that it can be looked for.
pub const SEE_ALSO: &str = "Lire aussi :";
pub const MORE: &str = "Charger plus d'articles";
pub const MORE_LOADING: &str = "Chargement…";
pub const RETRY: &str = "Réessayer";
pub const FRONT_PAGE: &str = "À la une";
pub const BACK_HOME: &str = "Revenir à la une";
pub const LATER: &str = "Lire plus tard";
pub const LATER_REFUSED: &str = "N’a pas pu être gardé. Réessayer";
/// Said by the app alone.
#[cfg(target_arch = "wasm32")]
pub const SAVED: &str = "Article gardé.";
#[cfg(target_arch = "wasm32")]
pub const DROPPED: &str = "Article retiré.";
pub const DROP: &str = "Retirer";
pub const TO_READ: &str = "À lire plus tard";
pub const TO_READ_WHAT: &str = "Les articles que vous gardez restent sur cet appareil, avec leurs \
    images, et se lisent sans réseau.";
pub const TO_READ_EMPTY: &str = "Aucun article gardé pour l’instant. Le bouton «\u{202f}Lire plus \
    tard\u{202f}» est en tête de chaque article et sous chaque titre.";
pub const OFFLINE: &str = "À lire sans réseau";
pub const OFFLINE_WHAT: &str = "Chaque article ouvert reste sur cet appareil. En voici la liste\
    \u{202f}: rien de tout cela n’a besoin du réseau.";
pub const OFFLINE_EMPTY: &str = "Aucun article sur cet appareil pour l’instant\u{202f}: ceux que \
    vous ouvrirez seront ici.";
pub const EMPTY: &str = "Aucun article ici pour le moment.";
pub const NO_MORE: &str = "Vous avez atteint les premiers articles.";
pub const TOP: &str = "Haut de la page";
pub const TABLE: &str = "Tableau";
pub const CODE: &str = "Extrait";
pub const NOT_FOUND: &str = "Page introuvable";
pub const NOT_FOUND_WHY: &str = "L’adresse demandée ne mène à aucun article\u{202f}: il a pu être \
    déplacé ou retiré, ou l’adresse a été mal recopiée. Les rubriques, elles, sont toujours là.";
pub const PAGE_TROUBLE: &str = "Cette page n’a pas pu être chargée";
pub const LIST_TROUBLE: &str = "Les dernières actualités n’ont pas pu être chargées.";
pub const MORE_TROUBLE: &str = "La suite de la liste n’a pas pu être chargée.";

/// On the page at an address that an article has left. Only the press writes it.
#[cfg(not(target_arch = "wasm32"))]
pub const MOVED: &str = "Cette page a changé d’adresse";
#[cfg(not(target_arch = "wasm32"))]
pub const MOVED_TO: &str = "Lire l’article à sa nouvelle adresse";

/// The button behind which new items wait.
pub fn new_items(count: usize) -> String {
    match count {
        1 => "1 nouvel article".to_owned(),
        n => format!("{n} nouveaux articles"),
    }
}

/// The name of the button that keeps an article, where several are in view.
pub fn later(headline: &str) -> String {
    format!("{LATER}\u{202f}: {headline}")
}

/// The name of the button that keeps an article no longer.
pub fn drop(headline: &str) -> String {
    format!("{DROP}\u{202f}: {headline}")
}

/// The time of day after a date.
pub fn at_time(time: &str) -> String {
    format!(" à {time}")
}

/// Said when older items have come below the list.
pub fn new_below(count: usize) -> String {
    match count {
        0 => NO_MORE.to_owned(),
        1 => "1 article de plus".to_owned(),
        n => format!("{n} articles de plus"),
    }
}

/// How long an article takes to read.
pub fn reading_time(minutes: usize) -> String {
    format!("{minutes}\u{a0}min de lecture")
}

/// "Par A, B et C".
pub fn between_names(index: usize, count: usize) -> &'static str {
    match index {
        0 => "Par ",
        i if i + 1 == count => " et ",
        _ => ", ",
    }
}

/// The name of an archive page.
pub fn archive_title(title: &str, n: u32) -> String {
    format!("{title}, archives, page {n}")
}

/// The name of the button that opens an embed, and of the link where there is no app.
pub fn open_embed(provider: &str, playable: bool) -> String {
    match (provider, playable) {
        ("", _) => "Voir sur le site d’origine".to_owned(),
        (provider, true) => format!("Lire la vidéo ({provider})"),
        (provider, false) => format!("Voir sur {provider}"),
    }
}

/// What an embed's provider is called.
pub fn provider(name: &str) -> &str {
    match name {
        "youtube" => "YouTube",
        "x" | "twitter" => "X",
        "facebook" => "Facebook",
        "instagram" => "Instagram",
        "tiktok" => "TikTok",
        "vimeo" => "Vimeo",
        "dailymotion" => "Dailymotion",
        other => other,
    }
}

/// What happened, for a reader, and what they can do.
pub fn trouble(trouble: &Trouble) -> &'static str {
    match trouble {
        Trouble::Missing => "Ce contenu n’est plus, ou pas encore, à cette adresse.",
        Trouble::Status(429 | 500..) => {
            "Le serveur du journal est momentanément débordé ou en panne. Patientez un instant, \
             puis réessayez."
        }
        Trouble::Status(_) => {
            "Le serveur du journal a refusé de répondre. Réessayez, ou revenez un peu plus tard."
        }
        Trouble::Network => {
            "La connexion ne passe pas. Vérifiez le réseau de votre appareil, puis réessayez."
        }
        Trouble::Timeout => {
            "La réponse met trop de temps à venir. Le réseau est peut-être lent\u{202f}: réessayez."
        }
        Trouble::NotJson | Trouble::Shape(_) => {
            "Le serveur a répondu autre chose que ce qui était attendu. Réessayez dans un moment\
             \u{202f}; si cela continue, la rédaction y travaille sans doute déjà."
        }
        Trouble::Truncated => {
            "Le contenu n’est arrivé qu’en partie, sans doute à cause d’une coupure du réseau. \
             Réessayez."
        }
        Trouble::TooLarge => "Ce contenu est trop volumineux pour être affiché ici.",
    }
}
