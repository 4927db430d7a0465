// The link page and the panel's links tab in a real browser: phone and desktop, light and dark, German and English, with
// their pictures kept; moving entries by hand, by keyboard and without script; following a link.

import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { axeFaults, holds, tooWide } from './checks.mjs';
import { launchBrowser, screenshot, signIn, SIZES, startDemo, startServe, withPage } from './harness.mjs';

const SIGHTS = [['light', 'de-DE'], ['dark', 'en-GB'], ['light', 'en-GB'], ['dark', 'de-DE']];
const PERSON = 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/150.0';

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launchBrowser()]);
});

after(async () => {
  await Promise.all([browser?.close(), demo?.stop()]);
});

function onPanel(options, use) {
  return withPage(browser, demo.origin, { panel: true, locale: 'de-DE', viewport: SIZES.desktop, ...options }, async (page) => {
    await signIn(page, demo);
    await page.goto('/admin/links');
    return use(page);
  });
}

const titles = (page) => page.locator('.entry .title').allInnerTexts();
const publicTitles = async (page) => {
  const html = await (await page.request.get('/?lang=de')).text();
  return [...html.matchAll(/<(?:h2 id="s\d+"|span class="title"|li class="words")[^>]*>([^<]+)</g)].map((match) => match[1].trim());
};
/** Waits until the server has what the page shows. */
const kept = (page) =>
  page.waitForResponse((answer) => answer.url().endsWith('/admin/links/order') && answer.status() === 303);

describe('the link page', () => {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const [colorScheme, locale] of SIGHTS) {
      test(`on a ${size}, ${colorScheme}, ${locale}`, () =>
        withPage(browser, demo.origin, { viewport, colorScheme, locale, javaScriptEnabled: true }, async (page) => {
          assert.equal((await page.goto('/')).status(), 200);
          await holds(page);
          assert.equal(await page.locator('html').getAttribute('lang'), locale.slice(0, 2));
          assert.ok((await page.locator('.links a').count()) > 4);
          await screenshot(page, `links-${size}-${colorScheme}-${locale.slice(0, 2)}`);
        }));
    }
  }

  test('at 320 px nothing is wider than the screen', () =>
    withPage(browser, demo.origin, { viewport: { width: 320, height: 640 }, locale: 'de-DE' }, async (page) => {
      await page.goto('/');
      assert.deepEqual(await tooWide(page), []);
      await screenshot(page, 'links-narrow');
    }));

  test('on paper', () =>
    withPage(browser, demo.origin, { viewport: { width: 794, height: 1123 }, locale: 'de-DE' }, async (page) => {
      await page.goto('/');
      await page.emulateMedia({ media: 'print' });
      assert.equal(await page.locator('.langs').isVisible(), false);
      await screenshot(page, 'links-print');
    }));

  test('every link can be hit with a thumb and reached with the keyboard', () =>
    withPage(browser, demo.origin, { viewport: SIZES.phone, locale: 'de-DE' }, async (page) => {
      await page.goto('/');
      const small = await page.locator('.links a, .accounts a, .kit, .langs a').evaluateAll((links) =>
        links.filter((link) => link.getBoundingClientRect().height < 44).map((link) => link.textContent.trim()),
      );
      assert.deepEqual(small, []);
      const wanted = await page.locator('a:visible:not(.skip)').count();
      const reached = new Set();
      for (let press = 0; press <= wanted + 1; press += 1) {
        await page.keyboard.press('Tab');
        const focused = await page.evaluate(() => {
          const { outlineStyle } = getComputedStyle(document.activeElement);
          return { href: document.activeElement.href, outlineStyle };
        });
        if (focused.href) reached.add(focused.href);
        assert.notEqual(focused.outlineStyle === 'none' && focused.href, true);
      }
      const hrefs = await page.locator('a:not(.skip)').evaluateAll((links) => links.map((link) => link.href));
      assert.deepEqual(hrefs.filter((href) => !reached.has(href)), []);
    }));

  test('empty: nobody has set it up, and with an account but no link it looks finished', async () => {
    for (const [name, handles] of [['empty', {}], ['accounts-only', { bluesky: 'mara.bsky.social' }]]) {
      const server = await startServe(handles);
      try {
        await withPage(browser, server.origin, { viewport: SIZES.phone, locale: 'de-DE' }, async (page) => {
          await page.goto('/');
          await holds(page);
          await screenshot(page, `links-${name}`);
        });
      } finally {
        await server.stop();
      }
    }
  });

  test('a followed link is counted once, and the panel shows it', () =>
    onPanel({ userAgent: PERSON }, async (page) => {
      const row = page.locator('.entry', { hasText: 'Podcast' });
      const today = async () => Number(await row.locator('.clicks dd').first().innerText());
      const before = await today();
      const href = await page.evaluate(async () => {
        const html = await (await fetch('/')).text();
        const links = [...new DOMParser().parseFromString(html, 'text/html').querySelectorAll('.links a')];
        return links.find((link) => link.textContent.includes('Podcast')).getAttribute('href');
      });
      assert.match(href, /^\/go\/\d+$/);
      const led = await page.request.get(href, { maxRedirects: 0, headers: { 'user-agent': PERSON } });
      assert.equal(led.status(), 302);
      assert.equal(led.headers().location, 'https://kette-rechts.example/');
      await page.reload();
      assert.equal(await today(), before + 1);
    }));
});

