//! Three parties that pass functions around at random, and the model that they are compared with.
//!
//! The model is as naive as can be: a list of names for each party, the functions that it has in its variables. From it
//! follows what every table has to hold once nothing is on its way any more.

mod compare;
mod told;

use crate::end::{Body, End, Message, Pending, Sent, Value, Values};
use crate::random::Random;
use std::collections::VecDeque;
use std::rc::Rc;
use told::{Seen, Step};

/// A function, as the model knows it: unique for ever.
pub(crate) type Name = u32;

/// What is wrong on purpose, to see that it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// A release ends everything, however often the function was sent meanwhile.
    FlagForCount,
    /// A function that is passed on is not held for whom it was passed on to.
    ForgetForwarding,
    /// A long message does not hold what it sends home, so that the release may go past it.
    ReleaseOvertakes,
    /// A reference that nobody wanted is not given back.
    KeepRefused,
}

/// How many functions a party keeps in variables.
const VARIABLES: usize = 24;

/// Calls that are served at one time; more are answered at once.
const SERVED: usize = 64;

/// Messages that are written or read in one step, at most.
const BATCH: usize = 4;

/// Steps between two comparisons of all tables with the model.
const BETWEEN_CHECKS: u64 = 20_000;

/// The last steps, which are told when something is wrong.
const TOLD: usize = 24;

/// A function in a variable: its name in the model, and the real thing.
type Variable = (Name, Value);

/// A call that its callee works on.
struct Served {
    end: Rc<End>,
    call: u64,
    args: Vec<Variable>,
    _target: Value,
}

pub(crate) struct World {
    random: Random,
    fault: Fault,
    /// The host's end and the plugin's, for each of the two plugins.
    pairs: [(Rc<End>, Rc<End>); 2],
    /// Connections of processes that are dead, for references that outlive them.
    dead: Vec<(Rc<End>, Rc<End>)>,
    /// Of the host and the two plugins.
    variables: [Vec<Variable>; 3],
    /// The process that owns each function; 0 is the host.
    owners: Vec<u32>,
    served: Vec<Served>,
    sessions: u32,
    steps: u64,
    told: VecDeque<Step>,
    seen: Seen,
}

type Checked = Result<(), String>;

impl World {
    pub(crate) fn new(seed: u64, fault: Fault) -> World {
        World {
            random: Random::new(seed),
            fault,
            pairs: [End::pair(1, 1, fault), End::pair(2, 2, fault)],
            dead: Vec::new(),
            variables: Default::default(),
            owners: Vec::new(),
            served: Vec::new(),
            sessions: 2,
            steps: 0,
            told: VecDeque::new(),
            seen: Seen::default(),
        }
    }

    pub(crate) fn seen(&self) -> &Seen {
        &self.seen
    }

    /// Takes so many steps, then lets everything go. The error says what is wrong and after which steps.
    pub(crate) fn run(&mut self, steps: u64) -> Checked {
        let result = self.steps(steps).and_then(|()| self.end());
        result.map_err(|wrong| {
            let steps: String = self.told.iter().map(|step| format!("\n    {step:?}")).collect();
            format!("after {} steps: {wrong}\nthe last steps:{steps}", self.steps)
        })
    }

    fn steps(&mut self, steps: u64) -> Checked {
        while self.steps < steps {
            self.steps += 1;
            self.step()?;
            if self.steps.is_multiple_of(BETWEEN_CHECKS) {
                self.drain()?;
                self.compare()?;
            }
        }
        Ok(())
    }

    fn step(&mut self) -> Checked {
        let party = self.random.below(3);
        match self.random.below(100) {
            0..6 => self.create(party),
            6..22 => self.drop_one(party),
            22..36 => self.send(party)?,
            36..44 => self.call(party)?,
            44..52 => self.answer()?,
            52..60 => self.flush(party),
            60..78 => self.write(),
            78..99 => self.read()?,
            _ if self.random.once_in(50) => self.restart()?,
            _ => {}
        }
        Ok(())
    }

    // -- The steps -----------------------------------------------------------------------------------------------

    fn create(&mut self, party: usize) {
        let name = self.owners.len() as Name;
        self.owners.push(self.process_of(party));
        self.keep(party, (name, Value::Own(name)));
        self.tell(Step::Create { party, name });
    }

    fn drop_one(&mut self, party: usize) {
        if self.variables[party].is_empty() {
            return;
        }
        let index = self.random.below(self.variables[party].len());
        let (name, _value) = self.variables[party].swap_remove(index);
        self.tell(Step::Drop { party, name });
    }

    fn send(&mut self, party: usize) -> Checked {
        let (end, values) = (self.any_end(party), self.any_variables(party));
        let Some((first, _)) = values.first() else { return Ok(()) };
        let is_long = self.random.once_in(4);
        self.tell(Step::Send { from: party, first: *first, is_long });
        let (sent, holds) = self.encode(&end, &values)?;
        self.push(&end, Message { body: Body::Values(sent), holds }, is_long);
        Ok(())
    }

