//! The law folder is compiled in: a change of any of its files must compile this crate again.

fn main() {
    println!("cargo::rerun-if-changed=../../law");
}
