import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { freePorts, requireFreePort } from '../src/machine/index.ts';

test('free ports differ, can be listened on, and are not handed out twice', async () => {
  const ports = [...(await freePorts(20)), ...(await freePorts(20))];
  assert.equal(new Set(ports).size, 40);
  const servers = await Promise.all(
    ports.map(async (port) => {
      const server = createServer().listen(port, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  for (const server of servers) server.close();
});

test('a taken port is refused with its number and the variable that chooses another', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await assert.rejects(requireFreePort(port, 'CHAT_PORT'), {
    name: 'SetupError',
    message: `port ${port} is taken: free it, or set CHAT_PORT to another one`,
  });
  server.close();
  await once(server, 'close');
  await requireFreePort(port, 'CHAT_PORT');
});
