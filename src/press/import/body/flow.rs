//! The walk over a page's tree, from element to node: which element means what to a news article.
//! Each element is visited once; nested nodes are as deep as their bound, whatever the tree is.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use serde::Serialize;
use url::Url;

use crate::content::{Block, Href, Image, Inline, ListItem};
use crate::press::import::text;

use super::dom::{Dom, Id, Kind, Step, plain_weight};
use super::line::{
    CODE, DELETE, EMPHASIS, Line, LinkId, Marks, Piece, STRONG, SUBSCRIPT, SUPERSCRIPT, What,
};
use super::shortcode::{self, Part};
use super::table::Grid;
use super::{BODY_LIMIT, CUT, Place, Target, embed, line, picture, see_also};

/// How deep lists, quotations and the like stand in each other; what is deeper loses its frame. The
/// deepest text then stands at 1 + 2 × 10 (lists) + 3 (a table) + 7 (marks), below the contract's 32.
const DEPTH_LIMIT: usize = 10;

/// The longest paragraph, in bytes: a longer one is parted.
const PARAGRAPH_LIMIT: usize = 64 << 10;

/// The longest title that a post of another site is given, in bytes.
const TITLE_LIMIT: usize = 300;

/// Bytes of JSON around what a node holds.
const FRAME: usize = 64;

/// Reads one page.
pub struct Writer<'a> {
    dom: &'a Dom,
    place: &'a Place<'a>,
    pub dropped: BTreeMap<String, u32>,
    links: Vec<Target>,
    /// Bytes of JSON that may still be written.
    room: usize,
    full: bool,
    /// Shortcodes that have an end somewhere.
    closed: BTreeSet<String>,
    /// Whether the text was never made into paragraphs, so that its lines say where they end.
    raw: bool,
    /// Elements that were read before their turn.
    skip: Vec<Id>,
    /// Whether the last picture had no address, as a lazy one whose true form is in a `noscript`.
    awaited: bool,
}

/// What is being read: blocks, and the line after them.
#[derive(Default)]
struct Flow {
    blocks: Vec<Block>,
    line: Line,
    /// How many open elements give each mark.
    marks: [u16; 6],
    link: Option<(LinkId, Option<Id>)>,
    /// Pictures that were met in the line.
    after: Vec<Block>,
    /// Whether a link alone may be a "Lire aussi" line here.
    alone: bool,
    /// Whether each line of the source is one.
    lines: bool,
    /// Elements that are blocks and open here.
    open: usize,
    caption: Option<CaptionCode>,
}

/// A `[caption]` that is open: its own words, and how many blocks ended since.
struct CaptionCode {
    words: String,
    ends: usize,
    from: usize,
}

impl Flow {
    fn mark(&self) -> Marks {
        let open = self.marks.iter().enumerate();
        let open = open.filter(|(_, count)| **count > 0);
        open.fold(0, |marks, (bit, _)| marks | 1 << bit)
    }

    fn link(&self) -> Option<LinkId> {
        self.link.map(|(id, _)| id)
    }

    fn change(&mut self, marks: Marks, add: bool) {
        for (bit, count) in self.marks.iter_mut().enumerate() {
            if marks & 1 << bit != 0 {
                *count = if add {
                    count.saturating_add(1)
                } else {
                    count.saturating_sub(1)
                };
            }
        }
    }

    /// What is read inside this, with its marks.
    fn inner(&self) -> Self {
        Self {
            marks: self.marks,
            link: self.link.map(|(id, _)| (id, None)),
            ..Self::default()
        }
    }
}

impl<'a> Writer<'a> {
    pub fn new(dom: &'a Dom, place: &'a Place<'a>, html: &str) -> Self {
        let mut writer = Self {
            dom,
            place,
            dropped: BTreeMap::new(),
            links: Vec::new(),
            room: BODY_LIMIT,
            full: false,
            closed: shortcode::closed(html),
            raw: is_raw(dom),
            skip: Vec::new(),
            awaited: false,
        };
        for (kind, count) in [("comment", dom.comments), ("template", dom.templates)] {
            if count > 0 {
                writer.dropped.insert(kind.to_owned(), count);
            }
        }
        writer
    }

    /// Counts what falls away.
    pub fn drop(&mut self, kind: &str) {
        match self.dropped.get_mut(kind) {
            Some(count) => *count = count.saturating_add(1),
            None => {
                self.dropped.insert(kind.to_owned(), 1);
            }
        }
    }

    /// The blocks of the page.
    pub fn body(&mut self) -> Vec<Block> {
        let mut flow = Flow {
            alone: true,
            lines: self.raw,
            ..Flow::default()
        };
        let root = self.dom.root;
        self.read(
            &mut flow,
            self.dom.after(Step::Enter(root), root),
            None,
            root,
            0,
        );
        self.finish(flow)
    }

    /// The blocks of what stands in `id`.
    fn inside(&mut self, id: Id, mut flow: Flow, depth: usize) -> Vec<Block> {
        let first = self.dom.after(Step::Enter(id), id);
        self.read(&mut flow, first, None, id, depth);
        self.finish(flow)
    }

