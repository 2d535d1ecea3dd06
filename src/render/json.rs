//! JSON (RFC 8259), as much as is written here: objects and arrays of numbers,
//! text and truth values.

use std::io::{self, Write};

/// Writes JSON to `out`; commas are its own affair.
pub(crate) struct Json<'o> {
    out: &'o mut dyn Write,
    /// Something stands before in the innermost object or array.
    follows: bool,
}

impl<'o> Json<'o> {
    pub(crate) fn new(out: &'o mut dyn Write) -> Self {
        Self {
            out,
            follows: false,
        }
    }

    /// `{` ... `}`, by itself or in an array.
    pub(crate) fn object(
        &mut self,
        fill: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.separate()?;
        self.nest("{", "}", fill)
    }

    /// `"key":{` ... `}`
    pub(crate) fn object_at(
        &mut self,
        key: &str,
        fill: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.key(key)?;
        self.nest("{", "}", fill)
    }

    /// `"key":[` ... `]`
    pub(crate) fn array_at(
        &mut self,
        key: &str,
        fill: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.key(key)?;
        self.nest("[", "]", fill)
    }

    /// `"key":[{` ... `},` ... `]`, an object for each.
    pub(crate) fn objects_at<T>(
        &mut self,
        key: &str,
        all: impl IntoIterator<Item = T>,
        mut fill: impl FnMut(&mut Self, T) -> io::Result<()>,
    ) -> io::Result<()> {
        self.array_at(key, |json| {
            let mut all = all.into_iter();
            all.try_for_each(|one| json.object(|json| fill(json, one)))
        })
    }

    /// `"key":["` ... `","` ... `"]`
    pub(crate) fn texts_at(
        &mut self,
        key: &str,
        all: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> io::Result<()> {
        self.array_at(key, |json| {
            let mut all = all.into_iter();
            all.try_for_each(|text| json.item(text.as_ref()))
        })
    }

    /// A number or a truth value, or null.
    pub(crate) fn value(
        &mut self,
        key: &str,
        value: Option<impl std::fmt::Display>,
    ) -> io::Result<()> {
        self.key(key)?;
        match value {
            Some(value) => write!(self.out, "{value}"),
            None => self.out.write_all(b"null"),
        }
    }

    /// Text.
    pub(crate) fn text(&mut self, key: &str, value: &str) -> io::Result<()> {
        self.key(key)?;
        self.string(value)
    }

    pub(crate) fn text_or_null(&mut self, key: &str, value: Option<&str>) -> io::Result<()> {
        match value {
            Some(text) => self.text(key, text),
            None => self.value(key, None::<u64>),
        }
    }

    /// Bytes as text. What is not UTF-8 is U+FFFD there, and all bytes stand in
    /// hexadecimal under the key with `_hex` behind it.
    pub(crate) fn bytes(&mut self, key: &str, value: &[u8]) -> io::Result<()> {
        self.text(key, &String::from_utf8_lossy(value))?;
        if std::str::from_utf8(value).is_err() {
            self.key(&format!("{key}_hex"))?;
            self.out.write_all(b"\"")?;
            for byte in value {
                write!(self.out, "{byte:02x}")?;
            }
            self.out.write_all(b"\"")?;
        }
        Ok(())
    }

    /// A text in an array.
    pub(crate) fn item(&mut self, value: &str) -> io::Result<()> {
        self.separate()?;
        self.string(value)
    }

    /// A number in an array.
    pub(crate) fn number(&mut self, value: impl std::fmt::Display) -> io::Result<()> {
        self.separate()?;
        write!(self.out, "{value}")
    }

    /// Ends a line of JSON lines.
    pub(crate) fn line(&mut self) -> io::Result<()> {
        self.follows = false;
        self.out.write_all(b"\n")
    }

    fn key(&mut self, key: &str) -> io::Result<()> {
        self.separate()?;
        self.string(key)?;
        self.out.write_all(b":")
    }

    fn nest(
        &mut self,
        open: &str,
        close: &str,
        fill: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.out.write_all(open.as_bytes())?;
        self.follows = false;
        fill(self)?;
        self.follows = true;
        self.out.write_all(close.as_bytes())
    }

    fn separate(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.follows, true) {
            self.out.write_all(b",")?;
        }
        Ok(())
    }

    fn string(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(b"\"")?;
        for c in text.chars() {
            match c {
                '"' | '\\' => write!(self.out, "\\{c}")?,
                c if c.is_control() => write!(self.out, "\\u{:04x}", c as u32)?,
                c => write!(self.out, "{c}")?,
            }
        }
        self.out.write_all(b"\"")
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
            json.value("n", Some(7))?;
            json.value("none", None::<u64>)?;
            json.text("t", "a\"b\\c\n\u{1b}\u{9b}\u{e9}")?;
            json.array_at("list", |json| {
                json.item("x")?;
                json.number(3)?;
                json.object(|_| Ok(()))?;
                json.object(|json| json.value("b", Some(true)))
            })?;
            json.bytes("raw", b"\xffA")
        })
        .unwrap();
        json.line().unwrap();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "{\"n\":7,\"none\":null,\"t\":\"a\\\"b\\\\c\\u000a\\u001b\\u009b\u{e9}\",\
             \"list\":[\"x\",3,{},{\"b\":true}],\"raw\":\"\u{fffd}A\",\"raw_hex\":\"ff41\"}\n"
        );
    }
}
