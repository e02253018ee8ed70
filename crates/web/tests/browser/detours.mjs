// What can happen to a dossier on its way: refused, supplemented, objected to, withdrawn, late.
import assert from "node:assert/strict";
import { dossierNamed, fact, step } from "./office.mjs";

// The decision the leader agreed to says which condition fails, and where it stands; so does the letter.
export async function refusal({ visitors, found }) {
  const { context, page, visit } = await visitors.somebody(true);
  await page.goto(`/ho-so/${found.refused}`);
  await visitors.signIn(page, "tiep.nhan");
  const told = await page.locator("main").innerText();
  assert.match(told, /Không phải người khuyết tật nặng/);
  assert.match(told, /20\/2021\/NĐ-CP Điều 5 khoản 6/);
  await visit(page, "ho-so-khong-huong");
  await page.goto(`/ho-so/${found.refused}/van-ban/khong-du-dieu-kien`);
  const letter = await page.locator("article").innerText();
  assert.match(letter, /Không phải người khuyết tật nặng/);
  assert.match(letter, /20\/2021\/NĐ-CP Điều 5 khoản 6/);
  await visit(page, "khong-du-dieu-kien");
  await step(page, found.refused, "Trả kết quả");
  assert.match(await fact(page, found.refused, "Trạng thái"), /Đã trả kết quả/);
  await context.close();
}

// While papers are awaited no day counts; the last day moves by as many working days.
export async function supplement({ visitors, site }) {
  const dossier = await asked(visitors);
  await site.moveTo("2024-05-29");
  const { context, page, visit } = await visitors.somebody(true);
  await page.goto(`/ho-so/${dossier}`);
  await visitors.signIn(page, "tiep.nhan");
  await step(page, dossier, "Đã nhận bổ sung", { "Giấy tờ, cách nhau": "Giấy xác nhận khuyết tật" });
  // Asked on 22 May, come on 29 May: five working days later than 14 June.
  assert.match(await fact(page, dossier, "Thời hạn"), /21\/06\/2024/);
  assert.match(await fact(page, dossier, "Trạng thái"), /Đang xử lý/);
  await visit(page, "ho-so-da-bo-sung");
  await context.close();
}

async function asked(visitors) {
  const { context, page, visit } = await visitors.somebody(true);
  await page.goto("/viec?phan=all");
  await visitors.signIn(page, "tiep.nhan");
  await visit(page, "viec-tat-ca");
  const dossier = await dossierNamed(page, "Đỗ Văn Đào");
  assert.match(await fact(page, dossier, "Thời hạn"), /14\/06\/2024/);
  await step(page, dossier, "Yêu cầu bổ sung", {
    "Giấy tờ, cách nhau": "Giấy xác nhận khuyết tật", "Vì sao": "Bản chụp mờ, không đọc được mức độ",
  });
  assert.match(await fact(page, dossier, "Trạng thái"), /Yêu cầu bổ sung/);
  assert.doesNotMatch(await fact(page, dossier, "Thời hạn"), /14\/06\/2024/, "no last day while it rests");
  await visit(page, "ho-so-cho-bo-sung");
  await page.goto(`/ho-so/${dossier}/van-ban/yeu-cau-bo-sung`);
  assert.match(await page.locator("article").innerText(), /Bản chụp mờ/);
  await visit(page, "yeu-cau-bo-sung");
  await context.close();
  return dossier;
}

// Somebody objects to what hangs: nothing goes on until it is concluded, and its days do not count.
export async function complaint({ visitors }) {
  const { context, page, visit } = await visitors.somebody(true);
  await page.goto("/viec?phan=all");
  await visitors.signIn(page, "can.bo");
  const dossier = await dossierNamed(page, "Lê Thị Dung");
  await step(page, dossier, "Ghi khiếu nại", { "Nội dung khiếu nại": "Người này đã chuyển đi" });
  await visit(page, "ho-so-khieu-nai");
  await page.goto(`/ho-so/${dossier}`);
  assert.equal(await page.getByRole("button", { name: "Xong bước này" }).count(), 0, "nothing goes on");
  await step(page, dossier, "Ghi kết luận", { "Nội dung kết luận": "Đã xác minh: vẫn ở tại xã" });
  assert.match(await page.locator("main").innerText(), /Kết luận khiếu nại: Đã xác minh/);
  await step(page, dossier, "Xong bước này");
  assert.match(await fact(page, dossier, "Bước"), /Xã gửi hồ sơ lên/);
  await context.close();
}

export async function withdrawal({ visitors }) {
  const { context, page, visit } = await visitors.somebody(true);
  await page.goto("/viec?phan=all");
  await visitors.signIn(page, "tiep.nhan");
  const dossier = await dossierNamed(page, "Phạm Thị Cúc");
  await step(page, dossier, "Ghi yêu cầu rút", { "Vì sao": "Sẽ nộp lại sau" });
  assert.match(await fact(page, dossier, "Trạng thái"), /rút hồ sơ/);
  await visit(page, "ho-so-xin-rut");
  await page.getByRole("button", { name: "Đăng xuất" }).click();
  await page.goto("/viec");
  await visitors.signIn(page, "can.bo");
  await step(page, dossier, "Dừng xử lý", { "Vì sao": "Người dân xin rút" });
  assert.match(await fact(page, dossier, "Trạng thái"), /[Dd]ừng xử lý/);
  await context.close();
}

// A dossier whose day has passed: an apology, a new day.
export async function apology({ visitors }) {
  const { context, page, visit } = await visitors.somebody(true);
  await page.goto("/viec?phan=overdue");
  await visitors.signIn(page, "can.bo");
  const dossier = await dossierNamed(page, "Trương Văn Phú");
  await page.goto(`/ho-so/${dossier}`);
  assert.match(await fact(page, dossier, "Thời hạn"), /Quá hạn/);
  await visit(page, "ho-so-qua-han");
  await step(page, dossier, "Hẹn lại", { "Hẹn lại ngày": "2024-06-05", "Vì sao chậm": "Chờ xác minh nơi ở" });
  assert.match(await fact(page, dossier, "Thời hạn"), /05\/06\/2024/);
  await page.goto(`/ho-so/${dossier}/van-ban/xin-loi`);
  assert.match(await page.locator("article").innerText(), /Chờ xác minh nơi ở/);
  await visit(page, "xin-loi");
  await context.close();
}
