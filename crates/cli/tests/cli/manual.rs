//! `plughold man` and `plughold completions`: what other programs show of the command line.

use crate::support::{plughold, plughold_in};
use std::fs;
use tempfile::TempDir;

#[test]
fn a_page_for_each_command() {
    let folder = TempDir::new().unwrap();
    let ran = plughold_in(folder.path(), &["man", "--output", "pages"]);
    assert_eq!((ran.text().as_str(), ran.code), ("exit 0\n", Some(0)), "{ran:?}");
    let help = plughold(&["--help"]).stdout;
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = commands.map_while(|line| line.strip_prefix("  ")?.split_whitespace().next());
    let names = Vec::from_iter(names.filter(|name| *name != "help"));
    assert!(names.contains(&"run"), "{help}");
    for name in &names {
        let page = fs::read_to_string(folder.path().join(format!("pages/plughold-{name}.1"))).unwrap();
        assert!(page.contains(&format!("plughold {name}").replace('-', "\\-")), "{page}");
        assert_eq!(plughold(&["man", name]).stdout, page);
    }
    // One more: that of the command itself.
    assert_eq!(fs::read_dir(folder.path().join("pages")).unwrap().count(), names.len() + 1);
}

#[test]
fn no_page_for_what_does_not_exist() {
    let ran = plughold(&["man", "rum"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(
        ran.stderr.starts_with("error: no command rum\n")
            && ran.stderr.ends_with("help: did you mean run?\n"),
        "{ran:?}"
    );
}

#[test]
fn shells_complete_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = plughold(&["completions", shell]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{shell}");
        assert!(ran.stdout.contains("safe-mode") && ran.stdout.contains("report"), "{shell}: {}", ran.stdout);
    }
}
