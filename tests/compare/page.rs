//! The page and the picture: where marks stand, worked out by hand and, for all rows, from
//! json and the scale that is printed; that nothing is said twice, and no label hidden.

use super::labels::{assert_apart, attribute, labels, overlap, plain};
use super::others::checked;
use super::{compared, folder, made, two_products, Folder};
use crate::json::{self, Value};

/// Text from behind `begin` up to `end`.
fn between<'t>(text: &'t str, begin: &str, end: &str) -> &'t str {
    let (_, rest) = text.split_once(begin).unwrap_or_else(|| panic!("{begin}"));
    let (inner, _) = rest.split_once(end).unwrap_or_else(|| panic!("{end}"));
    inner
}

/// What can be read: without styles, elements, and the titles that show under a pointer.
fn readable(page: &str) -> String {
    let mut text = String::new();
    let mut rest = page.split_once("</head>").unwrap().1;
    while let Some((before, tag)) = rest.split_once('<') {
        text += before;
        let hidden = ["title>", "desc>"]
            .into_iter()
            .find(|of| tag.starts_with(of));
        let end = hidden.map_or(">".to_owned(), |of| format!("</{of}"));
        rest = tag.split_once(&end).unwrap().1;
        text.push('\n');
    }
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| format!("{line}\n"))
        .collect()
}

/// The plot of each row that has one, with its section and its label.
fn plots(page: &str) -> Vec<(String, String, String)> {
    let table = between(page, "<table class=\"results\"", "</table>");
    let mut section = String::new();
    let mut all = Vec::new();
    for row in table.split("<tr").skip(1) {
        if row.contains("rowgroup") {
            section = between(row, "\">", "</th>")
                .rsplit('>')
                .next()
                .unwrap()
                .to_owned();
        } else if row.contains("class=\"dots\"") {
            let label = between(row, "scope=\"row\">", "</th>").to_owned();
            all.push((
                section.clone(),
                label,
                between(row, "<svg", "</svg>").to_owned(),
            ));
        }
    }
    all
}

/// The marks of a product in a plot: x, y and what each tells.
fn marks(plot: &str, product: usize) -> Vec<(usize, usize, String)> {
    let lane = plot.split(&format!("<g class=\"p{product}\">")).nth(1);
    let lane = lane.map_or("", |lane| lane.split("</g>").next().unwrap());
    let mark = |element: &str| {
        let path = attribute(element, "d").strip_prefix('M').unwrap();
        let (x, rest) = path.split_once(' ').unwrap();
        let y = rest.split('m').next().unwrap();
        let told = between(element, "<title>", "</title>").to_owned();
        (x.parse().unwrap(), y.trim().parse().unwrap(), told)
    };
    lane.split("<path class=\"k\"").skip(1).map(mark).collect()
}

/// The scale of 188 units from 6 on ends at 800 MiB: 600 MiB stand at 6 + 141, 610 at
/// 6 + 143.35, 605 at 6 + 142.2; 300 at 6 + 70.5, 310 at 6 + 72.85, 305 at 6 + 71.7,
/// 302 at 6 + 70.97, 308 at 6 + 72.4. The lanes are 13 units high, their middles at 7 and 20.
/// The medians are 605 and 305; of three runs the band is from least to greatest.
#[test]
fn marks_stand_where_they_have_to() {
    let page = compared(&folder(&two_products()), [".", "--format=html"]);
    let all = plots(&page);
    let plot = all
        .iter()
        .find(|(_, label, _)| label == "in use (true), with")
        .unwrap();
    let plot = &plot.2;
    let told = |at: [(usize, &str); 3], y| at.map(|(x, told)| (x, y, told.to_owned()));
    let k3s = [
        (147, "600.0 MiB: 03.ebl"),
        (149, "610.0 MiB: 04.ebl"),
        (148, "605.0 MiB: 05.ebl"),
    ];
    assert_eq!(marks(plot, 0), told(k3s, 7));
    let izuma = [77, 79, 78, 77, 78];
    assert_eq!(
        marks(plot, 1).iter().map(|mark| mark.0).collect::<Vec<_>>(),
        izuma
    );
    assert!(marks(plot, 1).iter().all(|mark| mark.1 == 20));
    for path in [
        "<path class=\"v\" d=\"M148 1v12\"/>",
        "<path class=\"v\" d=\"M78 14v12\"/>",
        "<path class=\"r\" d=\"M147 7H149\"/>",
        "<path class=\"x\" d=\"M6 27H194\"/>",
        ">800 MiB</text>",
    ] {
        assert!(plot.contains(path), "{path}\n{plot}");
    }
}

