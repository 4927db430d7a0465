// Sign-in and security in a real browser: passkeys on a virtual authenticator, codes from an app, the recovery codes,
// with pictures of every page.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { holds } from './checks.mjs';
import { launchBrowser, LOOKS, screenshot, signIn, SIZES, startDemo, withPage } from './harness.mjs';

const AUTHENTICATOR = {
  protocol: 'ctap2',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
};

let demo;
let browser;
let byName;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launchBrowser()]);
  byName = demo.origin.replace('127.0.0.1', 'localhost');
});

after(async () => {
  await Promise.all([browser?.close(), demo?.stop()]);
});


/** Gives the page a device that has passkeys; `change` sets what it says of its owner. */
async function withDevice(page, context) {
  const client = await context.newCDPSession(page);
  await client.send('WebAuthn.enable');
  const { authenticatorId } = await client.send('WebAuthn.addVirtualAuthenticator', { options: AUTHENTICATOR });
  return {
    verified: (isUserVerified) => client.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
    keys: async () => (await client.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
  };
}

async function addPasskey(page, name) {
  await page.goto('/admin/security');
  await page.fill('#passkey-name', name);
  await page.fill('#passkey-password', demo.password);
  await Promise.all([page.waitForURL(/done=passkey-added/), page.click('[data-passkey] button')]);
}

async function signOut(page) {
  await page.click('.who summary');
  await Promise.all([page.waitForURL(/\/admin\/login/), page.click('form[action="/admin/logout"] button')]);
}

async function removeAll(page) {
  await page.goto('/admin/security');
  const button = page.locator('form[action="/admin/security/passkeys/remove"] button').first();
  while (await button.count()) {
    await Promise.all([page.waitForResponse((answer) => answer.status() === 200 && answer.url().includes('done=')), button.click()]);
    await page.waitForLoadState();
  }
}

/** RFC 6238. */
function code(secret, at = Date.now()) {
  const bits = [...secret.replaceAll(' ', '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const tag = createHmac('sha1', key).update(step).digest();
  return String((tag.readUInt32BE(tag[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const [colorScheme, locale] of LOOKS) {
    const look = `${size}-${colorScheme}-${locale.slice(0, 2)}`;
    test(`the page, codes and recovery codes, ${look}`, async () => {
      await withPage(browser, byName, { panel: true, viewport, colorScheme, locale, expected: [422] }, async (page, context) => {
        await withDevice(page, context);
        await signIn(page, demo);
        await addPasskey(page, 'Laptop');
        await holds(page, await page.content());
        await screenshot(page, `security-${look}`);

        await page.click('a[href="/admin/security/codes"]');
        await holds(page, await page.content());
        await screenshot(page, `security-codes-${look}`);
        const secret = (await page.textContent('.secret')).trim();
        await page.fill('#code', '000000');
        await page.fill('#password', demo.password);
        await page.click('main form button');
        await page.waitForSelector('#code-error');
        await page.fill('#code', code(secret));
        await page.fill('#password', demo.password);
        await page.click('main form button');
        await page.waitForSelector('.recovery');
        await holds(page, await page.content());
        await screenshot(page, `security-recovery-${look}`);
        const codes = await page.locator('.recovery code').allTextContents();
        assert.equal(new Set(codes).size, 10);
        const [download] = await Promise.all([page.waitForEvent('download'), page.click('a[download]')]);
        const saved = await (await download.createReadStream()).toArray();
        assert.equal(Buffer.concat(saved).toString(), `${codes.join('\n')}\n`);
        assert.ok(await page.isVisible('[data-print]'));

        await signOut(page);
        await page.fill('input[name=name]', demo.owner);
        await page.fill('input[name=password]', demo.password);
        await Promise.all([page.waitForURL(/\/admin\/login\/code/), page.click('main form button')]);
        await holds(page, await page.content());
        await page.click('.fold summary');
        await screenshot(page, `security-code-${look}`);
        await page.fill('#code', '000000');
        await page.click('main form button');
        await page.waitForSelector('#code-error');
        await page.fill('#code', codes[0]);
        await Promise.all([page.waitForURL(/\/admin\/profile/), page.click('main form button')]);

        await page.goto('/admin/security');
        await holds(page, await page.content());
        await page.locator('.fold summary').nth(1).click();
        await screenshot(page, `security-on-${look}`);
        await page.fill('#off-password', demo.password);
        await Promise.all([page.waitForURL(/done=codes-off/), page.click('form[action$="/codes/off"] button')]);
        await removeAll(page);
      });
    });
  }
}

test('a passkey is added, signs in alone, stands for the code, and is removed', async () => {
  await withPage(browser, byName, { panel: true, viewport: SIZES.phone, locale: 'de-DE', expected: [422] }, async (page, context) => {
    const device = await withDevice(page, context);
    await signIn(page, demo);
    await page.goto('/admin/security');
    await page.fill('#passkey-name', 'Telefon');
    await page.fill('#passkey-password', 'falsch');
    await page.click('[data-passkey] button');
    await page.getByText('Das ist nicht dein Passwort.').waitFor();
    assert.equal((await device.keys()).length, 0);
    await addPasskey(page, 'Telefon');
    const [key] = await device.keys();
    assert.equal(key.rpId, 'localhost');
    assert.ok(key.isResidentCredential);

    await signOut(page);
    await holds(page, await page.content());
    await screenshot(page, 'security-login-phone');
    const button = page.locator('[data-passkey] button');
    await device.verified(false);
    await button.click();
    await page.getByText('Der Passkey wurde nicht gelesen.').waitFor();
    await device.verified(true);
    await Promise.all([page.waitForURL(/\/admin\/profile/), button.click()]);

    await page.goto('/admin/security/codes');
    const secret = (await page.textContent('.secret')).trim();
    await page.fill('#code', code(secret));
    await page.fill('#password', demo.password);
    await page.click('main form button');
    await page.waitForSelector('.recovery');
    await signOut(page);
    await page.fill('input[name=name]', demo.owner);
    await page.fill('input[name=password]', demo.password);
    await Promise.all([page.waitForURL(/\/admin\/login\/code/), page.locator('main form button').first().click()]);
    await Promise.all([page.waitForURL(/\/admin\/profile/), page.locator('[data-passkey] button').click()]);
    await page.goto('/admin/security');
    await page.getByText('Angemeldet mit Passkey').first().waitFor();
    await page.locator('.fold summary').nth(1).click();
    await page.fill('#off-password', demo.password);
    await Promise.all([page.waitForURL(/done=codes-off/), page.click('form[action$="/codes/off"] button')]);
    await removeAll(page);
  });
});

test('at the number of this machine the page says where passkeys work', async () => {
  await withPage(browser, demo.origin, { panel: true, viewport: SIZES.phone, locale: 'de-DE' }, async (page) => {
    await signIn(page, demo);
    await page.goto('/admin/security');
    assert.equal(await page.getAttribute('#passkeys-h ~ p a', 'href'), `${byName}/admin/security`);
    await holds(page, await page.content());
  });
});

test('everything but passkeys works without JavaScript', async () => {
  await withPage(browser, byName, { panel: true, javaScriptEnabled: false, locale: 'en-GB' }, async (page) => {
    await signIn(page, demo);
    await page.goto('/admin/security');
    assert.ok(await page.isHidden('[data-passkey]'));
    assert.match(await page.content(), /<noscript>[^<]*<p>To add one, your browser needs JavaScript/);
    await page.click('a[href="/admin/security/codes"]');
    const secret = (await page.textContent('.secret')).trim();
    await page.fill('#code', code(secret));
    await page.fill('#password', demo.password);
    await page.click('main form button');
    await page.waitForLoadState();
    assert.equal(await page.locator('.recovery li').count(), 10);
    await page.goto('/admin/security');
    await page.locator('.fold summary').nth(1).click();
    await page.fill('#off-password', demo.password);
    await page.click('form[action$="/codes/off"] button');
    await page.getByText('Switched off. Your password is now enough').waitFor();
  });
});
