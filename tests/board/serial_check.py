#!/usr/bin/env python3
"""Holds what `boot watch` and the board itself have told against what serial.py has stamped.

usage: serial_check.py TIMES RESULTS MS  compares; exit status 1 where they differ by more
       serial_check.py --told TIMES      whether the board has told all of its last boot
       serial_check.py --over TIMES      whether it has told that the last restart is over
       serial_check.py --restarts TIMES COUNT BOARD   how many of them were timed
"""

import json
import re
import sys

PROMPT = re.compile(rb"(?:^|[\r\n])([\w.-]+ login: )")
STAMP = re.compile(rb"\[ *(\d+)\.(\d{6})\]")
RESTARTING = b"reboot: Restarting system"
COLD, RESTART = 0, 1
MARK, EVIDENCE = 3, 2


class Boot:
    """From power-on, or the end of the boot before, to the end of this one."""

    def __init__(self, begun, text, times):
        self.begun, self.text, self.times = begun, text, times
        # Of a restart: when its command was typed, when the board said that it restarts,
        # and how long units held the shutdown up.
        self.typed, self.asked, self.downs = None, None, {}

    def at(self, place):
        return self.times[place]

    def prompt(self):
        return self.at(PROMPT.search(self.text).end(1) - 1)

    def entry(self, lines=slice(None)):
        """When the kernel's stamps began: the least of arrival less stamp."""
        stamps = list(STAMP.finditer(self.text[: PROMPT.search(self.text).start()]))[lines]
        return min(self.at(m.start()) - (int(m[1]) * 10**6 + int(m[2])) * 1000 for m in stamps)

    def clock(self, word, unit_ns):
        """When a clock began whose time the board has written to the line."""
        said = re.finditer(rb"(?:^|[\r\n])" + word + rb" (\d+\.\d+)", self.text)
        return min(self.at(m.start(1)) - int(float(m[1]) * unit_ns) for m in said)

    def told(self, word):
        said = re.findall(rb"board: " + word + rb" (\{.*\})\r?\n", self.text)
        return [json.loads(result) for result in said]


def starts(path):
    """The boots of a recorded line, those after a restart with how that went."""
    powers, typed = [], []
    for line in open(path):
        ns, word, *piece = line.split()
        if word == "power":
            powers.append(Boot(int(ns), bytearray(), []))
        elif word == "typed":
            typed += [int(ns)] * piece[0].endswith("0d")
        else:
            piece = bytes.fromhex(word)
            powers[-1].text += piece
            powers[-1].times += [int(ns)] * len(piece)
    boots = []
    for whole in powers:
        ends = [whole.text.find(b"\n", m.start()) + 1 for m in re.finditer(RESTARTING, whole.text)]
        begins = [0] + [end for end in ends if end > 0]
        for begin, end in zip(begins, begins[1:] + [len(whole.text)]):
            boot = Boot(whole.begun, whole.text[begin:end], whole.times[begin:end])
            if begin > 0:
                follow(boot, boots[-1], typed)
            boots.append(boot)
    return boots


def follow(boot, before, typed):
    boot.begun = before.at(before.text.find(RESTARTING))
    boot.typed = max((ns for ns in typed if ns < boot.begun), default=None)
    asked = before.text.rfind(b"Restarting this machine")
    boot.asked = before.at(asked) if asked >= 0 else None
    # Without the colours.
    kept = [at for m in re.finditer(rb"(?:\x1b\[[0-9;]*m)*([^\x1b])", before.text) for at in [m.start(1)]]
    text = bytes(before.text[at] for at in kept)
    for name in set(re.findall(rb"Job (\S+)/stop running", text)):
        first = text.find(b"Stopping " + name)
        last = text.find(b"Stopped " + name)
        if 0 <= first < last:
            boot.downs[name.decode()] = (before.at(kept[last]) - before.at(kept[first])) / 1e9


def marks(result):
    return {e["label"]: e["value"] for e in result["entries"] if e["tag"] == MARK}


class Checks:
    def __init__(self):
        self.wrong = 0

    def held(self, what, value, limit, unit="ms"):
        is_held = abs(value) <= limit
        self.wrong += not is_held
        print(f"  {'ok ' if is_held else 'NOT'} {what}: {value:+.3f} {unit} (at most {limit:g})")


def by_the_watch(boot, result, within_ms, checks):
    told, prompt, kernel = marks(result), boot.prompt(), boot.entry()
    begun = boot.begun if result["kind"] == COLD else boot.typed
    to_prompt_us = (told.get("kernel") or 0) + told["userspace"]
    checks.held("from the kernel to the prompt, less the proxy's", to_prompt_us / 1e3 - (prompt - kernel) / 1e6, within_ms)
    total_ms = result["value"] / 1e3 - (prompt - begun) / 1e6
    if result["kind"] == COLD:
        # The proxy looks now and then whether the power has come.
        print(f"    total, less from the emulator's start: {total_ms:+.3f} ms")
    else:
        checks.held("total, less the proxy's", total_ms, within_ms)
    odd, even = boot.entry(slice(0, None, 2)), boot.entry(slice(1, None, 2))
    checks.held("kernel entry by odd lines, less that by even ones", (odd - even) / 1e6, within_ms)
    for name, seconds in boot.downs.items():
        said = [e["text"] for e in result["entries"] if e["tag"] == EVIDENCE and name in e["text"]]
        print(f"    {name}: held up for {seconds:.2f} s; told: {said}")
        if seconds > 8:
            told_s = re.search(r"waited ([\d.]+) s", "".join(said))
            checks.held("hold-up, less the proxy's", float(told_s[1]) - seconds if told_s else 1e9, 0.3, "s")


