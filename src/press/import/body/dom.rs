//! HTML as a tree in one vector: html5ever's tree builder, given nothing that costs more than its
//! length. Knows HTML's grammar; what elements mean is in the files beside this one.

use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};

use html5ever::buffer_queue::BufferQueue;
use html5ever::interface::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5ever::tree_builder::{Tracer, TreeBuilder, TreeBuilderOpts};
use html5ever::{Attribute, LocalName, Namespace, QualName, TokenizerResult, local_name, ns};

use super::tame::tame;

/// Open elements, with those that formatting reopens, from which on start tags are passed over: the
/// tree builder looks through all of them for each tag. (Browsers stop at 512.)
const OPEN_LIMIT: usize = 256;

/// A node's place in the vector.
pub type Id = u32;

const NONE: Id = Id::MAX;

/// A parsed fragment.
pub struct Dom {
    nodes: Vec<Node>,
    /// The element that holds the fragment.
    pub root: Id,
    /// Comments that were met.
    pub comments: u32,
    /// Templates that were met; what they hold is not in the tree.
    pub templates: u32,
}

struct Node {
    parent: Id,
    previous: Id,
    next: Id,
    first: Id,
    last: Id,
    data: Data,
}

enum Data {
    Document,
    Comment,
    Text(StrTendril),
    Element(Box<Element>),
}

struct Element {
    name: QualName,
    attributes: Vec<Attribute>,
    /// The fragment in a template, which hangs nowhere.
    contents: Id,
    integration_point: bool,
}

