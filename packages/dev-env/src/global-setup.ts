import { startKafka } from './kafka/index.ts';
import { SetupError, temporaryFolder } from './machine/index.ts';
import { startPostgres } from './postgres/index.ts';
import { testBrowserUnavailable } from './testing/browser.ts';
import { testKafkaUnavailable } from './testing/kafka.ts';

const stops: (() => Promise<void>)[] = [];

/**
 * For `node --test --test-global-setup`: one Postgres and, where it can be had, one Kafka broker for all test
 * processes, which inherit their URLs. Without Kafka the tests on it are left out, unless REQUIRE_KAFKA is set; without
 * Chromium those of the web app, unless REQUIRE_BROWSER is.
 */
export async function globalSetup(): Promise<void> {
  noteBrowser();
  const results = await Promise.allSettled([providePostgres(), provideKafka()]);
  const failed = results.find((result) => result.status === 'rejected');
  if (!failed) return;
  await globalTeardown();
  throw failed.reason;
}

export async function globalTeardown(): Promise<void> {
  await Promise.all(stops.splice(0).map((stop) => stop()));
}

function noteBrowser(): void {
  const problem = testBrowserUnavailable();
  if (problem === undefined) return;
  if (process.env.REQUIRE_BROWSER) throw new SetupError(`REQUIRE_BROWSER is set, but there is no Chromium: ${problem}`);
  process.stderr.write(`LEFT OUT: all tests of the web app in a browser, for there is no Chromium: ${problem}\n`);
}

async function providePostgres(): Promise<void> {
  if (process.env.TEST_POSTGRES_URL) return;
  const server = await startPostgres({ dataDir: await temporaryFolder(), persistent: false });
  stops.push(() => server.stop());
  process.env.TEST_POSTGRES_URL = server.url('postgres');
}

async function provideKafka(): Promise<void> {
  if (process.env.TEST_KAFKA_URL) return;
  const problem = testKafkaUnavailable();
  if (problem !== undefined) return leaveOutKafka(problem);
  try {
    const broker = await startKafka({ dataDir: await temporaryFolder(), persistent: false });
    stops.push(() => broker.stop());
    process.env.TEST_KAFKA_URL = broker.url;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    leaveOutKafka(error.message);
  }
}

function leaveOutKafka(reason: string): void {
  if (process.env.REQUIRE_KAFKA) throw new SetupError(`REQUIRE_KAFKA is set, but there is no Kafka: ${reason}`);
  process.env.SKIP_KAFKA = reason;
  process.stderr.write(`LEFT OUT: all tests on Kafka, for there is none: ${reason}\n`);
}
