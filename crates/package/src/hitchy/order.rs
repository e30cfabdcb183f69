//! Who is enabled, and in which order plugins run.
//!
//! A plugin runs after the roles that it depends on and before those that it names as its dependants. Where that leaves a
//! choice, the plugin that is needed along more ways runs first, and then the one that was discovered first: this gives
//! Hitchy's own order wherever that keeps the constraints. Hitchy counts the ways one by one and never ends in a circle that
//! it did not begin in; here each plugin is looked at once.

use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// A plugin that has a role, in order of discovery.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The plugin's name, for messages.
    pub name: String,
    /// The role that it has taken.
    pub role: String,
    /// Roles that have to come before it.
    pub dependencies: Vec<String>,
    /// Roles that have to come after it.
    pub dependants: Vec<String>,
}

/// Why there is no order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OrderError {
    /// The application wants a role that nobody has.
    #[error("missing dependency in hitchy.json file of project: {0}")]
    MissingRoot(String),
    /// The application's list holds something that is no role.
    #[error("invalid dependency in hitchy.json file of project: {0}")]
    InvalidRoot(String),
    /// A plugin depends on a role that nobody has.
    #[error("unmet plugin dependency: {plugin} depends on missing {role}")]
    Unmet {
        /// The plugin.
        plugin: String,
        /// The role.
        role: String,
    },
    /// A plugin wants to run before a role that nobody has.
    #[error("missing plugin for role {0} required as a dependant")]
    MissingDependant(String),
    /// Plugins depend on each other, the first of them being one that the search began with.
    #[error(
        "circular dependency on plugin {plugin} depending on {role} which is also depending on the former"
    )]
    Circle {
        /// The last plugin of the circle.
        plugin: String,
        /// The role that it depends on, which the circle began with.
        role: String,
    },
    /// Plugins have to run before each other: their roles, the first of them once more at the end.
    #[error("circular dependency: {}", .0.join(" before "))]
    Contradiction(Vec<String>),
}

/// The enabled plugins, by their place in `plugins`, in the order in which they run.
///
/// `roots` is the application's own list of roles: then nothing is enabled but these and what they need. Without a list
/// all are. Takes time in proportion to the plugins and their dependencies, but for sorting.
///
/// # Errors
///
/// The first thing that is wrong, in Hitchy's words where it has some.
pub fn order(plugins: &[Node], roots: Option<&[Value]>) -> Result<Vec<usize>, OrderError> {
    let roles: HashMap<&str, usize> =
        plugins.iter().enumerate().map(|(at, plugin)| (plugin.role.as_str(), at)).collect();
    let mut graph = Graph {
        plugins,
        roles,
        dependencies: vec![Vec::new(); plugins.len()],
        enabled: Vec::new(),
        state: Vec::new(),
    };
    graph.state = vec![State::Unseen; plugins.len()];
    let mut roots = graph.roots(roots)?;
    for root in &roots {
        graph.walk(*root)?;
    }
    for plugin in plugins {
        for role in &plugin.dependants {
            let Some(at) = graph.roles.get(role.as_str()).copied() else {
                return Err(OrderError::MissingDependant(role.clone()));
            };
            if graph.state.get(at) == Some(&State::Unseen) {
                roots.push(at);
                graph.walk(at)?;
            }
        }
    }
    graph.sort(&roots)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Unseen,
    /// It is on the way from the root to where the walk is.
    Above,
    Done,
}

struct Graph<'p> {
    plugins: &'p [Node],
    roles: HashMap<&'p str, usize>,
    /// What each enabled plugin depends on.
    dependencies: Vec<Vec<usize>>,
    /// Enabled plugins, each after what it depends on.
    enabled: Vec<usize>,
    state: Vec<State>,
}

