//! The stylesheet and the script, addressed by the hash of their content and kept by browsers for a
//! year; and the icon, small enough to stand in the page.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::failure::Failure;

struct Asset {
    name: &'static str,
    media_type: &'static str,
    content: &'static str,
    hash: String,
}

static ASSETS: LazyLock<[Asset; 2]> = LazyLock::new(|| {
    let asset = |name, media_type, content: &'static str| {
        let hash = hex::encode(&Sha256::digest(content.as_bytes())[..6]);
        Asset {
            name,
            media_type,
            content,
            hash,
        }
    };
    [
        asset(
            "ansinh.css",
            "text/css; charset=utf-8",
            include_str!("../assets/ansinh.css"),
        ),
        asset(
            "ansinh.js",
            "text/javascript; charset=utf-8",
            include_str!("../assets/ansinh.js"),
        ),
    ]
});

static ICON: LazyLock<String> = LazyLock::new(|| {
    let mut address = String::from("data:image/svg+xml,");
    for letter in include_str!("../assets/ansinh.svg").trim_end().chars() {
        match letter {
            '"' => address.push_str("%27"),
            '#' => address.push_str("%23"),
            '<' => address.push_str("%3C"),
            '>' => address.push_str("%3E"),
            other => address.push(other),
        }
    }
    address
});

/// The icon as an address that holds it whole: one request less at the first view.
pub(crate) fn icon() -> &'static str {
    &ICON
}

/// Address of an asset, changing with its content.
pub(crate) fn address(name: &str) -> String {
    let asset = ASSETS.iter().find(|asset| asset.name == name);
    let hash = asset.map_or("", |asset| asset.hash.as_str());
    format!("/tep/{hash}/{name}")
}

/// `GET /tep/{hash}/{name}`.
pub(crate) async fn show(Path((hash, name)): Path<(String, String)>) -> Response {
    match ASSETS
        .iter()
        .find(|asset| asset.name == name && asset.hash == hash)
    {
        Some(asset) => (
            [
                (header::CONTENT_TYPE, asset.media_type),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            asset.content,
        )
            .into_response(),
        None => Failure::not_found().into_response(),
    }
}
