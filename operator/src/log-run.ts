import type { Logger } from '@csms/kit';
import { refOf } from '@csms/kube';
import type { Run } from '@csms/kube';

/** What the runs of a controller are about: the word before the name in a log line. */
const about: Record<string, string> = { chargingsite: 'site', books: 'site', pool: 'pool', namespace: 'namespace' };

/**
 * One line a run (O-47): what it was about, of which generation, how long it took and what came of it, with an id of its own. At info; a
 * failure at warn; a look into the books that went well, which comes every ten seconds for every site, at debug.
 */
export function logRun(log: Logger): (run: Run & { generation?: number }) => void {
  return ({ id, controller, key, result, seconds, reason, generation }) => {
    const { namespace, name } = refOf(key);
    const fields = {
      event: 'reconcile', controller, reconcileId: id, ...(namespace === undefined ? {} : { namespace }), [about[controller] ?? 'name']: name,
      ...(generation === undefined ? {} : { generation }), result, ms: Math.round(seconds * 1000), ...(reason === undefined ? {} : { reason }),
    };
    const failed = { ...fields, event: 'reconcile-failed', what: `${controller} ${key}` };
    if (result === 'error' || result === 'retry') log.warn(failed, 'will be tried again');
    else if (result === 'terminal') log.warn(failed, 'waits for the next change');
    else if (controller === 'books' && result === 'requeue_after') log.debug(fields, 'reconciled');
    else log.info(fields, 'reconciled');
  };
}
