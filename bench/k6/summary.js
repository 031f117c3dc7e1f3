const NAME_WIDTH = 18;
const CELL_WIDTH = 10;

/** One line for each operation, and whether the thresholds hold; all there is as JSON in `file`. */
export function summarize(data, operations, file) {
  const line = (name, cells) => name.padEnd(NAME_WIDTH) + cells.map((cell) => cell.padStart(CELL_WIDTH)).join('');
  const row = (name) => {
    const { values } = data.metrics[`http_req_duration{name:${name}}`] ?? {};
    if (!values?.count) return line(name, ['0']);
    const times = ['med', 'p(95)', 'p(99)', 'max'].map((stat) => values[stat].toFixed(1));
    return line(name, [String(values.count), ...times]);
  };
  const { http_reqs, http_req_failed, checks, ws_msgs_sent } = data.metrics;
  const broken = Object.entries(data.metrics).flatMap(([name, { thresholds = {} }]) =>
    Object.entries(thresholds)
      .filter(([, { ok }]) => !ok)
      .map(([threshold]) => `BROKEN: ${name} ${threshold}`),
  );
  const text = [
    line('in ms', ['requests', 'p50', 'p95', 'p99', 'most']),
    ...operations.map(row),
    '',
    `${http_reqs.values.count} requests, ${http_reqs.values.rate.toFixed(1)} a second, ${http_req_failed.values.passes} failed; ` +
      `${ws_msgs_sent?.values.count ?? 0} messages sent; ${checks.values.passes} checks passed, ${checks.values.fails} failed`,
    ...(broken.length > 0 ? broken : ['All thresholds hold.']),
    '',
  ].join('\n');
  return { stdout: `\n${text}`, [file]: JSON.stringify(data, null, 2) };
}
