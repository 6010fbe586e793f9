import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageDir } from '../src/build.ts';
import { ids } from './fixture-data.ts';
import { launchBrowser, startHarness, type Harness } from './harness.ts';

/*
 * The screens in a real browser, before the real local issuer and the fixture API (every answer of which passes the contracts' schemas).
 */
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const screens: Record<string, string> = {
  overview: '/', stations: '/stations', station: `/stations/${ids.cp111}`, 'faulted station': `/stations/${ids.cp112}`, sessions: '/sessions', session: `/sessions/${ids.ended}`,
  cards: '/cards', tariffs: '/tariffs', models: `/models?site=${ids.boulder}`, lab: '/lab',
};

let harness: Harness;
let browser: Browser;
let signedIn: Awaited<ReturnType<BrowserContext['storageState']>>;
const violationsOfPolicy: string[] = [];

beforeAll(async () => {
  [harness, browser] = await Promise.all([startHarness(), launchBrowser()]);
  const context = await browser.newContext({ locale: 'id-ID' });
  const page = await context.newPage();
  await page.goto(`${harness.url}/stations?status=Faulted`);
  await page.getByRole('link', { name: 'Masuk' }).click();
  const operator = harness.accounts.find((account) => account.username === 'operator');
  await page.locator('input[name="username"]').fill('operator');
  await page.locator('input[type="password"]').fill(operator?.password ?? '');
  await page.locator('button[type="submit"]').first().click();
  // Signed in, and back on the screen that was asked for.
  await page.waitForURL(`${harness.url}/stations?status=Faulted`);
  await page.getByRole('heading', { name: 'Stasiun', level: 1 }).waitFor();
  signedIn = await context.storageState();
  await context.close();
});
afterAll(async () => {
  await browser?.close();
  await harness?.close();
});

