type Flight<Result> = { ended: Promise<void>; next?: Promise<Result> };

/**
 * Reads once for all who ask the same at the same time. Whoever asks while a read is on its way shares the next one,
 * which begins when that has ended: so everybody sees what had been written before they asked. Reads of one query
 * follow one another; those of different ones do not wait for each other. Sharers get the same result, or error.
 */
export function shareReads<Query extends object, Result>(
  read: (query: Query) => Promise<Result>,
): (query: Query) => Promise<Result> {
  const flights = new Map<string, Flight<Result>>();

  function begin(key: string, query: Query): Promise<Result> {
    const result = read(query);
    const flight: Flight<Result> = { ended: result.then(nothing, nothing).then(() => forget(key, flight)) };
    flights.set(key, flight);
    return result;
  }

  function forget(key: string, flight: Flight<Result>): void {
    if (flight.next === undefined) flights.delete(key);
  }

  return (query) => {
    const key = JSON.stringify(query);
    const flight = flights.get(key);
    if (flight === undefined) return begin(key, query);
    flight.next ??= flight.ended.then(() => begin(key, query));
    return flight.next;
  };
}

const nothing = () => {};
