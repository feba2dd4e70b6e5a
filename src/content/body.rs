//! The text of an article: mdast (github.com/syntax-tree/mdast) in two kinds that cannot be mixed
//! up, blocks and what stands in a line, so that what is written out is always well-formed HTML.

use serde::Serialize;

use super::{Field, Href, Image, Slug};

/// How deep nodes may stand in each other; what is deeper is flattened to its text.
pub const NESTING_LIMIT: usize = 32;

/// The root of an article's text.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(tag = "type", rename = "root")]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Body {
    /// Its blocks, in order.
    pub children: Vec<Block>,
}

/// What stands on its own in the flow of the text (mdast "flow content", and three of ours).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub enum Block {
    /// A paragraph.
    Paragraph {
        /// Its text.
        children: Vec<Inline>,
    },
    /// A subhead.
    Heading {
        /// 2 to 4; 1 is the headline's.
        depth: u32,
        /// Its text.
        children: Vec<Inline>,
    },
    /// A quotation.
    Blockquote {
        /// What is quoted.
        children: Vec<Block>,
    },
    /// A list.
    List {
        /// Whether its items are numbered.
        #[serde(default)]
        ordered: bool,
        /// The first number.
        #[serde(skip_serializing_if = "Option::is_none")]
        start: Option<u32>,
        /// Its items.
        children: Vec<ListItem>,
    },
    /// Text to be shown as it is typed.
    Code {
        /// The text.
        value: String,
    },
    /// A rule between two parts.
    ThematicBreak,
    /// A table whose first row names the columns.
    Table {
        /// Its rows.
        children: Vec<Row>,
    },
    /// The "Lire aussi" line; names an article of the edition, or a page elsewhere.
    SeeAlso {
        /// The article's slug.
        #[serde(skip_serializing_if = "Option::is_none")]
        slug: Option<Slug>,
        /// Its section's slug.
        #[serde(skip_serializing_if = "Option::is_none")]
        section: Option<Slug>,
        /// The page elsewhere.
        #[serde(skip_serializing_if = "Option::is_none")]
        url: Option<Href>,
        /// What it is called.
        title: String,
    },
    /// A picture with its caption.
    Figure {
        /// The picture.
        image: Image,
    },
    /// Something shown by another site, fetched only when the reader asks.
    Embed {
        /// The other site, as in "youtube".
        #[serde(skip_serializing_if = "Option::is_none")]
        provider: Option<String>,
        /// Its page there.
        url: Href,
        /// What it is.
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<String>,
    },
}

/// What stands in a line (mdast "phrasing content", and two of ours).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub enum Inline {
    /// Text; markup in it is text too.
    Text {
        /// The text.
        value: String,
    },
    /// Stress.
    Emphasis {
        /// What is stressed.
        children: Vec<Inline>,
    },
    /// Importance.
    Strong {
        /// What matters.
        children: Vec<Inline>,
    },
    /// What no longer holds.
    Delete {
        /// The former text.
        children: Vec<Inline>,
    },
    /// Raised text, as in "XXe".
    Superscript {
        /// The text.
        children: Vec<Inline>,
    },
    /// Lowered text, as in "CO2".
    Subscript {
        /// The text.
        children: Vec<Inline>,
    },
    /// A word shown as it is typed.
    InlineCode {
        /// The text.
        value: String,
    },
    /// A line break.
    Break,
    /// A link.
    Link {
        /// Where it leads.
        url: Href,
        /// Its text; holds no other link.
        children: Vec<Inline>,
    },
    /// A picture in the line.
    #[serde(rename = "image")]
    Picture(Image),
}

/// One item of a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "listItem")]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ListItem {
    /// Its blocks.
    pub children: Vec<Block>,
}

/// One row of a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "tableRow")]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Row {
    /// Its cells.
    pub children: Vec<TableCell>,
}

/// One cell of a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "tableCell")]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct TableCell {
    /// Its text.
    pub children: Vec<Inline>,
}

impl Body {
    /// The text in `field`; refused where it is not a root node.
    pub fn read(field: &Field) -> Option<Self> {
        if field.is_absent() {
            field.refuse("missing");
            return None;
        }
        if field.member("type").raw() != Some("root") {
            field.refuse("must be a node of type \"root\"");
            return None;
        }
        Some(Self {
            children: blocks(&field.member("children"), 1),
        })
    }

    /// How many words a reader reads; pictures and what is elsewhere do not count.
    #[must_use]
    pub fn words(&self) -> usize {
        let (mut words, mut counted) = (0, false);
        text_of_blocks(&self.children, &mut |text| {
            for c in text.chars() {
                if c.is_whitespace() {
                    counted = false;
                } else if !counted && c.is_alphanumeric() {
                    words += 1;
                    counted = true;
                }
            }
        });
        words
    }
}