impl Graph<'_> {
    fn roots(&self, roots: Option<&[Value]>) -> Result<Vec<usize>, OrderError> {
        let Some(roots) = roots else { return Ok((0..self.plugins.len()).collect()) };
        let place = |root: &Value| match root {
            Value::String(role) => {
                self.roles.get(role.as_str()).copied().ok_or_else(|| OrderError::MissingRoot(role.clone()))
            }
            other => Err(OrderError::InvalidRoot(other.to_string())),
        };
        roots.iter().map(place).collect()
    }

    /// Enables a plugin and all that it needs, without recursion: a chain may be as long as there are plugins.
    fn walk(&mut self, root: usize) -> Result<(), OrderError> {
        let mut way: Vec<(usize, usize)> = Vec::new();
        let mut next = Some(root);
        loop {
            if let Some(at) = next.take() {
                match self.state.get_mut(at) {
                    Some(state @ State::Unseen) => {
                        *state = State::Above;
                        way.push((at, 0));
                    }
                    Some(State::Above) => return Err(self.circle(&way, at)),
                    _ => {}
                }
            }
            let Some((at, taken)) = way.last_mut() else { return Ok(()) };
            let (at, place) = (*at, *taken);
            *taken += 1;
            let Some(plugin) = self.plugins.get(at) else { return Ok(()) };
            match plugin.dependencies.get(place) {
                None => {
                    way.pop();
                    self.enabled.push(at);
                    if let Some(state) = self.state.get_mut(at) {
                        *state = State::Done;
                    }
                }
                Some(role) => {
                    let Some(dependency) = self.roles.get(role.as_str()).copied() else {
                        return Err(OrderError::Unmet { plugin: plugin.name.clone(), role: role.clone() });
                    };
                    if let Some(dependencies) = self.dependencies.get_mut(at) {
                        dependencies.push(dependency);
                    }
                    next = Some(dependency);
                }
            }
        }
    }

    fn circle(&self, way: &[(usize, usize)], at: usize) -> OrderError {
        let name = |at: usize| self.plugins.get(at).map_or("", |plugin| &plugin.name).to_owned();
        let role = |at: usize| self.plugins.get(at).map_or("", |plugin| &plugin.role).to_owned();
        if let (Some((first, _)), Some((last, _))) = (way.first(), way.last())
            && *first == at
        {
            return OrderError::Circle { plugin: name(*last), role: role(at) };
        }
        let circle = way.iter().map(|(step, _)| *step).skip_while(|step| *step != at);
        // What depends comes after: the circle is told in the order in which its plugins would run.
        let mut roles: Vec<String> = circle.chain([at]).map(role).collect();
        roles.reverse();
        OrderError::Contradiction(roles)
    }

    /// Along how many ways each plugin is needed. What is needed along more than can be counted is needed by all.
    fn weights(&self, roots: &[usize]) -> Vec<u128> {
        let mut weights = vec![0_u128; self.plugins.len()];
        for root in roots {
            if let Some(weight) = weights.get_mut(*root) {
                *weight = weight.saturating_add(1);
            }
        }
        for at in self.enabled.iter().rev() {
            let own = weights.get(*at).copied().unwrap_or(0);
            for dependency in self.dependencies.get(*at).into_iter().flatten() {
                if let Some(weight) = weights.get_mut(*dependency) {
                    *weight = weight.saturating_add(own);
                }
            }
        }
        weights
    }

    fn sort(&self, roots: &[usize]) -> Result<Vec<usize>, OrderError> {
        let weights = self.weights(roots);
        let is_enabled = |at: &usize| self.state.get(*at) == Some(&State::Done);
        let mut after: Vec<Vec<usize>> = vec![Vec::new(); self.plugins.len()];
        let mut waits_for = vec![0_usize; self.plugins.len()];
        let mut link = |before: usize, later: usize| {
            if let (Some(after), Some(count)) = (after.get_mut(before), waits_for.get_mut(later)) {
                after.push(later);
                *count += 1;
            }
        };
        for at in &self.enabled {
            self.dependencies.get(*at).into_iter().flatten().for_each(|dependency| link(*dependency, *at));
            let dependants = self.plugins.get(*at).map_or(&[][..], |plugin| &plugin.dependants);
            let dependants = dependants.iter().filter_map(|role| self.roles.get(role.as_str()).copied());
            dependants.filter(is_enabled).for_each(|dependant| link(*at, dependant));
        }
        let key = |at: usize| (u128::MAX - weights.get(at).copied().unwrap_or(0), at);
        let is_ready = |at: &usize, waits_for: &[usize]| waits_for.get(*at) == Some(&0);
        let mut ready: BTreeSet<(u128, usize)> =
            self.enabled.iter().filter(|at| is_ready(at, &waits_for)).map(|at| key(*at)).collect();
        let mut order = Vec::with_capacity(self.enabled.len());
        while let Some((_, at)) = ready.pop_first() {
            order.push(at);
            for later in after.get(at).into_iter().flatten() {
                if let Some(count) = waits_for.get_mut(*later) {
                    *count -= 1;
                    if *count == 0 {
                        ready.insert(key(*later));
                    }
                }
            }
        }
        if order.len() == self.enabled.len() {
            Ok(order)
        } else {
            Err(self.contradiction(&after, &waits_for))
        }
    }

    /// A circle among the plugins that still wait: going back from one of them always leads to one that waits as well.
    fn contradiction(&self, after: &[Vec<usize>], waits_for: &[usize]) -> OrderError {
        let mut before: HashMap<usize, usize> = HashMap::new();
        let waiting = |at: usize| waits_for.get(at).is_some_and(|count| 0 < *count);
        for (at, later) in after.iter().enumerate().filter(|(at, _)| waiting(*at)) {
            before.extend(later.iter().map(|later| (*later, at)));
        }
        let mut way: Vec<usize> = Vec::new();
        let mut seen: HashMap<usize, usize> = HashMap::new();
        let mut at = (0..self.plugins.len()).find(|at| waiting(*at)).unwrap_or(0);
        while !seen.contains_key(&at) {
            seen.insert(at, way.len());
            way.push(at);
            match before.get(&at) {
                Some(earlier) => at = *earlier,
                None => break,
            }
        }
        let start = seen.get(&at).copied().unwrap_or(0);
        let circle = way.iter().skip(start).copied().chain([at]);
        let mut roles: Vec<String> =
            circle.filter_map(|at| self.plugins.get(at)).map(|plugin| plugin.role.clone()).collect();
        roles.reverse();
        OrderError::Contradiction(roles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plugins as `name<dependencies>dependants`, roles are names.
    #[track_caller]
    fn check(plugins: &str, roots: Option<&[&str]>, expected: &str) {
        let roles = |text: &str| text.split(',').filter(|role| !role.is_empty()).map(str::to_owned).collect();
        let plugins: Vec<Node> = plugins
            .split_whitespace()
            .map(|plugin| {
                let (rest, dependants) = plugin.split_once('>').unwrap_or((plugin, ""));
                let (name, dependencies) = rest.split_once('<').unwrap_or((rest, ""));
                let name = name.to_owned();
                Node {
                    role: name.clone(),
                    name,
                    dependencies: roles(dependencies),
                    dependants: roles(dependants),
                }
            })
            .collect();
        let roots: Option<Vec<Value>> = roots.map(|roots| roots.iter().map(|root| (*root).into()).collect());
        let found = match order(&plugins, roots.as_deref()) {
            Ok(order) => order.into_iter().map(|at| plugins[at].name.as_str()).collect::<Vec<_>>().join(" "),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_needed_runs_first() {
        check("", None, "");
        check("a b c", None, "a b c");
        check("a<b b", None, "b a");
        check("a<c b<c c", None, "c a b");
        check("late early>late", None, "early late");
        check("a1<z1 a2<z2 m1<z2 z1 z2", None, "z2 z1 a1 a2 m1");
    }

    #[test]
    fn a_list_of_the_application_enables_what_it_needs() {
        check("a b<c c d", Some(&["b"]), "c b");
        check("a b", Some(&[]), "");
        check("aa bb>cc cc dd", Some(&["aa"]), "aa cc");
        check("a", Some(&["x"]), "missing dependency in hitchy.json file of project: x");
        check("a b<x", Some(&["a"]), "a");
    }

    #[test]
    fn what_is_missing_or_circular_is_told() {
        check("a<x", None, "unmet plugin dependency: a depends on missing x");
        check("a>x", None, "missing plugin for role x required as a dependant");
        let circle = "circular dependency on plugin b depending on a which is also depending on the former";
        check("a<b b<a", None, circle);
        check("a<b b<c c<b", None, "circular dependency: b before c before b");
        check("a<b>b b", None, "circular dependency: a before b before a");
        check("x a>b b>c c>a", None, "circular dependency: a before b before c before a");
    }

    #[test]
    fn ten_thousand_plugins_in_layers_take_no_time() {
        let mut plugins = Vec::new();
        for layer in 0..100 {
            for place in 0..100 {
                let above = if layer == 0 {
                    Vec::new()
                } else {
                    (0..100).map(|p| format!("{}-{p}", layer - 1)).collect()
                };
                let name = format!("{layer}-{place}");
                plugins.push(Node { role: name.clone(), name, dependencies: above, dependants: Vec::new() });
            }
        }
        plugins.reverse();
        let order = order(&plugins, None).unwrap();
        let layers =
            order.iter().map(|at| plugins[*at].name.split('-').next().unwrap().parse::<u32>().unwrap());
        assert!(layers.is_sorted() && order.len() == 10_000);
    }
}
