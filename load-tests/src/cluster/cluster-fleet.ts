import pg from 'pg';
import { checkInvariants } from '../faults/checker/invariants.ts';
import { readBooks } from '../faults/checker/read-books.ts';
import { Fleet } from '../faults/chargers/fleet.ts';
import { createRandom } from '../faults/random.ts';
import { openAsker, type Asker } from '../faults/world/asker.ts';
import { eventually } from '../faults/world/child.ts';
import { registerAt, tariffsAt, type RegisteredStation, type RunTariff } from '../faults/world/platform.ts';
import { movesSince } from './moves.ts';
import type { FleetOrder, FleetSetting } from './orders.ts';

const WAIT_MS = 240_000;

/** Chargers in groups at the gateways of a cluster, with the books beside them. */
export class ClusterFleet {
  readonly #admin: pg.Pool;
  readonly #asker: Asker;
  readonly #tariffs: RunTariff[];
  readonly #groups: { fleet: Fleet; stations: RegisteredStation[] }[];
  readonly #gone = new Set<number>();

  private constructor(admin: pg.Pool, asker: Asker, tariffs: RunTariff[], groups: { fleet: Fleet; stations: RegisteredStation[] }[]) {
    this.#admin = admin;
    this.#asker = asker;
    this.#tariffs = tariffs;
    this.#groups = groups;
  }

  /** Waits until the site is in the books, and enters the stations there. */
  static async open(setting: FleetSetting): Promise<ClusterFleet> {
    const admin = new pg.Pool({ connectionString: setting.adminUrl, max: 2 });
    admin.on('error', () => undefined).on('connect', (client) => client.on('error', () => undefined));
    const { namespace, name } = setting.site;
    let siteId = '';
    await eventually('the site is in the books', async () => {
      siteId = (await admin.query<{ id: string }>(`SELECT id FROM site WHERE tenant_id = 'demo' AND namespace = $1 AND name = $2`, [namespace, name])).rows[0]?.id ?? '';
      return siteId !== '';
    }, WAIT_MS);
    const tariffs = tariffsAt(Date.now());
    const stations = await registerAt(admin, { siteId, pepper: setting.pepper, count: setting.groups.reduce((sum, count) => sum + count, 0), tariffs });
    // A password within TLS.
    await admin.query(`UPDATE station SET security_profile = 2 WHERE tenant_id = 'demo' AND id = ANY($1)`, [stations.map(({ id }) => id)]);
    const asker = await openAsker({ databaseUrl: setting.appUrl, busUrl: setting.appUrl, redisUrl: setting.redisUrl });
    let from = 0;
    const groups = setting.groups.map((count, index) => {
      const own = stations.slice(from, from += count);
      // Half a minute to the first answer: the machine may be busy with what is done to the gateways.
      const fleet = new Fleet({ stations: own, endpoint: () => setting.endpoint, random: createRandom(setting.seed).fork(`group ${index}`), timing: { callTimeoutMs: 30_000, reconnectMs: 1_000 }, trusts: [setting.trusts], pauseMs: 5_000 });
      return { fleet, stations: own };
    });
    return new ClusterFleet(admin, asker, tariffs, groups);
  }

  async obey(order: FleetOrder): Promise<unknown> {
    switch (order.do) {
      case 'live': return this.#live(order.group);
      case 'state': return { connected: this.#connected(), acknowledged: this.#acknowledged(), transactions: this.#transactions().length, open: this.#transactions().filter(({ stop }) => stop?.acknowledged !== true).length };
      case 'wait-connected': return this.#wait(`${order.count} chargers are connected`, () => this.#connected() === order.count);
      case 'goes-on': {
        const wanted = this.#acknowledged() + order.messages;
        return this.#wait(`${order.messages} more messages are acknowledged`, () => this.#acknowledged() >= wanted);
      }
      case 'moves': return this.#moves(order.sinceMs);
      case 'stop-charging': return this.#stopCharging(order.group);
      case 'leave': return this.#leave(order.group);
      case 'check': return this.#check();
    }
  }

  async close(): Promise<void> {
    for (const { fleet } of this.#groups) fleet.close();
    await this.#asker.close();
    await this.#admin.end();
  }

  async #live(group: number): Promise<null> {
    const { fleet } = this.#group(group);
    await fleet.connect();
    fleet.run();
    return null;
  }

  async #stopCharging(group: number): Promise<null> {
    await this.#group(group).fleet.finish();
    return null;
  }

  async #leave(group: number): Promise<null> {
    await this.#stopCharging(group);
    this.#group(group).fleet.close();
    this.#gone.add(group);
    return null;
  }

  async #moves(sinceMs: number): Promise<unknown> {
    const chargers = this.#groups.flatMap(({ fleet, stations }) => fleet.chargers.map((charger, n) => ({ charger, id: stations[n]?.id ?? '' })));
    const moved = chargers.filter(({ charger }) => charger.line.some(({ atMs }) => atMs >= sinceMs));
    const lines = [];
    for (const { charger, id } of moved) {
      let gateway: string | null = null;
      // A claim follows its socket by a moment.
      await eventually(`the bus says who holds ${charger.identity}`, async () => (gateway = await this.#asker.ownerOf(id)) !== null, WAIT_MS);
      lines.push({ gateway: gateway ?? '', line: charger.line });
    }
    return movesSince(lines, sinceMs);
  }

  async #check(): Promise<unknown> {
    // The checker takes everyone for connected; who has left comes back for it.
    await Promise.all([...this.#gone].map((index) => this.#group(index).fleet.connect()));
    const present = this.#groups;
    await Promise.all(present.map(({ fleet }) => fleet.finish()));
    const identities = present.flatMap(({ stations }) => stations.map(({ identity }) => identity));
    await eventually('every connected charger is online on the books', async () => {
      const { rows } = await this.#admin.query<{ n: number }>(`SELECT count(*)::int AS n FROM station WHERE tenant_id = 'demo' AND online AND identity = ANY($1)`, [identities]);
      return rows[0]?.n === identities.length;
    }, WAIT_MS);
    const books = await readBooks(async (text, values = []) => (await this.#admin.query(text, values)).rows as never);
    const findings = checkInvariants({ truths: this.#groups.flatMap(({ fleet }) => fleet.truths), books, tariffs: this.#tariffs, nowMs: Date.now() });
    return {
      statements: findings.length, checked: findings.reduce((sum, { checked }) => sum + checked, 0), violations: findings.flatMap(({ id, violations }) => violations.slice(0, 5).map((each) => `${id}: ${each}`)),
      transactions: this.#transactions().length, acknowledged: this.#acknowledged(),
    };
  }

  async #wait(what: string, holds: () => boolean): Promise<null> {
    await eventually(what, holds, WAIT_MS);
    return null;
  }

  #group(index: number): { fleet: Fleet; stations: RegisteredStation[] } {
    const group = this.#groups[index];
    if (group === undefined) throw new Error(`there is no group ${index}`);
    return group;
  }

  #connected(): number { return this.#groups.reduce((sum, { fleet }) => sum + fleet.chargers.filter(({ connected }) => connected).length, 0); }
  #acknowledged(): number { return this.#groups.reduce((sum, { fleet }) => sum + fleet.acknowledged, 0); }
  #transactions() { return this.#groups.flatMap(({ fleet }) => fleet.truths.flatMap(({ transactions }) => transactions)); }
}
