import { services } from '../charts.ts';
import { feedValues, profilePorts } from './authors.ts';
import { dataValues } from './data.ts';
import { gatewayValues } from './gateway.ts';
import { kafkaValues } from './kafka.ts';
import { serviceValues } from './service.ts';
import { closed, free, type Schema } from './shapes.ts';
import { globalValues, umbrellaValues } from './umbrella.ts';
import { settable } from './variables.ts';

const own = (service: string) =>
  service === 'gateway' ? gatewayValues : { ...dataValues, ...(service === 'feed' && feedValues) };
const common = (service: string) => serviceValues(settable(service), service === 'profile' ? profilePorts : {});

const values: Record<string, Record<string, Schema>> = {
  ...Object.fromEntries(services.map((each) => [each, { ...common(each), ...own(each) }])),
  kafka: kafkaValues,
  'wave-connect': umbrellaValues,
};

/** The text of each chart's values.schema.json, by the chart's name. Helm hands `common` to charts that stand on it. */
export const schemas = new Map(
  Object.entries(values).map(([chart, properties]) => {
    const schema = closed(
      { ...properties, global: globalValues, common: free },
      { $schema: 'https://json-schema.org/draft/2020-12/schema', title: `Values of ${chart}` },
    );
    return [chart, `${JSON.stringify(schema, undefined, 2)}\n`] as const;
  }),
);
