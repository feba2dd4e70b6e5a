//! The six cards below an article: those that share most keywords with it, then those of its section,
//! the nearest in time first.
//
// Nearest, not newest: so a new article changes the cards of a few others, not of all that are like it,
// and the same posts always give the same cards.

use std::collections::BTreeMap;

/// How many cards an article has.
pub const CARDS: usize = 6;
/// How many articles of one keyword or section are looked at, on each side in time.
const NEAR: usize = 100;

/// An article, as far as likeness goes.
#[derive(Clone, Debug)]
pub struct Likeness<'a> {
    /// When it was published, in seconds since 1970.
    pub seconds: i64,
    /// The number of its section.
    pub section: usize,
    /// Its keywords, each once.
    pub keywords: Vec<&'a str>,
    /// The articles that its source shows beside it: they come first.
    pub given: Vec<usize>,
}

/// The cards of each article, by index. `articles` are in the order of time.
pub fn related(articles: &[Likeness<'_>]) -> Vec<Vec<usize>> {
    let mut by_keyword: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut by_section: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, article) in articles.iter().enumerate() {
        for keyword in &article.keywords {
            by_keyword.entry(keyword).or_default().push(index);
        }
        by_section.entry(article.section).or_default().push(index);
    }
    let cards = |(index, article): (usize, &Likeness<'_>)| {
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        for keyword in &article.keywords {
            for other in near(by_keyword.get(keyword), index, NEAR) {
                *shared.entry(other).or_default() += 1;
            }
        }
        for other in near(
            by_section.get(&article.section),
            index,
            CARDS + article.given.len(),
        ) {
            shared.entry(other).or_default();
        }
        let mut others: Vec<_> = shared.into_iter().collect();
        others.sort_by_key(|(other, shared)| {
            let like = &articles[*other];
            let elsewhere = like.section != article.section;
            let apart = like.seconds.abs_diff(article.seconds);
            // Of two that are as far, the newer.
            (
                std::cmp::Reverse(*shared),
                elsewhere,
                apart,
                std::cmp::Reverse(*other),
            )
        });
        let mut cards: Vec<usize> = Vec::with_capacity(CARDS);
        let given = article.given.iter().copied();
        for other in given.chain(others.into_iter().map(|(other, _)| other)) {
            if other != index && !cards.contains(&other) && cards.len() < CARDS {
                cards.push(other);
            }
        }
        cards
    };
    articles.iter().enumerate().map(cards).collect()
}

/// Those of a list that stand next to `index`, at most so many on each side.
fn near(list: Option<&Vec<usize>>, index: usize, most: usize) -> impl Iterator<Item = usize> + '_ {
    let list = list.map_or(&[][..], Vec::as_slice);
    let at = list.partition_point(|other| *other < index);
    let from = at.saturating_sub(most);
    let to = list.len().min(at + most + 1);
    list[from..to]
        .iter()
        .copied()
        .filter(move |other| *other != index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn article(seconds: i64, section: usize, keywords: &[&'static str]) -> Likeness<'static> {
        Likeness {
            seconds,
            section,
            keywords: keywords.to_vec(),
            given: Vec::new(),
        }
    }

    #[test]
    fn shared_keywords_come_before_the_section_and_the_nearest_before_the_far() {
        let mut articles: Vec<_> = (0..20).map(|n| article(n * 10, 0, &[])).collect();
        articles[3] = article(30, 1, &["eau", "barrage"]);
        articles[9] = article(90, 0, &["eau"]);
        articles[10] = article(100, 0, &["eau", "barrage"]);
        let cards = related(&articles);
        assert_eq!(cards[10], [3, 9, 11, 12, 8, 13]);
        assert!(
            cards
                .iter()
                .enumerate()
                .all(|(n, cards)| cards.len() <= CARDS && !cards.contains(&n))
        );
        // Alone in its section: only what shares a keyword.
        assert_eq!(cards[3], [10, 9]);
        articles[10].given = vec![0, 10, 0, 19];
        assert_eq!(related(&articles)[10], [0, 19, 3, 9, 11, 12]);
    }

    #[test]
    fn a_new_article_changes_the_cards_of_few() {
        let old: Vec<_> = (0..500).map(|n| article(n * 60, 0, &["ville"])).collect();
        let mut new = old.clone();
        new.push(article(500 * 60, 0, &["ville"]));
        let (old, new) = (related(&old), related(&new));
        let changed = old.iter().zip(&new).filter(|(old, new)| old != new).count();
        assert!((1..=6).contains(&changed), "{changed}");
    }
}
