// The media kit when not all is well: nothing there yet, platforms down, numbers old, rows broken,
// names nobody thought of. Whatever happens, the page says what is and stays whole.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { axeFaults, markupFaults, tooWide } from './checks.mjs';
import { launchBrowser, screenshot, startDemo, startServe, withPage } from './harness.mjs';
import * as states from './states.mjs';

const EMPTY = /Noch keine Zahlen/;

let browser;

before(async () => {
  browser = await launchBrowser();
});

after(() => browser?.close());

/**
 * Opens `address` as a German on a narrow phone, checks what every page is held to, keeps a picture
 * and hands the page to `use`.
 */
function onState(server, name, use, address = '/mediakit') {
  const options = { locale: 'de-DE', viewport: { width: 320, height: 800 } };
  return withPage(browser, server.origin, options, async (page) => {
    const answer = await page.goto(address);
    assert.equal(answer.status(), 200);
    assert.deepEqual(await markupFaults(await answer.text()), []);
    assert.deepEqual(await tooWide(page), []);
    await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)));
    assert.deepEqual(await tooWide(page), [], 'with everything open');
    assert.deepEqual(await axeFaults(page), []);
    await use(page);
    await screenshot(page, `state-${name}`);
  });
}

const text = (page, selector) => page.locator(selector).first().innerText();

describe('before the first numbers', () => {
  let server;
  afterEach(() => server?.stop());

  test('a first start says what will be here and what to do first', async () => {
    server = await startServe();
    await onState(server, 'first-start', async (page) => {
      assert.match(await text(page, '#empty'), EMPTY);
      const [panel, shell] = [page.locator('a[href="/admin/start"]'), page.locator('pre')];
      assert.match(await shell.innerText(), /mediakit handle set/);
      assert.ok((await panel.boundingBox()).y < (await shell.boundingBox()).y, 'the panel comes first');
      assert.equal(await page.locator('[data-figure]').count(), 0);
    });
  });

  test('accounts without numbers are listed, each with its reason and no 0', async () => {
    server = await startServe({ instagram: 'mara', mastodon: 'mara@rad.social', youtube: 'UCsXVk37bltHxD1rDPwtNM8Q' });
    await onState(server, 'accounts-only', async (page) => {
      const values = await page.locator('[data-figure] .value').allInnerTexts();
      assert.deepEqual(values, ['keine Angabe', 'keine Angabe', 'keine Angabe', 'keine Angabe']);
      const reasons = await page.locator('[data-figure] .source').allInnerTexts();
      assert.ok(reasons.every((reason) => reason.trim().endsWith('.')), reasons.join('|'));
    });
  });
});

describe('when not all is well', () => {
  let demo;

  before(async () => {
    demo = await startDemo();
  });
  after(() => demo?.stop());
  beforeEach(() => states.whole(demo));

  test('all platforms down: the numbers stay, the page says so and when it tries again', async () => {
    await states.aged(demo, 1.5);
    await states.allDown(demo);
    await onState(demo, 'all-down', async (page) => {
      const notice = await text(page, '#followers .notice');
      assert.match(notice, /von keiner Plattform neue Zahlen.*bleiben sichtbar, Stand .* UTC.*Nächster Versuch/s);
      assert.match(await text(page, '.total .value'), /\d/);
      assert.match(await text(page, '.total .source'), /Tage? alt/);
    });
  });

  test('one platform down: its panel says what happened, and its tab has a mark', async () => {
    await states.oneDown(demo, 'TIKTOK_API', 'status/503');
    await onState(
      demo,
      'one-down',
      async (page) => {
        const notice = await text(page, '#panel-tiktok .notice');
        assert.match(notice, /^TikTok hat .*Störung.*bleiben sichtbar, Stand heute .* UTC.*Nächster Versuch .* UTC\./s);
        assert.doesNotMatch(notice, /Du musst|Prüfe/, 'what the owner should do is for the owner');
        assert.equal(await page.locator('.notice').count(), 1);
        assert.equal(await page.locator('nav.tabs .mark').count(), 1);
        assert.match(await text(page, '#panel-tiktok .value'), /\d/);
      },
      '/mediakit?platform=tiktok',
    );
  });

  test('a week old: every number of the platform is marked stale, the others are not', async () => {
    await states.aged(demo, 7, 'youtube');
    await onState(
      demo,
      'one-stale',
      async (page) => {
        assert.match(await text(page, '#panel-youtube .notice'), /keine neuen Zahlen.*gelten als veraltet/s);
        const sources = await page.locator('#panel-youtube [data-figure] .source').allInnerTexts();
        assert.ok(sources.length > 1 && sources.every((source) => /veraltet, 7 Tage alt/.test(source)), sources.join('|'));
        assert.doesNotMatch(await text(page, '[data-figure="instagram.followers"] .source'), /veraltet/);
      },
      '/mediakit?platform=youtube',
    );
  });

  test('older than 30 days: out of the total, which says that it is incomplete', async () => {
    await states.aged(demo, 31, 'youtube', 'x');
    await onState(demo, 'expired', async (page) => {
      assert.match(await text(page, '#followers'), /Unvollständig: YouTube, X fehlen in der Summe\./);
      assert.match(await text(page, '#followers'), /älter als 30 Tage/);
    });
  });

  test('a broken row: the others are shown, and the total says what it lacks', async () => {
    await states.badRow(demo, 'instagram');
    await onState(demo, 'broken-row', async (page) => {
      assert.match(await text(page, '#followers'), /Unvollständig: Instagram fehlt in der Summe\./);
      assert.equal(await text(page, '[data-figure="instagram.followers"] .value'), 'keine Angabe');
      assert.match(await text(page, '[data-figure="tiktok.followers"] .value'), /\d/);
    });
  });

  test('a jump waits for a second fetch, and the page says so', async () => {
    await states.heldJump(demo, 'bluesky');
    await onState(
      demo,
      'held-jump',
      async (page) => {
        assert.match(await text(page, '#panel-bluesky .notice'), /weicht|abweicht/);
        assert.match(await text(page, '#panel-bluesky .value'), /170/);
      },
      '/mediakit?platform=bluesky',
    );
  });
});

describe('names and pictures', () => {
  let demo;

  before(async () => {
    demo = await startDemo();
  });
  after(() => demo?.stop());

  test('a very long name and no picture', async () => {
    await states.profile(demo, { name: states.NAMES.long });
    await states.noPicture(demo);
    await onState(demo, 'long-name', async (page) => {
      assert.equal(await text(page, 'h1'), states.NAMES.long);
      assert.equal(await page.locator('svg.portrait text').textContent(), 'AV');
    });
  });

  test('a right-to-left name keeps its direction', async () => {
    await states.profile(demo, { name: states.NAMES.rtl });
    await onState(demo, 'rtl-name', async (page) => {
      const direction = await page.locator('h1').evaluate((h1) => getComputedStyle(h1).direction);
      assert.equal(direction, 'rtl');
    });
  });

  test('a hostile text is a text', async () => {
    await states.profile(demo, { name: states.NAMES.hostile, bio: states.NAMES.hostile.repeat(4), location: '<b>x</b>' });
    await onState(demo, 'hostile-text', async (page) => {
      assert.equal(await page.locator('main script, main img:not(.portrait), main b').count(), 0);
      assert.match(await text(page, '.bio'), /<script>alert\(1\)<\/script>/);
      assert.equal(await page.locator('main a[href*="evil.example"]').count(), 0);
    });
  });
});