    /// The blocks of the node `id` itself.
    fn whole(&mut self, id: Id, top: Id, mut flow: Flow, depth: usize) -> Vec<Block> {
        let until = self.dom.after(Step::Leave(id), top);
        self.read(&mut flow, Some(Step::Enter(id)), until, top, depth);
        self.finish(flow)
    }

    fn finish(&mut self, mut flow: Flow) -> Vec<Block> {
        flow.caption = None;
        self.end_line(&mut flow);
        see_also::gather(flow.blocks)
    }

    fn read(
        &mut self,
        flow: &mut Flow,
        first: Option<Step>,
        until: Option<Step>,
        top: Id,
        depth: usize,
    ) {
        let mut step = first;
        while let Some(mut now) = step {
            if self.full || step == until {
                return;
            }
            match now {
                Step::Enter(id) => {
                    if !self.enter(flow, id, depth) {
                        now = Step::Leave(id);
                    }
                }
                Step::Leave(id) => self.leave(flow, id),
            }
            step = self.dom.after(now, top);
        }
    }

    /// Goes into a node; false where what is inside is done with.
    fn enter(&mut self, flow: &mut Flow, id: Id, depth: usize) -> bool {
        let dom = self.dom;
        let name = match dom.kind(id) {
            Kind::Text(text) => {
                self.text(flow, text);
                return false;
            }
            Kind::Other => return false,
            Kind::Foreign(name) => {
                self.drop(if name == "math" { "math" } else { "svg" });
                return false;
            }
            Kind::Html(name) => name,
        };
        if self.skip.contains(&id) {
            return false;
        }
        if let Some(kind) = self.unseen(id, name) {
            self.drop(kind);
            return false;
        }
        let deep = depth >= DEPTH_LIMIT;
        match name {
            // Counted by the parser, and never filled.
            "template" => return false,
            name if is_no_text(name) => {
                self.drop(name);
                return false;
            }
            "noscript" => {
                self.noscript(flow, id);
                return false;
            }
            "img" | "image" => {
                self.picture(flow, id);
                return false;
            }
            "iframe" | "frame" => {
                self.frame(flow, id);
                return false;
            }
            "video" | "audio" => {
                self.media(flow, id, name);
                return false;
            }
            "br" => {
                flow.line.line_break();
                return false;
            }
            "hr" => {
                self.push(flow, Block::ThematicBreak);
                return false;
            }
            "rp" | "wbr" | "track" | "source" | "param" | "area" | "col" | "colgroup" => {
                return false;
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" if !deep => {
                self.heading(flow, id, name, depth);
                return false;
            }
            "pre" | "listing" | "xmp" | "plaintext" => {
                self.code(flow, id, depth);
                return false;
            }
            "blockquote" | "div" | "section" | "amp-facebook" if self.post(flow, id) => {
                return false;
            }
            "blockquote" if !deep => {
                let inner = Flow {
                    lines: flow.lines && self.raw,
                    ..flow.inner()
                };
                let children = self.inside(id, inner, depth + 1);
                if !children.is_empty() {
                    self.push_framed(flow, Block::Blockquote { children }, FRAME);
                }
                return false;
            }
            "ul" | "ol" | "menu" | "dir" if !deep => {
                let blocks = self.list(flow, id, depth);
                self.end_line(flow);
                flow.blocks.extend(blocks);
                return false;
            }
            "table" if !deep => {
                self.table(flow, id, depth);
                return false;
            }
            _ if !deep && is_figure(dom, id) => {
                self.figure(flow, id, depth);
                return false;
            }
            "a" => {
                if dom.class_holds(id, "wp-block-file__button") || is_way_back(dom, id) {
                    return false;
                }
                self.link(flow, id);
            }
            "q" => flow.line.text("« ", flow.mark(), flow.link()),
            _ => {}
        }
        if is_block(name) {
            self.end_line(flow);
            flow.open += 1;
        }
        flow.change(marks(dom, id, name), true);
        true
    }

    fn leave(&mut self, flow: &mut Flow, id: Id) {
        let name = self.dom.name(id);
        if name == "q" {
            flow.line.text(" »", flow.mark(), flow.link());
        }
        if is_block(name) {
            self.end_line(flow);
            flow.open = flow.open.saturating_sub(1);
        }
        flow.change(marks(self.dom, id, name), false);
        if flow.link.is_some_and(|(_, element)| element == Some(id)) {
            flow.link = None;
        }
    }

