// Every page of the site, from the committed matrix of who may what: a route that is in nobody's list of pages
// makes the test fail, so that no page is without axe and without its weight.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { registriesAsk } from "./registries.mjs";
import { FIRST_VIEW, openScale, weighAgain } from "./visitors.mjs";

const matrix = readFileSync(new URL("../../../../docs/permissions.md", import.meta.url), "utf8");
const routesRead = matrix.split("\n").map((line) => line.match(/^\| GET \| `([^`]+)`/)?.[1]).filter(Boolean);

// What is no page: files, the interface for programs, what answers with nothing or leads elsewhere.
const NO_PAGE = [/^\/api\//, /^\/\.well-known\//, /^\/tra-cuu\/ho-so\/van-ban\//, /^\/tep\//, /\.xlsx$/, /\/xuat\//, /\/pdf$/, /\/\{form\}$/, /\/\{file\}$/, /\/\{scan\}$/,
  /^\/con-lam-viec$/, /^\/dang-nhap\/dinh-danh/];
// Looked at with axe elsewhere: of a draft, before it is approved; in the journeys of a month, of the money, of
// citizens.
const ELSEWHERE = {
  "lists.mjs": ["/ky-chi/{month}/duyet"],
  "journey.mjs": ["/nhap/{ticket}", "/ky-chi/{month}/bien-dong", "/lien-thong/ho-so"],
  "payments.mjs": ["/ky-chi/{month}/lenh/{order}", "/ky-chi/{month}/doi-soat/dong", "/ky-chi/{month}/kho-bac",
    "/don-vi-chi-tra", "/doi-tac", "/doi-tac/cho-xu-ly", "/doi-tac/lenh/{order}"],
  "citizens.mjs": ["/nop-ho-so/cau", "/nop-ho-so/cau/{code}", "/nop-ho-so/kiem-tra", "/nop-ho-so/da-nop",
    "/nop-ho-so/giay-to",
    "/tra-cuu/ho-so", "/tra-cuu/ho-so/bo-sung", "/tra-cuu/ho-so/giay-to", "/tra-cuu/ho-so/to-khai", "/tra-cuu/ho-so/to-khai/{code}",
    "/tra-cuu/ho-so/rut", "/tra-cuu/ho-so/bao-tin", "/ho-so/{dossier}/to-khai/sua"],
};

// Forms that are there in some states only, which the journeys have brought about.
const FORMS = {
  "can.bo /dan-cu?dia-ban=51": "Đối chiếu những người cần đối chiếu",
  "can.bo /lien-thong/gui-lai": "Gửi lại, Tỉnh Quảng Ngãi",
  "can.bo /trung?dia-ban=51": "Tìm hồ sơ trùng",
  "vu.tri /lien-thong/so-khac": "Gửi lại, Bảo hiểm xã hội (thử)",
};

// The pages of each role, with what the journeys have left.
function pagesOf(found) {
  const { dossier, refused, person, transfer, collective, ticket } = found;
  const place = "dia-ban=51&thang=2024-05";
  const pages = {
    "": ["/dang-nhap", "/tra-cuu", "/nop-ho-so", "/tro-giup", "/tro-giup/luat"],
    "tiep.nhan": ["/", "/ho-so/moi", `/ho-so/moi/${found.draft}`, `/ho-so/moi/${found.draft}/person`, "/tin-nhan"],
    "can.bo": ["/", "/viec?phan=all", "/tim", `/doi-tuong/${person}`, `/doi-tuong/${person}/nguoi-nhan`,
      `/doi-tuong/${person}/bao-bien-dong`, `/doi-tuong/${person}/bao-bien-dong?viec=adjust`,
      `/doi-tuong/${person}/bao-bien-dong?viec=suspend`, `/doi-tuong/${person}/bao-bien-dong?viec=resume`,
      `/doi-tuong/${person}/bao-bien-dong?viec=stop`, `/doi-tuong/${person}/bao-bien-dong?viec=move_inside`,
      `/doi-tuong/${person}/dinh-chinh`, `/doi-tuong/${person}/chuyen-di`, "/chuyen-di-den?chieu=di&tinh-trang=tat-ca",
      `/chuyen-di-den/${transfer}`, "/quyet-dinh-chung", "/quyet-dinh-chung/xem?dia-ban=51&che-do=&tu-thang=2021-07",
      `/quyet-dinh-chung/danh-sach/${ticket}`, `/quyet-dinh-chung/${collective}`, `/quyet-dinh-chung/trinh/${found.proposal}`, "/sap-thay-doi?dia-ban=51&thang=2024-07", `/ho-so/${dossier}`,
      `/ho-so/${dossier}/to-khai`, `/ho-so/${dossier}/giay-to`, `/ho-so/${dossier}/van-ban/giay-tiep-nhan`,
      `/ho-so/${refused}/van-ban/khong-du-dieu-kien`, "/so-van-ban?dia-ban=51&nam=2024", "/tin-nhan?dia-ban=51", "/lien-thong/gui-lai",
      "/lien-thong/hai-ben-sua", `/ho-so/${dossier}/hai-ben-sua`, "/lien-thong/doi-chieu",
      "/nhap", "/nhap/nguoi-nhan", "/nhap/chuong-trinh", "/trung", "/trung?dia-ban=51", "/trung/bang?dia-ban=51", "/trung/chuong-trinh?dia-ban=51", "/so-dinh-danh?dia-ban=51&tinh-trang=missing", "/dia-ban-tach",
      "/nguoi-nhan?dia-ban=51", "/dan-cu?dia-ban=51"],
    "lanh.dao": ["/", "/trinh-ky", "/quy-trinh?dia-ban=51"],
    "van.thu": ["/", "/vao-so"],
    lap: ["/ky-chi", "/ky-chi/2024-05?dia-ban=51", "/ky-chi/2024-05/danh-sach?dia-ban=51", "/ky-chi/2024-05/lenh?dia-ban=51",
      "/ky-chi/2024-05/lenh/chua-lap?dia-ban=51", "/ky-chi/2024-05/doi-soat?dia-ban=51"],
    xem: [`/khong-tien-mat?${place}`, `/chat-luong?${place}`, "/dan-cu?dia-ban=51", "/chat-luong/viec?dia-ban=51", `/lien-thong?${place}`, `/bao-cao?${place}`,
      `/bao-cao/mau/10a?${place}`, `/bao-cao/nguoi?${place}&mau=10c&dong=0`],
    // Of the ministry.
    "vu.bo": ["/lien-thong/so-khac"],
    "vu.tri": ["/lien-thong/so-khac"],
    "thanh.tra": ["/nhat-ky", "/dan-cu/nhat-ky", `/doi-tuong/${person}/ai-da-hoi`],
    "quan.tri": ["/", "/quan-tri", "/quan-tri/can.bo", "/tai-khoan"],
    "mot.cua": ["/"],
  };
  return pages;
}

// The pattern of the route an address belongs to.
function routeOf(address) {
  const parts = address.split("?")[0].split("/");
  const fits = (route) => {
    const wanted = route.split("/");
    return wanted.length === parts.length && wanted.every((part, at) => part.startsWith("{") || part === parts[at]);
  };
  const fitting = routesRead.filter(fits);
  return fitting.sort((one, other) => one.split("{").length - other.split("{").length)[0];
}

export async function everyPage({ site, visitors, found }) {
  site.addOfficer("vu.bo", "reader", "");
  await registriesAsk(site, found.person);
  const pages = pagesOf(found);
  const covered = new Set(Object.values(ELSEWHERE).flat());
  for (const address of Object.values(pages).flat()) covered.add(routeOf(address));
  const routes = routesRead.filter((route) => !NO_PAGE.some((none) => none.test(route)));
  assert.deepEqual(routes.filter((route) => !covered.has(route)), [], "pages nobody looks at");
  let heaviest = { bytes: 0 };
  for (const [name, addresses] of Object.entries(pages)) {
    const { context, page, visit } = await visitors.somebody(true);
    const measure = await openScale(page);
    const first = await measure(name ? "/dang-nhap" : addresses[0]);
    assert.ok(first.bytes <= FIRST_VIEW.bytes && first.requests <= FIRST_VIEW.requests, JSON.stringify(first));
    if (name) await visitors.signIn(page, name);
    for (const address of addresses) {
      const view = await weighAgain(measure, page, address);
      assert.equal(new URL(page.url()).pathname, address.split("?")[0], `${name} is led away from ${address}`);
      assert.doesNotMatch(await page.locator("main").innerText(), /Mã lỗi:/, `${name}: ${address}`);
      if (view.bytes > heaviest.bytes) heaviest = view;
      const form = FORMS[`${name} ${address}`];
      if (form) assert.equal(await page.getByRole("form", { name: form }).count(), 1, `${name}: ${address} has no ${form}`);
      await visit(page, `trang-${name || "nguoi-dan"}-${slug(address, found)}`);
      await onATelephone(page, `dt-${slug(address, found)}`, visitors);
    }
    await context.close();
  }
  console.log(`${routes.length} routes, the heaviest page ${heaviest.bytes} bytes: ${heaviest.path}`);
}

// 390 pixels wide: the page itself never scrolls sideways, only tables in their frames do.
async function onATelephone(page, name, { look }) {
  const size = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 844 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `${page.url()} is ${wide} pixels wide on a telephone`);
  await look(page, name);
  await page.setViewportSize(size);
}

function slug(address, found) {
  let short = address;
  for (const [name, value] of Object.entries(found)) short = short.replaceAll(`/${value}`, `/${name}`);
  return short.replaceAll(/[^a-z0-9.]+/gi, "-");
}
