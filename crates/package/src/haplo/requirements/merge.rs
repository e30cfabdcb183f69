//! What all plugins need, together.
//!
//! Of a value that stands there several times the first counts, with its place. A value that is required is not removed, unless
//! by force. Objects and keys keep the order in which they were met first.

use super::rules::Kind;
use super::{APPLY, Action, FILE, Requirements, TEMPLATE};
use crate::problem::Problem;
use std::collections::{BTreeMap, HashMap, HashSet};

/// What the plugins need together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Merged {
    /// The objects, without those that are optional everywhere.
    pub objects: Vec<MergedObject>,
    /// For each plugin with a file the names that its own files know objects by: the kind, the name, the code. Names of
    /// objects that are optional everywhere are not there.
    pub names: BTreeMap<String, BTreeMap<(String, String), String>>,
}

/// One object that is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MergedObject {
    /// Its kind.
    pub kind: String,
    /// Its code.
    pub code: String,
    /// The plugin that speaks of it first, and the line.
    pub first: (String, u32),
    /// The values of each key.
    pub values: Vec<(String, Values)>,
}

/// The values of one key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Values {
    /// Those that should be there, in their order.
    pub required: Vec<String>,
    /// Those that should go.
    pub removed: Vec<String>,
}

impl MergedObject {
    /// The values of a key.
    pub fn values(&self, key: &str) -> Option<&Values> {
        self.values.iter().find(|(known, _)| known == key).map(|(_, values)| values)
    }

    /// What a key of one value should be when it is `current` now. A value that somebody chose stays, unless a plugin says
    /// that it should go.
    pub fn one<'v>(&'v self, key: &str, current: Option<&'v str>) -> Option<&'v str> {
        let Some(values) = self.values(key) else { return current };
        let current = current.filter(|current| !values.removed.iter().any(|removed| removed == current));
        current.or(values.required.last().map(String::as_str))
    }

    /// What a key of several values should be when it is `current` now. What is new comes behind the required value before
    /// it, or at the end.
    pub fn several(&self, key: &str, current: &[String]) -> Vec<String> {
        let Some(values) = self.values(key) else { return current.to_vec() };
        let mut all: Vec<String> =
            current.iter().filter(|value| !values.removed.contains(value)).cloned().collect();
        let mut before: Option<&String> = None;
        for value in &values.required {
            if !all.contains(value) {
                let after = before.and_then(|before| all.iter().position(|known| known == before));
                all.insert(after.map_or(all.len(), |after| after + 1), value.clone());
            }
            before = Some(value);
        }
        all
    }
}

/// Puts the files of plugins together, which are given in the order in which they load.
pub fn merge<'f>(files: impl IntoIterator<Item = (&'f str, &'f Requirements)>) -> Merged {
    let mut merging = Merging::default();
    let mut names: BTreeMap<String, BTreeMap<(String, String), String>> = BTreeMap::new();
    for (plugin, requirements) in files {
        let own = names.entry(plugin.to_owned()).or_default();
        for object in &requirements.objects {
            if let Some(name) = &object.name {
                own.insert((object.kind.clone(), name.clone()), object.code.clone());
            }
            let met = merging.object(&object.kind, &object.code, plugin, object.line);
            let Some(met) = met else { continue };
            met.is_needed |= !object.is_optional;
            for entry in &object.entries {
                if entry.key == APPLY {
                    met.templates.push(entry.value.clone());
                } else {
                    met.add(entry.action, &entry.key, &entry.value);
                }
            }
        }
    }
    let objects = merging.finish();
    let needed: HashSet<(&str, &str)> =
        objects.iter().map(|object| (object.kind.as_str(), object.code.as_str())).collect();
    for names in names.values_mut() {
        names.retain(|(kind, _), code| needed.contains(&(kind.as_str(), code.as_str())));
    }
    Merged { objects, names }
}

