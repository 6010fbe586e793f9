import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Runs a program to its end and gives its output; throws with its last words on standard error. */
export async function runCommand(program: string, args: string[], options: { timeoutMs?: number; env?: Record<string, string> } = {}): Promise<string> {
  try {
    const { stdout } = await execute(program, args, { timeout: options.timeoutMs ?? 30_000, maxBuffer: 64 * 1024 * 1024, env: { ...process.env, ...options.env } });
    return stdout;
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Error(`${program} ${args[0] ?? ''}: ${stderr?.trim().split('\n').slice(-3).join(' | ') || message}`, { cause: error });
  }
}

/** The same where a failure means that there was nothing to do. */
export async function tryCommand(program: string, args: string[]): Promise<string | undefined> {
  return runCommand(program, args).catch(() => undefined);
}
