// Those around an office: reader, auditor, administrator, and the one-stop system of the province.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { password } from "./site.mjs";
import { beginAtCounter } from "./office.mjs";

async function signedIn({ visitors }, name, address, secret = password) {
  const { context, page, visit } = await visitors.somebody(true);
  await page.goto(address);
  await send(page, name, secret);
  return { context, page, visit };
}

async function send(page, name, secret) {
  await page.getByLabel("Tên đăng nhập").fill(name);
  await page.getByLabel("Mật khẩu").fill(secret);
  await page.getByRole("button", { name: "Đăng nhập" }).click();
  await page.waitForLoadState();
}

// Sees the queue and the dossier, with the ID number masked, and nothing to do.
export async function reader(at) {
  const { context, page, visit } = await signedIn(at, "xem", "/");
  await visit(page, "trang-chu-nguoi-xem");
  await page.goto(`/ho-so/${at.found.dossier}`);
  const told = await page.locator("main").innerText();
  assert.doesNotMatch(told, /999180000011/);
  assert.doesNotMatch(told, /Việc làm được bây giờ/);
  await visit(page, "ho-so-nguoi-xem");
  for (const address of ["/ho-so/moi", "/trinh-ky", "/vao-so", `/doi-tuong/${at.found.person}/bao-bien-dong`]) {
    assert.equal((await page.goto(address)).status(), 403, address);
  }
  await context.close();
}

// Who looked at somebody's page stands in the log.
export async function auditor(at) {
  const { context, page, visit } = await signedIn(at, "thanh.tra", "/nhat-ky");
  assert.match(await page.locator("main").innerText(), /Duyệt danh sách/);
  await visit(page, "nhat-ky-thanh-tra");
  await page.getByLabel("Tên đăng nhập").fill("can.bo");
  await page.getByRole("button", { name: "Lọc" }).click();
  const rows = await page.locator("tbody tr").allInnerTexts();
  assert.ok(rows.length > 5 && rows.every((row) => row.includes("can.bo")));
  await visit(page, "nhat-ky-mot-nguoi");
  await page.getByLabel("Đối tượng (mã)").fill(`person ${at.found.deadId}`);
  await page.getByRole("button", { name: "Lọc" }).click();
  const looks = await page.locator("tbody tr").filter({ hasText: "Xem hồ sơ đối tượng" }).count();
  assert.ok(looks > 0, "looking at a person's page is logged");
  await context.close();
}

// A new account: its first password, locked by wrong ones, unlocked, with a lent role and a second factor.
export async function administrator(at) {
  const admin = await signedIn(at, "quan.tri", "/");
  await admin.visit(admin.page, "trang-chu-quan-tri");
  await admin.page.goto("/quan-tri");
  await admin.visit(admin.page, "quan-tri");
  const form = admin.page.locator("form", { has: admin.page.getByRole("button", { name: "Thêm, sinh mật khẩu" }) });
  await form.getByLabel(/^Tên đăng nhập/).fill("pho.lanh.dao");
  await form.getByLabel("Họ và tên").fill("Phó lãnh đạo luyện tập");
  await form.getByLabel("Vai trò").selectOption("reader");
  await form.getByLabel(/^Mã địa bàn/).fill("51");
  await form.getByRole("button").click();
  const first = await admin.page.getByRole("status").locator("code").innerText();
  await admin.visit(admin.page, "quan-tri-da-them");
  const guest = await at.visitors.somebody(true);
  await guest.page.goto("/dang-nhap");
  for (let tries = 0; tries < 5; tries += 1) await send(guest.page, "pho.lanh.dao", "sai hoàn toàn");
  await send(guest.page, "pho.lanh.dao", first);
  assert.match(await guest.page.title(), /^Lỗi: /, "locked, also for the right password");
  await guest.visit(guest.page, "dang-nhap-tam-khoa");
  await admin.page.goto("/quan-tri/pho.lanh.dao");
  assert.match(await admin.page.locator("main").innerText(), /Tạm khóa/);
  await admin.visit(admin.page, "quan-tri-tam-khoa");
  await admin.page.getByRole("button", { name: "Mở khóa đăng nhập" }).click();
  await admin.visit(admin.page, "quan-tri-da-mo");
  await send(guest.page, "pho.lanh.dao", first);
  const own = await ownPassword(guest, first);
  await lent(at, guest);
  await secondFactor(at, guest, own);
  await guest.context.close();
  at.found.token = await tokenOfOneStop(admin);
  await admin.context.close();
}

// What somebody else set opens nothing but the page on which it is changed.
async function ownPassword({ page, visit }, first) {
  await page.goto("/viec");
  assert.equal(new URL(page.url()).pathname, "/tai-khoan");
  await visit(page, "tai-khoan-doi-mat-khau");
  const own = "sông trà khúc mùa nước nổi";
  await page.getByLabel("Mật khẩu hiện tại").fill(first);
  await page.getByLabel(/^Mật khẩu mới/).fill(own);
  await page.getByRole("button", { name: "Đổi mật khẩu" }).click();
  await page.getByRole("button", { name: "Thiết lập" }).waitFor();
  return own;
}

