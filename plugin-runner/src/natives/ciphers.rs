//! AES in the modes that programs use.

use super::{argument, bytes_at, check_room};
use crate::engine::function::Native;
use crate::engine::{Js, Kind, Value};
use crate::session::Session;
use aes::cipher::block_padding::{NoPadding, Pkcs7};
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, StreamCipher};
use aes::{Aes128, Aes192, Aes256};
use aes_gcm::AesGcm;
use aes_gcm::aead::consts::{U12, U16};
use aes_gcm::aead::{Aead, KeyInit, Nonce, Payload};

/// What our own JavaScript can call.
pub(super) const NATIVES: &[Native] = &[
    Native { name: "aesGcm", length: 5, run: gcm },
    Native { name: "aesCbc", length: 5, run: cbc },
    Native { name: "aesCtr", length: 3, run: ctr },
];

/// Bytes of a block.
const BLOCK: usize = 16;

fn is_true(arguments: &[Value], at: usize) -> bool {
    argument(arguments, at).kind() == Kind::Bool(true)
}

/// Bytes, or null where key, vector or data are not what the mode asks for.
fn answer(made: Option<Vec<u8>>) -> Js {
    made.map_or(Ok(Value::NULL), |bytes| Value::bytes(&bytes))
}

/// `aesGcm(encrypts, key, vector, data, more)`: the data with its tag of 16 bytes behind it, or what was inside of such;
/// null if it was changed, or if key or vector have another length than 16, 24 or 32, and 12 or 16.
fn gcm(_: &Session, arguments: &[Value]) -> Js {
    let encrypts = is_true(arguments, 0);
    let (key, vector) = (bytes_at(arguments, 1)?, bytes_at(arguments, 2)?);
    let (data, more) = (bytes_at(arguments, 3)?, bytes_at(arguments, 4)?);
    let payload = Payload { msg: &data, aad: &more };
    check_room(data.len() + BLOCK)?;
    answer(match (key.len(), vector.len()) {
        (16, 12) => sealed::<AesGcm<Aes128, U12>>(encrypts, &key, &vector, payload),
        (24, 12) => sealed::<AesGcm<Aes192, U12>>(encrypts, &key, &vector, payload),
        (32, 12) => sealed::<AesGcm<Aes256, U12>>(encrypts, &key, &vector, payload),
        (16, 16) => sealed::<AesGcm<Aes128, U16>>(encrypts, &key, &vector, payload),
        (24, 16) => sealed::<AesGcm<Aes192, U16>>(encrypts, &key, &vector, payload),
        (32, 16) => sealed::<AesGcm<Aes256, U16>>(encrypts, &key, &vector, payload),
        _ => None,
    })
}

fn sealed<C: Aead + KeyInit>(encrypts: bool, key: &[u8], vector: &[u8], payload: Payload) -> Option<Vec<u8>> {
    let cipher = C::new_from_slice(key).ok()?;
    let nonce = Nonce::<C>::try_from(vector).ok()?;
    if encrypts { cipher.encrypt(&nonce, payload).ok() } else { cipher.decrypt(&nonce, payload).ok() }
}

/// `aesCbc(encrypts, key, vector, data, isPadded)`: bytes; null if they are not whole blocks, or wrongly padded.
fn cbc(_: &Session, arguments: &[Value]) -> Js {
    let (encrypts, is_padded) = (is_true(arguments, 0), is_true(arguments, 4));
    let (key, vector, data) = (bytes_at(arguments, 1)?, bytes_at(arguments, 2)?, bytes_at(arguments, 3)?);
    let is_whole = data.len().is_multiple_of(BLOCK);
    if !(is_whole || encrypts && is_padded) {
        return Ok(Value::NULL);
    }
    check_room(data.len() + BLOCK)?;
    answer(match key.len() {
        16 => chained::<cbc::Encryptor<Aes128>, cbc::Decryptor<Aes128>>(
            encrypts, is_padded, &key, &vector, &data,
        ),
        24 => chained::<cbc::Encryptor<Aes192>, cbc::Decryptor<Aes192>>(
            encrypts, is_padded, &key, &vector, &data,
        ),
        32 => chained::<cbc::Encryptor<Aes256>, cbc::Decryptor<Aes256>>(
            encrypts, is_padded, &key, &vector, &data,
        ),
        _ => None,
    })
}

fn chained<E: BlockModeEncrypt + KeyIvInit, D: BlockModeDecrypt + KeyIvInit>(
    encrypts: bool,
    is_padded: bool,
    key: &[u8],
    vector: &[u8],
    data: &[u8],
) -> Option<Vec<u8>> {
    match (encrypts, is_padded) {
        (true, true) => Some(E::new_from_slices(key, vector).ok()?.encrypt_padded_vec::<Pkcs7>(data)),
        (true, false) => Some(E::new_from_slices(key, vector).ok()?.encrypt_padded_vec::<NoPadding>(data)),
        (false, true) => D::new_from_slices(key, vector).ok()?.decrypt_padded_vec::<Pkcs7>(data).ok(),
        (false, false) => D::new_from_slices(key, vector).ok()?.decrypt_padded_vec::<NoPadding>(data).ok(),
    }
}

/// `aesCtr(key, vector, data)`: bytes, in both directions; null if key or vector have the wrong length.
fn ctr(_: &Session, arguments: &[Value]) -> Js {
    let (key, vector, data) = (bytes_at(arguments, 0)?, bytes_at(arguments, 1)?, bytes_at(arguments, 2)?);
    answer(match key.len() {
        16 => counted::<ctr::Ctr128BE<Aes128>>(&key, &vector, data),
        24 => counted::<ctr::Ctr128BE<Aes192>>(&key, &vector, data),
        32 => counted::<ctr::Ctr128BE<Aes256>>(&key, &vector, data),
        _ => None,
    })
}

fn counted<C: StreamCipher + KeyIvInit>(key: &[u8], vector: &[u8], mut data: Vec<u8>) -> Option<Vec<u8>> {
    let mut cipher = C::new_from_slices(key, vector).ok()?;
    cipher.try_apply_keystream(&mut data).ok()?;
    Some(data)
}
