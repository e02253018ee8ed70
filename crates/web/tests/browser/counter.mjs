// The clerk: an application at the counter, from the search to the receipt with its code; and the
// dossier's way to the decision, each step by whose it is.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { answerAll, applicant, beginAtCounter, dossierNamed, dossierOf, enter, fact, step, tabTo } from "./office.mjs";

export async function clerk({ visitors, found }) {
  const { context, page, visit } = await visitors.somebody(true);
  await page.goto("/ho-so/moi");
  await visitors.signIn(page, "tiep.nhan");
  await visit(page, "nhan-ho-so");
  await knownValuesAreFilled(page, visit);
  await lawAnswersAtOnce(page, visit);
  await isReceived(page, visit, found);
  await papersAreAttached(page, visit, found);
  await receiptHasACode(page, visit, found);
  await waitingIsReceived(page, visit);
  await context.close();
}

// Of somebody in the registry nothing known is asked again.
async function knownValuesAreFilled(page, visit) {
  const draft = await beginAtCounter(page, { find: "nguyen", known: true });
  for (const label of ["Họ và tên", "Ngày sinh", "Xã, phường nơi cư trú"]) {
    assert.notEqual(await page.getByLabel(label, { exact: true }).inputValue(), "", label);
  }
  assert.match(await page.getByLabel("Họ và tên", { exact: true }).inputValue(), /^Nguyễn /);
  await visit(page, "to-khai-dien-san");
  await page.goto(`/ho-so/moi/${draft}`);
  await page.getByRole("button", { name: "Bỏ tờ khai này" }).click();
  assert.equal(new URL(page.url()).pathname, "/ho-so/moi");
}

// Whoever is only slightly disabled hears at once what fails, and where that stands.
async function lawAnswersAtOnce(page, visit) {
  const who = applicant({ name: "Lê Thị Nhẹ", idNumber: "999180000029", grade: "Nhẹ" });
  const draft = await beginAtCounter(page, { find: who.idNumber });
  await answerAll(page, draft, who.answers);
  const told = await page.locator("main").innerText();
  assert.match(told, /chưa đủ điều kiện/);
  assert.match(told, /20\/2021\/NĐ-CP Điều 5 khoản 6/);
  await visit(page, "kiem-tra-chua-du");
  await page.goto("/ho-so/moi");
  await page.getByRole("link", { name: /người khuyết tật/i }).first().waitFor();
  await visit(page, "to-khai-lam-do");
}

async function isReceived(page, visit, found) {
  const who = applicant();
  const draft = await beginAtCounter(page, { find: who.idNumber });
  await visit(page, "to-khai");
  await page.getByRole("button", { name: "Tiếp tục" }).click();
  assert.match(await page.title(), /^Lỗi: /, "nothing is answered yet");
  await visit(page, "to-khai-loi");
  await answerAll(page, draft, who.answers, (section) => visit(page, `to-khai-${section}`));
  const told = await page.locator("main").innerText();
  assert.match(told, /540\.000 đồng/);
  assert.match(told, /từ tháng 02\/2024/);
  await visit(page, "kiem-tra");
  await page.getByRole("button", { name: "Nộp và tiếp nhận" }).click();
  found.dossier = dossierOf(page);
  await visit(page, "ho-so-da-nhan");
  assert.match(await fact(page, found.dossier, "Thời hạn"), /17\/06\/2024/, "twenty working days");
  await page.goto(`/ho-so/${found.dossier}/to-khai`);
  await visit(page, "to-khai-da-nop");
}

async function papersAreAttached(page, visit, found) {
  await page.goto(`/ho-so/${found.dossier}/giay-to`);
  await visit(page, "giay-to-trong");
  const png = await page.screenshot();
  await page.getByLabel("Tên giấy tờ").fill("Giấy xác nhận khuyết tật");
  await page.getByLabel("Tệp", { exact: true }).setInputFiles([
    { name: "giay.png", mimeType: "image/png", buffer: png },
    { name: "giay.pdf", mimeType: "application/pdf", buffer: await page.pdf() },
  ]);
  await page.getByRole("button", { name: "Thêm bản quét" }).click();
  assert.match(await page.getByRole("status").innerText(), /Đã thêm/);
  await visit(page, "giay-to");
  // What bears the ending of a picture and is none is refused.
  await page.getByLabel("Tên giấy tờ").fill("Căn cước công dân");
  await page.getByLabel("Tệp", { exact: true }).setInputFiles(
    { name: "gia.png", mimeType: "image/png", buffer: Buffer.from("MZ không phải hình") });
  await page.getByRole("button", { name: "Thêm bản quét" }).click();
  assert.match(await page.title(), /^Lỗi: /);
  await visit(page, "giay-to-loi");
}

