// Citizens on a phone, with and without JavaScript: they apply online with a paper, leave it, come back and
// submit it; the commune receives it and asks for something; they correct an answer and send a paper; it is
// decided, the next list pays with arrears, and they see decision, amounts and where the money is. What the
// office does is done by command. axe and the weight budget hold on every page of theirs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { openSite } from "./site.mjs";
import { FIRST_VIEW, openScale, openVisitors, weighAgain } from "./visitors.mjs";

const PHONE = { width: 360, height: 740 };
const DAY = "2024-05-20";
const MONTH = "2024-05";
const PDF = { name: "giay.pdf", mimeType: "application/pdf",
  buffer: Buffer.from("%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n") };
const PNG = { name: "anh.png", mimeType: "image/png", buffer: Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64") };

const site = await openSite({ people: 200 });
const { browser, somebody, signIn, tell } = await openVisitors(site);

// Somebody with a phone. Every page they see is looked at and weighed as it is opened again.
async function onThePhone(js, work) {
  const { context, page, visit } = await somebody(js);
  await page.setViewportSize(PHONE);
  const measure = js ? await openScale(await context.newPage()) : undefined;
  const see = async (name) => {
    await visit(page, name);
    const wide = await page.locator("html").evaluate((html) => html.scrollWidth).catch(() => 0);
    assert.ok(wide <= PHONE.width, `${name} is ${wide} wide`);
  };
  await work(page, see, { context, measure });
  await context.close();
}

const answers = (person) => ({
  declared_by: "itself", full_name: person.name, birth_date: "01/02/1970", sex: "female", id_number: person.number,
  area: "21175", phone: "0912345678", schooling: "never", pension: "no", pregnant: "no", poverty: "neither",
  disabled: "yes", disability_grade: "severe", certificate_date: "15/01/2023", marital: "married",
});

// Answers the question of the page, if anything is to be answered.
async function answer(page, code, value) {
  if (code === "area") {
    await page.getByLabel("Tỉnh, thành phố").selectOption({ label: "Tỉnh Quảng Ngãi" });
    await page.getByRole("button", { name: "Chọn tỉnh" }).click();
    await page.getByLabel("Xã, phường").selectOption(value);
  } else if (value !== undefined) {
    const choice = page.locator(`input[type=radio][name="${code}"][value="${value}"]`);
    if (await choice.count()) await choice.check();
    else if (await page.locator("select#tra-loi").count()) await page.locator("#tra-loi").selectOption(value);
    else await page.locator("#tra-loi").fill(value);
  }
  await page.getByRole("button", { name: "Tiếp tục" }).click();
}

async function answerAll(page, see, person) {
  const given = answers(person);
  for (let asked = 0; ; asked += 1) {
    assert.ok(asked < 60, "the questions end");
    const code = new URL(page.url()).pathname.match(/^\/nop-ho-so\/cau\/(\w+)$/)?.[1];
    if (!code) break;
    await see(`cong-dan-cau-${code}`);
    await answer(page, code, given[code]);
  }
  assert.equal(new URL(page.url()).pathname, "/nop-ho-so/giay-to");
}

const secrets = [];
async function code(page) {
  const shown = (await page.locator(".code").innerText()).trim();
  secrets.push(shown);
  return shown;
}

async function apply(js, person) {
  await onThePhone(js, async (page, see, { context, measure }) => {
    // No address they come through holds a code, a name or a number.
    page.on("framenavigated", (frame) => {
      const url = decodeURIComponent(frame.url());
      for (const secret of [...secrets, person.name, person.number]) assert.ok(!url.includes(secret), "kept out of addresses");
    });
    await page.goto("/nop-ho-so");
    await see("cong-dan-nop");
    if (js) {
      await page.getByRole("button", { name: "Bắt đầu" }).click();
      assert.match(await page.title(), /^Lỗi: /);
      await see("cong-dan-nop-loi");
    }
    await page.locator('input[value="d20-1dd/1.001776/disability"]').check();
    await page.getByRole("button", { name: "Bắt đầu" }).click();
    await answerAll(page, see, person);
    await see("cong-dan-giay-to");
    await page.getByRole("button", { name: "Thêm giấy tờ này" }).click();
    assert.match(await page.title(), /^Lỗi: /);
    await see("cong-dan-giay-to-loi");
    await page.getByLabel("Giấy xác nhận khuyết tật").check();
    await page.getByLabel("Hoặc chọn ảnh, tệp có sẵn").setInputFiles([PDF, PNG]);
    await page.getByRole("button", { name: "Thêm giấy tờ này" }).click();
    await page.getByRole("heading", { name: "Đã thêm" }).waitFor();
    await see("cong-dan-giay-to-co");
    if (measure) for (const path of ["/nop-ho-so", "/nop-ho-so/giay-to"]) await weighAgain(measure, page, path);
    await page.getByRole("button", { name: "Lưu lại, làm tiếp sau" }).click();
    const back = await code(page);
    await see("cong-dan-luu");
    await context.clearCookies();
    await page.goto("/nop-ho-so/kiem-tra");
    assert.equal(new URL(page.url()).pathname, "/nop-ho-so", "nothing is shown without the code");
    await page.getByLabel("Mã làm tiếp").fill(back);
    await page.getByLabel("Ngày sinh của người hưởng").fill("1/2/1970");
    await page.getByRole("button", { name: "Làm tiếp", exact: true }).click();
    const main = await page.locator("main").innerText();
    for (const part of [person.name, "Giấy xác nhận khuyết tật", "Căn cước công dân"]) assert.ok(main.includes(part), part);
    await see("cong-dan-kiem-tra");
    if (measure) await weighAgain(measure, page, "/nop-ho-so/kiem-tra");
    await page.getByRole("checkbox").check();
    await page.getByRole("button", { name: "Nộp hồ sơ" }).click();
    await page.getByRole("heading", { name: "Hồ sơ đã nộp, xã chưa tiếp nhận" }).waitFor();
    await see("cong-dan-ho-so-nop");
    assert.ok(!(await page.locator("main").innerText()).includes(person.name), "no name on the page of the dossier");
    await page.getByRole("button", { name: "Lấy mã tra cứu mới" }).click();
    person.code = await code(page);
    person.dossier = (await page.locator("main strong").first().innerText()).trim();
    await see("cong-dan-ma");
    await page.goto("/tra-cuu/ho-so");
    await page.getByRole("button", { name: "Đóng trang này" }).click();
  });
}

// Steps of a dossier the office takes, on paper, told by command.
function office(person, ...steps) {
  const at = `${DAY}T08:00:00+07:00`;
  const lines = steps.map((step) => JSON.stringify({ event_id: crypto.randomUUID(), dossier: person.dossier, at, ...step }));
  site.command("dossier", "apply", site.file("buoc.ndjson", `${lines.join("\n")}\n`));
}

async function lookUp(page, see, person) {
  await page.goto("/tra-cuu");
  await see("cong-dan-tra-cuu");
  await page.getByLabel("Mã tra cứu").fill(person.code.toLowerCase());
  const proof = page.getByLabel("Ngày sinh của người hưởng, hoặc");
  await proof.fill("0000");
  await page.getByRole("button", { name: "Tra cứu", exact: true }).click();
  assert.match(await page.title(), /^Lỗi: /);
  await see("cong-dan-tra-cuu-loi");
  await proof.fill(person.number.slice(-4));
  await page.getByRole("button", { name: "Tra cứu", exact: true }).click();
  assert.equal(new URL(page.url()).pathname, "/tra-cuu/ho-so");
}

// The PDF a link leads to, as it arrives.
async function take(page, name) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name }).click()]);
  assert.equal(readFileSync(await download.path()).subarray(0, 5).toString(), "%PDF-", String(name));
}

