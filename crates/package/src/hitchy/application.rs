//! An application of Hitchy with its plugins, from the folder to the order, as far as no JavaScript has a say.
//!
//! A plugin may claim another role, or add to its dependencies, while it is loaded. [`Application::plan`] is what the beacons
//! say, [`Application::may_change`] whether that may not be all, and [`Application::plan_with`] what is true in the end.

use crate::document::{Dialect, Document};
use crate::hitchy::beacon::{self, BEACON, Beacon};
use crate::hitchy::order::{Node, OrderError, order};
use crate::hitchy::plugin;
use crate::hitchy::roles::{Claims, RoleError};
use crate::hitchy::search::{Found, Places, search};
use crate::limits;
use crate::problem::{Problem, file_name};
use crate::read::{Contents, ReadError};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

/// An application: a folder whose `node_modules` holds plugins.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Application {
    /// The folder.
    pub folder: PathBuf,
    /// Its plugins in order of discovery, also those whose beacon nobody understands.
    pub plugins: Vec<Found>,
    /// The roles that are enabled, if it lists some in its own beacon; otherwise all are.
    pub roots: Option<Vec<Value>>,
    /// What is wrong with its own beacon.
    pub broken: Option<Problem>,
}

/// Who takes which role, and who runs when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// The enabled plugins in the order in which they run.
    pub order: Vec<Placed>,
    /// The places among the plugins of the application of all others, in order of discovery.
    pub dropped: Vec<usize>,
}

/// A plugin that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Placed {
    /// Its place among the plugins of the application.
    pub place: usize,
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: String,
}

/// What a plugin says of itself when it is loaded, by properties that it exports.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exported {
    /// Its `$meta`, which is merged into its beacon and may claim a role.
    pub meta: Map<String, Value>,
    /// Its `$role`: it takes this role, and nobody loses it.
    pub role: Option<String>,
}

