"""What `run` and `long` share: the crowd, the recorder, and what it recorded."""

import atexit
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = tempfile.mkdtemp(prefix="extremes-")
CROWD = FOLDER + "/crowd"
started = []


def end(process, by=signal.SIGKILL):
    if process.poll() is None:
        process.send_signal(by)
    return process.wait()


@atexit.register
def tidy():
    for process in started:
        end(process)
    shutil.rmtree(FOLDER, ignore_errors=True)


def start(*command, **more):
    process = subprocess.Popen(command, **more)
    started.append(process)
    return process


def build_crowd():
    subprocess.run(["cc", "-O2", "-static", "-pthread", "-o", CROWD, HERE + "/crowd.c"], check=True)


def crowd(*arguments, prefix=(), **more):
    """A crowd, once it is as it will be."""
    process = start(*prefix, CROWD, *map(str, arguments), stdout=subprocess.PIPE, text=True, **more)
    said = process.stdout.readline()
    if said != "ready\n":
        raise RuntimeError("crowd %s: %r" % (arguments, said))
    return process


def copy(binary, name):
    """A file of its own: PSS counts the pages of a file that two run as half of each."""
    return shutil.copy(binary, FOLDER + "/" + name)


def until(what, holds, patience=600):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        value = holds()
        if value:
            return value
        time.sleep(0.05)
    raise RuntimeError("in vain: " + what)


def pid_of(program):
    """Who runs that file."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink("/proc/%s/exe" % pid) == program:
                return int(pid)
        except OSError:
            pass
    return None


def pss_kib(pid):
    with open("/proc/%d/smaps_rollup" % pid) as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))


def descriptors(pid):
    """But for the files of processes that it keeps open, of which the crowd decides: 256 at most, and
    one that is only read."""
    count = kept = 0
    for fd in os.listdir("/proc/%d/fd" % pid):
        try:
            target = os.readlink("/proc/%d/fd/%s" % (pid, fd))
        except OSError:
            continue
        is_kept = re.search(r"(^|/)\d+(/task/\d+)?/\w+$", target) is not None
        count += not is_kept
        kept += is_kept
    if kept > 257:
        raise RuntimeError("%d descriptors are kept" % kept)
    return count


def cat(binary, log):
    """The records of a log."""
    done = subprocess.run([binary, "log", "cat", log], stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.decode("utf-8", "surrogateescape").splitlines()]