def by_the_board(boot, within_ms, checks):
    prompt, kernel = boot.prompt(), boot.entry()
    if b"scheduler " in boot.text:
        checks.held("kernel entry, less that by the guest's own clock", (kernel - boot.clock(b"scheduler", 1e6)) / 1e6, 4 * within_ms)
    own = boot.told(b"boot")
    if not own:
        return
    clock = boot.clock(b"uptime", 1e9)
    told = marks(own[0])
    at = (prompt - clock) / 1e9
    note = next(e["note"] for e in own[0]["entries"] if e.get("label") == "login prompt")
    bracket = re.search(r"between ([\d.]+) and ([\d.]+)", note)
    low, high = float(bracket[1]), float(bracket[2])
    is_held = low - 0.02 <= at <= high + 0.02
    checks.wrong += not is_held
    print(f"  {'ok ' if is_held else 'NOT'} the board's bracket {low:.2f} to {high:.2f} s; on the line {at:.2f} s")
    if b"systemd[1]" in boot.text:
        checks.held("prompt by --wait, less the line's", (low + high) / 2 - at, 0.5, "s")
    # Of the last that the kernel ran before the prompt, as the board takes it.
    run = re.findall(rb"\[ *(\d+\.\d{6})\] Run \S+ as init process", boot.text)
    if told["init"] and run:
        offset_ms = told["init"] / 1e3 - float(run[-1]) * 1e3
        on_the_line_ms = (kernel - clock) / 1e6
        checks.held(f"offset of the stamps {offset_ms:.1f} ms, less the line's", offset_ms - on_the_line_ms, 4 * within_ms)
    if len(own) > 1 and told["firmware"]:
        checks.held("timer less CLOCK_BOOTTIME, 10 s later", marks(own[1])["firmware"] - told["firmware"], 50, "us")


def by_both_ends(boot, checks):
    result = boot.told(b"restart")[-1]
    if result["value"] is None or boot.asked is None:
        checks.wrong += 1
        print(f"  NOT the restart by the board's clocks: {result}")
        return
    total_s = result["value"] / 1e6
    checks.held(f"restart by the board's clocks, {total_s:.3f} s, less the line's", total_s - (boot.prompt() - boot.asked) / 1e9, 0.2, "s")
    parts = marks(result)
    print("   ", ", ".join(f"{label} {us / 1e6:.2f}" for label, us in parts.items() if us is not None))
    checks.held("its parts' sum, less the total", (sum(us or 0 for us in parts.values()) - result["value"]) / 1e3, 10)


def restarts(boots, count, board):
    """Of restarts that nobody has typed: how often in a row the third was reached."""
    said = [int(number) for boot in boots for number in re.findall(rb"board: restarts: (\d+)", boot.text)]
    totals = [result["value"] for result in boots[-1].told(b"restarted")]
    seconds = ", ".join("not known" if us is None else f"{us / 1e6:.2f}" for us in totals)
    print(f"results after each round: {said}; {len(boots) - 1} restarts on the line; seconds: {seconds}")
    is_right = said == list(range(0, count + 1, 3)) and len(boots) - 1 == len(totals) == count
    # Without a synchronised clock no total is known.
    sys.exit(0 if is_right and (None not in totals) == (board == "debian") else 1)


def main():
    mode = sys.argv[1]
    boots = starts(sys.argv[2] if mode.startswith("--") else mode)
    if mode in ("--told", "--over"):
        said = b"board: " + mode[2:].encode()
        sys.exit(0 if boots and said in boots[-1].text else 1)
    if mode == "--restarts":
        restarts(boots, int(sys.argv[3]), sys.argv[4])
    checks, within_ms = Checks(), float(sys.argv[3])
    results = [json.loads(line) for line in open(sys.argv[2])]
    results = [record for record in results if record["record"] == "result"]
    # The log may have had others before.
    results = results[-len(boots) :]
    if len(results) != len(boots):
        sys.exit(f"{len(results)} results of {len(boots)} boots")
    for number, (boot, result) in enumerate(zip(boots, results), 1):
        kind = "start" if result["kind"] == COLD else "restart"
        print(f"{number}: a {kind}, {result['value'] / 1e6:.2f} s")
        by_the_watch(boot, result, within_ms, checks)
        by_the_board(boot, within_ms, checks)
        if result["kind"] == RESTART and boot.told(b"restart"):
            by_both_ends(boot, checks)
    sys.exit(1 if checks.wrong else 0)


main()
