//! Calls of what a plugin holds of the host.

use crate::api::{Invocation, run};
use crate::callback::{Description, Target};
use crate::figures::account::Kind;
use crate::live::Thing;
use crate::permissions::guard::given_under;
use crate::session::Session;
use crate::text::clean_line;
use crate::value::{Incoming, Thrown, forward};
use plughold_package::Scope;
use plughold_protocol::limits;
use plughold_protocol::record::Target as WireTarget;
use plughold_protocol::spelling::{distance, mistakes};
use std::sync::Arc;

/// A thing that the plugin holds, and what it wants of it.
#[derive(Debug)]
pub(crate) struct Held {
    thing: Thing,
    member: Member,
    name: Arc<str>,
    /// The permission that it was given under.
    under: Option<Arc<Scope>>,
}

/// What is called of a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Member {
    Itself,
    Method(String),
    Accessor(String),
}

impl Session {
    /// The thing that a call of the plugin is for. None if the call is for something else than a thing; the error says in
    /// words which rule of the protocol it breaks.
    pub(crate) fn held(&self, target: &WireTarget) -> Result<Option<Held>, String> {
        let (id, member) = match target {
            WireTarget::Function(id) => (*id, Member::Itself),
            WireTarget::Method(id, name) => (*id, Member::Method((*name).to_owned())),
            WireTarget::Property(id, name) => (*id, Member::Accessor((*name).to_owned())),
            WireTarget::Api(_) | WireTarget::Export(_) | WireTarget::Service(_) => return Ok(None),
        };
        if let Member::Method(name) | Member::Accessor(name) = &member
            && limits::NAME < name.len()
        {
            return Err(format!("a call of a member whose name has {} bytes", name.len()));
        }
        let Some((thing, under)) = self.exports().called(id) else {
            return Err(format!("a call of the reference {id}, which the plugin does not hold"));
        };
        let name = name_of(&thing, &member);
        Ok(Some(Held { thing, member, name, under }))
    }
}

impl Held {
    /// As plugins write it, for traces and errors.
    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// What its calls are counted as.
    pub(crate) fn kind(&self) -> Kind {
        if self.member == Member::Itself { Kind::Named } else { Kind::Member }
    }

    /// Starts what is called. The answer is sent by itself.
    pub(crate) fn invoke(self, invocation: Invocation, args: Incoming) {
        let Held { thing, member, name, under } = self;
        let session = invocation.session.clone();
        let start = |invocation: Invocation| match &thing {
            Thing::Function(function) if member == Member::Itself => (function.handler())(invocation, args),
            Thing::Object(object) => {
                let handler = match &member {
                    Member::Method(name) => object.method(name),
                    Member::Accessor(name) => object.accessor(name),
                    Member::Itself => None,
                };
                let (_, handler) = handler.ok_or_else(|| missing(&member, object.names()))?;
                handler(invocation, args)
            }
            Thing::Theirs(reference) => {
                let target = match (&member, reference.description()) {
                    (Member::Itself, None) => Target::Function(reference.clone()),
                    (Member::Method(name), Some(Description { methods, .. })) if methods.contains(name) => {
                        Target::Method(reference.clone(), name.clone())
                    }
                    (Member::Accessor(name), Some(Description { accessors, .. }))
                        if accessors.contains(name) =>
                    {
                        Target::Property(reference.clone(), name.clone())
                    }
                    (_, Some(Description { methods, accessors, .. })) => {
                        return Err(missing(&member, (methods, accessors)));
                    }
                    (_, None) => return Err(missing(&member, (&[], &[]))),
                };
                forward::call(reference.session(), target, invocation, args)
            }
            Thing::Method(object, name) if member == Member::Itself => {
                let target = Target::Method(object.clone(), (**name).to_owned());
                forward::call(object.session(), target, invocation, args)
            }
            Thing::Function(_) | Thing::Method(..) => Err(missing(&member, (&[], &[]))),
        };
        run(invocation, &name, |invocation| match &under {
            Some(scope) => given_under(scope, invocation, start),
            None => start(invocation),
        });
        if thing.disposal().is_some_and(|disposal| disposal.is_done()) {
            session.exports().disposed(&thing);
        }
    }
}

fn name_of(thing: &Thing, member: &Member) -> Arc<str> {
    let class = match thing {
        Thing::Function(function) => return function.path().clone(),
        Thing::Method(object, name) => {
            let class = object.description().map_or("", |description| &description.class);
            return member_name(class, name);
        }
        Thing::Object(object) => object.class(),
        Thing::Theirs(reference) => match reference.description() {
            Some(description) => &description.class,
            None => return format!("a function of {}", reference.plugin()).into(),
        },
    };
    match member {
        Member::Itself => class.into(),
        Member::Method(name) | Member::Accessor(name) => member_name(class, name),
    }
}

/// Plugins choose these names, and they stand in errors and traces of others.
fn member_name(class: &str, name: &str) -> Arc<str> {
    format!("{class}.{}", clean_line(name, limits::NAME)).into()
}

/// What a plugin is told that calls what is not there.
fn missing(member: &Member, (methods, accessors): (&[String], &[String])) -> Thrown {
    /// Members that are compared: a plugin can ask for it with each call.
    const COMPARED: usize = 64;
    let (name, what, known) = match member {
        Member::Itself => return Thrown::new("TypeError", "an object cannot be called"),
        Member::Method(name) => (name, "method", methods),
        Member::Accessor(name) => (name, "property", accessors),
    };
    let most = mistakes(name);
    let near = known.iter().take(COMPARED).filter_map(|known| Some((distance(name, known, most)?, known)));
    let meant = near.min();
    let words = match meant {
        Some((_, meant)) => format!("there is no such {what}; did you mean {meant}?"),
        None => format!("there is no such {what}"),
    };
    Thrown::new("TypeError", words).with_code("E_UNKNOWN")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_told() {
        let names = |names: &[&str]| Vec::from_iter(names.iter().map(|name| (*name).to_owned()));
        let (methods, accessors) = (names(&["add", "dispose"]), names(&["count"]));
        let words = |member| missing(&member, (&methods, &accessors)).message;
        assert_eq!(words(Member::Method("dispse".into())), "there is no such method; did you mean dispose?");
        assert_eq!(words(Member::Method("count".into())), "there is no such method");
        assert_eq!(words(Member::Accessor("cuont".into())), "there is no such property; did you mean count?");
        assert_eq!(words(Member::Itself), "an object cannot be called");
    }
}
