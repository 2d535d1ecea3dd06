#!/usr/bin/env python3
"""What `ramp` reaches, measured on this machine; as root, with a memory cgroup (v1 or v2).

usage: reach.py BINARY slope|ends|lives|cut|undo|probe [TIMES]

slope: 20 steps of 8 MiB each; the slope against that of the sums of smaps_rollup, which
       this script reads meanwhile.
ends:  the cause, for each of memory, OOM, latency, limit, product and user, in a cgroup of
       300 MiB.
lives: --reserve 0 and a step that takes all memory of the cgroup at once.
cut:   kill -9 at a random moment: the log is read back to the last number that was told.
undo:  nothing is left after success, SIGINT, SIGTERM, SIGHUP, a step that fails, one that
       hangs; nor after kill -9 and --undo-of.
probe: how much later than after its 0.5 s `sleep 0.5` is told to have ended, of 20 times
       TIMES, beside 150 processes; what the recorder takes for each more than one without.
Each prints a line for each time, and at the end how often it was right.
"""
import json, os, random, re, signal, subprocess, sys, tempfile, time

BINARY, WHAT = os.path.abspath(sys.argv[1]), sys.argv[2]
TIMES = int(sys.argv[3]) if len(sys.argv) > 3 else 10
V1 = os.path.isdir("/sys/fs/cgroup/memory")
CGROUP = ("/sys/fs/cgroup/memory" if V1 else "/sys/fs/cgroup") + "/edgebench-reach"
LIMIT = 300 << 20
EATER = "import time,sys\nx=bytearray(int(sys.argv[1])<<20)\nfor i in range(0,len(x),4096): x[i]=1\n" \
    "open(sys.argv[2],'w').write('1')\ntime.sleep(10000)\n"
FAST = ["-i", "200ms", "--missed", "0", "--window", "5", "--settle", "400ms", "-q", "-o", "log.ebl"]
READY, UNDO = "test -s r{n} && kill -0 $(cat c{n})", "kill -9 $(cat c{n}); rm -f r{n}; true"


def step(mib, more=""):
    return "python3 eat.py %s r{n} >/dev/null 2>&1 & echo $! >c{n}; %s" % (mib, more)


def heeding():
    # A shell without job control has what it starts in the background ignore SIGINT.
    for name in ("INT", "TERM", "HUP"):
        signal.signal(getattr(signal, "SIG" + name), signal.SIG_DFL)


def in_cgroup():
    heeding()
    with open(CGROUP + "/cgroup.procs", "w") as file:
        file.write(str(os.getpid()))


def cgroup():
    os.makedirs(CGROUP, exist_ok=True)
    with open(CGROUP + ("/memory.limit_in_bytes" if V1 else "/memory.max"), "w") as file:
        file.write(str(LIMIT))


class Ramp:
    def __init__(self, steps, more=(), ready=READY, undo=UNDO, inside=False):
        self.folder = tempfile.mkdtemp(prefix="reach-")
        with open(self.folder + "/eat.py", "w") as file:
            file.write(EATER)
        command = [BINARY, "ramp", "--step", steps, "--ready", ready, "--undo", undo] + FAST + list(more)
        self.err = open(self.folder + "/err", "w+")
        self.process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL,
                                        stderr=self.err, preexec_fn=in_cgroup if inside else heeding)

    def wait(self, time=600):
        return self.process.wait(time)

    def told(self):
        with open(self.folder + "/err") as file:
            return file.read()

    def until(self, container):
        while self.process.poll() is None and not os.path.exists("%s/c%d" % (self.folder, container)):
            time.sleep(0.02)

    def run(self, *arguments):
        return subprocess.run([BINARY, *arguments], cwd=self.folder, capture_output=True, text=True)

    def changes(self):
        lines = self.run("log", "cat", "log.ebl").stdout.splitlines()
        results = [json.loads(line) for line in lines if '"kind":6' in line]
        return [(entry["phase"], result["value"], entry["cause"]) for result in results
                for entry in result["entries"] if "phase" in entry]

    def left(self):
        left = []
        for name in os.listdir(self.folder):
            if re.fullmatch(r"c\d+", name):
                pid = open(self.folder + "/" + name).read().strip()
                try:
                    state = open("/proc/%s/stat" % pid).read().split(") ")[1][0]
                    text = open("/proc/%s/cmdline" % pid).read()
                    if state != "Z" and "eat.py" in text:
                        left.append(name)
                except OSError:
                    pass
        return left

    def nothing_left(self):
        for _ in range(50):
            if not self.left():
                return True
            time.sleep(0.1)
        return False


