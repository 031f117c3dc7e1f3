/** Takes a place until the function that it returns is called, once or more often; undefined where there is none left. */
export type TryEnter = (name: string) => (() => void) | undefined;

/** Gives each name so many places, and remembers none that has taken no place. */
export function limitEach(limit: number): TryEnter {
  const places = new Map<string, number>();

  function leave(name: string): void {
    const left = (places.get(name) ?? 0) - 1;
    if (left > 0) places.set(name, left);
    else places.delete(name);
  }

  return (name) => {
    const taken = places.get(name) ?? 0;
    if (taken >= limit) return undefined;
    places.set(name, taken + 1);
    return once(() => leave(name));
  };
}

/** Further calls change nothing. */
export function once(leave: () => void): () => void {
  let left = false;
  return () => {
    if (!left) leave();
    left = true;
  };
}