    /// Why an element is not seen, where it is not.
    fn unseen(&self, id: Id, name: &str) -> Option<&'static str> {
        if self.dom.attribute(id, "hidden").is_some() {
            return Some("hidden");
        }
        if let Some(style) = self.dom.attribute(id, "style")
            && name != "img"
        {
            let style: String = style.chars().take(2_000).collect();
            let style = style.to_ascii_lowercase().replace([' ', '\n', '\t'], "");
            if style.contains("display:none") || style.contains("visibility:hidden") {
                return Some("hidden");
            }
        }
        let class = self.dom.attribute(id, "class")?;
        let mut classes = class.split_ascii_whitespace();
        classes
            .any(|class| {
                SHARING.contains(&class)
                    || ["addtoany_", "heateor_sss", "essb_"]
                        .iter()
                        .any(|start| class.starts_with(start))
            })
            .then_some("share buttons")
    }

    fn text(&mut self, flow: &mut Flow, text: &str) {
        if !text.contains('[') || flow.mark() & CODE != 0 {
            self.words(flow, text);
            return;
        }
        for part in shortcode::parts(text, &self.closed) {
            match part {
                Part::Text(text) => self.words(flow, text),
                Part::Open("caption" | "wp_caption", attributes) => {
                    self.end_line(flow);
                    let words = shortcode::attribute(attributes, "caption").unwrap_or_default();
                    flow.caption = Some(CaptionCode {
                        words: words.to_owned(),
                        ends: 0,
                        from: flow.blocks.len(),
                    });
                }
                Part::Close("caption" | "wp_caption") => self.end_caption(flow),
                Part::Open("embed", _) | Part::Close("embed") => self.end_line(flow),
                Part::Open("video" | "audio" | "youtube" | "embedyt" | "vimeo", attributes) => {
                    let names = ["mp4", "webm", "mp3", "m4a", "ogg", "src", "url"];
                    let mut urls = names
                        .iter()
                        .filter_map(|name| shortcode::attribute(attributes, name));
                    match urls.find_map(|url| self.place.web(url)) {
                        Some(url) => self.show(flow, &url, None),
                        None => self.drop("shortcode"),
                    }
                }
                Part::Close("video" | "audio" | "youtube" | "vimeo") => {}
                Part::Open(..) | Part::Close(_) => self.drop("shortcode"),
            }
        }
    }

    /// Text without shortcodes.
    fn words(&mut self, flow: &mut Flow, text: &str) {
        if !(flow.lines && (flow.open == 0 || !self.raw)) {
            self.run(flow, text);
            return;
        }
        let mut blank = 0;
        for (n, line) in text.split('\n').enumerate() {
            if n > 0 {
                blank += 1;
                if flow.line.is_blank() {
                    blank = 0;
                } else if blank == 2 {
                    self.end_line(flow);
                } else if blank == 1 {
                    flow.line.line_break();
                }
            }
            if !line.trim().is_empty() {
                blank = 0;
            }
            self.run(flow, line);
        }
    }

    /// Text in a paragraph, which is parted where it is too long.
    fn run(&mut self, flow: &mut Flow, text: &str) {
        let mut rest = text;
        while flow.line.bytes + rest.len() > PARAGRAPH_LIMIT && !self.full {
            let room = PARAGRAPH_LIMIT.saturating_sub(flow.line.bytes);
            let cut = text::head(rest, room).len();
            let cut = rest[..cut].rfind(char::is_whitespace).unwrap_or(cut);
            let (head, tail) = rest.split_at(cut);
            flow.line.text(head, flow.mark(), flow.link());
            flow.caption = None;
            self.end_line(flow);
            if cut == 0 && tail.len() == rest.len() && room >= PARAGRAPH_LIMIT {
                // Not even one letter fits, or it begins with the only space: go past it.
                let step = tail.chars().next().map_or(0, char::len_utf8);
                rest = &tail[step..];
                continue;
            }
            rest = tail;
        }
        flow.line.text(rest, flow.mark(), flow.link());
    }

    /// Ends the paragraph that is being read.
    fn end_line(&mut self, flow: &mut Flow) {
        if let Some(caption) = &mut flow.caption {
            caption.ends += 1;
            if caption.ends <= 4 {
                return;
            }
            flow.caption = None;
        }
        let line = std::mem::take(&mut flow.line);
        for line in line.finish(self.place.typography) {
            self.paragraph(flow, &line);
        }
        for block in std::mem::take(&mut flow.after) {
            self.account(flow, block);
        }
    }

    fn paragraph(&mut self, flow: &mut Flow, line: &[Piece]) {
        if let Some(lines) = see_also::read(line, &self.links, flow.alone) {
            for block in lines {
                self.account(flow, block);
            }
            return;
        }
        if let [
            Piece {
                what: What::Text(text),
                link: None,
                ..
            },
        ] = line
            && text.starts_with("http")
            && !text.contains(char::is_whitespace)
            && let Some(url) = self.place.web(text)
            && let Some((provider, url)) = embed::known(&url)
        {
            let block = embedded(Some(provider), &url, None);
            if let Some(block) = block {
                self.account(flow, block);
                return;
            }
        }
        let children = line::inlines(line, &self.links);
        self.account(flow, Block::Paragraph { children });
    }

    /// Adds a block after the paragraph that is being read.
    fn push(&mut self, flow: &mut Flow, block: Block) {
        self.end_line(flow);
        self.account(flow, block);
    }

    /// The same for one whose blocks were counted when they were read.
    fn push_framed(&mut self, flow: &mut Flow, block: Block, bytes: usize) {
        self.end_line(flow);
        if self.take(bytes) {
            flow.blocks.push(block);
        }
    }

    fn account(&mut self, flow: &mut Flow, block: Block) {
        if self.take(json_length(&block) + 1) {
            flow.blocks.push(block);
        }
    }

    /// Takes from the room that is left; false where there is not so much, and then no more is read.
    fn take(&mut self, bytes: usize) -> bool {
        if self.full {
            return false;
        }
        match self.room.checked_sub(bytes) {
            Some(room) => {
                self.room = room;
                true
            }
            None => {
                self.full = true;
                self.drop(CUT);
                false
            }
        }
    }

    fn link(&mut self, flow: &mut Flow, id: Id) {
        if flow.link.is_some() {
            return;
        }
        let Some(text) = self.dom.attribute(id, "href") else {
            return;
        };
        match self.place.target(text) {
            Some(target) => {
                self.links.push(target);
                flow.link = Some((self.links.len() - 1, Some(id)));
            }
            None if text.trim_start().starts_with('#') => {}
            None => self.drop("link without address"),
        }
    }

    fn heading(&mut self, flow: &mut Flow, id: Id, name: &str, depth: usize) {
        self.end_line(flow);
        let inner = flow.inner();
        let blocks = self.inside(id, inner, depth + 1);
        let (mut children, rest) = in_a_line(blocks, &Inline::Text { value: " ".into() });
        // Subheads are bold by themselves.
        if let [Inline::Strong { children: inner }] = &mut children[..] {
            children = std::mem::take(inner);
        }
        let depth = match name {
            "h1" | "h2" => 2,
            "h3" => 3,
            _ => 4,
        };
        if !children.is_empty() {
            self.push_framed(flow, Block::Heading { depth, children }, FRAME);
        }
        flow.blocks.extend(rest);
    }

    fn code(&mut self, flow: &mut Flow, id: Id, depth: usize) {
        if self.dom.class_holds(id, "wp-block-verse") && depth < DEPTH_LIMIT {
            let inner = Flow {
                lines: true,
                ..flow.inner()
            };
            self.end_line(flow);
            // Lines count here even where the page has paragraphs.
            let raw = std::mem::replace(&mut self.raw, false);
            let blocks = self.inside(id, inner, depth + 1);
            self.raw = raw;
            flow.blocks.extend(blocks);
            return;
        }
        let mut value = String::new();
        let mut step = self.dom.after(Step::Enter(id), id);
        while let Some(mut now) = step {
            if let Step::Enter(inner) = now {
                match self.dom.kind(inner) {
                    Kind::Text(text) => value.push_str(text),
                    Kind::Html("br") => value.push('\n'),
                    Kind::Html(name)
                        if is_no_text(name)
                            || matches!(name, "noscript" | "iframe" | "video" | "audio") =>
                    {
                        self.drop(name);
                        now = Step::Leave(inner);
                    }
                    Kind::Foreign(_) => {
                        self.drop("svg");
                        now = Step::Leave(inner);
                    }
                    _ => {}
                }
            }
            step = self.dom.after(now, id);
        }
        let lines = value.lines().map(|line| {
            let parts: Vec<_> = line.split('\t').map(text::clean).collect();
            parts.join("\t")
        });
        let value = lines.collect::<Vec<_>>().join("\n");
        let value = value.trim_end().trim_start_matches('\n');
        // What is longer is parted like a paragraph.
        let mut rest = value;
        while !rest.trim().is_empty() {
            let head = text::head(rest, PARAGRAPH_LIMIT);
            let tail = &rest[head.len()..];
            let value = head.to_owned();
            self.push(flow, Block::Code { value });
            rest = tail;
        }
    }

    fn list(&mut self, flow: &Flow, id: Id, depth: usize) -> Vec<Block> {
        let dom = self.dom;
        let ordered = dom.name(id) == "ol";
        let mut items: Vec<ListItem> = Vec::new();
        for child in dom.children(id) {
            if self.full {
                break;
            }
            let name = dom.name(child);
            let inner = Flow {
                alone: false,
                ..flow.inner()
            };
            let children = match name {
                "li" => {
                    if let Some(kind) = self.unseen(child, name) {
                        self.drop(kind);
                        continue;
                    }
                    self.inside(child, inner, depth + 1)
                }
                // A list in a list belongs to the item before it.
                "ul" | "ol" if !items.is_empty() && depth + 1 < DEPTH_LIMIT => {
                    let mut inner = self.list(flow, child, depth + 1);
                    if let Some(last) = items.last_mut() {
                        last.children.append(&mut inner);
                    }
                    continue;
                }
                _ => self.whole(child, id, inner, depth + 1),
            };
            if !children.is_empty() && self.take(FRAME) {
                items.push(ListItem { children });
            }
        }
        if items.is_empty() || !self.take(FRAME) {
            return Vec::new();
        }
        // A list of pictures is how galleries are written.
        let shown = |item: &ListItem| {
            let mut blocks = item.children.iter();
            blocks.all(|block| matches!(block, Block::Figure { .. } | Block::Embed { .. }))
        };
        if items.iter().all(shown) {
            return items.into_iter().flat_map(|item| item.children).collect();
        }
        let start = dom.attribute(id, "start");
        let mut start: Option<u32> = start.and_then(|start| start.trim().parse().ok());
        if ordered && dom.attribute(id, "reversed").is_some() {
            // The contract counts upwards only: here the numbers are text.
            let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
            let first = start.unwrap_or(count);
            for (n, item) in (0_u32..).zip(&mut items) {
                number(item, first.saturating_sub(n));
            }
            return vec![Block::List {
                ordered: false,
                start: None,
                children: items,
            }];
        }
        start = start.filter(|start| ordered && *start != 1);
        vec![Block::List {
            ordered,
            start,
            children: items,
        }]
    }

    fn table(&mut self, flow: &mut Flow, id: Id, depth: usize) {
        let dom = self.dom;
        self.end_line(flow);
        let layout = dom.attribute(id, "role") == Some("presentation");
        let mut cells: Vec<Option<Id>> = Vec::new();
        let mut caption = None;
        // Rows (None) and cells of this table, without those of tables in it.
        let mut step = dom.after(Step::Enter(id), id);
        while let Some(mut now) = step {
            if let Step::Enter(inner) = now {
                match dom.name(inner) {
                    "tr" => cells.push(None),
                    "td" | "th" => {
                        cells.push(Some(inner));
                        now = Step::Leave(inner);
                    }
                    "caption" => {
                        caption = Some(inner);
                        now = Step::Leave(inner);
                    }
                    "table" => now = Step::Leave(inner),
                    _ => {}
                }
            }
            step = dom.after(now, id);
        }
        if let Some(caption) = caption {
            let inner = flow.inner();
            let blocks = self.inside(caption, inner, depth + 1);
            flow.blocks.extend(blocks);
        }
        let single = cells.iter().flatten().count() == 1;
        if layout || single {
            for cell in cells.into_iter().flatten() {
                let inner = Flow {
                    alone: flow.alone,
                    ..flow.inner()
                };
                let blocks = self.inside(cell, inner, depth + 1);
                flow.blocks.extend(blocks);
            }
            return;
        }
        let mut grid = Grid::default();
        let mut cut = false;
        for cell in cells {
            if self.full {
                break;
            }
            let Some(cell) = cell else {
                grid.row();
                continue;
            };
            let inner = flow.inner();
            let blocks = self.inside(cell, inner, depth + 1);
            let (mut children, rest) = in_a_line(blocks, &Inline::Break);
            for block in rest {
                if let Some(node) = as_inline(block) {
                    if !children.is_empty() {
                        children.push(Inline::Break);
                    }
                    children.push(node);
                }
            }
            let span = |name| {
                let text = dom.attribute(cell, name)?;
                text.trim().parse::<usize>().ok()
            };
            let columns = span("colspan").unwrap_or(1);
            let rows = span("rowspan").unwrap_or(1);
            cut |= !grid.cell(children, columns, rows);
        }
        if cut {
            self.drop("table columns");
        }
        let mut rows = grid.finish();
        let fits = |row: &crate::content::Row| FRAME + 40 * row.children.len();
        let kept = rows.iter().take_while(|row| self.take(fits(row))).count();
        rows.truncate(kept);
        if !rows.is_empty() && self.take(FRAME) {
            flow.blocks.push(Block::Table { children: rows });
        }
    }

    /// A figure, a captioned picture, a gallery: whatever is in it, and its caption.
    fn figure(&mut self, flow: &mut Flow, id: Id, depth: usize) {
        let dom = self.dom;
        self.end_line(flow);
        let caption_of = |id: Id| {
            let mut inside = dom.inside(id);
            inside.find(|inner| is_caption(dom, *inner) && nearest_figure(dom, *inner) == Some(id))
        };
        let caption = caption_of(id);
        let skipped = self.skip.len();
        self.skip.extend(caption);
        let inner = Flow {
            alone: flow.alone,
            ..flow.inner()
        };
        let mut blocks = self.inside(id, inner, depth + 1);
        self.skip.truncate(skipped);
        if dom.class_holds(id, "wp-block-embed") {
            for block in &mut blocks {
                if let Some(shown) = self.bare(block) {
                    *block = shown;
                }
            }
        }
        if let Some(caption) = caption {
            let credit = dom.inside(caption).find(|inner| {
                let class = dom.attribute(*inner, "class").unwrap_or_default();
                class.contains("credit") || class.contains("copyright")
            });
            let owner = credit.map(|credit| {
                let inner = flow.inner();
                let blocks = self.inside(credit, inner, depth + 1);
                text::plain(&words_of(blocks))
            });
            self.skip.extend(credit);
            let inner = Flow {
                alone: false,
                ..flow.inner()
            };
            let words = self.inside(caption, inner, depth + 1);
            self.skip.truncate(skipped);
            caption_for(&mut blocks, words, owner);
        }
        flow.blocks.extend(blocks);
    }

    /// What an embed's block shows, where it is nothing but an address.
    fn bare(&self, block: &Block) -> Option<Block> {
        let Block::Paragraph { children } = block else {
            return None;
        };
        let text = Inline::plain(children);
        let text = text.trim();
        if !text.starts_with("http") || text.contains(char::is_whitespace) {
            return None;
        }
        let url = self.place.web(text)?;
        let target = self.place.target_of(&url)?;
        if let Some((_, slug)) = &target.own {
            return see_also::line_to(&target, &slug.as_str().replace('-', " "));
        }
        embedded(None, &url, None)
    }

    /// Ends a `[caption]`: what was read since is what the picture shows.
    fn end_caption(&mut self, flow: &mut Flow) {
        let Some(caption) = flow.caption.take() else {
            return;
        };
        let line = std::mem::take(&mut flow.line);
        let lines = line.finish(self.place.typography);
        let words: Vec<String> = lines.iter().map(|line| line::plain(line)).collect();
        let mut words = words.join(" ");
        if words.is_empty() {
            words = text::line(&caption.words, self.place.typography);
        }
        let mut blocks = flow.blocks.split_off(caption.from.min(flow.blocks.len()));
        blocks.append(&mut flow.after);
        let value = words.trim().to_owned();
        if !value.is_empty() {
            let children = vec![Inline::Text { value }];
            if self.take(json_length(&children) + FRAME) {
                caption_for(&mut blocks, vec![Block::Paragraph { children }], None);
            }
        }
        flow.blocks.append(&mut blocks);
    }

    fn picture(&mut self, flow: &mut Flow, id: Id) {
        let dom = self.dom;
        let alt = || dom.attribute(id, "alt").map(text::plain);
        if ["emoji", "wp-smiley", "smiley"]
            .iter()
            .any(|class| dom.has_class(id, class))
        {
            if let Some(alt) = alt() {
                flow.line.text(&alt, flow.mark(), flow.link());
            }
            return;
        }
        if picture::is_pixel(dom, id) {
            self.drop("pixel");
            return;
        }
        let Some(image) = picture::read(dom, id, self.place) else {
            self.awaited = true;
            self.drop("picture without address");
            return;
        };
        self.awaited = false;
        if picture::is_small(&image) {
            flow.line.picture(image, flow.mark(), flow.link());
        } else {
            self.add_picture(flow, image);
        }
    }

    fn add_picture(&mut self, flow: &mut Flow, image: Image) {
        let block = Block::Figure { image };
        if flow.line.is_blank() && flow.after.is_empty() {
            self.account(flow, block);
        } else {
            flow.after.push(block);
            // However many there are, they are counted before long.
            if flow.after.len() > 100 {
                flow.caption = None;
                self.end_line(flow);
            }
        }
    }

    /// What is shown without scripts: the true form of a lazy picture is all that is wanted of it.
    fn noscript(&mut self, flow: &mut Flow, id: Id) {
        let image = self.dom.find(id, &["img"]);
        match image.filter(|_| self.awaited) {
            Some(image) => {
                self.picture(flow, image);
                if !self.awaited
                    && let Some(count) = self.dropped.get_mut("picture without address")
                {
                    *count -= 1;
                    if *count == 0 {
                        self.dropped.remove("picture without address");
                    }
                }
            }
            None => self.drop("noscript"),
        }
    }

    fn frame(&mut self, flow: &mut Flow, id: Id) {
        let dom = self.dom;
        let sources = [
            "data-src",
            "data-lazy-src",
            "data-litespeed-src",
            "data-src-cmplz",
            "data-cmp-src",
            "src",
        ];
        let url = sources
            .iter()
            .filter_map(|name| dom.attribute(id, name))
            .find_map(|text| self.place.web(text));
        let Some(url) = url.filter(|_| !picture::is_pixel(dom, id)) else {
            self.drop("iframe");
            return;
        };
        if dom.has_class(id, "wp-embedded-content") {
            // The post is named by the quotation beside it.
            return;
        }
        let title = dom.attribute(id, "title").map(text::plain);
        self.show(flow, &url, title);
    }

    fn media(&mut self, flow: &mut Flow, id: Id, name: &str) {
        let dom = self.dom;
        let source = dom.find(id, &["source"]);
        let sources = [
            dom.attribute(id, "src"),
            dom.attribute(id, "data-src"),
            source.and_then(|source| dom.attribute(source, "src")),
        ];
        let url = sources
            .into_iter()
            .flatten()
            .find_map(|text| self.place.web(text));
        let Some(url) = url else {
            self.drop(name);
            return;
        };
        let title = dom
            .attribute(id, "title")
            .or_else(|| dom.attribute(id, "aria-label"));
        self.show(flow, &url, title.map(text::plain));
    }

    /// Adds what another site shows at `url`.
    fn show(&mut self, flow: &mut Flow, url: &Url, title: Option<String>) {
        let title = title.filter(|title| !title.is_empty());
        let block = match embed::known(url) {
            Some((provider, page)) => embedded(Some(provider), &page, title),
            None => embedded(None, url, title),
        };
        if let Some(block) = block {
            self.push(flow, block);
        }
    }

    /// A post of another site, or of this one, as its own script would find it; false where it is
    /// something else.
    fn post(&mut self, flow: &mut Flow, id: Id) -> bool {
        let dom = self.dom;
        let Some(class) = dom.attribute(id, "class") else {
            return false;
        };
        let has = |name: &str| class.split_ascii_whitespace().any(|c| c == name);
        let attribute = |name| dom.attribute(id, name);
        let given = if has("wp-embedded-content") {
            let link = dom.find(id, &["a"]);
            let line = link.and_then(|link| {
                let target = self.place.target(dom.attribute(link, "href")?)?;
                see_also::line_to(&target, &self.text_of(link))
            });
            if let Some(line) = line {
                self.push(flow, line);
                return true;
            }
            return false;
        } else if has("twitter-tweet") || has("twitter-video") {
            None
        } else if has("instagram-media") {
            attribute("data-instgrm-permalink")
        } else if has("tiktok-embed") {
            attribute("cite")
        } else if has("fb-post") || has("fb-video") {
            attribute("data-href")
        } else {
            return false;
        };
        let given = given
            .and_then(|text| self.place.web(text))
            .and_then(|url| embed::known(&url));
        // The last link is the post's own; those before are what it speaks of.
        let found = given.or_else(|| {
            let links = dom.inside(id).filter(|inner| dom.name(*inner) == "a");
            let urls = links.filter_map(|link| self.place.web(dom.attribute(link, "href")?));
            urls.filter_map(|url| embed::known(&url)).last()
        });
        let Some((provider, url)) = found else {
            return false;
        };
        let words = dom.find(id, &["p"]).map(|p| self.text_of(p));
        let words = words.unwrap_or_default();
        let words = text::head(&words, TITLE_LIMIT).trim();
        let title = (!words.is_empty()).then(|| words.to_owned());
        if let Some(block) = embedded(Some(provider), &url, title) {
            self.push(flow, block);
        }
        true
    }

    /// The text in an element, as a title.
    fn text_of(&self, id: Id) -> String {
        let mut text = String::new();
        for inner in self.dom.inside(id) {
            match self.dom.kind(inner) {
                Kind::Text(part)
                    if self
                        .dom
                        .parent(inner)
                        .is_none_or(|p| !matches!(self.dom.name(p), "script" | "style")) =>
                {
                    text.push_str(part);
                }
                Kind::Html("br" | "p" | "div") => text.push(' '),
                _ => {}
            }
        }
        let text = text::plain(&text);
        if self.place.typography {
            text::french(&text)
        } else {
            text
        }
    }
}

