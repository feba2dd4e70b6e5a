//! The four steps of the text size: native radios, which the style sheet alone obeys.
//! No app is needed: the small script in `index.html` keeps the choice, CSS does without it too.

use crate::view::markup::{Element, el};
use crate::view::words;

pub fn text_size() -> Element {
    let steps = words::TEXT_SIZES.map(|(value, name)| {
        let radio = el("input")
            .attr("type", "radio")
            .attr("name", "taille")
            .attr("value", value)
            .attr("checked", value == words::TEXT_SIZES[0].0);
        let letter = el("span")
            .class("text-size-letter")
            .attr("aria-hidden", "true")
            .child("A");
        el("label")
            .class("text-size-step")
            .child(radio)
            .child(letter)
            .child(el("span").class("unseen").child(name))
    });
    let steps: Vec<_> = steps.into_iter().collect();
    el("fieldset")
        .class("text-size")
        .child(el("legend").child(words::TEXT_SIZE))
        .child(el("div").class("text-size-steps").child(steps))
}
