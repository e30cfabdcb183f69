//! `joplin.data.*`: the data API for plugins, with the events that follow a change.

use plughold::{Api, Cx, Json};
use serde_json::Value;

use crate::Joplin;
use crate::events::NoteChange;
use crate::failure::Failure;
use crate::store::data::{self, DataError, Query};
use crate::store::user_data::{self, ItemKind};
use crate::turns::in_turn_of;

pub(crate) fn offer(api: Api<Joplin>) -> Api<Joplin> {
    api.function("data.get", get)
        .function("data.post", post)
        .function("data.put", put)
        .function("data.delete", delete)
        .function("data.itemType", item_type)
        .function("data.resourcePath", resource_path)
        .function("data.userDataGet", user_data_get)
        .function("data.userDataSet", user_data_set)
        .function("data.userDataDelete", user_data_delete)
}

async fn get(cx: Cx<Joplin>, path: Vec<String>, query: Option<Json>) -> Result<Json, Failure> {
    in_turn_of(&cx, move |joplin, _| Ok(Json(data::get(joplin.store(), &path, &query_of(query)?)?))).await
}

async fn post(
    cx: Cx<Joplin>,
    path: Vec<String>,
    query: Option<Json>,
    body: Option<Json>,
    files: Option<Vec<Json>>,
) -> Result<Json, Failure> {
    refuse_files("data.post", files)?;
    in_turn_of(&cx, move |joplin, _| {
        let made = data::post(joplin.store(), &path, &query_of(query)?, &value_of(body))?;
        if let ([collection], Some(id)) = (path.as_slice(), made["id"].as_str()) {
            tell(joplin, collection, id, NoteChange::Created);
        }
        Ok(Json(made))
    })
    .await
}

async fn put(
    cx: Cx<Joplin>,
    path: Vec<String>,
    query: Option<Json>,
    body: Option<Json>,
    files: Option<Vec<Json>>,
) -> Result<Json, Failure> {
    refuse_files("data.put", files)?;
    in_turn_of(&cx, move |joplin, _| {
        let changed = data::put(joplin.store(), &path, &query_of(query)?, &value_of(body))?;
        if let [collection, id] = path.as_slice() {
            tell(joplin, collection, id, NoteChange::Updated);
        }
        Ok(Json(changed))
    })
    .await
}

async fn delete(cx: Cx<Joplin>, path: Vec<String>, query: Option<Json>) -> Result<(), Failure> {
    in_turn_of(&cx, move |joplin, _| {
        let query = query_of(query)?;
        data::delete(joplin.store(), &path, &query)?;
        if let [collection, id] = path.as_slice() {
            // What went to the trash is still a note.
            let change = if query.permanent { NoteChange::Deleted } else { NoteChange::Updated };
            tell(joplin, collection, id, change);
        }
        Ok(())
    })
    .await
}

async fn item_type(cx: Cx<Joplin>, id: String) -> Result<Option<i64>, Failure> {
    in_turn_of(&cx, move |joplin, _| Ok(user_data::kind_of(joplin.store(), &id)?.map(ItemKind::number))).await
}

async fn resource_path(cx: Cx<Joplin>, id: String) -> Result<String, Failure> {
    in_turn_of(&cx, move |joplin, _| path_of_resource(joplin, id)).await
}

fn path_of_resource(joplin: &Joplin, id: String) -> Result<String, Failure> {
    let query = Query { fields: vec!["id".into(), "file_extension".into()], ..Query::default() };
    let path = ["resources".to_string(), id];
    let resource = match data::get(joplin.store(), &path, &query) {
        Ok(resource) => resource,
        Err(DataError { http_code: 400 | 404, .. }) => {
            let [_, id] = path;
            return Err(Failure::new(format!("No such resource: {}", crate::failure::shown(&id))));
        }
        Err(error) => return Err(error.into()),
    };
    // Both may have come from a plugin; an id is checked when an item is made, an extension is not.
    let extension = resource["file_extension"].as_str().unwrap_or_default();
    let is_plain = !extension.is_empty() && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let mut name = resource["id"].as_str().unwrap_or_default().to_string();
    if is_plain {
        name = format!("{name}.{extension}");
    }
    Ok(joplin.profile().resources().join(name).to_string_lossy().into_owned())
}

async fn user_data_get(cx: Cx<Joplin>, kind: i64, id: String, key: String) -> Result<Option<Json>, Failure> {
    in_turn_of(&cx, move |joplin, plugin| {
        let kind = ItemKind::from_number(kind)?;
        Ok(user_data::get(joplin.store(), plugin.as_str(), kind, &id, &key)?.map(Json))
    })
    .await
}

async fn user_data_set(
    cx: Cx<Joplin>,
    kind: i64,
    id: String,
    key: String,
    value: Option<Json>,
) -> Result<(), Failure> {
    in_turn_of(&cx, move |joplin, plugin| {
        let kind = ItemKind::from_number(kind)?;
        Ok(user_data::set(joplin.store(), plugin.as_str(), kind, &id, &key, &value_of(value))?)
    })
    .await
}

async fn user_data_delete(cx: Cx<Joplin>, kind: i64, id: String, key: String) -> Result<(), Failure> {
    in_turn_of(&cx, move |joplin, plugin| {
        let kind = ItemKind::from_number(kind)?;
        Ok(user_data::delete(joplin.store(), plugin.as_str(), kind, &id, &key)?)
    })
    .await
}

fn tell(joplin: &Joplin, collection: &str, id: &str, change: NoteChange) {
    match collection {
        "notes" => joplin.note_changed(id, change),
        "resources" => joplin.resource_changed(id),
        _ => {}
    }
}

/// A plugin's process opens no files, and the host opens none for it: a path could be any file of the user.
fn refuse_files(method: &str, files: Option<Vec<Json>>) -> Result<(), Failure> {
    if files.is_none_or(|files| files.is_empty()) {
        Ok(())
    } else {
        Err(Failure::not_supported(&format!("{method} with files")))
    }
}

fn query_of(query: Option<Json>) -> Result<Query, Failure> {
    Ok(Query::from_value(&value_of(query))?)
}

/// What was left out is null.
fn value_of(given: Option<Json>) -> Value {
    given.map_or(Value::Null, |Json(value)| value)
}
