// Starts a real `mediakit demo` and a real Chromium, and watches every page for what none may do:
// ask anyone but the server, answer without a Content-Security-Policy, break it, set a cookie, log an error.

import { spawn } from 'node:child_process';
import { accessSync, appendFileSync, constants, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');
export const artifacts = path.join(here, 'artifacts');

const START_TIMEOUT_MS = 60_000;

/** The servers' output lines that the tests rely on, by what they give. */
const PRINTED = {
  mediaKit: /^Media kit +(\S+)/m,
  apiToken: /^API token +(\S+)/m,
  simulator: /^Simulator +(\S+)/m,
};

/**
 * Starts the demo on a free port and waits until it has printed its addresses.
 * @returns {Promise<{origin: string, mediaKit: string, apiToken: string, simulator: string, stop: () => Promise<void>}>}
 */
export async function startDemo() {
  const binary = process.env.MEDIAKIT_BIN ?? path.join(root, 'target/debug/mediakit');
  // What the demo logs goes into our own output, to be searched for secrets; what it prints for its
  // user holds the token and stays here.
  const child = spawn(binary, ['demo', '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`)));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  const printed = readPrinted(child.stdout);
  const outcome = await Promise.race([
    printed,
    ended.then((how) => new Error(`the demo ended by itself: ${how}`)),
    new Promise((resolve, reject) => child.once('error', reject)),
    later(START_TIMEOUT_MS, new Error(`the demo did not print ${Object.values(PRINTED).join(', ')} in time`)),
  ]);
  if (outcome instanceof Error) {
    child.kill('SIGKILL');
    throw outcome;
  }
  mkdirSync(path.join(root, 'target'), { recursive: true });
  appendFileSync(path.join(root, 'target/test-canaries'), `${outcome.apiToken}\n`, { mode: 0o600 });
  return { ...outcome, origin: new URL(outcome.mediaKit).origin, stop };
}

function readPrinted(stream) {
  return new Promise((resolve) => {
    let text = '';
    stream.on('data', (chunk) => {
      text += chunk;
      const found = Object.entries(PRINTED).map(([name, pattern]) => [name, text.match(pattern)?.[1]]);
      if (found.every(([, value]) => value) && text.endsWith('\n')) resolve(Object.fromEntries(found));
    });
  });
}

function later(ms, value) {
  return new Promise((resolve) => setTimeout(resolve, ms, value).unref());
}

/** Launches Debian's Chromium without anything that would talk to its maker. */
export function launchBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM_BIN ?? onPath('chromium'),
    args: [
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
 * what no page may do. `options` are Playwright's context options (locale, viewport, colorScheme, …).
 */
export async function withPage(browser, origin, options, use) {
  const context = await browser.newContext({ baseURL: origin, reducedMotion: 'reduce', ...options });
  const complaints = [];
  try {
    watch(context, origin, complaints);
    const page = await context.newPage();
    const result = await use(page, context);
    const cookies = await context.cookies();
    if (cookies.length) complaints.push(`cookie for a visitor: ${cookies.map((cookie) => cookie.name).join(', ')}`);
    if (complaints.length) throw new Error(complaints.join('\n'));
    return result;
  } finally {
    await context.close();
  }
}

/** Collects what no page may do. A violation of the Content-Security-Policy arrives as a console error. */
function watch(context, origin, complaints) {
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol) && url.origin !== origin) {
      complaints.push(`request to a third party: ${request.url()}`);
    }
  });
  context.on('response', async (response) => {
    if (!response.url().startsWith('http')) return;
    const policy = response.headers()['content-security-policy'];
    if (!policy) complaints.push(`no Content-Security-Policy: ${response.status()} ${response.url()}`);
    else if (/unsafe-/.test(policy)) complaints.push(`unsafe Content-Security-Policy: ${response.url()}: ${policy}`);
  });
  context.on('requestfailed', (request) => {
    complaints.push(`request failed: ${request.url()}: ${request.failure()?.errorText}`);
  });
  context.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => complaints.push(`script: ${error.error().message}`));
}

/** Saves a picture of the whole page for people to look at. */
export async function screenshot(page, name) {
  mkdirSync(artifacts, { recursive: true });
  await page.screenshot({ path: path.join(artifacts, `${name}.png`), fullPage: true });
}
