"""Writes the inputs that the fuzzer begins with, from what lies in tests/: a folder a target.

    python3 seeds.py FOLDER [LOG...]

Further logs are seeds as those in tests/logs are.
"""

import pathlib
import re
import struct
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
# By the byte that says which parser reads the rest: targets/files.rs.
PARSERS = {
    0: "statm", 1: "loadavg", 2: "meminfo", 3: "stat", 4: "vmstat", 5: "pressure/*",
    6: "mm_stat", 7: "schedstat", 8: "dev", 9: "diskstats", 10: "cgroup", 11: "cgroups",
    12: "mountinfo", 13: "mounts", 15: "status", 16: "temp", 17: "temp", 19: "*",
}
PID = re.compile(r"/proc/\d+/")


class Folder:
    """Inputs of a target, each once."""

    def __init__(self, top, target):
        self.path = top / target
        self.path.mkdir(parents=True, exist_ok=True)
        self.known = set()

    def add(self, *parts):
        data = b"".join(parts)
        if data not in self.known:
            self.known.add(data)
            (self.path / f"seed-{len(self.known):04}").write_bytes(data)


def piece(data):
    return bytes([min(len(data), 255)]) + data[:255]


def files(top):
    proc, texts, smaps = Folder(top, "proc"), Folder(top, "texts"), Folder(top, "smaps")
    for path in sorted(TESTS.glob("captures/*/**/*")):
        if not path.is_file() or path.stat().st_size > 20000:
            continue
        data, name = path.read_bytes(), path.name
        for number, wanted in PARSERS.items():
            wanted = wanted.split("/")[0] if "/" in wanted else wanted
            if name == wanted or path.parent.name == wanted or (wanted == "*" and len(data) < 40):
                proc.add(bytes([number]), data)
        if name == "stat" and not PID.search(str(path)):
            proc.add(b"\x30", data)
        if name in ("smaps", "smaps_rollup"):
            smaps.add(bytes([1 if name == "smaps_rollup" else 40]), data)
            texts.add(b"\x04", data)
    for number, data in [
            (0, b"1234 56 7 8 0 9 0\n"), (3, b"812 (a) b) S 1 812 812 0 -1 4194560 " + b"7 " * 45 + b"\n"),
            (6, b"4096 74 12288 0 12288 0 0 0 0\n"),
            (7, b"123456789 4567 89\n"), (14, b"6.6.31+rpt-rpi-v8"), (14, b"6.9.4"),
            (12, b"36 35 0:30 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup rw,nsdelegate\n"),
            (13, b"proc /proc proc rw,nosuid,hidepid=2,subset=pid 0 0\n"),
            (15, b"Name:\tx\nCapEff:\t000001ffffffffff\n"), (16, b"48312\n"), (17, b"-7\n"),
            (18, b"0x1f\n"), (19, b"0 1 2 3\n"), (20, b"0-3,5,7-255\n")]:
        proc.add(bytes([number]), data)
    texts.add(b"\x00", b"6,310,1583141,-,caller=T1;Run /sbin/init as init process\n SUBSYSTEM=usb\n")
    texts.add(b"\x01", b"Id=k3s.service\nNRestarts=3\n\nInitRDTimestampMonotonic=1\n"
              b"UserspaceTimestampMonotonic=5\nFinishTimestampMonotonic=9\n")
    texts.add(b"\x02", b"edgebench-lite restart 1\nmachine-id a\nboot-id b\nboottime-ns 1\n"
              b"realtime-ns 2\nsynchronised yes\nruns 3\ndone 1\nproduct k3s\noutput x.ebl\nfollowed c\n")
    texts.add(b"\x05", b"\0\1\0\0\0\0\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\7")
    smaps.add(b"\x00\x00\x00", piece(b"/bin/x"), bytes(range(72)))


def logs(top, more):
    reader, report, compare = (Folder(top, of) for of in ("reader", "report", "compare"))
    given = sorted(TESTS.glob("logs/*.ebl")) + [pathlib.Path(path) for path in more]
    logs = [path.read_bytes() for path in given]
    for at, log in enumerate(logs):
        reader.add(bytes([at * 7 % 256, 0, 0, 0]), log)
        for form in range(7):
            report.add(bytes([(at + form) % 6, form, 0, 0]), log)
            report.add(bytes([(at + form) % 6, form, 1 << (at + form) % 8, 0]), log)
        for other in logs:
            both = log + other
            cut = log.count(0) * 256 // both.count(0) + 1
            compare.add(bytes([min(cut, 255), (at + len(other)) % 6, 0, 0]), both)


