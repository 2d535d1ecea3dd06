//! The labels of drawings, and whether one is on another.

/// The value of an attribute of the element that the text begins within.
pub fn attribute<'t>(element: &'t str, name: &str) -> &'t str {
    let tag = element.split('>').next().unwrap();
    let begin = format!(" {name}=\"");
    if tag.contains(&begin) {
        tag.split(&begin).nth(1).unwrap().split('"').next().unwrap()
    } else {
        ""
    }
}

/// Text without tags.
pub fn plain(markup: &str) -> String {
    let pieces = markup.split('<').enumerate();
    let pieces = pieces.map(|(nth, piece)| match nth {
        0 => piece,
        _ => piece.split_once('>').map_or("", |(_, behind)| behind),
    });
    pieces.collect()
}

/// A label: where it begins and ends, its top and its bottom.
pub type Box = ([f64; 2], [f64; 2], String);

/// The labels of a drawing that are not in one inside it: a letter is at most 0.62 of the
/// size of the type.
pub fn labels(drawing: &str, size: f64) -> Vec<Box> {
    let mut depth = 0;
    let mut all = Vec::new();
    for part in drawing.split('<').skip(1) {
        match part {
            part if part.starts_with("svg") => depth += 1,
            part if part.starts_with("/svg") => depth -= 1,
            _ => {}
        }
        if depth > 0 || !part.starts_with("text ") {
            continue;
        }
        let number = |name| attribute(part, name).parse::<f64>().unwrap();
        let (x, y) = (number("x"), number("y"));
        let begin = drawing.find(part).unwrap();
        let text = drawing[begin..].split("</text>").next().unwrap();
        let text = plain(text.split_once('>').unwrap().1);
        let width = text.chars().count() as f64 * size * 0.62;
        let classes: Vec<&str> = attribute(part, "class").split(' ').collect();
        let left = match () {
            () if classes.contains(&"e") => x - width,
            () if classes.contains(&"m") => x - width / 2.0,
            () => x,
        };
        all.push(([left, left + width], [y - size * 0.8, y + size * 0.2], text));
    }
    all
}

pub fn overlap(a: &Box, b: &Box) -> bool {
    let meets = |a: &[f64; 2], b: &[f64; 2]| a[0] < b[1] && b[0] < a[1];
    meets(&a.0, &b.0) && meets(&a.1, &b.1)
}

pub fn assert_apart(labels: &[Box], what: &str) {
    for (at, one) in labels.iter().enumerate() {
        for other in &labels[at + 1..] {
            assert!(!overlap(one, other), "{what}: {one:?} {other:?}");
        }
    }
}

#[test]
fn labels_that_overlap_are_found() {
    let one = "<text x=\"0\" y=\"20\" class=\"w\">600 MiB</text>";
    let other = "<text x=\"100\" y=\"22\" class=\"w e\">800 MiB</text>";
    assert!(overlap(&labels(one, 20.0)[0], &labels(other, 20.0)[0]));
    assert!(!overlap(&labels(one, 10.0)[0], &labels(other, 10.0)[0]));
}
