#!/usr/bin/env python3
"""What is left of a disk whose power goes: from the log of its writes (`session`), every
prefix that ends at a flush, and random subsets of the writes after one, a block torn in some.

usage: tests/power/session [-b] BINARY FILE-SYSTEM FOLDER notes runs ramp segments bench
       tests/power/writes.py HOST-BINARY FILE-SYSTEM FOLDER SUBSETS [SEED]

On each disk, after what a boot does first (e2fsck; fsck.vfat; f2fs by the kernel of an emulated
board, `mounted`): what was marked as synced is read back; every line of `log cat`
is one of the log as it was written; and a run can be appended, after which all is still there.
Of `bench` (`benched.py`): its note and its journal are there, the logs of the runs that have
counted are whole, and where it is resumed, for a few disks, none of those is done again.
Exit status: 0 where that held for each.

Takes a second for each disk, on one core. At the last time, disks and synced lines, none wrong:
ext4 526 and 128,736, f2fs 282 and 106,725, vfat 386 and 76,485; then 300 of the 411 disks of
another session on f2fs, which was cut there, none wrong either. Of `bench` ext4 414 disks and
vfat 361, with 1,859 runs that had counted, 9 resumed.
"""

import base64
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benched import Bench

FLUSH, FUA, DISCARD = 1, 2, 4
SECTOR = 512
MARKS = 64 * 2048  # the first sector behind the file system
LOGS = {"first": "log.ebl", "second": "log.ebl", "ramp": "ramp.ebl", "segments": "segments.ebl"}
TREE = Path(__file__).resolve().parent.parent / "captures"


