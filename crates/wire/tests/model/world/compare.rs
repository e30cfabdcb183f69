//! What every table has to hold once nothing is on its way, and whether it does.

use crate::end::{End, MOST};
use crate::world::told::Step;
use crate::world::{Checked, Name, World};
use std::collections::BTreeSet;

impl World {
    /// Lets everything arrive: no message, no call and no release is left on its way.
    pub(super) fn drain(&mut self) -> Checked {
        self.tell(Step::Drain);
        while !self.served.is_empty() || !self.ends().iter().all(|end| end.is_quiet()) {
            self.answer()?;
            for end in self.ends() {
                end.flush();
                while !end.out.borrow().is_empty() {
                    self.write_one(&end);
                    self.read_one(&end.peer())?;
                }
            }
        }
        Ok(())
    }

    /// Compares every table with what follows from the variables.
    pub(super) fn compare(&self) -> Checked {
        let plugins = [1, 2];
        // A plugin holds what it has in its variables and does not own.
        let by_plugin = plugins.map(|plugin| self.names(plugin, |owner| owner != self.process_of(plugin)));
        // The host holds what it has itself, and what it has passed on to the other plugin.
        for plugin in plugins {
            let process = self.process_of(plugin);
            let of_it = |owner| owner == process;
            let mut by_host = self.names(0, of_it);
            let passed_on = by_plugin[2 - plugin].iter().filter(|name| of_it(self.owner(**name)));
            by_host.extend(passed_on);
            let (host, end) = &self.pairs[plugin - 1];
            check_tables(host, end, &by_plugin[plugin - 1])?;
            check_tables(end, host, &by_host)?;
        }
        for (name, value) in self.variables.iter().flatten() {
            value.check_is(*name)?;
        }
        Ok(())
    }

    fn names(&self, party: usize, of: impl Fn(u32) -> bool) -> BTreeSet<Name> {
        let names = self.variables[party].iter().map(|(name, _)| *name);
        names.filter(|name| of(self.owner(*name))).collect()
    }

    fn owner(&self, name: Name) -> u32 {
        self.owners[name as usize]
    }

    /// Everybody drops everything: then nobody holds anything.
    pub(super) fn end(&mut self) -> Checked {
        self.drain()?;
        self.compare()?;
        self.variables = Default::default();
        self.drain()?;
        // What came back with the last answers.
        self.variables = Default::default();
        self.drain()?;
        self.compare()?;
        let left: usize =
            self.ends().iter().map(|end| end.exports.borrow().len() + end.imports.borrow().len()).sum();
        if left != 0 {
            return Err(format!("{left} entries are left when nobody holds anything"));
        }
        Ok(())
    }
}

/// The owner's table has exactly these functions, and so has the holder's.
fn check_tables(owner: &End, holder: &End, expected: &BTreeSet<Name>) -> Checked {
    let (exported, imported) = (owner.exports.borrow().len(), holder.imports.borrow().len());
    let (of, by) = (owner.party, holder.party);
    if exported != expected.len() || imported != expected.len() {
        let count = expected.len();
        return Err(format!(
            "party {by} holds {count} functions of party {of}: {exported} are exported and {imported} imported"
        ));
    }
    for name in expected {
        let id =
            owner.last_id_of(*name).ok_or_else(|| format!("function {name} was never sent to party {by}"))?;
        let value = owner.exports.borrow().get(id).cloned();
        value
            .ok_or_else(|| format!("function {name} is held by party {by} and not exported"))?
            .check_is(*name)?;
    }
    if MOST < exported {
        return Err(format!(
            "party {by} holds {exported} functions of party {of}, which is more than {MOST}"
        ));
    }
    Ok(())
}
