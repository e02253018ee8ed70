// What people of an office do with a dossier, by the forms of its pages.
import assert from "node:assert/strict";

export const APPLY_DISABILITY = "1.001776 d20-1dd disability";

// Somebody invented, and what they answer in each part of Mẫu số 1đ.
export const applicant = ({ name = "Nguyễn Thị Mới", idNumber = "999180000011", grade = "Nặng" } = {}) => ({
  name,
  idNumber,
  answers: {
    person: { "Họ và tên": name, "Ngày sinh": "12/3/1980", "Giới tính": "Nữ", "Dân tộc": "Kinh",
      "Số định danh cá nhân": idNumber, "Xã, phường nơi cư trú": "21367" },
    schooling: { "Có đang đi học không": "Đã nghỉ học" },
    benefits: { "Đang hưởng lương hưu hoặc bảo hiểm xã hội hằng tháng": "Không" },
    household: { "Diện hộ": "Không thuộc hộ nghèo, cận nghèo" },
    disability: { "Có giấy xác nhận khuyết tật không": "Có", "Mức độ khuyết tật": grade,
      "Ngày cấp giấy xác nhận khuyết tật": "20/02/2024" },
    work_and_care: { "Khả năng tự phục vụ": "Cần trợ giúp một phần" },
    family: { "Tình trạng hôn nhân": "Đang có vợ, chồng" },
    pregnancy: { "Đang mang thai": "Không" },
    declarant: { "Ai khai": "Chính người đề nghị" },
  },
});

// A question by its words, whether it must be answered or not.
const question = (label) => new RegExp(`^${label.replaceAll(/[.,()]/g, "\\$&")}( \\(không bắt buộc\\))?$`);

// A part of a form, as it is read: each question by its label.
export async function answer(page, answers) {
  for (const [label, value] of Object.entries(answers)) {
    const field = page.getByLabel(question(label));
    if (await field.evaluate((it) => it.tagName) === "SELECT") await field.selectOption({ label: value });
    else await field.fill(value);
  }
}

// Looks for whom an application is and begins it, of somebody known or of somebody new.
export async function beginAtCounter(page, { find, known = false }) {
  await page.goto("/ho-so/moi");
  await page.getByLabel("Đề nghị việc gì").selectOption(APPLY_DISABILITY);
  await page.getByLabel(/^Số định danh hoặc họ tên/).fill(find);
  await page.getByRole("button", { name: "Tìm" }).click();
  assert.doesNotMatch(page.url(), new RegExp(find), "who is looked for stays out of addresses");
  if (known) await page.locator("input[name=nguoi]").first().check();
  else await page.getByLabel("Người chưa có trong sổ", { exact: true }).check();
  await page.getByRole("button", { name: "Bắt đầu tờ khai" }).click();
  return new URL(page.url()).pathname.split("/").at(-2);
}

// Answers every part and comes to the page on which all of it is looked at again.
export async function answerAll(page, draft, answers, look = async () => {}) {
  for (const [section, fields] of Object.entries(answers)) {
    assert.equal(new URL(page.url()).pathname, `/ho-so/moi/${draft}/${section}`);
    await answer(page, fields);
    await look(section);
    await page.getByRole("button", { name: "Tiếp tục" }).click();
  }
  assert.equal(new URL(page.url()).pathname, `/ho-so/moi/${draft}`);
}

// Hands in somebody's application at the counter; the code of the dossier.
export async function receiveAtCounter(page, who) {
  const draft = await beginAtCounter(page, { find: who.idNumber });
  await answerAll(page, draft, who.answers);
  await page.getByRole("button", { name: "Nộp và tiếp nhận" }).click();
  return dossierOf(page);
}

// The code of the dossier whose page is open.
export function dossierOf(page) {
  const code = new URL(page.url()).pathname.match(/^\/ho-so\/(H?[A-Z0-9.-]+)$/)?.[1];
  assert.ok(code, page.url());
  return code;
}

// The dossier of an applicant, by the search of the queue.
export async function dossierNamed(page, name) {
  await page.goto("/viec?phan=all");
  await page.getByLabel("Mã hồ sơ hoặc tên người nộp").fill(name);
  await page.getByRole("search").getByRole("button", { name: "Tìm" }).click();
  const row = page.locator("tbody tr", { hasText: name });
  assert.equal(await row.count(), 1, `one dossier of ${name}`);
  return (await row.locator("th a").innerText()).trim();
}

// Takes a step of the dossier's page: fills the form that holds the button and sends it.
export async function step(page, dossier, button, fields = {}) {
  await page.goto(`/ho-so/${dossier}`);
  const form = page.locator("form", { has: page.getByRole("button", { name: button, exact: true, includeHidden: true }) });
  const folded = page.locator("details:not([open])", { has: form });
  if (await folded.count()) await folded.locator("summary").click();
  for (const [label, value] of Object.entries(fields)) {
    const field = form.getByLabel(label);
    if (value === true) await field.check();
    else await field.fill(value);
  }
  await form.getByRole("button", { name: button, exact: true }).click();
  const alert = page.getByRole("alert");
  assert.equal(await alert.count(), 0, await alert.allInnerTexts().then((texts) => texts.join()));
}

// What the page of the dossier says of one of its facts.
export async function fact(page, dossier, name) {
  await page.goto(`/ho-so/${dossier}`);
  const term = page.locator("dl.facts dt", { hasText: new RegExp(`^${name}$`) });
  return (await term.locator("xpath=following-sibling::dd[1]").innerText()).trim();
}

// Goes by Tab to what bears the name, as somebody without a mouse does.
export async function tabTo(page, name, most = 250) {
  for (let pressed = 0; pressed < most; pressed += 1) {
    await page.keyboard.press("Tab");
    const here = await page.evaluate(() => {
      const it = document.activeElement;
      const words = it.getAttribute("aria-label") ?? it.labels?.[0]?.textContent ?? it.textContent;
      return words.trim().replaceAll(/\s+/g, " ");
    });
    if (typeof name === "string" ? here === name : name.test(here)) return;
  }
  assert.fail(`Tab never comes to ${name} on ${page.url()}`);
}

// Presses Enter and waits for the page it leads to.
export async function enter(page) {
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
}