impl Merged {
    /// The dictionaries that every file of a plugin gets besides its locals, in their order: the name of each, as `T`, and in
    /// it the codes of objects by the plugin's own names. Only those of which the plugin names an object, and `A` in any
    /// case if it has a file at all.
    pub fn dictionaries(&self, plugin: &str) -> Vec<(&'static str, BTreeMap<&str, &str>)> {
        let Some(names) = self.names.get(plugin) else { return Vec::new() };
        let order = ["T", "A", "AA", "Q", "Label", "Group"];
        let dictionary = |wanted: &'static str| {
            let is_of = |kind: &str| Kind::of(kind).and_then(Kind::dictionary) == Some(wanted);
            let own = names.iter().filter(|((kind, _), _)| is_of(kind));
            (wanted, own.map(|((_, name), code)| (name.as_str(), code.as_str())).collect::<BTreeMap<_, _>>())
        };
        let all = order.map(dictionary);
        all.into_iter().filter(|(name, names)| *name == "A" || !names.is_empty()).collect()
    }

    /// What the objects lack, in Haplo's words, each with the plugin that speaks of the object first. Objects of the
    /// standard schema, which begin with `std:` and `dc:`, are there already.
    pub fn missing(&self) -> Vec<(String, Problem)> {
        let known: HashSet<(Kind, &str)> = self
            .objects
            .iter()
            .filter_map(|object| Some((Kind::of(&object.kind)?, object.code.as_str())))
            .collect();
        let is_standard = |code: &str| code.starts_with("std:") || code.starts_with("dc:");
        let mut missing = Vec::new();
        let mut told = HashSet::new();
        for object in &self.objects {
            let Some(kind) = Kind::of(&object.kind) else { continue };
            let (plugin, line) = &object.first;
            let mut tell = |message: String| {
                let problem = Problem { line: Some(*line), column: Some(1), ..Problem::new(FILE, message) };
                missing.push((plugin.clone(), problem));
            };
            let is_empty = |key: &str| object.values(key).is_none_or(|values| values.required.is_empty());
            if !is_standard(&object.code) {
                let required = kind.required(!is_empty("parent-type")).iter();
                required
                    .filter(|(key, _)| is_empty(key))
                    .for_each(|(_, words)| tell(format!("{} must have {words}", object.code)));
            }
            for (key, values) in &object.values {
                let kinds = kind.refers_to(key);
                let is_there = |code: &str| {
                    kinds.is_empty()
                        || is_standard(code)
                        || kinds.iter().any(|kind| known.contains(&(*kind, code)))
                };
                for code in values.required.iter().filter(|code| !is_there(code)) {
                    if told.insert(code.as_str()) {
                        tell(format!("{code} is mentioned, but no requirements are specified"));
                    }
                }
            }
        }
        missing
    }
}

#[derive(Default)]
struct Merging {
    places: HashMap<(String, String), usize>,
    objects: Vec<Met>,
}

/// An object that was met, with everything that was said of it.
struct Met {
    kind: String,
    code: String,
    first: (String, u32),
    is_needed: bool,
    templates: Vec<String>,
    said: Vec<(String, Said)>,
    keys: HashMap<String, usize>,
}

#[derive(Default)]
struct Said {
    required: Vec<(u64, String)>,
    removed: Vec<String>,
    forced: Vec<String>,
    /// What is in each of the three lists.
    seen: [HashSet<String>; 3],
}

impl Merging {
    fn object(&mut self, kind: &str, code: &str, plugin: &str, line: u32) -> Option<&mut Met> {
        let next = self.objects.len();
        let place = *self.places.entry((kind.to_owned(), code.to_owned())).or_insert(next);
        if place == next {
            self.objects.push(Met {
                kind: kind.to_owned(),
                code: code.to_owned(),
                first: (plugin.to_owned(), line),
                is_needed: false,
                templates: Vec::new(),
                said: Vec::new(),
                keys: HashMap::new(),
            });
        }
        self.objects.get_mut(place)
    }

    fn finish(self) -> Vec<MergedObject> {
        let (templates, objects): (Vec<Met>, Vec<Met>) =
            self.objects.into_iter().partition(|object| object.kind == TEMPLATE);
        let templates: HashMap<&str, &Met> =
            templates.iter().map(|template| (template.code.as_str(), template)).collect();
        let needed = objects.into_iter().filter(|object| object.is_needed);
        needed.map(|object| object.finish(&templates)).collect()
    }
}

