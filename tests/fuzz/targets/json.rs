//! Whether a text is one value of JSON, RFC 8259.

/// # Panics
/// Where it is none.
pub(crate) fn check(text: &[u8]) {
    let mut json = Json { text, at: 0 };
    json.value(0);
    json.blanks();
    assert_eq!(json.at, text.len(), "something is behind the value");
}

struct Json<'t> {
    text: &'t [u8],
    at: usize,
}

impl Json<'_> {
    fn next(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn fail(&self, wanted: &str) -> ! {
        let from = self.at.saturating_sub(60);
        let around = self.text.get(from..).unwrap_or_default();
        let around = String::from_utf8_lossy(&around[..around.len().min(90)]);
        panic!("{wanted} is missing at byte {} of JSON: {around}", self.at);
    }

    fn blanks(&mut self) {
        while matches!(self.next(), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
    }

    fn take(&mut self, wanted: &str) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if !rest.starts_with(wanted.as_bytes()) {
            self.fail(wanted);
        }
        self.at += wanted.len();
    }

    fn value(&mut self, depth: u32) {
        assert!(depth < 100, "too deep");
        self.blanks();
        match self.next() {
            b'{' => self.list('}', |json| {
                json.string();
                json.blanks();
                json.take(":");
                json.value(depth + 1);
            }),
            b'[' => self.list(']', |json| json.value(depth + 1)),
            b'"' => self.string(),
            b't' => self.take("true"),
            b'f' => self.take("false"),
            b'n' => self.take("null"),
            _ => self.number(),
        }
    }

    fn list(&mut self, end: char, mut item: impl FnMut(&mut Self)) {
        self.at += 1;
        self.blanks();
        if char::from(self.next()) == end {
            self.at += 1;
            return;
        }
        loop {
            self.blanks();
            item(self);
            self.blanks();
            match self.next() {
                b',' => self.at += 1,
                _ => return self.take(end.encode_utf8(&mut [0; 4])),
            }
        }
    }

    fn string(&mut self) {
        self.take("\"");
        loop {
            match self.next() {
                b'"' => break,
                b'\\' => {
                    self.at += 1;
                    match self.next() {
                        b'u' => self.at += 4,
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                        _ => self.fail("an escape"),
                    }
                }
                0..=0x1f => self.fail("a quotation mark"),
                _ => {}
            }
            self.at += 1;
        }
        self.at += 1;
    }

    fn digits(&mut self) {
        if !self.next().is_ascii_digit() {
            self.fail("a digit");
        }
        while self.next().is_ascii_digit() {
            self.at += 1;
        }
    }

    fn number(&mut self) {
        if self.next() == b'-' {
            self.at += 1;
        }
        let first = self.next();
        self.digits();
        let len = self.text[..self.at]
            .iter()
            .rev()
            .take_while(|b| b.is_ascii_digit())
            .count();
        assert!(first != b'0' || len == 1, "a number begins with 0");
        if self.next() == b'.' {
            self.at += 1;
            self.digits();
        }
        if matches!(self.next(), b'e' | b'E') {
            self.at += 1;
            if matches!(self.next(), b'+' | b'-') {
                self.at += 1;
            }
            self.digits();
        }
    }
}
