import { BlockList, isIPv4 } from 'node:net';
import { z } from 'zod';

/** Comma-separated. */
const list = () =>
  z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((each) => each.trim())
        .filter((each) => each !== ''),
    );

/** Origins as browsers write them. */
export const origins = () =>
  list().refine((each) => each.every((origin) => /^https?:/.test(origin) && URL.parse(origin)?.origin === origin), {
    message: 'must be origins with commas between them, for example https://app.example.org',
  });

/** IP addresses and subnets. */
export const networks = () =>
  list().transform((each, context) => {
    const block = new BlockList();
    try {
      for (const network of each) addNetwork(block, network);
    } catch {
      context.addIssue('must be addresses or subnets with commas between them, for example 10.0.0.0/8');
    }
    return block;
  });

function addNetwork(block: BlockList, network: string): void {
  const [address = '', prefix] = network.split('/');
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  block.addSubnet(address, prefix === undefined ? (family === 'ipv4' ? 32 : 128) : Number(prefix), family);
}