async function receiptHasACode(page, visit, found) {
  await page.goto(`/ho-so/${found.dossier}/giay-to`);
  const [download] = await Promise.all([page.waitForEvent("download"),
    page.getByRole("button", { name: "Cấp và tải giấy hẹn (PDF)" }).click()]);
  assert.equal(readFileSync(await download.path()).subarray(0, 5).toString(), "%PDF-");
  // The page stays after a download, and holds back a second click of one form for a while.
  await page.reload();
  await page.getByRole("button", { name: "Cấp giấy hẹn có mã tra cứu" }).click();
  found.code = (await page.locator(".letter-code b").innerText()).replaceAll(/[\s-]/g, "");
  assert.match(found.code, /^[0-9A-Z]{8}$/);
  await visit(page, "giay-hen");
  assert.ok(!page.url().includes(found.code), "no secret in an address");
  await page.goto(`/ho-so/${found.dossier}/van-ban/giay-tiep-nhan`);
  assert.ok(!(await page.locator("main").innerText()).includes(found.code), "the code is shown once");
  await visit(page, "giay-tiep-nhan");
}

// What came by post waits at the counter.
async function waitingIsReceived(page, visit) {
  await page.goto("/viec?phan=waiting");
  await visit(page, "viec-cho-tiep-nhan");
  const dossier = await dossierNamed(page, "Trần Thị Ân");
  await step(page, dossier, "Tiếp nhận");
  assert.match(await fact(page, dossier, "Trạng thái"), /Được tiếp nhận/);
}

// The officer on the first day: the dossier is given to somebody and hung up; all by keyboard.
export async function officerTakesUp({ visitors, found }) {
  const { context, page, visit } = await visitors.somebody(true);
  await page.goto("/viec?phan=mine");
  await visitors.signIn(page, "can.bo");
  await visit(page, "viec");
  await page.goto("/");
  await tabTo(page, "Việc cần làm");
  await enter(page);
  await tabTo(page, `Chọn hồ sơ ${found.dossier}`);
  await page.keyboard.press("Space");
  await tabTo(page, "Giao cho");
  await page.keyboard.type("can.bo");
  await tabTo(page, "Giao");
  await enter(page);
  await visit(page, "viec-giao-xem-truoc");
  await tabTo(page, /^Giao.* 1 hồ sơ$/);
  await enter(page);
  assert.match(await page.getByRole("status").innerText(), /Đã làm với 1 hồ sơ/);
  await visit(page, "viec-giao-xong");
  assert.match(await fact(page, found.dossier, "Người giữ"), /can\.bo|Cán bộ luyện tập/);
  await step(page, found.dossier, "Ghi niêm yết");
  assert.match(await fact(page, found.dossier, "Niêm yết"), /từ 20\/05\/2024 đến hết 21\/05\/2024/);
  await visit(page, "ho-so-niem-yet");
  await context.close();
}

// Two working days later: every stage, the appraisal, the proposal.
export async function officerProposes({ visitors, found }) {
  const { context, page, visit } = await visitors.somebody(true);
  await page.goto(`/ho-so/${found.dossier}`);
  await visitors.signIn(page, "can.bo");
  for (const stage of ["Xã gửi hồ sơ lên", "thẩm định", "quyết định"]) {
    await step(page, found.dossier, "Xong bước này");
    assert.match(await fact(page, found.dossier, "Bước"), new RegExp(stage));
  }
  await visit(page, "ho-so-tham-dinh");
  await step(page, found.dossier, "Trình lãnh đạo");
  await page.goto(`/ho-so/${found.dossier}/van-ban/to-trinh`);
  await visit(page, "to-trinh");
  assert.match(await fact(page, found.dossier, "Đề xuất"), /[Cc]ho hưởng/);
  await page.goto("/viec?phan=returned");
  assert.match(await page.locator("main").innerText(), /Phan Thị Nga/, "what the leader sent back");
  await visit(page, "viec-tra-lai");
  await page.goto("/viec?phan=overdue");
  assert.match(await page.locator("main").innerText(), /quá hạn/);
  await visit(page, "viec-qua-han");
  await context.close();
}

