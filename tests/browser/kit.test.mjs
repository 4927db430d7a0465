// The media kit tab and the blocks on the page in a real browser: what the owner does there, what visitors then see,
// and that hostile text stays text. Pictures of both are kept.

import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { holds, markupFaults, tooWide } from './checks.mjs';
import { launchBrowser, LOOKS, screenshot, signIn, SIZES, startDemo, withPage } from './harness.mjs';
import { NAMES, shown, whole } from './states.mjs';

const TAB = '/admin/mediakit';

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launchBrowser()]);
});

after(async () => {
  await Promise.all([browser?.close(), demo?.stop()]);
});

/** Opens a page of the panel as the owner. */
function asOwner(options, use) {
  const given = { panel: true, viewport: SIZES.desktop, locale: 'de-DE', ...options };
  return withPage(browser, demo.origin, given, async (page, context) => {
    await signIn(page, demo);
    return use(page, context);
  });
}

async function stands(page) {
  // The preview runs no script, not even a check's; what it shows is the public page, which is checked there.
  await page.evaluate(() => document.querySelectorAll('iframe').forEach((frame) => frame.remove()));
  await holds(page);
}

/** The block of a kind, as the database knows it. */
const block = (kind) => demo.sql('select id, body, version from blocks where kind = ? order by place', kind)[0];

describe('the tab', () => {
  const pages = () => ({ tab: TAB, partners: `${TAB}/block/${block('partners')[0]}`, rates: `${TAB}/block/${block('rates')[0]}`, numbers: `${TAB}/numbers`, new: `${TAB}/new/markdown`, stand: `${TAB}/refresh`, delete: `${TAB}/block/${block('video')[0]}/delete` });
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const [colorScheme, locale] of LOOKS) {
      test(`every page of it on a ${size}, ${colorScheme}, ${locale}`, () =>
        asOwner({ viewport, colorScheme, locale }, async (page) => {
          for (const [name, path] of Object.entries(pages())) {
            await page.goto(path);
            await page.waitForLoadState('networkidle');
            await screenshot(page, `kit-${name}-${size}-${colorScheme}-${locale.slice(0, 2)}`);
            await stands(page);
          }
        }));
    }
  }
});

describe('the page with every block', () => {
  for (const [size, viewport] of Object.entries({ ...SIZES, narrow: { width: 320, height: 700 } })) {
    for (const [colorScheme, locale] of LOOKS) {
      test(`on a ${size}, ${colorScheme}, ${locale}`, () =>
        withPage(browser, demo.origin, { viewport, colorScheme, locale }, async (page) => {
          await page.goto('/mediakit');
          await screenshot(page, `kit-page-${size}-${colorScheme}-${locale.slice(0, 2)}`);
          await stands(page);
        }));
    }
  }

  test('without script, and on paper', () =>
    withPage(browser, demo.origin, { viewport: SIZES.desktop, javaScriptEnabled: false }, async (page) => {
      await page.goto('/mediakit');
      assert.ok(await page.getByText('Reifenwerk Lahr').isVisible());
      await page.emulateMedia({ media: 'print' });
      await screenshot(page, 'kit-page-print');
    }));
});

describe('a refresh', () => {
  test('is shown platform by platform, and a failure leads on', () =>
    asOwner({}, async (page) => {
      await demo.control('/fault', { upstream: 'DISCORD_API', fault: 'status/404' });
      await page.goto(TAB);
      const seen = page.evaluate(() => {
        const states = new Set();
        return new Promise((resolve) => {
          const look = () => {
            for (const line of document.querySelectorAll('[data-board] li')) states.add(line.dataset.state);
            if (states.has('asking') && document.querySelector('progress:not([hidden])')) resolve([...states]);
          };
          new MutationObserver(look).observe(document.body, { subtree: true, attributes: true, childList: true });
        });
      });
      await page.getByRole('button', { name: 'Social Stats aktualisieren' }).click();
      assert.ok((await seen).includes('asking'));
      const failed = page.locator('li[data-platform=discord]');
      await page.getByRole('link', { name: /Handle prüfen/ }).waitFor();
      assert.equal(await failed.getAttribute('data-state'), 'failed');
      assert.equal(await failed.locator('.state').textContent(), 'fehlgeschlagen');
      assert.match(await page.locator('.standing').textContent(), /^8 von 8 Plattformen sind fertig/);
      assert.equal(await page.locator('li[data-state=saved]').count(), 7);
      await screenshot(page, 'kit-refreshed');
      await stands(page);
      await whole(demo);
    }));

  test('without script a form leads to where it stands', () =>
    asOwner({ javaScriptEnabled: false }, async (page) => {
      await page.goto(TAB);
      await page.getByRole('button', { name: 'Instagram API aktualisieren' }).click();
      await page.waitForURL(/\/admin\/mediakit\/refresh$/);
      await page.reload();
      assert.match(await page.locator('li[data-platform=instagram]').textContent(), /gespeichert|fragt an|wartet/);
    }));
});

