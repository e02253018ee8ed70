//! What is taken in, what is refused, and what stays.

use std::collections::HashSet;
use std::io::Write;

use bytes::Bytes;
use files::{Fault, FileHash, Files, LARGEST, MediaType, Refused, Stored};
use futures_util::StreamExt;
use futures_util::stream;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    file.extend(width.to_be_bytes());
    file.extend(height.to_be_bytes());
    file.extend(b"\x08\0\0\0\0crc!\0\0\0\x03IDATabccrc!\0\0\0\0IENDcrc!");
    file
}

fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let mut file = b"\xff\xd8\xff\xe0\0\x06JFIF\xff\xc0\0\x0b\x08".to_vec();
    file.extend(height.to_be_bytes());
    file.extend(width.to_be_bytes());
    file.extend(b"\x01\x01\x11\0\xff\xda\0\x02drawn\xff\0more\xff\xd0part\xff\xd9");
    file
}

fn pdf() -> Vec<u8> {
    b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n".to_vec()
}

struct Shelf {
    files: Files,
    _folder: tempfile::TempDir,
}

fn shelf() -> Shelf {
    let folder = tempfile::tempdir().expect("a folder");
    let files = Files::in_folder(folder.path()).expect("opened");
    Shelf {
        files,
        _folder: folder,
    }
}

async fn take_in(files: &Files, name: &str, content: &[u8]) -> Result<Stored, Refused> {
    let pieces: Vec<_> = content
        .chunks(7)
        .map(|piece| Ok::<_, String>(Bytes::copy_from_slice(piece)))
        .collect();
    files.take_in(name, stream::iter(pieces)).await
}

async fn read(files: &Files, hash: &FileHash) -> Option<Vec<u8>> {
    let content = files.open(hash).await.expect("the store answers")?;
    let pieces: Vec<_> = content.pieces.collect().await;
    Some(
        pieces
            .into_iter()
            .flat_map(|it| it.expect("a piece"))
            .collect(),
    )
}

#[tokio::test]
async fn sound_files_are_kept_under_their_hash_and_read_back() {
    let shelf = shelf();
    for (name, content, kind) in [
        ("to-khai.pdf", pdf(), MediaType::Pdf),
        ("Ảnh.JPG", jpeg(1600, 1200), MediaType::Jpeg),
        ("quét.jpeg", jpeg(1, 1), MediaType::Jpeg),
        ("quét.png", png(2480, 3508), MediaType::Png),
    ] {
        let stored = take_in(&shelf.files, name, &content).await.expect(name);
        assert_eq!(
            (stored.media_type, stored.size),
            (kind, content.len() as u64)
        );
        let again = take_in(&shelf.files, name, &content).await.expect("again");
        assert_eq!(again, stored);
        assert_eq!(read(&shelf.files, &stored.hash).await, Some(content));
    }
    assert_eq!(read(&shelf.files, &FileHash([0; 32])).await, None);
}

#[tokio::test]
async fn what_is_not_what_it_seems_is_refused() {
    let shelf = shelf();
    let with = |mut file: Vec<u8>, more: &[u8]| {
        file.extend(more);
        file
    };
    let zip = b"PK\x05\x06 and more of an archive".as_slice();
    let cut = |mut file: Vec<u8>, left: usize| {
        file.truncate(file.len() - left);
        file
    };
    for (name, content, fault) in [
        ("a.pdf", b"MZ\x90\0 a program".to_vec(), Fault::Unknown),
        ("a.pdf", b"<html><script>".to_vec(), Fault::Unknown),
        ("a.zip", b"PK\x03\x04 an archive".to_vec(), Fault::Unknown),
        ("a.svg", b"<svg onload='x()'/>".to_vec(), Fault::Unknown),
        ("a.pdf", with(b"x".to_vec(), &pdf()), Fault::Unknown),
        ("a.pdf", with(pdf(), zip), Fault::MoreBehind),
        ("a.png", with(png(9, 9), zip), Fault::MoreBehind),
        ("a.jpg", with(jpeg(9, 9), zip), Fault::MoreBehind),
        ("a.pdf", cut(pdf(), 6), Fault::Broken),
        ("a.png", cut(png(9, 9), 1), Fault::Broken),
        ("a.jpg", cut(jpeg(9, 9), 2), Fault::Broken),
        ("a.jpg", b"\xff\xd8\xff\xd9".to_vec(), Fault::Broken),
        ("a.png", png(0, 9), Fault::Broken),
        ("a.png", png(60_000, 60_000), Fault::TooManyPixels),
        ("a.jpg", jpeg(u16::MAX, u16::MAX), Fault::TooManyPixels),
        ("a.exe", pdf(), Fault::WrongEnding),
        ("a.pdf", png(9, 9), Fault::WrongEnding),
        ("khong-duoi", pdf(), Fault::WrongEnding),
    ] {
        match take_in(&shelf.files, name, &content).await {
            Err(Refused::Content(found)) => assert_eq!(found, fault, "{name}"),
            other => panic!("{name}: {other:?} instead of {fault:?}"),
        }
    }
    let empty = take_in(&shelf.files, "a.pdf", b"").await;
    assert!(matches!(empty, Err(Refused::Empty)));
}

