// From an approved list to a closed month: orders handed to a bank and to the post, both of which answer
// badly (fail, twice, late, not at all, with wrong amounts, in any order; nobody comes; money comes back),
// results brought, what waits decided by people, the month closed, money paid again by the next list, the
// month opened by two people and closed again. What is asserted is what pages show, đồng by đồng.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { answers, outcomeOf, said, sum, truth } from "./providers.mjs";
import { AREA, at, BANK, bring, cells, close, decideAll, dong, equation, giveBack, order, POST } from "./reconciliation.mjs";
import { openSite } from "./site.mjs";
import { openScale, openVisitors, weighAgain } from "./visitors.mjs";

const MAY = { month: "2024-05", name: "05/2024" };
const JUNE = { month: "2024-06", name: "06/2024" };

const site = await openSite({ people: 200 });
const { browser, somebody, signIn, tell } = await openVisitors(site);

const written = (amount) => String(amount).replace(/\B(?=(\d{3})+$)/g, ".");

// Somebody at work: their name, and every page they see looked at, weighed when it is opened again.
async function atWork(name, work, js = true) {
  const { context, page, visit } = await somebody(js);
  await page.goto("/ky-chi");
  await signIn(page, name);
  const other = await context.newPage();
  const measure = await openScale(other);
  await measure("/ky-chi");
  const see = async (picture) => {
    await visit(page, picture);
    const { pathname, search } = new URL(page.url());
    if (!pathname.endsWith("/ket-qua")) await weighAgain(measure, other, pathname + search);
  };
  await work(page, see);
  await context.close();
}

// Contracts and movements of money are recorded by command.
function contracts() {
  site.command("provider", "add", BANK, "--name", "Ngân hàng Nông nghiệp", "--kind", "bank", "--bank", "970405",
    "--account", "1000200030", "--actor", "duyet");
  site.command("provider", "add", POST, "--name", "Bưu điện tỉnh", "--kind", "post", "--actor", "duyet");
  for (const [provider, channels] of [[BANK, "account"], [POST, "post_office,home"]]) {
    site.command("provider", "contract", provider, "--area", AREA, "--channels", channels, "--from", MAY.month,
      "--fee", "50", "--actor", "duyet");
  }
}

// Draws what the orders of a month come to and passes it on.
function payIn(list, orders) {
  const whole = sum(orders, (order) => order.amount);
  const treasury = (what, amount, ...more) =>
    site.command("treasury", what, list.month, String(amount), "--area", AREA, "--paper", "UNC 12", "--actor", "lap", ...more);
  treasury("draw", whole);
  for (const order of orders) treasury("transfer", order.amount, "--provider", order.provider);
}

function lines(list) {
  const printed = site.command("list", "show", list.month, "--area", AREA, "--format", "ndjson");
  return printed.trim().split("\n").map((line) => JSON.parse(line));
}

const HABITS = { fail: 8, twice: 12, late: 12, lost: 6, "wrong-amount": 5 };
const may = {};

async function ordering() {
  site.command("list", "make", MAY.month, "--area", AREA, "--actor", "lap");
  site.command("list", "approve", MAY.month, "--area", AREA, "--actor", "duyet");
  contracts();
  await atWork("lap", async (page, see) => {
    await page.goto(at(MAY, ""));
    const payable = dong(await page.locator(".card", { hasText: "Phải chi" }).locator("b").innerText());
    may.orders = await order(site, page, see, MAY, true);
    assert.equal(sum(may.orders, (order) => order.amount), payable, "all that is to be paid is ordered");
    const bank = may.orders.find((order) => order.provider === BANK);
    const message = readFileSync(bank.file, "utf8");
    assert.match(message, new RegExp(`<CtrlSum>${bank.amount}</CtrlSum>`));
    assert.equal(message.match(/<CdtTrfTxInf>/g).length, bank.lines);
    payIn(MAY, may.orders);
    await page.goto(at(MAY, "/lenh"));
    const balances = await cells(page, "Số dư");
    assert.equal(sum(balances, (row) => dong(row[2])), 0, "the books balance");
    for (const { provider, amount } of may.orders) {
      assert.ok(balances.some((row) => row[1] === provider && dong(row[2]) === amount), `${provider} has its money`);
    }
    await see("lenh-so-du");
  });
  // Who only reads sees sums, and neither files with names nor anything to press.
  await atWork("xem", async (page, see) => {
    await page.goto(at(MAY, "/lenh"));
    const rows = await cells(page, "Các lệnh chi");
    assert.equal(sum(rows, (row) => dong(row[5])), sum(may.orders, (order) => order.amount));
    assert.equal(await page.getByRole("link", { name: /^Lệnh \d+:/ }).count(), 0);
    assert.equal(await page.locator("main").getByRole("button").count(), 0);
    await see("lenh-nguoi-xem");
  });
}

