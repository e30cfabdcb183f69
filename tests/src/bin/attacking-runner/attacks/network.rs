//! Sockets, pipes, and what else can be done with the descriptor of the protocol.

use super::attack::{Attack, Denied, attack, done};
use super::system::call;
use libc::{AF_ALG, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX, AF_VSOCK};
use libc::{SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, SOCK_STREAM};
use plughold_protocol::Message;
use plughold_wire::Outbox;
use std::ffi::CStr;

/// The socket to the host, the only descriptor that a runner has.
const PROTOCOL: i32 = 0;

fn socket(family: i32, kind: i32, protocol: i32) -> Result<i64, Denied> {
    call!(SYS_socket, family, kind, protocol)
}

/// The address of a port of this machine.
fn loopback(port: u16) -> [u8; 16] {
    let mut address = [0; 16];
    address[..2].copy_from_slice(&(AF_INET as u16).to_ne_bytes());
    address[2..4].copy_from_slice(&port.to_be_bytes());
    address[4..8].copy_from_slice(&[127, 0, 0, 1]);
    address
}

/// The address of a local socket: a path that ends with a zero, or a name that begins with one.
fn local(name: &[u8]) -> Vec<u8> {
    [&(AF_UNIX as u16).to_ne_bytes(), name].concat()
}

fn connect_local(name: &[u8]) -> Result<i64, Denied> {
    let address = local(name);
    let socket = socket(AF_UNIX, SOCK_STREAM, 0)?;
    call!(SYS_connect, socket, address.as_ptr(), address.len())
}

fn path(path: &CStr) -> &[u8] {
    path.to_bytes_with_nul()
}

/// `struct msghdr`, with the control part that carries one descriptor.
fn send_descriptor(descriptor: i32, bytes: &[u8]) -> Result<i64, Denied> {
    let piece = [bytes.as_ptr() as usize, bytes.len()];
    let length = size_of::<usize>() + 3 * size_of::<i32>();
    let kind = (libc::SCM_RIGHTS as usize) << 32 | libc::SOL_SOCKET as usize;
    let control = [length, kind, descriptor as usize];
    let (pieces, controls) = (piece.as_ptr() as usize, control.as_ptr() as usize);
    let message = [0, 0, pieces, 1, controls, size_of_val(&control), 0];
    call!(SYS_sendmsg, PROTOCOL, message.as_ptr(), 0)
}

pub(crate) const ATTACKS: &[Attack] = &[
    attack(43, "socket(AF_INET)", |_| socket(AF_INET, SOCK_STREAM, 0).map(done)),
    attack(44, "connect(127.0.0.1, TCP) to the host", |bait| {
        let address = loopback(bait.port);
        let socket = socket(AF_INET, SOCK_STREAM, 0)?;
        call!(SYS_connect, socket, address.as_ptr(), address.len()).map(done)
    }),
    attack(45, "sendto(127.0.0.1, UDP) to the host", |bait| {
        let address = loopback(bait.port);
        let socket = socket(AF_INET, SOCK_DGRAM, 0)?;
        call!(SYS_sendto, socket, c"x".as_ptr(), 1, 0, address.as_ptr(), address.len()).map(done)
    }),
    attack(46, "bind and listen, TCP", |_| {
        let address = loopback(0);
        let socket = socket(AF_INET, SOCK_STREAM, 0)?;
        call!(SYS_bind, socket, address.as_ptr(), address.len())?;
        call!(SYS_listen, socket, 1).map(done)
    }),
    attack(47, "socket(AF_INET6)", |_| socket(AF_INET6, SOCK_STREAM, 0).map(done)),
    attack(48, "socket(AF_INET, SOCK_RAW, ICMP)", |_| {
        socket(AF_INET, SOCK_RAW, libc::IPPROTO_ICMP).map(done)
    }),
    attack(49, "socket(AF_NETLINK)", |_| socket(AF_NETLINK, SOCK_RAW, libc::NETLINK_ROUTE).map(done)),
    attack(50, "socket(AF_PACKET)", |_| socket(AF_PACKET, SOCK_RAW, 0).map(done)),
    attack(51, "socket(AF_ALG)", |_| socket(AF_ALG, SOCK_SEQPACKET, 0).map(done)),
    attack(52, "socket(AF_VSOCK)", |_| socket(AF_VSOCK, SOCK_STREAM, 0).map(done)),
    attack(53, "connect(abstract socket) to the host", |bait| connect_local(&bait.abstract_name()).map(done)),
    attack(54, "connect(socket with a path) to the host", |bait| {
        connect_local(path(&bait.file("socket"))).map(done)
    }),
    attack(55, "bind(abstract socket), to squat a name", |bait| {
        let address = local(&[&bait.abstract_name()[..], b"-squatted"].concat());
        let socket = socket(AF_UNIX, SOCK_STREAM, 0)?;
        call!(SYS_bind, socket, address.as_ptr(), address.len()).map(done)
    }),
    attack(56, "socketpair", |_| {
        let mut pair = [0_i32; 2];
        call!(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, pair.as_mut_ptr()).map(done)
    }),
    attack(57, "pipe2", |_| {
        let mut pair = [0_i32; 2];
        call!(SYS_pipe2, pair.as_mut_ptr(), 0).map(done)
    }),
    attack(58, "sendmsg(a descriptor to the host)", |_| {
        // The bytes around it are a message as any other, so that the host has no reason to complain.
        let mut outbox = Outbox::new();
        outbox.push(&Message::Pong { nonce: 0 });
        send_descriptor(PROTOCOL, outbox.chunk()).map(done)
    }),
    attack(59, "recvmsg(from the host)", |_| {
        let mut byte = 0_u8;
        let piece = [&raw mut byte as usize, 1];
        let message = [0, 0, piece.as_ptr() as usize, 1, 0, 0, 0];
        call!(SYS_recvmsg, PROTOCOL, message.as_ptr(), libc::MSG_DONTWAIT | libc::MSG_PEEK).map(done)
    }),
    attack(60, "getsockopt(SO_PEERCRED)", |_| {
        let (mut who, mut length) = ([0_u32; 3], 12_u32);
        let option = libc::SO_PEERCRED;
        call!(SYS_getsockopt, PROTOCOL, libc::SOL_SOCKET, option, who.as_mut_ptr(), &raw mut length).map(done)
    }),
    attack(61, "setsockopt(SO_SNDBUF)", |_| {
        let size = 1_i32 << 20;
        call!(SYS_setsockopt, PROTOCOL, libc::SOL_SOCKET, libc::SO_SNDBUF, &raw const size, 4).map(done)
    }),
    attack(62, "shutdown(the protocol)", |_| call!(SYS_shutdown, PROTOCOL, libc::SHUT_RDWR).map(done)),
    attack(63, "dup(the protocol)", |_| call!(SYS_dup, PROTOCOL).map(done)),
    attack(64, "fcntl(F_SETOWN, the host)", |bait| {
        call!(SYS_fcntl, PROTOCOL, libc::F_SETOWN, bait.host).map(done)
    }),
    attack(65, "ioctl(TIOCSTI), to type", |_| {
        call!(SYS_ioctl, PROTOCOL, libc::TIOCSTI, c"x".as_ptr()).map(done)
    }),
    attack(66, "ioctl(FIONREAD)", |_| {
        let mut waiting = 0_i32;
        call!(SYS_ioctl, PROTOCOL, libc::FIONREAD, &raw mut waiting).map(done)
    }),
];
