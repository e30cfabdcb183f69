//! Which modules import which, as far as the engine must be kept from its own mistakes.
//!
//! A module that cannot be compiled is freed, although others that were compiled before it may point to it: they are
//! lost, and must not be used again. And a module that is being evaluated must not be linked once more, as `require` and
//! `import()` in a turn on top would have it.

use std::collections::{HashMap, HashSet};

/// What is known of imports.
pub(crate) struct Graph {
    /// The names that a module imports, by its own.
    imports: HashMap<String, Vec<String>>,
    /// Modules that are being compiled, each for the one before.
    compiling: Vec<String>,
    /// Modules that cannot be used any more, with what they need and why that failed.
    lost: HashMap<String, String>,
    /// Evaluations that have begun and not ended.
    evaluations: usize,
    /// CommonJS modules that run because an ES module imports them.
    running: Vec<String>,
}

impl Graph {
    /// No modules.
    pub(super) fn new() -> Graph {
        Graph {
            imports: HashMap::new(),
            compiling: Vec::new(),
            lost: HashMap::new(),
            evaluations: 0,
            running: Vec::new(),
        }
    }

    /// A module is about to be compiled.
    pub(crate) fn begin_compile(&mut self, name: &str) {
        self.compiling.push(name.to_owned());
        self.imports.insert(name.to_owned(), Vec::new());
    }

    /// Notes an import. Gives whether it belongs to a module that is being compiled; otherwise it is an `import()`.
    pub(crate) fn note_import(&mut self, referrer: &str, name: &str) -> bool {
        if self.compiling.last().is_none_or(|compiling| compiling != referrer) {
            return false;
        }
        self.imports.entry(referrer.to_owned()).or_default().push(name.to_owned());
        true
    }

    /// Whether no module is being compiled.
    pub(crate) fn is_compiling_nothing(&self) -> bool {
        self.compiling.is_empty()
    }

    /// A module was compiled.
    pub(crate) fn end_compile(&mut self) {
        self.compiling.pop();
    }

    /// A module could not be compiled. Gives the names of those among `compiled` that are lost by that.
    pub(crate) fn fail_compile<'n>(
        &mut self,
        name: &str,
        why: &str,
        compiled: impl Iterator<Item = &'n String>,
    ) -> Vec<String> {
        self.compiling.pop();
        let lost: Vec<String> =
            compiled.filter(|compiled| self.reaches(compiled, |found| found == name)).cloned().collect();
        for lost in &lost {
            self.lost.insert(lost.clone(), format!("cannot import {lost:?}: it needs {name:?}: {why}"));
        }
        self.imports.remove(name);
        lost
    }

    /// Why a module cannot be used, if it is lost.
    pub(crate) fn loss(&self, name: &str) -> Option<&str> {
        self.lost.get(name).map(String::as_str)
    }

    /// How many evaluations have begun and not ended.
    pub(crate) fn evaluations(&self) -> usize {
        self.evaluations
    }

    /// Sets how many evaluations have begun and not ended.
    pub(crate) fn set_evaluations(&mut self, evaluations: usize) {
        self.evaluations = evaluations;
    }

    /// A CommonJS module runs because an ES module imports it.
    pub(crate) fn begin_running(&mut self, name: &str) {
        self.running.push(name.to_owned());
    }

    /// It has run.
    pub(crate) fn end_running(&mut self) {
        self.running.pop();
    }

    /// Whether a module may be in the middle of its evaluation. Then it imports, over whatever way, one that runs: a
    /// CommonJS module, or one of the files that are on the stack.
    pub(crate) fn is_evaluating(&self, name: &str, on_stack: &[String]) -> bool {
        let runs = |name: &str| {
            self.running.iter().any(|running| running == name) || on_stack.iter().any(|file| file == name)
        };
        0 < self.evaluations && self.reaches(name, runs)
    }

    /// Whether `from` is, or imports over whatever way, a module that is a goal.
    fn reaches(&self, from: &str, is_goal: impl Fn(&str) -> bool) -> bool {
        let mut seen = HashSet::from([from]);
        let mut rest = vec![from];
        while let Some(name) = rest.pop() {
            if is_goal(name) {
                return true;
            }
            let imports = self.imports.get(name).into_iter().flatten().map(String::as_str);
            rest.extend(imports.filter(|import| seen.insert(import)));
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Modules that were compiled: `a` imports `b` and `c`, `b` imports `a`, `d` imports `b`, `e` nothing.
    fn graph() -> Graph {
        let mut graph = Graph::new();
        for (name, imports) in [("a", "bc"), ("b", "a"), ("c", ""), ("d", "b"), ("e", "")] {
            graph.begin_compile(name);
            for import in imports.chars() {
                assert!(graph.note_import(name, &import.to_string()));
            }
            graph.end_compile();
        }
        graph
    }

    #[test]
    fn modules_that_reach_a_failed_one_are_lost() {
        let mut graph = graph();
        let compiled = ["b", "c", "d", "e"].map(str::to_owned);
        graph.begin_compile("a");
        graph.note_import("a", "b");
        assert_eq!(graph.fail_compile("a", "no such thing", compiled.iter()), ["b", "d"]);
        assert_eq!(graph.loss("d"), Some(r#"cannot import "d": it needs "a": no such thing"#));
        assert_eq!((graph.loss("a"), graph.loss("c"), graph.loss("e")), (None, None, None));
        assert!(!graph.note_import("a", "b"), "it is not being compiled any more");
    }

    #[test]
    fn modules_that_reach_a_running_one_may_be_in_the_middle() {
        let mut graph = graph();
        let is_evaluating = |graph: &Graph, files: &[&str]| {
            let files: Vec<String> = files.iter().copied().map(str::to_owned).collect();
            ["a", "b", "c", "d", "e"]
                .into_iter()
                .filter(|name| graph.is_evaluating(name, &files))
                .collect::<String>()
        };
        assert_eq!(is_evaluating(&graph, &["a"]), "", "nothing is evaluated");
        graph.set_evaluations(1);
        assert_eq!(is_evaluating(&graph, &[]), "");
        assert_eq!(is_evaluating(&graph, &["a"]), "abd");
        assert_eq!(is_evaluating(&graph, &["d", "e"]), "de");
        graph.begin_running("c");
        assert_eq!(is_evaluating(&graph, &[]), "abcd");
        graph.end_running();
        assert_eq!(is_evaluating(&graph, &[]), "");
    }
}
