import { freePorts } from '../../src/machine/index.ts';
import { PORT_NAMES } from '../../src/system/index.ts';
import { portVariable } from '../../src/up/options.ts';

/** What `make up` needs to know to run beside any other. */
export async function upEnvironment(dataDir: string): Promise<Record<string, string>> {
  const ports = await freePorts(PORT_NAMES.length);
  const variables = PORT_NAMES.map((name, index) => [portVariable(name, {}), String(ports[index])]);
  return { ...Object.fromEntries(variables), WAVE_DATA_DIR: dataDir, KAFKA: '' };
}
