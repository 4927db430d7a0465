// The settings in a real browser: every page on phone and desktop, light and dark, German and English, with its
// pictures kept, and what a person does there.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { axeFaults, holds, tooWide } from './checks.mjs';
import { launchBrowser, LOOKS, screenshot, signIn, SIZES, startDemo, withPage } from './harness.mjs';

const PAGES = ['', '/refresh', '/alerts', '/mirror', '/tokens', '/legal', '/import', '/backup', '/delete'];
const SAVED_PAGE = `<title>Mara</title><h1>Mara baut</h1><p class="description">Räder &amp; Werkzeug</p>
  <a href="https://shop.example/">Shop</a><a href="https://blog.example/a-long-address/that-goes-on/and-on">Blog</a>`;

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launchBrowser()]);
});

after(async () => {
  await Promise.all([browser?.close(), demo?.stop()]);
});

/** What an answer to a form is held to: it can't be asked for again. */
async function stands(page) {
  assert.deepEqual([...(await tooWide(page)), ...(await axeFaults(page))], []);
}

/** Signs in and uses a page of the settings. */
function on(path, options, use) {
  const usual = { panel: true, viewport: SIZES.desktop, locale: 'de-DE', colorScheme: 'light' };
  return withPage(browser, demo.origin, { ...usual, ...options }, async (page, context) => {
    await signIn(page, demo);
    await page.goto(`/admin/settings${path}`);
    return use(page, context);
  });
}

for (const path of PAGES) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const [colorScheme, locale] of LOOKS) {
      test(`settings${path} on a ${size}, ${colorScheme}, ${locale}`, async () => {
        await on(path, { viewport, colorScheme, locale }, async (page) => {
          await holds(page);
          await screenshot(page, `settings${path.replace('/', '-')}-${size}-${colorScheme}-${locale.slice(0, 2)}`);
        });
      });
    }
  }
}

test('the time of the refresh is told on the reader’s own clock', async () => {
  await on('/refresh', { timezoneId: 'America/New_York' }, async (page) => {
    await page.fill('input[name=at]', '12:00');
    assert.match(await page.textContent('.local'), /0[78]:00 Uhr \(America\/New_York\)/);
    assert.match(await page.textContent('.save .state'), /Noch nicht gespeichert/);
    await Promise.all([page.waitForURL(/done=saved/), page.click('.save button')]);
    await holds(page);
    assert.equal(await page.inputValue('input[name=at]'), '12:00');
  });
});

test('a token is shown once and revoked', async () => {
  await on('/tokens', { expected: [422] }, async (page) => {
    await page.fill('input[name=name]', 'Startseite');
    await page.click('button:has-text("Anlegen")');
    assert.match(await page.textContent('#scope-error'), /mindestens eines/);
    await page.check('input[name=scope-read]');
    await page.click('button:has-text("Anlegen")');
    const token = await page.textContent('.once');
    assert.match(token, /^mk_/);
    await stands(page);
    await page.evaluate(() => (document.querySelector('.once').textContent = 'mk_…'));
    await screenshot(page, 'settings-tokens-made');
    const rows = page.locator('.rows li', { hasText: 'Startseite' });
    await Promise.all([page.waitForURL(/done=revoked/), rows.getByRole('button').click()]);
    assert.equal(await page.locator('.rows li', { hasText: 'Startseite' }).count(), 0);
  });
});

test('alerts say beside the field what is wrong, and a test what came back', async () => {
  await on('/alerts', { expected: [422], viewport: SIZES.phone }, async (page) => {
    await page.fill('input[name=email]', 'ich');
    await page.click('.save button');
    assert.match(await page.textContent('#email-error'), /keine E-Mail-Adresse/);
    await page.locator('input[name=email]:focus').waitFor(); // work goes on there
    await screenshot(page, 'settings-alerts-refused');
    await page.fill('input[name=email]', '');
    await page.fill('input[name=ntfy]', 'http://127.0.0.1:1/thema');
    await Promise.all([page.waitForURL(/done=saved/), page.click('.save button')]);
    await page.click('button:has-text("Probe schicken")');
    assert.match(await page.textContent('.results'), /ntfy.*antwortet niemand/s);
    await stands(page);
    await screenshot(page, 'settings-alerts-tried');
  });
});

test('legal notice and privacy are written from the facts', async () => {
  await on('/legal', {}, async (page) => {
    await page.fill('[name=address]', 'Hafenstraße 1\n24103 Kiel');
    await page.fill('[name=email]', 'mara@kit.example');
    await page.fill('[name=hosting]', 'Hoster GmbH, Kiel');
    await Promise.all([page.waitForURL(/done=saved/), page.click('.save button')]);
    await screenshot(page, 'settings-legal-saved');
  });
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const [colorScheme, locale] of LOOKS) {
      for (const name of ['imprint', 'privacy']) {
        await withPage(browser, demo.origin, { viewport, colorScheme, locale }, async (page) => {
          await page.goto(`/${name}`);
          await holds(page);
          await screenshot(page, `${name}-${size}-${colorScheme}-${locale.slice(0, 2)}`);
        });
      }
    }
  }
});

test('what a saved page holds is chosen and taken over', async () => {
  await on('/import', { viewport: SIZES.phone }, async (page) => {
    await page.setInputFiles('input[name=file]', { name: 'page.html', mimeType: 'text/html', buffer: Buffer.from(SAVED_PAGE) });
    await page.click('main form button');
    await page.waitForLoadState();
    assert.equal(await page.locator('.found input:checked').count(), 4);
    await stands(page);
    await screenshot(page, 'settings-import-found');
    await page.uncheck('input[name=take-name]');
    await Promise.all([page.waitForURL(/done=taken/), page.click('main form button')]);
  });
  const entries = demo.sql('select title from link_entries order by place');
  assert.deepEqual(entries.slice(-2), [['Shop'], ['Blog']], 'behind those there are');
});

test('a backup is downloaded, restored, and everything deleted', async () => {
  const backup = await on('/backup', {}, async (page) => {
    await page.fill('input[name=password]', demo.password);
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('button:has-text("Sicherung laden")')]);
    assert.match(download.suggestedFilename(), /^mediakit-\d{4}-\d\d-\d\d\.db$/);
    const bytes = await readFile(await download.path());
    assert.equal(bytes.subarray(0, 15).toString(), 'SQLite format 3');
    return bytes;
  });
  await on('/backup', { expected: [422] }, async (page) => {
    const choose = async (buffer) => {
      await page.fill('input[name=restore-password]', demo.password);
      await page.setInputFiles('input[name=file]', { name: 'backup.db', mimeType: 'application/octet-stream', buffer });
      await page.click('button:has-text("Alles durch die Sicherung")');
    };
    await choose(Buffer.from('something else'));
    assert.match(await page.textContent('#file-error'), /keine Sicherung/);
    await screenshot(page, 'settings-backup-refused');
    await choose(backup);
    assert.match(await page.textContent('h1'), /Wiederhergestellt/);
    await stands(page);
    await screenshot(page, 'settings-restored');
  });
  await on('/delete', {}, async (page) => {
    await page.fill('input[name=word]', 'löschen');
    await page.fill('input[name=password]', demo.password);
    await page.click('main form button');
    assert.match(await page.textContent('h1'), /Alles ist gelöscht/);
    await stands(page);
    await page.click('text=Neu einrichten');
    await page.waitForURL(/\/admin\/setup/);
    assert.match(await page.inputValue('input[name=code]'), /^[A-Z2-9-]{19}$/);
  });
});
