//! Roles hold in their area and below, and nowhere else.

use access::{holds, require};
use kernel::actor::{Actor, Grant, Role};

fn list_maker(area: Option<&str>) -> Actor {
    let grants = vec![Grant {
        role: Role::ListMaker,
        area: area.map(Into::into),
    }];
    Actor::new("lap", grants)
}

#[test]
fn a_role_holds_in_its_area_and_below() {
    let maker = list_maker(Some("51"));
    let roles = &[Role::ListMaker, Role::Approver];
    for inside in ["51", "522", "21031"] {
        assert!(holds(&maker, roles, inside), "{inside}");
    }
    for outside in ["", "VN", "48", "00004", "none", "5"] {
        assert!(!holds(&maker, roles, outside), "{outside}");
    }
    assert!(!holds(&maker, &[Role::Approver], "51"));
    assert!(
        ["", "VN", "48"]
            .iter()
            .all(|area| holds(&list_maker(None), roles, area))
    );
}

#[test]
fn a_refusal_says_who_lacks_what_where() {
    let denied = require(&list_maker(Some("51")), &[Role::Approver], "48").expect_err("refused");
    assert_eq!(denied.code(), "denied");
    assert_eq!(
        denied.to_string(),
        "người dùng lap không có quyền làm việc này tại địa bàn 48: cần vai trò Người duyệt danh sách"
    );
}
