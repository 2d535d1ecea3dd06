#!/usr/bin/env python3
"""A board's serial line: a pseudo-terminal between an emulator and what watches it.

usage: serial.py LINK TIMES POWER COMMAND...

LINK becomes the terminal's name. The emulator is started as often as a line is added to
the file POWER, and ended when that says `off`. TIMES gets a line for each piece that the
emulator wrote: nanoseconds of CLOCK_MONOTONIC and the bytes, in hexadecimal; and one
with `power` in their place when the emulator was started.
"""

import os
import pty
import select
import signal
import subprocess
import sys
import time
import tty


def main():
    link, times, power = sys.argv[1:4]
    command = sys.argv[4:]
    master, slave = pty.openpty()
    tty.setraw(slave)
    os.symlink(os.ttyname(slave), link)
    stamps = open(times, "w", buffering=1)
    open(power, "a").close()
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    emulator, done = None, 0
    while not ended:
        said = open(power).read().splitlines()
        for word in said[done:]:
            done += 1
            if emulator:
                emulator.kill()
                emulator.wait()
                emulator = None
            if word == "on":
                emulator = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                stamps.write(f"{time.monotonic_ns()} power\n")
        from_emulator = emulator.stdout.fileno() if emulator else -1
        ready, _, _ = select.select([master] + ([from_emulator] if emulator else []), [], [], 0.005)
        if from_emulator in ready:
            piece = os.read(from_emulator, 4096)
            if piece:
                stamps.write(f"{time.monotonic_ns()} {piece.hex()}\n")
                os.write(master, piece)
            else:
                emulator.wait()
                emulator = None
        if master in ready:
            typed = os.read(master, 4096)
            if emulator:
                os.write(emulator.stdin.fileno(), typed)
    if emulator:
        emulator.kill()


main()
