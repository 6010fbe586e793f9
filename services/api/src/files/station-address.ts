import { secretOf } from '@csms/store/uploads/secret-address';
import type { ApiParts } from '../api-parts.ts';

interface Addressed { tenantId: string; id: string; nonce: Uint8Array }

/** Where a station brings one file. Some stations put a name of their own behind it, as 1.6 (6.25) calls it a folder. */
export function uploadAddress(parts: Pick<ApiParts, 'pepper' | 'files'>, file: Addressed): string {
  return `${parts.files.stationUrl}/station-uploads/${file.tenantId}/${file.id}/${secretOf(parts.pepper, file)}`;
}

/** Where a station fetches firmware; the name comes last, because stations look at how it ends. */
export function firmwareAddressOf(parts: Pick<ApiParts, 'pepper' | 'files'>, file: Addressed, fileName: string): string {
  return `${parts.files.stationUrl}/station-firmware/${file.tenantId}/${file.id}/${secretOf(parts.pepper, file)}/${encodeURIComponent(fileName)}`;
}

/** A name that a browser and a shell can take: of what a station wrote, only harmless characters. */
export function safeFileName(given: string, otherwise: string): string {
  const cleaned = given.replaceAll(/[^A-Za-z0-9._-]+/g, '_').replace(/^[._-]+/, '').slice(0, 100);
  return cleaned === '' ? otherwise : cleaned;
}
