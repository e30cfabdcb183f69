//! Arrays and objects while they are written.

use super::key::Key;
use super::{Error, ValueSerializer};
use plughold_protocol::pack::{Reader, Token};
use serde::ser::{self, Serialize};

/// An array or object that is being written.
#[derive(Debug)]
pub(crate) struct Compound<'s, 'o> {
    to: &'s mut ValueSerializer<'o>,
    /// How many elements were promised.
    length: Option<usize>,
    /// Where the head stands if nothing was promised.
    reserved: Option<usize>,
    count: usize,
    /// Where the key of the present value stands, for an error's path.
    key_at: usize,
    /// It stands inside of an object with the variant's name.
    is_variant: bool,
}

impl<'s, 'o> Compound<'s, 'o> {
    /// Of so many elements, or of as many as come if the head was reserved.
    pub(super) fn new(
        to: &'s mut ValueSerializer<'o>,
        length: Option<usize>,
        reserved: Option<usize>,
    ) -> Compound<'s, 'o> {
        Compound { to, length, reserved, count: 0, key_at: 0, is_variant: false }
    }

    /// The same inside of an object with the variant's name.
    pub(super) fn in_variant(self) -> Compound<'s, 'o> {
        Compound { is_variant: true, ..self }
    }
}

impl Compound<'_, '_> {
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(&mut *self.to).map_err(|error| error.in_element(self.count))?;
        self.count += 1;
        Ok(())
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        self.to.write().text(name);
        value.serialize(&mut *self.to).map_err(|error| error.in_field(name))?;
        self.count += 1;
        Ok(())
    }

    fn finish(self) -> Result<(), Error> {
        if let Some(at) = self.reserved {
            let count = u32::try_from(self.count).map_err(ser::Error::custom)?;
            self.to.write().patch(at, count);
        }
        if self.length.is_some_and(|length| length != self.count) {
            let promised = self.length.unwrap_or_default();
            let words = format_args!("{} elements where {promised} were announced", self.count);
            return Err(ser::Error::custom(words));
        }
        self.to.depth -= if self.is_variant { 2 } else { 1 };
        Ok(())
    }
}

/// serde has a trait for each kind of array and object; here they are written alike.
macro_rules! compound {
    ($($array:ident $element:ident,)*; $($object:ident,)*) => {
        $(impl ser::$array for Compound<'_, '_> {
            type Ok = ();
            type Error = Error;

            fn $element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.element(value)
            }

            fn end(self) -> Result<(), Error> {
                self.finish()
            }
        })*

        $(impl ser::$object for Compound<'_, '_> {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
                self.field(name, value)
            }

            fn end(self) -> Result<(), Error> {
                self.finish()
            }
        })*
    };
}

compound! {
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field,;
    SerializeStruct,
    SerializeStructVariant,
}

impl ser::SerializeMap for Compound<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.key_at = self.to.out.len();
        key.serialize(Key::new(self.to.out))
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        if let Err(error) = value.serialize(&mut *self.to) {
            let written = self.to.out.get(self.key_at..).unwrap_or_default();
            return Err(match Reader::new(written).token() {
                Ok(Token::Text(key)) => error.in_field(key),
                _ => error,
            });
        }
        self.count += 1;
        Ok(())
    }

    fn end(self) -> Result<(), Error> {
        self.finish()
    }
}
