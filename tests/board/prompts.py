#!/usr/bin/env python3
"""Prompts at random moments, in random pieces, on two pseudo-terminals: `boot watch` reads
the one, grabserial (Debian) the other. How late each says that they came.

usage: prompts.py HOST-BINARY [COUNT]

boot watch stamps the prompt's last byte, on CLOCK_MONOTONIC; grabserial the first byte of
its line, with the wall clock. Exit status: 0, or 1 where a prompt was missed or made up.
"""

import datetime
import os
import pty
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import tty

NOISE = [
    b"Last login: Mon Nov 23 10:00:00 on ttyAMA0\r\n",
    b"[   12.345678] a kernel login: of no host\r\n",
    b"pi login:\r\n",
    b"\xff\xfe\x00 no text\r\n",
]


class Line:
    def __init__(self):
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        self.name = os.ttyname(self.slave)

    def say(self, piece):
        now = time.monotonic_ns(), time.time_ns()
        os.write(self.master, piece)
        return now


def figures(name, late_ms):
    late_ms.sort()
    at = lambda share: late_ms[int((len(late_ms) - 1) * share)]
    print(f"{name}: {len(late_ms)} prompts, {at(0.5):.3f} ms (median), {at(0.99):.3f} ms (p99), {late_ms[-1]:.3f} ms (most) "
          "after they were written")


def main():
    binary, count = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 300
    folder = tempfile.TemporaryDirectory()
    os.chdir(folder.name)
    ours, theirs, dice = Line(), Line(), random.Random(2026)
    watch = subprocess.Popen([binary, "boot", "watch", ours.name, "--runs", str(count), "--start", "go", "--nudge", "0",
                              "--timeout", "10m", "--transcript", "raw"], stdout=subprocess.PIPE, text=True)
    grab = subprocess.Popen(["grabserial", "-S", "-d", theirs.name, "-T", "-o", "grabbed"], stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)
    time.sleep(2)
    said, last, first, told = 0, [], [], []
    for number in range(1, count + 1):
        noise = b"".join(dice.choice(NOISE) for _ in range(dice.randrange(4)))
        text = b"go\r\n" + noise + b"\r\n" + b"board-%d login: " % number
        begin, at = len(text) - len(b"board-%d login: " % number), 0
        while at < len(text):
            piece = text[at : at + dice.randint(1, len(text) - at)]
            time.sleep(dice.uniform(0, 0.008))
            now = ours.say(piece)
            other = theirs.say(piece)
            if at <= begin < at + len(piece):
                first.append(other[1])
            at += len(piece)
        said += len(text)
        last.append((said - 1, now[0]))
        told.append(watch.stdout.readline())
        ours.say(b"\r\n")
        theirs.say(b"\r\n")
        said += 2
    rest = watch.stdout.read()
    time.sleep(1)
    grab.terminate()
    grab.wait()
    reads = [tuple(map(int, line.split())) for line in open("raw.times")]
    late = []
    for offset, written in last:
        read = next(ns for ns, start, length in reads if start <= offset < start + length)
        late.append((read - written) / 1e6)
    are_right = all(line.startswith(f"Run {number}: ") for number, line in enumerate(told, 1)) and f", n {count})" in rest
    figures("boot watch", late)
    lines = open("grabbed", errors="replace").read().splitlines()
    stamps = {}
    for line in lines:
        found = re.match(r"\[(?:(\d+-\d+-\d+) )?(\d+):(\d+):(\d+\.\d+)[^\]]*\].*?board-(\d+) login: ", line)
        if found:
            today = datetime.datetime.now().replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
            stamps[int(found[5])] = today + int(found[2]) * 3600 + int(found[3]) * 60 + float(found[4])
    late = [stamps[number] * 1e3 - ns / 1e6 for number, ns in enumerate(first, 1) if number in stamps]
    if late:
        figures("grabserial", late)
    print(f"boot watch: {'none missed, none made up' if are_right else 'NOT as they were written'}; grabserial: "
          f"{len(lines)} lines, {count - len(late)} prompts without a stamp")
    sys.exit(0 if are_right else 1)


main()