async function results() {
  const all = lines(MAY).filter((line) => line.kind !== "recovery");
  may.amounts = new Map(all.map((line) => [line.line, line.amount]));
  const bank = may.orders.find((order) => order.provider === BANK);
  const post = may.orders.find((order) => order.provider === POST);
  // The post types its paper list into a file of its own.
  const cash = all.filter((line) => line.channel !== "account");
  assert.equal(cash.length, post.lines);
  post.file = site.file("buu-dien.ndjson", cash.map(({ line, amount }) => JSON.stringify({ line, amount })).join("\n"));
  const told = [
    answers(site, bank, 3, { ...HABITS, "not-collected": 0, "come-back": 0 }, "pain.002"),
    answers(site, post, 4, { ...HABITS, "not-collected": 8, "come-back": 15 }, "ndjson"),
  ];
  may.told = told.flatMap(({ files }) => files.flatMap(said));
  const known = truth(may.told, may.amounts);
  const wrong = new Set(may.told.filter((one) => may.amounts.get(one.line) !== one.amount).map((one) => one.line));
  for (const status of ["paid", "failed", "returned", "not_collected"]) {
    assert.ok([...known.values()].includes(status), `somebody is ${status}`);
  }
  assert.ok(wrong.size > 1 && known.size < may.amounts.size, "amounts are wrong and answers lost");

  await site.moveTo("2024-06-01");
  await atWork("can.bo", async (page, see) => {
    let waiting = 0;
    for (const [when, name] of ["dau", "muon"].entries()) {
      for (const { provider, files } of told) {
        const count = said(files[when]).length;
        const taken = await bring(page, MAY, provider, files[when]);
        assert.equal(taken.recorded + taken.already + taken.refused, count, `${provider}: every answer is somewhere`);
        waiting += taken.queued;
        await see(`doi-soat-${provider}-${name}`);
        const before = await equation(page);
        const again = await bring(page, MAY, provider, files[when]);
        assert.deepEqual([again.recorded, again.queued], [0, 0], "the same file again changes nothing");
        assert.deepEqual(await equation(page), before);
      }
    }
    assert.deepEqual(await equation(page), outcomeOf(known, may.amounts), "the page shows what became of the lines");
    assert.equal(waiting, wrong.size, "each wrong amount waits once");
    await page.goto(at(MAY, "/doi-soat"));
    const obstacles = await page.locator("main").innerText();
    for (const why of [/Chưa khóa được vì/, /chưa báo kết quả \d+ khoản/, /kết quả chờ người xử lý/, /chưa trả lại [\d.]+ đồng/]) {
      assert.match(obstacles, why);
    }
    assert.equal(await page.getByRole("button", { name: /Khóa tháng/ }).count(), 0);
    await see("doi-soat-chua-khoa-duoc");
  });
  may.known = known;
}

