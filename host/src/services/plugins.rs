//! `plugins.get(id, {blocking})`: the exports of another plugin, as an object by reference.
//!
//! Its class has the name of the plugin and its methods are what the plugin exports. A call of one goes to the process that
//! was active when the object was given, with nothing decoded on the way; when that is gone, calls throw `E_GONE` and
//! `plugins.get` gives the next one.

use super::Request;
use crate::api::{Erased, Invocation, Running};
use crate::callback::Target;
use crate::live::Object;
use crate::permissions::guard::{given_under, guarded};
use crate::session::Session;
use crate::text::clean_line;
use crate::value::{Incoming, encode, forward};
use crate::{CallError, Permission, Plugin, Thrown};
use plughold_package::{Dependency, Scope};
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
    let Request { plugins, invocation, args, .. } = request;
    let argument_error = |words| Thrown::new("TypeError", words);
    let id: String = args.argument(0).map_err(argument_error)?;
    let options: Option<Options> = args.argument(1).map_err(argument_error)?;
    let Options { blocking } = options.unwrap_or_default();
    let permission = permission_to_use(&invocation, &id)?;
    let plugin = plugins.get(&id);
    guarded(&permission, None, invocation, move |invocation| give(plugin, id, blocking, invocation))
}

fn give(
    plugin: Option<Plugin>,
    id: String,
    blocking: bool,
    invocation: Invocation,
) -> Result<Running, Thrown> {
    let Some(plugin) = plugin else {
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
        let object = offered_awake(&plugin, blocking).await;
        let given = object.map_err(|error| error.to_thrown()).and_then(|object| give(&object));
        given.map_err(|thrown| thrown.to_value())
    }))
}

/// The exports of a plugin once it is awake. Between the two it may have gone to rest again.
async fn offered_awake(plugin: &Plugin, blocking: bool) -> Result<Object, CallError> {
    loop {
        plugin.awake().await?;
        if let Ok(object) = plugin.offered(blocking) {
            return Ok(object);
        }
    }
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
    // It is handed out under this permission, and passed on as any other object: to those that never asked for it too.
    let permission = Scope::parse(&Permission::to_use(session.plugin().as_str()).name).ok().map(Arc::new);
    Arc::new(move |invocation: Invocation, args: Incoming| {
        let call = |invocation| forward::call(&session, Target::Export(name.clone()), invocation, args);
        match &permission {
            Some(scope) => given_under(scope, invocation, call),
            None => call(invocation),
        }
    })
}

/// What a plugin needs to use another one that its manifest declares.
pub(super) fn permission_to_use(invocation: &Invocation, id: &str) -> Result<Arc<Scope>, Thrown> {
    declared(invocation, id)?;
    // A declared id is part of a permission.
    let scope = Scope::parse(&Permission::to_use(id).name);
    scope.map(Arc::new).map_err(|error| denied(format!("permission denied: {error}")))
}

/// What the manifest of the plugin says of another one that it needs.
pub(super) fn declared<'i>(invocation: &'i Invocation, id: &str) -> Result<&'i Dependency, Thrown> {
    let package = &invocation.package;
    if let Some(declared) = package.dependencies.iter().find(|dependency| dependency.id.as_str() == id) {
        return Ok(declared);
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
