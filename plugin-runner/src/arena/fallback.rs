//! The engine's memory in a process without an arena: the C library, asked for usable sizes.
#![allow(unsafe_code, reason = "the allocator of the C library")]

use std::ptr::NonNull;

/// A block of at least `size` bytes, if the C library has one.
pub(super) fn alloc(size: usize) -> Option<NonNull<u8>> {
    // SAFETY: malloc may be called with any size.
    NonNull::new(unsafe { libc::malloc(size) }.cast())
}

/// Like [`alloc`], with all bytes zero.
pub(super) fn alloc_zeroed(size: usize) -> Option<NonNull<u8>> {
    // SAFETY: calloc may be called with any size.
    NonNull::new(unsafe { libc::calloc(1, size) }.cast())
}

/// Frees `block` and returns what its usable size was.
///
/// # Safety
/// `block` is the C library's and not used any more.
pub(super) unsafe fn dealloc(block: NonNull<u8>) -> usize {
    // SAFETY: the caller owns the block and gives it up.
    unsafe {
        let size = usable_size(block);
        libc::free(block.as_ptr().cast());
        size
    }
}

/// Gives `block` another size, zero being served like one; none (and nothing is changed) if there is no
/// memory.
///
/// # Safety
/// `block` is the C library's, and not used any more unless the result is none.
pub(super) unsafe fn realloc(block: NonNull<u8>, new_size: usize) -> Option<NonNull<u8>> {
    // SAFETY: the caller owns the block; a size above zero keeps realloc from being free.
    NonNull::new(unsafe { libc::realloc(block.as_ptr().cast(), new_size.max(1)) }.cast())
}

/// How many bytes `block` really has.
///
/// # Safety
/// `block` is the C library's and in use.
pub(super) unsafe fn usable_size(block: NonNull<u8>) -> usize {
    let pointer = block.as_ptr().cast();
    // SAFETY: the caller owns the block.
    unsafe {
        #[cfg(windows)]
        return libc::_msize(pointer);
        #[cfg(target_vendor = "apple")]
        return libc::malloc_size(pointer);
        #[cfg(not(any(windows, target_vendor = "apple")))]
        return libc::malloc_usable_size(pointer);
    }
}
