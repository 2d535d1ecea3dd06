#!/usr/bin/env python3
"""Which test programs run each unsafe block and function of src/system, from the lines that
llvm-cov counted: tests/sanitizers/unsafe.py PROGRAM.lcov... Status 1 where one is not run."""

import glob
import os
import re
import sys


def spans(path):
    """The lines of each block and function, but for those of the file's own tests."""
    text = re.split(r"#\[cfg\(test\)\]\n.*\bmod \w+ \{", open(path).read())[0]
    for found in re.finditer(r"\bunsafe (?:(?:extern \"C\" )?fn \w+[^{]*)?\{", text):
        line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        if "//" in line:
            continue
        depth, end = 0, found.end() - 1
        for end in range(found.end() - 1, len(text)):
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            if depth == 0:
                break
        yield text.count("\n", 0, found.start()) + 1, text.count("\n", 0, end) + 1


def counted(lcov):
    """The lines that were run, and those that could have been, by file."""
    lines, path = {}, None
    for line in open(lcov):
        kind, _, rest = line.strip().partition(":")
        if kind == "SF":
            path = os.path.relpath(rest)
        elif kind == "DA":
            number, count = rest.split(",")[:2]
            of_file = lines.setdefault(path, {})
            of_file[int(number)] = max(of_file.get(int(number), 0), int(count))
    return lines


def main():
    programs = {os.path.basename(path)[: -len(".lcov")]: counted(path) for path in sys.argv[1:]}
    run, all_spans = 0, 0
    for path in sorted(glob.glob("src/system/**/*.rs", recursive=True)):
        # What Miri alone compiles is run by `run miri`.
        if path.endswith("/in_miri.rs"):
            continue
        for first, last in spans(path):
            inside = range(first + 1, last) if last > first + 1 else range(first, last + 1)
            # The arm of a fork's child is counted as what its parent did not do.
            if "ForkResult::Child =>" in open(path).read().split("\n")[first - 1]:
                inside = range(first - 2, last + 1)
            by = [name for name, lines in programs.items() if any(lines.get(path, {}).get(at) for at in inside)]
            print("%-8s %s:%d  %s" % ("ok" if by else "NOT RUN", path, first, " ".join(by)))
            all_spans += 1
            run += bool(by)
    print("%d of %d are run" % (run, all_spans))
    return run < all_spans


sys.exit(main())