/// Classes of what is there to be clicked on, not to be read.
const SHARING: [&str; 6] = [
    "sharedaddy",
    "sd-sharing",
    "jp-relatedposts",
    "social-share",
    "share-buttons",
    "screen-reader-text",
];

/// Elements of which not even the text is an article's.
fn is_no_text(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "object"
            | "applet"
            | "embed"
            | "input"
            | "select"
            | "textarea"
            | "button"
            | "datalist"
            | "output"
            | "progress"
            | "meter"
            | "label"
            | "canvas"
            | "frameset"
            | "noembed"
            | "noframes"
            | "title"
            | "meta"
            | "link"
            | "base"
            | "map"
            | "portal"
            | "dialog"
    )
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "legend"
            | "li"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "optgroup"
            | "option"
            | "p"
            | "search"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
    )
}

/// The marks that an element puts on its text.
fn marks(dom: &Dom, id: Id, name: &str) -> Marks {
    match name {
        "b" if dom.attribute(id, "style").is_some_and(plain_weight) => 0,
        "b" | "strong" | "dt" | "summary" | "th" => STRONG,
        "i" | "em" | "cite" | "dfn" | "var" => EMPHASIS,
        "s" | "strike" | "del" => DELETE,
        "sup" => SUPERSCRIPT,
        "sub" => SUBSCRIPT,
        "code" | "kbd" | "samp" | "tt" => CODE,
        "span" => dom.attribute(id, "style").map_or(0, styled),
        _ => 0,
    }
}