def entries(path):
    """The entries of the log: sector, flags, bytes."""
    log = path.read_bytes()
    _, _, count, size = struct.unpack_from("<QQQI", log)
    at = size
    for _ in range(count):
        sector, sectors, flags, _ = struct.unpack_from("<QQQQ", log, at)
        at += size
        length = 0 if flags & DISCARD else sectors * SECTOR
        yield sector, flags, log[at : at + length]
        at += -(-length // size) * size


class Disk:
    """A disk as it was made, and what is written to it."""

    def __init__(self, folder):
        self.bytes = bytearray((folder / "base").read_bytes())

    def write(self, sector, data):
        self.bytes[sector * SECTOR : sector * SECTOR + len(data)] = data


class Truth:
    """The logs as they were written, and what is claimed of them by the marks."""

    def __init__(self, binary, folder, marks, scratch):
        self.binary, self.scratch, self.known = binary, scratch, {}
        truth = folder / "truth"
        self.whole = {path.name: path.read_bytes() for path in truth.iterdir() if path.is_file()}
        self.bench = Bench(binary, folder, scratch) if (truth / "bench").exists() else None
        older = [self.whole.pop(name) for name in sorted(self.whole) if re.fullmatch(r"segments\.\d+", name)]
        self.whole.pop("segments.ebl.old", None)
        self.pieces = {name: [data] for name, data in self.whole.items()}
        if older:
            self.pieces["segments.ebl"][:0] = older
        self.marks = marks
        last = dict(mark for mark in marks if mark[0] in LOGS)
        self.begin = {"first": 0, "ramp": 0, "segments": 0}
        if "second" in last:
            # Where the header begins that has its name.
            log = self.whole["log.ebl"]
            self.begin["second"] = log.rindex(0, 0, log.index(b"second")) + 1
        for work, length in last.items():
            name = LOGS[work]
            there = sum(map(len, self.pieces[name]))
            assert self.begin[work] + int(length) <= there, f"{name}: {there} bytes, marked {length}"
        self.notes = {base64.b64decode(what) for work, what in marks if work == "note" and what}
        self.right = {name: set().union(*map(self.lines, pieces)) for name, pieces in self.pieces.items()}

    def lines(self, data):
        """The lines of `log cat`, but for those that tell of damage."""
        if data not in self.known:
            path = self.scratch / "lines.ebl"
            path.write_bytes(data)
            cat = subprocess.run([self.binary, "log", "cat", path], capture_output=True)
            # 2 where it is empty, or holds nothing but zeros.
            assert cat.returncode in (0, 1) or (cat.returncode == 2 and not data.strip(b"\0")), cat
            told = re.sub(rb'"after_loss":\w+,', b"", cat.stdout).splitlines()
            self.known[data] = {line for line in told if not line.startswith(b'{"record":"damage"')}
        return self.known[data]

    def claims(self, count):
        """By the first so many marks: the lines that each log has, and the note."""
        claimed = {}
        if self.bench:
            claimed["bench"] = self.bench.claim(self.marks[:count])
        for work, what in self.marks[:count]:
            if work == "note":
                claimed["note"] = base64.b64decode(what)
            if work not in LOGS:
                continue
            name = LOGS[work]
            claimed[name] = self.begin[work] + int(what)
        for name, length in list(claimed.items()):
            if name in ("note", "bench"):
                continue
            for piece in self.pieces[name]:
                if length <= len(piece):
                    claimed[name] = self.lines(piece[:length])
                    break
                length -= len(piece)
        return claimed


class Judge:
    def __init__(self, truth, scratch):
        self.truth, self.scratch = truth, scratch
        self.figures, self.failures = Counter(), []

    def fail(self, name, why):
        self.figures["WRONG"] += 1
        self.failures.append(f"{name}: {why}")
        print(f"WRONG {name}: {why}", flush=True)

    def look(self, name, found, claimed):
        """`found` is the folder with what is on the disk."""
        self.figures["disks"] += 1
        note = found / "notes/restart"
        if note.exists() and note.read_bytes() not in self.truth.notes:
            self.figures["notes that are cut"] += 1
        for log, claim in claimed.items():
            if log == "bench":
                for why in self.truth.bench.wrong(found, claim, self.figures):
                    self.fail(name, why)
                continue
            if log == "note":
                if claim and not (note.exists() and note.read_bytes() == claim):
                    self.fail(name, f"the note is {note.read_bytes() if note.exists() else 'not there'}")
                continue
            there = set()
            for path in (found / f"{log}.old", found / log):
                if path.exists():
                    there |= self.truth.lines(path.read_bytes())
            lacking = claim - there
            if lacking:
                self.fail(name, f"{log}: {len(lacking)} of {len(claim)} synced lines: {sorted(lacking)[0][:100]}")
            self.figures["lines that were synced"] += len(claim)
            if not (found / log).exists():
                self.figures["logs without a name of their own"] += 1
            if (found / f"{log}.new").exists() and (found / f"{log}.new").stat().st_size:
                self.figures["new segments that are not empty"] += 1
        for log, right in self.truth.right.items():
            for path in (found / f"{log}.old", found / log):
                if path.exists():
                    data = path.read_bytes()
                    wrong = self.truth.lines(data) - right
                    if wrong:
                        self.fail(name, f"{path.name}: a wrong line: {sorted(wrong)[0][:200]}")
                    self.figures["logs"] += 1
                    self.figures["logs that are torn"] += bool(data) and data[-1] != 0

    def append(self, name, found):
        """A run behind what is there."""
        logs = [found / log for log in self.truth.right if (found / log).exists()]
        if not logs:
            return
        log = random.choice(logs)
        old = found / f"{log.name}.old"
        before = log.read_bytes()
        most = ["--max-size", "256k"] if log.name == "segments.ebl" else []
        run = [self.truth.binary, "--proc-root", TREE / "x86_64-6.18", "record", "-q", "-d", "100ms", "-i", "100ms"]
        done = subprocess.run([*run, *most, "-o", log], capture_output=True, text=True)
        lines = self.truth.lines(log.read_bytes())
        if old.exists():
            lines = lines | self.truth.lines(old.read_bytes())
        lacking = self.truth.lines(before) - lines
        if not any(b'"footer","end":"duration"' in line for line in lines) or lacking:
            self.fail(name, f"{log.name} after a run that was appended: lacks {len(lacking)} lines: {done}")
        elif before and self.truth.lines(before) and done.returncode != 0:
            self.fail(name, f"{log.name}: a run cannot be appended: {done}")
        self.figures["runs appended"] += 1


def ext4(image, found):
    check = subprocess.run(["e2fsck", "-fy", image], capture_output=True, text=True)
    if check.returncode not in (0, 1):
        return f"e2fsck: {check.returncode}: {check.stdout[-300:]}"
    subprocess.run(["debugfs", "-R", f"rdump / {found}", image], capture_output=True, check=True)
    return None


def vfat(image, found):
    check = subprocess.run(["fsck.vfat", "-a", image], capture_output=True, text=True)
    if check.returncode not in (0, 1):
        return f"fsck.vfat: {check.returncode}: {check.stdout[-300:]}"
    done = subprocess.run(["mcopy", "-s", "-n", "-Q", "-i", image, "::", found], capture_output=True, text=True)
    return done.stderr.strip() or None


CHECKS = {"ext4": ext4, "vfat": vfat}
BATCH = 100


def by_kernel(file_system, batch, scratch):
    """Has the kernel of a board mount each of these disks; yields the folders."""
    size = len(batch[0][1])
    with open(scratch / "disks", "wb") as disks:
        disks.truncate(size * len(batch))
        for number, (_, image, _) in enumerate(batch):
            for at in range(0, size, 4096):
                if image[at : at + 4096] != bytes(4096):
                    os.pwrite(disks.fileno(), image[at : at + 4096], number * size + at)
    found = scratch / "mounted"
    shutil.rmtree(found, ignore_errors=True)
    command = [Path(__file__).parent / "mounted", file_system, disks.name, str(size), str(len(batch)), found]
    subprocess.run(command, check=True)
    return [found / str(number) for number in range(len(batch))]


def judged_by_kernel(file_system, disks, scratch):
    batch = []
    for disk in disks:
        batch.append(disk)
        if len(batch) == BATCH:
            yield from zip(batch, by_kernel(file_system, batch, scratch))
            batch = []
    if batch:
        yield from zip(batch, by_kernel(file_system, batch, scratch))


def disks(folder, log, subsets):
    """Each disk that there may be: its name, its bytes, and how many marks are claimed."""
    flushes = [at for at, (_, flags, _) in enumerate(log) if flags & FLUSH and at > 0]
    chosen = Counter(random.choice(range(len(flushes))) for _ in range(subsets))
    disk, done, marks = Disk(folder), 0, 0
    for number, at in enumerate(flushes):
        for sector, _, data in log[done : at + 1]:
            disk.write(sector, data)
            marks += sector >= MARKS and data != b""
        done = at + 1
        yield f"flush {number}", bytes(disk.bytes), marks
        until = flushes[number + 1] if number + 1 < len(flushes) else len(log)
        after = [entry for entry in log[done:until] if entry[2]]
        claimed = marks + sum(sector >= MARKS for sector, _, _ in after)
        for subset in range(chosen[number] if after else 0):
            part = [entry for entry in after if random.random() < random.choice((0.2, 0.5, 0.8))]
            state = Disk.__new__(Disk)
            state.bytes = bytearray(disk.bytes)
            torn = random.randrange(len(part)) if part and random.random() < 0.5 else None
            for index, (sector, _, data) in enumerate(part):
                whole = len(data) // SECTOR
                state.write(sector, data[: random.randrange(whole + 1) * SECTOR] if index == torn else data)
            yield f"flush {number}, subset {subset}", bytes(state.bytes), claimed


def main():
    binary, file_system, folder, subsets = sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])
    random.seed(int(sys.argv[5]) if len(sys.argv) > 5 else 1)
    log = list(entries(folder / "writes"))
    marks = [data.split(b"\n")[0] for sector, _, data in log if sector >= MARKS and data]
    marks = [tuple((mark.decode().split() + [""])[1:3]) for mark in marks]
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        truth = Truth(binary, folder, marks, scratch)
        judge = Judge(truth, scratch)
        lost = disks(folder, log, subsets)
        if file_system not in CHECKS:
            for (name, _, claimed), found in judged_by_kernel(file_system, lost, scratch):
                if (found / "failed").exists():
                    judge.fail(name, (found / "failed").read_text())
                judge.look(name, found, truth.claims(claimed))
                judge.append(name, found)
            lost = ()
        for name, image, claimed in lost:
            path, found = scratch / "image", scratch / "found"
            shutil.rmtree(found, ignore_errors=True)
            found.mkdir()
            path.write_bytes(image)
            why = CHECKS[file_system](path, found)
            if why:
                judge.figures[f"what the check says: {why[:200]}"] += 1
            judge.look(name, found, truth.claims(claimed))
            judge.append(name, found)
        print(f"{file_system}: {len(log)} writes, {len(marks)} marks")
        for what, count in judge.figures.items():
            print(f"  {count} {what}")
    sys.exit(bool(judge.failures))


if __name__ == "__main__":
    main()
