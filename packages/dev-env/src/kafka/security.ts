import { execFile } from 'node:child_process';
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { java } from './runtime.ts';

const run = promisify(execFile);

/**
 * Writes a keystore for a broker on 127.0.0.1 whose certificate is its own authority.
 * @returns the certificate in PEM
 */
export async function createKeystore({ keystore, password }: { keystore: string; password: string }): Promise<string> {
  const keytool = java.includes('/') ? join(dirname(java), 'keytool') : 'keytool';
  const store = ['-keystore', keystore, '-storetype', 'PKCS12', '-storepass', password, '-alias', 'broker'];
  const certificate = ['-keyalg', 'EC', '-dname', 'CN=broker', '-ext', 'san=ip:127.0.0.1', '-validity', '2'];
  await run(keytool, ['-genkeypair', ...store, ...certificate]);
  const { stdout } = await run(keytool, ['-exportcert', '-rfc', ...store]);
  return stdout;
}

const ALTER_USER_SCRAM_CREDENTIALS = 51;
const SCRAM_SHA_512 = 2;
const ITERATIONS = 4_096;

/**
 * Sets the SCRAM-SHA-512 password of a user, who need not exist. kafkajs has no call for it, so the request is written
 * here as Kafka's protocol guide has it (kafka.apache.org/protocol, AlterUserScramCredentials, version 0).
 */
export async function setKafkaPassword(bootstrap: string, user: string, password: string): Promise<void> {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 64, 'sha512');
  const upsertion = [
    compact(Buffer.from(user)),
    int8(SCRAM_SHA_512),
    int32(ITERATIONS),
    compact(salt),
    compact(salted),
  ];
  const header = [int16(ALTER_USER_SCRAM_CREDENTIALS), int16(0), int32(1), int16(-1), NO_TAGS];
  const noDeletions = uvarint(1);
  const oneUpsertion = uvarint(2);
  const response = await exchange(
    bootstrap,
    Buffer.concat([...header, noDeletions, oneUpsertion, ...upsertion, NO_TAGS, NO_TAGS]),
  );
  // Correlation id, tags, throttle time, the length of the results, and of the user's name, which is short.
  const error = response.readInt16BE(4 + 1 + 4 + 1 + compact(Buffer.from(user)).length);
  if (error !== 0) throw new Error(`Kafka did not set the password of ${user}: error ${error}`);
}

async function exchange(bootstrap: string, request: Buffer): Promise<Buffer> {
  const { hostname, port } = new URL(`kafka://${bootstrap}`);
  const socket = connect(Number(port), hostname);
  socket.write(Buffer.concat([int32(request.length), request]));
  let response = Buffer.alloc(0);
  for await (const chunk of socket) {
    response = Buffer.concat([response, chunk]);
    if (response.length >= 4 && response.length >= 4 + response.readInt32BE()) break;
  }
  return response.subarray(4);
}

const int8 = (value: number) => Buffer.from([value]);
const int16 = (value: number) => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};
const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const uvarint = (value: number): Buffer =>
  value < 0x80 ? int8(value) : Buffer.concat([int8((value & 0x7f) | 0x80), uvarint(value >>> 7)]);
const compact = (bytes: Buffer) => Buffer.concat([uvarint(bytes.length + 1), bytes]);
const NO_TAGS = int8(0);
