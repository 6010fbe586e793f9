// Prints "passed failed" of a vitest JSON report; a skipped or pending test counts as failed, and so does a run without tests.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const skipped = report.numPendingTests + report.numTodoTests;
const brokenFiles = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
if (skipped > 0) console.error(`${skipped} tests were skipped`);
const failed = report.numFailedTests + skipped + brokenFiles + (report.numTotalTests === 0 ? 1 : 0);
console.log(`${report.numPassedTests} ${failed}`);
