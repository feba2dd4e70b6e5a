//! What becomes of a CMS's HTML: a table of what editors write, the same from tag soup, and the
//! properties that hold for any text at all.

use std::fmt::Write as _;

use manchette::content::{Article, Block, Body, Image, Inline, Slug, Src, Srcset, decode};
use manchette::press::import::body::{BODY_LIMIT, Converted, Place, convert};
use manchette::press::import::text;
use proptest::prelude::*;
use serde_json::json;
use url::Url;

const PAGE: &str = "https://journal.example/2024/05/le-marche/";

/// The edition's own articles are at `https://journal.example/2024/05/{slug}/`.
fn own(url: &Url) -> Option<(Slug, Slug)> {
    if url.host_str() != Some("journal.example") {
        return None;
    }
    let slug = url.path().strip_prefix("/2024/05/")?.trim_end_matches('/');
    Some((Slug::section("culture")?, Slug::parse(slug)?))
}

fn known(url: &Url) -> Option<Image> {
    (url.path() == "/connue.jpg").then(|| Image {
        url: Src::parse("/media/connue-800.webp").expect("an address"),
        width: Some(800),
        height: Some(450),
        srcset: Srcset::default(),
        alt: None,
        caption: None,
        credit_text: None,
    })
}

fn read(html: &str, typography: bool) -> Converted {
    let page = Url::parse(PAGE).expect("an address");
    convert(
        html,
        &Place {
            page: &page,
            article: &own,
            picture: &known,
            typography,
        },
    )
}

/// What `one` writes of each number.
fn each(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect::<Vec<_>>().concat()
}

/// A body in short: one line for each block.
fn short(body: &Body) -> String {
    let blocks: Vec<String> = body.children.iter().map(block).collect();
    blocks.join("\n")
}

fn line(nodes: &[Inline]) -> String {
    nodes.iter().map(inline).collect()
}

fn inline(node: &Inline) -> String {
    match node {
        Inline::Text { value } => value.clone(),
        Inline::Emphasis { children } => format!("_{}_", line(children)),
        Inline::Strong { children } => format!("*{}*", line(children)),
        Inline::Delete { children } => format!("~{}~", line(children)),
        Inline::Superscript { children } => format!("^{}^", line(children)),
        Inline::Subscript { children } => format!(",{},", line(children)),
        Inline::InlineCode { value } => format!("`{value}`"),
        Inline::Break => "⏎".to_owned(),
        Inline::Link { url, children } => format!("[{}]({url})", line(children)),
        Inline::Picture(image) => format!("!({})", image.url),
    }
}

fn blocks(blocks: &[Block]) -> String {
    let blocks: Vec<String> = blocks.iter().map(block).collect();
    blocks.join(" ¶ ")
}

fn block(of: &Block) -> String {
    match of {
        Block::Paragraph { children } => line(children),
        Block::Heading { depth, children } => format!("h{depth} {}", line(children)),
        Block::Blockquote { children } => format!("« {} »", blocks(children)),
        Block::List {
            ordered,
            start,
            children,
        } => {
            let items: Vec<_> = children.iter().map(|i| blocks(&i.children)).collect();
            let start = start.map(|n| n.to_string()).unwrap_or_default();
            let kind = if *ordered { "ol" } else { "ul" };
            format!("{kind}{start}({})", items.join(" | "))
        }
        Block::Code { value } => format!("code<{value}>"),
        Block::ThematicBreak => "---".to_owned(),
        Block::Table { children } => {
            let rows = children.iter().map(|row| {
                let cells: Vec<_> = row.children.iter().map(|c| line(&c.children)).collect();
                cells.join(" | ")
            });
            format!("table({})", rows.collect::<Vec<_>>().join(" / "))
        }
        Block::SeeAlso {
            slug,
            section,
            url,
            title,
        } => match (section, slug, url) {
            (Some(section), Some(slug), None) => format!("-> {section}/{slug} {title}"),
            (None, None, Some(url)) => format!("-> {url} {title}"),
            _ => "-> ?".to_owned(),
        },
        Block::Figure { image } => {
            let mut out = format!("fig {}", image.url);
            if let (Some(w), Some(h)) = (image.width, image.height) {
                let _ = write!(out, " {w}x{h}");
            }
            if !image.srcset.is_empty() {
                let _ = write!(out, " {{{}}}", image.srcset);
            }
            for (name, text) in [
                ("alt", &image.alt),
                ("caption", &image.caption),
                ("credit", &image.credit_text),
            ] {
                if let Some(text) = text {
                    let _ = write!(out, " {name}={text}");
                }
            }
            out
        }
        Block::Embed {
            provider,
            url,
            title,
        } => {
            let provider = provider.as_deref().unwrap_or("?");
            let title = title.as_ref().map(|t| format!(" {t}"));
            format!("embed {provider} {url}{}", title.unwrap_or_default())
        }
    }
}

/// Reads a body back as the app does: no fault, no unknown node, and the same again.
fn assert_valid(body: &Body) {
    let article = json!({ "slug": "a", "headline": "A", "body": body }).to_string();
    assert!(article.len() < BODY_LIMIT + 1_000, "{}", article.len());
    let decoded = decode(article.as_bytes(), Article::read);
    let faults: Vec<_> = decoded.faults.iter().map(ToString::to_string).collect();
    assert_eq!(faults, Vec::<String>::new());
    assert_eq!(decoded.unknown_nodes, 0);
    assert_eq!(&decoded.value.expect("an article").body, body);
}

