import { z } from 'zod';
import { commonSettings, createLogger, loadConfig, runMain, uuidv7 } from '@csms/kit';
import { openJobPool } from '@csms/store/forecast/index';
import { trainSite } from './train.ts';

/** One run for one site, then exit: 0 when it is done (or still learning), 1 when it failed, with the reason on the log and in the books. */
runMain('ml-trainer', async () => {
  const config = loadConfig({
    DATABASE_URL: z.string().describe('PostgreSQL, as the role csms_app'),
    CSMS_TENANT: z.string(),
    CSMS_SITE_NAMESPACE: z.string(),
    CSMS_SITE: z.string(),
    CSMS_TRAINING_KIND: z.enum(['daily', 'deep']).default('daily'),
    LOG_LEVEL: commonSettings.LOG_LEVEL,
  });
  const log = createLogger('ml-trainer', config.LOG_LEVEL).child({ tenant: config.CSMS_TENANT, site: `${config.CSMS_SITE_NAMESPACE}/${config.CSMS_SITE}`, kind: config.CSMS_TRAINING_KIND });
  const pool = openJobPool(config.DATABASE_URL, (error) => log.warn({ event: 'database-lost', err: error.message }, 'a database connection was lost'));
  try {
    const result = await trainSite({
      pool, tenant: config.CSMS_TENANT, namespace: config.CSMS_SITE_NAMESPACE, site: config.CSMS_SITE, kind: config.CSMS_TRAINING_KIND,
      now: new Date(), newId: () => uuidv7(),
    });
    const line = { event: 'training', ...result };
    if (result.outcome === 'failed') log.error(line, 'training failed');
    else log.info(line, 'training ended');
    process.exitCode = result.outcome === 'failed' ? 1 : 0;
  } finally {
    await pool.end();
  }
});