// What got lost is asked for and told, once with a line nobody knows; people decide about what waits.
async function settling() {
  const open = [...may.amounts.keys()].filter((line) => !may.known.has(line));
  const post = new Map([BANK, POST].map((provider) => [provider, []]));
  const channels = new Map(lines(MAY).map((line) => [line.line, line.channel]));
  for (const line of open) post.get(channels.get(line) === "account" ? BANK : POST).push(line);
  const mistyped = post.get(POST)[0];
  await atWork("lap", async (page, see) => {
    for (const [provider, missing] of post) {
      const rows = missing.map((line, index) => {
        const name = line === mistyped ? "2024-05-999999-1" : line;
        return `HL-${index};${name};Đã trả;30/05/2024;;${may.amounts.get(line)}`;
      });
      const sheet = ["Mã kết quả;Mã dòng;Trạng thái;Ngày;Lý do;Số tiền", ...rows].join("\n");
      const taken = await bring(page, MAY, provider, site.file(`hoi-lai-${provider}.csv`, sheet));
      const unknown = provider === POST ? 1 : 0;
      assert.deepEqual(taken, { recorded: missing.length - unknown, already: 0, queued: unknown, refused: unknown });
      if (unknown) await see("doi-soat-dong-la");
    }
    await decideAll(page, MAY, (text) => text.includes("2024-05-999999-1")
      ? { line: mistyped, reason: "Bưu điện xác nhận gõ nhầm mã" }
      : { reason: "Đơn vị báo nhầm số tiền, đã hỏi lại" });
    for (const line of open) may.known.set(line, "paid");
    assert.deepEqual(await equation(page), outcomeOf(may.known, may.amounts));
    await see("doi-soat-da-xu-ly");
    await giveBack(site, page, MAY);
    await see("doi-soat-khoa-duoc");
  });
  await atWork("duyet", async (page, see) => {
    may.fingerprint = await close(page, MAY);
    assert.deepEqual(await equation(page), outcomeOf(may.known, may.amounts));
    await see("doi-soat-da-khoa");
  });
}

// Somebody whose payment failed gets another account; the next list pays again what did not arrive.
async function payingAgain() {
  const of = (status) => [...may.known].filter(([, known]) => known === status).map(([line]) => line);
  const failed = of("failed").find((line) => may.told.some((one) => one.line === line && one.reason === "AC04"))
    ?? of("failed")[0];
  const person = failed.split("-")[2];
  await atWork("can.bo", async (page, see) => {
    await page.goto(`/doi-tuong/${person}/nguoi-nhan`);
    await page.getByLabel("Hình thức nhận").selectOption("account");
    await page.getByLabel("Ngân hàng hoặc ví").fill("970436");
    await page.getByLabel("Số tài khoản hoặc số ví").fill("998877665544");
    await page.getByRole("button", { name: "Ghi người nhận" }).click();
    assert.match(await page.getByRole("status").innerText(), /Đã ghi/);
    assert.match(await page.locator("main").innerText(), /998877665544, từ 01\/06\/2024|998877665544/);
    await see("nguoi-nhan-da-sua");
  });
  await site.moveTo("2024-06-20");
  const again = [...of("failed"), ...of("returned"), ...of("not_collected")];
  const owed = sum(again, (line) => may.amounts.get(line));
  // Without JavaScript from here on.
  let orders;
  await atWork("lap", async (page) => {
    await page.goto(at(JUNE, ""));
    await page.getByRole("button", { name: "Lập danh sách" }).click();
    await page.getByRole("status").waitFor();
  }, false);
  await atWork("duyet", async (page) => {
    await page.goto(at(JUNE, "/duyet"));
    await page.getByRole("button", { name: "Duyệt danh sách này" }).click();
    await page.getByRole("status").waitFor();
  }, false);
  await atWork("lap", async (page) => {
    await page.goto(`${at(JUNE, "/danh-sach")}&loai=carried_over`);
    const lead = await page.locator(".lead").innerText();
    assert.ok(lead.includes(`${again.length} dòng · ${written(owed)} đồng`), lead);
    orders = await order(site, page, async () => {}, JUNE, false);
    const bank = orders.find((order) => order.provider === BANK);
    const message = readFileSync(bank.file, "utf8");
    const transfers = [...message.matchAll(/<CdtTrfTxInf>.*?<\/CdtTrfTxInf>/gs)].map(([one]) => one);
    const mine = transfers.filter((one) => one.includes(`<EndToEndId>2024-06-${person}-`));
    assert.ok(mine.length >= 2 && mine.every((one) => one.includes("998877665544")), "June and May, to the new account");
    payIn(JUNE, orders);
    const paid = lines(JUNE).filter((line) => line.kind !== "recovery");
    const carried = paid.filter((line) => line.kind === "carried_over");
    assert.equal(sum(carried, (line) => line.amount), owed);
    const good = { fail: 0, "not-collected": 0, "come-back": 0, twice: 0, late: 0, lost: 0, "wrong-amount": 0 };
    for (const order of orders) {
      if (order.provider === POST) {
        const bankLines = new Set([...message.matchAll(/<EndToEndId>(.*?)</g)].map(([, line]) => line));
        const cash = paid.filter(({ line }) => !bankLines.has(line));
        order.file = site.file("buu-dien-6.ndjson", cash.map(({ line, amount }) => JSON.stringify({ line, amount })).join("\n"));
      }
      const { provider, files } = answers(site, order, 6, good, order.provider === BANK ? "pain.002" : "ndjson");
      const taken = await bring(page, JUNE, provider, files[0]);
      assert.deepEqual(taken, { recorded: order.lines, already: 0, queued: 0, refused: 0 });
    }
    const whole = await equation(page);
    assert.equal(whole.paid, whole.ordered, "everybody is paid, May's money too");
    await close(page, JUNE);
  }, false);
}