def typed(top):
    facts, plan, options = (Folder(top, of) for of in ("facts", "plan", "options"))
    facts.add((TESTS / "compare/write-up.facts").read_bytes())
    source = (TESTS.parent / "src/compare/facts.rs").read_text()
    facts.add(re.search(r"```text\n(.*?)```", source, re.S)[1].replace("//! ", "").encode())
    vocabulary = (TESTS.parent / "src/bench/vocabulary.rs").read_text()
    forms = re.findall(r'(?:word|repeated)\(\s*"([a-z-]+)",\s*"([^"]+)"', vocabulary)
    kinds = {
        "NAME": "eth0", "PATH": "/mnt/x", "COMMAND": "'k3s server'", "TIME": "5m", "N": "3",
        "STAGE": "edge", "START": "boot", "SIZE": "64M", "ADDRESS": "10.0.2.7/24",
        "HOST": "10.0.2.2", "ROLE": "edge", "PORT": "6443", "CHECK": "tcp:6443",
        "DEGREES": "60", "UNIT": "k3s.service", "KEY": "own=k3s",
    }
    lines = []
    for name, form in forms:
        words = [kinds.get(word, word) for word in form.replace("[", "").replace("]", "").split()]
        lines.append(" ".join([name] + words) + "\n")
        plan.add(lines[-1].encode())
    whole = "".join(lines)
    for stage in ("baseline", "workload"):
        whole += f"runs {stage} 3 of 10m\n"
    plan.add(whole.encode())
    readme = (TESTS.parent / "README.md").read_text()
    for number, block in enumerate(re.findall(r"```[a-z]*\n(.*?)```", readme, re.S)):
        if "\nruns " in block:
            plan.add(block.encode())
        for line in block.splitlines():
            words = line.replace("sudo ", "").split(" #")[0].split()
            if words[:1] == ["edgebench-lite"]:
                options.add(bytes([80]), "\n".join(words[1:]).encode())
    for words in ["--help", "record --help", "bench --help", "survive ip-change --help", "-V"]:
        options.add(bytes([60]), words.replace(" ", "\n").encode())


def board(top):
    serial, tree, peer, seen = (Folder(top, of) for of in ("serial", "tree", "peer", "board"))
    for path in sorted((TESTS / "boot/uart").glob("*.log")):
        for patterns in ([b"", b"*login: ", b""], [b"*# ", b"*Started*", b"*Linux version"]):
            serial.add(*map(piece, patterns), b"\x00\x20", path.read_bytes())
    cells = lambda *numbers: b"".join(struct.pack(">I", number) for number in numbers)
    pi4 = cells(0x7e000000, 0, 0xfe000000, 0x1800000, 0x40000000, 0, 0xff800000, 0x800000)
    for size, ranges in ((1, pi4), (2, cells(0x7c000000, 0x10, 0x7c000000, 0x4000000))):
        properties = [cells(2), cells(size), cells(1), cells(1), ranges, cells(1), cells(1),
                      cells(0, 0x7e000000, 0x10000), cells(0x7e003000, 0x1000),
                      cells(0x3000, 0x1000), cells(0x1020)]
        for kind in (1, 3):
            tree.add(bytes([kind]), *map(piece, properties))
    tree.add(b"\x0c", struct.pack(">Q", 0x7e003000), pi4)
    request = b"EBLp\x01\x00\x00\x00noncenon" + bytes(80)
    for kinds in ((1, 3, 5), (0x0b, 0x13, 0x21), (0x0d, 0x25, 0x2b), (0x41, 0x63, 0x55)):
        for what in (0, 1, 3):
            peer.add(b"\x01\x00", *(bytes([what, 3, kind, 9, 0, 1, 7, 200, 40]) for kind in kinds))
            peer.add(bytes([1, 1, what, 1, 0]), piece(request), b"\xff")
    for kind in (2, 0x46, 0x2e, 0x6f):
        for answer in range(8):
            seen.add(bytes([kind, 0, answer, 1, 2 + answer]), bytes([answer, 1, 0] * 30))
    seen.add(b"\x00", bytes(range(120)))
    seen.add(b"\x00\x01\x01", b"".join(bytes([kind]) + bytes(range(kind, kind + 9)) for kind in range(6)))


def network(top):
    netlink, exits = Folder(top, "netlink"), Folder(top, "exits")
    dumps = [path.read_bytes() for path in sorted((TESTS / "networks/dumps").iterdir())]
    whole = b"".join(dumps)
    for number in range(4):
        middle = len(whole) * number // 4
        netlink.add(bytes([number, number + 2, 24]), struct.pack("<H", middle), whole)
    for dump in dumps:
        netlink.add(b"\x00\x02\x18", struct.pack("<H", len(dump)), dump, dump)

    def attribute(kind, value):
        return struct.pack("=HH", len(value) + 4, kind) + value + bytes(-len(value) % 4)

    for version, length in ((8, 328), (12, 400), (14, 432), (15, 496), (15, 560), (16, 560)):
        task = bytearray(range(256)) * 3
        task[:2], task[8] = struct.pack("=H", version), 0x21
        inner = attribute(1, struct.pack("=I", 70)) + attribute(3, bytes(task[:length]))
        payload = b"\x02\x01\0\0" + attribute(4, inner) + attribute(5, inner)
        head = struct.pack("=IHHII", 16 + len(payload), 28, 0, 0, 0)
        exits.add(head, payload)
        exits.add(payload)


def main():
    top = pathlib.Path(sys.argv[1])
    files(top)
    logs(top, sys.argv[2:])
    typed(top)
    board(top)
    network(top)


main()
