//! The platform Joplin, as the command opens it.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::platform::{ExecuteError, Executing, Platform};
use plughold::{Json, PluginId};
use plughold_joplin::Joplin;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Opens Joplin with the notes and settings in `profile`, or in the user's own profile for this command. It is made if it
/// is absent.
pub(crate) fn open(profile: Option<&Path>) -> anyhow::Result<Joplin> {
    let profile = match profile {
        Some(profile) => profile.to_owned(),
        None => default_profile(env::var_os("XDG_DATA_HOME"), env::var_os("HOME"))?,
    };
    Ok(Joplin::open(profile)?)
}

impl Platform for Joplin {
    fn data(&self) -> Option<PathBuf> {
        Some(self.profile().plugins_data())
    }

    fn commands(&self, plugin: &PluginId) -> Vec<String> {
        Joplin::commands(self, plugin)
    }

    fn execute<'a>(&'a self, name: &'a str, args: Vec<Json>) -> Executing<'a> {
        Box::pin(async move {
            Joplin::execute(self, name, args).await.map_err(|error| match error {
                plughold_joplin::ExecuteError::Unknown { .. } => ExecuteError::Unknown,
                plughold_joplin::ExecuteError::Call(error) => ExecuteError::Call(error),
            })
        })
    }
}

/// Where the user's programs keep their data, by the rules of freedesktop.org: a relative path does not count.
fn default_profile(data_home: Option<OsString>, home: Option<OsString>) -> Result<PathBuf, Failure> {
    let absolute = |path: Option<OsString>| path.map(PathBuf::from).filter(|path| path.is_absolute());
    let data = absolute(data_home).or_else(|| Some(absolute(home)?.join(".local/share")));
    let data = data.ok_or_else(|| {
        Failure::new(Exit::Failed, "it is not known where this user's data is kept")
            .with_detail("neither XDG_DATA_HOME nor HOME names a folder")
            .with_help("name a folder with --profile DIR")
    })?;
    Ok(data.join("plughold/joplin"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(data_home: Option<&str>, home: Option<&str>, expected: Option<&str>) {
        let profile = default_profile(data_home.map(OsString::from), home.map(OsString::from)).ok();
        assert_eq!(profile, expected.map(PathBuf::from));
    }

    #[test]
    fn the_profile_is_with_the_users_data() {
        check(Some("/data"), Some("/home/ann"), Some("/data/plughold/joplin"));
        check(None, Some("/home/ann"), Some("/home/ann/.local/share/plughold/joplin"));
        check(Some("relative"), Some("/home/ann"), Some("/home/ann/.local/share/plughold/joplin"));
        check(None, None, None);
    }
}
