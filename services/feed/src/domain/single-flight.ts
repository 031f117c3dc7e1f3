type Flight<Result> = { ended: Promise<void>; next?: Promise<Result> };

/**
 * Coalesces concurrent reads of the same query into one. A caller that comes while a read is in flight shares the next
 * one, which begins when that has ended, so it sees all that had been written before it called. Reads of one query
 * follow one another; those of different queries do not wait for each other. Sharers get the same result, or error.
 */
export function singleFlight<Query extends object, Result>(
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
