// The journey of a month through the pages, with and without JavaScript; axe (WCAG 2.2 AA) on every
// page; the weight of the first view and of later ones. SCREENSHOTS=folder keeps a picture of each.
import assert from "node:assert/strict";
import { moneyOnItsWay } from "./money.mjs";
import { openSite } from "./site.mjs";
import { FIRST_VIEW, openScale, openVisitors, weighAgain } from "./visitors.mjs";

const month = "/ky-chi/2024-05?dia-ban=51";

const site = await openSite();
const { browser, seen, somebody, signIn, tell } = await openVisitors(site);

async function officer(js) {
  const { context, page, visit } = await somebody(js);
  await page.goto("/tim");
  await visit(page, "dang-nhap");
  await page.getByLabel("Tên đăng nhập").fill("can.bo");
  await page.getByLabel("Mật khẩu").fill("sai hoàn toàn");
  await page.getByRole("button", { name: "Đăng nhập" }).click();
  assert.match(await page.title(), /^Lỗi: /);
  await visit(page, "dang-nhap-loi");
  await signIn(page, "can.bo");
  assert.equal(new URL(page.url()).pathname, "/tim", "back to the page asked for");
  await visit(page, "tim");

  await page.getByRole("searchbox").fill("nguyen");
  await page.getByRole("search").getByRole("button", { name: "Tìm" }).click();
  assert.doesNotMatch(page.url(), /nguyen/i, "names stay out of addresses");
  await visit(page, "tim-ket-qua");
  await page.locator("tbody a").first().click();
  assert.match(page.url(), /\/doi-tuong\/\d+$/);
  await page.locator("#thang").fill("2024-05");
  await page.getByRole("button", { name: "Xem" }).click();
  assert.match(await page.locator("main").innerText(), /Vì sao số tiền này/);
  await visit(page, "doi-tuong");
  await page.goto(`${new URL(page.url()).pathname}/nguoi-nhan`);
  await visit(page, "doi-tuong-nguoi-nhan");

  await page.goto("/");
  await visit(page, "trang-chu-can-bo");
  for (const [path, name] of [["/trung", "trung"], ["/dia-ban-tach", "dia-ban-tach"], ["/tro-giup", "tro-giup"],
    ["/so-dinh-danh?dia-ban=51&tinh-trang=missing", "so-dinh-danh"], ["/khong-co", "404"], ["/nhat-ky", "403"],
    ["/nguoi-nhan?dia-ban=51", "nguoi-nhan"], ["/nhap/nguoi-nhan", "nhap-nguoi-nhan"]]) {
    await page.goto(path);
    await visit(page, name);
  }
  await importSheet(page, visit);
  await context.close();
}

async function importSheet(page, visit) {
  await page.goto("/nhap");
  await visit(page, "nhap");
  await page.getByRole("button", { name: "Đọc thử" }).click();
  assert.match(await page.title(), /^Lỗi: /);
  await visit(page, "nhap-loi");
  await page.locator("#tep").setInputFiles(spoiledSheet());
  await page.getByRole("button", { name: "Đọc thử" }).click();
  await page.getByRole("heading", { name: "Dòng cần sửa" }).waitFor();
  await visit(page, "nhap-doc-thu");
  assert.match(await page.locator("main").innerText(), /Từ chối/);
  await page.goto("/nhap");
  await page.locator("#tep").setInputFiles(site.sheet);
  await page.getByRole("button", { name: "Đọc thử" }).click();
  await page.getByRole("button", { name: /Nhập .* dòng đúng/ }).click();
  await page.getByRole("status").waitFor();
  await visit(page, "nhap-xong");
}

// One good heading, rows that cannot be right: no commune, an impossible date, eleven digits.
function spoiledSheet() {
  const heading = "Mã xã,Họ và tên,Ngày sinh,Giới tính,Dân tộc,Số định danh,Chính sách,Mức độ khuyết tật,Ngày xác nhận khuyết tật,Hộ nghèo,Số con đang nuôi,Số quyết định,Ngày quyết định,Hưởng từ tháng,Hình thức nhận,Chủ tài khoản,Tên người nhận,Ngân hàng,Số tài khoản,Số điện thoại,Ghi chú";
  const rows = ["99999,Người Thử Một,31/02/1950,Nữ", "21031,,1950,Nam"];
  return {
    name: "sai.csv",
    mimeType: "text/csv",
    buffer: Buffer.from([heading, ...rows.map((row) => row + ",".repeat(17))].join("\n")),
  };
}