impl Inline {
    /// The text of `nodes` without their form.
    #[must_use]
    pub fn plain(nodes: &[Inline]) -> String {
        let mut plain = String::new();
        text_of(nodes, &mut |text| plain.push_str(text));
        plain
    }
}

fn text_of_blocks(blocks: &[Block], take: &mut dyn FnMut(&str)) {
    for block in blocks {
        match block {
            Block::Paragraph { children } | Block::Heading { children, .. } => {
                text_of(children, take);
            }
            Block::Blockquote { children } => text_of_blocks(children, take),
            Block::List { children, .. } => {
                for item in children {
                    text_of_blocks(&item.children, take);
                }
            }
            Block::Code { value } => take(value),
            Block::Table { children } => {
                for cell in children.iter().flat_map(|row| &row.children) {
                    text_of(&cell.children, take);
                    take(" ");
                }
            }
            Block::SeeAlso { .. }
            | Block::Figure { .. }
            | Block::Embed { .. }
            | Block::ThematicBreak => {}
        }
        take("\n");
    }
}

fn text_of(nodes: &[Inline], take: &mut dyn FnMut(&str)) {
    for node in nodes {
        match node {
            Inline::Text { value } | Inline::InlineCode { value } => take(value),
            Inline::Emphasis { children }
            | Inline::Strong { children }
            | Inline::Delete { children }
            | Inline::Superscript { children }
            | Inline::Subscript { children }
            | Inline::Link { children, .. } => text_of(children, take),
            Inline::Break => take(" "),
            Inline::Picture(_) => {}
        }
    }
}

/// The blocks in the list `field`. What belongs in a line and stands here all the same is
/// gathered into paragraphs.
fn blocks(field: &Field, depth: usize) -> Vec<Block> {
    let mut out = Vec::new();
    let mut line = Vec::new();
    push_blocks(field, depth, &mut out, &mut line);
    end_line(&mut out, &mut line);
    out
}

fn end_line(out: &mut Vec<Block>, line: &mut Vec<Inline>) {
    let line = std::mem::take(line);
    if line.iter().any(|node| !is_blank(node)) {
        out.push(Block::Paragraph { children: line });
    }
}

fn is_blank(node: &Inline) -> bool {
    match node {
        Inline::Text { value } => value.trim().is_empty(),
        Inline::Break => true,
        _ => false,
    }
}

fn push_blocks(field: &Field, depth: usize, out: &mut Vec<Block>, line: &mut Vec<Inline>) {
    field.each(&mut |node| {
        if depth > NESTING_LIMIT {
            push_text(node, line);
            return;
        }
        let kind = node.type_name();
        if is_inline(kind) {
            push_inline(node, depth, false, line);
            return;
        }
        let children = node.member("children");
        if !is_block(kind) {
            node.unknown_node();
            push_blocks(&children, depth + 1, out, line);
            return;
        }
        end_line(out, line);
        match block(kind, node, &children, depth) {
            Some(block) => out.push(block),
            // A row or an item without its table or list: what it holds is kept.
            None if matches!(kind, "root" | "listItem" | "tableRow" | "tableCell") => {
                push_blocks(&children, depth + 1, out, line);
                end_line(out, line);
            }
            None => {}
        }
    });
}

fn block(kind: &str, node: &Field, children: &Field, depth: usize) -> Option<Block> {
    Some(match kind {
        "paragraph" => {
            let children = inlines(children, depth + 1, false);
            if children.iter().all(is_blank) {
                return None;
            }
            Block::Paragraph { children }
        }
        "heading" => Block::Heading {
            depth: heading_depth(&node.member("depth")),
            children: inlines(children, depth + 1, false),
        },
        "blockquote" => Block::Blockquote {
            children: blocks(children, depth + 1),
        },
        "list" => Block::List {
            ordered: node.member("ordered").flag(),
            start: node.member("start").number(),
            children: children.list(|item| {
                kind_is(item, "listItem").then(|| ListItem {
                    children: blocks(&item.member("children"), depth + 2),
                })
            }),
        },
        "code" => Block::Code {
            value: value(node)?,
        },
        "thematicBreak" => Block::ThematicBreak,
        "table" => Block::Table {
            children: children.list(|row| {
                kind_is(row, "tableRow").then(|| Row {
                    children: row.member("children").list(|cell| {
                        kind_is(cell, "tableCell").then(|| TableCell {
                            children: inlines(&cell.member("children"), depth + 3, false),
                        })
                    }),
                })
            }),
        },
        "seeAlso" => see_also(node)?,
        "figure" => Block::Figure {
            image: Image::read(&node.member("image"))?,
        },
        "embed" => {
            let url = node.member("url");
            if url.is_absent() {
                url.fault("missing; the embed is left out");
            }
            Block::Embed {
                provider: node.member("provider").text(),
                url: url.parsed(Href::parse, "must be an http or https address")?,
                title: node.member("title").text(),
            }
        }
        _ => return None,
    })
}

