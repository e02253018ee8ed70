//! Files in an object store: an independent S3-compatible server, started for the test.

use std::path::Path;
use std::process::Command;

use bytes::Bytes;
use files::{FileHash, Files, MediaType, Refused, Stored};
use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use testkit::NodeServer;

/// In the environment of the test that is run again beside the server.
const BESIDE: &str = "ANSINH_TEST_S3";

/// The keys the server is told of, as an administrator sets them.
fn with_settings<'a>(command: &'a mut Command, address: &str) -> &'a mut Command {
    command
        .env("AWS_ENDPOINT", address)
        .env("AWS_ALLOW_HTTP", "true")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "S3RVER")
        .env("AWS_SECRET_ACCESS_KEY", "S3RVER")
}

#[test]
fn files_are_kept_in_an_object_store_as_in_a_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/s3");
    let server = NodeServer::start(&folder, "server.mjs");
    let mut again = Command::new(std::env::current_exe().expect("this test"));
    again.args(["--exact", "object_store::beside_the_server", "--nocapture"]);
    again.env(BESIDE, "1");
    let output = with_settings(&mut again, &server.address)
        .output()
        .expect("runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{wrong}");
    assert!(said.contains("kept, opened, swept"), "it ran: {said}");
}

async fn take_in(files: &Files, content: &[u8]) -> Result<Stored, Refused> {
    let pieces: Vec<_> = content
        .chunks(100_000)
        .map(|piece| Ok::<_, String>(Bytes::copy_from_slice(piece)))
        .collect();
    files.take_in("don.pdf", stream::iter(pieces)).await
}

fn pdf(filling: usize) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n1 0 obj <<>> endobj\n%".to_vec();
    file.extend(std::iter::repeat_n(b'x', filling));
    file.extend(b"\ntrailer <<>>\n%%EOF\n");
    file
}

async fn read(files: &Files, hash: &FileHash) -> Option<Vec<u8>> {
    let content = files.open(hash).await.expect("the store answers")?;
    let mut bytes = Vec::new();
    let mut pieces = content.pieces;
    while let Some(piece) = pieces.next().await {
        bytes.extend(piece.expect("whole"));
    }
    assert_eq!(bytes.len() as u64, content.size);
    Some(bytes)
}

/// Does nothing but where [`files_are_kept_in_an_object_store_as_in_a_folder`] runs it.
#[tokio::test]
async fn beside_the_server() {
    if std::env::var_os(BESIDE).is_none() {
        return;
    }
    let files = Files::at("s3://giay-to/tinh-51").expect("the setting is sound");
    // One goes up whole, one in several parts.
    let (small, large) = (pdf(10), pdf(14 << 20));
    let one = take_in(&files, &small).await.expect("kept");
    let other = take_in(&files, &large).await.expect("kept in parts");
    assert_eq!(one.media_type, MediaType::Pdf);
    assert_eq!(take_in(&files, &small).await.expect("again"), one);
    assert_eq!(read(&files, &one.hash).await, Some(small));
    assert!(
        read(&files, &other.hash).await == Some(large),
        "byte for byte"
    );
    let refused = take_in(&files, b"MZ no document").await;
    assert!(matches!(refused, Err(Refused::Content(_))), "{refused:?}");
    assert_eq!(read(&files, &FileHash([7; 32])).await, None);
    // Another prefix of the bucket sees nothing of it.
    let elsewhere = Files::at("s3://giay-to/tinh-48").expect("the setting is sound");
    assert_eq!(read(&elsewhere, &one.hash).await, None);
    let hour = SignedDuration::from_hours(1);
    // Long after the server noted the files.
    let later = Timestamp::from_second(4_000_000_000).expect("a moment");
    let named = async |asked: &[FileHash]| {
        let kept = asked.iter().copied().filter(|it| *it == one.hash);
        Ok::<_, Refused>(kept.collect())
    };
    let swept = files.sweep(later, hour, named).await.expect("swept");
    assert_eq!((swept.removed, swept.kept), (1, 1));
    assert_eq!(read(&files, &other.hash).await, None);
    let nowhere = Files::at("s3://khong-co").expect("the setting is sound");
    let refused = take_in(&nowhere, &pdf(1)).await;
    assert!(refused.is_err_and(|it| !it.is_of_the_file()), "no bucket");
    println!("kept, opened, swept");
}
