import { equal } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Service } from '@wave-connect/chassis/service';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { SOON, startGateway } from '../support.ts';
import { type ChatStub, openSocket, startChat } from './web-sockets.ts';

let chat: ChatStub;
let gateway: Service;

before(async () => {
  chat = await startChat();
  gateway = await startGateway(chat.url);
});
after(async () => {
  await gateway.stop();
  await chat.stop();
});

async function socketsOpen(): Promise<number> {
  const metrics = await (await fetch(`${gateway.metricsUrl}/metrics`)).text();
  return Number(/^gateway_sockets_open\{.*\} (\d+)$/m.exec(metrics)?.[1]);
}

test('the gauge that pods scale by follows the WebSockets that are open', async () => {
  equal(await socketsOpen(), 0);
  const clients = [await openSocket(gateway.url), await openSocket(gateway.url)];
  equal(await socketsOpen(), 2);
  for (const { socket } of clients) socket.destroy();
  await waitFor('none to be open', async () => (await socketsOpen()) === 0, SOON);
});
