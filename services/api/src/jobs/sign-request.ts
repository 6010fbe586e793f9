import { validityDays, validityFrom, wrongName } from '@csms/domain/certificate/judge';
import type { GuardedFetch } from '@csms/kit/outgoing/guarded-fetch';
import { readBundle, type ReadCertificate } from '@csms/kit/x509/read-certificate';
import { keyOfRequest, signRequest } from '@csms/kit/x509/signing-request';
import { verifyClientChain } from '@csms/kit/x509/verify-chain';
import { z } from 'zod';
import type { TenantAuthority } from './authority-folder.ts';

/** PEM text that a station takes in one CertificateSigned.req. */
const chainCharsMax = 10_000;

const SignedAnswer = z.object({ certificatePem: z.string() });

/**
 * A certificate for a request that was judged: the chain as it is sent, leaf first, and the leaf. Whoever signed, the result is held against the tenant's own
 * rules before anybody gets it. Rejects when there is none.
 */
export async function signFor(authority: TenantAuthority, request: { csrPem: string; identity: string }, now: Date, askOutside: GuardedFetch): Promise<{ chainPem: string; leaf: ReadCertificate }> {
  const { signer, certificates, operatorName } = authority;
  const [issuer] = certificates;
  if (signer === null || issuer === undefined) throw new Error('nobody signs for this tenant');
  const wanted = { csrPem: request.csrPem, commonName: request.identity, organization: operatorName, ...validityFrom(now, issuer) };
  const chainPem = signer.kind === 'key' ? await signRequest(wanted, signer) : await askService(signer, wanted, askOutside);

  const chain = readBundle(chainPem);
  const leaf = chain?.[0];
  if (chain === null || leaf === undefined || chainPem.length > chainCharsMax) throw new Error('what came back is no certificate that a station could take');
  const verdict = verifyClientChain({ chain: chain.map((each) => each.openssl.raw), authorities: certificates.map((each) => each.pem), now });
  if (!verdict.ok) throw new Error(`what was signed is not good here: ${verdict.reason}`);
  const wrong = wrongName(leaf, { identity: request.identity, operatorName });
  if (wrong !== null) throw new Error(`what was signed has a ${wrong}`);
  if (!leaf.openssl.publicKey.equals(keyOfRequest(request.csrPem))) throw new Error('what was signed is another key');
  if (leaf.notAfter.getTime() - leaf.notBefore.getTime() > validityDays * 86_400_000) throw new Error('what was signed is valid for more than a year');
  return { chainPem, leaf };
}

async function askService(signer: { url: string; bearerToken: string | null }, wanted: { csrPem: string; commonName: string; organization: string; notBefore: Date; notAfter: Date }, askOutside: GuardedFetch): Promise<string> {
  const answer = await askOutside({
    url: signer.url, method: 'POST', body: JSON.stringify(wanted),
    headers: { 'content-type': 'application/json', ...(signer.bearerToken === null ? {} : { authorization: `Bearer ${signer.bearerToken}` }) },
  });
  if (answer.status !== 200 && answer.status !== 201) throw new Error(`the signer answered ${answer.status}`);
  return SignedAnswer.parse(JSON.parse(answer.body.toString('utf8'))).certificatePem;
}
