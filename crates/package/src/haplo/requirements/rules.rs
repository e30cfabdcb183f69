//! Which kinds of objects there are, what can be said of them, and what has to be.

use Many::{One, Several};

/// A kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// A type of objects.
    Type,
    /// An attribute of objects.
    Attribute,
    /// An attribute under another name.
    AliasedAttribute,
    /// What tells values of one attribute apart.
    Qualifier,
    /// A label, which decides who may see an object.
    Label,
    /// A group of users.
    Group,
    /// An object of the store.
    Object,
    /// Attributes that not everybody sees.
    Restriction,
    /// A user that is a program.
    ServiceUser,
    /// What e-mails look like.
    EmailTemplate,
    /// A part of the platform.
    Feature,
}

/// How many values a key has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Many {
    /// The one with the highest place.
    One,
    /// All of them.
    Several,
}

/// Every kind with its name.
const KINDS: [(&str, Kind); 11] = [
    ("type", Kind::Type),
    ("attribute", Kind::Attribute),
    ("aliased-attribute", Kind::AliasedAttribute),
    ("qualifier", Kind::Qualifier),
    ("label", Kind::Label),
    ("group", Kind::Group),
    ("object", Kind::Object),
    ("restriction", Kind::Restriction),
    ("service-user", Kind::ServiceUser),
    ("email-template", Kind::EmailTemplate),
    ("feature", Kind::Feature),
];

/// The codes of features.
pub(super) const FEATURES: [&str; 3] = ["std:page:home", "std:configuration-data", NAVIGATION];

/// The feature whose entries have a form.
pub(super) const NAVIGATION: &str = "std:navigation";

impl Kind {
    /// The kind with this name.
    pub fn of(name: &str) -> Option<Kind> {
        KINDS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    /// The name of the dictionary in which a plugin's files find objects of this kind by their own names, if there is one.
    pub fn dictionary(self) -> Option<&'static str> {
        Some(match self {
            Kind::Type => "T",
            Kind::Attribute => "A",
            Kind::AliasedAttribute => "AA",
            Kind::Qualifier => "Q",
            Kind::Label => "Label",
            Kind::Group => "Group",
            _ => return None,
        })
    }

    /// The keys of an object, each with how many values it has. None for a feature that does not exist.
    pub fn keys(self, code: &str) -> Option<&'static [(&'static str, Many)]> {
        Some(match self {
            Kind::Type => &TYPE,
            Kind::Attribute => &ATTRIBUTE,
            Kind::AliasedAttribute => &ALIASED_ATTRIBUTE,
            Kind::Qualifier => &[("title", One), ("search-name", One)],
            Kind::Label => &[("title", One), ("category", One), ("notes", One)],
            Kind::Group => &[("title", One), ("member", Several)],
            Kind::Object => &[("title", One), ("type", One), ("parent", One), ("notes", One)],
            Kind::Restriction => &RESTRICTION,
            Kind::ServiceUser => &[("title", One), ("group", Several)],
            Kind::EmailTemplate => {
                &[("title", One), ("description", One), ("purpose", One), ("part", Several)]
            }
            Kind::Feature => match code {
                "std:page:home" => &[("element", Several)],
                "std:configuration-data" => &[("property", Several)],
                NAVIGATION => &[("entry", Several)],
                _ => return None,
            },
        })
    }

    pub(super) fn names() -> Vec<&'static str> {
        KINDS.iter().map(|(name, _)| *name).collect()
    }

    /// The keys that an object has to have, each in the words for when it has not. `is_below` tells that it is a type below
    /// another one, whose attributes it takes over.
    pub(super) fn required(self, is_below: bool) -> &'static [(&'static str, &'static str)] {
        const TITLE: (&str, &str) = ("title", "a title");
        const SEARCH_NAME: (&str, &str) = ("search-name", "a search-name");
        match self {
            Kind::Type if is_below => &[TITLE, SEARCH_NAME],
            Kind::Type => &[TITLE, SEARCH_NAME, ("attribute", "at least one attribute")],
            Kind::Attribute => &[TITLE, SEARCH_NAME, ("data-type", "a data-type")],
            Kind::AliasedAttribute => &[TITLE, SEARCH_NAME, ("alias-of", "an alias-of")],
            Kind::Qualifier => &[TITLE, SEARCH_NAME],
            Kind::Label => &[TITLE, ("category", "a category")],
            Kind::Object => &[TITLE, ("type", "a type")],
            Kind::Restriction => &[TITLE],
            Kind::Group | Kind::ServiceUser | Kind::EmailTemplate | Kind::Feature => &[],
        }
    }

    /// The kinds of objects whose codes are the values of a key.
    pub(super) fn refers_to(self, key: &str) -> &'static [Kind] {
        match (self, key) {
            (Kind::Type, "attribute" | "attribute-hide") => &[Kind::Attribute, Kind::AliasedAttribute],
            (Kind::Type, "attribute-descriptive" | "label-attribute") => &[Kind::Attribute],
            (Kind::Type, "parent-type" | "default-subtype") => &[Kind::Type],
            (Kind::Type, "label-base" | "label-applicable" | "label-default") => &[Kind::Label],
            (Kind::Attribute, "qualifier") | (Kind::AliasedAttribute, "on-qualifier") => &[Kind::Qualifier],
            (Kind::Attribute, "linked-type" | "group-type") | (Kind::AliasedAttribute, "on-linked-type") => {
                &[Kind::Type]
            }
            (Kind::AliasedAttribute, "alias-of") => &[Kind::Attribute],
            _ => &[],
        }
    }
}

/// Tells whether an entry of the navigation has its form: `plugin NAME`.
pub(super) fn is_navigation(value: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'-' | b'_'))
    };
    let mut words = value.split_whitespace();
    words.next() == Some("plugin") && words.next().is_some_and(is_name) && words.next().is_none()
}

const TYPE: [(&str, Many); 21] = [
    ("title", One),
    ("parent-type", One),
    ("search-name", Several),
    ("behaviour", Several),
    ("annotation", Several),
    ("attribute", Several),
    ("attribute-hide", Several),
    ("attribute-descriptive", One),
    ("relevancy", One),
    ("render-type", One),
    ("render-icon", One),
    ("render-category", One),
    ("label-base", Several),
    ("label-applicable", Several),
    ("label-default", One),
    ("label-attribute", Several),
    ("element", Several),
    ("term-inclusion", Several),
    ("default-subtype", One),
    ("create-show-subtype", One),
    ("create-position", One),
];

const ATTRIBUTE: [(&str, Many); 9] = [
    ("title", One),
    ("search-name", One),
    ("qualifier", Several),
    ("relevancy", One),
    ("data-type", One),
    ("ui-options", One),
    ("data-type-options", One),
    ("linked-type", Several),
    ("group-type", One),
];

const ALIASED_ATTRIBUTE: [(&str, Many); 8] = [
    ("title", One),
    ("search-name", One),
    ("alias-of", Several),
    ("on-linked-type", Several),
    ("ui-options", One),
    ("data-type-options", One),
    ("on-qualifier", Several),
    ("on-data-type", One),
];

const RESTRICTION: [(&str, Many); 6] = [
    ("title", One),
    ("restrict-type", Several),
    ("restrict-if-label", Several),
    ("label-unrestricted", Several),
    ("attribute-restricted", Several),
    ("attribute-read-only", Several),
];