describe('the links tab', () => {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const [colorScheme, locale] of SIGHTS.slice(0, 2)) {
      test(`on a ${size}, ${colorScheme}, ${locale}`, () =>
        onPanel({ viewport, colorScheme, locale }, async (page) => {
          const name = `panel-links-${size}-${colorScheme}-${locale.slice(0, 2)}`;
          await holds(page);
          await screenshot(page, name);
          await page.locator('.entry', { hasText: 'Podcast' }).locator('.edit').click();
          await page.waitForURL(/\/admin\/links\/\d+$/);
          await holds(page);
          await screenshot(page, `${name}-form`);
          await page.goto('/admin/links');
          await page.locator('.entry', { hasText: 'Podcast' }).locator('a[href$="/delete"]').click();
          await page.waitForURL(/\/delete$/);
          await holds(page);
          await screenshot(page, `${name}-delete`);
        }));
    }
  }

  test('what is wrong stands beside its field, and what was typed stays', () =>
    onPanel({ viewport: SIZES.phone, expected: [422] }, async (page) => {
      await page.goto('/admin/links/new?kind=link');
      await page.fill('#title', 'Ein Titel');
      await page.fill('#url', 'javascript:alert(1)');
      await page.locator('label', { hasText: 'Podcast' }).click();
      await page.click('.save button');
      await page.locator('#url-error').waitFor();
      assert.equal(await page.inputValue('#title'), 'Ein Titel');
      assert.equal(await page.inputValue('#url'), 'javascript:alert(1)');
      assert.ok(await page.locator('input[value="podcast"]').isChecked());
      await page.locator('#url:focus').waitFor();
      assert.deepEqual([...(await tooWide(page)), ...(await axeFaults(page))], []);
      await screenshot(page, 'panel-links-refused');
    }));

  test('a new form takes the browser’s time zone', () =>
    onPanel({ timezoneId: 'Asia/Tokyo' }, async (page) => {
      await page.goto('/admin/links/new?kind=link');
      assert.equal(await page.inputValue('#zone'), 'Asia/Tokyo');
      assert.equal(await page.locator('form[data-dirty]').count(), 0, 'a guess is no change');
    }));

  for (const [size, viewport] of Object.entries(SIZES)) {
    test(`dragging moves an entry, says it and keeps it, on a ${size}`, () =>
      onPanel({ viewport }, async (page) => {
        const before = await titles(page);
        const [from, to] = [page.locator('.entry').nth(1), page.locator('.entry').nth(3)];
        await from.locator('.grip').scrollIntoViewIfNeeded();
        const grip = await from.locator('.grip').boundingBox();
        const target = await to.boundingBox();
        await page.mouse.move(grip.x + grip.width / 2, grip.y + grip.height / 2);
        await page.mouse.down();
        await page.mouse.move(grip.x + 10, target.y + target.height / 2 + 2, { steps: 12 });
        await screenshot(page, `panel-links-dragging-${size}`);
        const done = kept(page);
        await page.mouse.up();
        await done;
        const after = await titles(page);
        assert.notDeepEqual(after, before);
        assert.ok(after.indexOf(before[1]) >= 2, after.join(' | '));
        assert.match(await page.locator('#said').innerText(), new RegExp(`Platz ${after.indexOf(before[1]) + 1} von ${before.length}`));
        await page.reload();
        assert.deepEqual(await titles(page), after);
      }));
  }

  test('the arrow keys on the grip move an entry and keep the focus', () =>
    onPanel({}, async (page) => {
      const before = await titles(page);
      const grip = page.locator('.entry').nth(4).locator('.grip');
      await grip.focus();
      let done = kept(page);
      await page.keyboard.press('ArrowUp');
      await done;
      const swapped = [...before.slice(0, 3), before[4], before[3], ...before.slice(5)];
      assert.deepEqual(await titles(page), swapped);
      assert.match(await page.locator('#said').innerText(), /Platz 4 von/);
      assert.match(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), /^Verschieben: /);
      done = kept(page);
      await page.keyboard.press('ArrowDown');
      await done;
      assert.deepEqual(await titles(page), before);
      await page.reload();
      assert.deepEqual(await titles(page), before);
    }));

  test('the buttons move in place, and without script a page later', async () => {
    const move = async (page) => {
      const before = await titles(page);
      await page.locator('.entry').nth(1).locator('[value=down]').click();
      await page.waitForFunction((first) => document.querySelectorAll('.entry .title')[1].innerText !== first, before[1]);
      assert.deepEqual(await titles(page), [before[0], before[2], before[1], ...before.slice(3)]);
    };
    await onPanel({}, async (page) => {
      const done = kept(page);
      await move(page);
      await done;
      assert.equal(await page.evaluate(() => document.activeElement.value), 'down');
    });
    await onPanel({ javaScriptEnabled: false }, async (page) => {
      assert.equal(await page.locator('.grip').count(), 0);
      const before = await titles(page);
      await page.locator('.entry').nth(1).locator('[value=down]').click();
      await page.waitForURL(/done=moved#entry-\d+$/);
      assert.deepEqual(await titles(page), [before[0], before[2], before[1], ...before.slice(3)]);
      assert.deepEqual(await publicTitles(page).then((shown) => shown.length > 0), true);
    });
  });

  test('an order that cannot be saved is said', () =>
    onPanel({ expected: [409] }, async (page) => {
      await page.evaluate(() => (document.querySelector('.entry').dataset.entry = '9999'));
      await page.locator('.entry').first().locator('.grip').focus();
      await page.keyboard.press('ArrowDown');
      await page.locator('#said.alert').waitFor();
      assert.match(await page.locator('#said').innerText(), /ließ sich nicht speichern/);
    }));

  test('hiding and showing, adding and deleting change the page at once', () =>
    onPanel({}, async (page) => {
      await page.goto('/admin/links/new?kind=link');
      await page.fill('#title', 'Ganz neu');
      await page.fill('#url', 'neu.example');
      await page.click('.save button');
      await page.waitForURL(/done=added/);
      assert.ok((await publicTitles(page)).includes('Ganz neu'));
      const row = page.locator('.entry', { hasText: 'Ganz neu' });
      await row.locator('[name=hidden]').click();
      await page.waitForURL(/done=hidden/);
      assert.ok(!(await publicTitles(page)).includes('Ganz neu'));
      await row.locator('[name=hidden]').click();
      await page.waitForURL(/done=shown/);
      assert.ok((await publicTitles(page)).includes('Ganz neu'));
      await row.locator('a[href$="/delete"]').click();
      await page.locator('button.risky').click();
      await page.waitForURL(/done=deleted/);
      assert.ok(!(await publicTitles(page)).includes('Ganz neu'));
      assert.equal(await row.count(), 0);
    }));
});
