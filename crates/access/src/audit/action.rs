//! What can be done, seen or exported: the closed set of actions the log knows, each with the code it is
//! written by and the name users see.

macro_rules! actions {
    ($($group:ident $group_code:literal $group_name:literal {
        $($action:ident $code:literal $name:literal,)*
    })*) => {
        /// What somebody did, saw or exported.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum Action {
            $($(#[doc = concat!("`", $code, "`: ", $name, ".")] $action,)*)*
        }

        /// Actions as auditors look for them.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum Group {
            $(#[doc = concat!($group_name, ".")] $group,)*
        }

        impl Action {
            /// Every action.
            pub const ALL: &[Action] = &[$($(Action::$action,)*)*];

            /// Stable code, as the log holds it.
            pub const fn code(self) -> &'static str {
                match self { $($(Action::$action => $code,)*)* }
            }

            /// What users see.
            pub const fn vietnamese(self) -> &'static str {
                match self { $($(Action::$action => $name,)*)* }
            }

            /// Among which it is looked for.
            pub const fn group(self) -> Group {
                match self { $($(Action::$action => Group::$group,)*)* }
            }
        }

        impl Group {
            /// Every group.
            pub const ALL: &[Group] = &[$(Group::$group,)*];

            /// Stable code.
            pub const fn code(self) -> &'static str {
                match self { $(Group::$group => $group_code,)* }
            }

            /// What users see.
            pub const fn vietnamese(self) -> &'static str {
                match self { $(Group::$group => $group_name,)* }
            }
        }
    };
}

