// Life after the decision: a move to another province, a death with its funeral, a mistake undone, and new
// amounts for everybody; each held against the lists.
import assert from "node:assert/strict";
import { fact, step } from "./office.mjs";
import { linesOf, madeAndApproved, openPerson } from "./lists.mjs";

const signed = (number, day) => ({ "Số": number, "Ngày ký": day, "Người ký": "Trần Văn Ký" });

async function fill(page, fields) {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
}

// People with exactly one line on a month's list, of a benefit.
export function peopleWithOneLine({ site }, month, area, benefit) {
  const out = site.command("list", "show", month, "--area", area, "--actor", "xem", "--format", "ndjson");
  const lines = out.trim().split("\n").map((line) => JSON.parse(line));
  const alone = (line) => lines.filter((other) => other.person === line.person).length === 1;
  return lines.filter((line) => line.benefit === benefit && line.kind === "regular" && alone(line))
    .map((line) => line.person);
}

async function openAs({ visitors }, name, address) {
  const { context, page, visit } = await visitors.somebody(true);
  await page.goto(address);
  await visitors.signIn(page, name);
  return { context, page, visit };
}

// Told by the old place; the new one, in another province, will take it.
export async function moveIsTold(at) {
  const [mover, dead, alive] = peopleWithOneLine(at, "2024-05", "51", "disability");
  Object.assign(at.found, { mover, dead, alive });
  const { context, page, visit } = await openAs(at, "can.bo", "/tim");
  at.found.moverId = await openPerson(page, mover);
  await page.getByRole("link", { name: "Chuyển đi địa bàn khác" }).click();
  await visit(page, "chuyen-di");
  await page.getByLabel("Mã xã nơi đến").fill("20194");
  await fill(page, { "Ngày nhận đề nghị": "28/05/2024", "Tháng cuối nơi đi chi trả": "2024-05",
    "Giấy tờ gửi kèm, mỗi dòng một loại": "Hồ sơ của người hưởng", ...signed("120/QĐ-UBND", "29/05/2024") });
  await page.getByRole("button", { name: "Ghi và gửi nơi đến" }).click();
  at.found.transfer = new URL(page.url()).pathname.split("/").at(-1);
  assert.match(await page.locator("main").innerText(), /trong khi chờ chưa nơi nào trả/);
  await visit(page, "chuyen-di-cho");
  await page.goto("/chuyen-di-den?chieu=di");
  await visit(page, "chuyen-di-den");
  await context.close();
}

export async function moveIsTaken(at) {
  at.site.addOfficer("nhan.den", "officer", "48");
  at.site.addOfficer("lap.den", "list_maker", "48");
  at.site.addOfficer("duyet.den", "approver", "48");
  const { context, page, visit } = await openAs(at, "nhan.den", "/chuyen-di-den?chieu=den");
  await visit(page, "chuyen-den");
  await page.locator("tbody a").first().click();
  await visit(page, "chuyen-den-mot");
  await fill(page, { "Số quyết định của nơi đến": "45/QĐ-UBND", "Ngày ký": "10/06/2024", "Người ký": "Lê Thị Nhận" });
  await page.getByRole("button", { name: "Tiếp nhận", exact: true }).click();
  assert.match(await page.locator("main").innerText(), /45\/QĐ-UBND/);
  await context.close();
}

