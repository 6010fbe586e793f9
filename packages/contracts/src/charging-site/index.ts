/* The ChargingSite resource: schema, type, defaults, rules, CRD, reference page. One zod schema is the source of them all. */
export * from './schema.ts';
export * from './rules.ts';
export * from './parse.ts';
export * from './reasons.ts';
export * from './reason-guide.ts';
export * from './conditions-page.ts';
export * from './crd.ts';
export * from './reference.ts';
