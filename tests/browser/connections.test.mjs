// The connections tab in a real browser: the board and a platform's page on phone and desktop, light and dark, German and
// English, and one connection from the button over the platform's page and back.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { holds } from './checks.mjs';
import { launchBrowser, LOOKS, screenshot, signIn, SIZES, startDemo, withPage } from './harness.mjs';


let demo;
let browser;
let elsewhere;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launchBrowser()]);
  elsewhere = Object.values((await demo.control('/origins')).json);
});

after(async () => {
  await Promise.all([browser?.close(), demo?.stop()]);
});

const options = (more) => ({ panel: true, elsewhere, ...more });

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const [colorScheme, locale] of LOOKS) {
    const name = `${size}-${colorScheme}-${locale.slice(0, 2)}`;
    test(`the board and a platform's page on a ${size}, ${colorScheme}, ${locale}`, async () => {
      await withPage(browser, demo.origin, options({ viewport, colorScheme, locale }), async (page) => {
        await signIn(page, demo);
        for (const [what, address] of [['board', ''], ['tiktok', '/tiktok'], ['twitch', '/twitch'], ['x', '/x'], ['ask', '/tiktok/disconnect']]) {
          await page.goto(`/admin/connections${address}`);
          await holds(page);
          await screenshot(page, `connections-${what}-${name}`);
        }
      });
    });
  }
}

test('a click on “Mit TikTok verbinden” leads to TikTok and back, connected', async () => {
  await withPage(browser, demo.origin, options({ viewport: SIZES.phone, locale: 'de-DE' }), async (page) => {
    await signIn(page, demo);
    await page.goto('/admin/connections/tiktok');
    await page.click('text=Mit TikTok verbinden');
    await page.waitForURL(/\/v2\/auth\/authorize\//);
    await page.click('text=Allow');
    await page.waitForURL(/\/admin\/connections\?of=tiktok&told=connected#tiktok$/);
    assert.ok(!page.url().includes('code='), 'the code stays in no address');
    assert.equal(await page.textContent('#tiktok [role=status]'), 'Verbunden. Die Zahlen werden gerade geholt.');
    await holds(page);
    await screenshot(page, 'connections-connected-phone');
    await page.goBack();
    assert.ok(!new URL(page.url()).pathname.includes('callback'), 'going back does not come by the return again');
  });
});

for (const [platform, name, authorize] of [['twitch', 'Twitch', /\/oauth2\/authorize\?/], ['x', 'X', /\/i\/oauth2\/authorize\?.*code_challenge_method=S256/]]) {
  test(`a click on “Connect with ${name}” leads there and back, connected, and what was granted stands on the board`, async () => {
    await withPage(browser, demo.origin, options({ viewport: SIZES.desktop, locale: 'en-GB' }), async (page) => {
      await signIn(page, demo);
      await page.goto(`/admin/connections/${platform}`);
      const shown = await page.inputValue(`#${platform}-redirect`);
      assert.equal(shown, `${demo.origin}/admin/connections/${platform}/callback`);
      const { id, secret } = (await demo.control(`/apps/mara/${platform}`)).json;
      for (const [field, value] of [['client-id', id], ['client-secret', secret]]) {
        const input = page.locator(`#${platform}-${platform}-${field}`);
        if (await input.count()) await input.fill(value);
      }
      await page.click(`text=Connect with ${name}`);
      await page.waitForURL(authorize);
      await page.click('text=Allow');
      await page.waitForURL(new RegExp(`of=${platform}&told=connected#${platform}$`));
      assert.equal(await page.textContent(`#${platform} [role=status]`), 'Connected. The numbers are being fetched.');
      assert.match(await page.textContent(`#${platform} .facts`), /(2 of 2|3 of 3) granted/);
      await holds(page);
      await screenshot(page, `connections-connected-${platform}`);
    });
  });
}

test('without script, saying no changes nothing and is said', async () => {
  await withPage(browser, demo.origin, options({ viewport: SIZES.desktop, locale: 'en-GB', javaScriptEnabled: false }), async (page) => {
    await signIn(page, demo);
    await page.goto('/admin/connections/tiktok');
    await page.click('text=Connect with TikTok');
    await page.click('text=Deny');
    await page.waitForURL(/told=denied/);
    assert.match(await page.textContent('#tiktok [role=status]'), /^You did not agree at TikTok\./);
    await screenshot(page, 'connections-denied-desktop');
  });
});

test('another account waits for a decision', async () => {
  await withPage(browser, demo.origin, options({ viewport: SIZES.desktop, locale: 'de-DE' }), async (page) => {
    await signIn(page, demo);
    await demo.control('/fault', { upstream: 'TIKTOK_WEB', fault: 'consent/other-account', path_contains: '/v2/auth/' });
    await page.goto('/admin/connections/tiktok');
    await page.click('text=Mit TikTok verbinden');
    await page.click('text=Allow');
    await page.waitForURL(/\/admin\/connections\/tiktok$/);
    await holds(page);
    await screenshot(page, 'connections-other-account-desktop');
    await page.click('text=Verwerfen');
    await page.waitForURL(/told=dropped/);
    await demo.control('/clear', {});
  });
});

test('the address to come back to is copied with a click', async () => {
  await withPage(browser, demo.origin, options({ viewport: SIZES.desktop, locale: 'en-GB' }), async (page, context) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: demo.origin });
    await signIn(page, demo);
    await page.goto('/admin/connections/tiktok');
    await page.click('text=Copy');
    await page.waitForSelector('text=Copied');
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied, `${demo.origin}/admin/connections/tiktok/callback`);
  });
});

test('with much that ails, the board says what and what next', async () => {
  await withPage(browser, demo.origin, options({ viewport: SIZES.phone, locale: 'de-DE' }), async (page) => {
    await signIn(page, demo);
    await demo.control('/fault', { upstream: 'TIKTOK_API', fault: 'status/503' });
    await page.goto('/admin/connections');
    await page.click('#tiktok >> text=Prüfen');
    await page.waitForURL(/told=test-failed&why=upstream/);
    await page.click('#twitch >> text=Trennen');
    await page.click('main >> button:has-text("Trennen")');
    await page.waitForURL(/told=disconnected/);
    await holds(page);
    await screenshot(page, 'connections-ails-phone');
    await demo.control('/clear', {});
  });
});
