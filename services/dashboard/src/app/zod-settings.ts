import { z } from 'zod';

// The page's policy forbids eval; without this zod would try it once and be reported. Imported before any schema is made.
z.config({ jitless: true });
