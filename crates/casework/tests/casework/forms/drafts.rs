//! Answers before they are handed in, and after.

use super::*;

#[tokio::test]
async fn answers_wait_in_drafts_of_their_owner_and_are_kept_for_good_when_submitted() {
    let db = TestDb::practice().await;
    let (officer, other) = (actor(), Actor::with_every_role("binh.tran"));
    let subject = Subject {
        form: "d20-1dd".to_owned(),
        procedure: MONTHLY.to_owned(),
        benefit: Some(Benefit::Disability),
        person: None,
    };
    let id = Uuid::now_v7();
    let owner = Owner::Officer(&officer);
    draft::begin(
        db.pool(),
        &clock(),
        owner,
        id,
        (&subject, &Answers::default()),
    )
    .await
    .expect("begun");
    let form = form::by_code("d20-1dd").expect("a form");
    let given = of_form(
        form,
        &answers(&[
            ("disabled", "yes"),
            ("disability_grade", "severe"),
            ("certificate_date", "2024-02-20"),
            ("marital", "married"),
        ]),
    );
    draft::save(db.pool(), &clock(), owner, id, &given)
        .await
        .expect("saved");
    let found = draft::find(db.pool(), &clock(), owner, id)
        .await
        .expect("found");
    assert_eq!(
        (found.subject, found.answers),
        (subject.clone(), given.clone())
    );
    for stranger in [Owner::Officer(&other), Owner::Citizen("an.nguyen")] {
        assert!(
            draft::find(db.pool(), &clock(), stranger, id)
                .await
                .is_err()
        );
        assert!(draft::discard(db.pool(), stranger, id).await.is_err());
    }
    let late = testkit::clock("2024-06-05T08:00:00+07:00");
    assert!(
        draft::find(db.pool(), &late, owner, id).await.is_err(),
        "expired"
    );
    let application = Application {
        id: Uuid::now_v7(),
        subject: &subject,
        answers: &given,
        channel: Channel::Direct,
        papers: Vec::new(),
        received: true,
        draft: Some((owner, id)),
    };
    let code = submit(db.pool(), &officer, &clock(), &application)
        .await
        .expect("submitted");
    assert_eq!(code, "H51.21175-240506-0001");
    let again = submit(db.pool(), &officer, &clock(), &application)
        .await
        .expect_err("once");
    assert_eq!(again.code(), "unknown_draft");
    let kept = answered::read(db.pool(), &officer, &clock(), &code)
        .await
        .expect("read");
    let kept = kept.expect("a form");
    assert_eq!(
        (kept.version, kept.answers.text("certificate_date")),
        (1, Some("2024-02-20"))
    );
    for statement in [
        "update dossier_answers set form = 'x'",
        "delete from dossier_answers",
    ] {
        assert!(
            sqlx::query(statement).execute(db.pool()).await.is_err(),
            "{statement}"
        );
    }
}
