import { services } from '../charts.ts';
import { authValues } from './auth.ts';
import { profileCallerValues, profilePorts } from './authors.ts';
import { dataValues } from './data.ts';
import { gatewayValues } from './gateway.ts';
import { kafkaValues } from './kafka.ts';
import { chatValues } from './revocations.ts';
import { serviceValues, webSocketValues } from './service.ts';
import { closed, free, image, probe, probeTimings, resources, type Schema, scalar } from './shapes.ts';
import { globalValues, umbrellaValues } from './umbrella.ts';
import { settable } from './variables.ts';

const data: Record<string, Record<string, Schema>> = {
  auth: authValues,
  chat: { ...webSocketValues, ...chatValues, ...profileCallerValues },
  feed: profileCallerValues,
};
const own = (service: string) =>
  service === 'gateway' ? { ...gatewayValues, ...webSocketValues } : { ...dataValues, ...data[service] };
const common = (service: string) => serviceValues(settable(service), service === 'profile' ? profilePorts : {});

const values: Record<string, Record<string, Schema>> = {
  ...Object.fromEntries(services.map((each) => [each, { ...common(each), ...own(each) }])),
  kafka: kafkaValues,
  'wave-connect': umbrellaValues,
};

/** Shapes that a schema writes once, below `$defs`. */
const named = new Map<unknown, string>(
  Object.entries({ image, probe, probeTimings, resources, scalar }).map(([k, v]) => [v, k]),
);

function toText(schema: Schema): string {
  const $defs: Record<string, Schema> = {};
  const text = JSON.stringify(schema, (_key, value) => {
    const name = named.get(value);
    if (name === undefined) return value;
    $defs[name] = value;
    return { $ref: `#/$defs/${name}` };
  });
  return JSON.stringify({ ...JSON.parse(text), $defs });
}

/** The text of each chart's values.schema.json, by the chart's name. Helm hands `common` to charts that stand on it. */
export const schemas = new Map(
  Object.entries(values).map(([chart, properties]) => {
    const schema = closed(
      { ...properties, global: globalValues, common: free },
      { $schema: 'https://json-schema.org/draft/2020-12/schema', title: `Values of ${chart}` },
    );
    return [chart, `${toText(schema)}\n`] as const;
  }),
);
