// Who sees the kit, in a real browser: a link for a brand is made, opened with its password and seen to be opened; a kit
// that is not public asks for a request, and the request is answered; a visitor checks the numbers.

import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { brokenWords, holds } from './checks.mjs';
import { launchBrowser, LOOKS, screenshot, signIn, SIZES, startDemo, withPage } from './harness.mjs';

const HOME = '/admin/mediakit/shares';

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launchBrowser()]);
});

after(async () => {
  await Promise.all([browser?.close(), demo?.stop()]);
});

const named = (what, size, colorScheme, locale) => `${what}-${size}-${colorScheme}-${locale.slice(0, 2)}`;

function asOwner(options, use) {
  return withPage(browser, demo.origin, { panel: true, viewport: SIZES.desktop, locale: 'de-DE', ...options }, async (page, context) => {
    await signIn(page, demo);
    return use(page, context);
  });
}

/** Chooses who sees the kit. */
function choose(access) {
  return asOwner({}, async (page) => {
    await page.goto(HOME);
    await page.check(`input[name=access][value=${access}]`);
    await page.getByRole('button', { name: 'Speichern' }).click();
    await page.getByText('Das gilt ab sofort.').waitFor();
  });
}

test('a link for a brand is made, copied, opened with its password, and seen to be opened', async () => {
  const address = await asOwner({ permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
    await page.goto('/admin/mediakit');
    await page.getByRole('link', { name: 'Sichtbarkeit und Links für Marken' }).click();
    await page.getByRole('link', { name: 'Neuer Link' }).click();
    await page.fill('input[name=brand]', 'Reifenwerk Lahr');
    await page.fill('input[name=contact]', 'mara@reifenwerk.example');
    await page.fill('input[name=password]', 'Herbst26');
    await page.check('input[name=own-rates]');
    await page.locator('details.own summary').click();
    await page.fill('input[name=name-0]', 'Reel für Reifenwerk');
    await page.getByRole('button', { name: 'Speichern' }).last().click();
    await page.getByText('Der Link ist fertig.').waitFor();
    const address = await page.locator('.copied input').first().inputValue();
    await page.getByRole('button', { name: 'Kopieren' }).first().click();
    await page.getByRole('button', { name: 'Kopiert' }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), address);
    assert.ok((await page.content()).includes('Noch nicht geöffnet'));
    return address;
  });
  await withPage(browser, demo.origin, { panel: true, viewport: SIZES.phone, locale: 'de-DE', expected: [422] }, async (page) => {
    await page.goto(address);
    await screenshot(page, 'share-locked-phone');
    await holds(page);
    await page.fill('input[name=password]', 'falsch');
    await page.getByRole('button', { name: 'Media-Kit öffnen' }).click();
    await page.getByText('Das Passwort stimmt nicht.').waitFor();
    await page.fill('input[name=password]', 'Herbst26');
    await page.getByRole('button', { name: 'Media-Kit öffnen' }).click();
    await page.getByText('Reel für Reifenwerk').waitFor();
    await holds(page);
    assert.equal(await page.locator('meta[name=robots]').getAttribute('content'), 'noindex');
  });
  await asOwner({}, async (page) => {
    await page.goto(HOME);
    await page.getByText(/geöffnet, zuletzt am/).waitFor();
  });
});

describe('every page of it', () => {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const [colorScheme, locale] of LOOKS) {
      test(`on a ${size}, ${colorScheme}, ${locale}`, () =>
        asOwner({ viewport, colorScheme, locale }, async (page) => {
          const id = demo.sql('select id from shares limit 1')[0][0];
          for (const [name, path] of Object.entries({ list: HOME, form: `${HOME}/${id}`, revoke: `${HOME}/${id}/revoke` })) {
            await page.goto(path);
            await screenshot(page, named(`share-${name}`, size, colorScheme, locale));
            await holds(page);
          }
        }));
    }
  }
});

test('a visitor checks the numbers and sees old and new', () =>
  withPage(browser, demo.origin, { viewport: SIZES.desktop, locale: 'de-DE' }, async (page) => {
    await page.goto('/mediakit');
    await page.getByRole('link', { name: 'jetzt prüfen' }).click();
    await screenshot(page, 'check-before-desktop');
    await holds(page);
    await page.getByRole('button', { name: 'Jetzt prüfen' }).click();
    await page.getByText('Letzte Prüfung:').waitFor();
    await screenshot(page, 'check-after-desktop');
    await holds(page);
    assert.ok((await page.content()).includes('Jede Abfrage kostet hier Geld.'), 'X is not asked for a visitor');
    for (const width of [1280, 700, 360, 320, SIZES.phone.width]) {
      await page.setViewportSize({ ...SIZES.phone, width });
      assert.deepEqual(await brokenWords(page, '.check table'), [], `${width}`);
    }
    await screenshot(page, 'check-after-phone');
    await holds(page);
  }));

test('a kit on request is asked for, and the owner answers', async () => {
  await choose('gated');
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const [colorScheme, locale] of LOOKS) {
      await withPage(browser, demo.origin, { viewport, colorScheme, locale }, async (page) => {
        await page.goto('/mediakit');
        await screenshot(page, named('share-ask', size, colorScheme, locale));
        await holds(page);
      });
    }
  }
  await withPage(browser, demo.origin, { viewport: SIZES.phone, locale: 'de-DE', javaScriptEnabled: false, expected: [422] }, async (page) => {
    await page.goto('/mediakit');
    await page.getByRole('button', { name: 'Anfragen' }).click();
    await page.getByText('Schreib deinen Namen hinein.').waitFor();
    await screenshot(page, 'share-ask-refused-phone');
    await page.fill('input[name=name]', 'Ben Ostertag');
    await page.fill('input[name=brand]', 'Sattelfest');
    await page.fill('input[name=email]', 'ben@sattelfest.example');
    await page.fill('textarea[name=message]', 'Wir planen eine Herbstreihe über gebrauchte Räder.');
    await page.getByRole('button', { name: 'Anfragen' }).click();
    await page.getByText('Deine Anfrage ist angekommen.').waitFor();
  });
  await asOwner({ viewport: SIZES.phone }, async (page) => {
    await page.goto(HOME);
    await screenshot(page, 'share-request-phone');
    await holds(page);
    await page.getByRole('link', { name: 'Link geben' }).click();
    assert.equal(await page.inputValue('input[name=brand]'), 'Sattelfest');
    await page.getByRole('button', { name: 'Speichern' }).last().click();
    await page.getByText('Der Link ist fertig.').waitFor();
    const letter = await page.getByRole('link', { name: /E-Mail schreiben/ }).first().getAttribute('href');
    assert.ok(letter.startsWith('mailto:ben@sattelfest') && letter.includes('%2Fs%2Fsattelfest'), letter);
  });
  await choose('public');
});
