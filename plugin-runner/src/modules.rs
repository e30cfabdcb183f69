//! Imports: the host says what stands behind a specifier, while the runner waits.

use crate::engine::Js;
use crate::incoming::{self, Violation};
use crate::serve;
use crate::session::Session;
use crate::thrown;
use plughold_protocol::page::State;
use plughold_protocol::record::Refusal;
use plughold_protocol::{Message, limits};
use std::ffi::CStr;

/// Bytes of other messages that may arrive while a module is waited for.
const DEFERRED: usize = 16 << 20;

/// Imports on their way.
pub(crate) struct Modules {
    asked: u64,
    /// Own name and text of the module that was resolved last, until the engine takes it.
    resolved: Option<(String, String)>,
}

impl Modules {
    /// None.
    pub(crate) fn new() -> Modules {
        Modules { asked: 0, resolved: None }
    }
}

/// Asks the host what `specifier` means in the file `referrer`; gives the module's own name. The error is the
/// host's, or says that the specifier is too long to be asked for.
pub(crate) fn resolve(session: &Session, specifier: &CStr, referrer: &CStr) -> Js<String> {
    if !session.has_modules {
        return Err(thrown::error("this application serves no modules"));
    }
    let length = specifier.count_bytes();
    if limits::NAME < length {
        let most = limits::NAME;
        return Err(thrown::type_error(&format!(
            "a specifier of {length} bytes; at most {most} are allowed"
        )));
    }
    let (specifier, referrer) = (&*specifier.to_string_lossy(), &*referrer.to_string_lossy());
    let mut modules = session.modules.borrow_mut();
    modules.asked += 1;
    let id = modules.asked;
    drop(modules);
    session.send(&Message::ModuleRequest { id, specifier, referrer });
    serve::flush(session);
    session.page.set_state(State::Waiting);
    let answer = wait(session, id, specifier);
    session.page.set_state(State::Busy);
    let (name, text) = answer.map_err(|words| thrown::error(&words))?;
    session.modules.borrow_mut().resolved = Some((name.clone(), text));
    Ok(name)
}

/// The text of the module that was just resolved.
pub(crate) fn take(session: &Session, name: &str) -> Js<String> {
    let resolved = session.modules.borrow_mut().resolved.take();
    match resolved {
        Some((resolved, text)) if resolved == name => Ok(text),
        _ => Err(thrown::error(&format!("the module {name:?} was not resolved"))),
    }
}

/// Reads until the answer comes; everything else is kept for the turns after this one.
fn wait(session: &Session, id: u64, specifier: &str) -> Result<(String, String), String> {
    let mut receiver = session.receiver.borrow_mut();
    loop {
        match receiver.next() {
            Ok(None) => receiver.wait(),
            Ok(Some(body)) => match incoming::message(body) {
                Ok(Message::Module { id: answered, source, error }) if answered == id => {
                    return match source {
                        Some(source) => Ok((source.name.to_owned(), source.text.to_owned())),
                        None => Err(error.unwrap_or(specifier).to_owned()),
                    };
                }
                Ok(Message::Module { id: answered, .. }) => {
                    let words = format!("expected the module {id}, found the module {answered}");
                    serve::refuse(session, &Violation::order(words));
                }
                Ok(_) => {
                    let body = body.to_vec();
                    if DEFERRED < receiver.defer(body) {
                        let words = format!("more than {DEFERRED} bytes while a module is waited for");
                        serve::refuse(session, &Violation { why: Refusal::Limit, words });
                    }
                }
                Err(violation) => serve::refuse(session, &violation),
            },
            Err(error) => {
                serve::refuse(session, &Violation::malformed(format!("the host sent {error}")));
            }
        }
    }
}
