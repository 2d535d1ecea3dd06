"""Reads a log of edgebench-lite and writes down every value of it.

Written from the prose of src/log/mod.rs and the list of fields beside this file, in
another language, to show that they are enough. Python 3.7 or later, nothing else.

    python3 decode.py LOG > LOG.expected

Without LOG, standard input has many, each behind a line with its length; a line `=` ends
what is told of each.
"""

import os
import sys
import zlib


def names(table):
    """The fields of a table of fields.txt, in their order."""
    with open(os.path.join(os.path.dirname(__file__), "fields.txt")) as file:
        rows = [line.split() for line in file]
    return [row[3] for row in rows if row[0] == table]


PROCESS = names("process")
RSS, FLAGS, PSS, PRIVATE, PSS_AT = map(
    PROCESS.index, ["rss", "flags", "pss", "private", "pss_at"])
HAS_PSS = 1
TEXTS = "tool product stage host release machine os board boot_id cmdline".split()
GROUPS, GROUP_FIELDS, CORES, CORE_FIELDS, SLOTS = 16, 32, 256, len(names("core")), 65536
# The last of a device's fields, of whatever kind, is `present`.
DEVICES, DEVICE_FIELDS = 64, len(names("net")) + 1
U64 = (1 << 64) - 1


class NoSense(Exception):
    pass