impl Met {
    fn add(&mut self, action: Action, key: &str, value: &str) {
        let next = self.said.len();
        let place = *self.keys.entry(key.to_owned()).or_insert(next);
        if place == next {
            self.said.push((key.to_owned(), Said::default()));
        }
        if let Some((_, said)) = self.said.get_mut(place) {
            said.add(action, value);
        }
    }

    fn finish(mut self, templates: &HashMap<&str, &Met>) -> MergedObject {
        for template in std::mem::take(&mut self.templates) {
            let Some(template) = templates.get(template.as_str()) else { continue };
            for (key, said) in &template.said {
                said.required.iter().for_each(|(sort, value)| self.add(Action::Require(*sort), key, value));
                said.removed.iter().for_each(|value| self.add(Action::Remove, key, value));
                said.forced.iter().for_each(|value| self.add(Action::ForceRemove, key, value));
            }
        }
        let values = self.said.into_iter().map(|(key, said)| (key, said.finish())).collect();
        MergedObject { kind: self.kind, code: self.code, first: self.first, values }
    }
}

impl Said {
    fn add(&mut self, action: Action, value: &str) {
        let [required, removed, forced] = &mut self.seen;
        match action {
            Action::Require(sort) if required.insert(value.to_owned()) => {
                self.required.push((sort, value.to_owned()));
            }
            Action::Remove if removed.insert(value.to_owned()) => self.removed.push(value.to_owned()),
            Action::ForceRemove if forced.insert(value.to_owned()) => self.forced.push(value.to_owned()),
            _ => {}
        }
    }

