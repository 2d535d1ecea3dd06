#!/usr/bin/env python3
"""Holds what the program said in the guest of `kernels` against the kernel's own figures.

usage: tests/board/kernels_check.py TOLD LOG-AS-JSON-LINES
"""

import json
import re
import sys


def lines(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return [line.rstrip("\n") for line in file]


def main(told, log):
    said = lines(told)
    records = [json.loads(line) for line in lines(log)]
    truth = [line.removeprefix("truth: ") for line in said if line.startswith("truth: ")]
    wrong = []

    def should(what, is_so, figure=""):
        print(f"{'ok' if is_so else 'NOT'}: {what}{figure and f', {figure}'}")
        if not is_so:
            wrong.append(what)

    def numbers(key):
        found = [line for line in truth if re.match(rf"{key} \d", line)]
        return [int(word) for word in found[-1].split()[1:]] if found else [-1] * 4

    for line in truth:
        if line.startswith(("release ", "fields ", "cgroups ", "no cgroup")):
            print(f"-- {line}")
    for step in ("selftest", "recorded", "verified", "reported", "weighed"):
        should(f"{step}: done", f"{step} 0" in truth)
    for kind in ("v2", "hybrid", "v1"):
        group = [line for line in truth if line.startswith(f"cgroup of the holder, {kind}, ")]
        if group or "no cgroup v1" not in truth:
            expected = "/edge" if kind == "v2" else "/edge-v1"
            should(f"cgroups, {kind}: the holder's", [line.rsplit(", ")[-1] for line in group] == [expected], str(group))

    header = next((one for one in records if one["record"] == "header"), {})
    samples = [one for one in records if one["record"] == "sample"]
    release = [line.removeprefix("release ") for line in truth if line.startswith("release ")]
    should("release", [header.get("release")] == release, str(header.get("release")))
    should("board", header.get("board") in ("Raspberry Pi 3 Model B", "linux,dummy-virt"))
    should("cores", header.get("cores") == 4)
    should("memory", header.get("mem_total_kib") == numbers("total")[0], f"{header.get('mem_total_kib')} KiB")
    should("page", header.get("page_size") == 1024 * numbers("page")[0])
    if not samples:
        should("samples", False)
        sys.exit(1)

    last, first = samples[-1], samples[0]
    before, after = numbers("load")[:2]
    seen = last["kernel"]["processes"] - first["kernel"]["processes"]
    should("forks", 200 <= after - before <= seen <= numbers("forks")[0], f"{seen}, of which {after - before} by the load")
    pid, private, pss, rss = numbers("holder")
    holder = next((one for one in last["processes"] if one["pid"] == pid), {})
    # Of the pages of files it has one or the other to itself, as programs come and go.
    # The counters that rss in stat is the sum of are each up to 32 pages behind on each core.
    page_kib = header["page_size"] // 1024
    for key, kernel, most in (("private", private, 128), ("pss", pss, 128), ("rss", rss, 3 * 4 * 32 * page_kib)):
        found = holder.get(key)
        if key == "rss" and found is not None:
            found *= page_kib
        should(
            f"{key} of the holder",
            found is not None and kernel >= 7812 and abs(found - kernel) <= most,
            f"{found} KiB, {kernel} by the kernel",
        )
    missing = [one["comm"] for one in last["processes"] if one["pss"] is None and "kernel_thread" not in one["flags"]]
    should("no process without PSS but those that end", len(missing) <= 1, str(missing))
    kept = [json.loads(line.removeprefix("footprint: ")) for line in said if line.startswith("footprint: ")]
    row = kept[0]["rows"][0] if kept else {}
    should("footprint", row.get("pids") == [pid] and abs(row["pss_kib"] - pss) <= 128, f"{row.get('pss_kib')} KiB")
    should("a start is timed", any(re.match(r" *init +\d", line) for line in said))
    for part in ("vmstat", "pressure"):
        known = [key for key, value in last[part].items() if value is not None]
        absent = [key for key, value in last[part].items() if value is None]
        should(f"{part} is there", bool(known), f"but for {', '.join(absent)}" if absent else "")
    sys.exit(bool(wrong))


main(*sys.argv[1:])
