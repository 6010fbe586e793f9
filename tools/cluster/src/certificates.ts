import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeAuthority, makeCertificate, type KeyAndCertificate } from '@csms/kit/x509/make-certificate';
import { stringify } from 'yaml';
import { addresses, type Place } from './place.ts';

const dayMs = 86_400_000;

/** Paths of what `makeCertificates` wrote, by name: `NAME.crt`, `NAME.key`, and `NAME.kubeconfig` for those who ask the API server. */
export const pkiFile = (place: Place, file: string): string => join(place.folder, 'pki', file);

/** Who asks the API server: common name, and the group. */
const askers: Record<string, [commonName: string, organization: string | undefined]> = {
  admin: ['admin', 'system:masters'],
  'kube-controller-manager': ['system:kube-controller-manager', undefined],
  'kube-scheduler': ['system:kube-scheduler', undefined],
  'kube-proxy': ['system:kube-proxy', undefined],
};

/** Two authorities (the cluster's, and that of aggregated APIs), a certificate for each part, and kubeconfigs. */
export async function makeCertificates(place: Place, nodeName: string): Promise<void> {
  await mkdir(pkiFile(place, ''), { recursive: true, mode: 0o700 });
  const now = Date.now();
  const times = { notBefore: new Date(now - 3_600_000), notAfter: new Date(now + 30 * dayMs) };
  const [ca, frontProxyCa] = await Promise.all([makeAuthority({ commonName: 'csms-cluster', ...times }), makeAuthority({ commonName: 'csms-cluster-front-proxy', ...times })]);
  await Promise.all([write(place, 'ca', ca), write(place, 'front-proxy-ca', frontProxyCa)]);
  const client = (name: string, commonName: string, organization: string | undefined, issuer = ca) =>
    makeCertificate({ commonName, ...(organization === undefined ? {} : { organization }), usage: 'client', ...times }, issuer).then((made) => write(place, name, made));
  const server = (name: string, commonName: string, hostNames: string[], ipAddresses: string[]) =>
    makeCertificate({ commonName, usage: 'server', hostNames, ipAddresses, ...times }, ca).then((made) => write(place, name, made));
  await Promise.all([
    server('apiserver', 'kube-apiserver', ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'], ['127.0.0.1', addresses.node, addresses.service]),
    server('kubelet', nodeName, [nodeName], [addresses.node]),
    client('apiserver-kubelet-client', 'kube-apiserver-kubelet-client', 'system:masters'),
    client('front-proxy-client', 'front-proxy-client', undefined, frontProxyCa),
    client('kubelet-client', `system:node:${nodeName}`, 'system:nodes').then((made) => writeKubeconfig(pkiFile(place, 'kubelet.kubeconfig'), ca, made)),
    ...Object.entries(askers).map(([name, [commonName, organization]]) => client(name, commonName, organization)
      .then((made) => writeKubeconfig(name === 'admin' ? place.kubeconfig : pkiFile(place, `${name}.kubeconfig`), ca, made))),
  ]);
  const accounts = generateKeyPairSync('ec', { namedCurve: 'P-256', privateKeyEncoding: { type: 'sec1', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
  await writeFile(pkiFile(place, 'service-accounts.key'), accounts.privateKey, { mode: 0o600 });
  await writeFile(pkiFile(place, 'service-accounts.pub'), accounts.publicKey);
}

async function write(place: Place, name: string, made: KeyAndCertificate): Promise<KeyAndCertificate> {
  await writeFile(pkiFile(place, `${name}.crt`), `${made.certificatePem}\n`);
  await writeFile(pkiFile(place, `${name}.key`), made.keyPem, { mode: 0o600 });
  return made;
}

async function writeKubeconfig(file: string, ca: KeyAndCertificate, client: KeyAndCertificate): Promise<void> {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  await writeFile(file, stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': 'csms',
    clusters: [{ name: 'csms', cluster: { server: `https://${addresses.node}:${addresses.apiPort}`, 'certificate-authority-data': base64(ca.certificatePem) } }],
    users: [{ name: 'csms', user: { 'client-certificate-data': base64(client.certificatePem), 'client-key-data': base64(client.keyPem) } }],
    contexts: [{ name: 'csms', context: { cluster: 'csms', user: 'csms' } }],
  }), { mode: 0o600 });
}
