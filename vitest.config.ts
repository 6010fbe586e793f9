import { defineConfig } from 'vitest/config';

/*
 * Two projects of `npm test`: tests beside the source take milliseconds; whole-process tests start real servers and mostly wait for facts, so a few files run side
 * by side on two cores. What they share (the dashboard's page) is built once before them.
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
          globalSetup: 'test/build-page-once.ts',
          maxWorkers: 3,
          // In CI a whole-process test may have a second try; the reporter then says "retry x1" beside its name.
          retry: process.env['CI'] === undefined ? 0 : 1,
          // A busy machine is slow, not wrong: what is polled for comes, or the test fails after this.
          expect: { poll: { timeout: 20_000, interval: 50 } },
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        // Chargers that we did not write; tools/peers/src/main.ts makes them ready and starts this project.
        test: { name: 'peers', include: ['tools/peers/suite/**/*.test.ts'], environment: 'node', testTimeout: 120_000, hookTimeout: 120_000 },
      },
      {
        // The chart with helm, promtool and hadolint; tools/chart/src/run-suite.ts says which of them are there and starts this project.
        test: { name: 'chart', include: ['tools/chart/suite/**/*.test.ts'], environment: 'node', testTimeout: 60_000 },
      },
      {
        // A real Kubernetes; tools/cluster/src/run-suite.ts makes it and starts this project inside its network.
        test: {
          name: 'cluster', include: ['tools/cluster/suite/**/*.test.ts'], environment: 'node', maxWorkers: 2, testTimeout: 120_000, hookTimeout: 180_000,
          expect: { poll: { timeout: 60_000, interval: 100 } },
        },
      },
    ],
  },
});
