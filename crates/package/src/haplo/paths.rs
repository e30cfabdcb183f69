//! Which paths of requests and of files a plugin may have.

/// Tells whether a plugin may claim the requests below this path: `/do/NAME` or `/api/NAME`.
///
/// # Errors
///
/// Haplo's words for a path that is neither.
pub fn check_root(root: &str) -> Result<(), String> {
    let name = root.strip_prefix("/do/").or_else(|| root.strip_prefix("/api/"));
    match name {
        Some(name) if !name.is_empty() && !name.contains(|c: char| c == '/' || c.is_whitespace()) => Ok(()),
        _ => Err(format!("Bad plugin respond path {root}")),
    }
}

/// Tells whether a plugin may declare a handler for this path.
///
/// # Errors
///
/// Haplo's words for a path that it does not take.
pub fn check_handler(path: &str) -> Result<(), String> {
    let is_word = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-');
    let bytes = path.as_bytes();
    let is_good = bytes.first() == Some(&b'/')
        && bytes.last().is_some_and(|last| is_word(*last))
        && bytes.iter().all(|c| is_word(*c) || *c == b'/');
    if is_good {
        return Ok(());
    }
    Err(format!(
        "Bad path ('{path}') when declaring a handler function. Must start with /, only contain /a-zA-Z0-9_-, and must \
         not end with a /"
    ))
}

/// Tells whether a file of a plugin can be reached by this name: folders of letters, digits, `_` and `-`, then a name of
/// the same with exactly one dot in it.
pub fn is_bundled_name(path: &str) -> bool {
    let is_plain = |text: &str| {
        !text.is_empty() && text.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-'))
    };
    let (folders, name) = match path.rsplit_once('/') {
        Some((folders, name)) => (Some(folders), name),
        None => (None, path),
    };
    let is_extension = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_alphanumeric());
    name.split_once('.').is_some_and(|(stem, extension)| is_plain(stem) && is_extension(extension))
        && folders.is_none_or(|folders| folders.split('/').all(is_plain))
}
