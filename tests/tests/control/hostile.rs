//! Clients that mean harm: each is told what is wrong with it or is held up, and the others go on.

use crate::Controlled;
use crate::raw::Raw;
use plughold::Control;
use plughold_control::{
    Answer, Client, ClientMessage, ConnectError, HostMessage, Item, RefusalKind, Register, Request, Right,
    VERSION, Wanted, codec, limits,
};
use plughold_tests::{eventually, patiently};
use serde_json::json;
use std::os::unix::fs::PermissionsExt;

const PLUGIN: &str = "
    export const forever = () => app.notes.wait();
    export const large = () => 'x'.repeat(20 << 20);
    let said = 0;
    export const greet = () => said++;
";

/// Says these bytes after a greeting, and gives what the host says last.
async fn last_words(controlled: &Controlled, bytes: &[u8]) -> String {
    let mut raw = Raw::greeted(&controlled.socket(Right::Read)).await;
    raw.write(bytes).await;
    raw.last_words().await
}

fn frames(message: &ClientMessage) -> Vec<u8> {
    codec::encode(message, limits::CLIENT_MESSAGE).unwrap()
}

/// A frame with this body.
fn frame(body: &[u8]) -> Vec<u8> {
    [&u32::try_from(body.len()).unwrap().to_le_bytes()[..], &[0], body].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message_ends_the_connection_with_its_reason() {
    let controlled = Controlled::new(Control::read());
    let hello = |version| frames(&ClientMessage::Hello { version, client: "again".to_owned() });
    let check = async |bytes: &[u8], expected: &str| {
        let words = last_words(&controlled, bytes).await;
        assert!(words.contains(expected), "{words:?} is not {expected:?}");
    };
    check(&[0xff; 64], "a frame of 4294967295 bytes").await;
    check(&[0, 0, 0, 0, 0], "a frame of 0 bytes").await;
    check(&[0, 0, 0x20, 0, 0], "a message of more than 1048576 bytes").await;
    check(&frame(&[0xc1]), "reserved byte").await;
    check(&frame(&[0x91; 1_000]), "nested deeper than 72").await;
    check(&frame(&[0xc7, 1, 0x7f, 0]), "unknown kind").await;
    check(&frame(&[0xa3, b'b', b'o', b'o']), "no message").await;
    check(&hello(VERSION), "a second hello").await;
    let twice = |id| frames(&ClientMessage::Ask { id, request: events() });
    check(&[twice(5), twice(5)].concat(), "a second wish with the number 5").await;

    // Pieces of a message that is longer than it may be, none of which is.
    let piece = [&(64_u32 << 10).to_le_bytes()[..], &[0x81], &[0; 64 << 10]].concat();
    check(&piece.repeat(17), "a message of more than 1048576 bytes").await;
    controlled.host.finish().await;
}

fn events() -> Request {
    Request::Events { wanted: Wanted { follow: true, ..Wanted::default() } }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_greet_is_not_let_in() {
    let controlled = Controlled::new(Control::read());
    let socket = controlled.socket(Right::Read);
    let mut raw = Raw::connect(&socket).await;
    raw.ask(1, Request::Plugins).await;
    assert_eq!(raw.last_words().await, "the first message has to be hello");
    let mut raw = Raw::connect(&socket).await;
    raw.say(&ClientMessage::Hello { version: 99, client: "newer".to_owned() }).await;
    assert_eq!(raw.last_words().await, "this host speaks version 1 of the control socket and not 99");
    // Half of a greeting, and nothing more.
    let mut raw = Raw::connect(&socket).await;
    raw.write(&[9, 0, 0, 0]).await;
    assert_eq!(raw.last_words().await, "no greeting in time");
    controlled.host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_that_is_not_known_is_refused_and_nothing_else() {
    let controlled = Controlled::new(Control::read());
    let mut raw = Raw::greeted(&controlled.socket(Right::Read)).await;
    // {"ask": {"id": 7, "request": {"dream": {"of": "sheep"}}}}
    let mut body = vec![0x81, 0xa3];
    body.extend(b"ask");
    body.extend([0x82, 0xa2]);
    body.extend(b"id");
    body.extend([7, 0xa7]);
    body.extend(b"request");
    body.extend([0x81, 0xa5]);
    body.extend(b"dream");
    body.extend([0x81, 0xa2]);
    body.extend(b"of");
    body.push(0xa5);
    body.extend(b"sheep");
    raw.write(&frame(&body)).await;
    let Some(HostMessage::Answer { id: 7, outcome: Err(refusal) }) = raw.next().await else { panic!() };
    assert_eq!(refusal.kind, RefusalKind::Unsupported);
    assert!(refusal.message.contains("dream"), "{refusal:?}");
    raw.ask(8, Request::Plugins).await;
    let answer = raw.next().await;
    assert_eq!(answer, Some(HostMessage::Answer { id: 8, outcome: Ok(Answer::Plugins(vec![])) }));
    drop(raw);
    controlled.host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_room_for_so_many_clients() {
    let controlled = Controlled::new(Control::full());
    let sockets = [controlled.socket(Right::Read), controlled.socket(Right::Control)];
    let mut clients = Vec::new();
    for number in 0..limits::CLIENTS {
        clients.push(Raw::greeted(&sockets[number % 2]).await);
    }
    for socket in &sockets {
        let mut one_more = Raw::connect(socket).await;
        assert_eq!(one_more.last_words().await, "32 clients are connected already");
    }
    let refused = Client::connect(&controlled.entry(), Right::Read).await.unwrap_err();
    assert_eq!(refused.to_string(), "the host refuses: 32 clients are connected already");
    clients.pop();
    let client = loop {
        // The host notices in its own time that one has gone.
        match Client::connect(&controlled.entry(), Right::Read).await {
            Ok(client) => break client,
            Err(ConnectError::Refused(refusal)) if refusal.kind == RefusalKind::Busy => {
                tokio::task::yield_now().await;
            }
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(client.plugins().await, Ok(vec![]));
    drop((client, clients));
    controlled.host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_wishes_are_in_flight() {
    let mut controlled = Controlled::new(Control::full());
    let plugin = controlled.host.load("hello", PLUGIN).await;
    let mut raw = Raw::greeted(&controlled.socket(Right::Control)).await;
    let forever = || Request::Call { plugin: "hello".to_owned(), export: "forever".to_owned(), args: vec![] };
    let most = u64::try_from(limits::IN_FLIGHT).unwrap();
    for id in 0..=most {
        raw.ask(id, forever()).await;
    }
    let Some(HostMessage::Answer { id, outcome: Err(refusal) }) = raw.next().await else { panic!() };
    assert_eq!((id, refusal.kind), (most, RefusalKind::Busy));
    raw.say(&ClientMessage::Cancel { id: 0 }).await;
    raw.ask(most, Request::Plugin { plugin: "hello".to_owned() }).await;
    let answer = raw.next().await;
    assert!(matches!(answer, Some(HostMessage::Answer { outcome: Ok(Answer::Plugin(_)), .. })), "{answer:?}");
    // With the client goes everything that it wished.
    drop(raw);
    eventually(0, || plugin.pending().len()).await;
    controlled.host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_nothing_is_not_read_and_hurts_nobody() {
    let mut controlled = Controlled::new(Control::read());
    controlled.host.load("hello", PLUGIN).await;
    let mut deaf = Raw::greeted(&controlled.socket(Right::Read)).await;
    let client = controlled.client(Right::Read).await;
    let wishes = (1_u64..).map(|id| {
        frames(&ClientMessage::Ask { id, request: Request::Plugin { plugin: "hello".to_owned() } })
    });
    // Until the socket is full and stays so, while another client is answered: the host reads no more than it can answer.
    let mut full = 0;
    for wish in wishes {
        match deaf.try_write(&wish) {
            true => full = 0,
            false => {
                full += 1;
                assert_eq!(client.plugins().await.unwrap().len(), 1);
            }
        }
        if full == 100 {
            break;
        }
    }
    drop((deaf, client));
    controlled.host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_loses_the_oldest_and_is_told() {
    let mut controlled = Controlled::new(Control::read());
    let plugin = controlled.host.load("hello", PLUGIN).await;
    let mut slow = Raw::greeted(&controlled.socket(Right::Read)).await;
    slow.ask(1, Request::Trace { plugin: "hello".to_owned() }).await;
    assert_eq!(slow.next().await, Some(HostMessage::Answer { id: 1, outcome: Ok(Answer::Begun) }));
    // More than the socket and the queues hold, of which nothing is read.
    for _ in 0..60 {
        let calls: Vec<_> = (0..500).map(|_| plugin.call::<_, u32>("greet", ())).collect();
        for call in calls {
            patiently("an answer", call).await.unwrap();
        }
    }
    let mut items = 0_u64;
    let missed = loop {
        match slow.next().await {
            Some(HostMessage::Item { item: Item::Missed { count }, .. }) => break count,
            Some(HostMessage::Item { item: Item::Traced(_), .. }) => items += 1,
            other => panic!("{other:?}"),
        }
    };
    assert!(0 < missed && 0 < items, "{items} and {missed} missed");
    drop(slow);
    controlled.host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_too_long_is_refused() {
    let mut controlled = Controlled::new(Control::full());
    controlled.host.load("hello", PLUGIN).await;
    let client = controlled.client(Right::Control).await;
    let error = client.call("hello", "large", vec![]).await.unwrap_err().to_string();
    assert!(error.starts_with("the answer would be a message of "), "{error}");
    assert_eq!(client.call("hello", "greet", vec![]).await.unwrap(), json!(0));
    drop(client);
    controlled.host.finish().await;
}

/// Does `work` with the rights of another user. Only root can.
fn as_another_user<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    use rustix::process::Uid;
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    std::thread::scope(|scope| {
        let other = scope.spawn(|| {
            let nobody = Uid::from_raw(65_534);
            // Of this thread only, which ends with the work.
            rustix::thread::set_thread_res_uid(nobody, nobody, nobody).unwrap();
            work()
        });
        Some(other.join().unwrap())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn another_user_is_not_let_in_even_if_the_files_would() {
    let controlled = Controlled::new(Control::full());
    let open = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let socket = controlled.socket(Right::Control);
    let connect = || {
        let mut stream = std::os::unix::net::UnixStream::connect(&socket)?;
        let hello = ClientMessage::Hello { version: VERSION, client: "other".to_owned() };
        std::io::Write::write_all(&mut stream, &frames(&hello))?;
        let mut heard = Vec::new();
        std::io::Read::read_to_end(&mut stream, &mut heard).map(|_| heard)
    };
    let denied = as_another_user(connect);
    if let Some(denied) = denied {
        assert_eq!(denied.unwrap_err().kind(), std::io::ErrorKind::PermissionDenied, "by the folder");
        for path in controlled.folder.ancestors().take(2) {
            open(path, 0o777);
        }
        open(&socket, 0o666);
        let heard = as_another_user(connect).unwrap();
        // It is hung up on, whether it had said something or not.
        assert!(heard.as_ref().map_or(true, Vec::is_empty), "{heard:?}");
    }
    // And nobody uses what others may use.
    open(&controlled.folder, 0o777);
    let found = Register::at(&controlled.folder).look();
    assert!(found.hosts.is_empty() && found.problems.len() == 1, "{found:?}");
    open(&controlled.folder, 0o700);
    open(&socket, 0o666);
    let refused = Client::connect_to(&socket, Right::Read).await.unwrap_err();
    let ConnectError::Unreachable { source, .. } = refused else { panic!("{refused}") };
    assert!(source.to_string().contains("may be used by others"), "{source}");
    controlled.host.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_squatted_is_an_error_of_the_build() {
    let around = tempfile::tempdir().unwrap();
    let squatted = around.path().join("plughold");
    std::fs::create_dir(&squatted).unwrap();
    std::fs::set_permissions(&squatted, std::fs::Permissions::from_mode(0o777)).unwrap();
    let link = around.path().join("link");
    std::os::unix::fs::symlink(around.path(), &link).unwrap();
    for (folder, expected) in [(&squatted, "may be used by others"), (&link, "is no folder of its own")] {
        let builder =
            plughold::Host::builder(plughold::Api::new(())).runner(plughold_tests::program("test-runner"));
        let error = builder.control(Control::read().folder(folder)).build().unwrap_err();
        let plughold::BuildError::Control(source) = error else { panic!("{error}") };
        assert!(source.to_string().contains(expected), "{source}");
    }
}