fn styled(style: &str) -> Marks {
    let mut marks = 0;
    for rule in style.split(';').take(30) {
        let Some((name, value)) = rule.split_once(':') else {
            continue;
        };
        let value = value.trim();
        let is = |wanted: &str| value.eq_ignore_ascii_case(wanted);
        marks |= match name.trim().to_ascii_lowercase().as_str() {
            "font-weight" if is("bold") || is("bolder") || is("600") || is("700") => STRONG,
            "font-style" if is("italic") || is("oblique") => EMPHASIS,
            "text-decoration" | "text-decoration-line" if is("line-through") => DELETE,
            "vertical-align" if is("super") => SUPERSCRIPT,
            "vertical-align" if is("sub") => SUBSCRIPT,
            _ => 0,
        };
    }
    marks
}

/// Whether a link leads from a note back to its sign in the text, by an arrow: the contract has no
/// anchors.
fn is_way_back(dom: &Dom, id: Id) -> bool {
    let anchor = dom
        .attribute(id, "href")
        .is_some_and(|href| href.starts_with('#'));
    anchor
        && dom.inside(id).take(4).all(|inner| match dom.kind(inner) {
            Kind::Text(text) => !text.contains(char::is_alphanumeric),
            kind => !matches!(kind, Kind::Html("img")),
        })
}