// Money of May comes back late: it waits until the month is opened by two people, and May is closed again.
async function opening() {
  const line = [...may.known].find(([name, status]) => status === "paid" && !may.told.some((one) => one.line === name && one.status !== "paid"))[0];
  const amount = may.amounts.get(line);
  const channel = lines(MAY).find((one) => one.line === line).channel;
  const provider = channel === "account" ? BANK : POST;
  const late = JSON.stringify({ result_id: "ve-muon", line, status: "returned", date: "2024-06-18", reason: "account_closed", amount });
  await atWork("lap", async (page, see) => {
    const taken = await bring(page, MAY, provider, site.file("ve-muon.ndjson", late));
    assert.deepEqual(taken, { recorded: 0, already: 0, queued: 1, refused: 1 });
    assert.match(await page.locator("main").innerText(), /tháng của dòng này đã khóa/i);
    await see("doi-soat-ve-sau-khi-khoa");
    await page.goto(at(MAY, "/doi-soat"));
    await page.getByLabel("Lý do mở khóa").fill("Tiền về muộn của một người");
    await page.getByRole("button", { name: "Đề nghị mở khóa" }).click();
    assert.match(await page.getByRole("status").innerText(), /Cần người thứ hai xác nhận/);
    assert.equal(await page.getByRole("button", { name: /mở khóa/ }).count(), 0, "who asks does not agree");
    await see("doi-soat-xin-mo");
  });
  await atWork("duyet", async (page, see) => {
    await page.goto(at(MAY, "/doi-soat"));
    assert.match(await page.locator("main").innerText(), /đề nghị mở khóa: lap \(«Tiền về muộn của một người»\)/);
    await see("doi-soat-xac-nhan-mo");
    await page.getByRole("button", { name: "Xác nhận mở khóa" }).click();
    assert.match(await page.getByRole("status").innerText(), /Đã mở khóa tháng/);
    assert.match(await page.locator("main").innerText(), /Chưa khóa được vì/);
    await see("doi-soat-da-mo");
  });
  await atWork("can.bo", async (page) => {
    await decideAll(page, MAY, () => ({ line: "", reason: "Ngân hàng xác nhận" }));
    may.known.set(line, "returned");
    assert.deepEqual(await equation(page), outcomeOf(may.known, may.amounts));
    await giveBack(site, page, MAY);
  });
  await atWork("lap", async (page, see) => {
    assert.notEqual(await close(page, MAY), may.fingerprint, "what is closed is another month than before");
    assert.deepEqual(await equation(page), outcomeOf(may.known, may.amounts));
    await see("doi-soat-khoa-lai");
  });
}

try {
  await ordering();
  await results();
  await settling();
  await payingAgain();
  await opening();
  tell();
} finally {
  await browser.close();
  await site.close();
}
