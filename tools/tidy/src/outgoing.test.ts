import { expect, it } from 'vitest';
import { isTest, read, trackedFiles } from './source-files.ts';

/* C-13: who asks a host that is not ours goes through packages/kit/src/outgoing/guarded-fetch.ts. */

/** Files that ask somebody in another way, whom, and why that needs no guard. */
const mayAsk: Record<string, string> = {
  'packages/kit/src/outgoing/guarded-fetch.ts': 'the guarded way itself',
  'packages/kube/src/http-client.ts': 'the Kubernetes API of the process\'s own account',
  'packages/kube/src/kubeconfig.ts': 'the Kubernetes API of the process\'s own account',
  'packages/kube/src/service-account.ts': 'the Kubernetes API of the process\'s own account',
  'packages/kube/src/local-cluster/pod.ts': 'a readiness probe of a process that the local cluster started',
  'packages/store/src/uploads/s3-files.ts': 'the bucket that the operator configured',
  'operator/src/books-client.ts': 'our API',
  'operator/src/connection-metrics/read-metrics.ts': 'gateways at the addresses that the cluster gave their pods; no redirect is followed',
  'services/api/src/access/issuer-keys.ts': 'the issuer that the operator configured',
  'services/api/src/people/keycloak-directory.ts': 'the issuer that the operator configured',
  'services/api/src/people/local-directory.ts': 'the issuer of npm start',
  'services/api/src/ask-as-staff.ts': 'the issuer and the API of the installation that it tests',
  'services/api/src/lab-client.ts': 'the control server of the lab on this machine',
  'services/dashboard/src/acting.ts': 'our API',
  'services/dashboard/src/api-proxy.ts': 'our API',
  'services/dashboard/src/page-server.ts': 'our API',
};

/** A page asks the server that it came from: the browser's same-origin rules and our Content-Security-Policy guard that. */
const pages = /^services\/dashboard\/src\/app\//;

const ways: RegExp[] = [
  /(?<![.\w'"/-])fetch\(/,
  /\.fetch\((?=url)/,
  /import \{[^}]*\b(request|get)\b[^}]*\} from 'node:https?'/,
  /import \* as \w+ from 'node:https?'/,
  /from '(undici|axios|got|node-fetch|ky|superagent)'/,
  /import \{[^}]*\bconnect\b[^}]*\} from 'node:(net|tls|http2)'/,
];

function asks(file: string): boolean {
  const code = read(file).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  return ways.some((way) => way.test(code));
}

it('C-13 no file of a service or package asks anybody outside but through the guarded client', () => {
  const files = trackedFiles(/^(services|packages|operator)\/.*\/?src\/.*\.tsx?$/).filter((file) => !isTest(file) && !file.includes('/testing/') && !pages.test(file));
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => asks(file) && !(file in mayAsk))).toEqual([]);
});

it('every exception of the list is still one', () => {
  expect(Object.keys(mayAsk).filter((file) => !asks(file))).toEqual([]);
});
