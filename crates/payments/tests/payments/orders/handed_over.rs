//! What a provider gets.

use super::*;

#[tokio::test]
async fn what_a_provider_gets_names_no_benefit_and_is_the_same_again() {
    let town = paying_town().await;
    town.told(&severe("p1", WARD)).await;
    for (person, benefit) in [("p2", "poor_adult_with_hiv"), ("p3", "poor_adult_with_hiv")] {
        let events = [
            registered(person, "1988-02-01", VILLAGE),
            enrolled(person, benefit, "2024-03"),
        ];
        town.told(&events).await;
    }
    let guardian = json!({"channel": "account", "holder": "guardian", "holder_name": "Lê Thị Đào",
        "provider": "970436", "account_number": "00556677"});
    town.told(&[
        account("p1", "0011223344"),
        payee("p2", guardian),
        payee("p3", json!({"channel": "home"})),
    ])
    .await;
    town.list("2024-03", "51").await;
    let made = make_orders(&town, "2024-03", "51").await.expect("ordered");
    let [bank, post] = &made.orders[..] else {
        panic!("{made:?}")
    };
    let (xml, handed) = written(&town, bank, Form::Transfers).await;
    assert_eq!(schema::faults("pain.001.001.09", &xml), "");
    let text = String::from_utf8(xml.clone()).expect("UTF-8");
    let person = town.number("p1").await;
    for line in 1..=3 {
        let id = format!("<EndToEndId>2024-03-{person}-{line}</EndToEndId>");
        assert_eq!(text.matches(&id).count(), 1);
    }
    assert!(text.contains("<UltmtCdtr><Nm>Nguyễn Thị p2</Nm></UltmtCdtr>"));
    let (book, _) = written(&town, post, Form::Workbook).await;
    let book = unpacked(&book);
    assert!(book.contains("Nguyễn Thị p3"));
    for told in [text, book] {
        let told = told.to_lowercase();
        for word in ["hiv", "khuyết tật", "disability", "mức chuẩn", "hệ số"] {
            assert!(!told.contains(word), "{word}");
        }
    }
    for note in [None, Some("gửi lại, bên nhận chưa thấy")] {
        order::send(
            &town.office(),
            &maker(),
            bank.order_no,
            Handover::File,
            &handed,
            note,
        )
        .await
        .expect("recorded");
    }
    let sent = order::find(&town.office(), &maker(), bank.order_no).await;
    let sent = sent.expect("found").sent;
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().all(|sent| sent.file_sha256 == handed.sha256));
    // The person has another name and account since: the order stays as it was made.
    town.told(&[account("p1", "777788889999")]).await;
    assert_eq!(written(&town, bank, Form::Transfers).await, (xml, handed));
    let wrong = file::write(
        &town.office(),
        &maker(),
        post.order_no,
        Form::Transfers,
        std::path::Path::new("nowhere"),
    )
    .await;
    assert_eq!(
        wrong.expect_err("the post takes lists").code(),
        "not_its_form"
    );
}

/// Every text of a workbook.
fn unpacked(bytes: &[u8]) -> String {
    use calamine::{Data, Reader, Xlsx};
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).expect("a workbook");
    let sheets = book.sheet_names();
    let mut all = String::new();
    for sheet in sheets {
        let range = book.worksheet_range(&sheet).expect("a sheet");
        for (_, _, cell) in range.used_cells() {
            if let Data::String(text) = cell {
                all.push_str(text);
                all.push('\n');
            }
        }
    }
    all
}
