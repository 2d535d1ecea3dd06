//! JSON (RFC 8259), as much as is written here: objects and arrays of numbers,
//! text and truth values.

use std::fmt::Arguments;
use std::io::{self, Write};

/// A number, a truth value, text or nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'v> {
    Null,
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    /// With three decimals.
    Thousandths(f64),
    Bool(bool),
    Text(&'v str),
}

macro_rules! from {
    ($($of:ty => $variant:ident),*) => {
        $(impl From<$of> for Value<'_> {
            fn from(value: $of) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

from!(u64 => Unsigned, u32 => Unsigned, u16 => Unsigned, u8 => Unsigned, i64 => Signed, f64 => Float, bool => Bool);

impl From<usize> for Value<'_> {
    fn from(value: usize) -> Self {
        Self::Unsigned(value as u64)
    }
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(text)
    }
}

impl<'v> From<&'v String> for Value<'v> {
    fn from(text: &'v String) -> Self {
        Self::Text(text)
    }
}

impl<'v, T: Into<Value<'v>>> From<Option<T>> for Value<'v> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Writes JSON to `out`; commas are its own affair. After an error nothing more is
/// written, and [`Json::line`] returns it.
pub(crate) struct Json<'o> {
    out: &'o mut dyn Write,
    /// Something stands before in the innermost object or array.
    follows: bool,
    done: io::Result<()>,
}

impl<'o> Json<'o> {
    pub(crate) fn new(out: &'o mut dyn Write) -> Self {
        Self {
            out,
            follows: false,
            done: Ok(()),
        }
    }

    /// `{` ... `}`, by itself or in an array.
    pub(crate) fn object(&mut self, fill: impl FnOnce(&mut Self)) {
        self.separate();
        self.open("{");
        fill(self);
        self.close("}");
    }

    /// `"key":{` ... `}`
    pub(crate) fn object_at(&mut self, key: &str, fill: impl FnOnce(&mut Self)) {
        self.key(key);
        self.open("{");
        fill(self);
        self.close("}");
    }

    /// `"key":[` ... `]`
    pub(crate) fn array_at(&mut self, key: &str, fill: impl FnOnce(&mut Self)) {
        self.key(key);
        self.open("[");
        fill(self);
        self.close("]");
    }

    /// `"key":[{` ... `},` ... `]`, an object for each.
    pub(crate) fn objects_at<T>(
        &mut self,
        key: &str,
        all: impl IntoIterator<Item = T>,
        mut fill: impl FnMut(&mut Self, T),
    ) {
        self.array_at(key, |json| {
            for one in all {
                json.object(|json| fill(json, one));
            }
        });
    }

    /// `"key":["` ... `","` ... `"]`
    pub(crate) fn texts_at(&mut self, key: &str, all: impl IntoIterator<Item = impl AsRef<str>>) {
        self.array_at(key, |json| {
            for text in all {
                json.item(text.as_ref());
            }
        });
    }

    pub(crate) fn value<'v>(&mut self, key: &str, value: impl Into<Value<'v>>) {
        self.key(key);
        self.put_value(value.into());
    }

    /// Several numbers.
    pub(crate) fn numbers(&mut self, all: &[(&str, u64)]) {
        for (key, value) in all {
            self.value(key, *value);
        }
    }

    /// Several texts.
    pub(crate) fn texts(&mut self, all: &[(&str, &str)]) {
        for (key, text) in all {
            self.value(key, *text);
        }
    }

    /// Bytes as text. What is not UTF-8 is U+FFFD there, and all bytes stand in
    /// hexadecimal under the key with `_hex` behind it.
    pub(crate) fn bytes(&mut self, key: &str, value: &[u8]) {
        self.value(key, &*String::from_utf8_lossy(value));
        if std::str::from_utf8(value).is_err() {
            self.key(&format!("{key}_hex"));
            self.put("\"");
            for byte in value {
                self.write(format_args!("{byte:02x}"));
            }
            self.put("\"");
        }
    }

    /// A value in an array.
    pub(crate) fn item<'v>(&mut self, value: impl Into<Value<'v>>) {
        self.separate();
        self.put_value(value.into());
    }

    /// Ends a line of JSON lines.
    ///
    /// # Errors
    /// The first of `out`.
    pub(crate) fn line(mut self) -> io::Result<()> {
        self.put("\n");
        self.done
    }

    fn put_value(&mut self, value: Value<'_>) {
        match value {
            Value::Null => self.put("null"),
            Value::Unsigned(value) => self.write(format_args!("{value}")),
            Value::Signed(value) => self.write(format_args!("{value}")),
            Value::Float(value) => self.write(format_args!("{value}")),
            Value::Thousandths(value) => self.write(format_args!("{value:.3}")),
            Value::Bool(value) => self.write(format_args!("{value}")),
            Value::Text(text) => self.string(text),
        }
    }

    fn key(&mut self, key: &str) {
        self.separate();
        self.string(key);
        self.put(":");
    }

    fn open(&mut self, bracket: &str) {
        self.put(bracket);
        self.follows = false;
    }

    fn close(&mut self, bracket: &str) {
        self.put(bracket);
        self.follows = true;
    }

    fn separate(&mut self) {
        if std::mem::replace(&mut self.follows, true) {
            self.put(",");
        }
    }

    fn string(&mut self, text: &str) {
        self.put("\"");
        for c in text.chars() {
            match c {
                '"' | '\\' => self.write(format_args!("\\{c}")),
                c if c.is_control() => self.write(format_args!("\\u{:04x}", c as u32)),
                c => self.put(c.encode_utf8(&mut [0; 4])),
            }
        }
        self.put("\"");
    }

    fn put(&mut self, text: &str) {
        if self.done.is_ok() {
            self.done = self.out.write_all(text.as_bytes());
        }
    }

    fn write(&mut self, text: Arguments<'_>) {
        if self.done.is_ok() {
            self.done = self.out.write_fmt(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_and_escapes() {
        let mut text = Vec::new();
        let mut json = Json::new(&mut text);
        json.object(|json| {
            json.value("n", 7_u64);
            json.value("none", Value::Null);
            json.value("t", "a\"b\\c\n\u{1b}\u{9b}\u{e9}");
            json.array_at("list", |json| {
                json.item("x");
                json.item(3_u64);
                json.object(|_| ());
                json.object(|json| json.value("b", true));
            });
            json.bytes("raw", b"\xffA");
        });
        json.line().unwrap();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "{\"n\":7,\"none\":null,\"t\":\"a\\\"b\\\\c\\u000a\\u001b\\u009b\u{e9}\",\
             \"list\":[\"x\",3,{},{\"b\":true}],\"raw\":\"\u{fffd}A\",\"raw_hex\":\"ff41\"}\n"
        );
    }
}
