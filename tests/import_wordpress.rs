//! An edition made of a real WordPress: the first import, what changes between runs, and what that
//! costs.

mod built;
mod files;
mod wordpress;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use files::{Files, differences, files};
use manchette::press::import::{Kind, Options, Summary, import};
use manchette::press::{Options as Print, check, prerender};
use serde_json::Value;
use url::Url;
use wordpress::WordPress;

/// A site, and the edition that is made of it.
struct Newsroom {
    site: WordPress,
    folder: tempfile::TempDir,
    options: Options,
}

impl Newsroom {
    fn new() -> Self {
        Self::at(WordPress::filled())
    }

    fn at(site: WordPress) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut options = Options::new(
            Kind::WordPress,
            Url::parse(&site.url).expect("an address"),
            folder.path().join("edition"),
        );
        options
            .config
            .choose(&["politique", "culture", "sciences"].map(str::to_owned));
        Self {
            site,
            folder,
            options,
        }
    }

    fn out(&self) -> PathBuf {
        self.options.out.clone()
    }

    /// Imports, and checks that the edition is as the contract has it.
    fn import(&self) -> Summary {
        let summary = import(&self.options, &AtomicBool::new(false)).expect("an import");
        println!("{}", summary.text());
        assert_eq!(summary.faults, Vec::<String>::new());
        assert_eq!(check(&self.out()).expect("an edition").faults, []);
        summary
    }

    fn document(&self, file: &str) -> Value {
        let bytes = fs::read(self.out().join(file)).expect(file);
        serde_json::from_slice(&bytes).expect(file)
    }

    fn article(&self, slug: &str) -> Value {
        self.document(&format!("articles/{slug}.json"))
    }

    /// Every file of the edition but what the import keeps for itself.
    fn files(&self) -> Files {
        files(&self.out())
    }

    /// The files that are other than they were, the cards and links of other articles among them.
    fn changed(&self, before: &Files) -> Vec<String> {
        differences(before, &self.files()).into_iter().collect()
    }

    /// A built app beside the edition, and how the edition is printed there.
    fn print(&self) -> Print {
        let dist = self.folder.path().join("dist");
        fs::create_dir(&dist).expect("dist");
        built::built(&dist);
        Print {
            api: Some(self.out()),
            ..Print::new(dist)
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Text with plain spaces: which of them are not to be broken is tested elsewhere.
fn spaced(value: &Value) -> String {
    text(value).replace(['\u{a0}', '\u{202f}'], " ")
}

#[test]
fn a_site_becomes_an_edition_and_then_pages() {
    let room = Newsroom::new();
    let first = room.import();
    assert_eq!((first.articles, first.fetched), (66, 68));
    assert!(
        first
            .notes
            .iter()
            .any(|note| note.contains("Secret protégé") && note.contains("password"))
    );
    assert!(
        first
            .notes
            .iter()
            .any(|note| note.starts_with("1 post is in none of the sections"))
    );

    let site = room.document("site.json");
    assert_eq!(text(&site["name"]), "Le Courrier & les Rives");
    assert_eq!(text(&site["language"]), "fr-FR");
    let sections = site["sections"].as_array().expect("sections").iter();
    let sections: Vec<_> = sections
        .map(|section| text(&section["slug"]).to_owned())
        .collect();
    assert_eq!(sections, ["politique", "culture", "sciences"]);

    // 1 is in a child category of politics, odd, and so in blocks.
    let article = room.article("releve-1");
    assert_eq!(spaced(&article["headline"]), "Relevé n° 1 & ce qu’il dit");
    assert_eq!(text(&article["articleSection"]), "politique");
    assert_eq!(text(&article["kicker"]), "Parlement & lois");
    assert!(text(&article["description"]).ends_with("expliqué en trois mesures."));
    assert_eq!(text(&article["author"][0]["name"]), "Omar B’chiri");
    assert_eq!(text(&article["datePublished"]), "2026-01-05T10:00:00+01:00");
    assert!(
        article["keywords"]
            .as_array()
            .is_some_and(|words| !words.is_empty())
    );
    let image = &article["image"];
    assert_eq!(text(&image["creditText"]), "© Atelier des Rives");
    assert!(text(&image["caption"]).starts_with("Une rive au matin, n°"));
    assert_eq!(spaced(&image["alt"]), "Bandes de couleur n° 2 & reflets");
    let srcset = text(&image["srcset"]);
    assert!(
        srcset.contains(" 300w, ") && srcset.ends_with(" 1600w") && !srcset.contains(" 150w"),
        "{srcset}"
    );
    let kinds = |article: &Value| -> Vec<String> {
        let children = article["body"]["children"]
            .as_array()
            .expect("a text")
            .iter();
        children
            .map(|node| text(&node["type"]).to_owned())
            .collect()
    };
    assert_eq!(kinds(&article), ["paragraph", "heading", "figure", "list"]);
    let related = article["related"].as_array().expect("cards");
    assert_eq!(related.len(), 6);

    // 2 is as WordPress wrote before there were blocks, with a script, which falls away. Its link leads to
    // nothing that is in the edition, and 9 has no excerpt.
    assert_eq!(kinds(&room.article("releve-2"))[0], "paragraph");
    assert_eq!(first.dropped["releve-2"]["script"], 1);
    assert!(room.article("releve-9")["description"].is_null());

    // None of what readers may not see is anywhere.
    for (file, bytes) in room.files() {
        let text = String::from_utf8_lossy(&bytes);
        assert!(
            !text.contains("Secret") && !text.contains("secret"),
            "{}",
            file.display()
        );
    }

    // Four archive pages in all: the newest is not full.
    let head = room.document("feeds/latest.json");
    assert_eq!(text(&head["next_url"]), "/api/feeds/latest/4.json");
    assert_eq!(head["items"].as_array().map(Vec::len), Some(20));
    assert_eq!(
        room.document("feeds/latest/4.json")["items"]
            .as_array()
            .map(Vec::len),
        Some(6)
    );

    let print = room.print();
    let dist = &print.dist;
    let printed = prerender(&print).expect("pages");
    assert_eq!(printed.faults, []);
    let page = fs::read_to_string(dist.join("politique/releve-1/index.html")).expect("a page");
    assert!(page.contains("Parlement &amp; lois"), "{page}");

    // Nothing has changed: nothing is fetched or written.
    let before = room.files();
    let second = room.import();
    assert_eq!((second.written, second.removed, second.fetched), (0, 0, 0));
    assert!(second.requests <= 5, "{} requests", second.requests);
    assert_eq!(room.changed(&before), Vec::<String>::new());

    // Without rewritten addresses the site is found all the same, and fetched whole it is the same.
    room.site.run("global $wp_rewrite; $wp_rewrite->set_permalink_structure(''); $wp_rewrite->flush_rules(false);");
    assert_eq!(room.import().written, 0);
    let mut plain = Newsroom { ..room };
    plain.options.full = true;
    let full = plain.import();
    assert_eq!((full.articles, full.fetched), (66, 68));
    plain.options.out = plain.folder.path().join("another");
    plain.options.full = false;
    let other = plain.import();
    assert_eq!(other.articles, 66);
}

#[test]
fn what_changes_there_changes_here_and_nothing_else() {
    let mut room = Newsroom::new();
    room.import();
    let print = room.print();
    let dist = &print.dist;
    prerender(&print).expect("pages");

    // A correction in an old article: its document, and what shows its card. No archive page that is full.
    let before = room.files();
    let id = room.site.id("releve-15");
    room.site.run(&format!(
        "wp_update_post(['ID' => {id}, 'post_title' => 'Relevé corrigé', 'post_content' => '<p>Le débit était de 12 mètres cubes.</p>']);"
    ));
    let summary = room.import();
    assert_eq!(summary.fetched, 1);
    let changed = room.changed(&before);
    assert!(
        changed.contains(&"articles/releve-15.json".to_owned()),
        "{changed:?}"
    );
    assert!(
        !changed.iter().any(|file| file.starts_with("feeds/")),
        "{changed:?}"
    );
    assert_eq!(
        text(&room.article("releve-15")["headline"]),
        "Relevé corrigé"
    );
    for file in changed
        .iter()
        .filter(|file| *file != "articles/releve-15.json")
    {
        assert!(
            room.document(file).to_string().contains("Relevé corrigé"),
            "{file}"
        );
    }
    assert!(changed.len() < 20, "{changed:?}");

    // A new article: heads, the newest archive pages, and its neighbours' cards.
    let before = room.files();
    room.site.run(
        "wp_insert_post(['post_title' => 'Le dernier', 'post_name' => 'le-dernier', 'post_content' => 'Bref.', 'post_status' => 'publish', 'post_category' => [get_category_by_slug('culture')->term_id]]);",
    );
    let summary = room.import();
    assert_eq!(summary.articles, 67);
    let changed = room.changed(&before);
    let feeds: Vec<_> = changed
        .iter()
        .filter(|file| file.starts_with("feeds/"))
        .map(String::as_str)
        .collect();
    assert_eq!(
        feeds,
        [
            "feeds/culture.json",
            "feeds/culture/2.json",
            "feeds/latest.json",
            "feeds/latest/4.json"
        ]
    );

    // Moved to another section: the old address leads to the new one, in the pages too.
    room.site.run(&format!("wp_set_post_categories({id}, [get_category_by_slug('sciences')->term_id]); wp_update_post(['ID' => {id}]);"));
    let old = text(&room.article("releve-15")["url"]).to_owned();
    let summary = room.import();
    assert_eq!(
        summary.moved,
        [(
            "/politique/releve-15/".to_owned(),
            "/sciences/releve-15/".to_owned()
        )]
    );
    assert_ne!(text(&room.article("releve-15")["url"]), old);
    assert_eq!(
        text(&room.document("redirects.json")["/politique/releve-15/"]),
        "/sciences/releve-15/"
    );
    let printed = prerender(&print).expect("pages");
    assert_eq!(printed.faults, []);
    let page = fs::read_to_string(dist.join("politique/releve-15/index.html")).expect("a page");
    assert!(page.contains("/sciences/releve-15/"));
    let redirects = fs::read_to_string(dist.join("_redirects")).expect("redirects");
    assert!(
        redirects.contains("/politique/releve-15/ /sciences/releve-15/ 301"),
        "{redirects}"
    );

    // Renamed there, renamed here; a link in a text follows.
    let linked = room.site.id("releve-31");
    room.site.run(&format!(
        "wp_update_post(['ID' => {linked}, 'post_content' => '<p>Voir <a href=\"' . get_permalink({id}) . '\">le relevé</a>.</p>']);"
    ));
    room.import();
    assert!(
        room.article("releve-31")
            .to_string()
            .contains("\"/sciences/releve-15/\"")
    );
    room.site.run(&format!(
        "wp_update_post(['ID' => {id}, 'post_name' => 'releve-corrige']);"
    ));
    let summary = room.import();
    assert_eq!(summary.moved.len(), 1);
    assert_eq!(
        text(&room.document("redirects.json")["/politique/releve-15/"]),
        "/sciences/releve-corrige/"
    );
    assert!(!room.out().join("articles/releve-15.json").exists());

    // Withdrawn: in the bin, back to draft, behind a password. Pages and links go.
    let [bin, draft, barred] = ["releve-5", "releve-6", "releve-7"].map(|slug| room.site.id(slug));
    room.site.run(&format!(
        "wp_trash_post({bin}); wp_update_post(['ID' => {draft}, 'post_status' => 'draft']); wp_update_post(['ID' => {barred}, 'post_password' => 'x']);"
    ));
    let summary = room.import();
    assert_eq!(summary.articles, 64);
    let mut withdrawn = summary.withdrawn.clone();
    withdrawn.sort();
    assert_eq!(withdrawn.len(), 3, "{withdrawn:?}");
    for slug in ["releve-5", "releve-6", "releve-7"] {
        for (file, bytes) in room.files() {
            let text = String::from_utf8_lossy(&bytes);
            assert!(
                !text.contains(&format!("/{slug}/")) && !text.contains(&format!("\"{slug}\"")),
                "{slug} in {}",
                file.display()
            );
        }
    }
    let kept = fs::read_dir(room.out().join(".manchette/import/posts"))
        .expect("posts")
        .count();
    assert_eq!(kept, 65 + 1, "a post's own file goes with it");
    prerender(&print).expect("pages");
    let gone: Vec<_> = withdrawn
        .iter()
        .filter(|page| dist.join(page.trim_matches('/')).exists())
        .collect();
    assert!(gone.is_empty(), "{gone:?}");

    // Back again, at its old address; and one whose time has come, which no change of its own tells.
    room.site
        .run(&format!("wp_untrash_post({bin}); wp_publish_post({bin});"));
    let summary = room.import();
    assert_eq!(summary.articles, 65);
    assert!(room.out().join("articles/releve-5.json").exists());
    room.site.run(
        "global $wpdb; $id = get_posts(['post_status' => 'future', 'numberposts' => 1])[0]->ID;
        $wpdb->update($wpdb->posts, ['post_date' => '2026-02-01 10:00:00', 'post_date_gmt' => '2026-02-01 09:00:00', 'post_status' => 'publish', 'post_name' => 'heure-venue', 'post_title' => 'Venue', 'post_content' => 'Bref.', 'post_modified' => '2020-01-01 00:00:00', 'post_modified_gmt' => '2020-01-01 00:00:00'], ['ID' => $id]); clean_post_cache($id);",
    );
    let summary = room.import();
    assert_eq!(summary.articles, 66);

    // A category's new name, and a picture's new credit.
    room.site.run("wp_update_term(get_category_by_slug('sciences')->term_id, 'category', ['name' => 'Sciences et eaux']);");
    let picture = room
        .site
        .run("echo get_post_thumbnail_id(get_page_by_path('releve-1', OBJECT, 'post')->ID);");
    room.site.run(&format!("sleep(1); wp_update_post(['ID' => {picture}, 'post_excerpt' => 'Une rive. © Studio Neuf']);"));
    room.import();
    assert_eq!(
        text(&room.document("site.json")["sections"][2]["title"]),
        "Sciences et eaux"
    );
    assert_eq!(
        text(&room.article("releve-1")["image"]["creditText"]),
        "© Studio Neuf"
    );

    // All of it again is the same, but for archive pages that say what was corrected since.
    let before = room.files();
    room.options.full = true;
    room.import();
    let changed = room.changed(&before);
    assert!(
        changed
            .iter()
            .all(|file| file.starts_with("feeds/") && file.matches('/').count() == 2),
        "{changed:?}"
    );
    room.options.full = false;
    assert_eq!(room.import().written, 0);
}

#[test]
fn pictures_are_made_anew() {
    let mut room = Newsroom::new();
    room.options.media = true;
    // Lying on its side, as a telephone writes it, with where it was taken; and one that is none.
    room.site.run(
        r#"
        $file = wp_upload_dir()['path'] . '/debout.jpg';
        $image = imagecreatetruecolor(1300, 700);
        imagefilledrectangle($image, 0, 0, 650, 700, imagecolorallocate($image, 255, 0, 0));
        ob_start(); imagejpeg($image); $jpeg = ob_get_clean();
        $tiff = "MM\0*\0\0\0\x08" . "\0\x02" . "\x01\x12\0\x03\0\0\0\x01\0\x06\0\0" . "\x01\x0e\0\x02\0\0\0\x10\0\0\0\x26" . "\0\0\0\0" . "LIEU SECRET 31N\0";
        $exif = "Exif\0\0" . $tiff;
        file_put_contents($file, "\xff\xd8\xff\xe1" . pack('n', strlen($exif) + 2) . $exif . substr($jpeg, 2));
        $id = wp_insert_attachment(['post_mime_type' => 'image/jpeg', 'post_title' => 'x', 'post_status' => 'inherit'], $file);
        wp_update_attachment_metadata($id, ['width' => 1300, 'height' => 700, 'file' => _wp_relative_upload_path($file), 'sizes' => [], 'image_meta' => []]);
        set_post_thumbnail(get_page_by_path('releve-1', OBJECT, 'post')->ID, $id);
        $broken = wp_upload_dir()['path'] . '/cassee.jpg';
        file_put_contents($broken, 'pas une image');
        $id = wp_insert_attachment(['post_mime_type' => 'image/jpeg', 'post_title' => 'y', 'post_status' => 'inherit'], $broken);
        wp_update_attachment_metadata($id, ['width' => 1300, 'height' => 700, 'file' => _wp_relative_upload_path($broken), 'sizes' => [], 'image_meta' => []]);
        $post = get_page_by_path('releve-2', OBJECT, 'post')->ID;
        set_post_thumbnail($post, $id);
        wp_update_post(['ID' => $post, 'post_content' => '<p>Avant.</p><img src="' . wp_get_attachment_url($id) . '"/><p>Après.</p>']);
        "#,
    );
    let summary = room.import();
    let image = room.article("releve-1")["image"].clone();
    assert_eq!(
        (image["width"].as_u64(), image["height"].as_u64()),
        (Some(700), Some(1300)),
        "{image}"
    );
    let srcset = text(&image["srcset"]);
    let widths: Vec<_> = srcset
        .split(", ")
        .filter_map(|part| part.split(' ').nth(1))
        .collect();
    assert_eq!(widths, ["400w", "700w"]);
    for part in srcset.split(", ") {
        let file = part
            .split(' ')
            .next()
            .expect("an address")
            .trim_start_matches('/');
        let bytes = fs::read(room.out().join(file)).expect(file);
        assert!(bytes.starts_with(b"RIFF") && bytes[8..12] == *b"WEBP");
        assert!(!bytes.windows(11).any(|window| window == b"LIEU SECRET"));
    }
    // The red half was at the left; turned upright it is at the top.
    let file = text(&image["url"]).trim_start_matches('/');
    let picture = image::open(room.out().join(file))
        .expect("a picture")
        .to_rgb8();
    assert!(picture.get_pixel(350, 200).0[0] > 200 && picture.get_pixel(350, 1100).0[0] < 50);

    let article = room.article("releve-2");
    assert!(article["image"].is_null());
    assert_eq!(
        article["body"]["children"].as_array().map(Vec::len),
        Some(2),
        "{article}"
    );
    let notes: Vec<_> = summary
        .notes
        .iter()
        .filter(|note| note.contains("cassee.jpg"))
        .collect();
    assert_eq!(notes.len(), 1, "{:?}", summary.notes);
    // In a text, too: by the edition's own address, with its size.
    let figure = room.article("releve-3")["body"]["children"][2]["image"].clone();
    assert!(
        text(&figure["url"]).starts_with("/media/image-"),
        "{figure}"
    );
    assert!(figure["width"].as_u64().is_some());

    let again = room.import();
    // (The post that was changed a second ago may have been changed again.)
    assert!(again.written == 0 && again.fetched <= 1, "{}", again.line());
    assert!(again.requests <= 6, "{} requests", again.requests);
}

// ---- Figures: cargo test --profile press --test import_wordpress -- --ignored --nocapture --------

/// Posts to make a site of this size, straight into the tables.
fn crowd(room: &Newsroom, posts: usize) {
    room.site.run(&format!(
        r#"
        global $wpdb; wp_suspend_cache_addition(true);
        $cats = array_map(fn($slug) => get_category_by_slug($slug)->term_taxonomy_id, ['politique', 'culture', 'sciences']);
        $tags = $wpdb->get_col("SELECT term_taxonomy_id FROM $wpdb->term_taxonomy WHERE taxonomy = 'post_tag'");
        $body = str_repeat("<!-- wp:paragraph -->\n<p>Une rivière ne monte pas d’un coup : elle prévient, et qui la regarde chaque matin le sait bien avant les autres. On note le niveau, on note l’heure, on compare avec la veille.</p>\n<!-- /wp:paragraph -->\n\n", 14);
        $first = strtotime('2024-01-01 08:00:00');
        $last = (int) $wpdb->get_var("SELECT MAX(ID) FROM $wpdb->posts");
        for ($n = 1; $n <= {posts}; $n++) {{
            $date = date('Y-m-d H:i:s', $first + $n * 3600);
            $wpdb->insert($wpdb->posts, ['ID' => $last + $n, 'post_author' => 1 + $n % 2, 'post_title' => "Mesure n° $n", 'post_name' => "mesure-$n", 'post_content' => $body, 'post_excerpt' => "La mesure n° $n, en bref.", 'post_status' => 'publish', 'post_type' => 'post', 'post_date' => $date, 'post_date_gmt' => $date, 'post_modified' => $date, 'post_modified_gmt' => $date, 'to_ping' => '', 'pinged' => '', 'post_content_filtered' => '']);
            $wpdb->insert($wpdb->term_relationships, ['object_id' => $last + $n, 'term_taxonomy_id' => $cats[$n % 3]]);
            foreach ([$n % count($tags), ($n * 5 + 1) % count($tags)] as $tag)
                $wpdb->query("INSERT IGNORE INTO $wpdb->term_relationships (object_id, term_taxonomy_id) VALUES (" . ($last + $n) . ", {{$tags[$tag]}})");
        }}
        foreach (['category', 'post_tag'] as $taxonomy) wp_update_term_count_now(get_terms(['taxonomy' => $taxonomy, 'fields' => 'tt_ids', 'hide_empty' => false]), $taxonomy);
        "#
    ));
}

#[test]
#[ignore = "takes minutes; prints figures"]
fn figures() {
    // As many as we ask at once.
    let room = Newsroom::at(WordPress::filled_and_served_by(4));
    let tell = |what: &str, summary: &Summary| {
        println!(
            "FIGURE {what}: {:.2} s, {} requests, {} posts fetched, {} files written",
            summary.seconds, summary.requests, summary.fetched, summary.written
        );
    };
    let edit = |slug: &str| {
        let id = room.site.id(slug);
        room.site.run(&format!(
            "wp_update_post(['ID' => {id}, 'post_content' => '<p>Corrigé.</p>']);"
        ));
    };
    tell("first import, 68 posts", &room.import());
    tell("nothing new, 68 posts", &room.import());
    edit("releve-40");
    tell("one changed, 68 posts", &room.import());
    crowd(&room, 5000 - 68);
    let all = Newsroom {
        options: Options {
            out: room.folder.path().join("large"),
            ..room.options.clone()
        },
        folder: tempfile::tempdir().expect("a folder"),
        ..room
    };
    let first = all.import();
    tell("first import, 5,000 posts", &first);
    println!("FIGURE {:.0} posts/s", 5000.0 / first.seconds);
    tell("nothing new, 5,000 posts", &all.import());
    let id = all.site.id("mesure-2500");
    all.site.run(&format!(
        "wp_update_post(['ID' => {id}, 'post_content' => '<p>Corrigé.</p>']);"
    ));
    tell("one changed, 5,000 posts", &all.import());
    let id = all.site.id("mesure-2499");
    all.site.run(&format!("wp_trash_post({id});"));
    tell("one withdrawn in the middle, 5,000 posts", &all.import());
}
