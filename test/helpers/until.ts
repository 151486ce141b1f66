/**
 * Asks `probe` again and again until it answers something truthy, and returns that. Throws after `timeoutMs`
 * (default 20 s) with what was waited for and the last answer or error. Tests never sleep: they wait for facts.
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T> | T,
  timeoutMs = 20_000,
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer) return answer as Exclude<T, false | null | undefined | 0 | ''>;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline)
      throw new Error(`Waited ${timeoutMs / 1000} s for ${what}; last: ${show(last)}`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

/**
 * Like `until`, for lists and texts that must fulfil `isGood`; the error shows the last value seen.
 */
export async function untilValue<T>(
  what: string,
  read: () => Promise<T> | T,
  isGood: (value: T) => boolean,
  timeoutMs = 20_000,
): Promise<T> {
  let last: T | undefined;
  const probe = async () => {
    last = await read();
    return isGood(last) ? { value: last } : undefined;
  };
  try {
    return (await until(what, probe, timeoutMs)).value;
  } catch (error) {
    throw new Error(`${(error as Error).message}\nLast value: ${show(last)}`);
  }
}

function show(value: unknown): string {
  if (value instanceof Error) return value.message;
  const text = JSON.stringify(value, null, 1);
  return text === undefined ? String(value) : text.slice(0, 3000);
}