async function listMaker(js) {
  const { context, page, visit } = await somebody(js);
  await page.goto("/ky-chi");
  await signIn(page, "lap");
  await visit(page, "ky-chi");
  await page.goto(month);
  if (!seen.has("ky-chi-chua-lap")) await visit(page, "ky-chi-chua-lap");
  await page.getByRole("button", { name: /Lập (lại )?danh sách/ }).click();
  await page.getByRole("status").waitFor();
  assert.match(await page.locator("main").innerText(), /Chưa giải thích: 0 người, 0 đồng/);
  await visit(page, "ky-chi-nhap");
  await page.locator("tbody th a").first().click();
  await visit(page, "bien-dong");
  await page.goto("/ky-chi/2024-05/danh-sach?dia-ban=51");
  await visit(page, "danh-sach");
  await page.getByRole("link", { name: "Số tiền (đồng)" }).click();
  assert.match(page.url(), /xep=giam/);
  const refused = await page.goto("/ky-chi/2024-05/duyet?dia-ban=51");
  assert.equal(refused.status(), 403, "who makes lists does not approve them");
  await context.close();
}

async function approver(js) {
  const { context, page, visit } = await somebody(js);
  await page.goto(month);
  await signIn(page, "duyet");
  assert.equal(new URL(page.url()).pathname, "/ky-chi/2024-05", "back to the page asked for");
  if (js) {
    await page.getByRole("link", { name: "Xem lại và duyệt" }).click();
    await visit(page, "duyet");
    await page.getByRole("button", { name: "Duyệt danh sách này" }).click();
    assert.match(await page.getByRole("status").innerText(), /Đã duyệt/);
    await visit(page, "ky-chi-da-duyet");
  } else {
    await page.getByRole("link", { name: "Xem lại và duyệt" }).click();
    await page.getByRole("button", { name: "Duyệt danh sách này" }).waitFor();
  }
  await context.close();
}

// In one district cash brought home is ordered by interface, from a program that is not there.
function connect() {
  const { command } = site;
  command("provider", "add", "vi-thu", "--name", "Đơn vị thử", "--kind", "post");
  command("provider", "contract", "vi-thu", "--area", "524", "--channels", "home", "--from", "2024-01",
    "--fee", "50", "--handover", "interface");
  command("provider", "connect", "vi-thu", "--url", "http://127.0.0.1:1", "--our-id", "an-sinh",
    "--our-url", "http://127.0.0.1:1/api/v1/g2p", "--lines", "20");
}

// The approved list on its way to the people: without a contract every line stays open, with the reason.
async function payroll() {
  const { context, page, visit } = await somebody(true);
  await page.goto(month);
  await signIn(page, "lap");
  await page.getByRole("link", { name: "Lệnh chi" }).click();
  await visit(page, "lenh");
  await page.getByRole("button", { name: /Lập lệnh/ }).click();
  await page.getByRole("status").waitFor();
  await visit(page, "lenh-lap-xong");
  await page.getByRole("button", { name: /Giao qua kết nối lệnh \d+/ }).click();
  await page.getByRole("status").waitFor();
  assert.match(await page.locator("main").innerText(), /thông điệp/);
  await visit(page, "lenh-qua-ket-noi");
  await page.goto("/ky-chi/2024-05/lenh/chua-lap?dia-ban=51");
  assert.match(await page.locator("main").innerText(), /hợp đồng/i);
  await visit(page, "lenh-chua-lap");
  await page.goto(month);
  await page.getByRole("link", { name: "Đối soát" }).click();
  assert.match(await page.locator("main").innerText(), /Chưa báo/i);
  await visit(page, "doi-soat");
  await context.close();
}

// From every board down to the people behind a number.
async function boards() {
  const { context, page, visit } = await somebody(true);
  await page.goto("/khong-tien-mat?dia-ban=51&thang=2024-05");
  await signIn(page, "xem");
  await visit(page, "khong-tien-mat");
  for (const board of ["chat-luong", "lien-thong", "bao-cao", "bao-cao/mau/10a", "bao-cao/mau/10c", "bao-cao/mau/10d"]) {
    await page.goto(`/${board}?dia-ban=51&thang=2024-05`);
    await visit(page, board.replaceAll("/", "-"));
  }
  await page.goto("/bao-cao/nguoi?dia-ban=51&thang=2024-05&mau=10c&dong=0");
  await visit(page, "bao-cao-nguoi-mau");
  await page.goto("/bao-cao?dia-ban=51&thang=2024-05&theo=ket-qua");
  await visit(page, "bao-cao-ket-qua");
  await page.getByRole("link", { name: "huyện trước 7/2025" }).click();
  await visit(page, "bao-cao-huyen-cu");
  await page.getByRole("link", { name: /Huyện Bình Sơn/ }).first().click();
  assert.match(await page.locator("h1 + .lead").innerText(), /trước khi sắp xếp/);
  await visit(page, "bao-cao-mot-huyen-cu");
  await page.goto("/khong-tien-mat?dia-ban=51&thang=2024-05");
  await page.locator("main a[href*='/bao-cao/nguoi']").first().click();
  await visit(page, "bao-cao-nguoi");
  await page.goto("/lien-thong?dia-ban=51&thang=2024-05");
  await page.locator("main a[href*='/lien-thong/ho-so']").first().click();
  await visit(page, "lien-thong-ho-so");
  await page.locator("main a[href*='/ho-so/']").first().click();
  await visit(page, "ho-so");
  await context.close();
}

