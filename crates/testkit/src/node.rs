//! Independent servers in Node, started beside a test.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A server that runs until it is dropped.
pub struct NodeServer {
    child: Child,
    /// Where it listens, as it says in its first line.
    pub address: String,
}

impl NodeServer {
    /// Starts a script of a folder.
    ///
    /// # Panics
    /// When `script/setup` has not installed what it needs, or it does not say where it listens.
    pub fn start(folder: &Path, script: &str) -> NodeServer {
        assert!(
            folder.join("node_modules").exists(),
            "script/setup installs the server"
        );
        let mut child = Command::new("node")
            .arg(script)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node starts");
        let mut address = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("piped"));
        output.read_line(&mut address).expect("says where it is");
        // Left open: it writes more, and would end when nobody could read it.
        child.stdout = Some(output.into_inner());
        NodeServer {
            child,
            address: address.trim().to_owned(),
        }
    }
}

impl Drop for NodeServer {
    fn drop(&mut self) {
        // It ends with its input, and takes away what it wrote.
        drop(self.child.stdin.take());
        for _ in 0..100 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