#[track_caller]
fn assert_cases(cases: &[(&str, &str)], typography: bool) {
    for (html, wanted) in cases {
        let converted = read(html, typography);
        assert_eq!(short(&converted.body), *wanted, "{html}");
        assert_valid(&converted.body);
    }
}

#[test]
fn gutenberg_blocks_are_the_contracts() {
    assert_cases(
        &[
            (
                "<!-- wp:paragraph -->\n<p>Un <strong>mot</strong> et <em>un autre</em>.</p>\n<!-- /wp:paragraph -->\n\n\
                 <!-- wp:heading --><h2 class=\"wp-block-heading\">Un intertitre</h2><!-- /wp:heading -->",
                "Un *mot* et _un autre_.\nh2 Un intertitre",
            ),
            (
                "<h1>A</h1><h2><strong>B</strong></h2><h3>C</h3><h4>D</h4><h5>E</h5><h6>F<br>G</h6>",
                "h2 A\nh2 B\nh3 C\nh4 D\nh4 E\nh4 F⏎G",
            ),
            (
                "<ul class=\"wp-block-list\"><li>Un</li><li>Deux<ul><li>Trois</li></ul></li></ul>",
                "ul(Un | Deux ¶ ul(Trois))",
            ),
            (
                "<ol start=\"3\"><li>Un</li><li><p>Deux</p><p>suite</p></li></ol>",
                "ol3(Un | Deux ¶ suite)",
            ),
            (
                "<ol reversed><li>Un</li><li>Deux</li></ol>",
                "ul(2. Un | 1. Deux)",
            ),
            (
                "<ul><li>Un</li><ul><li>Deux</li></ul>libre</ul>",
                "ul(Un ¶ ul(Deux) | libre)",
            ),
            (
                "<blockquote class=\"wp-block-quote\"><p>Le sel vient de la mer.</p><cite>Un saunier</cite></blockquote>",
                "« Le sel vient de la mer. ¶ _Un saunier_ »",
            ),
            (
                "<figure class=\"wp-block-pullquote\"><blockquote><p>Une phrase.</p><cite>Elle</cite></blockquote></figure>",
                "« Une phrase. ¶ _Elle_ »",
            ),
            (
                "<figure class=\"wp-block-image size-large\"><img src=\"https://journal.example/a.jpg\" alt=\"Un quai\" width=\"1024\" height=\"683\" \
                 srcset=\"https://journal.example/a-300.jpg 300w, /a-768.jpg 768w, /b.jpg 2x\" sizes=\"100vw\"/>\
                 <figcaption class=\"wp-element-caption\">Le quai <em>au matin</em>. © DR</figcaption></figure>",
                "fig https://journal.example/a.jpg 1024x683 {https://journal.example/a-300.jpg 300w, https://journal.example/a-768.jpg 768w} alt=Un quai caption=Le quai au matin. credit=© DR",
            ),
            (
                "<div class=\"wp-block-image\"><figure class=\"alignleft\"><a href=\"/a.jpg\"><img src=\"/a-1.jpg\" alt=\"\"/></a></figure></div>",
                "fig https://journal.example/a-1.jpg",
            ),
            (
                "<img src=\"https://journal.example/connue.jpg\" alt=\"Une place\" width=\"1\" height=\"2\">",
                "",
            ),
            (
                "<img src=\"https://journal.example/connue.jpg\" alt=\"Une place\" width=\"100\" height=\"200\">",
                "fig /media/connue-800.webp 800x450 alt=Une place",
            ),
            (
                "<figure class=\"wp-block-gallery columns-2\"><ul class=\"blocks-gallery-grid\">\
                 <li class=\"blocks-gallery-item\"><figure><img src=\"/1.jpg\"/><figcaption>Un</figcaption></figure></li>\
                 <li class=\"blocks-gallery-item\"><figure><img src=\"/2.jpg\"/></figure></li></ul>\
                 <figcaption class=\"blocks-gallery-caption\">Deux vues</figcaption></figure>",
                "fig https://journal.example/1.jpg caption=Un\nfig https://journal.example/2.jpg\nDeux vues",
            ),
            (
                "<figure class=\"wp-block-gallery has-nested-images\"><figure class=\"wp-block-image\"><img src=\"/1.jpg\"/></figure>\
                 <figure class=\"wp-block-image\"><img src=\"/2.jpg\"/><figcaption>Deux</figcaption></figure></figure>",
                "fig https://journal.example/1.jpg\nfig https://journal.example/2.jpg caption=Deux",
            ),
            (
                "<figure class=\"wp-block-table\"><table><thead><tr><th>Ville</th><th>Pluie</th></tr></thead>\
                 <tbody><tr><td>Une</td><td>10</td></tr><tr><td colspan=\"2\">Total</td></tr></tbody></table><figcaption>En mm</figcaption></figure>",
                "table(Ville | Pluie / Une | 10 / Total | )\nEn mm",
            ),
            (
                "<table><tr><td rowspan=2>A<td>B<tr><td>C</table>",
                "table(A | B /  | C)",
            ),
            ("<table><tr><td><p>Seul</p><p>ici</p></table>", "Seul\nici"),
            (
                "<p>a</p><hr class=\"wp-block-separator\"/><p>b</p>",
                "a\n---\nb",
            ),
            (
                "<figure class=\"wp-block-embed is-provider-youtube\"><div class=\"wp-block-embed__wrapper\">\nhttps://www.youtube.com/watch?v=abc\n</div><figcaption>La vidéo</figcaption></figure>",
                "embed youtube https://www.youtube.com/watch?v=abc La vidéo",
            ),
            (
                "<figure class=\"wp-block-embed\"><div class=\"wp-block-embed__wrapper\">https://cartes.example/plan</div></figure>",
                "embed ? https://cartes.example/plan",
            ),
            (
                "<iframe title=\"Une leçon\" src=\"//www.youtube-nocookie.com/embed/abc?feature=oembed\"></iframe>",
                "embed youtube https://www.youtube.com/watch?v=abc Une leçon",
            ),
            (
                "<iframe src=\"https://cartes.example/plan\" width=\"600\"></iframe>",
                "embed ? https://cartes.example/plan",
            ),
            (
                "<blockquote class=\"twitter-tweet\"><p>Il pleut <a href=\"https://t.co/x\">ici</a></p>&mdash; A <a href=\"https://twitter.com/a/status/12\">May 1</a></blockquote><script async src=\"https://platform.twitter.com/widgets.js\"></script>",
                "embed x https://x.com/a/status/12 Il pleut ici",
            ),
            (
                "<blockquote class=\"instagram-media\" data-instgrm-permalink=\"https://www.instagram.com/p/abc/?utm_source=x\"><div>Voir</div></blockquote>",
                "embed instagram https://www.instagram.com/p/abc/",
            ),
            (
                "<div class=\"fb-post\" data-href=\"https://www.facebook.com/a/posts/1\"></div>",
                "embed facebook https://www.facebook.com/a/posts/1",
            ),
            (
                "<figure class=\"wp-block-video\"><video controls poster=\"/p.jpg\" src=\"/v.mp4\"></video><figcaption>Le port</figcaption></figure>\
                 <figure class=\"wp-block-audio\"><audio><source src=\"/s.mp3\"></audio></figure>",
                "embed ? https://journal.example/v.mp4 Le port\nembed ? https://journal.example/s.mp3",
            ),
            (
                "<div class=\"wp-block-buttons\"><div class=\"wp-block-button\"><a class=\"wp-block-button__link\" href=\"https://example.com/\">S'abonner</a></div></div>",
                "[S'abonner](https://example.com/)",
            ),
            (
                "<div class=\"wp-block-columns\"><div class=\"wp-block-column\"><p>a</p></div><div class=\"wp-block-column\"><p>b</p></div></div>\
                 <div class=\"wp-block-media-text\"><figure><img src=\"/1.jpg\"></figure><div><p>c</p></div></div>",
                "a\nb\nfig https://journal.example/1.jpg\nc",
            ),
            (
                "<div class=\"wp-block-file\"><a id=\"x\" href=\"/plan.pdf\">Le plan</a><a href=\"/plan.pdf\" class=\"wp-block-file__button\" download>Télécharger</a></div>",
                "[Le plan](https://journal.example/plan.pdf)",
            ),
            (
                "<pre class=\"wp-block-verse\">Un vers\nun autre\n\nune strophe</pre><pre class=\"wp-block-code\"><code>let a = 1;\n\tb</code></pre>",
                "Un vers⏎un autre\nune strophe\ncode<let a = 1;\n\tb>",
            ),
            (
                "<details class=\"wp-block-details\"><summary>Repères</summary><p>Une date.</p></details>",
                "*Repères*\nUne date.",
            ),
            (
                "<p>Un fait<sup data-fn=\"1\" class=\"fn\"><a href=\"#1\" id=\"1-link\">1</a></sup>.</p><ol class=\"wp-block-footnotes\"><li id=\"1\">La source. <a href=\"#1-link\">↩︎</a></li></ol>",
                "Un fait^1^.\nol(La source.)",
            ),
        ],
        false,
    );
}

