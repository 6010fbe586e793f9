import { z } from 'zod';
import { Role, pageOf } from './common.ts';

export const TenantRole = Role.exclude(['platform']);
/** Somebody who signs in, as the issuer knows them. */
export const Person = z.object({
  subject: z.string().describe('`sub` of their tokens'), login: z.string().describe('what they type to sign in'), name: z.string(), email: z.string().nullable(),
  role: TenantRole, isEnabled: z.boolean(),
});
export type Person = z.infer<typeof Person>;
export const PersonPage = pageOf(Person);
export const PersonInvite = z.object({
  login: z.string().regex(/^[a-z0-9]([a-z0-9._-]{0,38}[a-z0-9])?$/, 'small letters, digits and . _ - within').describe('they sign in as <login>@<tenant>'),
  name: z.string().trim().min(1).max(100), email: z.email().max(200).nullable().default(null), role: TenantRole.default('viewer'),
}).strict();
export const PersonInvited = z.object({ person: Person, temporaryPassword: z.string().describe('to be changed at the first sign-in; shown once') });
export const PersonPatch = z.object({ role: TenantRole }).strict();
export const PersonParams = z.object({ subject: z.string().min(1).max(255).regex(/^[^\p{Cc}\p{Cs}/]+$/u) });
