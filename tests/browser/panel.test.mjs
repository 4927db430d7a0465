// The panel in a real browser: every tab on phone and desktop, light and dark, German and English, with its pictures
// kept, and what a person does on it.

import { after, before, test } from 'node:test';
import { holds } from './checks.mjs';
import { launchBrowser, LOOKS, screenshot, signIn, SIZES, startDemo, withPage } from './harness.mjs';

const TABS = ['profile', 'design'];

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launchBrowser()]);
});

after(async () => {
  await Promise.all([browser?.close(), demo?.stop()]);
});

for (const tab of TABS) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const [colorScheme, locale] of LOOKS) {
      test(`the tab ${tab} on a ${size}, ${colorScheme}, ${locale}`, async () => {
        await withPage(browser, demo.origin, { panel: true, viewport, colorScheme, locale }, async (page) => {
          await signIn(page, demo);
          await page.goto(`/admin/${tab}`);
          await holds(page);
          await screenshot(page, `panel-${tab}-${size}-${colorScheme}-${locale.slice(0, 2)}`);
        });
      });
    }
  }
}

test('the sign-in page', async () => {
  await withPage(browser, demo.origin, { viewport: SIZES.phone, locale: 'de-DE' }, async (page) => {
    await page.goto('/admin/login');
    await holds(page);
    await screenshot(page, 'panel-login-phone');
  });
});
