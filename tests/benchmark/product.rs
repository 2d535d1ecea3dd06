//! A product to be measured: a shell script that sleeps, in a folder of its own.

use crate::program::program;
use crate::support::{run, Done, Folder};
use std::fs;
use std::process::Command;

/// It ends when its test does, whatever the benchmark has made of it.
const DAEMON: &str = "#!/bin/sh\n# arguments: FOLDER\nwhile [ -e \"$1\" ]; do sleep 1; done\n";

pub struct Product {
    pub folder: Folder,
}

impl Product {
    pub fn new() -> Self {
        let folder = Folder::new();
        program(&folder, "sleeper", DAEMON);
        Self { folder }
    }

    /// A plan whose directory is `d`, and that waits for nothing.
    pub fn plan(&self, lines: &str) -> String {
        let here = self.folder.path().display();
        format!(
            "product demo\ndirectory {here}/d\nkey sleeper={here}/sleeper\n\
             start \"{here}/sleeper {here} & echo $! >{here}/pid\" within 60s\n\
             ready \"test -e {here}/pid\" within 60s\n\
             stop \"test ! -e {here}/pid || kill $(cat {here}/pid); rm -f {here}/pid\"\n\
             settle 0\ncool 149\nclock 0\n{lines}\n"
        )
    }

    pub fn write_plan(&self, lines: &str) {
        self.folder.write("plan", self.plan(lines));
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.folder.edgebench(["bench", "--note", "note"]);
        command.args(arguments);
        command
    }

    pub fn bench(&self, arguments: &[&str]) -> Done {
        run(&mut self.command(arguments))
    }

    pub fn has(&self, name: &str) -> bool {
        self.folder.file(name).exists()
    }

    /// The journal's lines, without their moments.
    pub fn journal(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.file("d/journal")).unwrap();
        let line = |line: &str| line.split_once(' ').unwrap().1.to_owned();
        text.lines().map(line).collect()
    }

    /// Lines of the journal that begin so.
    pub fn told(&self, begin: &str) -> Vec<String> {
        let mut lines = self.journal();
        lines.retain(|line| line.starts_with(begin));
        lines
    }

    /// The names in a folder, in their order.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.folder.file(folder)).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Processes whose command line names this folder, but for those of this test.
    pub fn processes(&self) -> Vec<String> {
        let here = self.folder.path().display().to_string();
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let text = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let text = String::from_utf8_lossy(&text).replace('\0', " ");
            if text.contains(&here) {
                found.push(text);
            }
        }
        found
    }
}
