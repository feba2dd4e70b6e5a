//! What other sites show in a page, by its own address there: players, posts, videos, sounds.
//! Nothing is fetched from there; the reader is shown a link.

use url::Url;

/// The provider's name in the contract and the page for `url`, where the site is a known one.
pub fn known(url: &Url) -> Option<(&'static str, Url)> {
    let host = url.host_str()?;
    let host = host.strip_prefix("www.").unwrap_or(host);
    let host = host.strip_prefix("m.").unwrap_or(host);
    let parts: Vec<&str> = url.path().split('/').filter(|p| !p.is_empty()).collect();
    let query = |name: &str| {
        let mut pairs = url.query_pairs();
        pairs.find(|(n, _)| n == name).map(|(_, v)| v.into_owned())
    };
    let here = |provider| Some((provider, url.clone()));
    let page = |provider, address: String| Some((provider, Url::parse(&address).ok()?));
    // A player that is told by a parameter what to show, as long as that is the same site's.
    let shown = |provider, name: &str, end: &str| {
        let url = Url::parse(&query(name)?).ok()?;
        let host = url.host_str()?;
        let same = host == end || host.strip_suffix(end).is_some_and(|h| h.ends_with('.'));
        (same && matches!(url.scheme(), "http" | "https")).then_some((provider, url))
    };
    match host {
        "youtube.com" | "youtube-nocookie.com" => {
            let watch = |id: &str| {
                let id = word(id)?;
                page("youtube", format!("https://www.youtube.com/watch?v={id}"))
            };
            match parts[..] {
                ["embed", "videoseries"] | ["playlist"] => {
                    let list = query("list")?;
                    let list = word(&list)?;
                    page(
                        "youtube",
                        format!("https://www.youtube.com/playlist?list={list}"),
                    )
                }
                ["embed" | "v" | "live" | "shorts", id, ..] => watch(id),
                ["watch"] => watch(&query("v")?),
                _ => None,
            }
        }
        "youtu.be" => {
            let id = word(parts.first()?)?;
            page("youtube", format!("https://www.youtube.com/watch?v={id}"))
        }
        "player.vimeo.com" | "vimeo.com" => {
            let id = match parts[..] {
                ["video", id, ..] | [id] => number(id)?,
                _ => return None,
            };
            page("vimeo", format!("https://vimeo.com/{id}"))
        }
        "dailymotion.com" | "geo.dailymotion.com" | "dai.ly" => {
            let id = match parts[..] {
                ["embed", "video", id, ..] | ["video", id, ..] => id.to_owned(),
                [id] if host == "dai.ly" => id.to_owned(),
                _ => query("video")?,
            };
            let id = word(&id)?;
            page(
                "dailymotion",
                format!("https://www.dailymotion.com/video/{id}"),
            )
        }
        "facebook.com" | "fb.watch" => {
            let post = match parts[..] {
                ["plugins", ..] => return shown("facebook", "href", "facebook.com"),
                [first, ..] if FACEBOOK.contains(&first) => true,
                [_, kind, ..] => matches!(kind, "posts" | "videos" | "photos"),
                _ => host == "fb.watch",
            };
            post.then_some(("facebook", url.clone()))
        }
        "instagram.com" => match parts[..] {
            [kind @ ("p" | "reel" | "tv"), id, ..] => {
                let id = word(id)?;
                page(
                    "instagram",
                    format!("https://www.instagram.com/{kind}/{id}/"),
                )
            }
            _ => None,
        },
        "tiktok.com" => match parts[..] {
            [user, "video", id, ..] if user.starts_with('@') => {
                let id = number(id)?;
                page(
                    "tiktok",
                    format!("https://www.tiktok.com/{user}/video/{id}"),
                )
            }
            ["embed", "v2", id, ..] | ["embed", id, ..] | ["player", "v1", id, ..] => {
                let id = number(id)?;
                page("tiktok", format!("https://www.tiktok.com/embed/v2/{id}"))
            }
            _ => None,
        },
        "vm.tiktok.com" => here("tiktok"),
        "twitter.com" | "x.com" | "mobile.twitter.com" => match parts[..] {
            [user, "status" | "statuses", id, ..] => {
                let (user, id) = (word(user)?, number(id)?);
                page("x", format!("https://x.com/{user}/status/{id}"))
            }
            _ => None,
        },
        "platform.twitter.com" => {
            let id = query("id")?;
            let id = number(&id)?;
            page("x", format!("https://x.com/i/status/{id}"))
        }
        "w.soundcloud.com" => shown("soundcloud", "url", "soundcloud.com"),
        "soundcloud.com" if parts.len() >= 2 => here("soundcloud"),
        "open.spotify.com" => match parts[..] {
            ["embed", kind, id, ..] | [kind, id, ..] => {
                let (kind, id) = (word(kind)?, word(id)?);
                page("spotify", format!("https://open.spotify.com/{kind}/{id}"))
            }
            _ => None,
        },
        _ => None,
    }
}

