//! Invented applicants and how far their dossiers have come.

use jiff::civil::{Date, date};
use kernel::Sex;
use scenarios::invented_id_number;

/// The first condition that somebody with a mild disability does not meet, and its article.
pub(super) const TOO_MILD: (&str, &str) = (
    "Không phải người khuyết tật nặng hoặc đặc biệt nặng",
    "20/2021/NĐ-CP Điều 5 khoản 6",
);

/// Serial numbers of applicants begin beyond those of the people of scenarios.
const FIRST_SERIAL: u32 = 990_001;

/// How severe the disability is.
#[derive(Clone, Copy)]
pub(super) enum Grade {
    Severe,
    Mild,
}

/// What happened to a dossier.
pub(super) enum Done {
    /// Handed in by post, not received yet.
    Submitted,
    /// Handed in and received at the counter.
    Received,
    /// Hung up for two working days.
    Posted,
    /// The stage it was in is done.
    Stage,
    Complained(&'static str),
    /// Which paper, and why.
    SupplementAsked(&'static str, &'static str),
    /// Which paper.
    Supplemented(&'static str),
    Proposed,
    ProposedRefused,
    Agreed,
    SentBack(&'static str),
    /// Working days from then on, and why.
    Extended(u16, &'static str),
    WithdrawalAsked(&'static str),
    /// The number of the decision.
    Refused(&'static str),
}

/// An applicant and the story of the dossier: how many working days ago what was done.
pub(super) struct Case {
    serial: u32,
    pub(super) name: &'static str,
    pub(super) sex: Sex,
    pub(super) birth: Date,
    pub(super) grade: Grade,
    pub(super) story: Vec<(u16, Done)>,
}

impl Case {
    /// A number that cannot be anybody's.
    pub(super) fn id_number(&self) -> String {
        invented_id_number(self.sex, self.birth, self.serial)
    }
}

/// Who, and how far the dossier has come.
type Told = (&'static str, Sex, Grade, Vec<(u16, Done)>);

/// Every dossier.
pub(super) fn all() -> Vec<Case> {
    let told = fresh().into_iter().chain(with_the_officer());
    let told = told.chain(with_the_leader()).chain(ended());
    let numbered = (0_u16..).zip(told);
    let case = |(number, (name, sex, grade, story)): (u16, Told)| Case {
        serial: FIRST_SERIAL + u32::from(number),
        name,
        sex,
        birth: date(
            1950 + (number * 7 % 50) as i16,
            1 + (number % 12) as i8,
            3 + number as i8,
        ),
        grade,
        story,
    };
    numbered.map(case).collect()
}

/// Wait at the counter, or were received lately.
fn fresh() -> Vec<Told> {
    use Done::{Posted, Received, Submitted};
    use Grade::{Mild, Severe};
    use Sex::{Female, Male};
    vec![
        ("Trần Thị Ân", Female, Severe, vec![(1, Submitted)]),
        ("Võ Văn Bảy", Male, Severe, vec![(1, Submitted)]),
        ("Đỗ Văn Đào", Male, Severe, vec![(1, Received)]),
        ("Phạm Thị Cúc", Female, Mild, vec![(2, Received)]),
        (
            "Lê Thị Dung",
            Female,
            Severe,
            vec![(4, Received), (4, Posted)],
        ),
    ]
}

/// In the middle of the way.
fn with_the_officer() -> Vec<Told> {
    use Done::{
        Complained, Extended, Posted, Received, SentBack, Stage, SupplementAsked, Supplemented,
    };
    use Grade::Severe;
    use Sex::{Female, Male};
    let ready = || {
        vec![
            (13, Received),
            (12, Posted),
            (9, Stage),
            (8, Stage),
            (4, Stage),
        ]
    };
    let with = |more: Vec<(u16, Done)>| {
        let mut story = ready();
        story.extend(more);
        story
    };
    let certificate = "Giấy xác nhận khuyết tật";
    vec![
        (
            "Huỳnh Văn Giàu",
            Male,
            Severe,
            vec![
                (6, Received),
                (6, Posted),
                (
                    5,
                    Complained("Người này đã chuyển đi nơi khác ở từ năm ngoái"),
                ),
            ],
        ),
        (
            "Bùi Thị Hạnh",
            Female,
            Severe,
            vec![
                (7, Received),
                (
                    5,
                    SupplementAsked(certificate, "Bản chụp mờ, không đọc được mức độ"),
                ),
            ],
        ),
        (
            "Ngô Văn Khánh",
            Male,
            Severe,
            vec![
                (9, Received),
                (8, SupplementAsked(certificate, "Thiếu trang có dấu của xã")),
                (3, Supplemented(certificate)),
            ],
        ),
        ("Đinh Thị Lài", Female, Severe, ready()),
        ("Hồ Văn Minh", Male, Severe, ready()),
        (
            "Phan Thị Nga",
            Female,
            Severe,
            with(vec![
                (3, Done::Proposed),
                (2, SentBack("Cần ghi rõ tháng hưởng")),
            ]),
        ),
        // Received so long ago that the last day has passed.
        (
            "Trương Văn Phú",
            Male,
            Severe,
            vec![(26, Received), (25, Posted), (20, Stage), (19, Stage)],
        ),
        (
            "Đặng Thị Quý",
            Female,
            Severe,
            vec![(24, Received), (23, Posted), (18, Stage)],
        ),
        (
            "Mai Văn Sơn",
            Male,
            Severe,
            vec![
                (28, Received),
                (27, Posted),
                (22, Stage),
                (21, Stage),
                (
                    7,
                    Extended(12, "Hội đồng xác định mức độ khuyết tật họp chậm"),
                ),
            ],
        ),
    ]
}

/// Proposed, or agreed to and waiting for a number.
fn with_the_leader() -> Vec<Told> {
    use Done::{Agreed, Posted, Proposed, ProposedRefused, Received, Stage};
    use Grade::{Mild, Severe};
    use Sex::{Female, Male};
    let ready = |more: Vec<(u16, Done)>| {
        let mut story = vec![
            (15, Received),
            (14, Posted),
            (11, Stage),
            (10, Stage),
            (6, Stage),
        ];
        story.extend(more);
        story
    };
    vec![
        ("Lý Thị Thắm", Female, Severe, ready(vec![(2, Proposed)])),
        ("Dương Văn Tâm", Male, Severe, ready(vec![(2, Proposed)])),
        ("Tạ Thị Uyên", Female, Severe, ready(vec![(1, Proposed)])),
        (
            "Cao Văn Việt",
            Male,
            Mild,
            ready(vec![(2, ProposedRefused)]),
        ),
        (
            "Châu Thị Xuân",
            Female,
            Severe,
            ready(vec![(3, Proposed), (1, Agreed)]),
        ),
        (
            "Tô Văn Yên",
            Male,
            Mild,
            ready(vec![(3, ProposedRefused), (1, Agreed)]),
        ),
    ]
}

/// At their end; none that a list pays.
fn ended() -> Vec<Told> {
    use Done::{Agreed, Posted, ProposedRefused, Received, Refused, Stage, WithdrawalAsked};
    use Grade::{Mild, Severe};
    use Sex::{Female, Male};
    let refused = vec![
        (18, Received),
        (17, Posted),
        (14, Stage),
        (13, Stage),
        (9, Stage),
        (6, ProposedRefused),
        (5, Agreed),
        (4, Refused("31/QĐ-UBND")),
    ];
    vec![
        (
            "Hà Văn Bình",
            Male,
            Severe,
            vec![
                (8, Received),
                (2, WithdrawalAsked("Gia đình chuyển vào Nam sinh sống")),
            ],
        ),
        ("Đoàn Thị Chi", Female, Mild, refused),
    ]
}
