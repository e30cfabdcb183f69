//! docs/writing-plugins.md: its files are written as they stand there, and its commands do what it says.

use crate::support::{folder, plughold_in};

const PAGE: &str = include_str!("../../../../docs/writing-plugins.md");

/// The code blocks that name a file, as files below `plugins`.
fn files() -> Vec<(String, &'static str)> {
    let blocks = PAGE.split("\n```").skip(1).step_by(2);
    let named = blocks.filter_map(|block| block.split_once('\n')?.0.split_once(" file=").map(|_| block));
    named
        .map(|block| {
            let (head, code) = block.split_once('\n').unwrap();
            (format!("plugins/{}", head.split_once(" file=").unwrap().1), code)
        })
        .collect()
}

/// The commands of the page that have an answer, with what it says they print.
fn commands() -> Vec<(Vec<String>, &'static str)> {
    let prints = PAGE.match_indices("rints `").map(|(at, words)| {
        let answer = PAGE[at + words.len()..].split_once('`').unwrap().0;
        let line = PAGE[..at].lines().rev().find(|line| line.starts_with("plughold ")).unwrap();
        let args = line.split_whitespace().skip(1).map(|word| word.trim_matches('\'').to_owned());
        (args.collect(), answer)
    });
    prints.collect()
}

#[test]
fn the_page_for_authors_works_as_it_stands() {
    let files = files();
    assert_eq!(files.len(), 15, "{files:?}");
    let files: Vec<(&str, &str)> = files.iter().map(|(name, code)| (name.as_str(), *code)).collect();
    let folder = folder(&files);
    let commands = commands();
    assert_eq!(commands.len(), 5, "{commands:?}");
    for (args, answer) in commands {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let ran = plughold_in(folder.path(), &args);
        assert_eq!(ran.stdout.trim_end(), answer, "{args:?}: {ran:?}");
    }
}
