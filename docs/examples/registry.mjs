// Another registry, as small as it can be: Node 20, nothing to install.
//
//   node registry.mjs keys FILE…                    makes keys that are not there yet; prints the JWK set to hand in
//   node registry.mjs ask URL SPEC                  signs a message, asks, checks our signature, prints the answer
//   node registry.mjs load URL SPEC TIMES           asks again and again; prints how long answers take
//   node registry.mjs listen PORT FILE              takes answers and notices, writes each to FILE
//
// SPEC is JSON: {"id", "secret" (or none: an assertion is signed), "key": FILE, "dialect": "body" or "jws",
// "path": "ibr/registry/sync/search", "action": "search", "count": 1, "message": {…}, "now": optional moment}.
// `listen` checks our signatures with the key set in the file KEYS_FROM, if there is one, and misbehaves when told to:
// FAULTS=30 SEED=1 make three in ten messages slow, refused for now (500), cut off after they were taken, or
// acknowledged with a signature that is not its own, each message twice at most.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [what, ...rest] = process.argv.slice(2);
const specOf = (text) => JSON.parse(existsSync(text) ? readFileSync(text, 'utf8') : text);
const url64 = (bytes) => Buffer.from(bytes).toString('base64url');
const jsonOf = (text) => url64(JSON.stringify(text));

function keyOf(file) {
  const key = createPrivateKey(readFileSync(file));
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  const kid = 'k-' + createHash('sha256').update(Buffer.from(x, 'base64url')).digest('hex').slice(0, 12);
  return { key, kid, jwk: { kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'EdDSA', kid, x } };
}

// Blanks between the parts of JSON go, nothing else changes: both sides need not write alike.
function compact(text) {
  return text.replace(/("(?:[^"\\]|\\.)*")|[ \t\n\r]+/g, (_, string) => string ?? '');
}

function jws({ key, kid }, payload, head = {}) {
  const signed = `${jsonOf({ alg: 'EdDSA', kid, ...head })}.${url64(payload)}`;
  return `${signed}.${url64(sign(null, Buffer.from(signed), key))}`;
}

function detached(mine, body) {
  const [head, , signature] = jws(mine, compact(body)).split('.');
  return `${head}..${signature}`;
}

const digestOf = (header, message) => createHash('sha256').update(header).update(message).digest('base64');
const linesOf = (created, expires, digest) =>
  `(created): ${created}\n(expires): ${expires}\ndigest: SHA-256=${digest}`;

function inBody(mine, sender, header, message, now) {
  const [created, expires] = [Math.floor(now / 1000), Math.floor(now / 1000) + 3600];
  const lines = linesOf(created, expires, digestOf(header, message));
  const signature = sign(null, Buffer.from(lines), mine.key).toString('base64');
  return `Signature: namespace="spdci", kidId="${sender}|${mine.kid}|ed25519", algorithm="ed25519", ` +
    `created="${created}", expires="${expires}", headers="(created) (expires) digest", signature="${signature}"`;
}

// The texts of `header` and `message` as they stand: signed are bytes, not meanings.
function partsOf(body) {
  const part = (name, from) => {
    const start = body.indexOf(`"${name}":`, from) + name.length + 3;
    let [depth, within] = [0, false];
    for (let at = start; at < body.length; at += 1) {
      const sign = body[at];
      if (within) {
        if (sign === '\\') at += 1;
        else if (sign === '"') within = false;
      } else if (sign === '"') within = true;
      else if (sign === '{') depth += 1;
      else if (sign === '}' && (depth -= 1) === 0) return [body.slice(start, at + 1), at + 1];
    }
    throw new Error(`no ${name}`);
  };
  const [header, end] = part('header', 0);
  return [header, part('message', end)[0]];
}

function isTheirs(keys, body, headerSignature) {
  if (headerSignature) {
    const [head, , signature] = headerSignature.split('.');
    const { kid, alg } = JSON.parse(Buffer.from(head, 'base64url'));
    const jwk = keys.find((it) => it.kid === kid && alg === 'EdDSA');
    const signed = Buffer.from(`${head}.${url64(compact(body))}`);
    return !!jwk && verify(null, signed, createPublicKey({ key: jwk, format: 'jwk' }), Buffer.from(signature, 'base64url'));
  }
  const text = JSON.parse(body).signature ?? '';
  const field = (name) => text.match(new RegExp(`${name}="([^"]*)"`))?.[1] ?? '';
  const [sender, kid] = field('kidId').split('|');
  const jwk = keys.find((it) => it.kid === kid);
  const lines = linesOf(field('created'), field('expires'), digestOf(...partsOf(body)));
  return sender === 'an-sinh' && !!jwk &&
    verify(null, Buffer.from(lines), createPublicKey({ key: jwk, format: 'jwk' }), Buffer.from(field('signature'), 'base64'));
}

