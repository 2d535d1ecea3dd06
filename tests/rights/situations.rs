//! Who runs a command.

use crate::program::program;
use crate::support::{binary_for_all, can, can_be_nobody, copy_program, run, Done, Folder};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The columns of the table, with the words that are put before a command.
pub const ALL: [(&str, &str); 4] = [
    ("root", ""),
    ("another user", AS_NOBODY),
    ("with `CAP_SYS_PTRACE`", WITH_PTRACE),
    ("root in a container", CONTAINED),
];

const AS_NOBODY: &str = "setpriv --reuid=65534 --regid=65534 --clear-groups";
const WITH_PTRACE: &str =
    "setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=+sys_ptrace --ambient-caps=+sys_ptrace";
/// The capabilities are those that Docker leaves.
const CONTAINED: &str = "unshare -mpf --mount-proc setpriv --no-new-privs --inh-caps=-all \
    --bounding-set=-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,\
+net_bind_service,+net_raw,+sys_chroot,+mknod,+audit_write,+setfcap";

/// A machine with a cable of its own and its own folder for notes, as root sees it.
const MACHINE: &str = "mount --make-rprivate / && mount -t tmpfs tmpfs /run && \
    mount -t tmpfs tmpfs /var/lib && mkdir /var/lib/edgebench-lite && \
    mount --bind state /var/lib/edgebench-lite && ip link set lo up && \
    ip link add eth0 type veth peer name peer0 && ip addr add 10.0.0.1/24 dev eth0 && \
    ip link set eth0 up && ip link set peer0 up";

/// A plan for a benchmark that waits for nothing.
const PLAN: &str = "product demo\nkey up=HERE/up\ndirectory HERE/d\nstart \"touch HERE/up\"\n\
    ready \"test -e HERE/up\"\nstop \"rm -f HERE/up\"\nsettle 0\ncool 149\nclock 0\n\
    runs edge 1 of 1s\n";

/// Whether this machine has what all of them take.
pub fn are_possible() -> bool {
    let folder = Folder::new();
    std::fs::create_dir(folder.file("state")).unwrap();
    let here = folder.path().display();
    let machine = format!("cd {here} && {MACHINE} && {WITH_PTRACE} true");
    can_be_nobody()
        && !crate::emulation::emulated()
        && can(&["sh", "-c", &format!("{CONTAINED} true")])
        && can(&["unshare", "-mn", "sh", "-c", &machine])
        && can(&["script", "-qefc", "tty", "/dev/null"])
}

/// A folder for everybody, with the program and a process of root's called `beside`.
pub struct Place {
    pub folder: Folder,
    beside: Child,
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = self.beside.kill();
        let _ = self.beside.wait();
    }
}

impl Place {
    pub fn new() -> Self {
        let folder = Folder::new();
        binary_for_all(&folder);
        std::fs::create_dir(folder.file("state")).unwrap();
        // What a restart would be asked of, by whoever may.
        for name in ["systemctl", "init", "reboot"] {
            let may = "#!/bin/sh\neffective=$(sed -n 's/^CapEff:.//p' /proc/self/status)\n\
                       [ $((0x$effective >> 22 & 1)) = 1 ]\n";
            program(&folder, &format!("bin/{name}"), may);
        }
        let beside = folder.file("beside");
        copy_program("/bin/sleep", &beside);
        let beside = Command::new(beside).arg("100000").spawn().unwrap();
        Self { folder, beside }
    }

    pub fn beside(&self) -> u64 {
        self.beside.id().into()
    }

    /// Runs a shell's script in a folder of its own, in which $E is the program.
    pub fn tried(&self, before: &str, script: &str) -> (Done, Folder) {
        let own = Folder::new();
        std::fs::create_dir(own.file("state")).unwrap();
        let here = own.path().display();
        own.write("plan", PLAN.replace("HERE", &here.to_string()));
        let mut command = Command::new("unshare");
        let whole = format!("{MACHINE} && exec {before} sh -c '{script}'");
        command.args(["-mn", "sh", "-c", &whole]);
        let port = script.contains("$TTY").then(Port::new);
        if let Some(port) = &port {
            command.env("TTY", &port.path);
        }
        (run(self.prepared(&own, &mut command)), own)
    }

    fn prepared<'c>(&self, own: &Folder, command: &'c mut Command) -> &'c mut Command {
        let top: &Path = self.folder.path();
        let path = format!(
            "{}:/usr/sbin:/usr/bin:/sbin:/bin",
            top.join("bin").display()
        );
        command
            .env("E", top.join("edgebench-lite"))
            .env("PATH", path);
        command.current_dir(own.path());
        command.stdin(Stdio::null())
    }
}

/// A terminal of root's and of a group, as a serial port is.
struct Port {
    path: String,
    keeper: Child,
}

impl Drop for Port {
    fn drop(&mut self) {
        let _ = self.keeper.kill();
        let _ = self.keeper.wait();
    }
}

impl Port {
    fn new() -> Self {
        let mut command = Command::new("script");
        command.args(["-qefc", "tty; exec sleep 100000", "/dev/null"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut keeper = command.spawn().unwrap();
        let mut path = String::new();
        let said = keeper.stdout.take().unwrap();
        BufReader::new(said).read_line(&mut path).unwrap();
        let path = path.trim().to_owned();
        Self { path, keeper }
    }
}
