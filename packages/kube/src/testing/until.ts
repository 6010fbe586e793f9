/** Waits until `fact` gives something other than undefined and false; throws with `what` when it does not come. */
export async function until<T>(what: string, fact: () => T | Promise<T>, limitMs = 20_000): Promise<Exclude<T, undefined | false>> {
  const endMs = Date.now() + limitMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await fact();
      if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>;
      last = value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > endMs) throw new Error(`It did not come: ${what} (last: ${last instanceof Error ? last.message : JSON.stringify(last)}).`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