#[test]
fn classic_html_is_read_as_it_was_meant() {
    assert_cases(
        &[
            ("Un\nvers\n\nDeux", "Un⏎vers\nDeux"),
            (
                "Un\n\n<blockquote>Deux\n\ntrois</blockquote>\n<h2>Quatre\ncinq</h2>",
                "Un\n« Deux ¶ trois »\nh2 Quatre cinq",
            ),
            ("<p>Un\nmot</p>\n\n<p>Deux</p>", "Un mot\nDeux"),
            ("a<br/>b<br />\n<br>c", "a⏎b\nc"),
            (
                "<p>&nbsp;</p><p>a&nbsp;&nbsp; b</p><p> </p><p><br></p>",
                "a b",
            ),
            (
                "<div><div><span style=\"font-size:12px\">a <span style=\"font-weight: bold\">b</span></span></div>c</div>",
                "a *b*\nc",
            ),
            (
                "<b style=\"font-weight:normal\" id=\"docs-internal-guid\"><p>a</p><p><b>b</b></p></b>",
                "a\n*b*",
            ),
            (
                "<b>a</b> <i>b</i> <strike>c</strike> <s>d</s> <del>e</del> X<sup>e</sup> H<sub>2</sub>O <code>f</code> <abbr title=\"x\">g</abbr> <mark>h</mark> <q>i</q>",
                "*a* _b_ ~c~ ~d~ ~e~ X^e^ H,2,O `f` g h « i »",
            ),
            ("<p><b>a <i>b</b> c</i></p>", "*a _b_*_ c_"),
            (
                "<b><a href=\"https://a.example/\">x</a> y</b>",
                "*[x](https://a.example/) y*",
            ),
            ("a<b> </b>c", "a c"),
            (
                "[caption id=\"attachment_1\" align=\"alignnone\" width=\"300\"]<a href=\"/a.jpg\"><img class=\"size-medium\" src=\"/a.jpg\" alt=\"\" width=\"300\" height=\"200\" /></a> Le four. Ph. : L. Martel[/caption]\n\nSuite",
                "fig https://journal.example/a.jpg 300x200 caption=Le four. credit=L. Martel\nSuite",
            ),
            (
                "<p>[caption width=\"300\"]<img src=\"/a.jpg\" /> Le four[/caption]</p><p>Suite</p>",
                "fig https://journal.example/a.jpg caption=Le four\nSuite",
            ),
            (
                "<div id=\"attachment_1\" class=\"wp-caption alignright\"><img src=\"/a.jpg\"><p class=\"wp-caption-text\">Le four (c) AFP</p></div>",
                "fig https://journal.example/a.jpg caption=Le four credit=© AFP",
            ),
            (
                "<div class=\"gallery\"><dl class=\"gallery-item\"><dt class=\"gallery-icon\"><a href=\"/x/\"><img src=\"/1.jpg\"></a></dt><dd class=\"wp-caption-text gallery-caption\">Un</dd></dl></div>",
                "fig https://journal.example/1.jpg caption=Un",
            ),
            (
                "<p>[gallery ids=\"1,2\"]</p><p>a [sic] b […]</p><p>[embed]https://vimeo.com/12[/embed]</p><p>[vc_row]c[/vc_row]</p>",
                "a [sic] b […]\nembed vimeo https://vimeo.com/12\nc",
            ),
            (
                "<p><img class=\"alignleft\" src=\"/a.jpg\">Texte <img src=\"/b.jpg\"> suite</p>",
                "fig https://journal.example/a.jpg\nTexte suite\nfig https://journal.example/b.jpg",
            ),
            (
                "<img src=\"data:image/gif;base64,R0\" data-src=\"/a.jpg\"><noscript><img src=\"/a.jpg\"></noscript>",
                "fig https://journal.example/a.jpg",
            ),
            (
                "<img class=\"lazy\" src=\"data:image/gif;base64,R0\"><noscript><img src=\"/b.jpg\" alt=\"B\"></noscript>",
                "fig https://journal.example/b.jpg alt=B",
            ),
            (
                "<img src=\"/blank.gif\" data-lazy-src=\"/c.jpg\" data-lazy-srcset=\"/c-1.jpg 100w, /c,2.jpg 200w\">",
                "fig https://journal.example/c.jpg {https://journal.example/c-1.jpg 100w, https://journal.example/c,2.jpg 200w}",
            ),
            (
                "<p>Oui <img class=\"emoji\" alt=\"🌾\" src=\"https://s.w.org/x.svg\"> !</p>",
                "Oui 🌾 !",
            ),
            ("<dl><dt>Mot</dt><dd>Sens</dd></dl>", "*Mot*\nSens"),
            ("<center><font color=red>a</font></center>", "a"),
            (
                "texte <a href=\"javascript:x()\">mort</a> fin",
                "texte mort fin",
            ),
            (
                "<a href=\"../a-b/\">x</a> y <a href=\"mailto:a@b.example\">z</a>",
                "[x](/culture/a-b/) y [z](mailto:a@b.example)",
            ),
            (
                "<a href=\"/tag/x/\">x</a> et <a href=\"www.b.example\">y</a>",
                "[x](https://journal.example/tag/x/) et [y](https://www.b.example/)",
            ),
            (
                "<a href=\"https://u:p@c.example/\">x</a> z",
                "[x](https://c.example/) z",
            ),
            (
                "<p>https://youtu.be/abc</p><p>https://autre.example/x</p>",
                "embed youtube https://www.youtube.com/watch?v=abc\nhttps://autre.example/x",
            ),
            (
                "<script>x</script><style>y</style><svg><p>z</p></svg>a<form><input value=b><button>c</button>d</form>",
                "z\na\nd",
            ),
            ("<p>مرحبا <b>بكم</b> في المغرب</p>", "مرحبا *بكم* في المغرب"),
        ],
        false,
    );
}

