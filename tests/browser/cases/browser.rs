//! The browsers themselves: that they are what a case asks for, and see what a case must see.
//! What the site does belongs in the other files; if something fails here, fix the harness first.

use std::time::Duration;

use crate::case::{Case, Done, case};
use crate::engine::{Engine, Needs};
use crate::front::{Answer, Front};
use crate::page::Page;
use crate::site::Site;

pub const CASES: &[Case] = &[
    case!(are_as_wide_as_asked, Needs::NOTHING.size(320, 640)),
    case!(
        prefer_what_is_asked,
        Needs::NOTHING.dark().reduced_motion().font_size(20)
    ),
    case!(have_forced_colors, Needs::NOTHING.forced_colors()),
    case!(run_no_scripts, Needs::NOTHING.scripts_off()),
    case!(refuse_storage, Needs::NOTHING.storage_off()),
    case!(find_by_role_and_name_and_obey_the_keyboard),
    case!(have_tabs_that_share_a_storage),
    case!(tell_what_went_wrong, Needs::NOTHING.noisy()),
    case!(meet_every_fault_of_the_front, Needs::NOTHING.noisy()),
    case!(show_what_would_be_printed, Needs::NOTHING.not_in(NO_PRINT)),
    case!(do_not_wait_when_told, Needs::NOTHING.impatient()),
    case!(judge_accessibility_and_measure_elements),
    case!(
        measure_layout_shifts,
        Needs::NOTHING.not_in(NO_LAYOUT_SHIFTS)
    ),
];

/// The reason why a case that asks `Page::layout_shifts` cannot run in two of the engines.
pub const NO_LAYOUT_SHIFTS: &[(Engine, &str)] = &[
    (Engine::Firefox, "measures no layout shifts"),
    (Engine::WebKit, "measures no layout shifts"),
];

/// The reason why a case that asks `Page::as_printed` cannot run in one of the engines.
pub const NO_PRINT: &[(Engine, &str)] = &[(
    Engine::WebKit,
    "the driver cannot show what would be printed",
)];

/// A page of ours at `/essai/`, under a policy like the site's.
async fn essai(site: &Site, page: &Page, body: &str) -> Result<Front, crate::Trouble> {
    let front = site.front().await?;
    let html = format!(
        "<!doctype html><html lang=\"fr\"><head><meta charset=\"utf-8\"><title>Essai</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><link rel=\"icon\" href=\"data:,\"></head>\
         <body><main><h1>Essai</h1>{body}</main></body></html>"
    );
    let policy =
        "default-src 'self'; img-src 'self' data:; style-src 'unsafe-inline'; script-src 'self'";
    // Like the site's pages: between one with this header and one without, WebKit's driver is lost.
    let answer = Answer::html(html).header("cross-origin-opener-policy", "same-origin");
    front.answer("/essai/", answer.header("content-security-policy", policy));
    page.through(&front);
    Ok(front)
}

const SCRIPTED: &str = "<p id=\"script\">éteint</p><noscript><p>Sans scripts</p></noscript>\
                        <script src=\"/essai.js\"></script>";

async fn are_as_wide_as_asked(_: &Site, page: &Page) -> Done {
    page.open("/").await?;
    for (width, height) in [(320, 640), (360, 740), (768, 1024), (1280, 800)] {
        page.resize(width, height).await?;
        page.reload().await?;
        assert_eq!(
            page.eval::<[u32; 2]>("[innerWidth, innerHeight]").await?,
            [width, height]
        );
        let media = format!("matchMedia('(width: {width}px) and (height: {height}px)').matches");
        assert!(page.eval::<bool>(&media).await?, "{media}");
    }
    let preferences = "['dark', 'reduce'].map(value =>
        matchMedia(`(prefers-color-scheme: ${value}), (prefers-reduced-motion: ${value})`).matches)";
    assert_eq!(page.eval::<[bool; 2]>(preferences).await?, [false, false]);
    Ok(())
}