fn kind_is(node: &Field, wanted: &str) -> bool {
    let right = node.type_name() == wanted;
    if !right {
        node.fault(match wanted {
            "listItem" => "must be a node of type \"listItem\"; it is left out",
            "tableRow" => "must be a node of type \"tableRow\"; it is left out",
            _ => "must be a node of type \"tableCell\"; it is left out",
        });
    }
    right
}

fn heading_depth(field: &Field) -> u32 {
    let depth = field.number().unwrap_or(2);
    if !(2..=4).contains(&depth) {
        field.fault("must be 2, 3 or 4; the nearest is taken");
    }
    depth.clamp(2, 4)
}

fn see_also(node: &Field) -> Option<Block> {
    let slug = node.member("slug").parsed(Slug::parse, "must be a slug");
    let section = node
        .member("section")
        .parsed(Slug::section, "must be a section's slug");
    let url = node
        .member("url")
        .parsed(Href::parse, "must be an http, https or relative address");
    if url.is_none() && (slug.is_none() || section.is_none()) {
        node.fault("needs slug and section, or url; the line is left out");
        return None;
    }
    let title = node.member("title").text();
    if title.is_none() {
        node.member("title").fault("missing; the line is left out");
    }
    Some(Block::SeeAlso {
        slug,
        section,
        url,
        title: title?,
    })
}

/// What stands in a line in the list `field`; the text of what does not is kept in its place.
fn inlines(field: &Field, depth: usize, in_link: bool) -> Vec<Inline> {
    let mut out = Vec::new();
    field.each(&mut |node| {
        if depth > NESTING_LIMIT {
            push_text(node, &mut out);
        } else {
            push_inline(node, depth, in_link, &mut out);
        }
    });
    out
}

fn push_inline(node: &Field, depth: usize, in_link: bool, out: &mut Vec<Inline>) {
    let kind = node.type_name();
    let deeper = |in_link| inlines(&node.member("children"), depth + 1, in_link);
    out.push(match kind {
        "text" => match value(node) {
            Some(value) => Inline::Text { value },
            None => return,
        },
        "inlineCode" => match value(node) {
            Some(value) => Inline::InlineCode { value },
            None => return,
        },
        "break" => Inline::Break,
        "emphasis" => Inline::Emphasis {
            children: deeper(in_link),
        },
        "strong" => Inline::Strong {
            children: deeper(in_link),
        },
        "delete" => Inline::Delete {
            children: deeper(in_link),
        },
        "superscript" => Inline::Superscript {
            children: deeper(in_link),
        },
        "subscript" => Inline::Subscript {
            children: deeper(in_link),
        },
        "link" => {
            let url = node.member("url");
            let href = url.parsed(
                Href::parse,
                "must be http, https, mailto, tel or relative; the text stays without its link",
            );
            match href {
                Some(url) if !in_link => Inline::Link {
                    url,
                    children: deeper(true),
                },
                _ => {
                    out.append(&mut deeper(in_link));
                    return;
                }
            }
        }
        "image" => match Image::read(node) {
            Some(image) => Inline::Picture(image),
            None => return,
        },
        _ => {
            if !is_block(kind) {
                node.unknown_node();
            } else if let Some(text) = node.member("value").raw() {
                // A block of code in a line: only its text fits there.
                out.push(Inline::InlineCode {
                    value: text.to_owned(),
                });
            }
            out.append(&mut deeper(in_link));
            return;
        }
    });
}

/// The text of a node and all that stands in it. The recursion is bounded: a document is made
/// shallow before it is parsed.
fn push_text(node: &Field, out: &mut Vec<Inline>) {
    if let Some(value) = node.member("value").raw() {
        match out.last_mut() {
            Some(Inline::Text { value: last }) => last.push_str(value),
            _ => out.push(Inline::Text {
                value: value.to_owned(),
            }),
        }
    }
    node.member("children")
        .each(&mut |child| push_text(child, out));
}

fn value(node: &Field) -> Option<String> {
    let value = node.member("value");
    if value.raw().is_none() {
        value.fault("missing, or not a string; the node is left out");
    }
    value.raw().map(str::to_owned)
}

fn is_inline(kind: &str) -> bool {
    matches!(
        kind,
        "text"
            | "emphasis"
            | "strong"
            | "delete"
            | "inlineCode"
            | "break"
            | "link"
            | "image"
            | "superscript"
            | "subscript"
    )
}

fn is_block(kind: &str) -> bool {
    matches!(
        kind,
        "root"
            | "paragraph"
            | "heading"
            | "code"
            | "blockquote"
            | "list"
            | "listItem"
            | "thematicBreak"
            | "table"
            | "tableRow"
            | "tableCell"
            | "seeAlso"
            | "figure"
            | "embed"
    )
}
