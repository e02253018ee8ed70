// Whoever makes lists and whoever approves them: what is decided is on the next list, from the month of
// the law.
import assert from "node:assert/strict";

// Makes and approves a month's list of an area through the pages.
export async function madeAndApproved({ visitors }, month, area, [maker, approver] = ["lap", "duyet"]) {
  const address = `/ky-chi/${month}?dia-ban=${area}`;
  const one = await visitors.somebody(true);
  await one.page.goto(address);
  await visitors.signIn(one.page, maker);
  await one.page.getByRole("button", { name: /Lập (lại )?danh sách/ }).click();
  await one.page.getByRole("status").waitFor();
  assert.match(await one.page.locator("main").innerText(), /Chưa giải thích: 0 người, 0 đồng/);
  await one.visit(one.page, `ky-chi-${month}-${area}`);
  await one.context.close();
  const other = await visitors.somebody(true);
  await other.page.goto(address);
  await visitors.signIn(other.page, approver);
  await other.page.getByRole("link", { name: "Xem lại và duyệt" }).click();
  await other.visit(other.page, `duyet-${month}-${area}`);
  await other.page.getByRole("button", { name: "Duyệt danh sách này" }).click();
  assert.match(await other.page.getByRole("status").innerText(), /Đã duyệt/);
  await other.context.close();
}

// What a person has on a month's list, as the program prints it: kind, month, đồng, in order.
export function linesOf({ site }, month, area, person) {
  const out = site.command("list", "show", month, "--area", area, "--actor", "xem", "--format", "ndjson");
  const lines = out.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line));
  return lines.filter((line) => line.person === person)
    .map((line) => `${line.kind} ${line.for_month} ${line.amount}`).sort();
}

// The page of somebody, by the ID number.
export async function openPerson(page, idNumber) {
  await page.goto("/tim");
  await page.getByRole("searchbox").fill(idNumber);
  await page.getByRole("search").getByRole("button", { name: "Tìm" }).click();
  const link = page.locator("tbody a").first();
  await link.click();
  return new URL(page.url()).pathname.split("/").at(-1);
}

// The decision is the enrolment: nobody has keyed anything, and May pays since February.
export async function decidedIsPaid(at) {
  await madeAndApproved(at, "2024-05", "51");
  const { context, page, visit } = await at.visitors.somebody(true);
  await page.goto("/tim");
  await at.visitors.signIn(page, "can.bo");
  at.found.person = await openPerson(page, "999180000011");
  await page.locator("#thang").fill("2024-05");
  await page.getByRole("button", { name: "Xem" }).click();
  const table = page.getByRole("region", { name: "Dòng trong danh sách" });
  const rows = await table.locator("tbody tr").allInnerTexts();
  const months = rows.map((row) => row.match(/(\d\d\/2024)\s+540\.000/)?.[1]);
  assert.deepEqual(months.sort(), ["02/2024", "03/2024", "04/2024", "05/2024"]);
  assert.equal(rows.filter((row) => row.includes("Truy lĩnh")).length, 3);
  await visit(page, "doi-tuong-moi");
  await context.close();
}

// The citizen looks with the code of the receipt and sees the decision.
export async function citizenSees({ visitors, found }) {
  const { context, page, visit } = await visitors.somebody(true);
  await page.goto("/tra-cuu");
  await visit(page, "tra-cuu");
  await page.getByLabel("Mã tra cứu", { exact: true }).fill(found.code);
  await page.getByLabel(/^Ngày sinh của người hưởng/).fill("0011");
  await page.getByRole("button", { name: "Tra cứu", exact: true }).click();
  const told = await page.locator("main").innerText();
  assert.match(told, /Quyết định|Đã xử lý xong/);
  assert.ok(!page.url().includes(found.code), "no secret in an address");
  await visit(page, "tra-cuu-ho-so");
  await context.close();
}