    fn call(&mut self, party: usize) -> Checked {
        let Some((name, target)) = self.random.any_of(&self.variables[party]).cloned() else { return Ok(()) };
        let args = self.any_variables(party);
        self.tell(Step::Call { from: party, name });
        match &target {
            Value::Held(handle) if !handle.end.is_dead.get() => self.start_call(
                &handle.end.clone(),
                handle.id,
                name,
                &args,
                Pending { _target: target, behalf: None },
            ),
            _ => Ok(()),
        }
    }

    fn start_call(
        &mut self,
        end: &Rc<End>,
        id: u64,
        name: Name,
        args: &[Variable],
        pending: Pending,
    ) -> Checked {
        let (sent, mut holds) = self.encode(end, args)?;
        holds.push(pending._target.clone());
        let call = end.next_call();
        end.calls.borrow_mut().insert(call, pending);
        let is_long = self.random.once_in(8);
        self.push(end, Message { body: Body::Call(call, id, name, sent), holds }, is_long);
        Ok(())
    }

    fn answer(&mut self) -> Checked {
        if self.served.is_empty() {
            return Ok(());
        }
        let index = self.random.below(self.served.len());
        let Served { end, call, mut args, _target } = self.served.swap_remove(index);
        self.tell(Step::Answer { party: end.party, call });
        args.truncate(1);
        args.extend(self.random.any_of(&self.variables[end.party]).cloned());
        self.give_answer(&end, call, &args)
    }

    fn give_answer(&mut self, end: &Rc<End>, call: u64, values: &[Variable]) -> Checked {
        let (sent, holds) = self.encode(end, values)?;
        let is_long = self.random.once_in(8);
        self.push(end, Message { body: Body::Return(call, sent), holds }, is_long);
        Ok(())
    }

    fn flush(&mut self, party: usize) {
        self.any_end(party).flush();
        self.tell(Step::Flush { party });
    }

    fn write(&mut self) {
        let end = self.any_end_of_all();
        for _ in 0..=self.random.below(BATCH) {
            self.write_one(&end);
        }
        self.tell(Step::Write { from: end.party });
    }

    fn write_one(&mut self, end: &End) {
        let mut written = Vec::new();
        end.out.borrow_mut().write(&mut self.random, |message| written.append(&mut message.holds));
        // What the message held may be given back from now on.
        drop(written);
    }

    fn read(&mut self) -> Checked {
        let end = self.any_end_of_all();
        self.tell(Step::Read { at: end.party });
        for _ in 0..=self.random.below(BATCH) {
            self.read_one(&end)?;
        }
        Ok(())
    }

    fn read_one(&mut self, end: &Rc<End>) -> Checked {
        let message = end.peer().out.borrow_mut().read();
        message.map_or(Ok(()), |message| self.take(end, message.body))
    }

    fn take(&mut self, end: &Rc<End>, body: Body) -> Checked {
        match body {
            Body::Values(values) => {
                let values = self.decode(end, values)?;
                self.keep_some(end.party, values);
            }
            Body::Call(call, id, name, args) => {
                let target = end.exports.borrow().get(id).cloned();
                let target =
                    target.ok_or_else(|| format!("function {name} is called as {id:#x} and is gone"))?;
                target.check_is(name)?;
                let args = self.decode(end, args)?;
                self.serve(end, call, name, target, args)?;
            }
            Body::Return(call, values) => {
                let pending = end.calls.borrow_mut().remove(&call);
                let pending =
                    pending.ok_or_else(|| format!("an answer to the call {call}, which nobody waits for"))?;
                let values = self.decode(end, values)?;
                self.seen.answered += 1;
                self.seen.answered_for_another += u64::from(pending.behalf.is_some());
                match &pending.behalf {
                    Some((asker, _)) if asker.is_dead.get() => {}
                    Some((asker, call)) => self.give_answer(asker, *call, &values)?,
                    None => self.keep_some(end.party, values),
                }
            }
            Body::Release(references) => {
                for released in references {
                    end.release(released.id, released.count)?;
                }
            }
        }
        Ok(())
    }

    /// A function of the party is served by it; one that was passed on is called for whom it was passed on to.
    fn serve(&mut self, end: &Rc<End>, call: u64, name: Name, target: Value, args: Vec<Variable>) -> Checked {
        match &target {
            Value::Held(handle) if handle.end.is_dead.get() => self.give_answer(end, call, &[]),
            Value::Held(handle) => {
                let behalf = Some((end.clone(), call));
                self.start_call(
                    &handle.end.clone(),
                    handle.id,
                    name,
                    &args,
                    Pending { _target: target, behalf },
                )
            }
            _ if SERVED <= self.served.len() => self.give_answer(end, call, &args),
            _ => {
                self.served.push(Served { end: end.clone(), call, args, _target: target });
                Ok(())
            }
        }
    }

