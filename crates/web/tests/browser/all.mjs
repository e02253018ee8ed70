// Every journey, two beside each other, the longest first: each has a site, a server and a browser of its own.
// What one says is told when it ends, and all are told of before the first that failed ends the run.
//   node all.mjs [JOURNEY…]
import { spawn } from "node:child_process";

const BESIDE = 2;
const waiting = process.argv.length > 2 ? process.argv.slice(2) : ["officers", "journey", "payments", "citizens"];
const failed = [];

function run(journey) {
  const since = Date.now();
  const child = spawn(process.execPath, [new URL(`${journey}.mjs`, import.meta.url).pathname], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => { said += text; });
  return new Promise((done) => child.on("close", (code) => {
    if (code !== 0) failed.push(journey);
    console.log(`${journey}: ${code === 0 ? "ok" : `ended with ${code}`} after ${Math.round((Date.now() - since) / 1000)} s\n${said}`);
    done();
  }));
}

async function oneAfterAnother() {
  while (waiting.length) await run(waiting.shift());
}

await Promise.all(Array.from({ length: BESIDE }, oneAfterAnother));
if (failed.length) {
  console.error(`failed: ${failed.join(", ")}`);
  process.exitCode = 1;
}