/// What a node is, for whoever walks.
#[derive(Clone, Copy)]
pub enum Kind<'a> {
    /// Text.
    Text(&'a str),
    /// An element of HTML, by its name.
    Html(&'a str),
    /// An element of SVG or MathML, by its name.
    Foreign(&'a str),
    /// Nothing that is read.
    Other,
}

/// One step of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into a node.
    Enter(Id),
    /// Out of an element again.
    Leave(Id),
}

impl Dom {
    /// The tree of `html` as it stands in a `div`.
    pub fn parse(html: &str) -> Self {
        let html = tame(html);
        let sink = Sink::default();
        let document = sink.add(Data::Document);
        let context = sink.element(
            QualName::new(None, ns!(html), local_name!("div")),
            Vec::new(),
        );
        debug_assert_eq!((document, context), (DOCUMENT, CONTEXT));
        let options = TreeBuilderOpts {
            // What readers without scripts get, for whom lazy pictures are doubled.
            scripting_enabled: false,
            ..TreeBuilderOpts::default()
        };
        let builder = TreeBuilder::new_for_fragment(sink, context, None, options);
        let guard = Guard {
            builder,
            open: Cell::new(0),
            since: Cell::new(0),
            passed_over: Cell::new(0),
        };
        let tokenizer = Tokenizer::new(guard, TokenizerOpts::default());
        let input = BufferQueue::default();
        input.push_back(StrTendril::from_slice(&html));
        // A script or a word about the encoding stops the tokenizer; nothing is to be done there.
        while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
        tokenizer.end();
        let sink = tokenizer.sink.builder.sink;
        let nodes = sink.nodes.into_inner();
        // The fragment's parser puts an `html` element into the document.
        let root = match nodes[DOCUMENT as usize].first {
            NONE => DOCUMENT,
            html => html,
        };
        Self {
            nodes,
            root,
            comments: sink.comments.get(),
            templates: sink.templates.get(),
        }
    }

    fn node(&self, id: Id) -> &Node {
        &self.nodes[id as usize]
    }

    fn html_element(&self, id: Id) -> Option<&Element> {
        match &self.node(id).data {
            Data::Element(element) => Some(element),
            _ => None,
        }
    }

    /// What the node is.
    pub fn kind(&self, id: Id) -> Kind<'_> {
        match &self.node(id).data {
            Data::Text(text) => Kind::Text(text),
            Data::Element(element) if element.name.ns == ns!(html) => {
                Kind::Html(&element.name.local)
            }
            Data::Element(element) => Kind::Foreign(&element.name.local),
            Data::Comment | Data::Document => Kind::Other,
        }
    }

    /// The name of an HTML element; empty for anything else.
    pub fn name(&self, id: Id) -> &str {
        match self.kind(id) {
            Kind::Html(name) => name,
            _ => "",
        }
    }

    /// The value of an attribute.
    pub fn attribute(&self, id: Id, name: &str) -> Option<&str> {
        let attributes = &self.html_element(id)?.attributes;
        let found = attributes.iter().find(|a| &*a.name.local == name)?;
        Some(&found.value)
    }

    /// Whether the element has this class.
    pub fn has_class(&self, id: Id, class: &str) -> bool {
        let classes = self.attribute(id, "class").unwrap_or_default();
        classes.split_ascii_whitespace().any(|c| c == class)
    }

    /// Whether one of the element's classes holds this text.
    pub fn class_holds(&self, id: Id, part: &str) -> bool {
        let class = self.attribute(id, "class").unwrap_or_default();
        class.contains(part)
    }

    /// The node's parent.
    pub fn parent(&self, id: Id) -> Option<Id> {
        Some(self.node(id).parent).filter(|id| *id != NONE)
    }

    /// The children of a node.
    pub fn children(&self, id: Id) -> impl Iterator<Item = Id> + '_ {
        let mut next = self.node(id).first;
        std::iter::from_fn(move || {
            let id = next;
            (id != NONE).then(|| {
                next = self.node(id).next;
                id
            })
        })
    }

    /// The step after `step` in a walk over what stands in `top`; None at the end of it.
    pub fn after(&self, step: Step, top: Id) -> Option<Step> {
        let (id, inside) = match step {
            Step::Enter(id) => (id, self.node(id).first),
            Step::Leave(id) => (id, NONE),
        };
        if inside != NONE {
            return Some(Step::Enter(inside));
        }
        // An element is left before what comes after it; a text has no inside to leave.
        if matches!(step, Step::Enter(_)) && matches!(self.node(id).data, Data::Element(_)) {
            return Some(Step::Leave(id)).filter(|_| id != top);
        }
        if id == top {
            return None;
        }
        let node = self.node(id);
        match node.next {
            NONE => Some(Step::Leave(node.parent)).filter(|_| node.parent != top),
            next => Some(Step::Enter(next)),
        }
    }

    /// Every node in `top`, in the order of the text, without `top` itself.
    pub fn inside(&self, top: Id) -> impl Iterator<Item = Id> + '_ {
        let mut step = self.after(Step::Enter(top), top);
        std::iter::from_fn(move || {
            loop {
                let now = step?;
                step = self.after(now, top);
                if let Step::Enter(id) = now {
                    return Some(id);
                }
            }
        })
    }

    /// The first element of HTML with one of these names in `top`.
    pub fn find(&self, top: Id, names: &[&str]) -> Option<Id> {
        self.inside(top).find(|id| names.contains(&self.name(*id)))
    }
}

const DOCUMENT: Id = 0;
const CONTEXT: Id = 1;

/// Builds the tree as the tree builder says.
#[derive(Default)]
struct Sink {
    nodes: RefCell<Vec<Node>>,
    comments: Cell<u32>,
    templates: Cell<u32>,
}

impl Sink {
    fn add(&self, data: Data) -> Id {
        let mut nodes = self.nodes.borrow_mut();
        let id = Id::try_from(nodes.len()).unwrap_or(NONE);
        nodes.push(Node {
            parent: NONE,
            previous: NONE,
            next: NONE,
            first: NONE,
            last: NONE,
            data,
        });
        id
    }

    fn element(&self, name: QualName, attributes: Vec<Attribute>) -> Id {
        self.add(Data::Element(Box::new(Element {
            name,
            attributes,
            contents: NONE,
            integration_point: false,
        })))
    }

