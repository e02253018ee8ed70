//! A site on its own database, and callers of it.

use std::collections::BTreeSet;

use access::practice;
use access::sealed::SecretKey;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, Response, StatusCode, header};
use kernel::Clock;
use law::Law;
use payments::Office;
use serde_json::Value;
use testkit::{TestDb, clock};
use tower::ServiceExt;
use web::Server;

/// A practice site in the morning of 20 May 2024, with the sample sign-ins in Quảng Ngãi.
pub(crate) struct Site {
    pub(crate) db: TestDb,
    pub(crate) clock: Clock,
    router: Router,
    /// Of its files; goes with the site.
    _folder: tempfile::TempDir,
}

/// A small document.
pub(crate) const PDF: &[u8] = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n";

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) body: String,
    /// As it came, for what is no text.
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("ASCII"))
    }

    /// A cookie it sets, as a browser sends it back.
    pub(crate) fn cookie(&self, name: &str) -> String {
        let set = self.headers.get_all("set-cookie").into_iter();
        let pairs = set.filter_map(|it| it.to_str().expect("ASCII").split(';').next());
        let begins = format!("{name}=");
        let mut pairs = pairs.filter(|pair| pair.starts_with(&begins));
        pairs.next().expect("a cookie").to_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

impl Site {
    pub(crate) async fn open() -> Site {
        Site::open_in("51").await
    }

    /// The same, with the sample sign-ins in another area.
    pub(crate) async fn open_in(area: &str) -> Site {
        let db = TestDb::practice().await;
        let clock = clock("2024-05-20T09:00:00+07:00");
        let mut tx = db.pool().begin().await.expect("begin");
        practice::make_sign_ins(&mut tx, clock.now(), area)
            .await
            .expect("makes sign-ins");
        tx.commit().await.expect("commit");
        let server = Server::new(db.pool().clone(), Law::embedded(), clock.clone(), true);
        let key = SecretKey::of_bytes(&[7; 32]).expect("32 bytes");
        let folder = tempfile::tempdir().expect("a folder");
        let files = files::Files::in_folder(folder.path()).expect("a store");
        let signing = g2p::SigningKey::of_seed(&[5; 32]).expect("32 bytes");
        let server = server.with_secret_key(key).with_own_keys(signing);
        let router = server.with_files(files).router();
        Site {
            db,
            clock,
            router,
            _folder: folder,
        }
    }

    /// The same site, with a population database to ask.
    pub(crate) fn asking(self, service: population::Service) -> Site {
        let (pool, clock) = (self.db.pool().clone(), self.clock.clone());
        let server = Server::new(pool, Law::embedded(), clock, true);
        let router = server.with_population(service).router();
        Site { router, ..self }
    }

    /// The same site at another time.
    pub(crate) fn at(self, now: &str) -> Site {
        let clock = clock(now);
        let pool = self.db.pool().clone();
        let server = Server::new(pool, Law::embedded(), clock.clone(), true);
        Site {
            router: server.router(),
            clock,
            ..self
        }
    }

    /// The same site, without a key to sign with.
    pub(crate) fn unsigned(self) -> Site {
        let (pool, clock) = (self.db.pool().clone(), self.clock.clone());
        let server = Server::new(pool, Law::embedded(), clock, true);
        Site {
            router: server.router(),
            ..self
        }
    }

    /// What the payments crate works with.
    pub(crate) fn office<'a>(&'a self, law: &'a Law) -> Office<'a> {
        Office {
            pool: self.db.pool(),
            clock: &self.clock,
            law,
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response: Response<Body> = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("never fails");
        let (parts, body) = response.into_parts();
        crate::trail::check(&method, &path, parts.status, parts.extensions.get());
        let bytes = to_bytes(body, usize::MAX).await.expect("reads").to_vec();
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
            bytes,
        };
        crate::described::check(&self.router, &method, &path, &answer).await;
        answer
    }

    pub(crate) async fn get(&self, path: &str, cookie: &str) -> Answer {
        let request = Request::get(path).header(header::COOKIE, cookie);
        self.send(request.body(Body::empty()).expect("a request"))
            .await
    }

    pub(crate) async fn post(&self, path: &str, cookie: &str, form: &str) -> Answer {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(
            request
                .body(Body::from(form.to_owned()))
                .expect("a request"),
        )
        .await
    }

    /// A form with a file in its field `tep`.
    pub(crate) async fn upload(
        &self,
        path: &str,
        cookie: &str,
        fields: &[(&str, &str)],
        file: &str,
    ) -> Answer {
        self.upload_as(path, cookie, fields, ("kq.ndjson", file))
            .await
    }

    /// The same, of a file with a name.
    pub(crate) async fn upload_as(
        &self,
        path: &str,
        cookie: &str,
        fields: &[(&str, &str)],
        (name, file): (&str, &str),
    ) -> Answer {
        let part = |name: &str, more: &str, value: &str| {
            format!(
                "--x\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{value}\r\n"
            )
        };
        let mut body: String = fields
            .iter()
            .map(|(name, value)| part(name, "", value))
            .collect();
        body += &part("tep", &format!("; filename=\"{name}\""), file);
        body += "--x--\r\n";
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
        self.send(request.body(Body::from(body)).expect("a request"))
            .await
    }

    /// A form with texts and files in its fields, as browsers send it.
    pub(crate) async fn send_files(
        &self,
        path: &str,
        cookie: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Answer {
        let mut body = Vec::new();
        let mut part = |head: String, content: &[u8]| {
            body.extend(format!("--x\r\nContent-Disposition: form-data; {head}\r\n\r\n").bytes());
            body.extend(content);
            body.extend(b"\r\n");
        };
        for (name, value) in fields {
            part(format!("name=\"{name}\""), value.as_bytes());
        }
        for (name, file, content) in files {
            part(format!("name=\"{name}\"; filename=\"{file}\""), content);
        }
        body.extend(b"--x--\r\n");
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
        self.send(request.body(Body::from(body)).expect("a request"))
            .await
    }

    /// The cookie of somebody who has signed in.
    pub(crate) async fn sign_in(&self, name: &str) -> String {
        let form = format!("ten={name}&mat_khau={}", practice::PASSWORD);
        let answer = self.post("/dang-nhap", "", &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{name} signs in");
        answer.cookie("ansinh_phien")
    }

    /// A token of an account.
    pub(crate) async fn token(&self, name: &str) -> String {
        let mut tx = self.db.pool().begin().await.expect("begin");
        let actor = kernel::Actor::new(name, Vec::new());
        let token = access::token::make(&mut tx, self.clock.now(), &actor, name, "thử", 30);
        let token = token.await.expect("makes");
        tx.commit().await.expect("commit");
        token
    }

    pub(crate) async fn api(&self, method: Method, path: &str, token: &str) -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.send(request.body(Body::empty()).expect("a request"))
            .await
    }

    /// A POST under a key; no key when it is empty.
    pub(crate) async fn api_post(
        &self,
        path: &str,
        token: &str,
        key: &str,
        (media_type, body): (&str, &str),
    ) -> Answer {
        let mut request = Request::post(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, media_type);
        if !key.is_empty() {
            request = request.header("idempotency-key", key);
        }
        self.send(
            request
                .body(Body::from(body.to_owned()))
                .expect("a request"),
        )
        .await
    }
}

/// The keys of the forms of a page, in its order.
pub(crate) fn keys(page: &str) -> Vec<&str> {
    let fields = page.split(r#"name="khoa" value=""#).skip(1);
    fields.filter_map(|after| after.split('"').next()).collect()
}

/// An answer has the fields of the shape described for it: those it requires, and no others.
pub(crate) fn fits(description: &Value, name: &str, answer: &Value) {
    let schema = &description["components"]["schemas"][name];
    let (answered, described) = (fields(answer), fields(&schema["properties"]));
    assert!(answered.is_subset(&described), "{name}: {answered:?}");
    let required = schema["required"].as_array().expect("fields");
    for field in required.iter().filter_map(Value::as_str) {
        assert!(answered.contains(field), "{name}: {field}");
    }
}

fn fields(value: &Value) -> BTreeSet<String> {
    value
        .as_object()
        .expect("an object")
        .keys()
        .cloned()
        .collect()
}