    /// A plugin's process dies with all that it owns and holds, and the next one starts with nothing.
    fn restart(&mut self) -> Checked {
        let plugin = 1 + self.random.below(2);
        self.tell(Step::Restart { plugin });
        self.seen.restarts += 1;
        self.sessions += 1;
        let next = End::pair(self.sessions, plugin, self.fault);
        let (host, gone) = std::mem::replace(&mut self.pairs[plugin - 1], next);
        let variables = std::mem::take(&mut self.variables[plugin]);
        let (lost, kept) = std::mem::take(&mut self.served)
            .into_iter()
            .partition(|served: &Served| Rc::ptr_eq(&served.end, &gone) || Rc::ptr_eq(&served.end, &host));
        self.served = kept;
        let _unanswered = gone.die();
        for pending in host.die() {
            if let Some((asker, call)) = &pending.behalf
                && !asker.is_dead.get()
            {
                self.give_answer(asker, *call, &[])?;
            }
        }
        drop::<(Vec<Served>, Vec<Variable>)>((lost, variables));
        self.dead.push((host, gone));
        Ok(())
    }

    // -- Values ----------------------------------------------------------------------------------------------------

    /// Encodes, and checks that a function which the other side has in a variable keeps its ID.
    fn encode(&mut self, end: &Rc<End>, values: &[Variable]) -> Result<(Values, Vec<Value>), String> {
        let other = end.peer().party;
        let is_kept = |name: Name| {
            // Its variable may be of another connection than this one only for the host, which has two.
            other != 0 && self.variables[other].iter().any(|(known, _)| *known == name)
        };
        let mut kept = Vec::new();
        for (name, value) in values {
            let goes_home = matches!(value, Value::Held(handle) if Rc::ptr_eq(&handle.end, end));
            if !goes_home && is_kept(*name) {
                kept.push((*name, end.last_id_of(*name)));
            }
        }
        let encoded = end.encode(values)?;
        self.seen.too_many += u64::from(encoded.0.is_empty() && !values.is_empty());
        let is_passed_on =
            |value: &Value| matches!(value, Value::Held(handle) if !Rc::ptr_eq(&handle.end, end));
        self.seen.passed_on += values.iter().filter(|(_, value)| is_passed_on(value)).count() as u64;
        for (name, before) in kept {
            let now = end.last_id_of(name);
            if before.is_some() && now != before {
                return Err(format!("function {name} is held as {before:x?} and was sent as {now:x?}"));
            }
        }
        Ok(encoded)
    }

    fn decode(&mut self, end: &Rc<End>, values: Values) -> Result<Vec<Variable>, String> {
        let mut decoded = Vec::new();
        for (name, sent) in values {
            let refuse = self.random.once_in(8);
            self.seen.came_home += u64::from(matches!(sent, Sent::Home(_)));
            match end.decode(name, sent, refuse)? {
                Some(value) => {
                    self.check_same(end, name, &value)?;
                    decoded.push((name, value));
                }
                None => self.seen.refused += 1,
            }
        }
        Ok(decoded)
    }

    /// A party that has the function already gets the very same thing.
    fn check_same(&self, end: &Rc<End>, name: Name, value: &Value) -> Checked {
        let is_other = |known: &Value| match (known, value) {
            (Value::Held(known), Value::Held(value)) => !Rc::ptr_eq(known, value),
            (Value::Own(known), Value::Own(value)) => known != value,
            _ => true,
        };
        let same_name = |(known, _): &&Variable| *known == name;
        match self.variables[end.party].iter().find(same_name) {
            Some((_, known)) if is_other(known) => {
                Err(format!("party {} has function {name} twice", end.party))
            }
            _ => Ok(()),
        }
    }

    fn keep_some(&mut self, party: usize, values: Vec<Variable>) {
        for variable in values {
            if !self.random.once_in(3) {
                self.keep(party, variable);
            }
        }
    }

    fn keep(&mut self, party: usize, variable: Variable) {
        if VARIABLES <= self.variables[party].len() {
            let index = self.random.below(VARIABLES);
            let _dropped = std::mem::replace(&mut self.variables[party][index], variable);
        } else {
            self.variables[party].push(variable);
        }
    }

    fn any_variables(&mut self, party: usize) -> Vec<Variable> {
        let count = 1 + self.random.below(3);
        (0..count).filter_map(|_| self.random.any_of(&self.variables[party]).cloned()).collect()
    }

    // -- The ends --------------------------------------------------------------------------------------------------

    fn push(&self, end: &Rc<End>, message: Message, is_long: bool) {
        end.out.borrow_mut().push(message, is_long);
    }

    fn any_end(&mut self, party: usize) -> Rc<End> {
        match party {
            0 => self.pairs[self.random.below(2)].0.clone(),
            plugin => self.pairs[plugin - 1].1.clone(),
        }
    }

    fn any_end_of_all(&mut self) -> Rc<End> {
        let (host, plugin) = &self.pairs[self.random.below(2)];
        if self.random.once_in(2) { host.clone() } else { plugin.clone() }
    }

    fn ends(&self) -> Vec<Rc<End>> {
        self.pairs.iter().flat_map(|(host, plugin)| [host.clone(), plugin.clone()]).collect()
    }

    fn process_of(&self, party: usize) -> u32 {
        if party == 0 { 0 } else { self.pairs[party - 1].1.session }
    }

    fn tell(&mut self, step: Step) {
        if self.told.len() == TOLD {
            self.told.pop_front();
        }
        self.told.push_back(step);
    }
}
