import { get } from 'node:http';

/**
 * Whether a GET on a connection of its own is answered with 200.
 * @throws where it is not answered in time, or not at all
 */
export function isOk(url: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: timeoutMs }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', reject);
  });
}
