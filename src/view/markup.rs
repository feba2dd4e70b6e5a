//! What views are made of: elements and text as plain data, and the places in them that follow a
//! signal. `client` draws it as DOM, `press` writes it as HTML; neither can be given raw markup.

use std::borrow::Cow;

/// A piece of a page.
pub enum Markup {
    /// Text, which is never anything but text.
    Text(Cow<'static, str>),
    /// An element.
    Element(Box<Element>),
    /// Several pieces in a row; none of them is nothing.
    Several(Vec<Markup>),
    /// A piece that is drawn again when a signal that it reads changes.
    Live(Box<dyn Fn() -> Markup>),
    /// A row of elements that keep their DOM as long as their keys stay: what is added or taken
    /// away does not touch the others.
    Keyed(Box<dyn Fn() -> Vec<(String, Element)>>),
}

/// An element.
pub struct Element {
    /// Its name in HTML.
    pub tag: &'static str,
    /// Its attributes, in order.
    pub attributes: Vec<(&'static str, Attribute)>,
    /// What stands in it.
    pub children: Vec<Markup>,
    /// What a plain click does in place of what the element does by itself.
    pub click: Option<Box<dyn Fn()>>,
}

/// An attribute's value.
pub enum Attribute {
    /// One that stays.
    Fixed(Cow<'static, str>),
    /// One that follows a signal; `None` is no attribute.
    Live(Box<dyn Fn() -> Option<String>>),
}

/// An element with nothing in it.
#[must_use]
pub fn el(tag: &'static str) -> Element {
    Element {
        tag,
        attributes: Vec::new(),
        children: Vec::new(),
        click: None,
    }
}

/// A piece that follows the signals that `draw` reads.
pub fn live<M: Into<Markup>>(draw: impl Fn() -> M + 'static) -> Markup {
    Markup::Live(Box::new(move || draw().into()))
}

/// A row of elements by key.
pub fn keyed(draw: impl Fn() -> Vec<(String, Element)> + 'static) -> Markup {
    Markup::Keyed(Box::new(draw))
}

impl Element {
    /// Adds an attribute; an absent value adds none.
    #[must_use]
    pub fn attr(mut self, name: &'static str, value: impl Value) -> Self {
        if let Some(value) = value.value() {
            self.attributes.push((name, Attribute::Fixed(value)));
        }
        self
    }

    /// Adds an attribute that follows a signal.
    #[must_use]
    pub fn live_attr(
        mut self,
        name: &'static str,
        value: impl Fn() -> Option<String> + 'static,
    ) -> Self {
        self.attributes
            .push((name, Attribute::Live(Box::new(value))));
        self
    }

    /// Sets the class.
    #[must_use]
    pub fn class(self, class: impl Value) -> Self {
        self.attr("class", class)
    }

    /// Adds a piece at the end.
    #[must_use]
    pub fn child(mut self, child: impl Into<Markup>) -> Self {
        match child.into() {
            Markup::Several(mut children) => self.children.append(&mut children),
            child => self.children.push(child),
        }
        self
    }

    /// Says what a plain click does.
    #[must_use]
    pub fn on_click(mut self, click: impl Fn() + 'static) -> Self {
        self.click = Some(Box::new(click));
        self
    }
}

/// What can be an attribute's value: text, or none.
pub trait Value {
    /// The text, if there is one.
    fn value(self) -> Option<Cow<'static, str>>;
}

impl Value for &'static str {
    fn value(self) -> Option<Cow<'static, str>> {
        Some(Cow::Borrowed(self))
    }
}

impl Value for String {
    fn value(self) -> Option<Cow<'static, str>> {
        Some(Cow::Owned(self))
    }
}

impl<V: Value> Value for Option<V> {
    fn value(self) -> Option<Cow<'static, str>> {
        self.and_then(Value::value)
    }
}

/// Present without a value, or absent, as HTML has its boolean attributes.
impl Value for bool {
    fn value(self) -> Option<Cow<'static, str>> {
        self.then_some(Cow::Borrowed(""))
    }
}

impl From<&'static str> for Markup {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Markup {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<Element> for Markup {
    fn from(element: Element) -> Self {
        Self::Element(Box::new(element))
    }
}

impl<M: Into<Markup>> From<Option<M>> for Markup {
    fn from(markup: Option<M>) -> Self {
        markup.map_or(Self::Several(Vec::new()), Into::into)
    }
}

impl<M: Into<Markup>> From<Vec<M>> for Markup {
    fn from(markup: Vec<M>) -> Self {
        Self::Several(markup.into_iter().map(Into::into).collect())
    }
}
