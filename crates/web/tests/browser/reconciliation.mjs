// What officers do on the pages of a month's money, and what the pages say: orders, results, what waits, closing.
import assert from "node:assert/strict";
import { sum } from "./providers.mjs";

export const AREA = "51";
export const BANK = "nhnn";
export const POST = "buu-dien";

export const at = (list, page) => `/ky-chi/${list.month}${page}?dia-ban=${AREA}`;
export const dong = (text) => Number(text.replaceAll(".", ""));

// Cells of a table by its name, a row an array of texts.
export async function cells(page, table) {
  const rows = page.getByRole("region", { name: table, exact: true }).locator("tbody tr");
  return rows.evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.innerText.trim())));
}

// The sums a page of reconciliation shows, which must add up there and in each of its tables.
export async function equation(page) {
  const main = await page.locator("main").innerText();
  const said = main.match(
    /Giao ([\d.]+) = đã trả ([\d.]+) \+ không thành ([\d.]+) \+ hoàn trả ([\d.]+) \+ chưa nhận ([\d.]+) \+ chưa báo ([\d.]+) đồng ✓ cân/,
  );
  assert.ok(said, main.slice(0, 600));
  const [ordered, paid, failed, returned, notCollected, notReported] = said.slice(1).map(dong);
  assert.equal(ordered, paid + failed + returned + notCollected + notReported);
  for (const table of ["Theo đơn vị chi trả", "Theo địa bàn"]) {
    const rows = await cells(page, table);
    const totals = [1, 2, 3, 4, 5, 6].map((column) => sum(rows, (row) => dong(row[column])));
    assert.deepEqual(totals, [ordered, paid, failed, returned, notCollected, notReported], table);
  }
  return { ordered, paid, failed, returned, notCollected, notReported };
}

// Orders made and handed over on the page; what each comes to.
export async function order(site, page, see, list, pictures) {
  await page.goto(at(list, "/lenh"));
  await page.getByRole("button", { name: /Lập lệnh/ }).click();
  assert.match(await page.getByRole("status").innerText(), /Đã lập lệnh chi/);
  if (pictures) await see("lenh-hai-don-vi");
  const rows = await cells(page, "Các lệnh chi");
  const orders = rows.map((row) => ({
    number: row[0].split("\n")[0],
    provider: row[1].startsWith("Ngân hàng") ? BANK : POST,
    lines: dong(row[4]),
    amount: dong(row[5]),
  }));
  assert.deepEqual(orders.map((order) => order.provider).sort(), [POST, BANK]);
  await page.getByRole("button", { name: /Lập lệnh/ }).click();
  assert.match(await page.getByRole("status").innerText(), /Không có dòng nào lập lệnh thêm được/);
  assert.deepEqual(await cells(page, "Các lệnh chi"), rows, "asked again, no line is ordered twice");
  for (const order of orders) {
    const form = order.provider === BANK ? "XML (ISO 20022)" : "Excel";
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: `Lệnh ${order.number}: ${form}` }).click();
    order.file = site.file(`lenh-${order.number}`);
    await (await download).saveAs(order.file);
    await page.getByRole("button", { name: new RegExp(`đã giao lệnh ${order.number} `) }).click();
    assert.match(await page.getByRole("status").innerText(), /Đã ghi nhận giao lệnh/);
  }
  if (pictures) await see("lenh-da-giao");
  await page.goto(at(list, "/lenh/chua-lap"));
  assert.match(await page.locator("main").innerText(), /Không có dòng nào vướng/);
  if (pictures) await see("lenh-khong-vuong");
  return orders;
}

// Brings a file; how many results were recorded, known already, put among what waits, and named as refused.
export async function bring(page, list, provider, file) {
  await page.goto(at(list, "/doi-soat"));
  await page.getByLabel("Mã đơn vị chi trả").fill(provider);
  await page.getByLabel("Tệp kết quả").setInputFiles(file);
  await page.getByRole("button", { name: "Nhập kết quả" }).click();
  const told = await page.getByRole("status").innerText();
  const figures = told.match(/Đã ghi ([\d.]+) kết quả; ([\d.]+) đã có từ trước; ([\d.]+) vừa vào/);
  assert.ok(figures, told);
  const [recorded, already, queued] = figures.slice(1).map(dong);
  return { recorded, already, queued, refused: await page.getByRole("status").getByRole("listitem").count() };
}

// Every entry that waits, decided as `decide` says of its text: dismissed, or recorded.
export async function decideAll(page, list, decide) {
  for (;;) {
    await page.goto(at(list, "/doi-soat"));
    const section = page.locator("section[aria-labelledby^=cho-]").first();
    if (!(await section.count())) return;
    const { line, reason } = decide(await section.innerText());
    if (line) await section.getByLabel("Dòng đúng").fill(line);
    await section.getByLabel("Lý do").fill(reason);
    await section.getByRole("button", { name: line === undefined ? "Bỏ qua" : "Ghi nhận" }).click();
    assert.match(await page.getByRole("status").innerText(), line === undefined ? /Đã bỏ qua/ : /Đã ghi nhận/);
  }
}

// Everything the providers could not pay goes back: as much as the page says.
export async function giveBack(site, page, list) {
  await page.goto(at(list, "/doi-soat"));
  for (const row of await cells(page, "Quyết toán")) {
    const left = dong(row[6]);
    if (left > 0) {
      site.command("settle", "give-back", list.month, "--area", AREA, "--provider", row[0], "--amount", String(left),
        "--paper", "NT 7", "--actor", "lap");
    }
  }
  await page.reload();
  for (const row of await cells(page, "Quyết toán")) {
    assert.deepEqual(row.slice(6), ["0", "0"], `${row[0]}: nothing left`);
    assert.equal(dong(row[1]), dong(row[2]) + dong(row[3]) + dong(row[5]), `${row[0]}: transferred is somewhere`);
  }
}

// Closes a month that balances; its fingerprint.
export async function close(page, list) {
  await page.goto(at(list, "/doi-soat"));
  await page.getByRole("button", { name: `Khóa tháng ${list.name}` }).click();
  assert.match(await page.getByRole("status").innerText(), /Đã khóa tháng/);
  assert.equal((await equation(page)).notReported, 0);
  return page.locator("main code").innerText();
}
