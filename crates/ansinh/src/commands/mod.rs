//! The commands, a module each.

mod apply;
mod assess;
mod audit;
mod bench;
mod calc;
mod connection;
mod db;
mod decision;
mod dossier;
mod duplicates;
mod exchange;
mod explain;
mod files;
mod import;
mod init;
mod law;
mod linking;
mod list;
mod messages;
mod month;
mod order;
mod payees;
mod person;
mod population;
mod programmes;
mod proposal;
mod provider;
mod quality;
mod questions;
mod report;
mod results;
mod sample;
mod sandbox;
mod sandbox_messages;
mod sandbox_one_stop;
mod sandbox_population;
mod serve;
mod settle;
mod spdci;
mod target;
mod template;
mod token;
mod treasury;
mod user;

use std::pin::Pin;

use clap::Subcommand;

use crate::context::Context;
use crate::exit::Exit;

/// What the program can be asked to do.
#[derive(Subcommand)]
pub enum Command {
    /// Tính pháp luật cho hưởng bao nhiêu, mỗi người mỗi tháng một dòng (không cần cơ sở dữ liệu).
    Calc(questions::Args),
    /// Xét thông tin đủ điều kiện hưởng chế độ nào (không cần cơ sở dữ liệu).
    Assess(questions::Args),
    /// Xem và kiểm tra bộ quy định pháp luật (không cần cơ sở dữ liệu).
    Law(law::Args),
    /// Ghi các sự kiện từ tệp NDJSON.
    Apply(apply::Args),
    /// Xem một người: thông tin, tình trạng, chính sách, mọi điều đã ghi.
    Person(person::Args),
    /// Tìm người theo họ tên không dấu, số định danh hoặc mã.
    Search(person::SearchArgs),
    /// Liệt kê người có số định danh cần xem lại.
    IdReport(person::IdReportArgs),
    /// Chuyển nơi ở: người cần xác nhận xã sau sắp xếp.
    Moves(person::MovesArgs),
    /// Hồ sơ trùng: liệt kê, gộp, bỏ qua.
    Duplicates(duplicates::Args),
    /// So hai danh sách người, hoặc tìm người trùng trong một danh sách (không cần cơ sở dữ liệu).
    Match(linking::Args),
    /// Tạo cơ sở dữ liệu.
    Init(init::Args),
    /// Trông nom cơ sở dữ liệu: nâng cấp lược đồ, xem trạng thái, dừng.
    Db(db::Args),
    /// Ghi mẫu Excel trống để điền danh sách đối tượng.
    Template(template::Args),
    /// Nhập danh sách đối tượng từ Excel hoặc CSV.
    Import(import::Args),
    /// Người nhận tiền: nhập tài khoản đã mở, xem người nhận cần rà soát.
    Payees(payees::Args),
    /// Danh sách chương trình khác (người có công, lương hưu, bảo hiểm xã hội): so với sổ, liên kết.
    Programmes(programmes::Args),
    /// Hồ sơ đề nghị: tiếp nhận, ghi các bước, xem.
    Dossier(dossier::Args),
    /// Quyết định chung: mức mới của cả địa bàn, thôi hưởng và điều chỉnh theo danh sách.
    Decision(decision::Args),
    /// Kết nối với hệ thống một cửa của các tỉnh.
    Connection(connection::Args),
    /// Thông điệp từ và đến hệ thống một cửa của một tỉnh.
    Exchange(exchange::Args),
    /// Cơ quan khác hỏi sổ đăng ký (SPDCI): ai được hỏi gì, ở đâu, vì mục đích gì.
    Spdci(spdci::Args),
    /// Tin báo cho người dân: gửi, xem, gửi lại.
    Messages(messages::Args),
    /// Cơ sở dữ liệu dân cư: đối chiếu người sắp được chi trả, xem ai đã hỏi gì.
    Population(population::Args),
    /// Chất lượng dữ liệu: việc cần xem, nhận gợi ý, giữ, gửi công an xã và nhập trả lời.
    Quality(quality::Args),
    /// Bản quét và văn bản đã ký.
    Files(files::Args),
    /// Danh sách chi trả tháng: lập, xem, so sánh, duyệt, kiểm tra, xuất.
    List(list::Args),
    /// Vì sao một người được hưởng số tiền này trong tháng.
    Explain(explain::Args),
    /// Đơn vị chi trả và hợp đồng.
    Provider(provider::Args),
    /// Lệnh chi: lập, xem, ghi ra tệp, ghi nhận đã giao.
    Order(order::Args),
    /// Tiền của danh sách: rút tại Kho bạc, chuyển cho đơn vị chi trả.
    Treasury(treasury::Args),
    /// Sổ cái: tiền đang ở đâu.
    Ledger(treasury::LedgerArgs),
    /// Kết quả chi trả của đơn vị chi trả.
    Results(results::Args),
    /// Khóa và mở khóa tháng chi trả.
    Month(month::Args),
    /// Đề xuất từ kết quả chi trả: tạm dừng người ba tháng không nhận, xác minh người được báo đã mất.
    Proposal(proposal::Args),
    /// Quyết toán với đơn vị chi trả.
    Settle(settle::Args),
    /// Đơn vị chi trả thử, để tập đối soát và để đơn vị thật kiểm tra phía mình.
    Sandbox(sandbox::Args),
    /// Xem số liệu theo địa bàn.
    Report(report::Args),
    /// Mục tiêu chi trả qua tài khoản của một địa bàn trong năm.
    Target(target::Args),
    /// Nạp một tỉnh hoặc huyện mẫu, với những con người hư cấu, vào cơ sở dữ liệu luyện tập.
    Sample(sample::Args),
    /// Đo tốc độ của máy này.
    Bench(bench::Args),
    /// Mở trang web và giao diện lập trình.
    Serve(serve::Args),
    /// Quản lý người dùng và vai trò.
    User(user::Args),
    /// Quản lý mã truy cập của chương trình khác.
    Token(token::Args),
    /// Nhật ký: kiểm tra chuỗi, xuất các dòng.
    Audit(audit::Args),
}

