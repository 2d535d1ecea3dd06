//! Which program gives a network interface its addresses.

use crate::proc::root::Root;

/// The managers of the interface that run, such as `dhcpcd (pid 412)`.
pub(crate) fn managers(root: &Root, name: &str, index: u32) -> Vec<String> {
    let mut found = Vec::new();
    for pid in root.pids().unwrap_or_default() {
        let (mut comm, mut cmdline) = ([0; 64], [0; 2048]);
        let comm = root
            .read_proc(&format!("{pid}/comm"), &mut comm)
            .unwrap_or_default();
        let comm = std::str::from_utf8(comm).unwrap_or_default().trim_end();
        let cmdline = root
            .read(&format!("proc/{pid}/cmdline"), &mut cmdline)
            .unwrap_or_default();
        let words = || {
            cmdline
                .split(|byte| matches!(byte, 0 | b' '))
                .filter(|word| !word.is_empty())
        };
        let is_link = |word: &[u8]| {
            let word = std::str::from_utf8(word).unwrap_or("/");
            !word.contains('/') && root.open_file(&format!("sys/class/net/{word}")).is_ok()
        };
        let is_it = match comm {
            "NetworkManager" => has(
                root,
                &format!("run/NetworkManager/devices/{index}"),
                "managed=true",
            ),
            // The kernel keeps 15 bytes of a name.
            "systemd-network" => {
                let state = format!("run/systemd/netif/links/{index}");
                has(root, &state, "ADMIN_STATE=") && !has(root, &state, "ADMIN_STATE=unmanaged")
            }
            // Without a name it is for all.
            "dhcpcd" => {
                words().any(|word| word == name.as_bytes()) || !words().skip(1).any(is_link)
            }
            _ => is_udhcpc(words(), comm, name),
        };
        let manager = match comm {
            "systemd-network" => "systemd-networkd",
            "busybox" => "udhcpc",
            other => other,
        };
        // Its helpers have its name.
        if is_it
            && !found
                .iter()
                .any(|other: &String| other.starts_with(manager))
        {
            found.push(format!("{manager} (pid {pid})"));
        }
    }
    found
}

/// `udhcpc -i eth0`; without `-i` it is for eth0.
fn is_udhcpc<'w>(words: impl Iterator<Item = &'w [u8]> + Clone, comm: &str, name: &str) -> bool {
    let is_called = words.clone().take(2).any(|word| word.ends_with(b"udhcpc"));
    if !matches!(comm, "udhcpc" | "busybox") || !is_called {
        return false;
    }
    let name = name.as_bytes();
    let mut behind = words
        .clone()
        .skip_while(|word| !matches!(*word, b"-i" | b"--interface"));
    match behind.nth(1) {
        Some(word) => word == name,
        None => {
            let joined = |word: &'w [u8]| {
                word.strip_prefix(b"-i")
                    .or(word.strip_prefix(b"--interface="))
            };
            words.filter_map(joined).next().unwrap_or(b"eth0") == name
        }
    }
}

fn has(root: &Root, path: &str, line: &str) -> bool {
    let mut buffer = [0; 4096];
    let text = root.read(path, &mut buffer).unwrap_or_default();
    String::from_utf8_lossy(text)
        .lines()
        .any(|of| of.starts_with(line))
}

#[cfg(test)]
mod tests {
    use super::is_udhcpc;

    #[test]
    fn a_client_of_the_interface() {
        let is_it = |line: &str, name| {
            let comm = line.split([' ', '/']).next().unwrap().to_owned();
            is_udhcpc(line.split(' ').map(str::as_bytes), &comm, name)
        };
        assert!(is_it("udhcpc -i eth0 -b", "eth0"));
        assert!(is_it("udhcpc -b -ieth1", "eth1"));
        assert!(is_it("busybox udhcpc --interface=wlan0", "wlan0"));
        assert!(is_it("udhcpc -b", "eth0"));
        for other in [
            "udhcpc -i eth1",
            "busybox httpd eth0",
            "udhcpd -i eth0",
            "udhcpc -ieth1",
        ] {
            assert!(!is_it(other, "eth0"), "{other}");
        }
    }
}
