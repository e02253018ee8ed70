// Another registry has asked about a person, told what its programme pays, and refused an answer: what the ministry's
// page and that of the person then show.
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const script = fileURLToPath(new URL("../../../../docs/examples/registry.mjs", import.meta.url));

export async function registriesAsk(site, person) {
  site.addOfficer("vu.tri", "administrator", "");
  const key = site.file("so-khac.pem");
  const keys = site.file("so-khac.json", execFileSync("node", [script, "keys", key], { encoding: "utf8" }));
  const gone = createServer((_, answer) => answer.writeHead(404).end());
  await new Promise((listening) => gone.listen(0, "127.0.0.1", listening));
  const callers = (...args) => site.command("--actor", "vu.tri", "spdci", "caller", ...args);
  callers("add", "so.khac.vn", "--full-name", "Bảo hiểm xã hội (thử)", "--keys", keys, "--areas", "51", "--purposes", "xet-luong-huu",
    "--fields", "name,birth_date,area,programme", "--callback", `http://127.0.0.1:${gone.address().port}/spdci`, "--reports");
  callers("add", "lao.dong.vn", "--full-name", "Việc làm (thử)", "--keys", keys, "--areas", "51", "--purposes", "doi-chieu", "--fields", "name");
  callers("end", "lao.dong.vn", "--reason", "hết thỏa thuận");
  const at = site.now().toISOString();
  const criteria = { query_type: "idtype-value", query: { type: "member_identifier", value: String(person) },
    consent: { id: "DY-0001", ts: at, purpose: { code: "xet-luong-huu" } } };
  const search = { transaction_id: "hoi", search_request: [{ reference_id: "1", timestamp: at, search_criteria: criteria }] };
  const updates = { transaction_id: "bao", enrolled_updates: { beneficiaries: [{ member: { member_identifier: String(person),
    programme_identifier: { programme: { programme_identifier: "LH", programme_name: "Lương hưu" }, enrolment_date: "2023-02-01", enrolment_status: "active" } } }] } };
  const ask = async (path, action, message, header = {}) => {
    const spec = { id: "so.khac.vn", key, dialect: "jws", path, action, message, header, now: at, message_id: path };
    const { stdout } = await promisify(execFile)("node", [script, "ask", site.address, JSON.stringify(spec)]);
    const said = JSON.parse(stdout);
    assert.equal(said.status, 200, stdout);
    return said;
  };
  await ask("ibr/registry/sync/search", "search", search);
  await ask("ibr/registry/sync/enrollment/updates", "notify", updates, { status: "succ" });
  await ask("ibr/registry/search", "search", search);
  // Refused by their server, which is told a little later.
  const refused = () => callers("list", "--format", "ndjson").includes('"given_up":1');
  for (let tries = 0; !refused(); tries += 1) {
    assert.ok(tries < 60, "the answer is not given up");
    await new Promise((soon) => setTimeout(soon, 500));
  }
  gone.close();
}