describe('blocks', () => {
  test('a text is typed, looked at before it is saved, saved, moved by keyboard, hidden and deleted', () =>
    asOwner({}, async (page) => {
      await page.goto(`${TAB}/new/text`);
      await page.locator('iframe[name=preview]').waitFor();
      await page.fill('#heading', 'Neu hier');
      await page.fill('#text', 'Erster Absatz\n\nZweiter Absatz');
      await page.waitForFunction(() => {
        const frame = document.querySelector('iframe[name=preview]:not([data-loading])');
        return [...(frame?.contentDocument?.querySelectorAll('h2') ?? [])].some((heading) => heading.textContent === 'Neu hier');
      });
      assert.doesNotMatch(await (await fetch(demo.mediaKit)).text(), /Neu hier/, 'nothing is saved by looking');
      await screenshot(page, 'kit-preview');
      await page.getByRole('button', { name: 'Speichern' }).last().click();
      await page.waitForURL(/done=added/);
      assert.match(await (await fetch(demo.mediaKit)).text(), /Neu hier/);

      const row = page.locator('[data-blocks] > li', { hasText: 'Neu hier' });
      const place = () => page.locator('[data-blocks] > li').evaluateAll((rows) => rows.findIndex((row) => row.textContent.includes('Neu hier')));
      const last = await place();
      await row.getByRole('button', { name: /nach oben/ }).focus();
      await Promise.all([page.waitForURL(/done=moved/), page.keyboard.press('Enter')]);
      assert.equal(await place(), last - 1);
      await Promise.all([page.waitForURL(/done=saved/), row.getByRole('button', { name: /ausblenden/ }).click()]);
      assert.doesNotMatch(await (await fetch(demo.mediaKit)).text(), /Neu hier/);
      await Promise.all([page.waitForURL(/delete$/), row.getByRole('link', { name: /löschen/ }).click()]);
      await Promise.all([page.waitForURL(/done=deleted/), page.getByRole('button', { name: 'Endgültig löschen' }).click()]);
      assert.equal(await row.count(), 0);
    }));

  test('a block is dragged to another place', () =>
    asOwner({}, async (page) => {
      await page.goto(TAB);
      const names = () => page.locator('[data-blocks] .name > a').allInnerTexts();
      const before = await names();
      const rows = page.locator('[data-blocks] > li');
      await rows.nth(4).scrollIntoViewIfNeeded();
      const to = await rows.nth(1).boundingBox();
      const from = await rows.nth(4).locator('.grip').boundingBox();
      await page.mouse.move(from.x + 8, from.y + 20);
      await page.mouse.down();
      await page.mouse.move(to.x + 20, to.y + to.height / 2, { steps: 8 });
      await page.mouse.move(to.x + 20, to.y + 4, { steps: 4 });
      await Promise.all([page.waitForURL(/done=moved/), page.mouse.up()]);
      const [moved] = before.splice(4, 1);
      before.splice(1, 0, moved);
      assert.deepEqual(await names(), before);
    }));

  test('entries are added and taken away without losing what was typed, with and without script', async () => {
    for (const javaScriptEnabled of [true, false]) {
      await asOwner({ javaScriptEnabled, viewport: SIZES.phone, expected: [422] }, async (page) => {
        await page.goto(`${TAB}/new/partners`);
        await page.fill('#brand-0', 'Erste');
        await page.getByRole('button', { name: 'Noch ein Eintrag' }).click();
        await page.fill('#brand-1', 'Zweite');
        await page.getByRole('button', { name: 'Nach oben' }).click();
        await page.locator('#brand-0[value=Zweite]').waitFor();
        assert.deepEqual([await page.inputValue('#brand-0'), await page.inputValue('#brand-1')], ['Zweite', 'Erste']);
        await page.fill('#link-0', 'javascript:alert(1)');
        await page.getByRole('button', { name: 'Speichern' }).last().click();
        await page.locator('#link-0-error').waitFor();
        assert.equal(await page.inputValue('#link-0'), 'javascript:alert(1)');
        if (javaScriptEnabled) await page.locator('#link-0:focus').waitFor();
      });
    }
  });

  test('two tabs never overwrite each other unasked', () =>
    asOwner({ expected: [409] }, async (page, context) => {
      const [id] = block('video');
      const other = await context.newPage();
      for (const tab of [page, other]) await tab.goto(`${TAB}/block/${id}`);
      await page.fill('#title', 'Aus dem ersten Tab');
      await Promise.all([page.waitForURL(/done=saved/), page.getByRole('button', { name: 'Speichern' }).last().click()]);
      await other.fill('#title', 'Aus dem zweiten Tab');
      await other.getByRole('button', { name: 'Speichern' }).last().click();
      await other.getByRole('alert').waitFor();
      assert.match(await other.getByRole('alert').innerText(), /Aus dem ersten Tab/);
      assert.equal(await other.inputValue('#title'), 'Aus dem zweiten Tab');
      await screenshot(other, 'kit-two-tabs');
      assert.match(block('video')[1], /Aus dem ersten Tab/);
      await Promise.all([other.waitForURL(/done=saved/), other.getByRole('button', { name: 'Speichern' }).last().click()]);
      assert.match(block('video')[1], /Aus dem zweiten Tab/);
    }));
});

