// Puts a running demo into the states a kit can be in, by the ways they come about: faults of the
// platforms, changes of the profile, rows that aged or broke. Each function resolves when the page shows it.

import assert from 'node:assert/strict';

const DAY_MS = 86_400_000;

export const NAMES = {
  long: 'Annemarie-Wilhelmine von Hohenstaufen-Donaudampfschifffahrtsgesellschaft zu Wald',
  rtl: 'مريم الحسيني',
  hostile: '"><script>alert(1)</script><img src=x onerror=alert(2)> \u202eretsam\u202c {{7*7}} https://evil.example/',
};

/** Everything as after two good refreshes. */
export async function whole(demo) {
  await demo.control('/clear', {});
  demo.sql("delete from social_stats_cache where stats_data = '{'");
  const { status } = await refresh(demo);
  assert.equal(status, 200);
}

export function refresh(demo) {
  return demo.api('POST', '/api/mediakit/refresh-social-stats');
}

/** Every platform answers 503, after which a refresh was tried. */
export async function allDown(demo) {
  await demo.control('/fault', { fault: 'status/503' });
  const { status } = await refresh(demo);
  assert.equal(status, 502);
}

/** One upstream has a fault, after which a refresh was tried. */
export async function oneDown(demo, upstream, fault) {
  await demo.control('/fault', { upstream, fault });
  const { status } = await refresh(demo);
  assert.equal(status, 200);
}

/** The rows of these platforms (all when none is named) are this many days older than they are. */
export async function aged(demo, days, ...platforms) {
  const earlier = (text) => new Date(new Date(text).getTime() - days * DAY_MS).toISOString();
  const rows = demo
    .sql('select id, platform, stats_data from social_stats_cache')
    .filter(([, platform]) => !platforms.length || platforms.includes(platform))
    .map(([id, , stats]) => {
      const older = stats.replace(/"(fetched_at|updated_at)":\s*"([^"]+)"/g, (_, key, at) => `"${key}":"${earlier(at)}"`);
      return [older, JSON.parse(older).fetched_at, id];
    });
  demo.sqlForEach('update social_stats_cache set stats_data = ?, fetched_at = ? where id = ?', rows);
  const known = demo.sql('select d.rowid, a.platform from demographics d join accounts a on a.id = d.account_id');
  const older = known.filter(([, platform]) => !platforms.length || platforms.includes(platform));
  demo.sqlForEach('update demographics set fetched_at = fetched_at - ? where rowid = ?', older.map(([id]) => [days * DAY_MS, id]));
  await shown(demo);
}

/** The row of a platform cannot be read. */
export async function badRow(demo, platform) {
  demo.sql("update social_stats_cache set stats_data = '{' where platform = ?", platform);
  await shown(demo);
}

/** The platform says a number far from the one before, once. */
export async function heldJump(demo, platform) {
  const [[id, stats]] = demo.sql('select id, stats_data from social_stats_cache where platform = ?', platform);
  const small = stats.replace(/"followers":\s*\d+/g, '"followers":170').replace(/("followers":\s*\{[^}]*"value":\s*)\d+/, '$1170');
  demo.sql('update social_stats_cache set stats_data = ? where id = ?', small, id);
  const { status } = await refresh(demo);
  assert.equal(status, 200);
}

/** The profile with these changes. */
export async function profile(demo, change) {
  const { status, json } = await demo.api('PUT', '/api/profile', change);
  assert.equal(status, 200, JSON.stringify(json));
}

/** No platform has a picture. */
export async function noPicture(demo) {
  demo.sql('delete from pictures');
  await shown(demo);
}

/** The server has looked at its database again, as before the answer to every change, even to one that changes nothing. */
export const shown = (demo) => profile(demo, {});