#[test]
fn lire_aussi_is_a_line_of_its_own() {
    let link = |slug: &str, title: &str| format!("<a href=\"/2024/05/{slug}/\">{title}</a>");
    let (sel, four) = (link("sel", "Le sel"), link("four", "Le <em>four</em>"));
    let away = "<a href=\"https://autre.example/x\">Un autre</a>";
    let cases = [
        (format!("<p><strong>Lire aussi :</strong> {sel}</p>"), "-> culture/sel Le sel"),
        (format!("<p><strong>À lire aussi&nbsp;: {sel}</strong></p>"), "-> culture/sel Le sel"),
        ("<p><a href=\"/2024/05/sel/\">Lire aussi : Le sel</a></p>".to_owned(), "-> culture/sel Le sel"),
        (format!("<p>Lire également {sel} et {four}.</p>"), "-> culture/sel Le sel\n-> culture/four Le four"),
        (format!("<p>LIRE AUSSI : {sel}<br>{four}</p>"), "-> culture/sel Le sel\n-> culture/four Le four"),
        (format!("<p>Voir aussi : {away}</p>"), "-> https://autre.example/x Un autre"),
        (format!("<p>{sel}</p>"), "-> culture/sel Le sel"),
        (format!("<p>→ {sel}</p>"), "-> culture/sel Le sel"),
        (format!("<p>{away}</p>"), "[Un autre](https://autre.example/x)"),
        (
            format!("<h3>Lire aussi</h3><ul><li>{sel}</li><li>{away}</li></ul><p>Fin</p>"),
            "-> culture/sel Le sel\n-> https://autre.example/x Un autre\nFin",
        ),
        (
            format!("<p><b>À lire aussi :</b></p><p>{sel}</p><p>{four}</p>"),
            "-> culture/sel Le sel\n-> culture/four Le four",
        ),
        (format!("<ul><li>{sel}</li><li>{four}</li></ul>"), "ul([Le sel](/culture/sel/) | [Le _four_](/culture/four/))"),
        ("<h3>Lire aussi</h3><p>Rien.</p>".to_owned(), "h3 Lire aussi\nRien."),
        (
            format!("<p>Lire aussi notre dossier du printemps, avec {sel} et d’autres.</p>"),
            "Lire aussi notre dossier du printemps, avec [Le sel](/culture/sel/) et d’autres.",
        ),
        (
            format!("<blockquote class=\"wp-embedded-content\">{sel}</blockquote><iframe class=\"wp-embedded-content\" src=\"https://journal.example/2024/05/sel/embed/\"></iframe>"),
            "-> culture/sel Le sel",
        ),
        (
            "<figure class=\"wp-block-embed\"><div>https://journal.example/2024/05/le-sel/</div></figure>".to_owned(),
            "-> culture/le-sel le sel",
        ),
    ];
    let cases: Vec<_> = cases
        .iter()
        .map(|(html, wanted)| (html.as_str(), *wanted))
        .collect();
    assert_cases(&cases, false);
}