actions! {
    Account "account" "Tài khoản, đăng nhập" {
        SignIn "sign_in" "Đăng nhập",
        SignInRefused "sign_in.refused" "Đăng nhập sai",
        SignOut "sign_out" "Đăng xuất",
        AccountSessionsEnd "account.sessions_end" "Kết thúc phiên của mình",
        UserAdd "user.add" "Thêm người dùng",
        UserGrant "user.grant" "Cấp vai trò",
        UserTakeBack "user.take_back" "Thu vai trò",
        UserTitle "user.title" "Ghi chức vụ",
        UserDisable "user.disable" "Khóa tài khoản",
        UserUnlock "user.unlock" "Mở khóa đăng nhập",
        UserPassword "user.password" "Đặt lại mật khẩu",
        UserSessionsEnd "user.sessions_end" "Kết thúc các phiên",
        UserDelegate "user.delegate" "Ủy quyền",
        UserDelegateEnd "user.delegate_end" "Kết thúc ủy quyền",
        UserSecondFactor "user.second_factor" "Thiết lập mã bước hai",
        UserSecondFactorReset "user.second_factor_reset" "Gỡ mã bước hai",
        UserSecondFactorRule "user.second_factor_rule" "Đặt vai trò phải đăng nhập hai bước",
        UserRecoveryCodes "user.recovery_codes" "Cấp lại mã dự phòng",
        UserIdentity "user.identity" "Gắn tài khoản định danh",
        UserIdentityEnd "user.identity_end" "Gỡ tài khoản định danh",
        TokenMake "token.make" "Cấp mã truy cập",
        TokenRevoke "token.revoke" "Thu mã truy cập",
    }
    People "people" "Đối tượng" {
        PersonView "person.view" "Xem hồ sơ đối tượng",
        PersonSearch "person.search" "Tìm đối tượng",
        PersonExplain "person.explain" "Xem vì sao số tiền",
        PersonChange "person.change" "Ghi quyết định về một người",
        PersonUndo "person.undo" "Hủy điều ghi nhầm",
        PersonList "person.list" "Xem danh sách đối tượng",
        EventsApply "events.apply" "Ghi sự kiện",
        DuplicateDismiss "duplicate.dismiss" "Ghi hai hồ sơ khác nhau",
        DuplicateOpinion "duplicate.opinion" "Ghi ý kiến về hai hồ sơ",
        PairFind "pair.find" "Tìm hồ sơ trùng",
        ProgrammeBring "programme.bring" "Nhập danh sách chương trình khác",
        ProgrammeDecide "programme.decide" "Quyết định cặp với chương trình khác",
        TransferReport "transfer.report" "Báo chuyển nơi ở",
        TransferAnswer "transfer.answer" "Trả lời chuyển nơi ở",
        CollectiveRecord "collective.record" "Ghi quyết định chung",
        CollectivePropose "collective.propose" "Trình quyết định chung",
        CollectiveAnswer "collective.answer" "Trả lời trình quyết định chung",
        ProposalDecide "proposal.decide" "Quyết định đề xuất",
    }
    Dossiers "dossiers" "Hồ sơ thủ tục" {
        DossierView "dossier.view" "Xem hồ sơ thủ tục",
        DossierFormView "dossier.form.view" "Xem tờ khai",
        DossierFormCorrect "dossier.form.correct" "Sửa tờ khai",
        DossierApply "dossier.apply" "Ghi bước hồ sơ",
        DossierAttach "dossier.attach" "Thêm bản quét",
        DossierOpenFile "dossier.open_file" "Mở bản quét",
        DossierLocalStage "dossier.local_stage" "Quy định bước của địa phương",
        LetterSign "letter.sign" "Ký văn bản",
        LetterOpen "letter.open" "Mở văn bản đã ký",
        LetterMake "letter.make" "Tải văn bản",
        LookupIssue "lookup.issue" "Cấp mã tra cứu",
        NumberGive "number.give" "Cấp số văn bản",
        ExchangeReceive "exchange.receive" "Nhận thông điệp một cửa",
        ExchangeAcknowledge "exchange.acknowledge" "Ghi nhận thông điệp gửi đi",
        ExchangeSendAgain "exchange.send_again" "Gửi lại thông điệp",
        ExchangeDecide "exchange.decide" "Quyết định mục tờ khai hai bên cùng sửa",
        ExchangeCompare "exchange.compare" "Đối chiếu hồ sơ với một cửa",
        ExchangeAddress "exchange.address" "Ghi nơi một cửa liệt kê hồ sơ",
        ExchangeFile "exchange.file" "Nhận tệp một cửa",
        ExchangeOpenFile "exchange.open_file" "Giao tệp cho một cửa",
        ExchangeKey "exchange.key" "Ghi khóa ký một cửa",
        ExchangeRefuse "exchange.refuse" "Từ chối yêu cầu một cửa",
        ConnectionRecord "connection.record" "Ghi kết nối một cửa",
    }
    Citizens "citizens" "Người dân" {
        LookupFind "lookup.find" "Người dân tra cứu",
        CitizenView "citizen.view" "Người dân xem hồ sơ",
        CitizenPayments "citizen.payments" "Người dân xem chi trả",
        CitizenAttach "citizen.attach" "Người dân thêm giấy tờ",
        CitizenContact "citizen.contact" "Người dân đổi nơi nhận tin",
        MessagesWrite "messages.write" "Viết tin báo",
        MessagesSend "messages.send" "Gửi tin báo",
        MessagesAgain "messages.again" "Gửi lại tin báo",
    }
    Quality "quality" "Dân cư, chất lượng dữ liệu" {
        PopulationCheck "population.check" "Đối chiếu dân cư",
        PopulationLog "population.log" "Xem nhật ký đối chiếu",
        QualityDecide "quality.decide" "Sửa hoặc giữ thông tin",
        QualitySend "quality.send" "Lập danh sách gửi công an",
        QualityList "quality.list" "Tải danh sách gửi công an",
        QualityAnswers "quality.answers" "Nhập trả lời của công an",
    }
    Registries "registries" "Hệ thống khác hỏi" {
        SpdciCallerAdd "spdci.caller_add" "Ghi hệ thống được hỏi",
        SpdciCallerEnd "spdci.caller_end" "Thu quyền hỏi",
        SpdciSearch "spdci.search" "Hệ thống khác tìm đối tượng",
        SpdciEnrolled "spdci.enrolled" "Hệ thống khác hỏi có hưởng không",
        SpdciSubscribe "spdci.subscribe" "Hệ thống khác đăng ký nhận tin",
        SpdciUnsubscribe "spdci.unsubscribe" "Hệ thống khác thôi nhận tin",
        SpdciNotify "spdci.notify" "Báo thay đổi cho hệ thống khác",
        SpdciReport "spdci.report" "Hệ thống khác báo chương trình của họ",
        SpdciSendAgain "spdci.send_again" "Gửi lại tin cho hệ thống khác",
        SpdciTold "spdci.told" "Xem ai đã hỏi về một người",
    }
    Payments "payments" "Chi trả" {
        ListMake "list.make" "Lập danh sách",
        ListApprove "list.approve" "Duyệt danh sách",
        ListOpen "list.open" "Ghi số đầu kỳ",
        OrderMake "order.make" "Lập lệnh chi",
        OrderSend "order.send" "Ghi nhận giao lệnh",
        ProviderAdd "provider.add" "Ghi đơn vị chi trả",
        ProviderConnect "provider.connect" "Ghi nơi nhận lệnh của đơn vị",
        ProviderKey "provider.key" "Ghi khóa của đơn vị",
        ProviderKeyWithdrawn "provider.key_withdrawn" "Thu khóa của đơn vị",
        ContractRecord "contract.record" "Ghi hợp đồng",
        ContractEnd "contract.end" "Kết thúc hợp đồng",
        PayPointRecord "pay_point.record" "Ghi điểm chi trả",
        TreasuryDraw "treasury.draw" "Ghi tiền rút",
        TreasuryTransfer "treasury.transfer" "Ghi tiền chuyển",
        TreasuryTakeBack "treasury.take_back" "Hủy bút toán",
        SettlementGiveBack "settlement.give_back" "Ghi tiền trả lại",
        SettlementFee "settlement.fee" "Ghi phí",
        ResultsImport "results.import" "Nhập kết quả chi trả",
        ResultsResolve "results.resolve" "Xử lý kết quả chờ",
        MonthClose "month.close" "Khóa tháng",
        MonthUnlockAsk "month.unlock_ask" "Đề nghị mở khóa",
        MonthUnlock "month.unlock" "Mở khóa tháng",
    }
    Exports "exports" "Xuất số liệu, báo cáo" {
        ListExport "list.export" "Xuất danh sách",
        ListView "list.view" "Xem danh sách chi trả",
        OrderExport "order.export" "Tải tệp lệnh chi",
        ResultsExport "results.export" "Tải các khoản đối soát",
        ReportPeople "report.people" "Xem người trong báo cáo",
        ReportExport "report.export" "Tải báo cáo",
        TargetRecord "target.record" "Ghi mục tiêu",
    }
    Log "log" "Nhật ký" {
        AuditVerify "audit.verify" "Kiểm tra nhật ký",
        AuditExport "audit.export" "Xuất nhật ký",
    }
}

impl Action {
    /// Back from the code.
    pub fn from_code(code: &str) -> Option<Action> {
        Action::ALL.iter().copied().find(|it| it.code() == code)
    }

    /// Whether it is about the actor's own account, which nobody does on behalf of another.
    pub(super) fn is_own_affair(self) -> bool {
        self.code().starts_with("sign_") || self.code().starts_with("account.")
    }
}

impl Group {
    /// Back from the code.
    pub fn from_code(code: &str) -> Option<Group> {
        Group::ALL.iter().copied().find(|it| it.code() == code)
    }

    /// Codes of its actions.
    pub fn codes(self) -> Vec<String> {
        let actions = Action::ALL.iter().filter(|it| it.group() == self);
        actions.map(|it| it.code().to_owned()).collect()
    }
}
