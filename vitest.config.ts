import { defineConfig } from 'vitest/config';

/*
 * Two projects: tests beside the source run in parallel in milliseconds; whole-process tests start real servers
 * and share two cores, so they run a file at a time.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{packages,operator,services,edge,cli,tools,load-tests}/**/src/**/*.test.ts'],
          environment: 'node',
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'processes',
          include: ['{packages,operator,services,edge,cli,tools,load-tests}/**/test/**/*.test.ts', 'test/**/*.test.ts'],
          environment: 'node',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