fn is_figure(dom: &Dom, id: Id) -> bool {
    match dom.name(id) {
        "figure" => true,
        "div" => dom.has_class(id, "wp-caption"),
        "dl" => dom.has_class(id, "gallery-item"),
        _ => false,
    }
}

fn is_caption(dom: &Dom, id: Id) -> bool {
    match dom.name(id) {
        "figcaption" => true,
        "p" | "dd" | "div" | "span" => dom.has_class(id, "wp-caption-text"),
        _ => false,
    }
}

fn nearest_figure(dom: &Dom, id: Id) -> Option<Id> {
    let mut at = dom.parent(id)?;
    // Trees are not deeper than this by much, and no caption is.
    for _ in 0..32 {
        if is_figure(dom, at) {
            return Some(at);
        }
        at = dom.parent(at)?;
    }
    None
}

/// Whether the page is text whose paragraphs are only blank lines: what WordPress keeps of a post
/// of its classic editor.
fn is_raw(dom: &Dom) -> bool {
    let loose = |id: &Id| match dom.kind(*id) {
        Kind::Text(text) => {
            let mut lines = text.trim().lines();
            lines.any(|line| line.trim().is_empty())
                || (!text.trim().is_empty() && text.contains("\n\n"))
        }
        _ => false,
    };
    dom.children(dom.root).any(|id| loose(&id)) && dom.find(dom.root, &["p"]).is_none()
}

