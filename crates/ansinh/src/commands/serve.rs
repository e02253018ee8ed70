//! `ansinh serve`: the pages and the JSON interface.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::context::Context;
use crate::exit::Exit;

/// Options of `serve`.
#[derive(clap::Args)]
pub struct Args {
    /// Địa chỉ và cổng lắng nghe.
    #[arg(long, env = "ANSINH_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Tệp cài đặt dịch vụ dân cư, để tự đối chiếu lại người vừa được sửa; bỏ trống là population.toml
    /// trong thư mục dữ liệu, nếu có.
    #[arg(long, env = "ANSINH_POPULATION", value_name = "TỆP")]
    population: Option<PathBuf>,
}

/// Run it until it is told to stop; requests begun are finished.
///
/// # Errors
/// When the port is taken or the database cannot be reached.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    // The port first: a taken one is said before anything is opened.
    let listener = TcpListener::bind(args.listen)
        .await
        .map_err(|error| no_port(&args, &error))?;
    let pool = context.pool().await?.clone();
    let practice = context.is_practice().await?;
    let law = context.law()?.clone();
    let server = web::Server::new(pool, law, context.clock().await?, practice);
    let mut server = server.with_files(context.files()?);
    if let Some(key) = context.signing_key()? {
        server = server.with_signing_key(key);
    }
    if let Some(key) = context.secret_key()? {
        server = server.with_secret_key(key);
    }
    if let Some(provider) = context.identities()? {
        server = server.with_identities(provider);
    }
    if let Some(service) = super::population::service(args.population.clone(), context)? {
        server = server.with_population(service);
    }
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        eprintln!("Đang dừng: hoàn tất các yêu cầu đang xử lý…");
    };
    eprintln!("An Sinh: http://{}", listener.local_addr()?);
    server.serve(listener, stop).await?;
    Ok(Exit::Done)
}

fn no_port(args: &Args, error: &std::io::Error) -> anyhow::Error {
    let place = args.listen;
    match error.kind() {
        ErrorKind::AddrInUse => anyhow::anyhow!(
            "Cổng {} đã có chương trình khác dùng. Hãy chọn cổng khác với --listen {}:SỐ_CỔNG, hoặc dừng chương trình kia.",
            place.port(),
            place.ip()
        ),
        ErrorKind::PermissionDenied => anyhow::anyhow!(
            "Không được phép mở cổng {}. Hãy chọn cổng từ 1024 trở lên với --listen.",
            place.port()
        ),
        ErrorKind::AddrNotAvailable => anyhow::anyhow!(
            "Máy này không có địa chỉ {}. Hãy chọn địa chỉ khác với --listen.",
            place.ip()
        ),
        _ => anyhow::anyhow!("Không lắng nghe được tại {place}: {error}."),
    }
}
