//! `ansinh provider our-key`, `next-key` and `change-key`: what we sign with, and how it is changed without a
//! message that nobody can check.

use anyhow::Context as _;
use g2p::{OwnKeys, PublicKey, SigningKey};

use crate::context::Context;

const NO_KEY: &str = "Chưa có khóa ký. Hãy tạo bằng: ansinh provider our-key";
const NO_NEXT: &str =
    "Chưa có khóa mới. Hãy tạo bằng: ansinh provider next-key, rồi đưa cho các bên trước khi đổi";

#[derive(clap::Subcommand)]
pub(super) enum OwnKey {
    /// Khóa công khai của ta, để đưa cho đơn vị chi trả; chưa có thì tạo.
    #[command(name = "our-key")]
    Our,
    /// Khóa công khai sẽ ký sau lần đổi khóa tới, để đưa trước cho các bên; chưa có thì tạo.
    #[command(name = "next-key")]
    Next,
    /// Đổi khóa: khóa tạo bằng next-key bắt đầu ký, khóa bí mật cũ bị bỏ.
    #[command(name = "change-key")]
    Change,
}

pub(super) fn run(action: &OwnKey, context: &Context) -> anyhow::Result<()> {
    let path = context.signing_key_file();
    match action {
        OwnKey::Our => print(SigningKey::read_or_make(&path)?.public()),
        OwnKey::Next => {
            signing(context)?;
            print(OwnKeys::prepare(&path)?.public())
        }
        OwnKey::Change => {
            let keys = context.own_keys()?.context(NO_KEY)?;
            keys.next.context(NO_NEXT)?;
            print(OwnKeys::change(&path)?.public())?;
            eprintln!("Từ nay ký bằng khóa này. Hãy khởi động lại máy chủ.");
            Ok(())
        }
    }
}

/// The key that signs.
///
/// # Errors
/// When none was made, or its file is no key.
pub(crate) fn signing(context: &Context) -> anyhow::Result<SigningKey> {
    context.signing_key()?.context(NO_KEY)
}

fn print(key: PublicKey) -> anyhow::Result<()> {
    say!("{} {}", key.id(), key.text());
    Ok(())
}