class Bytes:
    """What is left to be read of some bytes."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def left(self):
        return self.at < len(self.data)

    def take(self, count):
        if self.at + count > len(self.data):
            raise NoSense("cut off")
        self.at += count
        return self.data[self.at - count:self.at]

    def byte(self):
        return self.take(1)[0]

    def varint(self, bits=64):
        value, shift = 0, 0
        while shift < bits:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        else:
            raise NoSense("too long")
        if value >> bits:
            raise NoSense("too large")
        return value

    def signed(self):
        value = self.varint()
        return value // 2 if value % 2 == 0 else -(value + 1) // 2

    def bytes(self):
        return self.take(self.varint())

    def text(self):
        try:
            return self.bytes().decode("utf-8")
        except UnicodeDecodeError:
            raise NoSense("no text")


def cobs(frame):
    out, at = bytearray(), 0
    while at < len(frame):
        code = frame[at]
        block = frame[at + 1:at + code]
        if code == 0 or len(block) != code - 1:
            raise NoSense("stuffing")
        out += block
        at += code
        if code < 255 and at < len(frame):
            out.append(0)
    return bytes(out)


def fields(data):
    """The differences by field."""
    mask = data.varint()
    return {bit: data.signed() for bit in range(64) if mask >> bit & 1}


class Log:
    def __init__(self, out):
        self.out = out
        self.run = None
        self.chain = None
        self.page_kib = None
        self.names = {}
        # Of each run the last tick that was shown, and the highest number of a frame.
        self.shown, self.highest = {}, {}
        self.forget()

    def forget(self):
        self.tick = None
        self.late_us = 0
        self.groups, self.cores, self.devices, self.slots = {}, [], [], {}
        self.open = False
        self.all_read = False

    def frame(self, frame):
        try:
            if not frame:
                raise NoSense("empty")
            plain = cobs(frame)
            if len(plain) <= 4 or zlib.crc32(plain[4:]) != int.from_bytes(plain[:4], "little"):
                raise NoSense("checksum")
            data = Bytes(plain[4:])
            seq = data.varint()
            self.record(seq, data)
        except NoSense as why:
            self.chain = None
            self.out("damage %s" % why)

    def record(self, seq, data):
        kinds = [self.header, self.key, self.delta, self.more, self.identity, self.footer,
                 self.device, self.footprint, self.result, self.product]
        kind = data.varint()
        if kind >= len(kinds):
            raise NoSense("unknown")
        kinds[kind](seq, data)

    def done(self, data):
        if data.left():
            raise NoSense("not used up")

    def named(self, seq):
        """A frame names the run that is read; whether it is later than all that did."""
        if self.follows(seq):
            self.chain = seq
        is_later = seq > self.highest[self.run]
        self.highest[self.run] = max(seq, self.highest[self.run])
        return is_later

    def follows(self, seq):
        return self.chain is not None and seq == self.chain + 1

    def header(self, seq, data):
        magic, version = data.take(8), data.varint(16)
        if magic != b"edgebnch" or version > 1:
            raise NoSense("not of this version")
        run = data.varint(32)
        values = [(name, "'%s'" % data.text()) for name in TEXTS]
        for name, bits in [("clk_tck", 64), ("page_size", 64), ("cores", 32),
                           ("mem_total_kib", 64), ("swap_total_kib", 64),
                           ("interval_us", 64), ("pss", 32), ("synchronised", 32),
                           ("euid", 32), ("start_realtime_ns", 64),
                           ("start_boottime_ns", 64)]:
            values.append((name, data.varint(bits)))
        self.done(data)
        if dict(values)["pss"] > 2 or dict(values)["synchronised"] > 2:
            raise NoSense("no such variant")
        if run != self.run:
            self.run = run
            self.names = {}
            self.forget()
            self.page_kib = max(1, dict(values)["page_size"] // 1024)
            self.chain = seq
            self.highest[run] = max(seq, self.highest.get(run, 0))
        else:
            self.named(seq)
        self.out("header version=%d run=%d" % (version, run))
        for name, value in values:
            self.out("  %s=%s" % (name, value))

    def key(self, seq, data):
        run, flags, tick, late_us = data.varint(32), data.byte(), data.varint(), data.varint()
        machine, processes = data.bytes(), data.bytes()
        self.done(data)
        if run != self.run:
            self.chain = None
            return
        self.named(seq)
        self.forget()
        self.tick, self.late_us = tick, late_us
        self.all_read = bool(flags & 2)
        self.part(seq, flags, machine, processes)

    def delta(self, seq, data):
        flags, ticks, late_us = data.byte(), data.varint(), data.varint()
        machine, processes = data.bytes(), data.bytes()
        self.done(data)
        if not self.follows(seq) or self.open or self.tick is None:
            self.chain = None
            return
        self.tick += ticks
        self.late_us = late_us
        self.all_read = bool(flags & 2)
        if self.all_read:
            for process in self.slots.values():
                if process["values"][FLAGS] & HAS_PSS:
                    process["values"][PSS_AT] = self.tick
        self.part(seq, flags, machine, processes)

    def more(self, seq, data):
        flags, machine, processes = data.byte(), data.bytes(), data.bytes()
        self.done(data)
        if not self.follows(seq) or not self.open:
            self.chain = None
            return
        self.part(seq, flags, machine, processes)

    def part(self, seq, flags, machine, processes):
        self.open = True
        self.apply_machine(Bytes(machine))
        self.apply_processes(Bytes(processes))
        self.chain = seq
        if not flags & 1:
            self.open = False
            self.show()

    def apply_machine(self, data):
        place = -1
        while data.left():
            place += data.varint() + 1
            if place < GROUPS:
                values = self.groups.setdefault(place, [0] * GROUP_FIELDS)
            elif place < GROUPS + CORES:
                values = nth(self.cores, place - GROUPS, CORE_FIELDS)
            elif place < GROUPS + CORES + DEVICES:
                values = nth(self.devices, place - GROUPS - CORES, DEVICE_FIELDS)
            else:
                raise NoSense("no such group")
            for field, difference in fields(data).items():
                if field < len(values):
                    values[field] = values[field] + difference & U64

    def apply_processes(self, data):
        slot = -1
        while data.left():
            head = data.varint()
            slot += head // 4 + 1
            kind = head % 4
            if slot >= SLOTS or (kind != 1 and slot not in self.slots):
                raise NoSense("no such process")
            if kind == 2:
                del self.slots[slot]
                continue
            if kind == 1:
                self.slots[slot] = {"pid": data.varint(32), "starttime": data.varint(),
                                    "values": [0] * len(PROCESS)}
            if kind in (1, 3):
                self.slots[slot]["comm"] = data.bytes()[:64]
            self.slots[slot]["values"] = self.predict(
                self.slots[slot]["values"], fields(data))

    def predict(self, before, differences):
        after = list(before)
        for field in range(len(before)):
            value = before[field]
            if after[FLAGS] & HAS_PSS and field in (PSS, PRIVATE):
                value += (after[RSS] - before[RSS]) * self.page_kib
            if after[FLAGS] & HAS_PSS and field == PSS_AT and self.all_read:
                value = self.tick
            after[field] = value + differences.get(field, 0) & U64
        return after

    def show(self):
        # A copy of a part of the log tells it again.
        if self.tick <= self.shown.get(self.run, -1):
            return
        self.shown[self.run] = self.tick
        self.out("sample tick=%d late_us=%d" % (self.tick, self.late_us))
        for group, values in sorted(self.groups.items()):
            self.out("  group %d %s" % (group, numbers(values)))
        for core, values in enumerate(self.cores):
            self.out("  core %d %s" % (core, numbers(values)))
        for device, values in enumerate(self.devices):
            called = self.names.get(device, "unknown")
            self.out("  device %d %s %s" % (device, called, numbers(values)))
        for slot, process in sorted(self.slots.items()):
            self.out("  slot %d pid=%d starttime=%d comm=%s %s" % (
                slot, process["pid"], process["starttime"], process["comm"].hex(),
                numbers(process["values"])))

    def identity(self, seq, data):
        run, pid, starttime = data.varint(32), data.varint(32), data.varint()
        cut, cmdline, cgroup = data.byte(), data.bytes(), data.bytes()
        self.done(data)
        if cut > 1:
            raise NoSense("no truth value")
        if run != self.run:
            self.chain = None
            return
        self.named(seq)
        self.out("identity pid=%d starttime=%d cut=%d cmdline=%s cgroup=%s" % (
            pid, starttime, cut, cmdline.hex(), cgroup.hex()))

    def device(self, seq, data):
        run, device, kind, name = data.varint(32), data.byte(), data.byte(), data.bytes()
        self.done(data)
        if run != self.run:
            self.chain = None
            return
        self.named(seq)
        self.names[device] = "kind=%d name=%s" % (kind, name[:32].hex())

    def footprint(self, seq, data):
        run, at_us, part, parts = (data.varint(32), data.varint(), data.varint(32),
                                   data.varint(32))
        profiles, flags = data.text(), data.byte()
        values = [data.varint() for _ in range(7)]
        folders = data.text()
        values += [data.varint() for _ in range(5)]
        rows = Bytes(data.bytes())
        self.done(data)
        lines = []
        while rows.left():
            label = rows.bytes()
            numbers = [rows.varint(32), rows.varint(32)] + [rows.varint() for _ in range(5)]
            pids, found = Bytes(rows.bytes()), []
            while pids.left():
                found.append(pids.varint(32))
            lines.append("  row %s %s %s" % (label.hex(), " ".join(map(str, numbers)),
                                             ",".join(map(str, found))))
        if part >= parts:
            raise NoSense("no such part")
        if run != self.run:
            self.chain = None
            return
        if not self.named(seq):
            return
        self.out("footprint %d/%d at_us=%d profiles='%s' flags=%d folders='%s' %s" % (
            part, parts, at_us, profiles, flags, folders, ",".join(map(str, values))))
        for line in lines:
            self.out(line)

    def result(self, seq, data):
        run, at_us, kind, part, parts = (data.varint(32), data.varint(), data.varint(32),
                                         data.varint(32), data.varint(32))
        verdict, value, entries = data.varint(32), data.varint(), Bytes(data.bytes())
        self.done(data)
        lines = []
        while entries.left():
            tag, body = entries.varint(32), entries.bytes()
            if tag == 3:
                mark = Bytes(body)
                label, share, note = mark.bytes(), mark.varint(), mark.bytes()
                self.done(mark)
                lines.append("  mark %s %d %s" % (label.hex(), share, note.hex()))
            elif tag in (4, 5, 6, 7, 8):
                numbers, names = Bytes(body), ["exit", "cpu_us", "first", "missed", "ramp"]
                bits = [[32, 32], [64], [], [64], [32, 64, 32]][tag - 4]
                values = [str(numbers.varint(each)) for each in bits]
                self.done(numbers)
                lines.append("  " + " ".join([names[tag - 4]] + values))
            elif tag == 9:
                lines.extend(self.exits(Bytes(body)))
            else:
                lines.append("  entry %d %s" % (tag, body.hex()))
        if part >= parts:
            raise NoSense("no such part")
        if run != self.run:
            self.chain = None
            return
        if not self.named(seq):
            return
        self.out("result %d/%d at_us=%d kind=%d verdict=%d value=%d" % (
            part, parts, at_us, kind, verdict, value))
        for line in lines:
            self.out(line)

    def exits(self, data):
        since, lines = data.varint(), []
        while data.left():
            head = data.varint(32)
            names = [data.bytes().hex(), data.bytes().hex()] if head & 1 else ["-", "-"]
            numbers = [str(data.varint()) for _ in range(4)]
            lines.append(" ".join(["  exits since=%d %d" % (since, head >> 1)] + names + numbers))
        return lines

    def product(self, seq, data):
        run, kind, label, pattern = data.varint(32), data.byte(), data.text(), data.text()
        self.done(data)
        if run != self.run:
            self.chain = None
            return
        self.named(seq)
        self.out("product kind=%d label='%s' pattern='%s'" % (kind, label, pattern))

    def footer(self, seq, data):
        run = data.varint(32)
        end = data.varint(32)
        if end > 3:
            raise NoSense("no such variant")
        # The variant 3 has two numbers of its own.
        values = [end] + [data.varint() for _ in range(9 if end == 3 else 7)]
        self.done(data)
        if run == self.run:
            self.named(seq)
            self.out("footer " + " ".join(map(str, values)))
        self.chain = None


def nth(rows, index, count):
    """A row; those that never came before it are all zero."""
    while len(rows) <= index:
        rows.append([0] * count)
    return rows[index]


def numbers(values):
    """Without the zeros at the end."""
    values = list(values)
    while values and values[-1] == 0:
        values.pop()
    return ",".join(map(str, values))


def tell(data):
    lines = []
    log = Log(lambda line: lines.append(line + "\n"))
    *frames, rest = data.split(b"\0")
    for frame in frames:
        log.frame(frame)
    if rest:
        log.out("damage torn")
    sys.stdout.write("".join(lines))


def main():
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    if len(sys.argv) > 1:
        with open(sys.argv[1], "rb") as file:
            tell(file.read())
        return
    for line in sys.stdin.buffer:
        tell(sys.stdin.buffer.read(int(line)))
        print("=")


if __name__ == "__main__":
    main()
