//! What a manifest asks for: permissions, other plugins, and more of the runner's limits.

use std::collections::HashSet;

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use plughold_protocol::limits as protocol;

use super::{requirement, text};
use crate::document::{Fields, kind};
use crate::id::PackageId;
use crate::limits;
use crate::order::Dependency;
use crate::package::{LimitsRequest, Permission};
use crate::problem::quoted;
use crate::scope::{Scope, ScopeError};
use crate::size;

/// The permissions, each once.
pub(super) fn permissions(fields: &mut Fields<'_, '_>) -> Vec<Permission> {
    let Some(list) = fields.list("permissions") else { return Vec::new() };
    let mut seen = HashSet::new();
    let mut permissions = Vec::new();
    for value in &list.elements {
        let Some(permission) = permission(fields, value) else { continue };
        if seen.insert(permission.name.clone()) {
            permissions.push(permission);
        } else {
            fields.problem(
                value.range(),
                format!("the permission \"{}\" is asked for a second time", permission.name),
            );
        }
    }
    permissions
}

fn permission(fields: &mut Fields<'_, '_>, value: &Value<'_>) -> Option<Permission> {
    let (name, reason) = match value {
        Value::StringLit(_) => (fields.as_text(value, "a permission", limits::PERMISSION)?, None),
        Value::Object(object) => {
            let mut fields = Fields { document: fields.document, object, problems: fields.problems };
            fields.only(&["name", "reason"]);
            if fields.get("name").is_none() {
                fields.problem(object.range, "a permission needs the key \"name\"");
            }
            let reason = text(&mut fields, "reason");
            (fields.text("name", limits::PERMISSION)?, reason)
        }
        other => {
            let message =
                format!("a permission is a string or an object with \"name\", found {}", kind(other));
            fields.problem(other.range(), message);
            return None;
        }
    };
    let (name, range) = name;
    match Scope::parse(&name) {
        Ok(_) => {}
        Err(ScopeError::Name) => {
            let words = format!("expected a permission such as \"notes.read\", found {}", quoted(&name));
            fields.problem(range, words);
            return None;
        }
        Err(error) => {
            fields.problem(range, format!("the permission {}: {error}", quoted(&name)));
            return None;
        }
    }
    Some(Permission::new(name, reason))
}

/// The plugins that have to be there, each once.
pub(super) fn dependencies(fields: &mut Fields<'_, '_>) -> Vec<Dependency> {
    let object = match fields.get("dependencies") {
        None => return Vec::new(),
        Some(Value::Object(object)) => object,
        Some(other) => {
            fields
                .problem(other.range(), format!("\"dependencies\" must be an object, found {}", kind(other)));
            return Vec::new();
        }
    };
    let count = object.properties.len();
    if limits::LIST < count {
        let message = format!("\"dependencies\" has {count} keys, expected at most {}", limits::LIST);
        fields.problem(object.range, message);
        return Vec::new();
    }
    let own = fields.get("id").and_then(|value| value.as_string_lit()).map(|id| id.value.as_ref());
    let mut seen = HashSet::new();
    let mut dependencies = Vec::new();
    let mut fields = Fields { document: fields.document, object, problems: fields.problems };
    for property in &object.properties {
        let id = property.name.as_str();
        let problem = match PackageId::native(id) {
            Err(error) => Some(error.to_string()),
            Ok(_) if own == Some(id) => Some(format!("the plugin \"{id}\" needs itself")),
            Ok(id) if !seen.insert(id.clone()) => {
                Some(format!("the plugin \"{id}\" is needed a second time"))
            }
            Ok(id) => {
                let range = fields.as_text(&property.value, &format!("the range of \"{id}\""), limits::LINE);
                let range = range.and_then(|(text, at)| {
                    requirement(&text).map_err(|message| fields.problem(at, message)).ok()
                });
                dependencies.extend(range.map(|range| Dependency { id, range }));
                None
            }
        };
        match problem {
            Some(message) if id.contains(['@', '/']) => fields.problem_with_help(
                property.range,
                message,
                "\"dependencies\" are other plugins; packages of npm have to be bundled into the plugin's own code",
            ),
            Some(message) => fields.problem(property.range, message),
            None => {}
        }
    }
    dependencies
}

/// The limits that it wants other than they are.
pub(super) fn limits_request(fields: &mut Fields<'_, '_>) -> LimitsRequest {
    let object = match fields.get("limits") {
        None => return LimitsRequest::default(),
        Some(Value::Object(object)) => object,
        Some(other) => {
            fields.problem(other.range(), format!("\"limits\" must be an object, found {}", kind(other)));
            return LimitsRequest::default();
        }
    };
    let mut fields = Fields { document: fields.document, object, problems: fields.problems };
    fields.only(&["memory", "stack"]);
    LimitsRequest {
        memory: bytes(&mut fields, "memory", protocol::MEMORY_MIN, protocol::MEMORY_MAX),
        stack: bytes(&mut fields, "stack", limits::STACK_MIN, protocol::STACK_MAX),
    }
}

/// The field as a size: a number of bytes, or a text with a unit.
fn bytes(fields: &mut Fields<'_, '_>, key: &str, least: u64, most: u64) -> Option<u64> {
    let value = fields.get(key)?;
    let parsed = match value {
        Value::NumberLit(number) => number
            .value
            .parse::<u64>()
            .map_err(|_| format!("expected a whole number of bytes, found {}", quoted(number.value))),
        Value::StringLit(text) => size::parse(&text.value),
        other => {
            Err(format!("expected a size such as \"64 MiB\" or a number of bytes, found {}", kind(other)))
        }
    };
    let problem = match parsed {
        Ok(bytes) if bytes < least || most < bytes => {
            format!(
                "{} is out of range, expected {} to {}",
                size::show(bytes),
                size::show(least),
                size::show(most)
            )
        }
        Ok(bytes) => return Some(bytes),
        Err(message) => message,
    };
    fields.problem(value.range(), format!("\"{key}\": {problem}"));
    None
}