#[test]
fn typography_reaches_over_the_nodes_of_a_line() {
    assert_cases(
        &[
            (
                "<p><em>Bonjour</em> ! Il dit \"<b>oui</b>\".</p>",
                "_Bonjour_\u{202f}! Il dit «\u{a0}*oui*\u{a0}».",
            ),
            (
                "<p>l'eau<br>: <code>a ? \"b\"</code> !</p>",
                "l’eau⏎: `a ? \"b\"`\u{202f}!",
            ),
            (
                "<p><a href=\"https://a.example/?b:c\">https://a.example/?b:c</a> ?</p>",
                "[https://a.example/?b:c](https://a.example/?b:c)\u{202f}?",
            ),
            ("<pre>a ? b</pre>", "code<a ? b>"),
        ],
        true,
    );
    assert_eq!(
        text::line("L'heure : 14:05 ?", true),
        "L’heure\u{a0}: 14:05\u{202f}?"
    );
}

#[test]
fn what_falls_away_is_counted() {
    let converted = read(
        "<!-- a --><script>b</script><script>c</script><iframe src=\"data:x\"></iframe><a href=\"javascript:x\">d</a>\
         <template><p>e</p></template><svg></svg><img src=\"data:x\"><img src=\"/p\" width=1 height=1>[ads id=1]\
         <p hidden>f</p><div class=\"sharedaddy\">g</div>",
        false,
    );
    let dropped: Vec<_> = converted
        .dropped
        .iter()
        .map(|(k, n)| format!("{k} {n}"))
        .collect();
    assert_eq!(
        dropped,
        [
            "comment 1",
            "hidden 1",
            "iframe 1",
            "link without address 1",
            "picture without address 1",
            "pixel 1",
            "script 2",
            "share buttons 1",
            "shortcode 1",
            "svg 1",
            "template 1"
        ]
    );
    assert_eq!(short(&converted.body), "d");
}

#[test]
fn a_body_that_is_too_long_ends_between_two_blocks() {
    for html in [
        "<ul>".to_owned() + &"<li>Un point".repeat(60_000),
        format!(
            "<table>{}</table>",
            "<tr><td>a<td>b<td colspan=40>c".repeat(20_000)
        ),
        "<img src=/a.jpg>".repeat(50_000),
        "mot ".repeat(500_000),
        "a".repeat(2_000_000),
        "<br>".repeat(300_000) + "a",
        "<p><".repeat(200_000),
        "<pre>".to_owned() + &"a\n".repeat(900_000),
        format!(
            "<ul>{}</ul>",
            "<li><a href=/2024/05/a/>a</a>".repeat(40_000)
        ),
        "[caption]a".repeat(100_000),
        "<b>a</b><i>b</i>".repeat(60_000),
    ] {
        let converted = read(&html, true);
        assert_valid(&converted.body);
    }
    let converted = read(&"<p>Une phrase de plus.</p>".repeat(40_000), true);
    assert_valid(&converted.body);
    assert_eq!(converted.dropped.get("cut: too long"), Some(&1));
    assert!(converted.body.children.len() > 10_000);
}

#[test]
fn any_nesting_and_any_number_is_harmless() {
    let deep = [
        "div",
        "b",
        "a href=/x",
        "ul><li",
        "table><tr><td",
        "blockquote",
        "figure",
        "svg",
    ];
    let others = [
        "em", "ol", "font", "span", "math", "template", "select", "h2", "p", "dl><dt", "details",
        "q", "sup", "pre", "section", "noscript", "button", "center", "form", "object",
    ];
    let tags = deep.map(|tag| (tag, 100_000));
    let tags = tags.into_iter().chain(others.map(|tag| (tag, 10_000)));
    for (tag, count) in tags {
        let html = format!("{}fin", format!("<{tag}>").repeat(count));
        let converted = read(&html, true);
        assert_valid(&converted.body);
        let size = json!(converted.body).to_string().len();
        assert!(size < 100_000, "{tag}: {size}");
    }
    let names = each(300_000, |n| format!(" a{n}"));
    assert_eq!(
        short(&read(&format!("<p{names}>fin</p>"), true).body),
        "fin"
    );
    let long = format!("<p title=\"{}\">fin</p>", "x ".repeat(1_000_000));
    assert_eq!(short(&read(&long, true).body), "fin");
}

