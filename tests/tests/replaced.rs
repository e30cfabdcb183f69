//! Files that are not any more what they were: a running plugin's, and the runner's own.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use expect_test::expect;
use plughold::{Api, Exit, LoadError};
use plughold_tests::{
    Baseline, TestHost, also_as_an_ordinary_user, patiently, program, run_alone, with_misbehaving_runner,
};
use std::fmt::Write;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

also_as_an_ordinary_user!();

#[test]
fn a_plugin_runs_on_without_its_folder() {
    run_alone(async || {
        let mut host = TestHost::new(Api::new(()));
        let main = "
            import { word } from './word.js';
            export const work = () => word;
            export const late = async () => { try { await import('./late.js'); } catch (e) { return e.message } };
        ";
        let files = [("main.js", main), ("word.js", "export const word = 'done';"), ("late.js", "")];
        let package = host.package("settled", &files);
        let plugin = host.load_package(package.clone()).await.unwrap();
        fs::rename(host.folder().join("settled"), host.folder().join("moved")).unwrap();
        assert_eq!(patiently("an answer", plugin.call("work", ())).await, Ok("done".to_owned()));
        let late = patiently("an answer", plugin.call::<_, String>("late", ())).await.unwrap();
        assert!(late.contains("late.js"), "{late}");

        fs::remove_dir_all(host.folder().join("moved")).unwrap();
        assert_eq!(patiently("an answer", plugin.call("work", ())).await, Ok("done".to_owned()));
        assert_eq!(patiently("the stop", plugin.stop()).await, Exit::Stopped);
        let again = host.load_package(package).await.unwrap_err();
        assert!(matches!(&again, LoadError::Package(_)), "{again}");
        host.finish().await;
    });
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// The host names the runner when it is built, and needs it later.
#[test]
fn a_runner_that_cannot_be_executed_is_an_error_with_its_name() {
    run_alone(async || {
        let folder = tempfile::tempdir().unwrap();
        let runner = folder.path().join("runner");
        fs::copy(program("test-runner"), &runner).unwrap();
        let mut host =
            TestHost::built(Api::new(()), |builder| with_misbehaving_runner(builder).runner(runner.clone()));
        let good = host.load("good", "export const work = () => 'done';").await;
        // A host looks after each plugin that it knows, also when that is stopped.
        host.load("bad", "").await.stop().await;
        drop(host.processes()); // Which forgets those that are gone, and their descriptors.
        let before = Baseline::take();
        let mut told = String::new();
        // The file of a program that runs cannot be written, and can be replaced.
        let replace = |content: &[u8], mode: u32| {
            fs::remove_file(&runner).unwrap();
            fs::write(&runner, content).unwrap();
            set_mode(&runner, mode);
        };
        for what in ["forbidden", "no program", "empty", "gone", "a folder"] {
            match what {
                "forbidden" => replace(&fs::read(program("test-runner")).unwrap(), 0o644),
                "no program" => replace(b"this is a text", 0o755),
                "empty" => replace(b"", 0o755),
                "gone" => fs::remove_file(&runner).unwrap(),
                _ => fs::create_dir(&runner).unwrap(),
            }
            let error = host.load_error("bad", "").await;
            assert!(matches!(error, LoadError::Spawn { .. }), "{what}: {error}");
            writeln!(told, "{what}: {error}").unwrap();
            before.expect().await;
            assert_eq!(patiently("an answer", good.call("work", ())).await, Ok("done".to_owned()));
        }
        let told = told.replace(&*runner.to_string_lossy(), "RUNNER");
        expect![[r#"
            forbidden: the runner RUNNER cannot be started: Permission denied (os error 13)
            no program: the runner RUNNER cannot be started: Exec format error (os error 8)
            empty: the runner RUNNER cannot be started: Exec format error (os error 8)
            gone: the runner RUNNER cannot be started: No such file or directory (os error 2)
            a folder: the runner RUNNER cannot be started: Permission denied (os error 13)
        "#]]
        .assert_eq(&told);

        fs::remove_dir(&runner).unwrap();
        fs::copy(program("test-runner"), &runner).unwrap();
        host.load("bad", "").await;
        host.finish().await;
    });
}