/// The end of a scale as it is printed, in the unit of json.
fn printed(plot: &str) -> f64 {
    let label = plot.rsplit("<text").next().unwrap();
    let label = between(label, ">", "</text>");
    let words: Vec<&str> = label.split(' ').collect();
    let parts = words.chunks(2).map(|part| {
        let number: f64 = part[0].parse().unwrap();
        match part.get(1) {
            Some(&"MiB") => number * 1024.0,
            Some(&"min") => number * 60.0,
            _ => number,
        }
    });
    parts.sum()
}

fn float(value: &Value) -> f64 {
    match value {
        Value::Number(number) => number.parse().unwrap(),
        other => panic!("{other:?}"),
    }
}

fn with_facts() -> Folder {
    let folder = folder(&two_products());
    folder.write(
        "hand.facts",
        "k3s boot-cold 38 s \"watch\"\nk3s boot-cold 44 s \"watch\"\nizuma boot-cold 26 s \"watch\"\n\
         k3s api-slowest 1m 31s \"time\"\nizuma api-slowest 0.8 s \"time\"\n",
    );
    folder
}

/// Each row of json that has values of runs has a plot, in the same order, with a mark for
/// each of them where the printed scale has it.
#[test]
fn every_run_has_its_mark() {
    let folder = with_facts();
    let page = compared(&folder, [".", "--facts=hand.facts", "--format=html"]);
    let text = compared(&folder, [".", "--facts=hand.facts", "--format=json"]);
    let value = json::parse(text.trim_end());
    let mut plots = plots(&page).into_iter();
    let mut seen = 0;
    for row in value.at("rows").items() {
        let cells = row.at("cells").items();
        let points = |cell: &Value| -> Vec<f64> {
            let known = cell.has("points").then(|| cell.at("points").items());
            known
                .into_iter()
                .flatten()
                .map(|point| float(point.at("value")))
                .collect()
        };
        let all: Vec<Vec<f64>> = cells.iter().map(points).collect();
        let drawn = all.iter().flatten().any(|value| *value > 0.0);
        if !drawn || row.at("unit").text() == "yes or no" {
            continue;
        }
        let (section, label, plot) = plots.next().unwrap();
        let name = format!("{section}: {label}");
        let end = printed(&plot);
        let is_taken = row.at("statistic").text() == "difference";
        for (product, values) in all.iter().enumerate() {
            let marks = marks(&plot, product);
            if is_taken {
                assert_eq!(marks, [], "{name}");
                continue;
            }
            let expected = values
                .iter()
                .map(|value| 6 + (value / end * 188.0).round() as usize);
            let found: Vec<usize> = marks.iter().map(|mark| mark.0).collect();
            assert_eq!(found, expected.collect::<Vec<_>>(), "{name}");
            seen += found.len();
        }
        let most = all
            .iter()
            .flatten()
            .fold(0.0f64, |most, value| most.max(*value));
        assert!(
            is_taken || most <= end && most * 2.0 >= end,
            "{name}: {most} to {end}"
        );
    }
    assert!(plots.next().is_none());
    assert!(seen > 100, "{seen}");
}

/// The value of a cell, its spread, its difference and ratio: each stands in one place; not
/// those of conclusions, which are in a card too.
#[test]
fn a_value_is_said_once() {
    let page = readable(&compared(&folder(&two_products()), [".", "--format=html"]));
    for said in [
        "605.0 MiB",
        "600.0 to 610.0,",
        "305.0 MiB",
        "395.0 MiB",
        "390.0 to 400.0,",
        "-201.0 MiB",
        "0.50 x, 0.49 to 0.52*,",
        "./04.ebl",
    ] {
        let count = page.matches(said).count();
        let count = count - page.matches(&format!("-{said}")).count();
        assert_eq!(count, 1, "{said}\n{page}");
    }
}

#[test]
fn no_label_is_on_another() {
    let folder = with_facts();
    let page = compared(&folder, [".", "--facts=hand.facts", "--format=html"]);
    let mut count = 0;
    for drawing in page.split("<svg").skip(1) {
        let drawing = drawing.split("</svg>").next().unwrap();
        let size = match attribute(drawing, "class") {
            "dots" => 10.0,
            _ => 20.0,
        };
        let labels = labels(drawing, size);
        assert_apart(&labels, drawing);
        count += labels.len();
    }
    assert!(count > 50, "{count}");
    let picture = compared(&folder, [".", "--facts=hand.facts", "--format=svg"]);
    assert_picture(&picture);
}

