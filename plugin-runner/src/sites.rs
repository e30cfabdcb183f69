//! Where the plugin makes its calls, for a host that wants to know: the stack goes before the call.

use crate::engine::make::ErrorClass;
use crate::session::Session;
use crate::stack;
use plughold_protocol::Message;
use plughold_protocol::record::Target;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Calls of one function that are told. What a function needs may depend on its arguments, so the first is not enough.
const TOLD: u32 = 16;

/// Functions whose calls are told.
const FUNCTIONS: usize = 4_096;

/// How many calls of each function were told.
#[derive(Default)]
pub(crate) struct Sites {
    told: RefCell<BTreeMap<Function, u32>>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Function {
    Api(u32),
    Service(String),
}

/// Tells where a call is made that is sent next, if the host wants to know.
pub(crate) fn tell(session: &Session, id: u64, target: Target) {
    let Some(sites) = &session.sites else { return };
    if !sites.is_next(target) {
        return;
    }
    let Ok(error) = stack::own_error(session, ErrorClass::Plain) else { return };
    let stack = stack::reported(session, &error);
    session.send(&Message::Site { id, stack: &stack });
}

impl Sites {
    /// Whether this call is one of the first of its function.
    fn is_next(&self, target: Target) -> bool {
        let function = match target {
            Target::Api(index) => Function::Api(index),
            Target::Service(name) => Function::Service(name.to_owned()),
            _ => return false,
        };
        let mut told = self.told.borrow_mut();
        if FUNCTIONS <= told.len() && !told.contains_key(&function) {
            return false;
        }
        let told = told.entry(function).or_default();
        *told = told.saturating_add(1);
        *told <= TOLD
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_calls_of_each_function_are_told() {
        let sites = Sites::default();
        let count = |target: Target| (0..100).filter(|_| sites.is_next(target)).count();
        assert_eq!(count(Target::Api(1)), 16);
        assert_eq!(count(Target::Api(2)), 16);
        assert_eq!(count(Target::Service("plugins.get")), 16);
        assert_eq!(count(Target::Api(1)), 0);
        for index in 0..10_000 {
            sites.is_next(Target::Api(index));
        }
        assert_eq!(sites.told.borrow().len(), FUNCTIONS);
    }
}