impl Command {
    /// Run it to its end.
    ///
    /// # Errors
    /// What the command was refused for, in a sentence.
    pub fn run(self, context: Context) -> anyhow::Result<Exit> {
        let context = &context;
        // What needs no database needs no runtime either, and starts without its threads.
        let work: Pin<Box<dyn Future<Output = anyhow::Result<Exit>> + '_>> = match self {
            Command::Calc(args) => return calc::run(&args, context),
            Command::Assess(args) => return assess::run(&args, context),
            Command::Law(args) => return law::run(args, context),
            Command::Match(args) => return linking::run(&args),
            Command::Template(args) => return template::run(&args, context),
            Command::Sandbox(args) => Box::pin(sandbox::run(args, context)),
            Command::Apply(args) => Box::pin(apply::run(args, context)),
            Command::Person(args) => Box::pin(person::run(args, context)),
            Command::Search(args) => Box::pin(person::run_search(args, context)),
            Command::IdReport(args) => Box::pin(person::run_id_report(args, context)),
            Command::Moves(args) => Box::pin(person::run_moves(args, context)),
            Command::Duplicates(args) => Box::pin(duplicates::run(args, context)),
            Command::Init(args) => Box::pin(init::run(args, context)),
            Command::Db(args) => Box::pin(db::run(args, context)),
            Command::Import(args) => Box::pin(import::run(args, context)),
            Command::Payees(args) => Box::pin(payees::run(args, context)),
            Command::Programmes(args) => Box::pin(programmes::run(args, context)),
            Command::Dossier(args) => Box::pin(dossier::run(args, context)),
            Command::Decision(args) => Box::pin(decision::run(args, context)),
            Command::Connection(args) => Box::pin(connection::run(args, context)),
            Command::Exchange(args) => Box::pin(exchange::run(args, context)),
            Command::Spdci(args) => Box::pin(spdci::run(args, context)),
            Command::Messages(args) => Box::pin(messages::run(args, context)),
            Command::Quality(args) => Box::pin(quality::run(args, context)),
            Command::Population(args) => Box::pin(population::run(args, context)),
            Command::Files(args) => Box::pin(files::run(args, context)),
            Command::List(args) => Box::pin(list::run(args, context)),
            Command::Explain(args) => Box::pin(explain::run(args, context)),
            Command::Provider(args) => Box::pin(provider::run(args, context)),
            Command::Order(args) => Box::pin(order::run(args, context)),
            Command::Treasury(args) => Box::pin(treasury::run(args, context)),
            Command::Ledger(args) => Box::pin(treasury::run_ledger(args, context)),
            Command::Results(args) => Box::pin(results::run(args, context)),
            Command::Month(args) => Box::pin(month::run(args, context)),
            Command::Proposal(args) => Box::pin(proposal::run(args, context)),
            Command::Settle(args) => Box::pin(settle::run(args, context)),
            Command::Report(args) => Box::pin(report::run(args, context)),
            Command::Target(args) => Box::pin(target::run(args, context)),
            Command::Sample(args) => Box::pin(sample::run(args, context)),
            Command::Bench(args) => Box::pin(bench::run(args, context)),
            Command::Serve(args) => Box::pin(serve::run(args, context)),
            Command::User(args) => Box::pin(user::run(args, context)),
            Command::Token(args) => Box::pin(token::run(args, context)),
            Command::Audit(args) => Box::pin(audit::run(args, context)),
        };
        tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?
            .block_on(work)
    }
}
