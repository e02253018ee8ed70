//! The forms are compiled in: a change of any of their files must compile this crate again.

fn main() {
    println!("cargo::rerun-if-changed=../../reference/forms");
}