async function open(path: string, options: BrowserContextOptions = {}): Promise<{ page: Page; context: BrowserContext }> {
  const context = await browser.newContext({ storageState: signedIn, locale: 'id-ID', viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  page.on('console', (message) => { if (/Content Security Policy|Content-Security-Policy/.test(message.text())) violationsOfPolicy.push(message.text()); });
  await page.goto(harness.url + path);
  await ready(page);
  return { page, context };
}
async function ready(page: Page): Promise<void> {
  await page.locator('main h1').first().waitFor();
  await expect.poll(() => page.locator('main [role=status][aria-label]').count()).toBe(0);
}

describe.each([['id-ID', 'Ringkasan'], ['en-GB', 'Overview']] as const)('in %s', (locale, overviewTitle) => {
  it('U-03 axe finds nothing serious on any screen, light or dark', async () => {
    const { page, context } = await open('/', { locale });
    await page.getByRole('heading', { name: overviewTitle, level: 1 }).waitFor();
    await page.evaluate(axeSource);
    const found: string[] = [];
    for (const [name, path] of Object.entries(screens)) {
      await page.emulateMedia({ colorScheme: 'light' });
      await page.goto(harness.url + path);
      await ready(page);
      await page.evaluate(axeSource);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await expect.poll(() => page.locator('html').getAttribute('data-mantine-color-scheme')).toBe(colorScheme);
        await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
        // The dark theme changes colours alone, so that is what is looked at again.
        const rules = colorScheme === 'light' ? "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']" : "{ type: 'rule', values: ['color-contrast'] }";
        const results = await page.evaluate<AxeResults>(`axe.run(document, { runOnly: ${rules}, resultTypes: ['violations'] })`);
        for (const violation of results.violations) found.push(`${name} ${colorScheme} ${violation.impact}: ${violation.id} ${violation.nodes.slice(0, 2).map((node) => `${node.html.slice(0, 100)} (${node.any[0]?.message ?? ''})`).join(' | ')}`);
      }
    }
    await context.close();
    expect(found).toEqual([]);
  });

  it('U-06 nothing scrolls sideways at 360 px, and what can be touched is 44 px high', async () => {
    const { page, context } = await open('/', { locale, viewport: { width: 360, height: 760 } });
    const wrong: string[] = [];
    for (const [name, path] of Object.entries(screens)) {
      await page.goto(harness.url + path);
      await ready(page);
      const over = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
      if (over > 0) wrong.push(`${name}: ${over} px too wide`);
      const small = await page.evaluate<string[]>(`[...document.querySelectorAll('main button:not(.inline-button):not(.text-button), .bottom-bar a, .bottom-bar button, main .tile')].filter((e) => e.getBoundingClientRect().height > 0 && e.getBoundingClientRect().height < 44).map((e) => e.textContent)`);
      if (small.length > 0) wrong.push(`${name}: too small: ${small.join(', ')}`);
    }
    await context.close();
    expect(wrong).toEqual([]);
  });
});

it('U-06 a page that was loaded wide fits when its window is narrowed, with its charts', async () => {
  for (const path of ['/', `/sessions/${ids.session1}`]) {
    const { page, context } = await open(path);
    await page.locator('.chart canvas').first().waitFor();
    await page.setViewportSize({ width: 360, height: 760 });
    await expect.poll(() => page.evaluate<number>("document.querySelector('.chart canvas').getBoundingClientRect().width")).toBeLessThan(360);
    expect(await page.evaluate<number>('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(360);
    await context.close();
  }
});

it('U-04 finds a faulted station, reads why, and asks it to restart, with the keyboard alone', async () => {
  const { page, context } = await open('/');
  const press = async (...keys: string[]): Promise<void> => { for (const key of keys) await page.keyboard.press(key); };
  await press('g', 'e');
  await page.waitForURL('**/sessions');
  await press('g', 's');
  await page.waitForURL('**/stations');
  await press('?');
  await page.getByRole('dialog', { name: 'Pintasan papan ketik' }).waitFor();
  await press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await press('/');
  await page.keyboard.type('CP_112');
  await press('Enter');
  await page.waitForURL('**/stations?search=CP_112');
  const link = page.getByRole('table', { name: 'Stasiun' }).getByRole('link');
  await expect.poll(() => link.count()).toBe(1);
  await link.focus();
  await press('Enter');
  await page.getByRole('heading', { name: 'CP_112', level: 1 }).waitFor();
  await expect.poll(() => page.locator('main').innerText()).toMatch(/Arus bocor ke tanah.*\n.*Jangan dipakai/s);
  await page.getByRole('button', { name: 'Mulai ulang CP_112' }).focus();
  await press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Mulai ulang CP_112' });
  await dialog.waitFor();
  expect(await dialog.innerText()).toContain('Tidak ada sesi yang terhenti.');
  await expect.poll(() => page.evaluate("document.activeElement?.closest('[role=dialog]') !== null")).toBe(true);
  await press('Enter');
  await dialog.waitFor({ state: 'detached' });
  // What is shown is what is known: sent, and nothing more until the station answers.
  await expect.poll(() => page.locator('.command').first().innerText()).toMatch(/Mulai ulang[\s\S]*terkirim[\s\S]*menunggu jawaban stasiun/);
  await context.close();
});

it('says in the lab what became of a card, and asks before it stops the bus', async () => {
  const [, connector] = harness.api.data.lab.stations.flatMap((each) => each.connectors);
  if (!connector) throw new Error('the fixture has no connector');
  connector.lastCard = { outcome: 'refused', detail: 'ConcurrentTx', at: new Date().toISOString() };
  const { page, context } = await open('/lab');
  await page.getByText('Kartu ditolak: sedang mengisi di stasiun lain').waitFor();
  await page.getByRole('button', { name: 'Hentikan bus' }).click();
  const dialog = page.getByRole('dialog', { name: 'Hentikan bus' });
  await dialog.getByRole('button', { name: 'Batal' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Cabut' }).first().click();
  await page.getByText('CP_111, konektor 1: kabel dicabut.').waitFor();
  await context.close();
});

it('draws the curve of a session that has one reading, from its start', async () => {
  const id = ids.session1;
  const curve = harness.api.data.curves.get(id);
  if (!curve) throw new Error('the fixture has no curve');
  harness.api.data.curves.set(id, { ...curve, points: curve.points.slice(-1), readings: 1 });
  const { page, context } = await open(`/sessions/${id}`);
  await page.locator('.chart canvas').waitFor();
  await page.getByRole('button', { name: 'Lihat sebagai tabel' }).click();
  await expect.poll(() => page.getByRole('table', { name: 'Daya dan energi' }).getByRole('row').count()).toBe(3);
  harness.api.data.curves.set(id, curve);
  await context.close();
});

it('U-08 names what will stop, and for how much', async () => {
  const { page, context } = await open(`/stations/${ids.cp111}`);
  await page.getByRole('button', { name: 'Mulai ulang CP_111' }).click();
  expect((await page.getByRole('dialog').innerText()).replace(/[\u00a0\u202f]/g, ' ')).toContain('1 sesi di CP_111 akan berhenti; pengemudi membayar untuk 12,5 kWh.');
  await context.close();
});

it('U-01 a message is on the screen within 2 s, and only its own cell changes', async () => {
  const { page, context } = await open(`/stations/${ids.cp111}`);
  await page.evaluate("window.changed = new Set(); new MutationObserver((all) => all.forEach((m) => { const card = m.target.parentElement?.closest('.card'); if (card) window.changed.add(card.querySelector('h2')?.textContent); })).observe(document.querySelector('main'), { subtree: true, characterData: true, childList: true })");
  const session = harness.api.data.stations[0]?.connectors[0]?.session;
  if (!session) throw new Error('the fixture has no live session');
  session.energyWh = 12_990;
  const beganMs = performance.now();
  harness.api.emit([{ kind: 'session', sessionId: ids.session1, stationId: ids.cp111, evseId: 1, connectorId: 1, state: 'active', energyWh: 12_990, powerW: 20_100, at: new Date().toISOString() }]);
  await page.getByText('12,99').first().waitFor({ timeout: 2_000 });
  expect(performance.now() - beganMs).toBeLessThan(2_000);
  await page.getByText('20,1').first().waitFor();
  expect(await page.evaluate<string[]>('[...window.changed]')).not.toContain('Perintah');
  await context.close();
});

it('U-02 a lost stream shows within 5 s, ages count on, and it comes back by itself without a reload', async () => {
  const { page, context } = await open('/');
  await page.evaluate('window.sameDocument = true');
  await expect.poll(() => page.locator('.live-pill').getAttribute('data-state')).toBe('live');
  harness.api.cutStreams();
  const banner = page.locator('.live-banner');
  await banner.waitFor({ timeout: 5_000 });
  const before = await banner.innerText();
  await expect.poll(() => banner.innerText(), { timeout: 5_000 }).not.toBe(before);
  harness.api.data.overview.stations.offline = 77;
  harness.api.restoreStreams();
  await banner.waitFor({ state: 'detached', timeout: 15_000 });
  await page.getByText('77', { exact: true }).waitFor();
  expect(await page.evaluate('window.sameDocument')).toBe(true);
  harness.api.data.overview.stations.offline = 2;
  await context.close();
});

it('U-02 greys the figures when nothing was heard for a minute', async () => {
  const context = await browser.newContext({ storageState: signedIn, locale: 'id-ID' });
  const page = await context.newPage();
  await page.clock.install();
  await page.goto(harness.url);
  await page.locator('main h1').waitFor();
  await expect.poll(() => page.locator('.live-pill').getAttribute('data-state')).toBe('live');
  harness.api.cutStreams();
  await page.clock.fastForward(20_000);
  await page.locator('.live-banner').waitFor();
  expect(await page.locator('main').getAttribute('data-stale')).toBe('false');
  await page.clock.fastForward(61_000);
  await expect.poll(() => page.locator('main').getAttribute('data-stale')).toBe('true');
  harness.api.restoreStreams();
  await context.close();
});

it.each([
  ['empty', '/stations', /Belum ada stasiun[\s\S]*csmsctl ports/], ['empty', '/sessions', /Belum ada sesi[\s\S]*csmsctl station command/], ['empty', '/cards', /Belum ada kartu/], ['empty', '/tariffs', /Belum ada tarif/], ['empty', `/models?site=${ids.boulder}`, /Belum ada model/],
  ['broken', '/stations', /Data tidak dapat dimuat[\s\S]*4bf92f3577b34da6a3ce929d0e0e4736[\s\S]*Coba lagi/], ['forbidden', '/sessions', /tidak punya izin[\s\S]*Admin tenant/], ['full', '/stations?search=nobody', /Tidak ada yang cocok[\s\S]*nama "nobody"[\s\S]*Hapus saringan/],
] as const)('U-07 a list that is %s says so and what to do: %s', async (mood, path, expected) => {
  harness.api.setMood(mood);
  const context = await browser.newContext({ storageState: signedIn, locale: 'id-ID' });
  const page = await context.newPage();
  await page.goto(harness.url + path);
  await expect.poll(() => page.locator('main').innerText(), { timeout: 10_000 }).toMatch(expected);
  harness.api.setMood('full');
  await context.close();
});

it('a card that is held to a station is read there, seen, and registered', async () => {
  const context = await browser.newContext({ storageState: signedIn, locale: 'id-ID' });
  const page = await context.newPage();
  await page.goto(`${harness.url}/cards`);
  await page.getByRole('button', { name: 'Baca kartu' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox').click();
  await page.getByRole('option').first().click();
  await dialog.getByRole('button', { name: 'Tunggu kartu' }).click();
  await dialog.getByText('Tempelkan kartu ke stasiun').waitFor();
  const opened = harness.api.data.enrolment!;
  harness.api.data.enrolment = { ...opened, state: 'offered', uidMasked: '04••••EE', offeredAt: new Date().toISOString() };
  harness.api.emit([{ kind: 'enrolment', enrolmentId: opened.id, stationId: opened.stationId, state: 'offered', at: new Date().toISOString() }]);
  await dialog.getByText('04••••EE').waitFor();
  await dialog.getByLabel('Pengemudi').fill('Wayan Baru');
  await dialog.getByRole('button', { name: 'Tambah kartu' }).click();
  await page.locator('main').getByText('Wayan Baru').first().waitFor();
  expect(await page.locator('main').innerText()).toContain('04••••EE');
  harness.api.data.tokens.shift();
  await context.close();
});

it('U-09 the first load is at most 250 KiB of compressed JavaScript', () => {
  const html = readFileSync(join(pageDir, 'index.html'), 'utf8');
  const files = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map((match) => match[1] ?? '');
  expect(files.length).toBeGreaterThan(0);
  const bytes = files.map((file) => gzipSync(readFileSync(join(pageDir, file))).length).reduce((sum, each) => sum + each, 0);
  expect(bytes).toBeLessThan(250 * 1024);
});

it('no screen ran against the content security policy', () => {
  expect(violationsOfPolicy).toEqual([]);
});