// A death stops everything and opens the funeral's dossier, which goes its way to its decision.
export async function death(at) {
  const { context, page, visit } = await openAs(at, "can.bo", "/tim");
  at.found.deadId = await openPerson(page, at.found.dead);
  await page.getByRole("link", { name: "Báo biến động" }).click();
  await visit(page, "bao-bien-dong");
  await page.getByRole("link", { name: /[Qq]ua đời/ }).click();
  await visit(page, "bao-mat");
  await page.getByLabel("Ngày mất").fill("05/06/2024");
  await page.getByLabel("Người lo mai táng").fill("Lê Văn Lo");
  await fill(page, signed("121/QĐ-UBND", "10/06/2024"));
  await page.getByRole("button", { name: "Xem kết quả trước khi ghi" }).click();
  assert.match(await page.locator("main").innerText(), /7\.200\.000 đồng khi hồ sơ mai táng được duyệt/);
  await visit(page, "bao-mat-xem-truoc");
  await page.getByRole("button", { name: "Xác nhận và ghi" }).click();
  await visit(page, "doi-tuong-da-mat");
  const link = page.getByRole("link", { name: /Hồ sơ mai táng/ });
  at.found.funeral = (await link.innerText()).match(/MTP-[\d-]+/)[0];
  await step(page, at.found.funeral, "Xong bước này");
  assert.match(await fact(page, at.found.funeral, "Bước"), /quyết định/);
  await visit(page, "ho-so-mai-tang");
  await step(page, at.found.funeral, "Trình lãnh đạo");
  await receivedByWhoeverBuries(page, visit, at.found.deadId);
  await context.close();
  const leader = await openAs(at, "lanh.dao", "/trinh-ky");
  await step(leader.page, at.found.funeral, "Đồng ý với đề xuất");
  await leader.context.close();
  const records = await openAs(at, "van.thu", "/vao-so");
  const form = records.page.getByRole("form", { name: `Vào sổ hồ sơ ${at.found.funeral}` });
  const number = form.getByLabel("Số", { exact: true });
  if (await number.count()) await number.fill("122/QĐ-UBND");
  await form.getByRole("button").click();
  assert.match(await fact(records.page, at.found.funeral, "Trạng thái"), /Đã xử lý xong/);
  await records.page.goto(`/ho-so/${at.found.funeral}/van-ban/mai-tang`);
  assert.match(await records.page.locator("article").innerText(), /7\.200\.000/);
  await records.visit(records.page, "quyet-dinh-mai-tang");
  await records.context.close();
  await signsHere(at);
}

// Signed on the site, the letter is kept as it was printed then, with its hash.
async function signsHere(at) {
  const letter = `/ho-so/${at.found.funeral}/van-ban/mai-tang`;
  const { context, page, visit } = await openAs(at, "lanh.dao", letter);
  await page.getByRole("button", { name: "Ký văn bản này" }).click();
  await page.goto(letter);
  assert.match(await page.locator("main").innerText(), /đã ký ngày 10\/06\/2024/);
  const kept = await page.request.get(`${letter}/pdf`);
  assert.ok((await kept.body()).subarray(0, 5).equals(Buffer.from("%PDF-")));
  await page.goto(`/ho-so/${at.found.funeral}/giay-to`);
  assert.match(await page.locator("main").innerText(), /[0-9a-f]{8}/);
  await visit(page, "giay-to-ky-tren-he-thong");
  await context.close();
}

// The last month and the funeral grant go to somebody else.
async function receivedByWhoeverBuries(page, visit, id) {
  await page.goto(`/doi-tuong/${id}/nguoi-nhan`);
  assert.match(await page.locator("main").innerText(), /Đã mất 05\/06\/2024\. Hãy ghi người nhận thay/);
  await visit(page, "nguoi-nhan-thay");
  await page.getByLabel("Hình thức nhận").selectOption("post_office");
  await page.getByLabel("Ai nhận").selectOption("authorised");
  await page.getByLabel("Tên người nhận hoặc chủ tài khoản").fill("Lê Văn Lo");
  await page.getByLabel("Ủy quyền đến ngày").fill("31/12/2024");
  await page.getByRole("button", { name: "Ghi người nhận" }).click();
  assert.match(await page.locator("main dl.facts").innerText(), /Lê Văn Lo/);
}

// Of somebody alive a death is recorded by mistake; the correction takes nothing away and pays on.
export async function undo(at) {
  const { context, page, visit } = await openAs(at, "can.bo", "/tim");
  const id = await openPerson(page, at.found.alive);
  await page.goto(`/doi-tuong/${id}/bao-bien-dong?viec=death`);
  await page.getByLabel("Ngày mất").fill("05/06/2024");
  await page.getByLabel("Người lo mai táng").fill("Lê Văn Lo");
  await fill(page, signed("123/QĐ-UBND", "10/06/2024"));
  await page.getByRole("button", { name: "Xem kết quả trước khi ghi" }).click();
  await page.getByRole("button", { name: "Xác nhận và ghi" }).click();
  await page.getByRole("link", { name: "Đính chính" }).click();
  await visit(page, "dinh-chinh");
  await page.getByLabel("Điều đã ghi nhầm").selectOption({ index: 1 });
  await page.getByLabel("Lý do").fill("Ghi nhầm người");
  await page.getByRole("button", { name: "Xem kết quả trước khi ghi" }).click();
  await visit(page, "dinh-chinh-xem-truoc");
  await page.getByRole("button", { name: "Xác nhận và ghi" }).click();
  const told = await page.locator("main").innerText();
  assert.match(told, /Đã đính chính/);
  assert.doesNotMatch(told, /Đã mất 05\/06\/2024/);
  await visit(page, "doi-tuong-dinh-chinh");
  await context.close();
}

