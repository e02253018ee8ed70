//! `ansinh serve`: the pages and the JSON interface.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::messages::carriers;
use crate::context::Context;
use crate::exit::Exit;

/// Options of `serve`.
#[derive(clap::Args)]
pub struct Args {
    /// Địa chỉ và cổng lắng nghe.
    #[arg(long, env = "ANSINH_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Tự viết và gửi tin báo cho người dân, mỗi tin một tệp vào thư mục này; có cổng nhắn tin thì chỉ thư giấy.
    #[arg(long, env = "ANSINH_MESSAGES_FOLDER", value_name = "THƯ_MỤC")]
    messages_folder: Option<PathBuf>,
    /// Gửi SMS, Zalo, thư điện tử qua cổng nhắn tin HTTP tại địa chỉ này.
    #[arg(
        long,
        env = "ANSINH_MESSAGES_GATEWAY",
        value_name = "ĐỊA_CHỈ",
        requires = "messages_folder"
    )]
    messages_gateway: Option<String>,
    /// Mã truy cập của cổng nhắn tin; nên đặt qua biến môi trường.
    #[arg(long, env = "ANSINH_GATEWAY_TOKEN", hide_env_values = true)]
    gateway_token: Option<String>,
    /// Bao nhiêu giây xem tin đến hạn một lần.
    #[arg(
        long,
        env = "ANSINH_MESSAGES_EVERY",
        default_value_t = 60,
        value_name = "GIÂY",
        value_parser = clap::value_parser!(u64).range(1..=86_400)
    )]
    messages_every: u64,
    /// Tệp cài đặt dịch vụ dân cư, để tự đối chiếu lại người vừa được sửa; bỏ trống là population.toml
    /// trong thư mục dữ liệu, nếu có.
    #[arg(long, env = "ANSINH_POPULATION", value_name = "TỆP")]
    population: Option<PathBuf>,
    /// Mỗi đêm vào giờ này (giờ Việt Nam) tự đối chiếu hồ sơ với một cửa các tỉnh đã ghi nơi liệt kê.
    #[arg(long, env = "ANSINH_COMPARE_AT", value_name = "GIỜ:PHÚT")]
    compare_at: Option<jiff::civil::Time>,
    /// Mỗi đêm vào giờ này (giờ Việt Nam) tự so mọi hồ sơ trong cả nước để tìm người có hai hồ sơ.
    #[arg(long, env = "ANSINH_PAIRS_AT", value_name = "GIỜ:PHÚT")]
    pairs_at: Option<jiff::civil::Time>,
}

/// Run it until it is told to stop; requests begun are finished.
///
/// # Errors
/// When the port is taken or the database cannot be reached.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    // The port first: a taken one is said before anything is opened.
    let listener = TcpListener::bind(args.listen)
        .await
        .map_err(|error| no_port(args.listen, &error))?;
    let pool = context.pool().await?.clone();
    let practice = context.is_practice().await?;
    let law = context.law()?.clone();
    let server = web::Server::new(pool, law, context.clock().await?, practice);
    let mut server = server.with_files(context.files()?);
    if let Some(keys) = context.own_keys()? {
        server = server.with_own_keys(keys);
    }
    if let Some(key) = context.secret_key()? {
        server = server.with_secret_key(key);
    }
    if let Some(provider) = context.identities()? {
        server = server.with_identities(provider);
    }
    if let Some(folder) = args.messages_folder {
        let carriers = carriers(Some(folder), args.messages_gateway, args.gateway_token)?;
        server = server.with_messages(carriers, Duration::from_secs(args.messages_every));
    }
    if let Some(service) = super::population::service(args.population.clone(), context)? {
        server = server.with_population(service);
    }
    if let Some(at) = args.compare_at {
        server = server.with_comparing(at);
    }
    if let Some(at) = args.pairs_at {
        server = server.with_pairs(at);
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

fn no_port(place: SocketAddr, error: &std::io::Error) -> anyhow::Error {
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
