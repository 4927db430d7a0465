// The panel in a real browser: every tab on phone and desktop, light and dark, German and English, with its pictures
// kept, and what a person does on it.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { brokenWords, holds, tooWide } from './checks.mjs';
import { EVERY_LOOK, launchBrowser, LOOKS, screenshot, signIn, SIZES, startDemo, withPage } from './harness.mjs';

const TABS = ['profile', 'links', 'mediakit', 'connections', 'design', 'settings', 'security'];
/** Those that have no test of their own, where they would be held to everything. */
const ALL_HERE = ['profile', 'design'];

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launchBrowser()]);
});

after(async () => {
  await Promise.all([browser?.close(), demo?.stop()]);
});

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const [colorScheme, locale] of EVERY_LOOK) {
    test(`every tab on a ${size}, ${colorScheme}, ${locale}`, async () => {
      await withPage(browser, demo.origin, { panel: true, viewport, colorScheme, locale }, async (page) => {
        await signIn(page, demo);
        for (const tab of TABS) {
          await page.goto(`/admin/${tab}`);
          const inFull = ALL_HERE.includes(tab) && LOOKS.some(([scheme, reader]) => scheme === colorScheme && reader === locale);
          if (inFull) await holds(page);
          else assert.deepEqual(await tooWide(page), [], tab);
          await screenshot(page, `panel-${tab}-${size}-${colorScheme}-${locale.slice(0, 2)}`);
        }
      });
    });
  }
}

for (const width of [320, 360, 390]) {
  for (const locale of ['de-DE', 'en-GB']) {
    test(`on a phone of ${width} px every label is whole and has air, ${locale}`, async () => {
      await withPage(browser, demo.origin, { panel: true, viewport: { width, height: 780 }, locale }, async (page) => {
        await signIn(page, demo);
        await page.goto('/admin/mediakit');
        const labels = await page.locator('.tabs span').evaluateAll((all) =>
          all.map((label) => ({ cut: label.scrollWidth > label.clientWidth, ...label.getBoundingClientRect().toJSON() })),
        );
        assert.deepEqual(labels.filter(({ cut }) => cut), []);
        const air = Math.min(labels[0].left, width - labels.at(-1).right);
        assert.ok(air >= 8, `${air} px to the edge`);
        assert.deepEqual(await brokenWords(page, '.blocks .name'), []);
        assert.deepEqual(await tooWide(page), []);
      });
    });
  }
}

test('on a phone “Abmelden” and “Sign out” stand on one line', async () => {
  for (const [locale, words] of [['de-DE', 'Abmelden'], ['en-GB', 'Sign out']]) {
    await withPage(browser, demo.origin, { panel: true, viewport: { width: 360, height: 780 }, locale }, async (page) => {
      // Every test before this one left a session of its own.
      await signIn(page, demo);
      await page.goto('/admin/security');
      const button = page.locator('.rows button.text').filter({ hasText: words }).first();
      const lines = await button.evaluate((element) => {
        const range = new Range();
        range.selectNodeContents(element.firstChild);
        return range.getClientRects().length;
      });
      assert.equal(lines, 1, words);
    });
  }
});

test('disconnecting is asked for as people say it', async () => {
  for (const [locale, words] of [['de-DE', 'TikTok trennen'], ['en-GB', 'Disconnect TikTok']]) {
    await withPage(browser, demo.origin, { panel: true, viewport: SIZES.phone, locale }, async (page) => {
      await signIn(page, demo);
      await page.goto('/admin/connections/tiktok');
      await page.getByRole('link', { name: words, exact: true }).click();
      await page.getByRole('heading', { name: `${words}?`, exact: true }).waitFor();
    });
  }
});

test('“Seite ansehen” opens the page that the tab is about', async () => {
  await withPage(browser, demo.origin, { panel: true, viewport: SIZES.desktop, locale: 'de-DE' }, async (page) => {
    await signIn(page, demo);
    for (const tab of TABS) {
      await page.goto(`/admin/${tab}`);
      const [opened] = await Promise.all([page.waitForEvent('popup'), page.click('header >> text=Seite ansehen')]);
      await opened.waitForLoadState();
      assert.equal(new URL(opened.url()).pathname, tab === 'links' ? '/' : '/mediakit', tab);
      await opened.close();
    }
  });
});

test('the sign-in page', async () => {
  await withPage(browser, demo.origin, { viewport: SIZES.phone, locale: 'de-DE' }, async (page) => {
    await page.goto('/admin/login');
    await holds(page);
    await screenshot(page, 'panel-login-phone');
  });
});