/// What another site shows at `url`.
fn embedded(provider: Option<&str>, url: &Url, title: Option<String>) -> Option<Block> {
    Some(Block::Embed {
        provider: provider.map(str::to_owned),
        url: Href::parse(url.as_str())?,
        title,
    })
}

/// Puts a caption to the one block that can have it, or else after all of them.
fn caption_for(blocks: &mut Vec<Block>, words: Vec<Block>, owner: Option<String>) {
    let open = |block: &&mut Block| match block {
        Block::Figure { image } => image.caption.is_none(),
        Block::Embed { title, .. } => title.is_none(),
        _ => false,
    };
    let shown = blocks
        .iter()
        .filter(|b| matches!(b, Block::Figure { .. } | Block::Embed { .. }))
        .count();
    let owner = owner.filter(|owner| !owner.is_empty());
    let shows_nothing_else = words
        .iter()
        .all(|block| matches!(block, Block::Paragraph { .. }));
    if let Some(block) = blocks.iter_mut().find(open)
        && shown == 1
        && shows_nothing_else
    {
        let text = text::plain(&words_of(words));
        match block {
            Block::Figure { image } => {
                let found = text::split(&text);
                image.caption = found.caption.or(image.caption.take());
                image.credit_text = owner.or(found.credit_text).or(image.credit_text.take());
            }
            Block::Embed { title, .. } => *title = (!text.is_empty()).then_some(text),
            _ => {}
        }
        return;
    }
    blocks.extend(words);
    if let Some(value) = owner {
        let children = vec![Inline::Text { value }];
        blocks.push(Block::Paragraph { children });
    }
}