async function tokenOf(url, spec, mine, now) {
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: spec.id });
  if (spec.secret) form.set('client_secret', spec.secret);
  else {
    const claims = { iss: spec.id, sub: spec.id, aud: 'an-sinh', exp: Math.floor(now / 1000) + 300,
      jti: createHash('sha256').update(`${process.pid} ${process.hrtime.bigint()}`).digest('hex') };
    form.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    form.set('client_assertion', jws(mine, JSON.stringify(claims)));
  }
  const answer = await fetch(`${url}/oauth2/client/token`, { method: 'POST', body: form });
  if (!answer.ok) throw new Error(`token: ${answer.status} ${await answer.text()}`);
  return (await answer.json()).access_token;
}

async function ask(url, spec, known) {
  const now = spec.now ? Date.parse(spec.now) : Date.now();
  const mine = keyOf(spec.key);
  const token = known ?? await tokenOf(url, spec, mine, now);
  const header = JSON.stringify({ version: '1.0.0', message_id: spec.message_id ?? `m-${process.pid}-${Date.now()}`,
    message_ts: new Date(now).toISOString(), action: spec.action, sender_id: spec.id, receiver_id: 'an-sinh',
    total_count: spec.count ?? 1, ...spec.header });
  const message = JSON.stringify(spec.message);
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  let body;
  if (spec.dialect === 'jws') {
    body = `{\n  "header": ${header},\n  "message": ${message}\n}`;
    headers.signature = detached(mine, body);
  } else {
    const signature = JSON.stringify(inBody(mine, spec.id, header, message, now));
    body = `{"signature":${signature},"header":${header},"message":${message}}`;
  }
  const begun = performance.now();
  const answer = await fetch(`${url}/api/v1/spdci/${spec.path}`, { method: 'POST', headers, body });
  const text = await answer.text();
  const took = performance.now() - begun;
  const { keys } = await (await fetch(`${url}/.well-known/jwks.json`)).json();
  const isAnswer = answer.ok && spec.path.includes('/sync/');
  const genuine = isAnswer ? isTheirs(keys, text, answer.headers.get('signature')) : null;
  return { status: answer.status, genuine, answer: JSON.parse(text), took };
}

// How long answers take: the same question again and again, one after another.
async function load(url, spec, times) {
  const token = await tokenOf(url, spec, keyOf(spec.key), Date.now());
  const took = [];
  for (let turn = 0; turn < times; turn += 1) {
    const answer = await ask(url, { ...spec, message_id: `load-${Date.now()}-${turn}` }, token);
    if (answer.status !== 200) throw new Error(`status ${answer.status}`);
    took.push(answer.took);
  }
  took.sort((one, other) => one - other);
  const at = (share) => took[Math.floor(share * (times - 1))].toFixed(1);
  process.stdout.write(`p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, slowest ${at(1)} ms\n`);
}

// A small generator of its own: the same seed misbehaves the same way.
function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function listen(port, file) {
  const faults = Number(process.env.FAULTS ?? 0) / 100;
  const random = randomOf(Number(process.env.SEED ?? 1));
  const [harmed, keysFrom] = [new Map(), process.env.KEYS_FROM];
  const stranger = { key: generateKeyPairSync('ed25519').privateKey, kid: 'stranger' };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request.setEncoding('utf8')) body += part;
    const { header } = JSON.parse(body);
    const times = harmed.get(header.message_id) ?? 0;
    const fault = times < 2 && random() < faults ? ['slow', 'down', 'lost', 'forged'][Math.floor(random() * 4)] : 'none';
    if (fault !== 'none') harmed.set(header.message_id, times + 1);
    if (fault === 'down') return response.writeHead(500).end('{}');
    if (fault === 'slow') await new Promise((done) => setTimeout(done, 150));
    let genuine = null;
    if (keysFrom) {
      const keys = JSON.parse(readFileSync(keysFrom)).keys;
      genuine = isTheirs(keys, body, request.headers.signature);
    }
    // Written before it is acknowledged: what is acknowledged is not told again.
    appendFileSync(file, `${JSON.stringify({ path: request.url, genuine, fault, body: JSON.parse(body) })}\n`);
    if (fault === 'lost') return request.socket.destroy();
    const ack = JSON.stringify({ message: { ack_status: 'ACK', timestamp: new Date().toISOString(), correlation_id: header.message_id } });
    const headers = { 'content-type': 'application/json' };
    if (fault === 'forged') headers.signature = detached(stranger, ack);
    response.writeHead(200, headers).end(ack);
  });
  server.listen(Number(port), '127.0.0.1', () => process.stdout.write(`http://127.0.0.1:${server.address().port}\n`));
}

if (what === 'keys') {
  for (const file of rest.filter((it) => !existsSync(it))) {
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  }
  process.stdout.write(`${JSON.stringify({ keys: rest.map((file) => keyOf(file).jwk) })}\n`);
} else if (what === 'ask') {
  const [url, spec] = rest;
  process.stdout.write(`${JSON.stringify(await ask(url, specOf(spec)))}\n`);
} else if (what === 'load') {
  const [url, spec, times] = rest;
  await load(url, specOf(spec), Number(times));
} else if (what === 'listen') {
  listen(...rest);
} else {
  process.stderr.write('node registry.mjs keys FILE… | ask URL SPEC | load URL SPEC TIMES | listen PORT FILE\n');
  process.exitCode = 2;
}