    fn with_element<T>(&self, id: Id, read: impl FnOnce(&Element) -> T) -> Option<T> {
        match &self.nodes.borrow()[id as usize].data {
            Data::Element(element) => Some(read(element)),
            _ => None,
        }
    }

    /// Puts `child` into `parent`, before `next` or at the end.
    fn insert(&self, parent: Id, next: Id, child: NodeOrText<Id>) {
        let previous = {
            let nodes = self.nodes.borrow();
            match next {
                NONE => nodes[parent as usize].last,
                next => nodes[next as usize].previous,
            }
        };
        let child = match child {
            NodeOrText::AppendText(text) => {
                if previous != NONE
                    && let Data::Text(before) = &mut self.nodes.borrow_mut()[previous as usize].data
                {
                    before.push_tendril(&text);
                    return;
                }
                self.add(Data::Text(text))
            }
            NodeOrText::AppendNode(child) => {
                self.detach(child);
                child
            }
        };
        let mut nodes = self.nodes.borrow_mut();
        let previous = match next {
            NONE => nodes[parent as usize].last,
            next => nodes[next as usize].previous,
        };
        let node = &mut nodes[child as usize];
        (node.parent, node.previous, node.next) = (parent, previous, next);
        match previous {
            NONE => nodes[parent as usize].first = child,
            previous => nodes[previous as usize].next = child,
        }
        match next {
            NONE => nodes[parent as usize].last = child,
            next => nodes[next as usize].previous = child,
        }
    }

    fn detach(&self, id: Id) {
        let mut nodes = self.nodes.borrow_mut();
        let node = &mut nodes[id as usize];
        let (parent, previous, next) = (node.parent, node.previous, node.next);
        (node.parent, node.previous, node.next) = (NONE, NONE, NONE);
        if parent == NONE {
            return;
        }
        match previous {
            NONE => nodes[parent as usize].first = next,
            previous => nodes[previous as usize].next = next,
        }
        match next {
            NONE => nodes[parent as usize].last = previous,
            next => nodes[next as usize].previous = previous,
        }
    }

    fn parent(&self, id: Id) -> Id {
        self.nodes.borrow()[id as usize].parent
    }
}

/// An element's name while the tree builder looks at it.
#[derive(Debug)]
struct Name(QualName);

impl ElemName for Name {
    fn ns(&self) -> &Namespace {
        &self.0.ns
    }

    fn local_name(&self) -> &LocalName {
        &self.0.local
    }
}

