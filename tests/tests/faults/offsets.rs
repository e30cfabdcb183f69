//! Runners that are killed at every byte that the host sends them.

use crate::{host_with_good_plugin, leaves_nothing, run, work};
use plughold::{CallError, Exit, LoadError};
use plughold_tests::{children, open_descriptors};

/// From the first byte of `Hello` until three calls were read whole.
#[test]
fn dies_after_reading_every_byte() {
    run(|| async {
        let (mut host, good) = host_with_good_plugin().await;
        let (descriptors, processes) = (open_descriptors(), children());
        let (mut bytes, mut loaded, mut answered) = (0, 0, 0);
        while answered < 3 {
            let package = host.script(&format!("dies-after-reading-{bytes}"), "");
            answered = match host.load_package(package).await {
                Ok(plugin) => {
                    loaded += 1;
                    let (first, second, third) = tokio::join!(work(&plugin), work(&plugin), work(&plugin));
                    plugin.kill().await;
                    let answers = [first, second, third];
                    let now = answers.iter().filter(|answer| answer.is_ok()).count();
                    for lost in answers.iter().filter_map(|answer| answer.as_ref().err()) {
                        let is_gone = matches!(
                            lost,
                            CallError::Gone { exit: Exit::Signal(9), .. } | CallError::NotActive { .. }
                        );
                        assert!(is_gone, "after {bytes} bytes: {lost:?}");
                    }
                    now
                }
                Err(LoadError::Exited(Exit::Signal(9))) => 0,
                Err(error) => panic!("after {bytes} bytes: {error}"),
            };
            bytes += 1;
        }
        assert!(100 < bytes && 20 < loaded, "a conversation of {bytes} bytes, {loaded} of them with calls");
        work(&good).await.unwrap();
        leaves_nothing(&mut host, descriptors, processes).await;
        host.finish().await;
    });
}
