use super::*;
use std::time::Duration;

/// A broker of shell.
fn broker(script: &str) -> Broker {
    Broker::with_arguments("/bin/sh", ["-c", script])
}

/// What it says of permissions with these names.
async fn said(broker: &Broker, names: &[&str]) -> Vec<bool> {
    let plugin = PluginId::native("words").unwrap();
    let mut said = Vec::new();
    for name in names {
        let permission = Permission::to_use(name);
        let answer = tokio::time::timeout(Duration::from_secs(60), broker.ask(&plugin, &permission)).await;
        said.push(answer.unwrap() == Grant::Allow);
    }
    said
}

/// Allows what has `yes` in it. The number stands behind the second colon.
const BY_NAME: &str = r#"while read -r line; do
    number=${line#*\"question\":}; number=${number%%,*}
    case "$line" in *yes*) word=allow;; *) word=deny;; esac
    echo "{\"question\":$number,\"decision\":\"$word\"}"
done"#;

#[tokio::test]
async fn a_program_decides() {
    assert_eq!(said(&broker(BY_NAME), &["yes", "no", "yes.too"]).await, [true, false, true]);
}

#[tokio::test]
async fn it_is_told_everything_about_the_question() {
    let folder = tempfile::tempdir().unwrap();
    let scope = plughold_package::Scope::parse("fs.read:a/**").unwrap();
    let mut permission = Permission::named(&scope);
    permission.reason = Some("to\u{1b} read".to_owned());
    let heard = folder.path().join("heard");
    let script = format!("read -r line; printf '%s' \"$line\" > '{}'; echo 0", heard.display());
    let answer = broker(&script).ask(&PluginId::native("words").unwrap(), &permission).await;
    assert_eq!(answer, Grant::Deny, "0 is no answer");
    let expected = "{\"schema\":1,\"question\":1,\"plugin\":\"words\",\"permission\":\"fs.read:a/**\",\
                    \"reason\":\"to\u{fffd} read\"}";
    assert_eq!(std::fs::read_to_string(heard).unwrap(), expected);
}

#[tokio::test]
async fn one_that_dies_or_lies_denies() {
    for script in [
        "exit 0",
        "read -r line; exit 1",
        "read -r line; kill -9 $$",
        "read -r line; echo yes; cat > /dev/null",
        "read -r line; echo '{\"question\":1,\"decision\":\"maybe\"}'; cat > /dev/null",
        "read -r line; echo '{\"question\":2,\"decision\":\"allow\"}'; cat > /dev/null",
        "read -r line; printf '{\"question\":1,\"decision\":\"allow\"}'",
        "yes yes | tr -d '\\n'",
    ] {
        assert_eq!(said(&broker(script), &["a", "b"]).await, [false, false], "{script}");
    }
    assert_eq!(said(&Broker::new("/nowhere/at/all"), &["a"]).await, [false]);
}

#[tokio::test]
async fn it_is_started_again_after_its_death() {
    let folder = tempfile::tempdir().unwrap();
    // Allows one thing in each of its lives, and counts these.
    let script = format!(
        "echo life >> '{0}/lives'; read -r line; echo '{{\"question\":1,\"decision\":\"allow\"}}'; read -r line",
        folder.path().display()
    );
    let broker = broker(&script);
    assert_eq!(said(&broker, &["a", "b", "c"]).await, [true, false, true]);
    assert_eq!(std::fs::read_to_string(folder.path().join("lives")).unwrap(), "life\nlife\n");
}

#[tokio::test]
async fn many_ask_at_once_and_answers_come_in_any_order() {
    let script = "read -r one; read -r two; echo '{\"question\":2,\"decision\":\"allow\"}'; \
                  echo '{\"question\":1,\"decision\":\"deny\"}'; cat > /dev/null";
    let broker = broker(script);
    let plugin = PluginId::native("words").unwrap();
    let (one, two) = (Permission::to_use("a"), Permission::to_use("b"));
    let answers = tokio::join!(broker.ask(&plugin, &one), broker.ask(&plugin, &two));
    assert_eq!(answers, (Grant::Deny, Grant::Allow));
}

/// A question that somebody has given up leaves nothing behind, and its late answer hits nobody.
#[tokio::test]
async fn what_nobody_waits_for_is_forgotten() {
    let script = "read -r one; read -r two; echo '{\"question\":1,\"decision\":\"deny\"}'; \
                  echo '{\"question\":2,\"decision\":\"allow\"}'; cat > /dev/null";
    let broker = broker(script);
    let plugin = PluginId::native("words").unwrap();
    let permission = Permission::to_use("a");
    let given_up = tokio::time::timeout(Duration::from_millis(20), broker.ask(&plugin, &permission)).await;
    assert!(given_up.is_err());
    let process = broker.shared.process.lock().await.clone();
    // On a slow machine it was given up before it was asked.
    let asked = process.map_or(0, |process| process.lock().last);
    if asked == 1 {
        assert_eq!(broker.ask(&plugin, &permission).await, Grant::Allow);
    }
}

#[tokio::test]
async fn it_ends_with_whoever_asks() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let script = format!("echo $$ > '{}'; {BY_NAME}; exec sleep 1000", pid.display());
    let broker = broker(&script);
    assert_eq!(said(&broker, &["yes"]).await, [true]);
    let pid: i32 = std::fs::read_to_string(&pid).unwrap().trim().parse().unwrap();
    drop(broker);
    let process = rustix::process::Pid::from_raw(pid).unwrap();
    while rustix::process::test_kill_process(process).is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn one_that_reads_nothing_is_asked_no_more_and_ends_with_whoever_asks() {
    let broker = broker("exec sleep 1000");
    let plugin = PluginId::native("words").unwrap();
    let permission = Permission::to_use("a");
    let ask = async || tokio::time::timeout(Duration::from_millis(1), broker.ask(&plugin, &permission)).await;
    // As it is started by the first question, which may take its time.
    broker.shared.process().await.unwrap();
    let asked = async {
        // Each of them has given up, and its line waits.
        while ask().await.is_err() {}
    };
    tokio::time::timeout(Duration::from_secs(60), asked).await.unwrap();
    let process = Arc::downgrade(broker.shared.process.lock().await.as_ref().unwrap());
    drop(broker);
    assert!(process.upgrade().is_none(), "nothing keeps the program");
}