async function supplement(js, person) {
  await onThePhone(js, async (page, see, { measure }) => {
    await lookUp(page, see, person);
    const main = page.locator("main");
    assert.match(await main.innerText(), /Cần bổ sung[\s\S]*số điện thoại chưa đúng/);
    await see("cong-dan-ho-so-bo-sung");
    await take(page, /^Tải Giấy tiếp nhận|^Tải .*hẹn/);
    await take(page, /^Tải .*bổ sung/);
    await page.getByRole("link", { name: "Bổ sung ngay" }).click();
    await see("cong-dan-bo-sung");
    await page.getByRole("link", { name: "Sửa tờ khai" }).click();
    assert.ok(!(await main.innerText()).includes(person.number), "the ID number is cut");
    await see("cong-dan-to-khai");
    await page.getByRole("link", { name: /^Sửa\s*: Số điện thoại$/ }).click();
    await see("cong-dan-to-khai-cau");
    await page.locator("#tra-loi").fill("0987654321");
    await page.getByRole("button", { name: "Lưu câu trả lời" }).click();
    await see("cong-dan-to-khai-sua");
    await page.getByRole("link", { name: "Xong, sang trang gửi bổ sung" }).click();
    if (measure) for (const path of ["/tra-cuu/ho-so", "/tra-cuu/ho-so/bo-sung", "/tra-cuu/ho-so/to-khai"]) {
      await weighAgain(measure, page, path);
    }
    await page.getByLabel(/^Chụp bằng điện thoại/).setInputFiles(PNG);
    await page.getByRole("button", { name: "Gửi cho xã" }).click();
    await page.getByRole("heading", { name: "Xã đang xét hồ sơ" }).waitFor();
    assert.match(await main.innerText(), /Hẹn trả kết quả/, "the deadline runs again");
    await see("cong-dan-ho-so-da-bo-sung");
    await page.getByRole("link", { name: "Gửi thêm giấy tờ" }).click();
    await see("cong-dan-gui-them");
    await page.getByLabel("Tên giấy tờ").fill("Ảnh người hưởng");
    await page.getByLabel("Hoặc chọn ảnh, tệp có sẵn").setInputFiles(PNG);
    await page.getByRole("button", { name: "Gửi cho xã" }).click();
    await page.getByRole("status").waitFor();
    await see("cong-dan-gui-them-xong");
  });
}