test('hostile blocks stay text, with no policy to stop them', async () => {
  const hostile = NAMES.hostile;
  const long = 'Donaudampfschifffahrtsgesellschaft'.repeat(4);
  const bodies = {
    hero: { line: hostile },
    stats: { heading: hostile, items: [{ label: long.slice(0, 60), value: '999999999999999999999999999' }, { label: NAMES.rtl, value: hostile.slice(0, 60) }] },
    platforms: { heading: NAMES.rtl },
    audience: { heading: hostile, source: hostile, items: [{ group: 'country', label: long, permille: 1000 }, { group: 'age', label: NAMES.rtl, permille: 1 }] },
    partners: { items: [{ brand: hostile, what: long, result: hostile, month: '2026-09', link: 'https://example.org/"><script>alert(3)</script>', disclosure: 'paid' }, { brand: NAMES.rtl, what: NAMES.rtl, result: long, disclosure: 'own' }] },
    rates: { currency: 'USD', note: hostile, items: [{ name: long, price: 1_000_000_000, least: true, includes: hostile }] },
    video: { title: hostile, link: 'https://example.org/', text: long },
    markdown: { heading: hostile, text: `${hostile}\n\n<script>alert(4)</script><img src=x onerror=alert(5)>\n\n[klick](javascript:alert(6)) ![](https://evil.example/p.png)\n\n${'> '.repeat(400)}x\n\n# ${long}` },
    'call-to-action': { heading: hostile.slice(0, 60), text: NAMES.rtl, label: long.slice(0, 60), link: 'mailto:a@example.org?subject="><b>' },
  };
  const before = demo.sql('select id, body from blocks');
  demo.sqlForEach('update blocks set body = ? where kind = ?', Object.entries(bodies).map(([kind, body]) => [JSON.stringify(body), kind]));
  await shown(demo);
  for (const [size, viewport] of Object.entries({ ...SIZES, narrow: { width: 320, height: 700 } })) {
    const context = await browser.newContext({ viewport, locale: 'de-DE', bypassCSP: true, baseURL: demo.origin });
    const page = await context.newPage();
    const asked = [];
    const alarms = [];
    page.on('request', (request) => new URL(request.url()).origin !== demo.origin && asked.push(request.url()));
    page.on('dialog', async (dialog) => {
      alarms.push(dialog.message());
      await dialog.dismiss();
    });
    await page.goto('/mediakit');
    await page.waitForLoadState('networkidle');
    await screenshot(page, `kit-hostile-${size}`);
    assert.deepEqual([...alarms, ...asked, ...(await tooWide(page))], []);
    const { scripts, schemes } = await page.evaluate(() => ({
      scripts: [...document.scripts].filter((script) => script.type !== 'application/ld+json').length,
      schemes: [...new Set([...document.links].map((link) => link.protocol))].sort(),
    }));
    assert.deepEqual([scripts, schemes], [1, ['http:', 'https:', 'mailto:']]);
    await context.close();
  }
  assert.deepEqual(await markupFaults(await (await fetch(demo.mediaKit)).text()), []);
  demo.sqlForEach('update blocks set body = ? where id = ?', before.map(([id, body]) => [body, id]));
  await shown(demo);
});
