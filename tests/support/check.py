"""Reads a report in one of its forms as others read it, and prints the names that its
table of processes by memory has, one a line as JSON. What is not as it has to be is an
error: check.py FORM < REPORT
"""

import sys

try:
    import csv
    import html.parser
    import io
    import json
    import re
    import xml.etree.ElementTree
except ImportError as missing:
    # Distributions for boards have them in packages of their own.
    sys.exit(missing)

VOID = {"meta", "br"}
REFUSED = {"script", "link", "img", "iframe", "object", "embed", "form", "input", "base"}
# What only SVG and HTML themselves are named by.
NAMES_OF_NOTHING = {"http://www.w3.org/2000/svg"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.names, self.title, self.text, self.ids = [], [], "", "", []
        self.links, self.pictures, self.told = [], 0, 0

    def handle_starttag(self, tag, attributes):
        assert tag not in REFUSED, tag
        for name, value in attributes:
            assert not name.startswith("on"), name
            assert name not in ("src", "srcset", "data", "action", "xlink:href"), name
            if name == "href":
                assert value.startswith("#"), value
                self.links.append(value[1:])
            if name == "id":
                self.ids.append(value)
        if tag == "svg" and dict(attributes).get("role") == "img":
            self.pictures += 1
        if tag == "desc":
            self.told += 1
        if tag not in VOID:
            self.open.append(tag)
        self.text = ""

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.open.pop()

    def handle_data(self, data):
        self.text += data

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, (tag, self.open, self.getpos())
        if tag in ("h2", "h3", "h4"):
            self.title = self.text
        if tag == "th" and self.open[-2:] == ["tbody", "tr"] and "by memory" in self.title:
            self.names.append(self.text)


def page(text):
    assert text.startswith("<!DOCTYPE html>\n")
    assert "url(" not in text and "@import" not in text
    assert not set(re.findall(r"https?://[^\s\"'<]*", text)) - NAMES_OF_NOTHING
    read = Page()
    read.feed(text)
    read.close()
    assert not read.open, read.open
    assert len(set(read.ids)) == len(read.ids)
    assert set(read.links) <= set(read.ids)
    assert read.pictures == read.told > 0
    return read.names


def pictures(text):
    root = xml.etree.ElementTree.fromstring(text)
    space = "{http://www.w3.org/2000/svg}"
    assert root.tag == space + "svg"
    known = {"svg", "title", "desc", "style", "text", "tspan", "path", "g"}
    for element in root.iter():
        assert element.tag.removeprefix(space) in known, element.tag
        assert not any("href" in name for name in element.attrib)
    drawn = [one for one in root.iter(space + "svg") if one.get("role") == "img"]
    assert all(one.find(space + "title").text and one.find(space + "desc").text for one in drawn)
    assert len(drawn) > 0
    return []


def tidy(text):
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert all(len(row) == len(rows[0]) for row in rows)
    assert len(text.splitlines()) == len(rows), "a record is a line"
    names = {}
    for row in rows[1:]:
        row = dict(zip(rows[0], row))
        assert row["value"] == "" or float(row["value"]) is not None
        if row["subject"] == "by_memory":
            names[row["name"]] = None
    return list(names)


def document(text):
    report = json.loads(text, parse_constant=lambda name: sys.exit(name))
    rows = [row for block in report["blocks"] for run in block["runs"] for row in run["by_memory"]]
    return [row.get("name_hex", row["name"]) for row in rows]


def markdown(text):
    names, title, width = [], "", None
    for line in text.splitlines():
        if line.startswith("#"):
            title, width = line, None
        elif line.startswith("|"):
            cells = re.split(r"(?<!\\)(?:\\\\)*\|", line)
            assert width in (None, len(cells)), line
            width = len(cells)
            assert "<" not in line and ">" not in line, line
            name = html.unescape(re.sub(r"\\(.)", r"\1", cells[1].strip()))
            if "by memory" in title and name not in ("name", ":--"):
                names.append(name)
        else:
            width = None
    return names


sys.stdin.reconfigure(encoding="utf-8", errors="strict", newline="")
read = {"html": page, "svg": pictures, "csv": tidy, "json": document, "md": markdown}
for name in read[sys.argv[1]](sys.stdin.read()):
    print(json.dumps(name))
