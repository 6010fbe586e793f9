export { startOwnership, type Ownership, type OwnershipParts } from './ownership.ts';
