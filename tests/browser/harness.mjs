// Starts a real `mediakit demo` and a real Chromium, and watches every page for what none may do:
// ask anyone but the server, answer without a Content-Security-Policy, break it, set a cookie, log an error.

import { execFileSync, spawn } from 'node:child_process';
import { accessSync, appendFileSync, constants, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');
export const artifacts = path.join(here, 'artifacts');

/** The two screens that pages are looked at on. */
export const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } };
/** Readers that between them have both colour schemes and both languages. */
export const LOOKS = [['light', 'de-DE'], ['dark', 'en-GB']];
/** Every reader: both colour schemes in both languages. */
export const EVERY_LOOK = ['light', 'dark'].flatMap((scheme) => ['de-DE', 'en-GB'].map((locale) => [scheme, locale]));

const START_TIMEOUT_MS = 60_000;
/** What each day that a demo lives through first may take on top. */
const DAY_TIMEOUT_MS = 1_000;

/** The servers' output lines that the tests rely on, by what they give. */
const KIT = { mediaKit: /^Media kit +(\S+)/m };
const SERVE = { ...KIT, setUp: /^Set up +(\S+)/m };
const DEMO = { ...KIT, owner: /^Sign in +(\S+)/m, password: /^Sign in +\S+ +(\S+)/m, apiToken: /^API token +(\S+)/m, simulator: /^Simulator +(\S+)/m };

const binary = process.env.MEDIAKIT_BIN ?? path.join(root, 'target/debug/mediakit');

/**
 * Starts the demo on a free port and waits until it has printed its addresses.
 * It lives through so many days first; few, because a day costs a debug build a while.
 * `api` asks it with its token, `control` asks its simulator, `sql` its database.
 */
export async function startDemo(days = 2) {
  const scratch = mkdtempSync(path.join(tmpdir(), 'mediakit-browser-'));
  const demo = await start(['demo', '--days', String(days)], { ...process.env, TMPDIR: scratch }, DEMO, scratch);
  mkdirSync(path.join(root, 'target'), { recursive: true });
  appendFileSync(path.join(root, 'target/test-canaries'), `${demo.apiToken}\n${demo.password}\n`, { mode: 0o600 });
  const [folder] = readdirSync(scratch);
  const database = path.join(scratch, folder, 'data', 'mediakit.db');
  return {
    ...demo,
    api: (method, address, body) =>
      ask(demo.origin + address, method, body, { authorization: `Bearer ${demo.apiToken}`, 'accept-language': 'en' }),
    control: (address, body) => ask(demo.simulator + address, body ? 'POST' : 'GET', body),
    sql: (statement, ...values) => sql(database, statement, [values]),
    sqlForEach: (statement, rows) => sql(database, statement, rows),
  };
}

/** Signs the demo's owner in; the page is on the panel's first tab afterwards. */
export async function signIn(page, demo) {
  await page.goto('/admin/login');
  await page.fill('input[name=name]', demo.owner);
  await page.fill('input[name=password]', demo.password);
  await Promise.all([page.waitForURL(/\/admin\/profile/), page.click('main button')]);
}

