#!/usr/bin/env python3
"""A board's serial line: a pseudo-terminal between an emulator and what watches it.

usage: serial.py LINK TIMES POWER COMMAND...

LINK becomes the terminal's name. The emulator is started as often as a line is added to
the file POWER, and ended when that says `off`. TIMES gets a line for each piece that the
emulator wrote: nanoseconds of CLOCK_MONOTONIC and the bytes, in hexadecimal; one with
`typed` before the bytes for each piece that was typed; and one with `power` in their
place when the emulator was started. What nobody reads is lost, as on a real line.
"""

import contextlib
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
    os.set_blocking(master, False)
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
                stamps.write(f"{time.monotonic_ns()} power\n")
                # After the others: they are to see at once what it writes.
                emulator = subprocess.Popen(["nice", "-n", "10", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        from_emulator = emulator.stdout.fileno() if emulator else -1
        ready, _, _ = select.select([master] + ([from_emulator] if emulator else []), [], [], 0.005)
        if from_emulator in ready:
            piece = os.read(from_emulator, 4096)
            if piece:
                stamps.write(f"{time.monotonic_ns()} {piece.hex()}\n")
                with contextlib.suppress(BlockingIOError):
                    os.write(master, piece)
            else:
                emulator.wait()
                emulator = None
        if master in ready:
            typed = os.read(master, 4096)
            stamps.write(f"{time.monotonic_ns()} typed {typed.hex()}\n")
            if emulator:
                os.write(emulator.stdin.fileno(), typed)
    if emulator:
        emulator.kill()


main()
