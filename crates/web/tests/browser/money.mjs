// Contracts signed on their page, orders handed over, the provider's own pages, the papers of the money.
import assert from "node:assert/strict";

const month = "dia-ban=51";

export async function moneyOnItsWay({ site, somebody, signIn }) {
  await contract({ somebody, signIn });
  await orders({ somebody, signIn });
  site.addPartner("buu.dien", "buu-dien");
  await partner({ somebody, signIn });
  await reconciliation({ somebody, signIn });
}

async function contract({ somebody, signIn }) {
  const { context, page, visit } = await somebody(true);
  await page.goto("/don-vi-chi-tra?thang=2024-05");
  await signIn(page, "duyet");
  await page.getByLabel("Mã (chữ thường").fill("buu-dien");
  await page.getByLabel("Tên trên giấy tờ").fill("Bưu điện tỉnh");
  await page.getByLabel("Loại").selectOption("post");
  await page.getByRole("button", { name: "Ghi đơn vị chi trả" }).click();
  await page.getByRole("status").waitFor();
  await page.getByLabel("Địa bàn").selectOption("51");
  await page.getByLabel("Hình thức nhận").selectOption("post_office home");
  await page.getByRole("button", { name: "Ghi hợp đồng" }).click();
  assert.match(await page.title(), /^Lỗi: /, "a contract has a fee");
  await visit(page, "don-vi-chi-tra-loi");
  await page.getByLabel("Hình thức nhận").selectOption("post_office home");
  await page.getByLabel("Phí, phần trăm").fill("0,8");
  await page.getByLabel("Địa bàn").selectOption("51");
  await page.getByRole("button", { name: "Ghi hợp đồng" }).click();
  await page.getByRole("status").waitFor();
  assert.match(await page.locator("main").innerText(), /0,8 %/);
  await visit(page, "don-vi-chi-tra");
  await context.close();
}

async function orders({ somebody, signIn }) {
  const { context, page, visit } = await somebody(true);
  await page.goto(`/ky-chi/2024-05/lenh?${month}`);
  await signIn(page, "lap");
  await page.getByRole("button", { name: /Lập lệnh/ }).click();
  await page.getByRole("button", { name: /Ghi nhận đã giao/ }).first().click();
  await page.getByRole("status").waitFor();
  await page.getByRole("link", { name: "Ghi tiền rút" }).click();
  await page.getByLabel("Số tiền (đồng)").fill("1.000.000");
  await page.getByLabel("Số chứng từ").fill("GR 1");
  await page.getByRole("button", { name: "Ghi tiền" }).click();
  await page.getByRole("status").waitFor();
  await visit(page, "kho-bac");
  await page.getByRole("button", { name: /Hủy bút toán/ }).first().click();
  assert.match(await page.title(), /^Lỗi: /, "taking back has a reason");
  await visit(page, "kho-bac-loi");
  await context.close();
}

async function partner({ somebody, signIn }) {
  const { context, page, visit } = await somebody(true);
  await page.goto("/");
  await signIn(page, "buu.dien");
  assert.equal(new URL(page.url()).pathname, "/doi-tac");
  await visit(page, "doi-tac");
  await page.getByRole("button", { name: "Gửi kết quả" }).click();
  assert.match(await page.title(), /^Lỗi: /);
  await page.locator("tbody th a").first().click();
  await visit(page, "doi-tac-lenh");
  const lines = await page.locator("tbody tr").evaluateAll((rows) => rows.slice(0, 2).map((row) =>
    ({ line: row.cells[0].innerText.trim(), amount: Number(row.cells[2].innerText.replaceAll(".", "")) })));
  const results = lines.map(({ line, amount }, at) => JSON.stringify({ result_id: `b${at}`, line, status: "paid",
    date: "2024-05-08", amount: amount + at }));
  await page.goto("/doi-tac");
  await page.locator("#tep").setInputFiles({ name: "kq.ndjson", mimeType: "application/x-ndjson",
    buffer: Buffer.from(results.join("\n")) });
  await page.getByRole("button", { name: "Gửi kết quả" }).click();
  assert.match(await page.locator("main").innerText(), /Đã ghi 1 kết quả/);
  await visit(page, "doi-tac-da-gui");
  await page.goto("/doi-tac/cho-xu-ly");
  assert.match(await page.locator("main").innerText(), /Số tiền khác/);
  await visit(page, "doi-tac-cho-xu-ly");
  const other = await page.goto(`/ky-chi/2024-05?${month}`);
  assert.equal(other.status(), 403, "nothing but the own orders");
  await context.close();
}

async function reconciliation({ somebody, signIn }) {
  const { context, page, visit } = await somebody(true);
  await page.goto(`/ky-chi/2024-05/doi-soat?${month}`);
  await signIn(page, "xem");
  await visit(page, "doi-soat-co-ket-qua");
  await page.locator("main a[href*='ket-qua=paid']").first().click();
  assert.match(await page.locator("main").innerText(), /1 khoản/);
  await visit(page, "doi-soat-dong");
  await context.close();
}
