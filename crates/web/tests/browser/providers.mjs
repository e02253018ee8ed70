// Providers to practise with: what they answer to an order, and what that comes to.
import { readFileSync } from "node:fs";

export const sum = (rows, of) => rows.reduce((total, row) => total + of(row), 0);

// What a provider answers to an order: the files it sends now and later.
export function answers(site, order, seed, habits, format) {
  const [now, late] = [site.file(`${order.provider}-${seed}.now`), site.file(`${order.provider}-${seed}.late`)];
  const habit = Object.entries(habits).flatMap(([name, percent]) => [`--${name}`, String(percent)]);
  site.command("sandbox", "provider", order.file, "-o", now, "--late-output", late, "--format", format,
    "--seed", String(seed), "--day", "2024-05-21", ...habit);
  return { provider: order.provider, files: [now, late] };
}

// Everything a file says, in either form.
export function said(file) {
  const text = readFileSync(file, "utf8");
  if (!text.startsWith("<?xml")) return text.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line));
  return [...text.matchAll(/<TxInfAndSts>.*?<\/TxInfAndSts>/gs)].map(([one]) => ({
    line: one.match(/<OrgnlEndToEndId>(.*?)</)[1],
    status: one.includes("<TxSts>ACSC<") ? "paid" : "failed",
    reason: one.match(/<Cd>(.*?)</)?.[1] ?? null,
    date: one.match(/<AccptncDtTm>(.{10})/)[1],
    amount: Number(one.match(/Ccy="VND">(\d+)</)[1]),
  }));
}

// What became of each line in truth: the last thing said of it with the right amount.
export function truth(told, amounts) {
  const right = told.filter((one) => amounts.get(one.line) === one.amount);
  right.sort((a, b) => a.date.localeCompare(b.date));
  return new Map(right.map((one) => [one.line, one.status]));
}

export function outcomeOf(known, amounts) {
  const of = (status) => sum([...amounts], ([line, amount]) => (known.get(line) === status ? amount : 0));
  return {
    ordered: sum([...amounts], ([, amount]) => amount),
    paid: of("paid"),
    failed: of("failed"),
    returned: of("returned"),
    notCollected: of("not_collected"),
    notReported: of(undefined),
  };
}