/// Tags, pieces of tags and of attacks, and text, in any order.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "<p>", "</p>", "<div class=\"wp-caption\">", "</div>", "<b>", "</b>", "<i>", "</i>", "<a href=\"/2024/05/sel/\">",
            "<a href='https://a.example/'>", "</a>", "<a href=javascript:x>", "<ul>", "</ul>", "<ol start=4>", "</ol>",
            "<ol reversed>", "<li>", "</li>", "<table>", "</table>", "<tr>", "<td colspan=3>", "<td rowspan=2>", "<th>",
            "<caption>", "<figure>", "</figure>", "<figcaption>", "</figcaption>", "<figure class=wp-block-embed>",
            "<img src=/a.jpg>", "<img src='data:x' data-src=/b.jpg alt=' x '>", "<img srcset='/a 1w, /b 2w,/c 3x'>",
            "<img src=/a width=20 height=20>", "<blockquote>", "</blockquote>", "<blockquote class=twitter-tweet>",
            "<blockquote class=wp-embedded-content>", "<h2>", "</h2>", "<h5>", "<pre>", "</pre>", "<pre class=wp-block-verse>",
            "<br>", "<br><br>", "<hr>", "<code>", "</code>", "<sup>", "</sup>", "<q>", "</q>", "<span style='font-weight:bold'>",
            "</span>", "<script>", "</script>", "<style>", "</style>", "<svg>", "</svg>", "<math>", "<mi>", "<template>",
            "</template>", "<noscript>", "</noscript>", "<iframe src='https://www.youtube.com/embed/a'>", "</iframe>",
            "<video src=/v.mp4>", "</video>", "<select>", "<option>", "<form>", "<button>", "</form>", "<details>", "<summary>",
            "<dl>", "<dt>", "<dd>", "<!--", "-->", "<![CDATA[", "]]>", "<title>", "<textarea>", "<plaintext>", "<foreignObject>",
            "<annotation-xml encoding='text/html'>", "<p hidden>", "<center>", "<font color=red>", "<nobr>", "<object>",
            "[caption id=\"a\"]", "[/caption]", "[gallery ids=1]", "[embed]", "[/embed]", "[x]", "[/x]", "[",
        ]).prop_map(str::to_owned),
        2 => prop::sample::select(vec![
            "Lire aussi : ", "https://youtu.be/abc", "\n\n", "\n", " ", "&nbsp;", "&amp;lt;", "&#0;", "&#x202e;", "\u{202e}", "\0",
            "mot", "« ", " »", " !", "\"", "'", "&lt;script&gt;", "é", "e\u{301}", "\u{200d}", "مرحبا", "\u{a0}", "\t", "🌾",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,6}",
        1 => "<[a-z]{1,6}( [a-z]{1,5}=[\"'a-z:/ ]{0,6}){0,3}>",
        1 => prop::collection::vec(any::<char>(), 0..4).prop_map(|chars| chars.into_iter().collect()),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// A page that is well-formed, and the words that a reader sees of it: made together, so that what
/// is to be seen is not known from any parser.
fn page() -> impl Strategy<Value = (String, Vec<String>)> {
    fn pair(html: &str, text: &str) -> (String, String) {
        (html.to_owned(), text.to_owned())
    }
    let text = prop_oneof![
        "[a-zé]{1,6}( [a-zé0-9]{1,6}){0,3}".prop_map(|text| (text.clone(), text)),
        Just(pair("a &amp; b &lt;i&gt;", "a & b <i>")),
        Just(pair("&eacute;t&#233;&nbsp;2", "été 2")),
        Just(pair("5\n\t 6", "5 6")),
        Just(pair("[sic]", "[sic]")),
    ];
    let unseen = prop::sample::select(vec![
        "<script>var a = \"<p>x</p>\";</script>",
        "<style>p { color: red }</style>",
        "<!-- un mot -->",
        "<template><p>un</p></template>",
        "<svg><text>un</text></svg>",
        "<math><mi>un</mi></math>",
        "<object><p>un</p></object>",
        "<iframe>un</iframe>",
        "<select><option>un</select>",
        "<button>un</button>",
        "<textarea>un</textarea>",
        "<noscript>un</noscript>",
        "<p style=\"display: none\">un</p>",
    ])
    .prop_map(|html| pair(html, ""));
    let words =
        (text, prop::option::weighted(0.1, unseen.clone())).prop_map(|((html, text), unseen)| {
            let (before, _) = unseen
                .filter(|(html, _)| !html.starts_with("<p"))
                .unwrap_or_default();
            (format!("{before}{html}"), text)
        });
    let inline = words.prop_recursive(4, 24, 4, |inner| {
        let tag = prop::sample::select(vec![
            "b",
            "i",
            "em",
            "strong",
            "s",
            "sup",
            "sub",
            "code",
            "span",
            "abbr",
            "mark",
            "u",
            "small",
            "a",
            "cite",
            "time",
            "a href=\"https://a.example/x\"",
            "a href=\"javascript:x\"",
            "span style=\"font-style:italic\"",
            "font color=red",
        ]);
        (tag, prop::collection::vec(inner, 1..4)).prop_map(|(tag, inner)| {
            let (html, text): (Vec<_>, Vec<_>) = inner.into_iter().unzip();
            let name = tag.split(' ').next().expect("a name");
            // No link stands in a link.
            let html = if name == "a" {
                html.concat()
                    .replace("<a", "<span")
                    .replace("</a>", "</span>")
                    .replace("<spanbbr", "<abbr")
            } else {
                html.concat()
            };
            (format!("<{tag}>{html}</{name}>"), text.concat())
        })
    });
    let paragraph = (
        prop::sample::select(vec![
            "p",
            "h2",
            "h3",
            "h6",
            "div",
            "section",
            "li",
            "blockquote",
            "pre",
        ]),
        prop::collection::vec(inline, 1..4),
        prop::sample::select(vec!["", " ", "<br>", "\n"]),
    )
        .prop_map(|(tag, parts, between)| {
            let (html, text): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
            let seen = if between.is_empty() { "" } else { " " };
            (
                format!("<{tag}>{}</{tag}>", html.join(between)),
                text.join(seen),
            )
        });
    let block = prop_oneof![9 => paragraph, 1 => unseen];
    let block = block.prop_recursive(4, 24, 4, |inner| {
        let frame = prop::sample::select(vec![
            ("<div>", "</div>"),
            ("<blockquote>", "</blockquote>"),
            ("<ul><li>", "</li></ul>"),
            ("<ol><li>", "</li></ol>"),
            ("<figure>", "</figure>"),
            ("<details>", "</details>"),
            ("<table><tr><td>x</td><td>", "</td></tr></table>"),
            ("<aside class=\"wp-block-group\">", "</aside>"),
            ("<dl><dd>", "</dd></dl>"),
        ]);
        (frame, prop::collection::vec(inner, 1..4)).prop_map(|((open, close), inner)| {
            let (html, text): (Vec<_>, Vec<_>) = inner.into_iter().unzip();
            let first = if open.contains("<td>x") { "x " } else { "" };
            (
                format!("{open}{}{close}", html.concat()),
                format!("{first}{}", text.join(" ")),
            )
        })
    });
    prop::collection::vec(block, 0..5).prop_map(|blocks| {
        let (html, text): (Vec<_>, Vec<_>) = blocks.into_iter().unzip();
        let words = text.join(" ");
        let words = words.split_whitespace().map(str::to_owned).collect();
        (html.join("\n"), words)
    })
}

/// The words of a body, pictures' captions and embeds' titles among them.
fn words(blocks: &[Block]) -> Vec<String> {
    let mut text = String::new();
    say(blocks, &mut text);
    text.split_whitespace().map(str::to_owned).collect()
}

fn say(blocks: &[Block], text: &mut String) {
    for block in blocks {
        match block {
            Block::Paragraph { children } | Block::Heading { children, .. } => {
                say_line(children, text)
            }
            Block::Blockquote { children } => say(children, text),
            Block::List { children, .. } => {
                for item in children {
                    say(&item.children, text);
                }
            }
            Block::Code { value } => text.push_str(value),
            Block::Table { children } => {
                for cell in children.iter().flat_map(|row| &row.children) {
                    say_line(&cell.children, text);
                    text.push(' ');
                }
            }
            Block::SeeAlso { title, .. } => text.push_str(title),
            Block::Figure { image } => {
                for part in [&image.caption, &image.credit_text].into_iter().flatten() {
                    text.push_str(part);
                    text.push(' ');
                }
            }
            Block::Embed { title, .. } => text.push_str(title.as_deref().unwrap_or_default()),
            Block::ThematicBreak => {}
        }
        text.push('\n');
    }
}

fn say_line(nodes: &[Inline], text: &mut String) {
    text.push_str(&Inline::plain(nodes));
}

proptest! {
    #[test]
    fn any_html_gives_a_body_that_the_contract_has(html in soup(), typography: bool) {
        assert_valid(&read(&html, typography).body);
    }

    #[test]
    fn the_words_that_a_reader_sees_are_kept((html, seen) in page()) {
        let converted = read(&html, false);
        assert_valid(&converted.body);
        prop_assert_eq!(words(&converted.body.children), seen, "{}", html);
    }

    #[test]
    fn lines_are_clean_and_stay_so(
        text in "(\\PC|[&<>\u{0}-\u{20}\u{200b}-\u{202f}\u{300}-\u{310}\u{61c}\u{64b}\u{fdd0}م=éか\u{3099}\u{212b}🌾]|&amp;){0,30}",
    ) {
        let once = text::plain(&text);
        prop_assert_eq!(text::plain(&once), once.clone());
        let unseen = once.chars().any(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c));
        prop_assert!(!unseen);
        let caption = text::caption(&text, true);
        let all = [caption.caption, caption.credit_text];
        prop_assert!(all.iter().flatten().all(|part| part.trim() == part && !part.is_empty()));
        let set = text::line(&text, true);
        prop_assert_eq!(text::french(&set), set);
    }
}

