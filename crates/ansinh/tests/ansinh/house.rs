//! The crates depend on each other as ARCHITECTURE.md draws it, and no file of tests is forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

type Arrows = BTreeMap<String, BTreeSet<String>>;

/// Lines `name  what it is  → one, other` of the drawing; a crate without an arrow depends on none.
fn drawn(architecture: &str) -> Arrows {
    let section = architecture
        .split_once("## Crates and arrows")
        .expect("the section of the crates")
        .1;
    let drawing = section.split("```").nth(1).expect("the drawing");
    drawing
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let (what, to) = line.split_once('→').unwrap_or((line, ""));
            let name = what.split_whitespace().next().expect("a name");
            let to = to.split(',').map(str::trim).filter(|to| !to.is_empty());
            (name.to_owned(), to.map(str::to_owned).collect())
        })
        .collect()
}

/// Dependencies between the crates of the workspace, those of tests left out.
fn built(root: &Path) -> Arrows {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(root)
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("its answer");
    let packages = metadata["packages"].as_array().expect("packages");
    let name = |of: &Value| of["name"].as_str().expect("a name").to_owned();
    let ours: BTreeSet<String> = packages.iter().map(name).collect();
    let arrows = |package: &Value| {
        let dependencies = package["dependencies"].as_array().expect("dependencies");
        let used = dependencies.iter().filter(|to| to["kind"].is_null());
        used.map(name).filter(|to| ours.contains(to)).collect()
    };
    packages
        .iter()
        .map(|package| (name(package), arrows(package)))
        .collect()
}

#[test]
fn architecture_draws_the_arrows_there_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let architecture = std::fs::read_to_string(root.join("ARCHITECTURE.md")).expect("the page");
    assert_eq!(drawn(&architecture), built(&root));
}

/// Every Rust file below a folder, but for what Node has installed.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("node_modules") {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files
}

/// A file that no module names is never compiled, and its tests never run.
#[test]
fn every_file_of_tests_is_in_a_program() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let (mut seen, mut forgotten) = (0, Vec::new());
    for package in std::fs::read_dir(crates).expect("the crates") {
        let tests = package.expect("an entry").path().join("tests");
        for file in rust_files(&tests) {
            let folder = file.parent().expect("a folder");
            // A file at the top, or one that begins a program, is found by cargo.
            if folder == tests || file.ends_with("main.rs") {
                continue;
            }
            seen += 1;
            let named = file.file_stem().expect("a name").to_string_lossy();
            let above = [folder.join("main.rs"), folder.with_extension("rs")];
            let module = format!("mod {named};");
            let names = |path: &PathBuf| {
                let text = std::fs::read_to_string(path).unwrap_or_default();
                text.lines()
                    .any(|line| !line.starts_with("//") && line.ends_with(&module))
            };
            if !above.iter().any(names) {
                forgotten.push(file);
            }
        }
    }
    assert_eq!(forgotten, Vec::<PathBuf>::new());
    assert!(seen > 100, "{seen} files looked at");
}