/** Starts the platforms alone; gives where they are, as the environment a server takes, and how to stop them. */
export async function startSimulator() {
  const child = spawn(path.join(path.dirname(binary), 'simulator'), [], { stdio: ['ignore', 'pipe', 'inherit'] });
  const { origins } = await readPrinted(child.stdout, { origins: /^((?:.*\n)+)# control API/ });
  // It plays one service that mediakit asks nothing, and the server refuses variables it doesn't know.
  const lines = origins.trim().split('\n').filter((line) => !line.includes('FXTWITTER'));
  const upstreams = Object.fromEntries(lines.map((line) => line.split('=')));
  return { upstreams, stop: () => child.kill('SIGINT') };
}

/**
 * Starts a server on an empty folder, with these handles and no schedule; it reaches the platforms in `upstreams` only.
 */
export async function startServe(handles = {}, upstreams = {}) {
  const scratch = mkdtempSync(path.join(tmpdir(), 'mediakit-browser-'));
  const environment = {
    PATH: process.env.PATH,
    MEDIAKIT_DATA_DIR: path.join(scratch, 'data'),
    MEDIAKIT_ENV_SOCIAL: path.join(scratch, '.env.social'),
    MEDIAKIT_REFRESH_AT: 'off',
    MEDIAKIT_LOG: 'warn',
    ...upstreams,
  };
  for (const [platform, handle] of Object.entries(handles)) {
    execFileSync(binary, ['handle', 'set', platform, handle], { env: environment, cwd: scratch, stdio: 'ignore' });
  }
  const server = await start(['serve'], environment, SERVE, scratch);
  return { ...server, scratch };
}

async function start(command, environment, wanted, scratch) {
  // What the program logs goes into our own output, to be searched for secrets; what it prints for its
  // user holds the token and stays here.
  const options = { stdio: ['ignore', 'pipe', 'inherit'], env: environment, cwd: scratch };
  const child = spawn(binary, [...command, '--listen', '127.0.0.1:0'], options);
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`)));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    keepDatabase(scratch);
    rmSync(scratch, { recursive: true, force: true });
  };
  const printed = readPrinted(child.stdout, wanted);
  const days = Number(command[command.indexOf('--days') + 1]) || 0;
  const outcome = await Promise.race([
    printed,
    ended.then((how) => new Error(`mediakit ${command} ended by itself: ${how}`)),
    new Promise((resolve, reject) => child.once('error', reject)),
    later(START_TIMEOUT_MS + days * DAY_TIMEOUT_MS, new Error(`mediakit ${command} did not print ${Object.values(wanted).join(', ')} in time`)),
  ]);
  if (outcome instanceof Error) {
    child.kill('SIGKILL');
    throw outcome;
  }
  return { ...outcome, origin: new URL(outcome.mediaKit).origin, stop };
}

/** A file of its own for what `./test canary` searches for secrets; nothing where no folder is named for it. */
let kept = 0;
function toKeep(name) {
  if (!process.env.MEDIAKIT_TEST_KEEP) return undefined;
  mkdirSync(process.env.MEDIAKIT_TEST_KEEP, { recursive: true });
  return path.join(process.env.MEDIAKIT_TEST_KEEP, `${process.pid}-${kept++}-${name}`);
}

function keepDatabase(scratch) {
  for (const file of readdirSync(scratch, { recursive: true })) {
    const name = path.basename(file);
    const place = name.startsWith('mediakit.db') && toKeep(name);
    if (place) copyFileSync(path.join(scratch, file), place);
  }
}

async function ask(address, method, body, headers = {}) {
  const answer = await fetch(address, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, json: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : null };
}

/** Runs a statement once for each row of values, in one transaction, and returns what it gave. Node has no SQLite of its own before version 22. */
function sql(database, statement, rows) {
  const program =
    'import json,sqlite3,sys; f,s,rows=json.load(sys.stdin); c=sqlite3.connect(f,timeout=10); ' +
    'r=[x for v in rows for x in c.execute(s,v).fetchall()]; c.commit(); print(json.dumps(r))';
  const input = JSON.stringify([database, statement, rows]);
  return JSON.parse(execFileSync('python3', ['-c', program], { input, encoding: 'utf8' }));
}

function readPrinted(stream, wanted) {
  return new Promise((resolve) => {
    let text = '';
    stream.on('data', (chunk) => {
      text += chunk;
      const found = Object.entries(wanted).map(([name, pattern]) => [name, text.match(pattern)?.[1]]);
      if (found.every(([, value]) => value) && text.endsWith('\n')) resolve(Object.fromEntries(found));
    });
  });
}

function later(ms, value) {
  return new Promise((resolve) => setTimeout(resolve, ms, value).unref());
}

/** Launches Debian's Chromium without anything that would talk to its maker. */
export function launchBrowser(...more) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM_BIN ?? onPath('chromium'),
    args: [
      ...more,
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

function onPath(name) {
  const found = process.env.PATH.split(path.delimiter)
    .map((folder) => path.join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
  if (!found) throw new Error(`${name} is not on the PATH; run ./test install`);
  return found;
}

/**
 * Opens a page in a context of its own, calls `use(page, context)` and then fails when the page did
 * what no page may do. `options` are Playwright's context options (locale, viewport, colorScheme, …);
 * `expected` are the statuses an answer may have, which a browser else logs as an error; `panel` says that the page is
 * the owner's, which keeps a session in a cookie; `elsewhere` are further origins it may lead to, with ways of their own.
 */
export async function withPage(browser, origin, { expected = [], panel = false, elsewhere = [], ...options }, use) {
  const context = await browser.newContext({ baseURL: origin, reducedMotion: 'reduce', ...options });
  const complaints = [];
  try {
    watch(context, origin, complaints, expected, elsewhere);
    const page = await context.newPage();
    const result = await use(page, context);
    for (const open of context.pages()) {
      const place = toKeep('page.html');
      if (place) writeFileSync(place, await open.content());
    }
    const cookies = await context.cookies();
    if (cookies.length && !panel) complaints.push(`cookie for a visitor: ${cookies.map((cookie) => cookie.name).join(', ')}`);
    if (complaints.length) throw new Error(complaints.join('\n'));
    return result;
  } finally {
    await context.close();
  }
}

/** Collects what no page may do. A violation of the Content-Security-Policy arrives as a console error. */
function watch(context, origin, complaints, expected, elsewhere) {
  const isOurs = (address) => !elsewhere.includes(new URL(address).origin);
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol) && url.origin !== origin && isOurs(url)) {
      complaints.push(`request to a third party: ${request.url()}`);
    }
  });
  context.on('response', async (response) => {
    if (!response.url().startsWith('http') || !isOurs(response.url())) return;
    const policy = response.headers()['content-security-policy'];
    if (!policy) complaints.push(`no Content-Security-Policy: ${response.status()} ${response.url()}`);
    else if (/unsafe-/.test(policy)) complaints.push(`unsafe Content-Security-Policy: ${response.url()}: ${policy}`);
  });
  context.on('requestfailed', (request) => {
    // The page was left before its answer came.
    if (request.failure()?.errorText === 'net::ERR_ABORTED') return;
    complaints.push(`request failed: ${request.url()}: ${request.failure()?.errorText}`);
  });
  context.on('console', (message) => {
    const status = Number(message.text().match(/the server responded with a status of (\d+)/)?.[1]);
    if (message.type() === 'error' && !expected.includes(status)) complaints.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => complaints.push(`script: ${error.error().message}`));
}

/** Saves a picture of the whole page for people to look at. */
export async function screenshot(page, name) {
  mkdirSync(artifacts, { recursive: true });
  await page.screenshot({ path: path.join(artifacts, `${name}.png`), fullPage: true });
  const place = toKeep(`${path.basename(name)}.html`);
  if (place) writeFileSync(place, await page.content());
}
