use serde::{
    Deserializer,
    de::{
        DeserializeSeed, Error as _, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor,
        value::StrDeserializer,
    },
    forward_to_deserialize_any,
};

use crate::{Content, Entry, Node, Number, Origin, Step, error::Error};

/// Words that a variable may set a truth by.
const TRUE: [&str; 4] = ["true", "yes", "on", "1"];
/// Their opposites.
const FALSE: [&str; 4] = ["false", "no", "off", "0"];

/// Where nothing is wanted in particular, a scalar is what YAML takes it for; where a text is wanted, it is the text that was
/// written.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'de>(pub(crate) &'de Node);

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0.content {
            Content::Null => visitor.visit_unit(),
            Content::Truth(value, _) => visitor.visit_bool(*value),
            Content::Number(Number::Signed(number), _) => visitor.visit_i64(*number),
            Content::Number(Number::Unsigned(number), _) => visitor.visit_u64(*number),
            Content::Number(Number::Float(number), _) => visitor.visit_f64(*number),
            Content::Text(text) => visitor.visit_str(text),
            Content::List(items) => visitor.visit_seq(Items(items.iter().enumerate())),
            Content::Map(entries) => visitor.visit_map(Entries { entries: entries.iter(), entry: None }),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0.content {
            Content::Truth(_, text) | Content::Number(_, text) => visitor.visit_str(text),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0.content {
            Content::Number(..) => Err(Error::custom("expected true or false, found a number")),
            Content::Text(text) if TRUE.contains(&text.to_ascii_lowercase().as_str()) => {
                visitor.visit_bool(true)
            }
            Content::Text(text) if FALSE.contains(&text.to_ascii_lowercase().as_str()) => {
                visitor.visit_bool(false)
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0.content {
            Content::Truth(..) => Err(Error::custom("expected a whole number, found true or false")),
            Content::Number(Number::Float(number), _) if number.fract() != 0.0 => {
                Err(Error::custom("expected a whole number, found a fraction"))
            }
            Content::Number(Number::Float(number), _) => match format!("{number:.0}").parse() {
                Ok(number) => visitor.visit_i64(number),
                Err(_) => Err(Error::invalid_value(Unexpected::Float(*number), &visitor)),
            },
            Content::Text(text) => match (text.trim().parse::<u64>(), text.trim().parse::<i64>()) {
                (Ok(number), _) => visitor.visit_u64(number),
                (_, Ok(number)) => visitor.visit_i64(number),
                _ => visitor.visit_str(text),
            },
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0.content {
            Content::Text(text) => match text.trim().parse() {
                Ok(number) => visitor.visit_f64(number),
                Err(_) => visitor.visit_str(text),
            },
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0.content {
            Content::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    // A list of words is written with commas in a variable.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match (&self.0.content, &self.0.origin) {
            (Content::Text(text), Origin::Variable(_)) => {
                let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
                visitor.visit_seq(Words(words.enumerate()))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    // Derived code would take the items of a list for the fields, in their order.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match &self.0.content {
            Content::List(_) => Err(Error::invalid_type(Unexpected::Seq, &visitor)),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct map enum identifier
        ignored_any
    }
}

struct Items<I>(I);

impl<'de, I: Iterator<Item = (usize, &'de Node)>> SeqAccess<'de> for Items<I> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some((index, item)) = self.0.next() else { return Ok(None) };
        seed.deserialize(Reader(item)).map(Some).map_err(|error| error.under(Step::Item(index)))
    }
}

struct Words<I>(I);

impl<'de, I: Iterator<Item = (usize, &'de str)>> SeqAccess<'de> for Words<I> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some((index, word)) = self.0.next() else { return Ok(None) };
        let word: StrDeserializer<'de, Error> = word.into_deserializer();
        seed.deserialize(word).map(Some).map_err(|error| error.under(Step::Item(index)))
    }
}

struct Entries<'de> {
    entries: std::slice::Iter<'de, Entry>,
    /// The one whose key was taken and whose value was not.
    entry: Option<&'de Entry>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some(entry) = self.entries.next() else { return Ok(None) };
        self.entry = Some(entry);
        let key: StrDeserializer<'de, Error> = entry.key.as_str().into_deserializer();
        seed.deserialize(key).map(Some).map_err(|error| error.under(Step::Key(entry.key.clone())))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let entry = self.entry.take().ok_or_else(|| Error::custom("a value was asked for before its key"))?;
        seed.deserialize(Reader(&entry.node)).map_err(|error| error.under(Step::Key(entry.key.clone())))
    }
}
