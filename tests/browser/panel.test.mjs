// The panel in a real browser: every tab on phone and desktop, light and dark, German and English, with its pictures
// kept, and what a person does on it.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { holds, tooWide } from './checks.mjs';
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
