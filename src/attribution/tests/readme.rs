//! The table of containers and pods in `src/attribution/README.md` is that of the rules;
//! its last column says in words what the others are.

use super::super::rules;

/// The table, line by line, as the rules are, but for the last column.
#[test]
fn readme_has_the_rules() {
    let folder = |rule: &rules::Rule| match rule.folder {
        rules::Folder::Any => String::new(),
        rules::Folder::Named(folder) => format!("{folder}/"),
        rules::Folder::Top(folder) => format!("/{folder}/"),
        rules::Folder::Pod if rule.start.starts_with(':') => "POD".to_owned(),
        rules::Folder::Pod => "POD/".to_owned(),
        rules::Folder::Nspawn => "systemd-nspawn@NAME.service/".to_owned(),
    };
    let mut rows = Vec::new();
    for rule in rules::CONTAINERS {
        let id = match (rule.folder, rule.id) {
            (rules::Folder::Nspawn, _) => "",
            (_, rules::Id::Hex) => "ID",
            (_, rules::Id::Name | rules::Id::Escaped) => "NAME",
            (_, rules::Id::Numbered) => "N\\x2dNAME",
        };
        let shown = match id {
            "ID" => "ID",
            _ => "NAME",
        };
        rows.push(format!(
            "| `{}{}{id}{}` | {} {shown} | ",
            folder(rule),
            rule.start,
            rule.end,
            rule.runtime
        ));
    }
    for rule in rules::PODS {
        let before = if rule.prefixed { "[ROOT-]" } else { "" };
        rows.push(format!(
            "| `{before}{}UID{}` | UID | ",
            rule.start, rule.end
        ));
    }
    let readme = include_str!("../README.md");
    let (_, table) = readme
        .split_once("| cgroup | row | |\n|---|---|---|\n")
        .unwrap();
    let table: Vec<&str> = table
        .lines()
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert_eq!(
        table.len(),
        rows.len(),
        "README has other rows than {rows:#?}"
    );
    for (line, row) in table.iter().zip(&rows) {
        let words = line
            .strip_prefix(&row[..])
            .and_then(|rest| rest.strip_suffix(" |"));
        assert!(
            words.is_some_and(|words| !words.is_empty()),
            "README: {line}\nrule: {row}"
        );
    }
}
