import { problemTable } from '../problems/table.ts';

/** docs/reference/errors.md, printed from the table of problems. */
export function errorsPage(): string {
  const rows = Object.entries(problemTable).map(([code, { status, title, when }]) => `| \`${code}\` | ${status} | ${title} | ${when} |`);
  return `# Errors of the API

Printed from \`services/api/src/problems/table.ts\` by \`npm run golden\`; do not edit.

An error is an RFC 9457 problem document (\`application/problem+json\`): \`type\`, \`title\`, \`status\`, and \`code\`, which is stable and what a program
looks at. \`detail\` is a sentence about the one case, \`errors\` names each field that is not valid, \`traceId\` finds the request in the log.
A thing that is not yours is answered exactly as one that does not exist.

| code | status | title | when |
|---|---|---|---|
${rows.join('\n')}
`;
}
