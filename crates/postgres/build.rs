//! A new migration builds the schema anew: the macro that reads the folder does not look again.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
