//! System calls, made without the C library: by the instructions themselves, as native code would that was smuggled in.
//!
//! [`call!`] makes a call and gives what the kernel answers. The attacks are data for a reviewer, so it stands there
//! without `unsafe`: what every one of them passes are numbers, and the addresses of values that live until the call is
//! over. What needs more care than that is a function here.
#![allow(unsafe_code, reason = "this is what the file is for")]

use super::attack::Denied;
use std::arch::asm;

/// The largest error number of a kernel.
const LAST_ERRNO: i64 = 4_095;

/// The bit of system calls of the x32 kind.
pub(crate) const X32: i64 = 0x4000_0000;

/// `call!(SYS_name, argument, …)`: a system call, with arguments of any kind that is an address or a number.
macro_rules! call {
    ($name:ident $(, $argument:expr)* $(,)?) => {
        $crate::attacks::system::raw(libc::$name, &[$($argument as usize),*])
    };
}
pub(crate) use call;

/// Makes the system call `number` with up to six arguments.
pub(crate) fn raw(number: i64, arguments: &[usize]) -> Result<i64, Denied> {
    let at = |index: usize| arguments.get(index).copied().unwrap_or_default();
    let answer: i64;
    // SAFETY: the instruction changes the registers that are named. What the kernel does is the caller's matter: see the
    // head of this file.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") number => answer,
            in("rdi") at(0), in("rsi") at(1), in("rdx") at(2), in("r10") at(3), in("r8") at(4), in("r9") at(5),
            lateout("rcx") _, lateout("r11") _,
        );
    }
    checked(answer)
}

/// The system call `number` with six times the same argument, whatever that may do.
pub(crate) fn any(number: i64, argument: i64) -> Result<i64, Denied> {
    raw(number, &[argument as usize; 6])
}

/// A system call in the way of programs for 32 bits, which has numbers of its own.
pub(crate) fn call_32(number: i32, first: u32, second: u32) -> Result<i64, Denied> {
    let answer: i64;
    // SAFETY: the instruction changes `rax`, and on some kernels the registers that programs of 32 bits do not have. The
    // compiler keeps `rbx` for itself, so it is put back.
    unsafe {
        asm!(
            "xchg rbx, {first}",
            "int 0x80",
            "xchg rbx, {first}",
            first = inout(reg) u64::from(first) => _,
            inlateout("rax") i64::from(number) => answer,
            in("rcx") u64::from(second), in("rdx") 0,
            out("r8") _, out("r9") _, out("r10") _, out("r11") _,
        );
    }
    checked(i64::from(answer as i32))
}

/// Makes the call `number`, which gives a new thread or process, with these arguments. The new one ends at once, without
/// touching its stack, so it may be that of the old one.
pub(crate) fn multiply(number: i64, arguments: [usize; 5]) -> Result<i64, Denied> {
    let [first, second, third, fourth, fifth] = arguments;
    let answer: i64;
    // SAFETY: the new thread or process sees 0 and leaves by `exit`, which never returns; the old one goes on as after any
    // other system call.
    unsafe {
        asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "xor edi, edi",
            "mov eax, 60",
            "syscall",
            "2:",
            inlateout("rax") number => answer,
            inlateout("rdi") first => _,
            in("rsi") second, in("rdx") third, in("r10") fourth, in("r8") fifth,
            lateout("rcx") _, lateout("r11") _,
        );
    }
    checked(answer)
}

/// Memory of its own, below 4 GiB where 32 bits can name it, with a copy of `bytes`; it is never given back.
pub(crate) fn low_copy(bytes: &[u8]) -> Result<u32, Denied> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_32BIT;
    let address = call!(SYS_mmap, 0, 4_096, libc::PROT_READ | libc::PROT_WRITE, flags, -1_i32, 0)?;
    // SAFETY: the mapping is new and of a page's size, and what is copied is shorter.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), address as *mut u8, bytes.len().min(4_096)) };
    Ok(address as u32)
}

/// The number at `address`, in this process.
pub(crate) fn peek(address: i64) -> u32 {
    // SAFETY: the callers give the address of a mapping that the kernel has just made for them.
    unsafe { (address as *const u32).read_unaligned() }
}

fn checked(answer: i64) -> Result<i64, Denied> {
    if (-LAST_ERRNO..0).contains(&answer) { Err(Denied::Errno(-answer as i32)) } else { Ok(answer) }
}
