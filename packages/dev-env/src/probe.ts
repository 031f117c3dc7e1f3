import { get, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';

/**
 * Whether a GET on a connection of its own is answered with 200.
 * @throws where it is not answered in time, or not at all
 */
export async function isOk(url: string, timeoutMs: number): Promise<boolean> {
  const response = await ask(url, timeoutMs);
  response.resume();
  return response.statusCode === 200;
}

/**
 * Whether the service at this URL is ready and waits for nothing: its events flow.
 * @throws where it is not answered in time, or not at all
 */
export async function isSettled(url: string, timeoutMs: number): Promise<boolean> {
  const response = await ask(`${url}/readyz`, timeoutMs);
  const { checks } = (await json(response)) as { checks: { status: string }[] };
  return response.statusCode === 200 && checks.every(({ status }) => status === 'ok');
}

function ask(url: string, timeoutMs: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: timeoutMs }, resolve);
    request.on('timeout', () => request.destroy());
    request.on('error', reject);
  });
}
