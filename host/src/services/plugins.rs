//! `plugins.get(id, {blocking})`: the exports of another plugin, as an object by reference.
//!
//! Its class has the name of the plugin and its methods are what the plugin exports. A call of one goes to the process that
//! was active when the object was given, with nothing decoded on the way; when that is gone, calls throw `E_GONE` and
//! `plugins.get` gives the next one.

use super::Request;
use crate::api::{Erased, Functions, Invocation, Running};
use crate::callback::Target;
use crate::live::Object;
use crate::session::Session;
use crate::text::clean_line;
use crate::value::{Incoming, encode, forward};
use crate::{CallError, Permission, Thrown};
use plughold_protocol::limits;
use serde::Deserialize;
use std::future::ready;
use std::sync::Arc;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Options {
    /// The methods return and throw instead of giving promises, and block the plugin.
    blocking: bool,
}

/// Gives the exports of a plugin that the manifest declares as a dependency, if it was granted and is active; one that rests
/// is started.
pub(super) fn get(request: Request) -> Result<Running, Thrown> {
    let Request { plugins, functions, invocation, args } = request;
    let argument_error = |words| Thrown::new("TypeError", words);
    let id: String = args.argument(0).map_err(argument_error)?;
    let options: Option<Options> = args.argument(1).map_err(argument_error)?;
    let Options { blocking } = options.unwrap_or_default();
    check_may_use(&invocation, functions, &id)?;
    let Some(plugin) = plugins.get(&id) else {
        return Err(Thrown::new("Error", format!("there is no plugin {id}"))
            .with_code("E_GONE")
            .with_field("plugin", id));
    };
    let give = move |object: &Object| {
        let encoded = encode(object, invocation.session.exports());
        encoded.map_err(|error| CallError::from(error).to_thrown())
    };
    if let Ok(object) = plugin.offered(blocking) {
        return Ok(Box::pin(ready(Ok(give(&object)?))));
    }
    // One that rests is started.
    Ok(Box::pin(async move {
        let object = plugin.awake().await.and_then(|()| plugin.offered(blocking));
        let given = object.map_err(|error| error.to_thrown()).and_then(|object| give(&object));
        given.map_err(|thrown| thrown.to_value())
    }))
}

/// The exports of the plugin in this session as an object.
pub(crate) fn offer(session: &Arc<Session>, exports: &[String], blocking: bool) -> Object {
    let object = Object::builder(session.plugin().as_str(), ());
    let object = if blocking { object.blocking() } else { object };
    // One more than can be sent is enough to refuse it: each is looked for among those before.
    let exports = exports.iter().take(limits::OBJECT_MEMBERS + 1);
    exports.fold(object, |object, name| object.erased_method(name, passed_on(session, name))).build()
}

fn passed_on(session: &Arc<Session>, name: &str) -> Erased {
    let (session, name) = (session.clone(), name.to_owned());
    Arc::new(move |invocation: Invocation, args: Incoming| {
        forward::call(&session, Target::Export(name.clone()), invocation, args)
    })
}

/// A plugin may use another if its manifest declares that, and it was granted.
pub(super) fn check_may_use(invocation: &Invocation, functions: &Functions, id: &str) -> Result<(), Thrown> {
    check_declared(invocation, id)?;
    let permission = Permission::to_use(id).name;
    if functions.is_granted(&permission) {
        return Ok(());
    }
    let words = format!("permission denied: {permission} was not granted");
    Err(denied(words).with_field("permission", permission))
}

fn check_declared(invocation: &Invocation, id: &str) -> Result<(), Thrown> {
    let package = &invocation.package;
    if package.dependencies.iter().any(|dependency| dependency.id.as_str() == id) {
        return Ok(());
    }
    if package.id.as_str() == id {
        return Err(denied("a plugin does not get itself: its own exports are at hand".to_owned()));
    }
    let shown = clean_line(id, limits::NAME);
    Err(denied(format!(
        "plugin {shown} is not declared as a dependency: write \"dependencies\": {{ \"{shown}\": \"*\" }} into the manifest"
    )))
}

fn denied(words: String) -> Thrown {
    Thrown::new("PermissionDenied", words).with_code("E_DENIED")
}
