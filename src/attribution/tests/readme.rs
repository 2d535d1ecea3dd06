//! README's table of containers and pods is that of the rules.

use super::super::rules;

/// README's table, line by line, as the rules are.
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
    let mut table = String::from("| cgroup | row | |\n|---|---|---|\n");
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
        table += &format!(
            "| `{}{}{id}{}` | {} {shown} | {} |\n",
            folder(rule),
            rule.start,
            rule.end,
            rule.runtime,
            rule.who
        );
    }
    for rule in rules::PODS {
        let before = if rule.prefixed { "[ROOT-]" } else { "" };
        table += &format!(
            "| `{before}{}UID{}` | UID | {} |\n",
            rule.start, rule.end, rule.who
        );
    }
    let readme = include_str!("../../../README.md");
    assert!(readme.contains(&table), "README lacks this table:\n{table}");
}
