//! Draws markup as DOM and keeps the live places in it in step with their signals.
//! Text goes in as text nodes and attributes by name: nothing here reads HTML.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Document, MouseEvent, Node};

use crate::view::markup::{Attribute, Element, Markup};

/// The live places of what was drawn. They follow their signals for as long as this is kept.
#[derive(Default)]
pub struct Alive(Vec<RenderEffect<Alive>>);

/// What a row of keyed elements was last.
#[derive(Default)]
struct Row {
    drawn: Vec<(String, Node, Alive)>,
}

/// Draws `markup` at the end of `parent`.
pub fn mount(document: &Document, parent: &Node, markup: Markup) -> Alive {
    let mut alive = Alive::default();
    draw(document, parent, markup, &mut alive);
    alive
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
            alive.0.push(RenderEffect::new(move |old: Option<Alive>| {
                // Its own live places end before it is drawn again.
                drop(old);
                while let Some(node) = start.next_sibling().filter(|node| *node != end) {
                    remove(&node);
                }
                let fragment = document.create_document_fragment();
                let alive = mount(&document, &fragment, piece());
                insert(&fragment, &end);
                alive
            }));
        }
        Markup::Keyed(row) => {
            let (_, end) = marks(document, parent);
            let document = document.clone();
            let kept = std::cell::RefCell::new(Row::default());
            alive.0.push(RenderEffect::new(move |_: Option<Alive>| {
                draw_row(&document, &mut kept.borrow_mut(), row(), &end);
                Alive::default()
            }));
        }
    }
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
    for (name, value) in element.attributes {
        match value {
            Attribute::Fixed(value) => {
                let _ = node.set_attribute(name, &value);
            }
            Attribute::Live(value) => {
                let node = node.clone();
                alive.0.push(RenderEffect::new(move |_: Option<Alive>| {
                    let _ = match value() {
                        Some(value) => node.set_attribute(name, &value),
                        None => node.remove_attribute(name),
                    };
                    Alive::default()
                }));
            }
        }
    }
    for child in element.children {
        draw(document, &node, child, alive);
    }
    if let Some(click) = element.click {
        let listener = Closure::<dyn FnMut(MouseEvent)>::new(move |event: MouseEvent| {
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
    Some(node.into())
}
