// A practice site of its own: a small invented province in a private database, served on a free port.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, chmodSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const program = process.env.ANSINH ?? "target/debug/ansinh";
const morning = (day) => `${day}T08:00:00+07:00`;
export const password = "an-sinh-thuc-hanh";

export async function openSite({ people = 400, dossiers = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "ansinh-browser-"));
  chmodSync(folder, 0o755);
  const env = { ...process.env, ANSINH_DATA: join(folder, "data") };
  delete env.DATABASE_URL;
  delete env.ANSINH_NOW;
  let now = morning("2024-05-20");
  let server;
  const run = (...args) => execFileSync(program, args, { env, stdio: ["ignore", "pipe", "inherit"], encoding: "utf8" });
  // A command of the program at the time of the site; what it prints.
  const command = (...args) => run("--now", now, ...args);
  const file = (name, content) => {
    const path = join(folder, name);
    if (content !== undefined) writeFileSync(path, content);
    return path;
  };
  run("init", "--practice");
  run("sample", "quang-ngai-2024-05", "--scale", String(people));
  command("user", "practice", "--area", "51");
  if (dossiers) command("sample", "dossiers-at-work");
  // The server reads the key its messages are signed with when it starts.
  run("provider", "our-key");
  // A population database nobody answers at: the form that asks it is shown.
  const population = join(env.ANSINH_DATA, "population.toml");
  writeFileSync(population, 'address = "http://127.0.0.1:9/"\nunit = "H51"\n[officers]\n"can.bo" = "CB-01"\n', { mode: 0o600 });
  const sheet = file("danh-sach.xlsx");
  run("sample", "quang-ngai-2024-05", "--scale", "250", "--seed", "7", "--xlsx", sheet);

  const start = async () => {
    server = spawn(program, ["--now", now, "serve", "--listen", "127.0.0.1:0"], {
      env,
      stdio: ["ignore", "inherit", "pipe"],
    });
    return new Promise((found, failed) => {
      let said = "";
      server.stderr.on("data", (chunk) => {
        said += chunk;
        const match = said.match(/http:\/\/127\.0\.0\.1:\d+/);
        if (match) found(match[0]);
      });
      server.on("exit", (code) => failed(new Error(`the server ended (${code}): ${said}`)));
    });
  };
  const stop = async () => {
    server.removeAllListeners("exit");
    const gone = new Promise((done) => server.on("exit", done));
    server.kill("SIGTERM");
    await gone;
  };
  const site = { address: await start(), sheet, command, file };
  site.now = () => new Date(now);
  // Another day: the same site, served anew at another address.
  site.moveTo = async (day) => {
    await stop();
    now = morning(day);
    site.address = await start();
  };
  site.close = async () => {
    await stop();
    try {
      run("db", "stop");
    } catch {
      // It stops by itself with the last program that uses it.
    }
    rmSync(folder, { recursive: true, force: true });
  };
  // Somebody of an office elsewhere.
  site.addOfficer = (name, role, area) => execFileSync(program, ["--now", now, "user", "add", name, "--full-name",
    `Người luyện tập ở ${area}`, "--role", role, "--area", area, "--password-stdin"],
    { env, input: `${password}\n`, stdio: ["pipe", "ignore", "inherit"] });
  // Somebody of a provider that is recorded by now; whoever works on the pages cannot make accounts.
  site.addPartner = (name, provider) => execFileSync(program, ["--now", now, "user", "add", name, "--full-name",
    "Người của đơn vị chi trả", "--role", "provider", "--provider", provider, "--area", "51", "--password-stdin"],
    { env, input: `${password}\n`, stdio: ["pipe", "ignore", "inherit"] });
  return site;
}