/// Why an application does not start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// A plugin has no code that could be loaded.
    #[error(
        "loading plugin {0} failed: it has no code, expected what \"main\" in package.json names or an index.js"
    )]
    Load(String),
    /// Two plugins have one role.
    #[error(transparent)]
    Role(#[from] RoleError),
    /// There is no order, or something is missing.
    #[error(transparent)]
    Order(#[from] OrderError),
}

impl Application {
    /// Reads the application in a folder.
    ///
    /// # Errors
    ///
    /// A `node_modules` that cannot be read, or that has too much in it.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = folder.into();
        let places = Places::of(folder.clone());
        Self::with(folder, &places)
    }

    /// The same with plugins from elsewhere.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn with(folder: impl Into<PathBuf>, places: &Places) -> io::Result<Self> {
        let folder = folder.into();
        let plugins = search(places)?;
        let (roots, broken) = match roots(&folder) {
            Ok(roots) => (roots, None),
            Err(problem) => (None, Some(problem)),
        };
        Ok(Self { folder, plugins, roots, broken })
    }

    /// The application in a folder that looks like one: plugins in its `node_modules`, and no plugin itself.
    pub(crate) fn find(folder: &Path) -> Option<Self> {
        let is_plugin = || folder.join(BEACON).is_file() && plugin::has_code(folder);
        if !folder.join("node_modules").is_dir() || is_plugin() {
            return None;
        }
        Self::open(folder).ok().filter(|application| !application.plugins.is_empty())
    }

    /// Who takes which role and who runs when, as the beacons say.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, in Hitchy's words where it has some.
    pub fn plan(&self) -> Result<Plan, PlanError> {
        self.plan_with(&BTreeMap::new())
    }

    /// The same when the plugins are loaded: with what each exports, by its place among the plugins.
    ///
    /// # Errors
    ///
    /// As [`plan`](Self::plan).
    pub fn plan_with(&self, exported: &BTreeMap<usize, Exported>) -> Result<Plan, PlanError> {
        let mut understood: Vec<(usize, &Found, Cow<'_, Beacon>)> = self
            .plugins
            .iter()
            .enumerate()
            .filter_map(|(place, found)| Some((place, found, Cow::Borrowed(found.beacon.as_ref()?))))
            .collect();
        let mut claims = Claims::new(
            understood.iter().map(|(_, found, beacon)| (found.name.as_str(), beacon.static_role.as_str())),
        );
        for (at, (place, found, beacon)) in understood.iter_mut().enumerate() {
            if !plugin::has_code(&found.folder) {
                return Err(PlanError::Load(found.name.clone()));
            }
            let Some(exported) = exported.get(place) else { continue };
            if let Some(role) = &exported.role {
                claims.take(at, role);
            }
            let claimed = beacon.to_mut().merge(&exported.meta);
            claimed.map_or(Ok(()), |role| claims.claim(at, &role))?;
        }
        let roles = claims.settle()?;
        let mut places = Vec::new();
        let mut nodes = Vec::new();
        for ((place, found, beacon), role) in understood.iter().zip(roles) {
            let Some(role) = role else { continue };
            places.push(*place);
            nodes.push(Node {
                name: found.name.clone(),
                role,
                dependencies: names(&beacon.dependencies),
                dependants: names(&beacon.dependants),
            });
        }
        let mut plan = Plan::default();
        for at in order(&nodes, self.roots.as_deref())? {
            if let (Some(node), Some(place)) = (nodes.get(at), places.get(at)) {
                plan.order.push(Placed { place: *place, name: node.name.clone(), role: node.role.clone() });
            }
        }
        let runs: HashSet<usize> = plan.order.iter().map(|placed| placed.place).collect();
        plan.dropped = (0..self.plugins.len()).filter(|place| !runs.contains(place)).collect();
        Ok(plan)
    }

    /// Whether a plugin's code speaks of what would change the plan while it is loaded: `$meta` or `$role`.
    pub fn may_change(&self) -> bool {
        self.plugins.iter().filter(|found| found.beacon.is_some()).any(|found| {
            plugin::code(&found.folder).is_some_and(|text| text.contains("$meta") || text.contains("$role"))
        })
    }

    /// What keeps the application from starting; none if nothing does. It is a warning where code may have a say. What is
    /// wrong with single plugins is told when they are opened.
    pub fn problem(&self) -> Option<Problem> {
        let error = match (&self.broken, self.plan()) {
            (Some(broken), _) => return Some(broken.clone()),
            (None, Ok(_)) => return None,
            (None, Err(error)) => error,
        };
        let problem = Problem::new(file_name(&self.folder), error.to_string());
        Some(if self.may_change() {
            problem
                .with_help("a plugin may take another role while it is loaded; only a start can tell")
                .as_warning()
        } else {
            problem.with_help("Hitchy starts no application of which a part is missing or unclear")
        })
    }
}

/// The list in the application's own beacon.
fn roots(folder: &Path) -> Result<Option<Vec<Value>>, Problem> {
    let unreadable = |error: ReadError| error.problem(BEACON);
    let Ok(contents) = Contents::folder(folder) else { return Ok(None) };
    let text = match contents.read_text(BEACON, limits::MANIFEST) {
        Ok(text) => text,
        // A folder of this name says nothing.
        Err(ReadError::Absent(_) | ReadError::NotAFile(_)) => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let json = text.trim_start_matches('\u{feff}').trim();
    if json.is_empty() {
        return Ok(None);
    }
    match serde_json::from_str::<Value>(json) {
        Ok(app) => {
            Ok(app.get("dependencies").filter(|list| !list.is_null()).map(|list| beacon::list(Some(list))))
        }
        Err(error) => {
            let place = Document::whole(BEACON, &text).object(Dialect::Strict).err();
            let problem = place.unwrap_or_else(|| Problem::new(BEACON, error.to_string()));
            Err(problem.with_help("Hitchy does not start an application whose own beacon is broken"))
        }
    }
}

/// Roles as the names under which Hitchy looks for them.
fn names(roles: &[Value]) -> Vec<String> {
    let name = |role: &Value| match role {
        Value::String(role) => role.clone(),
        Value::Object(_) => "[object Object]".to_owned(),
        Value::Array(roles) => names(roles).join(","),
        other => other.to_string(),
    };
    roles.iter().map(name).collect()
}