/// An article as WordPress gives it, of about 6 kB: its `n`th words.
fn article(n: usize) -> String {
    let words = [
        "marché", "halle", "étal", "figue", "amande", "pluie", "oued", "verger", "panier", "matin",
        "artisan", "cuivre",
    ];
    let sentence = |at: usize| {
        let words: Vec<_> = (0..14)
            .map(|k| words[(n * 7 + at * 5 + k * (k + 3)) % words.len()])
            .collect();
        format!("Le {} : {} !", words[0], words[1..].join(" "))
    };
    let paragraph = |at: usize| {
        format!(
            "<!-- wp:paragraph -->\n<p>{} <strong>{}</strong> <a href=\"https://ailleurs.example/{n}/{at}\">{}</a> l&rsquo;eau d'{} «&nbsp;{}&nbsp;».</p>\n<!-- /wp:paragraph -->\n\n",
            sentence(at),
            sentence(at + 1),
            words[at % 12],
            words[(at + 5) % 12],
            sentence(at + 2)
        )
    };
    let image = |at: usize| {
        format!(
            "<!-- wp:image {{\"id\":{at}}} -->\n<figure class=\"wp-block-image size-large\"><img loading=\"lazy\" width=\"1024\" height=\"683\" src=\"https://journal.example/wp-content/uploads/2024/05/{n}-{at}-1024x683.jpg\" alt=\"{}\" class=\"wp-image-{at}\" srcset=\"https://journal.example/wp-content/uploads/2024/05/{n}-{at}-1024x683.jpg 1024w, https://journal.example/wp-content/uploads/2024/05/{n}-{at}-300x200.jpg 300w\" sizes=\"(max-width: 1024px) 100vw, 1024px\" /><figcaption class=\"wp-element-caption\">{} © DR</figcaption></figure>\n<!-- /wp:image -->\n\n",
            words[at % 12],
            sentence(at)
        )
    };
    let after = |at: usize| {
        match at {
        2 | 7 => image(at),
        3 => format!("<h2 class=\"wp-block-heading\">{}</h2>\n", sentence(at)),
        4 => format!(
            "<p><strong>Lire aussi :</strong> <a href=\"https://journal.example/2024/05/a-{n}/\">{}</a></p>\n",
            sentence(at)
        ),
        5 => format!(
            "<ul class=\"wp-block-list\"><li>{}</li><li>{}</li></ul>\n",
            sentence(at),
            sentence(at + 9)
        ),
        6 => format!(
            "<blockquote class=\"wp-block-quote\"><p>{}</p><cite>{}</cite></blockquote>\n",
            sentence(at),
            words[at]
        ),
        8 => "<figure class=\"wp-block-embed is-provider-youtube\"><div class=\"wp-block-embed__wrapper\">\nhttps://www.youtube.com/watch?v=abc\n</div></figure>\n".to_owned(),
        _ => String::new(),
    }
    };
    each(10, |at| paragraph(at) + &after(at))
}

