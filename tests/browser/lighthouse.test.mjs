// What Lighthouse says of every page, on the phone profile: 100 for accessibility and best practices everywhere, and
// for search and speed on the public pages; the panel's speed is at least 95. Speed is measured again when a busy
// machine took something away from it; ./bench measures it in milliseconds.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import lighthouse from 'lighthouse';
import { launchBrowser, signIn, startDemo, withPage } from './harness.mjs';

const PUBLIC = ['/', '/mediakit', '/mediakit?platform=youtube&lang=en'];
const PANEL = ['profile', 'links', 'mediakit', 'connections', 'design', 'settings', 'security', 'start'].map((tab) => `/admin/${tab}`);

let demo;
let browser;
let port;
let cookie;

/** A port nobody uses. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port: free } = server.address();
      server.close(() => resolve(free));
    });
  });
}

before(async () => {
  port = await freePort();
  [demo, browser] = await Promise.all([startDemo(), launchBrowser(`--remote-debugging-port=${port}`)]);
  cookie = await withPage(browser, demo.origin, { panel: true, locale: 'de-DE' }, async (page, context) => {
    await signIn(page, demo);
    return (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  });
});

after(async () => {
  await Promise.all([browser?.close(), demo?.stop()]);
});

/** How often a page is measured at most. */
const TRIES = 3;

/** The scores of a page in per cent, and the audits that took something away; speed is the best of three. */
async function scores(address, categories, extraHeaders, fast) {
  const measured = async (onlyCategories) => {
    const options = { port, output: 'json', logLevel: 'error', onlyCategories, extraHeaders };
    return (await lighthouse(demo.origin + address, options)).lhr;
  };
  // A category without a score was not measured: the browser's trace was incomplete, which says nothing of the page.
  let lhr = await measured(['performance', ...categories]);
  for (let tries = 1; tries < TRIES && Object.values(lhr.categories).some(({ score }) => score === null); tries += 1) {
    lhr = await measured(['performance', ...categories]);
  }
  let speed = lhr.categories.performance.score;
  for (let tries = 1; tries < TRIES && Math.round(speed * 100) < fast; tries += 1) {
    speed = Math.max(speed, (await measured(['performance'])).categories.performance.score);
  }
  assert.equal(new URL(lhr.finalDisplayedUrl).pathname, new URL(address, demo.origin).pathname);
  const lost = Object.values(lhr.categories)
    .filter(({ id }) => id !== 'performance')
    .flatMap(({ auditRefs }) => auditRefs)
    .filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 1)
    .map(({ id }) => `${id}: ${lhr.audits[id].title}: ${JSON.stringify(lhr.audits[id].details?.items ?? '').slice(0, 300)}`);
  const of = Object.values(lhr.categories).map(({ id, score }) => [id, Math.round(score * 100)]);
  const reached = { ...Object.fromEntries(of), performance: Math.round(speed * 100) };
  console.log(address, JSON.stringify(reached));
  assert.ok(reached.performance >= fast, `its speed is ${reached.performance} of ${fast}`);
  return { reached, lost };
}

for (const address of PUBLIC) {
  test(`Lighthouse finds nothing to better on ${address}`, async () => {
    const { reached, lost } = await scores(address, ['accessibility', 'best-practices', 'seo'], {}, 100);
    assert.deepEqual(lost, []);
    assert.deepEqual([reached.accessibility, reached['best-practices'], reached.seo], [100, 100, 100]);
  });
}

for (const address of PANEL) {
  test(`Lighthouse finds nothing to better on ${address}`, async () => {
    const { reached, lost } = await scores(address, ['accessibility', 'best-practices'], { cookie }, 95);
    assert.deepEqual(lost, []);
    assert.deepEqual([reached.accessibility, reached['best-practices']], [100, 100]);
  });
}
