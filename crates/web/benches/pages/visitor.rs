//! A browser as far as the server sees one.

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use tower::ServiceExt;

/// How a page is come by.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    /// By its address.
    To(String),
    /// By a form that leads to the page: where it is sent, and what.
    By(String, String),
}

/// What one look took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) took: Duration,
    /// Compressed.
    pub(crate) bytes: usize,
}

pub(crate) struct Visitor {
    router: Router,
    cookie: String,
}

struct Answer {
    status: StatusCode,
    location: String,
    cookie: String,
    body: Vec<u8>,
}

impl Visitor {
    pub(crate) async fn enter(router: Router, name: &str) -> Visitor {
        let cookie = String::new();
        let mut visitor = Visitor { router, cookie };
        if !name.is_empty() {
            let form = format!("ten={name}&mat_khau={}", access::practice::PASSWORD);
            let answer = visitor.post("/dang-nhap", &form).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{name} signs in");
            visitor.cookie = answer.cookie;
        }
        visitor
    }

    async fn answer(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await;
        let (parts, body) = response.expect("never fails").into_parts();
        let text = |name| {
            let value = parts.headers.get(name);
            let value = value.and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let cookie = text(header::SET_COOKIE);
        Answer {
            status: parts.status,
            location: text(header::LOCATION),
            cookie: cookie.split(';').next().unwrap_or_default().to_owned(),
            body: to_bytes(body, usize::MAX).await.expect("reads").to_vec(),
        }
    }

    async fn get(&self, path: &str, encoding: &str) -> Answer {
        let request = Request::get(path)
            .header(header::COOKIE, &self.cookie)
            .header(header::ACCEPT_ENCODING, encoding);
        let request = request.body(Body::empty()).expect("a request");
        let answer = self.answer(request).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        answer
    }

    async fn post(&self, path: &str, form: &str) -> Answer {
        let request = Request::post(path)
            .header(header::COOKIE, &self.cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = Body::from(form.to_owned());
        self.answer(request.body(body).expect("a request")).await
    }

    /// Sends a form that leads on; returns where to.
    pub(crate) async fn send(&self, path: &str, form: &str) -> String {
        let answer = self.post(path, form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        answer.location
    }

    async fn follow(&self, way: &Way, encoding: &str) -> Answer {
        match way {
            Way::To(path) => self.get(path, encoding).await,
            Way::By(path, form) => self.get(&self.send(path, form).await, encoding).await,
        }
    }

    /// Looks at a page as browsers do, compressed.
    pub(crate) async fn see(&self, way: &Way) -> Seen {
        let begun = Instant::now();
        let answer = self.follow(way, "gzip").await;
        Seen {
            took: begun.elapsed(),
            bytes: answer.body.len(),
        }
    }

    /// Its bytes uncompressed.
    pub(crate) async fn weigh(&self, way: &Way) -> usize {
        self.follow(way, "identity").await.body.len()
    }

    /// What a hidden field of a form holds.
    pub(crate) async fn field(&self, path: &str, name: &str) -> String {
        let body = self.get(path, "identity").await.body;
        let page = String::from_utf8(body).expect("UTF-8");
        let after = page.split(&format!(r#"name="{name}" value=""#)).nth(1);
        let value = after.and_then(|after| after.split('"').next());
        value.expect("the field is there").to_owned()
    }
}
