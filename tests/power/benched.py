"""What a lost power leaves of a benchmark: for `writes.py`, of the work `bench` of `session`."""

import os
import random
import shutil
import subprocess

# Of the disks that have a note, those where the benchmark is gone on with.
RESUMED = 0.03


class Bench:
    """The benchmark as it was in the end."""

    def __init__(self, binary, folder, scratch):
        self.binary, self.scratch, self.folder = binary, scratch, folder / "truth/bench"
        self.journal = (self.folder / "journal").read_bytes()
        self.directory = subprocess.run(
            ["sed", "-n", "s/^directory //p", self.folder / "plan"], capture_output=True, text=True, check=True
        ).stdout.strip()

    def claim(self, marks):
        """By these marks: what of the journal is synced, and whether all is over."""
        synced = [int(what) for work, what in marks if work == "bench"]
        return self.journal[: max(synced, default=0)], any(work == "bench-over" for work, _ in marks)

    @staticmethod
    def counted(journal):
        lines = [line.split() for line in journal.splitlines()]
        return [words[2].decode() for words in lines if words[1:2] == [b"end"] and words[4] == b"counted"]

    def wrong(self, found, claim, figures):
        """What is not right of what is on a disk: each a text."""
        synced, is_over = claim
        note, there = found / "notes/bench", found / "bench"
        journal = (there / "journal").read_bytes() if (there / "journal").exists() else b""
        whole = journal[: journal.rfind(b"\n") + 1]
        if not self.journal.startswith(whole):
            yield f"the journal has what was not written: {whole[-200:]}"
            return
        if not whole.startswith(synced):
            yield f"the journal lacks {len(synced) - len(whole)} of {len(synced)} synced bytes"
        figures["lines of journals that were synced"] += synced.count(b"\n")
        is_done = whole.endswith(b" done\n")
        if synced and not is_done and not note.exists():
            yield "the note is not there"
        if is_over and note.exists():
            yield "the note that was removed is there"
        for step in self.counted(whole):
            log = f"demo-{step}.ebl"
            figures["runs that had counted"] += 1
            if not (there / log).exists() or (there / log).read_bytes() != (self.folder / log).read_bytes():
                yield f"{log} has counted, and is not as it was"
        if note.exists():
            yield from self.status(found, whole, figures)
            if random.random() < RESUMED:
                yield from self.resumed(found, whole, figures)

    def bench(self, found, option):
        """With the disk where it was, on a machine without an id, as the board is."""
        script = (
            'mount -t tmpfs tmpfs "${1%/*}" && mkdir "$1" && mount --bind "$2" "$1" &&'
            ' cp "$1/bench/plan" "${1%/*}/plan" &&'
            ' if [ -z "$3" ] && [ -e /etc/machine-id ]; then mount --bind /dev/null /etc/machine-id; fi;'
            ' exec "$0" bench --note "$1/notes/bench" $4'
        )
        disk = os.path.dirname(self.directory)
        os.makedirs(os.path.dirname(disk), exist_ok=True)
        machine = self.journal.split(b"\n")[0].split()[2].strip(b'"').decode()
        command = ["unshare", "-m", "sh", "-c", script, self.binary, disk, found, machine, option]
        return subprocess.run(command, capture_output=True, text=True)

    def status(self, found, whole, figures):
        done = self.bench(found, "--status")
        told = f"{len(self.counted(whole))} of 5 steps counted"
        figures["notes"] += 1
        if done.returncode != 0 or told not in done.stdout:
            yield f"bench --status: not {told}: {done}"

    def resumed(self, found, whole, figures):
        """What has counted is not done again."""
        kept = self.scratch / "resumed"
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(found, kept)
        done = self.bench(kept, "--resume")
        more = (kept / "bench/journal").read_bytes()
        ends = self.counted(more)
        figures["benchmarks resumed"] += 1
        if not more.startswith(whole):
            yield "a journal has lost lines when it was resumed"
        elif len(ends) != len(set(ends)) or done.returncode != 0:
            yield f"resumed: {self.counted(whole)} had counted, then {ends}: {done}"