/// What comes first in the address of a post there.
const FACEBOOK: [&str; 7] = [
    "watch",
    "reel",
    "share",
    "story.php",
    "permalink.php",
    "photo.php",
    "video.php",
];

/// A name in an address that needs no escape.
fn word(text: &str) -> Option<&str> {
    let fine = !text.is_empty()
        && text.len() <= 100
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    fine.then_some(text)
}

fn number(text: &str) -> Option<&str> {
    word(text).filter(|text| text.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_page_of_a_player() {
        for (player, provider, page) in [
            (
                "https://www.youtube.com/embed/abc-DEF?rel=0",
                "youtube",
                "https://www.youtube.com/watch?v=abc-DEF",
            ),
            (
                "https://www.youtube-nocookie.com/embed/abc",
                "youtube",
                "https://www.youtube.com/watch?v=abc",
            ),
            (
                "https://youtu.be/abc?t=3",
                "youtube",
                "https://www.youtube.com/watch?v=abc",
            ),
            (
                "https://player.vimeo.com/video/123?h=1",
                "vimeo",
                "https://vimeo.com/123",
            ),
            (
                "https://www.dailymotion.com/embed/video/x1",
                "dailymotion",
                "https://www.dailymotion.com/video/x1",
            ),
            (
                "https://geo.dailymotion.com/player.html?video=x1",
                "dailymotion",
                "https://www.dailymotion.com/video/x1",
            ),
            (
                "https://www.facebook.com/plugins/video.php?href=https%3A%2F%2Fwww.facebook.com%2Fa%2Fvideos%2F1%2F",
                "facebook",
                "https://www.facebook.com/a/videos/1/",
            ),
            (
                "https://www.instagram.com/p/abc/embed/captioned/",
                "instagram",
                "https://www.instagram.com/p/abc/",
            ),
            (
                "https://www.tiktok.com/@a.b/video/12",
                "tiktok",
                "https://www.tiktok.com/@a.b/video/12",
            ),
            (
                "https://twitter.com/a/status/12?ref_src=x",
                "x",
                "https://x.com/a/status/12",
            ),
            (
                "https://platform.twitter.com/embed/Tweet.html?id=12",
                "x",
                "https://x.com/i/status/12",
            ),
            (
                "https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/tracks/1",
                "soundcloud",
                "https://api.soundcloud.com/tracks/1",
            ),
            (
                "https://open.spotify.com/embed/track/a1",
                "spotify",
                "https://open.spotify.com/track/a1",
            ),
        ] {
            let found = known(&Url::parse(player).expect(player));
            let found = found.map(|(provider, url)| (provider, url.to_string()));
            assert_eq!(found, Some((provider, page.to_owned())), "{player}");
        }
        for other in [
            "https://example.org/embed/abc",
            "https://youtube.com.example.org/embed/abc",
            "https://www.youtube.com/@chaine",
            "https://www.youtube.com/embed/a%22b",
            "https://www.facebook.com/plugins/post.php?href=https://example.org/a",
            "https://w.soundcloud.com/player/?url=javascript:x",
            "https://vimeo.com/chaine",
        ] {
            assert_eq!(known(&Url::parse(other).expect(other)), None, "{other}");
        }
    }
}