def theil_sen(points):
    slopes = sorted((b[1] - a[1]) / (b[0] - a[0]) for i, a in enumerate(points) for b in points[i + 1:])
    half = len(slopes) // 2
    return (slopes[half] + slopes[~half]) / 2


def slope():
    for _ in range(TIMES):
        ramp = Ramp(step(8), ["--max", "20"])
        read = {}
        while ramp.process.poll() is None:
            pids = [name for name in os.listdir(ramp.folder) if re.fullmatch(r"c\d+", name)]
            pids = [open(ramp.folder + "/" + name).read().strip() for name in pids]
            try:
                texts = [open("/proc/%s/smaps_rollup" % pid).read() for pid in pids if pid]
                read.setdefault(len(pids), []).append(
                    sum(int(re.search(r"^Pss: +(\d+)", text, re.M).group(1)) for text in texts))
            except (OSError, AttributeError):
                pass
            time.sleep(0.1)
        # The later ones: those before are of a process that is starting.
        levels = [(n, sorted(sums)[-len(sums) // 2]) for n, sums in sorted(read.items())]
        true = theil_sen(levels)
        costs = json.loads(ramp.run("report", "--format", "json", "log.ebl").stdout)
        costs = costs["blocks"][0]["runs"][0]["cost_of_one_more_container"]
        kib = [cost["kib"] for cost in costs if cost["name"] == "workload"][0]
        error = kib["slope"] / true - 1
        yield abs(error) < 0.03 and kib["low"] <= true <= kib["high"], \
            "slope %.0f KiB, true %.0f KiB (8192 and the process's own), %+.2f %%, interval %.0f to %.0f" % (
                kib["slope"], true, 100 * error, kib["low"], kib["high"])


def ends():
    cgroup()
    memory = ["--memory-of", CGROUP, "--max", "12"]
    kinds = [
        ("memory", 1, step(40), []),
        ("OOM", 2, step(8, "if [ {n} = 3 ]; then python3 eat.py 600 none; fi; true"), ["--reserve", "0"]),
        ("latency", 3, step(8, "if [ {n} = 3 ]; then touch slow; fi"),
         ["--probe", "[ ! -e slow ] || sleep 3", "--slow", "2s"]),
        ("limit", 7, step(8, "if [ {n} = 3 ]; then echo Too many pods; exit 1; fi"), []),
        ("product", 6, step(8, "if [ {n} = 3 ]; then kill -9 $(cat c1); fi"), []),
        ("user", 10, step(8), []),
    ]
    for _ in range(max(TIMES // len(kinds), 1)):
        for name, cause, steps, more in kinds:
            ramp = Ramp(steps, memory + more, inside=True)
            if name == "user":
                ramp.until(3)
                ramp.process.send_signal(signal.SIGINT)
            status = ramp.wait()
            changes = ramp.changes()
            at = [index for index, (phase, _, _) in enumerate(changes) if phase == 7]
            ended = changes[at[0]] if at else None
            begun_after = any(phase == 1 for phase, _, _ in changes[at[0]:]) if at else True
            right = ended and ended[2] == cause and not begun_after and ramp.nothing_left()
            yield right, "%s: %s, status %s, %s" % (name, ended, status, next((line[16:166] for line in ramp.told().splitlines() if "ended by" in line), ""))


def lives():
    cgroup()
    for _ in range(TIMES):
        steps = step(8, "if [ {n} = 3 ]; then python3 eat.py 900 none; fi; true")
        ramp = Ramp(steps, ["--memory-of", CGROUP, "--reserve", "0", "--max", "4"], inside=True)
        status = ramp.wait()
        whole = ramp.run("log", "verify", "log.ebl").returncode
        yield status == 0 and whole == 0, "status %s, log verify %s, %s" % (
            status, whole, next((line[16:166] for line in ramp.told().splitlines() if "ended by" in line), ""))


def cut():
    for _ in range(TIMES):
        ramp = Ramp(step(1), ["--max", "50"])
        time.sleep(2 + random.random() * 8)
        ramp.process.kill()
        ramp.wait()
        told = [int(number) for number in re.findall(r"(\d+) containers? ready", ramp.told())]
        begun = [value for phase, value, _ in ramp.changes() if phase == 1]
        held = [value for phase, value, _ in ramp.changes() if phase == 6]
        last = max(told, default=-1)
        undone = ramp.run("ramp", "--undo-of", "log.ebl")
        yield max(held, default=-1) >= last and ramp.nothing_left() and undone.returncode == 0, \
            "told %d, read %d held and %d begun" % (last, max(held, default=-1), max(begun, default=0))


def undo():
    for name in ["success", "INT", "TERM", "HUP", "fails", "hangs", "KILL"]:
        for _ in range(TIMES):
            more = {"fails": "[ {n} != 3 ] || exit 3", "hangs": "[ {n} != 3 ] || sleep 1000"}.get(name, "")
            ramp = Ramp(step(1, more), ["--max", "3" if name == "success" else "50", "--step-timeout", "4s"])
            if name in ("INT", "TERM", "HUP", "KILL"):
                ramp.until(random.randint(1, 3))
                time.sleep(random.random())
                ramp.process.send_signal(getattr(signal, "SIG" + name))
            status = ramp.wait()
            if name == "KILL":
                status = ramp.run("ramp", "--undo-of", "log.ebl").returncode
            yield ramp.nothing_left() and status == 0, "%s: status %s, left %s" % (name, status, ramp.left())


def probe():
    sleepers = [subprocess.Popen(["sleep", "100000"]) for _ in range(150)]
    logs, footers = [tempfile.mktemp(suffix=".ebl") for _ in range(2)], []
    number, load = 20 * TIMES, open("/proc/loadavg").read().split()[0]
    # Reading PSS takes what its budget allows, whatever else there is to do.
    record = [BINARY, "record", "-q", "--pss", "off", "-d", "%ds" % (number + 3)]
    more = [[], ["--probe", "sleep 0.5", "--probe-every", "1s"]]
    recorders = [subprocess.Popen(record + more + ["-o", log], stderr=subprocess.DEVNULL) for log, more in zip(logs, more)]
    for recorder, log in zip(recorders, logs):
        recorder.wait()
        lines = subprocess.run([BINARY, "log", "cat", log], capture_output=True, text=True).stdout.splitlines()
        records = [json.loads(line) for line in lines if '"record":"result"' in line or '"record":"footer"' in line]
        footers += [record for record in records if record["record"] == "footer"]
        os.unlink(log)
    for sleeper in sleepers:
        sleeper.kill()
        sleeper.wait()
    took = sorted(record["value"] for record in records if record["record"] == "result" and record["kind"] == 5)[-number:]
    late = [(us - 500000) / 1000 for us in took]
    median, p99 = late[len(late) // 2], late[len(late) * 99 // 100]
    each = (footers[1]["cpu_us"] - footers[0]["cpu_us"]) / 1000 / len(late)
    yield len(late) == number and median < 10 and p99 < 30, \
        "%d runs, told %.1f ms later at the median, %.1f ms at p99, %.1f ms at most; the recorder took %.2f ms more for each; " \
        "deadlines missed with it %d, without %d; load %s" % (
            len(late), median, p99, late[-1], each, footers[1]["missed"], footers[0]["missed"], load)


if WHAT == "cut":
    FAST.remove("-q")
if WHAT == "slope":
    # Estimates of PSS settle; and what else is killed on this machine is no matter.
    FAST[FAST.index("--settle") + 1], FAST[FAST.index("--window") + 1] = "2s", "10"
    FAST += ["--oom-kills", "0"]
right = total = 0
for well, line in {"slope": slope, "ends": ends, "lives": lives, "cut": cut, "undo": undo, "probe": probe}[WHAT]():
    right, total = right + bool(well), total + 1
    print(("ok   " if well else "WRONG"), line, flush=True)
print("%s: %d of %d" % (WHAT, right, total))
sys.exit(right != total)
