//! The ten statuses of dossiers of the National Public Service Portal.

use serde::{Serialize, Serializer};

macro_rules! statuses {
    ($($(#[$doc:meta])* $variant:ident = $number:literal / $name:literal,)*) => {
        /// A status of the national list. It follows from a dossier's steps and is never set.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum Status { $($(#[$doc])* $variant = $number,)* }

        impl Status {
            /// Every status.
            pub const ALL: [Status; 10] = [$(Status::$variant),*];

            /// Number of the national list, 1 to 10.
            pub const fn number(self) -> i16 {
                self as i16
            }

            /// What the portal calls it.
            pub const fn vietnamese(self) -> &'static str {
                match self { $(Status::$variant => $name,)* }
            }
        }
    };
}

statuses! {
    /// Submitted, nobody has looked at it.
    Registered = 1 / "Mới đăng ký",
    /// Received.
    Received = 2 / "Được tiếp nhận",
    /// Not accepted; the end.
    NotAccepted = 3 / "Không được tiếp nhận",
    /// Being worked on.
    InProcess = 4 / "Đang xử lý",
    /// Waiting for papers.
    SupplementAsked = 5 / "Yêu cầu bổ sung giấy tờ",
    /// Waiting for money. The procedures of social assistance cost nothing, so no step leads here.
    PaymentAsked = 6 / "Yêu cầu thực hiện nghĩa vụ tài chính",
    /// The citizen asked for it back.
    WithdrawalAsked = 7 / "Công dân yêu cầu rút hồ sơ",
    /// Stopped; the end.
    Stopped = 8 / "Dừng xử lý",
    /// Decided.
    Processed = 9 / "Đã xử lý xong",
    /// The result is handed over; the end.
    ResultReturned = 10 / "Đã trả kết quả",
}

impl Status {
    /// Back from the number.
    pub fn from_number(number: i16) -> Option<Status> {
        Status::ALL.into_iter().find(|it| it.number() == number)
    }

    /// Whether nothing can follow.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Status::NotAccepted | Status::Stopped | Status::ResultReturned
        )
    }

    /// Whether it still waits for a decision.
    pub const fn is_open(self) -> bool {
        !self.is_final() && !matches!(self, Status::Processed)
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i16(self.number())
    }
}