    fn finish(mut self) -> Values {
        let [required, _, forced] = &self.seen;
        self.required.sort_by_key(|(sort, _)| *sort);
        self.removed.retain(|value| !required.contains(value));
        self.removed.extend(self.forced.iter().cloned());
        let kept = self.required.into_iter().map(|(_, value)| value).filter(|value| !forced.contains(value));
        Values { required: kept.collect(), removed: self.removed }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use expect_test::{Expect, expect};

    /// The files of the plugins `a`, `b` and so on, put together: each key as what is removed, and what is required.
    #[track_caller]
    fn check(files: &[&str], expected: Expect) {
        let names = ["a", "b", "c"];
        let files: Vec<Requirements> = files
            .iter()
            .map(|text| {
                let (requirements, problems) = parse("p", text);
                assert_eq!(problems, []);
                requirements
            })
            .collect();
        let merged = merge(names.into_iter().zip(&files));
        let mut shown = String::new();
        for object in &merged.objects {
            shown += &format!("{} {} from {:?}\n", object.kind, object.code, object.first);
            for (key, Values { required, removed }) in &object.values {
                shown += &format!("  {key}: {required:?} without {removed:?}\n");
            }
        }
        for (plugin, names) in &merged.names {
            for ((kind, name), code) in names {
                shown += &format!("{plugin}: {kind} {name} is {code}\n");
            }
        }
        for (plugin, problem) in merged.missing() {
            shown += &format!("{plugin} {problem}\n");
        }
        expected.assert_eq(&shown);
    }

    #[test]
    fn values_come_together() {
        check(
            &[
                "group g:one as One\n REMOVE title: Old\n title: One [sort=100]\ngroup g:two\n title: 2\n",
                "group g:one\n title: Two [sort=200]\n REMOVE title: One\ngroup g:one\n title: Three [sort=150]\n",
                "group g:one as First\n title: One\nOPTIONAL group g:none as None\n title: N\ngroup g:two\n title: 3\n FORCE-REMOVE title: 2\n FORCE-REMOVE title: 2\n",
            ],
            expect![[r#"
                group g:one from ("a", 1)
                  title: ["One", "Three", "Two"] without ["Old"]
                group g:two from ("a", 4)
                  title: ["3"] without ["2"]
                a: group One is g:one
                c: group First is g:one
            "#]],
        );
    }

    #[test]
    fn optional_objects_and_templates() {
        check(
            &[
                "OPTIONAL qualifier q:a\n title: High [sort=20000]\n search-name: a\nOPTIONAL qualifier q:b\n title: B\n",
                "qualifier q:a\n title: Low\n apply-schema-template t:t\n apply-schema-template t:absent\n",
                "schema-template t:t\n title: Template [sort=5]\n search-name: a\n",
            ],
            expect![[r#"
                qualifier q:a from ("a", 1)
                  title: ["Template", "Low", "High"] without []
                  search-name: ["a"] without []
            "#]],
        );
    }

    #[test]
    fn what_is_missing_is_told_once_all_are_there() {
        check(
            &[
                "type a:t\n attribute x:a\n attribute x:b\n attribute std:attribute:file\nlabel a:l\ntype std:type:person\n label-base x:l\n",
                "attribute x:a\n title: A\ntype a:t:below\n parent-type a:t\nobject a:o\nrestriction a:r\naliased-attribute a:aa\n alias-of x:a\n",
            ],
            expect![[r#"
                type a:t from ("a", 1)
                  attribute: ["x:a", "x:b", "std:attribute:file"] without []
                label a:l from ("a", 5)
                type std:type:person from ("a", 6)
                  label-base: ["x:l"] without []
                attribute x:a from ("b", 1)
                  title: ["A"] without []
                type a:t:below from ("b", 3)
                  parent-type: ["a:t"] without []
                object a:o from ("b", 5)
                restriction a:r from ("b", 6)
                aliased-attribute a:aa from ("b", 7)
                  alias-of: ["x:a"] without []
                a requirements.schema:1:1: a:t must have a title
                a requirements.schema:1:1: a:t must have a search-name
                a requirements.schema:1:1: x:b is mentioned, but no requirements are specified
                a requirements.schema:5:1: a:l must have a title
                a requirements.schema:5:1: a:l must have a category
                a requirements.schema:6:1: x:l is mentioned, but no requirements are specified
                b requirements.schema:1:1: x:a must have a search-name
                b requirements.schema:1:1: x:a must have a data-type
                b requirements.schema:3:1: a:t:below must have a title
                b requirements.schema:3:1: a:t:below must have a search-name
                b requirements.schema:5:1: a:o must have a title
                b requirements.schema:5:1: a:o must have a type
                b requirements.schema:6:1: a:r must have a title
                b requirements.schema:7:1: a:aa must have a title
                b requirements.schema:7:1: a:aa must have a search-name
            "#]],
        );
    }

    #[test]
    fn files_get_a_dictionary_for_each_kind_that_they_name() {
        let a = "type t:t as Book\nOPTIONAL type t:o as Other\ngroup g:g as Readers\nobject o:o as O\nOPTIONAL label l:l as L\n";
        let files = [parse("a", a).0, parse("b", "label l:l\n").0];
        let merged = merge(["a", "b"].into_iter().zip(&files));
        let shown = |plugin: &str| format!("{:?}", merged.dictionaries(plugin));
        assert_eq!(
            shown("a"),
            r#"[("T", {"Book": "t:t"}), ("A", {}), ("Label", {"L": "l:l"}), ("Group", {"Readers": "g:g"})]"#
        );
        assert_eq!(shown("b"), r#"[("A", {})]"#);
        assert_eq!(shown("absent"), "[]");
    }

    #[test]
    fn what_somebody_chose_stays() {
        let (file, _) = parse(
            "a",
            "type t:t\n title: New\n REMOVE title: Old\n attribute a:1\n attribute a:2\n REMOVE attribute a:0\n",
        );
        let merged = merge([("a", &file)]);
        let object = &merged.objects[0];
        assert_eq!(object.one("title", None), Some("New"));
        assert_eq!(object.one("title", Some("Old")), Some("New"));
        assert_eq!(object.one("title", Some("Mine")), Some("Mine"));
        assert_eq!(object.one("notes", Some("Mine")), Some("Mine"));
        let several = |current: &[&str]| {
            let current: Vec<String> = current.iter().map(|value| (*value).to_owned()).collect();
            object.several("attribute", &current).join(" ")
        };
        assert_eq!(several(&[]), "a:1 a:2");
        assert_eq!(several(&["a:0", "a:9"]), "a:9 a:1 a:2");
        assert_eq!(several(&["a:1", "a:9"]), "a:1 a:2 a:9");
        assert_eq!(object.several("element", &["x".to_owned()]), ["x"]);
    }
}