/// Links and pictures in blocks, by a count that is not the converter's.
fn count(body: &Body, what: &[&str]) -> usize {
    let json = json!(body).to_string();
    what.iter().map(|what| json.matches(what).count()).sum()
}

#[test]
#[ignore = "prints figures: cargo test --profile press --test import_text -- --ignored --nocapture"]
fn figures() {
    use std::time::Instant;

    let articles: Vec<String> = (0..2_000).map(article).collect();
    let bytes: usize = articles.iter().map(String::len).sum();
    let start = Instant::now();
    let bodies: Vec<Body> = articles.iter().map(|html| read(html, true).body).collect();
    let time = start.elapsed();
    println!(
        "{} articles of {} bytes: {} kB/ms",
        articles.len(),
        bytes / articles.len(),
        bytes / 1_000 / usize::try_from(time.as_millis()).expect("a time")
    );
    let (mut seen, mut kept) = ([0; 3], [0; 3]);
    for html in &articles {
        let body = read(html, false).body;
        // Tags cut out by hand: no body here has `<` or `>` in an attribute.
        let text: String = html
            .split('<')
            .map(|part| {
                part.split_once('>')
                    .map_or(part, |(_, text)| text)
                    .to_owned()
                    + " "
            })
            .collect();
        let text = text.replace("&nbsp;", " ").replace("&rsquo;", "’");
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
        // The lead of a "Lire aussi" line and an embed's address are the page's, not the text's.
        let text = text
            .replace("Lire aussi :", "")
            .replace("https://www.youtube.com/watch?v=abc", "");
        seen[0] += letters(&text);
        kept[0] += letters(&words(&body.children).concat());
        seen[1] += html.matches("<a href").count();
        kept[1] += count(&body, &["\"type\":\"link\"", "\"type\":\"seeAlso\""]);
        seen[2] += html.matches("<img").count();
        kept[2] += count(&body, &["\"type\":\"figure\"", "\"type\":\"image\""]);
    }
    for (what, at) in [("letters", 0), ("links", 1), ("pictures", 2)] {
        println!("{what}: {} of {} kept", kept[at], seen[at]);
    }
    assert_eq!(seen, kept);
    assert!(bodies.iter().all(|body| !body.children.is_empty()));
    for (name, html) in [
        (
            "5 MB of paragraphs",
            articles.concat()[..5_000_000].to_owned(),
        ),
        (
            "5 MB in one paragraph",
            "Un mot « de plus » ! ".repeat(230_000),
        ),
        ("5 MB of <p>", "<p>".repeat(1_666_666)),
        ("5 MB of <p><b>", "<p><b>".repeat(833_333)),
        (
            "5 MB of attributes",
            format!("<p{}>", each(600_000, |n| format!(" a{n}"))),
        ),
        ("100,000 <div>", "<div>".repeat(100_000)),
        ("100,000 <b>", "<b>".repeat(100_000)),
        ("100,000 <a>", "<a href=/x>".repeat(100_000)),
        ("100,000 <table>", "<table><tr><td>".repeat(100_000)),
        ("100,000 <ul>", "<ul><li>".repeat(100_000)),
        ("100,000 <blockquote>", "<blockquote>".repeat(100_000)),
        ("100,000 <svg>", "<svg>".repeat(100_000)),
        (
            "100,000 different <font>",
            each(100_000, |n| format!("<font id={n}><p>")),
        ),
    ] {
        let start = Instant::now();
        let converted = read(&html, true);
        let time = start.elapsed();
        println!("{name} ({} bytes): {} ms", html.len(), time.as_millis());
        assert_valid(&converted.body);
    }
}
