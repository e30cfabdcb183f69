//! What a plugin is told that may not do something: what its author or its user has to do.

use super::decision::Refusal;
use crate::Thrown;
use plughold_package::{Format, Package, Permission};

/// Permissions of the manifest that are repeated in the line to write. More make it hard to read.
const REPEATED: usize = 8;

/// What a manifest asks for, and where.
#[derive(Debug, Default)]
pub(super) struct Asking {
    /// Everything, the use of other plugins among it.
    pub(super) all: Vec<Permission>,
    /// What stands in the manifest's list.
    written: Vec<String>,
    format: Option<Format>,
    is_script: bool,
}

impl Asking {
    pub(super) fn of(package: &Package) -> Asking {
        Asking {
            all: package.asked().collect(),
            written: package.permissions.iter().map(|asked| asked.name.clone()).collect(),
            format: Some(package.format),
            is_script: package
                .source
                .extension()
                .is_some_and(|extension| extension == "js" || extension == "mjs" || extension == "cjs"),
        }
    }

    /// What a call throws that needs a permission which the plugin does not have.
    pub(super) fn denied(&self, permission: &str, why: Refusal) -> Thrown {
        let words = match why {
            Refusal::NotAsked => format!(
                "the manifest does not ask for {permission}: write {} into {}",
                self.line(permission),
                self.place()
            ),
            Refusal::Denied => {
                format!(
                    "{permission} was not granted: whoever uses the application has to allow it for this plugin"
                )
            }
            Refusal::TooMany => format!("too many calls wait until somebody decides on {permission}"),
        };
        Thrown::new("PermissionDenied", format!("permission denied: {words}"))
            .with_code("E_DENIED")
            .with_field("permission", permission)
    }

    /// The line of the manifest that asks for one permission more.
    fn line(&self, permission: &str) -> String {
        let asked = self.written.iter().map(|asked| format!("\"{asked}\""));
        let before = match self.written.len() {
            0 => String::new(),
            few if few <= REPEATED => format!("{}, ", Vec::from_iter(asked).join(", ")),
            _ => "…, ".to_owned(),
        };
        format!("\"permissions\": [{before}\"{permission}\"]")
    }

    /// Where the manifest is.
    fn place(&self) -> &'static str {
        match self.format {
            Some(Format::Native) if self.is_script => {
                "the comment /* plughold: { … } */ at the top of the script"
            }
            Some(Format::Native) => "plughold.json",
            Some(Format::Joplin) => "manifest.json",
            _ => "the manifest",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the plugin in this file is told.
    fn told(name: &str, text: &str, why: Refusal) -> Thrown {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        std::fs::write(file.with_file_name("main.js"), "").unwrap();
        let is_manifest = name.ends_with("plughold.json");
        let source = if is_manifest { file.parent().unwrap() } else { &file };
        Asking::of(&Package::open(source).unwrap()).denied("notes.write", why)
    }

    #[test]
    fn a_plugin_is_told_the_line_to_write() {
        let manifest = |permissions: &str| {
            format!(r#"{{ "id": "a", "name": "A", "version": "1.0.0", "permissions": [{permissions}] }}"#)
        };
        let check = |name: &str, text: &str, expected: &str| {
            let thrown = told(name, text, Refusal::NotAsked);
            assert_eq!(
                thrown.message,
                format!("permission denied: the manifest does not ask for notes.write: write {expected}")
            );
        };
        let line = r#""permissions": ["notes.write"] into "#;
        check("p/plughold.json", &manifest(""), &format!("{line}plughold.json"));
        let script = format!("{line}the comment /* plughold: {{ … }} */ at the top of the script");
        check("p/a.js", "", &script);
        let more = r#""permissions": ["a", "b:c/**", "notes.write"] into plughold.json"#;
        check("p/plughold.json", &manifest(r#""a", { "name": "b:c/**" }"#), more);
        let many = Vec::from_iter((0..9).map(|number| format!("\"p{number}\""))).join(", ");
        check("p/plughold.json", &manifest(&many), r#""permissions": […, "notes.write"] into plughold.json"#);
    }

    #[test]
    fn a_denial_says_who_can_change_it() {
        let thrown = told("p/a.js", "", Refusal::Denied);
        assert_eq!(
            thrown.message,
            "permission denied: notes.write was not granted: whoever uses the application has to allow it for this plugin"
        );
        assert_eq!((thrown.name.as_str(), thrown.code.as_deref()), ("PermissionDenied", Some("E_DENIED")));
        assert_eq!(thrown.field("permission"), Some(&"notes.write".into()));
    }
}
