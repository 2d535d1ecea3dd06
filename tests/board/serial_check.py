#!/usr/bin/env python3
"""Holds what `boot watch` has recorded against what serial.py has stamped.

usage: serial_check.py TIMES RESULTS MS  compares; exit status 1 where they differ by more
       serial_check.py --told TIMES      whether the board has told all of the last start
"""

import json
import re
import sys

PROMPT = re.compile(rb"(?:^|[\r\n])([\w.-]+ login: )")
STAMP = re.compile(rb"\[ *(\d+)\.(\d{6})\]")


def starts(path):
    """Of each start: when the power came, all bytes, and the time of each byte."""
    found = []
    for line in open(path):
        ns, text = line.split()
        if text == "power":
            found.append((int(ns), bytearray(), []))
        else:
            piece = bytes.fromhex(text)
            found[-1][1].extend(piece)
            found[-1][2].extend([int(ns)] * len(piece))
    return found


def entry(text, times, lines):
    """The least of arrival less stamp, over some of the kernel's lines."""
    stamps = list(STAMP.finditer(text))[lines]
    least = min(times[m.start()] - (int(m[1]) * 10**6 + int(m[2])) * 1000 for m in stamps)
    return least


def main():
    if sys.argv[1] == "--told":
        _, text, _ = starts(sys.argv[2])[-1]
        sys.exit(0 if b"board: told" in text else 1)
    wrong, within_ms = 0, float(sys.argv[3])
    results = [json.loads(line) for line in open(sys.argv[2])]
    results = [record for record in results if record["record"] == "result"]
    for number, ((power, text, times), result) in enumerate(zip(starts(sys.argv[1]), results), 1):
        prompt = times[PROMPT.search(text).end(1) - 1]
        marks = {e["label"]: e["value"] for e in result["entries"] if e["tag"] == 3}
        odd, even = entry(text, times, slice(0, None, 2)), entry(text, times, slice(1, None, 2))
        kernel = min(odd, even)
        kernel_to_prompt = marks.get("kernel", 0) + marks["userspace"]
        late = kernel_to_prompt / 1e3 - (prompt - kernel) / 1e6
        total = result["value"] / 1e3 - (prompt - power) / 1e6
        apart = abs(odd - even) / 1e6
        uptimes = re.finditer(rb"uptime (\d+\.\d+)", text)
        clock = [times[m.start()] - int(float(m[1]) * 1e9) for m in uptimes]
        offset = [(kernel - of) / 1e6 for of in clock]
        print(f"start {number}: kernel to prompt {kernel_to_prompt / 1e6:.3f} s, {late:+.3f} ms of the proxy's; "
              f"total {total:+.3f} ms; odd and even lines {apart:.3f} ms apart; "
              f"kernel's stamps began {', '.join(f'{ms:+.1f}' for ms in offset)} ms after its clock")
        wrong += abs(late) > within_ms or apart > within_ms
        own = re.search(rb"login prompt +([\d.]+) .*?between ([\d.]+)\s+and\s+([\d.]+)", text.replace(b"\r", b""), re.S)
        if own:
            # By the clock that the guest has written to the line.
            at = (prompt - min(clock)) / 1e9
            held = float(own[2]) <= at + 0.02 and at <= float(own[3])
            print(f"  the board's bracket {own[2].decode()} to {own[3].decode()} s, on the line {at:.2f} s: "
                  f"{'held' if held else 'NOT held'}")
            wrong += not held
        for line in re.findall(rb"  (?:firmware|init) .*", text)[:4]:
            print("  board:", line.decode().strip())
    sys.exit(1 if wrong else 0)


main()