impl TreeSink for Sink {
    type Handle = Id;
    type Output = Self;
    type ElemName<'a> = Name;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Id {
        DOCUMENT
    }

    fn elem_name(&self, target: &Id) -> Name {
        let nodes = self.nodes.borrow();
        let name = Ref::filter_map(nodes, |nodes| match &nodes[*target as usize].data {
            Data::Element(element) => Some(&element.name),
            _ => None,
        });
        Name(match name {
            Ok(name) => name.clone(),
            // Never asked of anything else; a name that no rule knows does no harm.
            Err(_) => QualName::new(None, ns!(), local_name!("")),
        })
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, flags: ElementFlags) -> Id {
        let contents = if flags.template {
            self.templates.set(self.templates.get().saturating_add(1));
            self.add(Data::Document)
        } else {
            NONE
        };
        self.add(Data::Element(Box::new(Element {
            name,
            attributes: attrs,
            contents,
            integration_point: flags.mathml_annotation_xml_integration_point,
        })))
    }

    fn create_comment(&self, _: StrTendril) -> Id {
        self.comments.set(self.comments.get().saturating_add(1));
        self.add(Data::Comment)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Id {
        self.add(Data::Comment)
    }

    fn append(&self, parent: &Id, child: NodeOrText<Id>) {
        self.insert(*parent, NONE, child);
    }

    fn append_based_on_parent_node(&self, element: &Id, previous: &Id, child: NodeOrText<Id>) {
        if self.parent(*element) == NONE {
            self.append(previous, child);
        } else {
            self.append_before_sibling(element, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &Id) -> Id {
        let contents = self.with_element(*target, |element| element.contents);
        contents.filter(|id| *id != NONE).unwrap_or(*target)
    }

    fn same_node(&self, x: &Id, y: &Id) -> bool {
        x == y
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Id, child: NodeOrText<Id>) {
        self.insert(self.parent(*sibling), *sibling, child);
    }

    fn add_attrs_if_missing(&self, _: &Id, _: Vec<Attribute>) {
        // Only for a second `html` or `body` tag, of which nothing is read.
    }

    fn remove_from_parent(&self, target: &Id) {
        self.detach(*target);
    }

    fn reparent_children(&self, node: &Id, new_parent: &Id) {
        loop {
            let child = self.nodes.borrow()[*node as usize].first;
            if child == NONE {
                return;
            }
            self.insert(*new_parent, NONE, NodeOrText::AppendNode(child));
        }
    }

    fn is_mathml_annotation_xml_integration_point(&self, target: &Id) -> bool {
        self.with_element(*target, |element| element.integration_point)
            .unwrap_or_default()
    }
}

/// Stands between tokenizer and tree builder and keeps each token's cost constant: bounds the open
/// elements, and takes from formatting tags the attributes by which any number of them would be
/// reopened in every paragraph (the standard's "Noah's Ark clause" lets three alike pass).
struct Guard {
    builder: TreeBuilder<Id, Sink>,
    /// Open elements when they were last counted.
    open: Cell<usize>,
    /// Start tags since then.
    since: Cell<usize>,
    /// Start tags passed over whose end tags are still to come.
    passed_over: Cell<usize>,
}

impl TokenSink for Guard {
    type Handle = Id;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Id> {
        let Token::TagToken(mut tag) = token else {
            return self.builder.process_token(token, line);
        };
        if tag.kind == TagKind::EndTag {
            let passed_over = self.passed_over.get();
            if passed_over > 0 && !stays(&tag.name) {
                self.passed_over.set(passed_over - 1);
                return TokenSinkResult::Continue;
            }
        } else {
            if self.is_full() && !stays(&tag.name) {
                self.passed_over.set(self.passed_over.get() + 1);
                return TokenSinkResult::Continue;
            }
            self.since.set(self.since.get() + 1);
            if is_formatting(&tag.name) {
                keep_weight_alone(&mut tag);
            }
        }
        self.builder.process_token(Token::TagToken(tag), line)
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder
            .adjusted_current_node_present_but_not_in_html_namespace()
    }
}

impl Guard {
    fn is_full(&self) -> bool {
        if self.passed_over.get() > 0 {
            return true;
        }
        if self.open.get() + self.since.get() < OPEN_LIMIT {
            return false;
        }
        let counter = Counter(Cell::new(0));
        self.builder.trace_handles(&counter);
        self.open.set(counter.0.get());
        self.since.set(0);
        self.open.get() >= OPEN_LIMIT
    }
}

struct Counter(Cell<usize>);

impl Tracer for Counter {
    type Handle = Id;

    fn trace_handle(&self, _: &Id) {
        self.0.set(self.0.get() + 1);
    }
}

/// Tags that are never passed over: they hold no elements, and some of them turn the tokenizer to
/// text that is not to be seen.
fn stays(name: &LocalName) -> bool {
    matches!(
        &**name,
        "script"
            | "style"
            | "textarea"
            | "title"
            | "xmp"
            | "iframe"
            | "noembed"
            | "noframes"
            | "plaintext"
            | "img"
            | "br"
            | "hr"
            | "input"
            | "wbr"
            | "embed"
            | "area"
            | "col"
            | "source"
            | "track"
            | "param"
            | "link"
            | "meta"
            | "base"
    )
}

/// The elements that the tree builder reopens, without `a`, of which one at most is open.
fn is_formatting(name: &LocalName) -> bool {
    matches!(
        &**name,
        "b" | "big"
            | "code"
            | "em"
            | "font"
            | "i"
            | "nobr"
            | "s"
            | "small"
            | "strike"
            | "strong"
            | "tt"
            | "u"
    )
}

/// Takes all attributes but a style that says that the weight is an ordinary one: word processors
/// put whole texts into such a `b`.
fn keep_weight_alone(tag: &mut Tag) {
    tag.attrs.retain(|attribute| {
        attribute.name.local == local_name!("style") && plain_weight(&attribute.value)
    });
    for attribute in &mut tag.attrs {
        attribute.value = StrTendril::from_slice("font-weight:normal");
    }
}

/// Whether a style says that the weight is an ordinary one.
pub fn plain_weight(style: &str) -> bool {
    let mut rules = style.split(';').filter_map(|rule| rule.split_once(':'));
    rules.any(|(name, value)| {
        name.trim().eq_ignore_ascii_case("font-weight")
            && matches!(value.trim(), "normal" | "400" | "300")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(html: &str) -> String {
        let dom = Dom::parse(html);
        let mut out = String::new();
        let mut step = dom.after(Step::Enter(dom.root), dom.root);
        while let Some(now) = step {
            match now {
                Step::Enter(id) => match dom.kind(id) {
                    Kind::Text(text) => out.push_str(text),
                    Kind::Html(name) | Kind::Foreign(name) => {
                        out.push('<');
                        out.push_str(name);
                        out.push('>');
                    }
                    Kind::Other => {}
                },
                Step::Leave(_) => out.push('/'),
            }
            step = dom.after(now, dom.root);
        }
        out
    }

    #[test]
    fn builds_the_tree_that_a_browser_builds() {
        for (html, wanted) in [
            ("a", "a"),
            ("<p>a<p>b", "<p>a/<p>b/"),
            ("<b>a<p>b</b>c", "<b>a/<p><b>b/c/"),
            ("<table>a<tr><td>b", "a<table><tbody><tr><td>b////"),
            ("<ul><li>a<li>b</ul>c", "<ul><li>a/<li>b//c"),
            ("<svg><p>a", "<svg>/<p>a/"),
            ("<template><p>a</template>b", "<template>/b"),
            ("<noscript><img></noscript>", "<noscript><img>//"),
            ("<br>a<br/>b", "<br>/a<br>/b"),
        ] {
            assert_eq!(shape(html), wanted, "{html}");
        }
    }

    #[test]
    fn any_number_of_open_tags_gives_a_tree_of_bounded_depth() {
        for tag in ["div", "b", "a", "table", "ul", "svg", "blockquote", "font"] {
            let html = format!("{}fin", format!("<{tag}>").repeat(100_000));
            let dom = Dom::parse(&html);
            let mut depth = 0_i32;
            let mut deepest = 0;
            let mut text = String::new();
            let mut step = dom.after(Step::Enter(dom.root), dom.root);
            while let Some(now) = step {
                match now {
                    Step::Enter(id) => match dom.kind(id) {
                        Kind::Text(part) => text.push_str(part),
                        Kind::Other => {}
                        _ => depth += 1,
                    },
                    Step::Leave(_) => depth -= 1,
                }
                deepest = deepest.max(depth);
                step = dom.after(now, dom.root);
            }
            assert!(deepest <= 300, "{tag}: {deepest}");
            assert_eq!(text, "fin", "{tag}");
        }
    }

    #[test]
    fn formatting_that_differs_by_attributes_is_not_reopened_without_end() {
        let open: Vec<_> = (0..1_000).map(|n| format!("<font id={n}>")).collect();
        let html = format!("<p>{}{}", open.concat(), "</p><p>x".repeat(1_000));
        assert!(Dom::parse(&html).nodes.len() < 20_000);
    }
}