#[tokio::test]
async fn a_gigabyte_is_refused_after_what_is_allowed_and_leaves_nothing() {
    let shelf = shelf();
    let piece = Bytes::from(vec![b' '; 1 << 20]);
    let mut sent = 0_u64;
    let endless = stream::repeat_with(|| {
        sent += piece.len() as u64;
        Ok::<_, String>(piece.clone())
    });
    let refused = shelf.files.take_in("a.pdf", endless.take(1024)).await;
    assert!(matches!(refused, Err(Refused::TooLarge)));
    assert!(
        sent <= LARGEST + 2 * (1 << 20),
        "read no further than needed"
    );
    let broken = stream::iter([Ok(Bytes::from(pdf())), Err("gone".to_owned())]);
    let refused = shelf.files.take_in("a.pdf", broken).await;
    assert!(matches!(refused, Err(Refused::Interrupted(_))));
    let all = named_are(&shelf.files, SignedDuration::ZERO, &[]).await;
    assert_eq!((all.kept, all.removed), (0, 0));
}

async fn named_are(files: &Files, age: SignedDuration, named: &[FileHash]) -> files::Swept {
    let named: HashSet<FileHash> = named.iter().copied().collect();
    let ask = async |_: &[FileHash]| Ok::<_, Refused>(named.clone());
    // An hour after the files were made, by the clock of the disk.
    let mut probe = tempfile::NamedTempFile::new().expect("a file");
    probe.write_all(b"now").expect("written");
    let written = probe.as_file().metadata().and_then(|it| it.modified());
    let now = Timestamp::try_from(written.expect("a time")).expect("an instant");
    let later = now + SignedDuration::from_hours(1);
    files.sweep(later, age, ask).await.expect("swept")
}

#[tokio::test]
async fn what_nothing_names_goes_after_its_time() {
    let shelf = shelf();
    let named = take_in(&shelf.files, "a.pdf", &pdf()).await.expect("kept");
    let other = take_in(&shelf.files, "a.png", &png(9, 9))
        .await
        .expect("kept");
    let young = named_are(&shelf.files, SignedDuration::from_hours(2), &[named.hash]).await;
    assert_eq!((young.kept, young.removed), (2, 0));
    let swept = named_are(&shelf.files, SignedDuration::from_mins(30), &[named.hash]).await;
    assert_eq!((swept.kept, swept.removed), (1, 1));
    assert!(read(&shelf.files, &named.hash).await.is_some());
    assert_eq!(read(&shelf.files, &other.hash).await, None);
}

proptest! {
    /// Whatever is sent, sound files with some bytes changed above all: an answer, never a panic,
    /// and what is kept is what was sent.
    #[test]
    fn any_bytes_get_an_answer(
        kind in 0..4_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        rest in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let mut content = [pdf(), jpeg(9, 9), png(9, 9), Vec::new()][kind].clone();
        content.extend(rest);
        for (at, byte) in changes {
            if !content.is_empty() {
                let at = at.index(content.len());
                content[at] = byte;
            }
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let shelf = shelf();
            let name = ["a.pdf", "a.jpg", "a.png", "a.pdf"][kind];
            if let Ok(stored) = take_in(&shelf.files, name, &content).await {
                assert_eq!(read(&shelf.files, &stored.hash).await, Some(content));
            }
        });
    }
}