// Records to be put right: a suggestion is taken, another value kept, the rest goes to the police of the commune.
async function records() {
  const spaced = { event_id: "0190a000-0000-7000-8000-0000000000aa", kind: "person_registered", person: "cach-quang",
    source: "thử", effective: "2024-01-01", full_name: "Người Thử Số Cách Quãng", birth_date: "1940-02-03", sex: "female",
    ethnicity: null, id_number: "999 140 000 001", area: "21031" };
  site.command("apply", site.file("cach-quang.ndjson", `${JSON.stringify(spaced)}\n`));
  const { context, page, visit } = await somebody(true);
  await page.goto("/chat-luong?dia-ban=51&thang=2024-05");
  await signIn(page, "can.bo");
  await page.getByRole("link", { name: /Danh sách việc/ }).click();
  await visit(page, "chat-luong-viec");
  const rows = page.locator("main tbody tr");
  const first = rows.filter({ has: page.getByRole("button", { name: "Nhận gợi ý" }) }).first();
  await first.getByLabel("Lý do").fill("Đã xem thẻ căn cước");
  await first.getByRole("button", { name: "Nhận gợi ý" }).click();
  await page.getByRole("status").waitFor();
  await visit(page, "chat-luong-viec-nhan");
  await rows.first().getByRole("button", { name: "Giữ của ta" }).click();
  assert.match(await page.getByRole("alert").innerText(), /lý do/);
  await visit(page, "chat-luong-viec-loi");
  await page.goto("/dan-cu?dia-ban=51");
  await visit(page, "dan-cu");
  await page.getByRole("link", { name: /Nhật ký tra cứu/ }).click();
  await visit(page, "dan-cu-nhat-ky");
  await context.close();
}

async function reader() {
  const { context, page, visit } = await somebody(true);
  await page.goto("/");
  await signIn(page, "xem");
  await visit(page, "trang-chu-xem");
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "tim", "/ goes to the search box");
  await context.close();
}

async function auditor() {
  const { context, page, visit } = await somebody(true);
  await page.goto("/nhat-ky");
  await signIn(page, "thanh.tra");
  await visit(page, "nhat-ky");
  await page.getByRole("button", { name: "Kiểm tra chuỗi nhật ký" }).click();
  assert.match(await page.locator("main").innerText(), /nguyên vẹn/);
  await page.getByLabel("Việc", { exact: true }).selectOption("list.approve");
  await page.getByRole("button", { name: "Lọc" }).click();
  assert.match(await page.locator("main").innerText(), /Duyệt danh sách/);
  await visit(page, "nhat-ky-loc");
  await context.close();
}

async function weight() {
  const { context, page } = await somebody(true);
  const measure = await openScale(page);
  // As somebody comes who knows only the name of the site: led on to the page to sign in.
  const first = await measure("/");
  const icon = await page.locator("link[rel=icon]").getAttribute("href");
  assert.match(icon, /^data:image/, "browsers with a window would ask for the icon too");
  assert.ok(first.bytes <= FIRST_VIEW.bytes && first.requests <= FIRST_VIEW.requests, JSON.stringify(first));
  await signIn(page, "lap");
  const views = [first];
  for (const path of ["/", "/ky-chi", month, "/ky-chi/2024-05/danh-sach?dia-ban=51", "/tim?dia-ban=51",
    "/ky-chi/2024-05/lenh?dia-ban=51", "/ky-chi/2024-05/doi-soat?dia-ban=51", "/khong-tien-mat?dia-ban=51&thang=2024-05",
    "/lien-thong?dia-ban=51&thang=2024-05"]) {
    views.push(await weighAgain(measure, page, path));
  }
  for (const view of views) console.log(`${view.path}: ${view.bytes} bytes, ${view.requests} requests`);
  await context.close();
}

try {
  // Without JavaScript first: what it leaves (a draft, imported people) the second round starts from.
  for (const js of [false, true]) {
    await officer(js);
    await listMaker(js);
    await approver(js);
  }
  connect();
  await payroll();
  await moneyOnItsWay({ site, somebody, signIn });
  await boards();
  await records();
  await reader();
  await auditor();
  await weight();
  tell();
} finally {
  await browser.close();
  await site.close();
}