async fn prefer_what_is_asked(site: &Site, page: &Page) -> Done {
    let _front = essai(site, page, "").await?;
    page.open("/essai/").await?;
    assert!(
        page.eval::<bool>("matchMedia('(prefers-color-scheme: dark)').matches")
            .await?,
        "dark"
    );
    assert!(
        page.eval::<bool>("matchMedia('(prefers-reduced-motion: reduce)').matches")
            .await?,
        "less motion"
    );
    assert_eq!(
        page.eval::<String>("getComputedStyle(document.documentElement).fontSize")
            .await?,
        "20px"
    );
    Ok(())
}

async fn have_forced_colors(_: &Site, page: &Page) -> Done {
    page.open("/").await?;
    assert!(
        page.eval::<bool>("matchMedia('(forced-colors: active)').matches")
            .await?
    );
    Ok(())
}

async fn run_no_scripts(site: &Site, page: &Page) -> Done {
    let front = essai(site, page, SCRIPTED).await?;
    let script = "document.querySelector('#script').textContent = 'allumé'";
    front.answer(
        "/essai.js",
        Answer::json(script).header("content-type", "text/javascript"),
    );
    page.open("/essai/").await?;
    assert_eq!(page.text("#script").await?, "éteint");
    if page.engine() != Engine::WebKit {
        assert_eq!(page.text("noscript p").await?, "Sans scripts"); // WebKit keeps them hidden
    }
    assert_eq!(front.count("/essai.js"), 0);
    Ok(())
}

async fn refuse_storage(_: &Site, page: &Page) -> Done {
    page.open("/").await?;
    let attempt =
        "(() => { try { return String(localStorage) } catch (error) { return error.name } })()";
    let refusal = if page.engine() == Engine::WebKit {
        "null"
    } else {
        "SecurityError"
    };
    assert_eq!(page.eval::<String>(attempt).await?, refusal);
    Ok(())
}

async fn find_by_role_and_name_and_obey_the_keyboard(site: &Site, page: &Page) -> Done {
    let _front = essai(
        site,
        page,
        "<fieldset><legend>Taille du texte</legend>
         <label><input type=\"radio\" name=\"t\" checked><span aria-hidden=\"true\">A</span> <span>Normale</span></label>
         <label><input type=\"radio\" name=\"t\"><span aria-hidden=\"true\">A</span> <span>Grande</span></label></fieldset>
         <section aria-label=\"Dernières actualités Politique\"><p>Rien</p></section>
         <aside role=\"note\" aria-label=\"Lire aussi\u{202f}: une autre page\">Lire aussi</aside>
         <p><a href=\"/\">Un\u{a0}lien</a></p><div style=\"height: 3000px\"></div>",
    )
    .await?;
    page.open("/essai/").await?;
    for (role, name) in [
        ("heading", "Essai"),
        ("group", "Taille du texte"),
        ("region", "Dernières actualités*"),
        ("note", "Lire aussi :*"),
        ("link", "Un lien"),
    ] {
        page.the(role, name).await?;
    }
    assert!(!page.has("radio", "Maximale").await?);

    page.press("Tab").await?;
    assert_eq!(page.focus().await?, "radio Normale");
    page.press("ArrowRight").await?;
    assert_eq!(page.focus().await?, "radio Grande");
    assert!(page.the("radio", "Grande").await?.is_selected().await?);
    page.press("Shift+Tab").await?;
    page.click_the("radio", "Normale").await?;
    assert!(
        page.eval::<bool>("document.querySelector('input').checked")
            .await?
    );

    page.wheel(500).await?;
    assert_eq!(page.eval::<i32>("Math.round(scrollY)").await?, 500);
    page.scroll_to(120.0).await?;
    assert_eq!(page.eval::<i32>("Math.round(scrollY)").await?, 120);

    page.click_the("link", "Un lien").await?;
    page.wait_for("location.pathname === '/'").await?;
    page.back().await?;
    page.wait_for_text("Taille du texte").await?;
    page.forward().await?;
    page.wait_for("location.pathname === '/'").await?;
    assert_eq!(page.path().await?, "/");
    Ok(())
}

