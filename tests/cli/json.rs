//! JSON as RFC 8259 has it, and strictly: what is not JSON panics.

use std::collections::BTreeMap;
use std::str::Chars;

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Truth(bool),
    /// As it is written: 64 bits do not fit a float.
    Number(String),
    Text(String),
    Array(Vec<Value>),
    Object(BTreeMap<String, Value>),
}

impl Value {
    pub fn at(&self, key: &str) -> &Value {
        match self {
            Self::Object(object) => match object.get(key) {
                Some(value) => value,
                None => panic!("no {key} in {object:?}"),
            },
            other => panic!("{other:?} is no object"),
        }
    }

    pub fn has(&self, key: &str) -> bool {
        matches!(self, Self::Object(object) if object.contains_key(key))
    }

    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            other => panic!("{other:?} is no text"),
        }
    }

    pub fn number(&self) -> u64 {
        match self {
            Self::Number(number) => number.parse().unwrap(),
            other => panic!("{other:?} is no number"),
        }
    }

    pub fn items(&self) -> &[Value] {
        match self {
            Self::Array(items) => items,
            other => panic!("{other:?} is no array"),
        }
    }

    /// Of a sample: the process with this pid.
    pub fn process(&self, pid: u64) -> &Value {
        let mut processes = self.at("processes").items().iter();
        match processes.find(|process| process.at("pid").number() == pid) {
            Some(process) => process,
            None => panic!("no process {pid}"),
        }
    }
}

pub fn parse(text: &str) -> Value {
    let mut parser = Parser {
        rest: text.chars(),
        text,
    };
    let value = parser.value();
    assert_eq!(parser.rest.as_str(), "", "something follows in {text:?}");
    value
}

struct Parser<'t> {
    rest: Chars<'t>,
    text: &'t str,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    fn take(&mut self, wanted: char) {
        let found = self.rest.next();
        let rest = self.rest.as_str();
        assert_eq!(found, Some(wanted), "before {rest:?} in {:?}", self.text);
    }

    fn word(&mut self, word: &str, value: Value) -> Value {
        word.chars().for_each(|wanted| self.take(wanted));
        value
    }

    fn value(&mut self) -> Value {
        match self.peek() {
            Some('{') => self.object(),
            Some('[') => self.array(),
            Some('"') => Value::Text(self.string()),
            Some('n') => self.word("null", Value::Null),
            Some('t') => self.word("true", Value::Truth(true)),
            Some('f') => self.word("false", Value::Truth(false)),
            _ => self.plain_number(),
        }
    }

    fn plain_number(&mut self) -> Value {
        let mut digits = String::new();
        while let Some(c @ ('0'..='9' | '-' | '.')) = self.peek() {
            digits.push(c);
            self.rest.next();
        }
        let whole = digits.parse::<i128>().map(|number| number.to_string());
        let broken = digits.parse::<f64>().map(|number| number.to_string());
        let canonical = whole.as_ref() == Ok(&digits) || broken.as_ref() == Ok(&digits);
        assert!(canonical, "{digits:?} in {:?}", self.text);
        Value::Number(digits)
    }

    fn object(&mut self) -> Value {
        let mut object = BTreeMap::new();
        self.take('{');
        while self.peek() != Some('}') {
            if !object.is_empty() {
                self.take(',');
            }
            let key = self.string();
            self.take(':');
            let value = self.value();
            let twice = object.insert(key.clone(), value);
            assert_eq!(twice, None, "{key} comes twice");
        }
        self.take('}');
        Value::Object(object)
    }

    fn array(&mut self) -> Value {
        let mut array = Vec::new();
        self.take('[');
        while self.peek() != Some(']') {
            if !array.is_empty() {
                self.take(',');
            }
            array.push(self.value());
        }
        self.take(']');
        Value::Array(array)
    }

    fn string(&mut self) -> String {
        let mut text = String::new();
        self.take('"');
        loop {
            match self.rest.next().expect("a string has an end") {
                '"' => return text,
                '\\' => text.push(self.escape()),
                c => {
                    assert!(!c.is_control(), "{c:?} stands raw in {:?}", self.text);
                    text.push(c);
                }
            }
        }
    }

    fn escape(&mut self) -> char {
        match self.rest.next() {
            Some(c @ ('"' | '\\' | '/')) => c,
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('u') => {
                let digits: String = self.rest.by_ref().take(4).collect();
                let number = u32::from_str_radix(&digits, 16).unwrap();
                char::from_u32(number).expect("no surrogates are needed here")
            }
            other => panic!("\\{other:?} in {:?}", self.text),
        }
    }
}
