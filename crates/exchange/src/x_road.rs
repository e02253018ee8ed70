//! The messages of this system with X-Road headers: as REST (message protocol for REST, r1) and as SOAP
//! (message protocol 4.0). Only words: what is asked is done as without them.

pub mod attached;
mod body;
mod id;
pub mod soap;

use kernel::xml::BadXml;

pub use body::fields;
pub use id::{ClientId, ServiceId};

/// Namespace of our own elements in SOAP.
pub const OURS: &str = "urn:an-sinh:lien-thong:1";

/// Why a request is none of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadXRoad {
    /// It is no XML that is read.
    #[error(transparent)]
    Xml(#[from] BadXml),
    /// Another version of SOAP.
    #[error("cần phong bì SOAP 1.1")]
    SoapVersion,
    /// An element of another namespace.
    #[error("phần tử không thuộc không gian tên của giao thức")]
    Namespace,
    /// A header is missing, there twice, or empty.
    #[error("tiêu đề X-Road {0} phải có đúng một lần")]
    Header(&'static str),
    /// A header that is no identifier.
    #[error("mã định danh X-Road không đúng dạng")]
    Identifier,
    /// Another version of the protocol.
    #[error("protocolVersion phải là 4.0")]
    ProtocolVersion,
    /// A header that must be understood and is not.
    #[error("có tiêu đề SOAP bắt buộc hiểu mà hệ thống này không hiểu")]
    MustUnderstand,
    /// No such service.
    #[error("không có dịch vụ này")]
    Service,
    /// The body is of another service than the header.
    #[error("phần tử trong Body phải mang đúng mã dịch vụ ở tiêu đề service")]
    Wrapper,
    /// The body is not of the form.
    #[error("nội dung trong Body không đúng dạng")]
    Body,
    /// Not the system that the connection of the province names.
    #[error("client không phải hệ thống đã ghi cho kết nối của tỉnh này")]
    Client,
}

impl BadXRoad {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            BadXRoad::Xml(bad) => bad.code(),
            BadXRoad::SoapVersion => "soap_version",
            BadXRoad::Namespace => "xml_namespace",
            BadXRoad::Header(_) => "x_road_header",
            BadXRoad::Identifier => "x_road_identifier",
            BadXRoad::ProtocolVersion => "x_road_version",
            BadXRoad::MustUnderstand => "soap_must_understand",
            BadXRoad::Service => "x_road_service",
            BadXRoad::Wrapper => "soap_wrapper",
            BadXRoad::Body => "soap_body",
            BadXRoad::Client => "x_road_client",
        }
    }

    /// The SOAP 1.1 name of whose fault it is.
    pub const fn fault_code(self) -> &'static str {
        match self {
            BadXRoad::SoapVersion => "VersionMismatch",
            BadXRoad::MustUnderstand => "MustUnderstand",
            _ => "Client",
        }
    }
}

macro_rules! services {
    ($($(#[$doc:meta])* $variant:ident = $code:literal,)*) => {
        /// A service: the code of the X-Road service, and in SOAP the element in the body.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Service { $($(#[$doc])* $variant,)* }

        impl Service {
            /// Every service.
            pub const ALL: &[Service] = &[$(Service::$variant),*];

            /// Its code.
            pub const fn code(self) -> &'static str {
                match self { $(Service::$variant => $code,)* }
            }

            /// Back from the code.
            pub fn from_code(code: &str) -> Option<Service> {
                Service::ALL.iter().copied().find(|it| it.code() == code)
            }
        }
    };
}

services! {
    /// A citizen handed in a dossier.
    Submit = "nopHoSo",
    /// What was asked for has come.
    Supplement = "boSungHoSo",
    /// The citizen wants it back.
    Withdraw = "rutHoSo",
    /// Where a dossier stands.
    Standing = "trangThaiHoSo",
    /// What has not been taken.
    Messages = "layThongDiep",
    /// A message was taken, or could not be.
    Acknowledge = "xacNhanThongDiep",
}