// The leader, without a mouse: agrees with two proposals of the list, sends a third back, signs.
export async function leader({ visitors, found }) {
  const { context, page, visit } = await visitors.somebody(true);
  await page.goto("/");
  await page.waitForLoadState();
  await visitors.signIn(page, "lanh.dao");
  await visit(page, "trang-chu-lanh-dao");
  await tabTo(page, "Trình ký");
  await enter(page);
  await visit(page, "trinh-ky");
  const row = (name) => page.locator("tbody tr", { hasText: name });
  const code = async (name) => (await row(name).locator("th a").innerText()).trim();
  const [refused, back] = [await code("Cao Văn Việt"), await code("Tạ Thị Uyên")];
  found.refused = refused;
  for (const dossier of [found.dossier, refused].sort(await order(page))) {
    await tabTo(page, `Chọn hồ sơ ${dossier}`);
    await page.keyboard.press("Space");
  }
  await tabTo(page, "Đồng ý");
  await enter(page);
  await visit(page, "trinh-ky-xem-truoc");
  await tabTo(page, /2 hồ sơ$/);
  await enter(page);
  assert.match(await page.getByRole("status").innerText(), /Đã làm với 2 hồ sơ/);
  await page.goto("/trinh-ky");
  const reason = page.locator("tbody tr", { hasText: "Tạ Thị Uyên" }).getByLabel("Lý do");
  await reason.focus();
  await page.keyboard.type("Cần xác minh lại nơi ở");
  await tabTo(page, `Trả lại hồ sơ ${back}`);
  await enter(page);
  assert.match(await fact(page, back, "Bước"), /quyết định/);
  assert.match(await page.locator("main").innerText(), /Cần xác minh lại nơi ở/);
  await page.goto("/quy-trinh");
  await visit(page, "quy-trinh");
  await context.close();
}

// In the order in which Tab comes to them.
async function order(page) {
  const codes = await page.locator("tbody th a").allInnerTexts();
  const at = (dossier) => codes.findIndex((code) => code.trim() === dossier);
  return (one, other) => at(one) - at(other);
}

// The records clerk: a number for what the leader agreed to, and the paper signed elsewhere.
export async function recordsClerk({ visitors, found }) {
  const { context, page, visit } = await visitors.somebody(true);
  await page.goto("/vao-so");
  await visitors.signIn(page, "van.thu");
  await visit(page, "vao-so");
  await number(page, found.dossier, "112/QĐ-UBND");
  await number(page, found.refused, "113/QĐ-UBND");
  assert.match(await fact(page, found.dossier, "Trạng thái"), /Đã xử lý xong/);
  const letter = `/ho-so/${found.refused}/van-ban/khong-du-dieu-kien`;
  await page.goto(letter);
  await page.getByLabel("Người ký").fill("Trần Văn Ký");
  await page.getByLabel("Ngày ký").fill("22/05/2024");
  await page.getByLabel("Tệp PDF đã ký").setInputFiles(
    { name: "da-ky.pdf", mimeType: "application/pdf", buffer: await page.pdf() });
  await page.getByRole("button", { name: "Ghi văn bản đã ký" }).click();
  await page.goto(letter);
  assert.match(await page.locator("main").innerText(), /Trần Văn Ký đã ký ngày 22\/05\/2024/);
  await visit(page, "van-ban-da-ky");
  await page.goto(`/ho-so/${found.refused}/giay-to`);
  assert.match(await page.locator("main").innerText(), /tệp đã ký/);
  await visit(page, "giay-to-da-ky");
  await page.goto("/so-van-ban?dia-ban=51&nam=2024");
  await visit(page, "so-van-ban");
  await context.close();
}

async function number(page, dossier, written) {
  await page.goto("/vao-so");
  const form = page.getByRole("form", { name: `Vào sổ hồ sơ ${dossier}` });
  const field = form.getByLabel("Số", { exact: true });
  if (await field.count()) await field.fill(written);
  await form.getByRole("button").click();
  const alert = page.getByRole("alert");
  assert.equal(await alert.count(), 0, (await alert.allInnerTexts()).join());
}