/// No label of a picture is on another, on a plot, or cut off.
fn assert_picture(picture: &str) {
    let inner = picture.split_once("</style>").unwrap().1;
    let labels = labels(inner, 24.0);
    assert!(labels.len() > 3);
    assert_apart(&labels, "the picture");
    for plot in inner.split("<svg class=\"dots\"").skip(1) {
        let number = |name| attribute(plot, name).parse::<f64>().unwrap();
        let [x, y, width, height] = ["x", "y", "width", "height"].map(number);
        let plot = ([x, x + width], [y, y + height], "a plot".to_owned());
        assert!(
            labels.iter().all(|label| !overlap(label, &plot)),
            "{plot:?}"
        );
    }
    // Nothing is cut off at the side, nor below.
    let height: f64 = attribute(&picture[4..], "height").parse().unwrap();
    for ([left, right], [top, bottom], text) in labels {
        assert!(left >= 0.0 && right <= 1280.0, "{text}");
        assert!(top >= 0.0 && bottom <= height, "{text}");
    }
}

/// Eight runs of each product and stage, so that differences are decided.
#[test]
fn the_picture_has_the_conclusions_with_their_runs() {
    let mut logs = Vec::new();
    for (product, used, first) in [("k3s", 600, 1), ("izuma", 300, 9)] {
        for run in first..first + 8 {
            logs.push(super::Made {
                used: used + u64::from(run),
                ..made(run, product, "edge")
            });
        }
    }
    let picture = compared(&folder(&logs), [".", "--format=svg"]);
    assert_picture(&picture);
    let text = plain(picture.split_once("</style>").unwrap().1);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // Medians of 601 to 608, and of 309 to 316.
    assert!(
        text.contains("With izuma, 292.0 MiB less memory is in use than with k3s"),
        "{text}"
    );
    let plot = between(&picture, "<svg class=\"dots\"", "</svg>");
    assert_eq!((marks(plot, 0).len(), marks(plot, 1).len()), (8, 8));
    // 601 and 309 of 800 MiB.
    assert_eq!(marks(plot, 0)[0].0, 6 + 141);
    assert_eq!(marks(plot, 1)[0].0, 6 + 73);
    let _ = checked("svg", &picture);
}

/// All runs use 600 to 610 and 300 to 310 MiB throughout. On 150 units from 164 up to 14, which
/// stand for 800 MiB, 605 MiB are at 164 - 113.4 and 305 at 164 - 57.2; the bands are from
/// 610 (114.4) and 310 (58.1) to 600 (112.5, which is rounded up) and 300 (56.25).
#[test]
fn stages_are_drawn_over_time() {
    let page = compared(&folder(&two_products()), [".", "--format=html"]);
    let (_, memory) = page.split_once("Memory in use over time, MiB</h").unwrap();
    let edge = between(memory, "<figcaption>edge</figcaption>", "</figure>");
    for drawn in [
        "<path class=\"b p0\" d=\"M90 50H394V51H90z\"/>",
        "<path class=\"l p0\" d=\"M90 51H394\"/>",
        "<path class=\"b p1\" d=\"M90 106H394V108H90z\"/>",
        "<path class=\"l p1\" d=\"M90 107H394\"/>",
        "k3s: 3 runs, izuma: 5 runs",
        ">800</text>",
        ">1 min 0 s</text>",
    ] {
        assert!(edge.contains(drawn), "{drawn}\n{edge}");
    }
    let cpu = between(&page, "CPU over time, % of all cores</h2>", "</h2>");
    let titles = cpu.matches("<figcaption>").count();
    assert_eq!(titles, 2, "baseline and edge");
}

