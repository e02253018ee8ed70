// People in front of Chromium: they sign in, and every page they look at is checked with axe (WCAG 2.2 AA)
// and weighed. SCREENSHOTS=folder keeps a picture of each page.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { password } from "./site.mjs";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
export const FIRST_VIEW = { bytes: 40_000, requests: 4 };
export const LATER_VIEW = { bytes: 15_000, requests: 1 };
// Bytes of a page before it is compressed.
export const HTML = 120_000;

export async function openVisitors(site) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  const seen = new Set();
  const problems = [];

  async function look(page, name) {
    const shots = process.env.SCREENSHOTS;
    if (shots) {
      mkdirSync(shots, { recursive: true });
      await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
    }
    assert.match(await page.locator("body").innerText(), /Cơ sở dữ liệu luyện tập/, name);
    if (seen.has(name)) return;
    seen.add(name);
    await page.evaluate(axeSource);
    const { violations } = await page.evaluate(
      (tags) => window.axe.run(document, { runOnly: { type: "tag", values: tags } }),
      STANDARD,
    );
    for (const found of violations) {
      problems.push(`${name}: ${found.id}: ${found.help}: ${found.nodes.map((n) => n.html).join(" | ").slice(0, 300)}`);
    }
  }

  async function somebody(javaScriptEnabled) {
    const context = await browser.newContext({ javaScriptEnabled, baseURL: site.address, locale: "vi-VN" });
    context.setDefaultTimeout(Number(process.env.PATIENCE ?? 60_000));
    const page = await context.newPage();
    const visit = javaScriptEnabled ? look : async () => {};
    return { context, page, visit };
  }

  async function signIn(page, name) {
    await page.getByLabel("Tên đăng nhập").fill(name);
    await page.getByLabel("Mật khẩu").fill(password);
    await page.getByRole("button", { name: "Đăng nhập" }).click();
    await page.getByRole("button", { name: "Đăng xuất" }).waitFor();
  }

  // Whatever axe found on the pages looked at.
  function tell() {
    if (process.env.SCREENSHOTS) writeFileSync(join(process.env.SCREENSHOTS, "axe.txt"), problems.join("\n"));
    assert.deepEqual(problems, [], "axe finds nothing");
    console.log(`${seen.size} pages looked at, 0 violations of WCAG 2.2 AA`);
  }

  return { browser, seen, look, somebody, signIn, tell };
}

// Bytes as they cross the wire, compressed, headers included, since the last `start`.
export async function openScale(page) {
  const wire = await page.context().newCDPSession(page);
  await wire.send("Network.enable");
  let bytes = 0;
  let requests = 0;
  wire.on("Network.loadingFinished", (event) => { bytes += event.encodedDataLength; });
  // A redirect counts; what the page carries in itself or the browser has kept does not.
  const asked = new Set();
  wire.on("Network.requestWillBeSent", ({ requestId, request }) => {
    if (request.url.startsWith("data:")) return;
    requests += 1;
    asked.add(requestId);
  });
  const kept = (id) => { if (asked.delete(id)) requests -= 1; };
  wire.on("Network.requestServedFromCache", ({ requestId }) => kept(requestId));
  wire.on("Network.responseReceived", ({ requestId, response }) => { if (response.fromDiskCache) kept(requestId); });
  return async (path) => {
    bytes = requests = 0;
    await page.goto(path, { waitUntil: "networkidle" });
    return { path, bytes, requests };
  };
}

// A page as it is opened again by somebody who has been here before.
export async function weighAgain(measure, page, path) {
  const view = await measure(path);
  assert.ok(view.bytes <= LATER_VIEW.bytes && view.requests <= LATER_VIEW.requests, JSON.stringify(view));
  assert.ok(Buffer.byteLength(await page.content()) <= HTML, `${path} is too long`);
  return view;
}