// A leader on leave lends the role; the log will say in whose place.
async function lent(at, guest) {
  assert.equal((await guest.page.goto("/trinh-ky")).status(), 403);
  const { context, page, visit } = await signedIn(at, "lanh.dao", "/tai-khoan");
  await visit(page, "tai-khoan");
  const form = page.getByRole("form", { name: "Ủy quyền", exact: true });
  await form.getByLabel("Tên đăng nhập của người làm thay").fill("pho.lanh.dao");
  await form.getByLabel(/^Mã địa bàn/).fill("51");
  await form.getByLabel(/^Từ ngày/).fill("2024-07-10");
  await form.getByLabel(/^Đến ngày/).fill("2024-07-20");
  await form.getByRole("button").click();
  assert.match(await page.locator("main").innerText(), /pho\.lanh\.dao/);
  await visit(page, "tai-khoan-uy-quyen");
  await context.close();
  assert.equal((await guest.page.goto("/trinh-ky")).status(), 200, "the lent role opens the list");
}

async function secondFactor({ site }, guest, secret) {
  const { page, visit } = guest;
  await page.goto("/tai-khoan");
  await page.getByRole("button", { name: "Thiết lập" }).click();
  await visit(page, "tai-khoan-ma");
  const key = (await page.locator("ol code").first().innerText()).replaceAll(/\s/g, "");
  await page.getByLabel("Mã đang hiện trên điện thoại").fill(codeOf(key, site.now()));
  await page.getByRole("button", { name: "Xác nhận và bật" }).click();
  const spare = await page.locator(".note li code").first().innerText();
  await visit(page, "tai-khoan-ma-du-phong");
  await page.getByRole("button", { name: "Đăng xuất" }).click();
  await page.goto("/dang-nhap");
  await send(page, "pho.lanh.dao", secret);
  assert.equal(new URL(page.url()).pathname, "/dang-nhap/ma", "the password alone is not enough");
  await visit(page, "dang-nhap-ma");
  await page.getByLabel(/^Mã trên điện thoại/).fill("000000");
  await page.getByRole("button", { name: "Tiếp tục" }).click();
  assert.match(await page.title(), /^Lỗi: /);
  await visit(page, "dang-nhap-ma-loi");
  await page.getByLabel(/^Mã trên điện thoại/).fill(spare);
  await page.getByRole("button", { name: "Tiếp tục" }).click();
  await page.getByRole("button", { name: "Đăng xuất" }).waitFor();
}

// What a telephone shows: RFC 6238, six digits, half a minute.
function codeOf(key, now) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...key.replaceAll("=", "")].map((it) => letters.indexOf(it).toString(2).padStart(5, "0")).join("");
  const bytes = bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now.getTime() / 30_000)));
  const hash = createHmac("sha1", Buffer.from(bytes)).update(counter).digest();
  const at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fff_ffff) % 1_000_000).padStart(6, "0");
}

async function tokenOfOneStop({ page, visit }) {
  await page.goto("/quan-tri/mot.cua");
  const form = page.getByRole("form", { name: "Cấp mã truy cập" });
  await form.getByLabel("Dùng để làm gì").fill("Hệ thống một cửa của tỉnh");
  await form.getByRole("button").click();
  await visit(page, "quan-tri-ma-truy-cap");
  return page.getByRole("status").locator("code").innerText();
}

// The one-stop system hands a dossier in and hears of the reception; at the counter it waits.
export async function oneStop(at) {
  at.site.command("connection", "set", "51", "two_way", "--from", "2024-01-01");
  const dossier = "000.00.00.H51-240710-0001";
  const call = async (path, body) => {
    const answer = await fetch(`${at.site.address}/api/v1/exchange/${path}`, {
      method: body ? "POST" : "GET",
      headers: { authorization: `Bearer ${at.found.token}`, "content-type": "application/json" },
      body: body && JSON.stringify(body),
    });
    assert.equal(answer.status, 200, await answer.clone().text());
    return answer.json();
  };
  await call("dossiers", { id: "0190a000-0000-7000-8000-000000000001", dossier, seq: 1, at: "2024-07-10T07:30:00+07:00",
    procedure: "1.001776", area: "21031", channel: "online", applicant: "Trịnh Thị Một", papers: [{ name: "Tờ khai" }] });
  const { context, page, visit } = await signedIn(at, "tiep.nhan", "/viec?phan=waiting&nguon=mot-cua");
  assert.match(await page.locator("main").innerText(), /Trịnh Thị Một/);
  await visit(page, "viec-tu-mot-cua");
  await page.goto(`/ho-so/${dossier}`);
  await page.getByRole("button", { name: "Tiếp nhận", exact: true }).click();
  const messages = await call("messages?after=0");
  assert.deepEqual(messages.filter((one) => one.dossier === dossier).map((one) => one.status), [2]);
  // What their system cannot take too often waits for an officer.
  const stuck = messages.find((one) => one.dossier === dossier);
  for (let failures = 0; failures < 5; failures += 1) await call(`messages/${stuck.id}/ack`, { failed: "hệ thống bận" });
  at.found.draft = await beginAtCounter(page, { find: "999180000037" });
  await context.close();
}
