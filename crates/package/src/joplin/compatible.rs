//! Which Joplin a plugin works with.

use std::cmp::Ordering;

use super::JoplinManifest;
use crate::problem::quoted;

/// The kinds of device for which Joplin exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Platform {
    /// A computer.
    Desktop,
    /// A telephone or a tablet.
    Mobile,
}

impl Platform {
    /// The name in manifests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Mobile => "mobile",
        }
    }
}

/// Why a plugin is not started by this Joplin. The quoted versions are cut and escaped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Incompatible {
    /// The plugin needs a newer Joplin.
    #[error("the plugin needs Joplin {needed} or later, this is {found}")]
    Version {
        /// The oldest version that the manifest allows.
        needed: String,
        /// The version that it was compared with.
        found: String,
    },
    /// The plugin is for other devices.
    #[error("the plugin is not for {}", .0.name())]
    Platform(Platform),
    /// The version that was asked about is not one.
    #[error("expected a version of Joplin such as \"3.7.0\", found {0}")]
    NotAVersion(String),
}

impl JoplinManifest {
    /// Tells whether the plugin is for such devices. A manifest without platforms is for desktop alone.
    pub fn supports(&self, platform: Platform) -> bool {
        match self.platforms.as_slice() {
            [] => platform == Platform::Desktop,
            platforms => platforms.iter().any(|name| name == platform.name()),
        }
    }

    /// Tells whether Joplin `app_version` on this platform starts the plugin. Versions are compared number by number,
    /// missing ones are zero, and what follows `-` or `+` is ignored. On mobile `app_min_version_mobile` counts if it
    /// is there.
    ///
    /// # Errors
    ///
    /// Why the plugin is not started.
    pub fn is_compatible(&self, app_version: &str, platform: Platform) -> Result<(), Incompatible> {
        let mobile = self.app_min_version_mobile.as_ref().filter(|_| platform == Platform::Mobile);
        let needed = mobile.unwrap_or(&self.app_min_version);
        if !self.supports(platform) {
            return Err(Incompatible::Platform(platform));
        }
        let Some(app) = parse(app_version) else {
            return Err(Incompatible::NotAVersion(quoted(app_version)));
        };
        // A manifest with a minimum that is no version was never opened.
        match parse(needed).map(|needed| app.cmp(&needed)) {
            Some(Ordering::Equal | Ordering::Greater) => Ok(()),
            _ => Err(Incompatible::Version { needed: quoted(needed), found: quoted(app_version) }),
        }
    }
}

/// The most numbers in a version.
const PARTS: usize = 4;

pub(super) fn parse(text: &str) -> Option<[u64; PARTS]> {
    let text = text.trim();
    let text = text.strip_prefix('v').unwrap_or(text);
    let numbers = text.split(['-', '+']).next().unwrap_or(text);
    let mut version = [0; PARTS];
    for (place, part) in numbers.split('.').enumerate() {
        if !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *version.get_mut(place)? = part.parse().ok()?;
    }
    Some(version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Platform::{Desktop, Mobile};

    #[test]
    fn versions() {
        assert_eq!(parse("1.4"), Some([1, 4, 0, 0]));
        assert_eq!(parse("v3.0.2-beta.1"), Some([3, 0, 2, 0]));
        assert_eq!(parse("1.2.3.4"), Some([1, 2, 3, 4]));
        for wrong in ["", ".", "1.", "x", "1.x", "+1", "1.2.3.4.5", "99999999999999999999"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    fn manifest(needed: &str, mobile: Option<&str>, platforms: &[&str]) -> JoplinManifest {
        JoplinManifest {
            manifest_version: 1.0,
            app_min_version: needed.to_owned(),
            app_min_version_mobile: mobile.map(str::to_owned),
            platforms: platforms.iter().map(|name| (*name).to_owned()).collect(),
            homepage_url: String::new(),
            repository_url: String::new(),
            keywords: Vec::new(),
            categories: Vec::new(),
            icons: Default::default(),
        }
    }

    #[track_caller]
    fn check(manifest: JoplinManifest, app: &str, platform: Platform, expected: &str) {
        let found = manifest.is_compatible(app, platform).err().map(|error| error.to_string());
        assert_eq!(found.as_deref().unwrap_or("ok"), expected);
    }

    #[test]
    fn minimum_and_platform_decide() {
        check(manifest("1.4", None, &[]), "1.4.0", Desktop, "ok");
        check(manifest("1.4.0", None, &[]), "1.4", Desktop, "ok");
        check(manifest("1.4", None, &[]), "1.10", Desktop, "ok");
        check(
            manifest("1.4", None, &[]),
            "1.3",
            Desktop,
            "the plugin needs Joplin \"1.4\" or later, this is \"1.3\"",
        );
        check(manifest("1.4", None, &[]), "2.0", Mobile, "the plugin is not for mobile");
        check(manifest("1.4", None, &["mobile"]), "2.0", Desktop, "the plugin is not for desktop");
        check(manifest("1.4", None, &["mobile", "desktop"]), "2.0", Desktop, "ok");
        check(manifest("1.4", None, &["watch"]), "2.0", Desktop, "the plugin is not for desktop");
        check(manifest("6", Some("2"), &["desktop", "mobile"]), "2.1", Mobile, "ok");
        check(
            manifest("2", Some("3"), &["desktop", "mobile"]),
            "2.1",
            Mobile,
            "the plugin needs Joplin \"3\" or later, this is \"2.1\"",
        );
        check(manifest("2", Some("3"), &["desktop"]), "2.1", Desktop, "ok");
        check(
            manifest("2", None, &[]),
            "new",
            Desktop,
            "expected a version of Joplin such as \"3.7.0\", found \"new\"",
        );
    }
}