/// The text of blocks, in one line.
fn words_of(blocks: Vec<Block>) -> String {
    let space = Inline::Text { value: " ".into() };
    let (mut line, rest) = in_a_line(blocks, &space);
    for node in rest.into_iter().filter_map(as_inline) {
        line.push(space.clone());
        line.push(node);
    }
    Inline::plain(&line)
}

/// The texts of blocks one after the other with `between` them, and the blocks that have none.
fn in_a_line(blocks: Vec<Block>, between: &Inline) -> (Vec<Inline>, Vec<Block>) {
    let mut line: Vec<Inline> = Vec::new();
    let mut rest = Vec::new();
    for block in blocks {
        let mut nodes = match block {
            Block::Paragraph { children } | Block::Heading { children, .. } => children,
            Block::Code { value } => vec![Inline::InlineCode { value }],
            Block::Blockquote { children } => {
                let (nodes, mut more) = in_a_line(children, between);
                rest.append(&mut more);
                nodes
            }
            Block::List { children, .. } => {
                let blocks = children.into_iter().flat_map(|item| item.children);
                let (nodes, mut more) = in_a_line(blocks.collect(), between);
                rest.append(&mut more);
                nodes
            }
            Block::Table { children } => {
                let cells = children.into_iter().flat_map(|row| row.children);
                let paragraphs =
                    cells
                        .filter(|cell| !cell.children.is_empty())
                        .map(|cell| Block::Paragraph {
                            children: cell.children,
                        });
                in_a_line(paragraphs.collect(), between).0
            }
            other => {
                rest.push(other);
                continue;
            }
        };
        if nodes.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(between.clone());
        }
        line.append(&mut nodes);
    }
    (line, rest)
}

/// What a block is in a line.
fn as_inline(block: Block) -> Option<Inline> {
    let link = |url: Href, title: String| Inline::Link {
        url,
        children: vec![Inline::Text { value: title }],
    };
    match block {
        Block::Figure { image } => Some(Inline::Picture(image)),
        Block::Embed { url, title, .. } => {
            let title = title.unwrap_or_else(|| url.to_string());
            Some(link(url, title))
        }
        Block::SeeAlso {
            slug,
            section,
            url,
            title,
        } => {
            let own = section.zip(slug).and_then(|(section, slug)| {
                let route = crate::route::Route::Article { section, slug };
                Href::parse(&route.to_string())
            });
            Some(link(own.or(url)?, title))
        }
        _ => None,
    }
}

/// Writes an item's number before its text.
fn number(item: &mut ListItem, n: u32) {
    let value = format!("{n}. ");
    match item.children.first_mut() {
        Some(Block::Paragraph { children }) => children.insert(0, Inline::Text { value }),
        _ => {
            let value = value.trim_end().to_owned();
            let children = vec![Inline::Text { value }];
            item.children.insert(0, Block::Paragraph { children });
        }
    }
}

/// How long a node is as JSON, where `<` is escaped as it is in a page.
fn json_length<T: Serialize>(node: &T) -> usize {
    struct Length(usize);
    impl io::Write for Length {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len() + 5 * bytes.iter().filter(|b| **b == b'<').count();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut length = Length(0);
    // A node of ours can always be written.
    match serde_json::to_writer(&mut length, node) {
        Ok(()) => length.0,
        Err(_) => usize::MAX / 2,
    }
}
