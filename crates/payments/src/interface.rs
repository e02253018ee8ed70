//! Orders handed over by interface: G2P Connect disburse 1.0.0, signed ([`g2p`]).
//!
//! An order is cut into messages once ([`begin`]); written again each has the same bytes, so that
//! sending again never pays twice. What became of each message is kept step by step
//! ([`Batch`]), what providers tell comes in by [`receive()`] and is recorded like every other
//! result.

mod batch;
pub mod link;
mod message;
mod receive;
mod send;
mod state;
mod told;

pub use link::{Key, Link, add_key, connect, keys, withdraw_key};
pub use receive::{NotTaken, Place, Received, receive};
pub use send::{ask_again, begin, go_on, hand_over};
pub use state::{Batch, BatchState, Tally, batches, tally};

use crate::order::OrderNo;

/// Why something about interfaces is refused.
#[derive(Debug, thiserror::Error)]
pub enum InterfaceRefused {
    /// Nobody said where the provider's interface is.
    #[error(
        "chưa khai báo kết nối với đơn vị chi trả {provider}: dùng ansinh provider connect {provider}"
    )]
    NoLink {
        /// Code of the provider.
        provider: String,
    },
    /// An address or a name that cannot be.
    #[error("khai báo kết nối chưa đúng: {why}")]
    NotALink {
        /// What is wrong.
        why: &'static str,
    },
    /// The contract says otherwise.
    #[error("hợp đồng của lệnh số {order_no} không giao lệnh qua kết nối; hãy giao bằng tệp")]
    NotByInterface {
        /// The order.
        order_no: OrderNo,
    },
    /// A key of ours or theirs.
    #[error(transparent)]
    Key(#[from] g2p::NotAKey),
    /// A key that cannot be recorded.
    #[error("khai báo khóa chưa đúng: {why}")]
    NotAKey {
        /// What is wrong.
        why: &'static str,
    },
    /// A name is given once: another key has another name.
    #[error("đơn vị chi trả đã có khóa mang mã {key_id}; khóa khác phải có mã khác")]
    KeyKnown {
        /// The name.
        key_id: String,
    },
    /// No key of that name counts.
    #[error("đơn vị chi trả không có khóa {key_id} còn được dùng")]
    NoKey {
        /// The name.
        key_id: String,
    },
    /// This version of the program writes the message otherwise than it was first written.
    #[error(
        "thông điệp số {batch_no} của lệnh số {order_no} viết lại không còn đúng như lần đầu, nên không gửi lại; hãy hỏi kết quả của đơn vị chi trả"
    )]
    WrittenOtherwise {
        /// The order.
        order_no: OrderNo,
        /// The message.
        batch_no: i32,
    },
}

impl InterfaceRefused {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            InterfaceRefused::NoLink { .. } => "no_link",
            InterfaceRefused::NotALink { .. } => "not_a_link",
            InterfaceRefused::NotByInterface { .. } => "not_by_interface",
            InterfaceRefused::Key(error) => error.code(),
            InterfaceRefused::NotAKey { .. } => "not_a_key",
            InterfaceRefused::KeyKnown { .. } => "key_known",
            InterfaceRefused::NoKey { .. } => "no_key",
            InterfaceRefused::WrittenOtherwise { .. } => "message_written_otherwise",
        }
    }
}
