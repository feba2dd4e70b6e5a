//! Draws markup as DOM, or finds it in a page that came as HTML, and keeps the live places in it in
//! step with their signals. Text goes in as text nodes and attributes by name: nothing reads HTML.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Document, MouseEvent, Node, Text};

use crate::view::markup::{Attribute, Element, Markup};

/// The live places of what was drawn. They follow their signals for as long as this is kept.
#[derive(Default)]
pub struct Alive(Vec<RenderEffect<Alive>>);

/// What a row of keyed elements was last.
#[derive(Default)]
struct Row {
    drawn: Vec<(String, Node, Alive)>,
}

/// An effect. By way of a box, so that the machinery behind it is compiled once, and not for each
/// place that has one.
fn effect(run: impl FnMut(Option<Alive>) -> Alive + 'static) -> RenderEffect<Alive> {
    let run: Box<dyn FnMut(Option<Alive>) -> Alive> = Box::new(run);
    RenderEffect::new(run)
}

/// Draws `markup` at the end of `parent`.
pub fn mount(document: &Document, parent: &Node, markup: Markup) -> Alive {
    let mut alive = Alive::default();
    draw(document, parent, markup, &mut alive);
    alive
}

/// Hydrates: takes what stands in `parent` for `markup`, node by node, and replaces none of it. None
/// where it is something else; then nothing that was found is kept alive.
pub fn adopt(document: &Document, parent: &Node, markup: Markup) -> Option<Alive> {
    let mut alive = Alive::default();
    let mut place = Place::in_front_of(parent.clone(), parent.first_child());
    find(document, &mut place, markup, &mut alive)?;
    place.next.is_none().then_some(alive)
}

/// Where in the page the search is: in this element, before this node.
#[derive(Clone)]
struct Place {
    parent: Node,
    next: Option<Node>,
}

impl Place {
    fn in_front_of(parent: Node, next: Option<Node>) -> Self {
        Self { parent, next }
    }

    /// An empty text node here, to mark where a live piece begins or ends. HTML has none.
    fn mark(&self, document: &Document) -> Node {
        let mark = Node::from(document.create_text_node(""));
        let _ = self.parent.insert_before(&mark, self.next.as_ref());
        mark
    }
}

fn find(document: &Document, place: &mut Place, markup: Markup, alive: &mut Alive) -> Option<()> {
    match markup {
        Markup::Text(text) if text.is_empty() => {}
        Markup::Text(text) => {
            // Texts in a row came as one text node.
            let node: Text = place.next.take()?.dyn_into().ok()?;
            let rest = node
                .data()
                .strip_prefix(&*text)
                .map(|rest| !rest.is_empty())?;
            if rest {
                let length = u32::try_from(text.encode_utf16().count()).ok()?;
                node.split_text(length).ok()?;
            }
            place.next = node.next_sibling();
        }
        Markup::Element(element) => {
            find_element(document, place, *element, alive)?;
        }
        Markup::Several(pieces) => {
            for piece in pieces {
                find(document, place, piece, alive)?;
            }
        }
        Markup::Live(piece) => {
            let start = place.mark(document);
            // What is there is found when the effect runs for the first time, which is now.
            let search = Rc::new(RefCell::new(Search::new(place)));
            let end = document.create_text_node("");
            alive.0.push(effect({
                let (document, search, end) = (document.clone(), search.clone(), end.clone());
                move |old: Option<Alive>| {
                    let Some(old) = old else {
                        let (piece, mut alive) = (piece(), Alive::default());
                        search
                            .borrow_mut()
                            .run(|place| find(&document, place, piece, &mut alive));
                        return alive;
                    };
                    if is_lost(&start, &end) {
                        return Alive::default();
                    }
                    redraw(&document, &start, &end, old, &piece)
                }
            }));
            *place = search.take().found?;
            let _ = place.parent.insert_before(&end, place.next.as_ref());
        }
        Markup::Keyed(row) => {
            let search = Rc::new(RefCell::new(Search::new(place)));
            let end = document.create_text_node("");
            let kept = RefCell::new(Row::default());
            alive.0.push(effect({
                let (document, search, end) = (document.clone(), search.clone(), end.clone());
                move |old: Option<Alive>| {
                    let mut kept = kept.borrow_mut();
                    if old.is_none() {
                        let wanted = row();
                        search.borrow_mut().run(|place| {
                            for (key, element) in wanted {
                                let mut alive = Alive::default();
                                let node = find_element(&document, place, element, &mut alive)?;
                                kept.drawn.push((key, node, alive));
                            }
                            Some(())
                        });
                    } else if !is_lost(&end, &end) {
                        draw_row(&document, &mut kept, row(), &end);
                    }
                    Alive::default()
                }
            }));
            *place = search.take().found?;
            let _ = place.parent.insert_before(&end, place.next.as_ref());
        }
    }
    Some(())
}

