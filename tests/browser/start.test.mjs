// From the set-up link to a finished first page, as somebody does it who has never seen the panel: every click and
// every field counts, and there may be twelve.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { holds } from './checks.mjs';
import { launchBrowser, screenshot, SIZES, startServe, startSimulator, withPage } from './harness.mjs';

let platforms;
let server;
let browser;

before(async () => {
  [platforms, browser] = await Promise.all([startSimulator(), launchBrowser()]);
  server = await startServe({}, platforms.upstreams);
});

after(async () => {
  await Promise.all([browser?.close(), server?.stop(), platforms?.stop()]);
});

async function seen(page, name) {
  await holds(page);
  await screenshot(page, name);
}

/** A small PNG of one colour, made here. */
async function picture(page) {
  const bytes = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(300, 300);
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#7a9e87';
    pen.fillRect(0, 0, 300, 300);
    return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
  });
  const file = path.join(server.scratch, 'me.png');
  writeFileSync(file, Buffer.from(bytes));
  return file;
}

test('twelve interactions lead from the set-up link to a page with numbers', async () => {
  const options = { panel: true, viewport: SIZES.phone, locale: 'de-DE' };
  await withPage(browser, server.origin, options, async (page) => {
    let interactions = 0;
    const does = async (action) => {
      interactions += 1;
      await action;
    };
    await page.goto(server.setUp);
    await seen(page, 'start-1-setup');
    await does(page.fill('#name', 'mara'));
    await does(page.fill('#password', 'vier kurze Wörter hier'));
    await does(page.click('main button'));
    await page.waitForURL(/\/admin\/start$/);
    await does(page.fill('#name', 'Mara Feldkamp'));
    await does(page.setInputFiles('#picture', await picture(page)));
    await seen(page, 'start-2-name');
    await does(page.click('main button'));
    await page.waitForURL(/\/accounts$/);
    await does(page.fill('#handle-bluesky', 'marabikes.bsky.social'));
    await does(page.fill('#handle-youtube', 'https://www.youtube.com/@marabikes'));
    const found = [];
    for (const id of ['bluesky', 'youtube']) {
      const answer = page.locator(`#handle-${id}-found[data-good]`);
      await answer.waitFor();
      found.push((await answer.textContent()).match(/\d[\d.,]*k?/)[0]);
    }
    await seen(page, 'start-3-accounts');
    await does(page.click('main button'));
    await page.waitForURL(/\/numbers$/);
    await page.waitForFunction(() => document.querySelectorAll('[data-board] [data-state="saved"]').length === 2);
    await seen(page, 'start-4-numbers');
    await does(page.click('main a.button'));
    await page.waitForURL(/\/mediakit$/);
    assert.match(await page.textContent('h1'), /Mara Feldkamp/);
    assert.match(await page.textContent('.total .value'), /\d/, 'what was stored shows at once');
    const shown = await page.textContent('main');
    for (const figure of found) assert.ok(shown.includes(figure), `the page shows ${figure}, as the look at the handle did`);
    await screenshot(page, 'start-5-page');
    assert.ok(interactions <= 12, `${interactions} interactions`);
  });
});
