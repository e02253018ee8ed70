//! Files larger than anybody may send are cut off where the limit is, on every way in.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::{Body, Bytes};
use axum::http::{Method, header};
use futures_util::stream;

use crate::neighbours::{HERE, settled};
use crate::permission::{ASKERS, bearing, credentials};

const GIGABYTE: u64 = 1 << 30;
const PIECE: u64 = 1 << 20;

/// A gigabyte that counts how much of it was taken.
fn gigabyte(head: &'static [u8], taken: Arc<AtomicU64>) -> Body {
    let zeros = Bytes::from(vec![0; 1 << 20]);
    let pieces = (0..GIGABYTE / PIECE).map(move |at| {
        taken.fetch_add(PIECE, Ordering::Relaxed);
        let piece = match at {
            0 => Bytes::from_static(head),
            _ => zeros.clone(),
        };
        Ok::<_, std::io::Error>(piece)
    });
    Body::from_stream(stream::iter(pieces))
}

#[tokio::test]
async fn of_a_gigabyte_no_way_in_takes_more_than_its_limit() {
    let (site, places) = settled("51", &[HERE]).await;
    let credentials = credentials(&site).await;
    let heads: [(&str, &[u8]); 3] = [
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name=\"tep\"; filename=\"a.pdf\"\r\n\r\n%PDF-1.7\n",
        ),
        ("application/x-www-form-urlencoded", b"khoa=k&viec="),
        ("application/json", b"{\"x\":\""),
    ];
    let ways = web::ways_in().into_iter();
    for (method, path) in ways.filter(|(method, _)| method != Method::GET) {
        if path == "/dang-xuat" {
            continue;
        }
        let uri = places[0].fill(path);
        for (credential, (who, _)) in credentials.iter().zip(ASKERS) {
            for (media_type, head) in heads {
                let taken = Arc::new(AtomicU64::new(0));
                let request = bearing(&method, &uri, credential)
                    .header(header::CONTENT_TYPE, media_type)
                    .header("idempotency-key", "k-gigabyte")
                    .body(gigabyte(head, taken.clone()));
                let answer = site.send(request.expect("a request")).await;
                let status = answer.status;
                assert!(
                    status.is_client_error() || status.is_redirection(),
                    "{who} {uri}: {status}"
                );
                let taken = taken.load(Ordering::Relaxed);
                assert!(taken <= 62 * PIECE, "{who} {uri} took {taken} bytes");
            }
        }
    }
}