/// A search that goes on inside an effect.
#[derive(Default)]
struct Search {
    from: Option<Place>,
    /// Where it ended, if all was found.
    found: Option<Place>,
}

impl Search {
    fn new(place: &Place) -> Self {
        Self {
            from: Some(place.clone()),
            found: None,
        }
    }

    fn run(&mut self, search: impl FnOnce(&mut Place) -> Option<()>) {
        if let Some(mut place) = self.from.take() {
            self.found = search(&mut place).map(|()| place);
        }
    }
}

fn find_element(
    document: &Document,
    place: &mut Place,
    element: Element,
    alive: &mut Alive,
) -> Option<Node> {
    let node: web_sys::Element = place.next.take()?.dyn_into().ok()?;
    if node.local_name() != element.tag {
        return None;
    }
    attributes(&node, element.attributes, alive);
    let mut inside = Place::in_front_of(node.clone().into(), node.first_child());
    for child in element.children {
        find(document, &mut inside, child, alive)?;
    }
    if inside.next.is_some() {
        return None;
    }
    on_click(&node, element.click);
    place.next = node.next_sibling();
    Some(node.into())
}

// Creating a node fails only for a name that is none; every name is a literal of ours. What could
// not be made is left out.
fn draw(document: &Document, parent: &Node, markup: Markup, alive: &mut Alive) {
    match markup {
        Markup::Text(text) => {
            let _ = parent.append_child(&document.create_text_node(&text));
        }
        Markup::Element(element) => {
            if let Some(node) = draw_element(document, *element, alive) {
                let _ = parent.append_child(&node);
            }
        }
        Markup::Several(pieces) => {
            for piece in pieces {
                draw(document, parent, piece, alive);
            }
        }
        Markup::Live(piece) => {
            // Two empty text nodes mark where it begins and ends.
            let (start, end) = marks(document, parent);
            let document = document.clone();
            alive.0.push(effect(move |old: Option<Alive>| {
                if old.is_some() && is_lost(&start, &end) {
                    return Alive::default();
                }
                redraw(&document, &start, &end, old.unwrap_or_default(), &piece)
            }));
        }
        Markup::Keyed(row) => {
            let (_, end) = marks(document, parent);
            let document = document.clone();
            let kept = std::cell::RefCell::new(Row::default());
            alive.0.push(effect(move |old: Option<Alive>| {
                if old.is_none() || !is_lost(&end, &end) {
                    draw_row(&document, &mut kept.borrow_mut(), row(), &end);
                }
                Alive::default()
            }));
        }
    }
}

/// Draws a live piece between its marks, in place of what was there.
fn redraw(
    document: &Document,
    start: &Node,
    end: &Node,
    old: Alive,
    piece: &dyn Fn() -> Markup,
) -> Alive {
    // Its own live places end before it is drawn again.
    drop(old);
    while let Some(node) = start.next_sibling().filter(|node| node != end) {
        remove(&node);
    }
    let fragment = document.create_document_fragment();
    let alive = mount(document, &fragment, piece());
    insert(&fragment, end);
    alive
}