// What the clerk could correct instead, told by telephone.
async function correctable(person) {
  const { context, page, visit } = await somebody(true);
  await page.goto(`/ho-so/${person.dossier}/to-khai/sua`);
  await signIn(page, "tiep.nhan");
  await page.getByRole("button", { name: "Xem những mục đã sửa" }).waitFor();
  await visit(page, "sua-to-khai");
  await context.close();
}

async function follow(js, person) {
  await onThePhone(js, async (page, see, { measure }) => {
    await lookUp(page, see, person);
    const main = await page.locator("main").innerText();
    for (const shown of ["Đã có quyết định", person.decision, "được hưởng", "03/2024", "04/2024", "05/2024",
      "540.000", "truy lĩnh", "Đã duyệt, chờ giao đơn vị chi trả"]) {
      assert.ok(main.includes(shown), `${shown}: ${main}`);
    }
    assert.equal(main.match(/540\.000/g).length, 3, "three months, each once");
    assert.ok(!/khuyết tật/.test(main.replaceAll("Giấy xác nhận khuyết tật", "")), "the benefit is not named");
    await see("cong-dan-tien");
    await take(page, /^Tải Quyết định/);
    if (measure) await weighAgain(measure, page, "/tra-cuu/ho-so");
    await page.getByRole("button", { name: "Đóng trang này" }).click();
    await page.goto("/tra-cuu/ho-so");
    assert.equal(new URL(page.url()).pathname, "/tra-cuu", "closed is closed");
  });
}

async function firstView() {
  const { context, page } = await somebody(true);
  const measure = await openScale(page);
  const first = await measure("/nop-ho-so");
  assert.ok(first.bytes <= FIRST_VIEW.bytes && first.requests <= FIRST_VIEW.requests, JSON.stringify(first));
  await context.close();
}

const people = [false, true].map((js, at) => ({
  js, name: `Người Thử ${["Một", "Hai"][at]}`, number: `00017000001${at + 1}`, decision: `1${at}/QĐ-UBND`,
}));
try {
  await firstView();
  for (const person of people) {
    await apply(person.js, person);
    office(person, { kind: "received" },
      { kind: "supplement_asked", papers: ["Giấy ra viện"], reason: "số điện thoại chưa đúng" });
    await correctable(person);
    await supplement(person.js, person);
    office(person, ...["commune_review", "sent_up", "appraisal"].map((stage) => ({ kind: "stage_done", stage })),
      { kind: "decided", outcome: "approved", from: "2024-03", decision: { number: person.decision, date: DAY } });
  }
  site.command("list", "make", MONTH, "--area", "51", "--actor", "lap");
  site.command("list", "approve", MONTH, "--area", "51", "--actor", "duyet");
  for (const person of people) await follow(person.js, person);
  tell();
} finally {
  await browser.close();
  await site.close();
}
