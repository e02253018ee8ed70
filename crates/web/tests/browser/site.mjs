// A practice site of its own: a small invented province in a private database, served on a free port.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const program = process.env.ANSINH ?? "target/debug/ansinh";
const now = "2024-05-20T08:00:00+07:00";
export const password = "an-sinh-thuc-hanh";

export async function openSite() {
  const folder = mkdtempSync(join(tmpdir(), "ansinh-browser-"));
  chmodSync(folder, 0o755);
  const env = { ...process.env, ANSINH_DATA: join(folder, "data") };
  delete env.DATABASE_URL;
  delete env.ANSINH_NOW;
  const run = (...args) => execFileSync(program, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  run("init", "--practice");
  run("sample", "quang-ngai-2024-05", "--scale", "400");
  run("--now", now, "user", "practice", "--area", "51");
  // Cash brought home is ordered by interface from a program that is not there.
  run("--now", now, "provider", "add", "vi-thu", "--name", "Đơn vị thử", "--kind", "post");
  run("--now", now, "provider", "contract", "vi-thu", "--area", "51", "--channels", "home", "--from", "2024-01",
    "--fee", "50", "--handover", "interface");
  run("--now", now, "provider", "connect", "vi-thu", "--url", "http://127.0.0.1:1", "--our-id", "an-sinh",
    "--our-url", "http://127.0.0.1:1/api/v1/g2p", "--lines", "20");
  run("provider", "our-key");
  const sheet = join(folder, "danh-sach.xlsx");
  run("sample", "quang-ngai-2024-05", "--scale", "250", "--seed", "7", "--xlsx", sheet);

  const server = spawn(program, ["--now", now, "serve", "--listen", "127.0.0.1:0"], {
    env,
    stdio: ["ignore", "inherit", "pipe"],
  });
  const address = await new Promise((found, failed) => {
    let said = "";
    server.stderr.on("data", (chunk) => {
      said += chunk;
      const match = said.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (match) found(match[0]);
    });
    server.on("exit", (code) => failed(new Error(`the server ended (${code}): ${said}`)));
  });
  const close = async () => {
    server.removeAllListeners("exit");
    const gone = new Promise((done) => server.on("exit", done));
    server.kill("SIGTERM");
    await gone;
    try {
      run("db", "stop");
    } catch {
      // It stops by itself with the last program that uses it.
    }
    rmSync(folder, { recursive: true, force: true });
  };
  return { address, sheet, close };
}