thread_local! {
    static LOST: Cell<bool> = const { Cell::new(false) };
}

/// Whether somebody else has taken the marks of a live piece out of the page, as a translation that
/// writes its HTML anew does. What should be drawn there has no place any more; from now on links load
/// their page whole.
fn is_lost(start: &Node, end: &Node) -> bool {
    let lost = !end.is_connected() || start.parent_node() != end.parent_node();
    if lost && !LOST.replace(true) {
        super::document::report("the page has been changed by something else: leaving it alone");
        super::navigate::stop();
    }
    lost
}

/// Whether something of the page could not be drawn since it was loaded.
pub fn has_lost() -> bool {
    LOST.get()
}

fn marks(document: &Document, parent: &Node) -> (Node, Node) {
    let mark = || Node::from(document.create_text_node(""));
    let (start, end) = (mark(), mark());
    let _ = parent.append_child(&start);
    let _ = parent.append_child(&end);
    (start, end)
}

fn insert(node: &Node, before: &Node) {
    if let Some(parent) = before.parent_node() {
        let _ = parent.insert_before(node, Some(before));
    }
}

fn remove(node: &Node) {
    if let Some(parent) = node.parent_node() {
        let _ = parent.remove_child(node);
    }
}

/// Draws the elements whose keys are new and takes out those whose keys are gone. From the last to
/// the first, so that the place of each is before one that is in its place already.
fn draw_row(document: &Document, row: &mut Row, wanted: Vec<(String, Element)>, end: &Node) {
    let mut old = std::mem::take(&mut row.drawn);
    let mut next = end.clone();
    for (key, element) in wanted.into_iter().rev() {
        let kept = old.iter().position(|(known, ..)| *known == key);
        let (node, alive) = if let Some(index) = kept {
            let (_, node, alive) = old.swap_remove(index);
            (node, alive)
        } else {
            let mut alive = Alive::default();
            let Some(node) = draw_element(document, element, &mut alive) else {
                continue;
            };
            (node, alive)
        };
        if node.next_sibling().as_ref() != Some(&next) {
            insert(&node, &next);
        }
        next = node.clone();
        row.drawn.push((key, node, alive));
    }
    for (_, node, _) in old {
        remove(&node);
    }
}

fn draw_element(document: &Document, element: Element, alive: &mut Alive) -> Option<Node> {
    let node = document.create_element(element.tag).ok()?;
    attributes(&node, element.attributes, alive);
    for child in element.children {
        draw(document, &node, child, alive);
    }
    on_click(&node, element.click);
    Some(node.into())
}

/// Gives an element its attributes; those that it has already are left alone.
fn attributes(
    node: &web_sys::Element,
    attributes: Vec<(&'static str, Attribute)>,
    alive: &mut Alive,
) {
    for (name, value) in attributes {
        match value {
            Attribute::Fixed(value) => set(node, name, Some(&value)),
            Attribute::Live(value) => {
                let node = node.clone();
                alive.0.push(effect(move |_: Option<Alive>| {
                    set(&node, name, value().as_deref());
                    Alive::default()
                }));
            }
        }
    }
}

fn set(node: &web_sys::Element, name: &str, value: Option<&str>) {
    if node.get_attribute(name).as_deref() == value {
        return;
    }
    let _ = match value {
        Some(value) => node.set_attribute(name, value),
        None => node.remove_attribute(name),
    };
}

fn on_click(node: &web_sys::Element, click: Option<Box<dyn Fn()>>) {
    let Some(click) = click else { return };
    let listener = Closure::<dyn Fn(MouseEvent)>::new(move |event: MouseEvent| {
        // A click that opens a link in another tab or window is the browser's.
        let plain = event.button() == 0
            && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
        if plain {
            event.prevent_default();
            click();
        }
    })
    .into_js_value();
    let _ = node.add_event_listener_with_callback("click", listener.unchecked_ref());
}