// June: the old place pays the mover no more, the new one pays on from the next month; whoever died is paid
// the month of the death and the funeral; whoever did not die is paid as before.
export async function juneOfAll(at) {
  const before = (key) => linesOf(at, "2024-05", "51", key);
  await madeAndApproved(at, "2024-06", "51");
  await madeAndApproved(at, "2024-06", "48", ["lap.den", "duyet.den"]);
  const { mover, dead, alive } = at.found;
  const next = (line) => line.replace("2024-05", "2024-06");
  assert.deepEqual(linesOf(at, "2024-06", "51", mover), [], "not paid twice");
  assert.deepEqual(linesOf(at, "2024-06", "48", mover), before(mover).map(next), "no month lost");
  const [funeral, ...last] = linesOf(at, "2024-06", "51", dead);
  assert.match(funeral, /^one_off 2024-06 7200000$/);
  assert.deepEqual(last, before(dead).map(next), "the month of the death is paid");
  assert.deepEqual(linesOf(at, "2024-06", "51", alive), before(alive).map(next));
}

// July 2024: the standard rises from 360,000 to 500,000 đồng; one decision for everybody of the province.
export async function newAmounts(at) {
  const { context, page, visit } = await openAs(at, "can.bo", "/sap-thay-doi?dia-ban=51&thang=2024-07");
  await visit(page, "sap-thay-doi");
  await page.goto("/quyet-dinh-chung");
  await visit(page, "quyet-dinh-chung");
  const form = page.getByRole("form", { name: "Mức mới của cả địa bàn" });
  await form.getByLabel("Địa bàn").selectOption("51");
  await form.getByLabel("Mức mới từ tháng").fill("2024-07");
  await form.getByRole("button").click();
  const told = await page.locator("main").innerText();
  const people = Number(told.match(/(\d+) người/)[1]);
  assert.ok(people > 300, "nearly everybody of the sample");
  await visit(page, "quyet-dinh-chung-xem");
  const preview = page.url();
  await page.getByRole("button", { name: "Trình lãnh đạo" }).click();
  assert.match(await page.locator("main").innerText(), /Đã trình lãnh đạo/);
  at.found.proposal = new URL(page.url()).pathname.split("/").at(-1);
  await page.goto(preview);
  await fill(page, { "Số": "130/QĐ-UBND", "Ngày ký": "10/07/2024", "Người ký": "Trần Văn Ký" });
  await page.getByRole("button", { name: `Ghi quyết định cho ${people} người` }).click();
  assert.match(await page.locator("main").innerText(), /Quyết định 130\/QĐ-UBND/);
  at.found.collective = new URL(page.url()).pathname.split("/").at(-1);
  await visit(page, "quyet-dinh-chung-mot");
  at.found.ticket = await listForMany(page, visit, at.found.alive);
  await context.close();
  await madeAndApproved(at, "2024-07", "51");
  const may = linesOf(at, "2024-05", "51", at.found.alive)[0].split(" ").at(-1);
  const july = linesOf(at, "2024-07", "51", at.found.alive);
  assert.deepEqual(july, [`regular 2024-07 ${(may / 360_000) * 500_000}`]);
  assert.deepEqual(linesOf(at, "2024-07", "51", at.found.dead), [], "nothing after the month of the death");
}

// A list for many is looked at row by row before anything is recorded.
async function listForMany(page, visit, key) {
  await page.goto("/quyet-dinh-chung");
  const form = page.getByRole("form", { name: "Theo danh sách" });
  await form.getByLabel("Địa bàn").selectOption("51");
  const rows = `Mã người hưởng,Họ và tên,Việc,Tháng cuối\n${key},Không Đúng Tên,Thôi hưởng,07/2024\n`;
  await form.getByLabel("Tệp").setInputFiles({ name: "ds.csv", mimeType: "text/csv", buffer: Buffer.from(rows) });
  await form.getByRole("button", { name: "Đọc thử" }).click();
  assert.match(await page.locator("main").innerText(), /Dòng bị từ chối \(1\)/);
  await visit(page, "quyet-dinh-chung-danh-sach");
  return new URL(page.url()).pathname.split("/").at(-1);
}
