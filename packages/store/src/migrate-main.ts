import { createLogger, commonSettings, loadConfig, runMain } from '@csms/kit';
import { z } from 'zod';
import { migrate } from './migrate.ts';

/** Brings the books' schema up to date and exits: 0 when it is, 1 with one sentence when it cannot be. */
runMain('migrate', async () => {
  const config = loadConfig({
    LOG_LEVEL: commonSettings.LOG_LEVEL,
    CSMS_MIGRATE_OWNER_URL: z.string().describe('a connection of csms_owner to the books'),
    CSMS_MIGRATE_ADMIN_URL: z.string().optional().describe('one that may create roles and databases; absent: they are there'),
    CSMS_MIGRATE_APP_PASSWORD: z.string().optional(),
    CSMS_MIGRATE_BUS_PASSWORD: z.string().optional(),
  });
  const log = createLogger('migrate', config.LOG_LEVEL);
  const ran = await migrate({
    ownerUrl: config.CSMS_MIGRATE_OWNER_URL, adminUrl: config.CSMS_MIGRATE_ADMIN_URL,
    appPassword: config.CSMS_MIGRATE_APP_PASSWORD, busPassword: config.CSMS_MIGRATE_BUS_PASSWORD,
  });
  log.info({ event: 'migrated', files: ran }, ran.length === 0 ? 'the books are up to date' : `${ran.length} files ran`);
});