async fn have_tabs_that_share_a_storage(_: &Site, page: &Page) -> Done {
    page.open("/").await?;
    // WebKit tells of changes only to pages that have used the storage themselves.
    let listen = "localStorage.length; addEventListener('storage', ({ newValue }) => { document.title = newValue })";
    page.run(listen, vec![]).await?;
    let first = page.tab().await?;
    let second = page.open_tab("/").await?;
    page.run("localStorage.setItem('essai', 'bonjour')", vec![])
        .await?;
    page.look_at(&first).await?;
    page.wait_for("document.title === 'bonjour'").await?;
    page.look_at(&second).await?;
    assert_eq!(
        page.eval::<[u32; 2]>("[innerWidth, innerHeight]").await?,
        [1280, 800]
    );
    page.reload().await?;
    assert_eq!(
        page.eval::<String>("localStorage.getItem('essai')").await?,
        "bonjour"
    );
    Ok(())
}

async fn tell_what_went_wrong(site: &Site, page: &Page) -> Done {
    let front = essai(
        site,
        page,
        "<script src=\"/essai.js\"></script><script>interdit()</script>",
    )
    .await?;
    let script = "console.log('bavardage'); console.error('erreur dite');
                  setTimeout(() => { throw new Error('erreur jetée') });
                  Promise.reject(new Error('promesse rompue'));";
    front.answer(
        "/essai.js",
        Answer::json(script).header("content-type", "text/javascript"),
    );
    page.open("/essai/").await?;
    let faults = page.faults(site).await?.join("\n");
    for fault in [
        "erreur dite",
        "erreur jetée",
        "promesse rompue",
        "script-src",
    ] {
        assert!(faults.contains(fault), "{fault} is not in\n{faults}");
    }
    assert!(!faults.contains("bavardage"), "{faults}");
    assert_eq!(page.faults(site).await?, Vec::<String>::new());

    let message = page
        .open("/")
        .await
        .and(page.find("#rien").await.map(drop))
        .expect_err("there is no such element")
        .to_string();
    assert!(
        message.contains("nothing is `#rien`") && message.contains(front.url()),
        "{message}"
    );
    Ok(())
}

async fn meet_every_fault_of_the_front(site: &Site, page: &Page) -> Done {
    let front = essai(site, page, "").await?;
    page.open("/essai/").await?;
    let ask = async |path: &str| {
        page.eval::<String>(&format!(
            "fetch('{path}', {{ cache: 'no-store', signal: AbortSignal.timeout(1000) }})
                 .then(async answer => {{
                     const text = await answer.text();
                     return `${{answer.status}} ${{answer.headers.get('retry-after')}} ${{text.length}}`;
                 }}, error => error.name).catch(error => error.name)"
        ))
        .await
    };
    let whole = ask("/index.html").await?;
    assert!(whole.starts_with("200 null "), "{whole}");

    front.answer("/un", Answer::json("{}"));
    front.answer(
        "/un",
        Answer::status(503).header("retry-after", "1").times(2),
    );
    assert_eq!(ask("/un").await?, "503 1 47");
    assert_eq!(ask("/un?encore").await?, "503 1 47");
    assert_eq!(ask("/un").await?, "200 null 2");
    assert_eq!(
        (
            front.count("/un"),
            front.count("/un?encore"),
            front.count("/u*")
        ),
        (3, 1, 3)
    );

    assert_eq!((front.count("*n"), front.count("/*n")), (3, 3));

    front.answer("/gros", Answer::big(3 << 20));
    let big = ask("/gros").await?;
    assert!(big.starts_with("200 null 31457"), "{big}");

    front.answer("/index.html", Answer::drop_connection());
    assert_eq!(ask("/index.html").await?, "TypeError");
    front.answer("/index.html", Answer::cut(100));
    assert_ne!(ask("/index.html").await?, whole);
    for never in [
        Answer::silence(),
        Answer::hang(),
        Answer::pass().after(Duration::from_secs(3)),
    ] {
        front.answer("/index.html", never);
        assert!(["TimeoutError", "AbortError"].contains(&ask("/index.html").await?.as_str()));
    }
    front.answer("/index.html", Answer::drip(1024, Duration::from_millis(5)));
    assert_eq!(ask("/index.html").await?, whole);

    front.clear();
    front.forget();
    front.inject("window.avant = document.body === null");
    page.open("/").await?;
    assert!(page.eval::<bool>("window.avant").await?);
    let seen = front.requests("/");
    assert_eq!((seen.len(), seen[0].path.as_str()), (1, "/"));
    assert!(
        seen[0].headers.contains_key("user-agent")
            && seen[0].at.elapsed() < Duration::from_secs(60)
    );
    Ok(())
}

