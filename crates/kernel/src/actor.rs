//! Who acts.

use crate::{AreaCode, Origin};

/// Who asks for something, and what for. Every entry point that reads or changes people takes one.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The sign-in name, as the audit log keeps it.
    pub name: String,
    /// Roles, each in an area; `None` is the whole country.
    pub grants: Vec<Grant>,
    /// From where.
    pub origin: Origin,
}

/// One role in one area.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Grant {
    /// What the actor may do there.
    pub role: Role,
    /// Where; `None` is the whole country.
    pub area: Option<AreaCode>,
}

/// What somebody is in the chain from commune to ministry.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Role {
    /// Receives dossiers at the counter, asks for what is missing, hands results over (cán bộ một cửa).
    Clerk,
    /// Keeps the registry and works on dossiers: imports, corrects, appraises, proposes (cán bộ xã,
    /// chuyên viên).
    Officer,
    /// Signs decisions on dossiers (lãnh đạo ủy ban, lãnh đạo phòng).
    Leader,
    /// Numbers and stamps what is signed (văn thư).
    Records,
    /// Makes the month's list (kế toán, người lập).
    ListMaker,
    /// Approves the month's list (lãnh đạo, người duyệt).
    Approver,
    /// Reads everything in the area, changes nothing (ministry, department).
    Reader,
    /// Reads everything in the area and who did, saw or exported it (thanh tra, kiểm toán).
    Auditor,
    /// Manages users; sees no beneficiary.
    Administrator,
    /// Works at a provider of payments, who is bound to the account apart: sees this provider's
    /// orders and nothing else.
    Provider,
    /// The one-stop system of a province: tells what citizens do, is told what became of it.
    OneStop,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 11] = [
        Role::Clerk,
        Role::Officer,
        Role::Leader,
        Role::Records,
        Role::ListMaker,
        Role::Approver,
        Role::Reader,
        Role::Auditor,
        Role::Administrator,
        Role::Provider,
        Role::OneStop,
    ];

    /// Roles of the State's own offices.
    pub const OFFICES: [Role; 9] = [
        Role::Clerk,
        Role::Officer,
        Role::Leader,
        Role::Records,
        Role::ListMaker,
        Role::Approver,
        Role::Reader,
        Role::Auditor,
        Role::Administrator,
    ];

    /// Stable code in the database and on the command line.
    pub const fn code(self) -> &'static str {
        match self {
            Role::Clerk => "clerk",
            Role::Officer => "officer",
            Role::Leader => "leader",
            Role::Records => "records",
            Role::ListMaker => "list_maker",
            Role::Approver => "approver",
            Role::Reader => "reader",
            Role::Auditor => "auditor",
            Role::Administrator => "administrator",
            Role::Provider => "provider",
            Role::OneStop => "one_stop",
        }
    }

    /// Back from the code.
    pub fn from_code(code: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.code() == code)
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Role::Clerk => "Cán bộ một cửa",
            Role::Officer => "Cán bộ cập nhật đối tượng",
            Role::Leader => "Lãnh đạo ký quyết định",
            Role::Records => "Văn thư",
            Role::ListMaker => "Người lập danh sách",
            Role::Approver => "Người duyệt danh sách",
            Role::Reader => "Người xem",
            Role::Auditor => "Thanh tra, kiểm toán",
            Role::Administrator => "Quản trị người dùng",
            Role::Provider => "Người của đơn vị chi trả",
            Role::OneStop => "Hệ thống một cửa của tỉnh",
        }
    }
}

impl Actor {
    /// Who acts with these roles; from the program itself unless [`Actor::at`] says otherwise.
    pub fn new(name: impl Into<String>, grants: Vec<Grant>) -> Actor {
        Actor {
            name: name.into(),
            grants,
            origin: Origin::System,
        }
    }

    /// The same, acting from there.
    #[must_use]
    pub fn at(self, origin: Origin) -> Actor {
        Actor { origin, ..self }
    }

    /// An actor with every role of an office everywhere: any name on the command line of a practice
    /// database.
    pub fn with_every_role(name: impl Into<String>) -> Actor {
        let grants = Role::OFFICES.map(|role| Grant { role, area: None });
        Actor::new(name, grants.into())
    }

    /// The areas in which the actor holds any of the roles; a `None` inside is the whole country.
    pub fn areas_of<'a>(
        &'a self,
        roles: &'a [Role],
    ) -> impl Iterator<Item = Option<&'a AreaCode>> + 'a {
        let held = self
            .grants
            .iter()
            .filter(move |grant| roles.contains(&grant.role));
        held.map(|grant| grant.area.as_ref())
    }
}