/// On a board with so much memory that its unit has no room beside the picture; 90 units are
/// to the left of that.
#[test]
fn no_label_of_a_stage_is_cut_off() {
    let mut logs = [made(1, "k3s", "edge"), made(2, "izuma", "edge")];
    for log in &mut logs {
        (log.header.mem_total_kib, log.used) = (64 << 20, 40_000);
    }
    let page = compared(&folder(&logs), [".", "--format=html"]);
    let (_, panels) = page.split_once("<div class=\"charts panels\">").unwrap();
    let mut drawn = 0;
    for drawing in panels.split("<svg role=\"img\"").skip(1) {
        for ([left, right], _, text) in labels(drawing.split("</svg>").next().unwrap(), 24.0) {
            assert!(left >= 0.0 && right <= 400.0, "{text}: {left} to {right}");
            drawn += usize::from(text == "40000");
        }
    }
    assert_eq!(drawn, 1);
}

/// 2 and 6 % of CPU, at the most 24, so that 150 units up from 164 are 30 %: the line is at 4, 20
/// units up, and the band from 10 to 30. A run of one sample has no time to be drawn over.
#[test]
fn the_middle_of_two_runs_is_between_them() {
    let mut logs = [
        made(1, "k3s", "edge"),
        made(2, "k3s", "edge"),
        made(3, "izuma", "workload"),
    ];
    (logs[1].busy, logs[2].samples) = (24, 1);
    let page = compared(&folder(&logs), [".", "--format=html"]);
    let cpu = between(&page, "CPU over time, % of all cores</h2>", "</h2>");
    for drawn in [
        "<path class=\"b p0\" d=\"M94 134H",
        "<path class=\"l p0\" d=\"M94 144H",
    ] {
        assert!(cpu.contains(drawn), "{drawn}\n{cpu}");
    }
    assert!(!page.contains("<figcaption>workload"));
}

/// A minute of each: with the interval of its logs, and by the names in them.
#[test]
fn how_to_repeat_it_is_said() {
    let page = plain(&compared(&folder(&two_products()), [".", "--format=html"]));
    for command in [
        "edgebench-lite record --product k3s --stage baseline --interval 1s --duration 60s (3 runs)",
        "edgebench-lite record --product izuma --stage edge --interval 1s --duration 60s (5 runs)",
    ] {
        assert!(page.contains(command), "{command}");
    }
}

/// A colour's parts of light, 0 to 1.
fn light(hex: &str) -> [f64; 3] {
    let part = |at: usize| {
        let value = u32::from_str_radix(&hex[at..at + 2], 16).unwrap();
        let value = f64::from(value) / 255.0;
        match value <= 0.04045 {
            true => value / 12.92,
            false => ((value + 0.055) / 1.055).powf(2.4),
        }
    };
    [part(1), part(3), part(5)]
}

/// As it is seen without the cones for green, and without those for red (Machado, Oliveira
/// and Fernandes 2009, severity 1).
const BLIND: [[[f64; 3]; 3]; 3] = [
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
];

/// Products differ in hue, for colour-blind people too, and stand out from the ground: 3 to 1
/// at least (WCAG 2.2, 1.4.11). From the seventh on, marks alone differ.
#[test]
fn products_have_hues_of_their_own() {
    let page = compared(&folder(&two_products()), [".", "--format=html"]);
    let (bright, dark) = page.split_once("prefers-color-scheme:dark").unwrap();
    for (style, ground) in [(bright, "#ffffff"), (dark, "#14181c")] {
        let hues: Vec<[f64; 3]> = (0..6)
            .map(|product| light(between(style, &format!(".p{product}{{color:"), "}")))
            .collect();
        let brightness = |[r, g, b]: [f64; 3]| 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
        for hue in &hues {
            let (hue, ground) = (brightness(*hue), brightness(light(ground)));
            assert!(hue.max(ground) / hue.min(ground) >= 3.0, "{hue} {ground}");
        }
        for matrix in BLIND {
            let seen = hues.iter().map(|hue| {
                matrix.map(|row| {
                    row.iter()
                        .zip(hue)
                        .map(|(a, b)| a * b)
                        .sum::<f64>()
                        .max(0.0)
                        .cbrt()
                })
            });
            let seen: Vec<[f64; 3]> = seen.collect();
            // Three products: two are usual.
            for (one, other) in [(0, 1), (0, 2), (1, 2)] {
                let parts = seen[one]
                    .iter()
                    .zip(seen[other])
                    .map(|(a, b)| (a - b).powi(2));
                let distance = parts.sum::<f64>().sqrt();
                assert!(distance > 0.2, "{one} {other}: {distance}");
            }
        }
    }
    let keys = |product: &str| page.contains(&format!("<svg class=\"key {product}\""));
    assert!(keys("p0") && keys("p1"));
}
