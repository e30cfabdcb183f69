//! What the processes of one simulated world share: the host.

use super::application::Application;
use super::faults::Faults;
use super::random::Random;
use crate::api::Table;
use crate::events::EventSender;
use crate::launch::ControlPage;
use crate::session::waiting::Waiting;
use crate::{Limits, Package};
use std::cell::RefCell;
use std::sync::{Arc, OnceLock};

/// The names of the plugins, of which a world has some.
const NAMES: [&str; 3] = ["a", "b", "c"];

/// Nobody listens, and making one takes long.
static EVENTS: OnceLock<EventSender> = OnceLock::new();

/// The host of one world.
pub(super) struct Ground {
    pub(super) application: Application,
    pub(super) table: Arc<Table>,
    pub(super) waiting: Arc<Waiting>,
    pub(super) limits: Limits,
    pub(super) events: EventSender,
    pub(super) packages: &'static [Arc<Package>],
    pub(super) faults: Faults,
    /// Some runners keep no rule.
    pub(super) has_hostile: bool,
}

impl Ground {
    pub(super) fn new(random: &mut Random, faults: Faults) -> Ground {
        let application = Application::new();
        let limits = Limits { in_flight: 2 + random.below(6) as u32, ..Limits::default() };
        Ground {
            table: Arc::new(Table::new(application.api()).unwrap()),
            application,
            waiting: Arc::default(),
            limits,
            events: EVENTS.get_or_init(EventSender::new).clone(),
            packages: packages(),
            faults,
            has_hostile: random.once_in(3),
        }
    }
}

fn packages() -> &'static [Arc<Package>] {
    static PACKAGES: OnceLock<Vec<Arc<Package>>> = OnceLock::new();
    PACKAGES.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let package = |name: &&str| {
            let script = folder.path().join(format!("{name}.js"));
            std::fs::write(&script, "").unwrap();
            Arc::new(Package::open(&script).unwrap())
        };
        NAMES.iter().map(package).collect()
    })
}

/// A control page. Making one takes longer than many steps of a world, so those that nobody uses any more are used again.
pub(super) fn page() -> Arc<ControlPage> {
    thread_local! {
        static PAGES: RefCell<Vec<Arc<ControlPage>>> = const { RefCell::new(Vec::new()) };
    }
    PAGES.with_borrow_mut(|pages| {
        if let Some(free) = pages.iter().find(|page| Arc::strong_count(page) == 1) {
            return free.clone();
        }
        let page = Arc::new(ControlPage::create().unwrap().0);
        pages.push(page.clone());
        page
    })
}
