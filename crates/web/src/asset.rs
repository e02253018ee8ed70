//! The stylesheet, the script and the icon: addressed by the hash of their content and kept by
//! browsers for a year.

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

static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
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
        asset(
            "ansinh.svg",
            "image/svg+xml",
            include_str!("../assets/ansinh.svg"),
        ),
    ]
});

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