async fn show_what_would_be_printed(site: &Site, page: &Page) -> Done {
    let _front = essai(
        site,
        page,
        "<style>@media print { p { display: none } }</style><p>Rien</p>",
    )
    .await?;
    page.open("/essai/").await?;
    assert_eq!(page.texts("p").await?, ["Rien"]);
    page.as_printed().await?;
    assert_eq!(page.texts("p").await?, [""]);
    Ok(())
}

async fn do_not_wait_when_told(site: &Site, page: &Page) -> Done {
    let front = essai(site, page, "<img src=\"/jamais.png\" alt=\"Jamais\">").await?;
    front.answer("/jamais.png", Answer::silence());
    page.set_out("/essai/").await?;
    page.wait_for("document.querySelector('h1').textContent === 'Essai'")
        .await?;
    assert_ne!(
        page.eval::<String>("document.readyState").await?,
        "complete"
    );
    Ok(())
}

const PALE: &str = "<img src=\"data:,\"><p style=\"color: #ccc; background: #fff\">Pâle</p>";

async fn judge_accessibility_and_measure_elements(site: &Site, page: &Page) -> Done {
    let _front = essai(site, page, PALE).await?;
    page.open("/essai/").await?;
    let violations = page.axe().await?.join("\n");
    assert!(
        violations.contains("image-alt") && violations.contains("color-contrast"),
        "{violations}"
    );

    let before = page.rects("p").await?;
    page.run(
        "document.querySelector('h1').style.height = '300px'",
        vec![],
    )
    .await?;
    let after = page.rects("p").await?;
    assert!(after[0].y > before[0].y + 100.0, "{before:?} {after:?}");
    assert_eq!(
        (before[0].x, before[0].width, before[0].height),
        (after[0].x, after[0].width, after[0].height)
    );

    assert_eq!(page.count("p").await?, 1);
    assert_eq!(page.texts("h1, p").await?, ["Essai", "Pâle"]);
    assert_eq!(
        page.attr("p", "style").await?.as_deref(),
        Some("color: #ccc; background: #fff")
    );
    page.click("p").await?;
    Ok(())
}

async fn measure_layout_shifts(site: &Site, page: &Page) -> Done {
    let _front = essai(site, page, PALE).await?;
    page.open("/essai/").await?;
    page.frames().await?;
    page.run(
        "document.querySelector('h1').style.height = '300px'",
        vec![],
    )
    .await?;
    page.frames().await?;
    let shifts = page.layout_shifts().await?;
    let shift = shifts.last().ok_or("no shift was measured")?;
    assert!(
        shift.value > 0.0 && !shift.expected && shift.moved.join(" ").contains("Pâle"),
        "{shift:?}"
    );
    Ok(())
}
