import { forgetOffers } from '@csms/store/cards/enrolment-rows';
import { hasCardNumbers, sealCards } from '@csms/store/cards/seal-cards';
import { eachTenant } from '@csms/store/each-tenant';
import { inTenant } from '@csms/store/in-tenant';
import type { ApiParts } from '../api-parts.ts';

/**
 * Replaces card numbers that stand in the books from before, and seals anew what is under an older key (packages/store/src/cards/seal-cards.ts), tenant by
 * tenant in small transactions, and forgets cards that were offered and taken by nobody; says how far it is. `all` false: only where a number
 * is still in the clear, which costs next to nothing to know; true: every seal is looked at. Resolves with how many rows it changed; `goesOn` ends it between two
 * transactions.
 */
export async function sealAllCards(parts: Pick<ApiParts, 'pool' | 'cards' | 'log' | 'now'>, { all, goesOn = () => true }: { all: boolean; goesOn?: () => boolean }): Promise<number> {
  let total = 0;
  await eachTenant(parts.pool, async (tenantId) => {
    await inTenant(parts.pool, tenantId, (client) => forgetOffers(client, parts.now()));
    if (!all && !(await inTenant(parts.pool, tenantId, (client) => hasCardNumbers(client)))) return;
    let changed = 0;
    for (let last = 1; last > 0 && goesOn();) {
      last = await inTenant(parts.pool, tenantId, (client) => sealCards(client, { tenantId, keys: parts.cards }));
      changed += last;
    }
    if (changed > 0) parts.log.info({ event: 'cards_sealed', tenant: tenantId, rows: changed }, 'card numbers from before were replaced, or sealed under the newest key');
    total += changed;
  });
  return total;
}
