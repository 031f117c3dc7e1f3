import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { TestService } from '@wave-connect/dev-env/testing';
import { waitFor } from '@wave-connect/dev-env/waiting';
import sharp from 'sharp';
import { createDecoderLimits } from '../src/domain/decoder-limits.ts';
import { as, GIF, JPEG, PNG, pngOf, startProfile, WEBP } from './support.ts';

const PATH = '/api/profile/avatar/';
const SVG = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
);
const RED = { r: 255, g: 0, b: 0 };

const plain = (width: number, height: number, background = RED) =>
  sharp({ create: { width, height, channels: 3, background } });

/** Red on the left, blue on the right. */
const twoColours = (width: number, height: number) =>
  plain(width, height, RED).composite([
    { input: { create: { width: width / 2, height, channels: 3, background: 'blue' } }, left: width / 2, top: 0 },
  ]);

const swapped = (bytes: Buffer, at: number, value: number) => {
  const copy = Buffer.from(bytes);
  copy.writeUInt32BE(value, at);
  return copy;
};

describe('images of avatars', () => {
  let profile: TestService;
  before(async () => {
    profile = await startProfile();
  });
  after(() => profile.stop());

  const set = (userId: string, type: string, bytes: Buffer, service = profile) =>
    as(service, userId).put(PATH).type(type).send(bytes);
  const get = async (userId: string): Promise<Buffer> =>
    (await as(profile, userId).get(`${PATH}${userId}`).buffer().expect(200)).body;
  const made = async (type: string, bytes: Buffer): Promise<Buffer> => {
    const userId = randomUUID();
    await set(userId, type, bytes).expect(204);
    return get(userId);
  };
  const pixel = async (bytes: Buffer, left: number, top: number) => [
    ...(await sharp(bytes).extract({ left, top, width: 1, height: 1 }).removeAlpha().raw().toBuffer()),
  ];
  const isRed = ([r = 0, g = 0, b = 0]: number[]) => r > 200 && g < 60 && b < 60;

  for (const [what, width, height, expected] of [
    ['a large one is made smaller', 2_048, 2_048, [512, 512]],
    ['a wide one keeps its proportions', 1_000, 500, [512, 256]],
    ['a high one keeps its proportions', 500, 1_000, [256, 512]],
    ['a small one stays as small', 40, 30, [40, 30]],
  ] as const) {
    test(what, async () => {
      const bytes = await made('image/png', await plain(width, height).png().toBuffer());
      const metadata = await sharp(bytes).metadata();
      assert.deepEqual([metadata.format, metadata.width, metadata.height], ['webp', ...expected]);
    });
  }

  test('where and with what it was taken is gone', async () => {
    const exif = { IFD0: { Make: 'Secretcam' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '48/1 12/1 30/1' } };
    for (const [type, bytes] of [
      ['image/jpeg', await plain(64, 64).withExif(exif).withIccProfile('p3').jpeg().toBuffer()],
      ['image/webp', await plain(64, 64).withExif(exif).withXmp('<x>Secretcam</x>').webp().toBuffer()],
      ['image/png', await plain(64, 64).withExif(exif).png().toBuffer()],
    ] as const) {
      assert.ok(bytes.includes('Secretcam'), type);
      const avatar = await made(type, bytes);
      const { exif: kept, icc, xmp } = await sharp(avatar).metadata();
      assert.deepEqual([kept, icc, xmp], [undefined, undefined, undefined]);
      assert.ok(!avatar.includes('Secretcam'));
    }
  });

  test('what follows the image in its file is gone', async () => {
    const avatar = await made('image/png', Buffer.concat([PNG, Buffer.from('<script>alert(1)</script>PK\x03\x04')]));
    assert.ok(!avatar.includes('script') && !avatar.includes('PK'));
  });

  test('it is turned as its orientation says', async () => {
    // 6: the first row is on the right.
    const bytes = await twoColours(100, 60).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const avatar = await made('image/jpeg', bytes);
    const { width, height, orientation } = await sharp(avatar).metadata();
    assert.deepEqual([width, height, orientation], [60, 100, undefined]);
    assert.ok(isRed(await pixel(avatar, 30, 5)));
    assert.ok(!isRed(await pixel(avatar, 30, 95)));
  });

  test('of an animation the first frame stays', async () => {
    const frames = await Promise.all([RED, { r: 0, g: 0, b: 255 }].map((each) => plain(20, 20, each).png().toBuffer()));
    const animation = await sharp(frames, { join: { animated: true } })
      .webp({ loop: 0, delay: [100, 100] })
      .toBuffer();
    assert.equal((await sharp(animation).metadata()).pages, 2);
    const avatar = await made('image/webp', animation);
    assert.equal((await sharp(avatar).metadata()).pages, undefined);
    assert.ok(isRed(await pixel(avatar, 10, 10)));
  });

  const hostile = async (): Promise<[what: string, type: string, bytes: Buffer, status: number][]> => {
    const large = { png: plain(300, 300).png(), jpeg: plain(300, 300).jpeg(), webp: plain(300, 300).webp() };
    const whole = Object.fromEntries(
      await Promise.all(Object.entries(large).map(async ([type, each]) => [type, await each.toBuffer()] as const)),
    );
    const png = whole.png as Buffer;
    const header = (bytes: Buffer) => bytes.subarray(0, 33);
    return [
      ...Object.entries(whole).flatMap(([type, bytes]): [string, string, Buffer, number][] => [
        [`half of a ${type}`, `image/${type}`, bytes.subarray(0, bytes.length / 2), 415],
        [`the first bytes of a ${type}`, `image/${type}`, bytes.subarray(0, 30), 415],
        [`a ${type} without its end`, `image/${type}`, bytes.subarray(0, bytes.length - 40), 415],
      ]),
      ['a JPEG of four bytes', 'image/jpeg', Buffer.from([0xff, 0xd8, 0xff, 0xe0]), 415],
      ['a JPEG that begins and ends', 'image/jpeg', Buffer.from([0xff, 0xd8, 0xff, 0xd9]), 415],
      ['a PNG of no width', 'image/png', swapped(png, 16, 0), 415],
      ['a PNG of no height', 'image/png', swapped(png, 20, 0), 415],
      ['a PNG that says that it is larger', 'image/png', swapped(png, 20, 2_000), 415],
      ['a PNG that says that it is huge', 'image/png', swapped(png, 16, 2 ** 31 - 1), 415],
      ['a PNG with another image within', 'image/png', Buffer.concat([header(png), JPEG]), 415],
      ['a PNG with a page within', 'image/png', Buffer.concat([header(png), Buffer.from('<script>1</script>')]), 415],
      ['a GIF that says it is a PNG', 'image/png', GIF, 415],
      ['an SVG', 'image/png', SVG, 415],
      ['an SVG as itself', 'image/svg+xml', SVG, 415],
      ['a TIFF', 'image/jpeg', await plain(9, 9).tiff().toBuffer(), 415],
      ['an AVIF', 'image/webp', await plain(64, 64).avif().toBuffer(), 415],
      ['a PNG that says it is a JPEG', 'image/jpeg', PNG, 415],
      ['a WebP that says it is a PNG', 'image/png', WEBP, 415],
      ['a PDF', 'image/png', Buffer.from('%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj'), 415],
      ['noise', 'image/png', Buffer.concat([PNG.subarray(0, 8), createHash('sha512').digest()]), 415],
      ['one pixel too wide', 'image/png', await plain(2_049, 1).png().toBuffer(), 413],
      ['one pixel too high', 'image/jpeg', await plain(1, 2_049).jpeg().toBuffer(), 413],
      ['a decompression bomb', 'image/png', await plain(10_000, 10_000).png({ compressionLevel: 9 }).toBuffer(), 413],
    ];
  };

  test('what is no image, or too large a one, is refused and changes nothing', async () => {
    const userId = randomUUID();
    await set(userId, 'image/png', PNG).expect(204);
    const before = await get(userId);
    for (const [what, type, bytes, status] of await hostile()) {
      assert.ok(bytes.length <= 524_288, what);
      const response = await set(userId, type, bytes);
      assert.equal(response.status, status, what);
      assert.equal(response.body.type, `/problems/${status === 413 ? 'content-too-large' : 'unsupported-media-type'}`);
    }
    assert.deepEqual(await get(userId), before);
    const { rows } = await profile.database.query(
      'SELECT cardinality(avatar_changes) AS n FROM profiles WHERE id = $1',
      [userId],
    );
    assert.equal(rows[0].n, 1);
  });

  test('where none may wait, as many are made at once as there are decoders', async () => {
    const limits = createDecoderLimits({ concurrency: 2, memoryBytes: 10, waiting: 0 }, () => new Error('refused'));
    const done = Promise.withResolvers<void>();
    const both = [limits.during(5, () => done.promise), limits.during(5, () => done.promise)];
    await assert.rejects(
      limits.during(1, async () => {}),
      /refused/,
    );
    done.resolve();
    await Promise.all(both);
    await limits.during(10, async () => {});
  });

  test('more images at once than may wait are 503, and others are made', async (t) => {
    const narrow = await startProfile({ AVATAR_DECODERS: '1', AVATAR_DECODERS_WAITING: '1' });
    t.after(() => narrow.stop());
    const bytes = await plain(2_048, 2_048).png().toBuffer();
    const responses = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        set(randomUUID(), 'image/png', Buffer.concat([bytes, Buffer.from([n])]), narrow),
      ),
    );
    const statuses = Map.groupBy(responses, ({ status }) => status);
    assert.deepEqual([...statuses.keys()].sort(), [204, 503]);
    assert.ok(Number(statuses.get(503)?.[0]?.headers['retry-after']) > 0);
    await set(randomUUID(), 'image/png', PNG, narrow).expect(204);
  });

  test('a read meanwhile has its response before the images are made', async () => {
    const bytes = await plain(2_048, 2_048).png({ progressive: true }).toBuffer();
    const ended: string[] = [];
    const images = Array.from({ length: 8 }, (_, n) =>
      set(randomUUID(), 'image/png', Buffer.concat([bytes, Buffer.from([n])])).then(() => ended.push('image')),
    );
    await as(profile, randomUUID()).get(`/api/profile/${randomUUID()}`).expect(404);
    ended.push('read');
    await Promise.all(images);
    assert.ok(ended.indexOf('read') < 8, ended.join());
  });

  describe('stored as they were sent, by an earlier version', () => {
    async function stored(type: string, bytes: Buffer): Promise<string> {
      const userId = randomUUID();
      const etag = createHash('sha256').update(bytes).digest('base64url');
      await profile.database.query(
        'INSERT INTO profiles (id, avatar, avatar_type, avatar_etag) VALUES ($1, $2, $3, $4)',
        [userId, bytes, type, etag],
      );
      return userId;
    }
    const row = async (userId: string) =>
      (
        await profile.database.query('SELECT avatar, avatar_type, avatar_etag, version FROM profiles WHERE id = $1', [
          userId,
        ])
      ).rows[0];

    test('one is made into an avatar before anyone gets it', async () => {
      const bytes = await plain(3_000, 1_500)
        .withExif({ IFD0: { Make: 'Secretcam' } })
        .jpeg()
        .toBuffer();
      const userId = await stored('image/jpeg', bytes);
      const old = (await row(userId)).avatar_etag;
      const responses = await Promise.all(
        Array.from({ length: 5 }, () =>
          as(profile, randomUUID()).get(`${PATH}${userId}`).set('If-None-Match', `"${old}"`).buffer().expect(200),
        ),
      );
      const { width, height, format } = await sharp(responses[0]?.body).metadata();
      assert.deepEqual([format, width, height], ['webp', 512, 256]);
      const { avatar, avatar_type, avatar_etag, version } = await row(userId);
      assert.equal(avatar_type, 'image/webp');
      assert.ok(!avatar.includes('Secretcam'));
      for (const { body, headers } of responses) {
        assert.deepEqual(body, avatar);
        assert.equal(headers.etag, `"${avatar_etag}"`);
      }
      await waitFor(
        'the announcement',
        async () => {
          const { rows } = await profile.database.query('SELECT count(*)::int AS n FROM outbox');
          return rows[0].n === 0;
        },
        { deadlineMs: 20_000 },
      );
      assert.ok(Number(version) > 0);
    });

    for (const [what, bytes] of [
      ['a truncated PNG', pngOf(1_000).subarray(0, 40)],
      ['a JPEG of four bytes', Buffer.from([0xff, 0xd8, 0xff, 0xe0])],
    ] as const) {
      test(`${what} goes`, async () => {
        const userId = await stored('image/png', bytes);
        await as(profile, randomUUID()).get(`${PATH}${userId}`).expect(404);
        assert.equal((await row(userId)).avatar, null);
        const { body } = await as(profile, randomUUID()).get(`/api/profile/${userId}`).expect(200);
        assert.equal(body.avatar_url, null);
      });
    }

    test('a decompression bomb goes, without being decoded', async () => {
      const userId = await stored('image/png', await plain(10_000, 10_000).png({ compressionLevel: 9 }).toBuffer());
      await as(profile, randomUUID()).get(`${PATH}${userId}`).expect(404);
      assert.equal((await row(userId)).avatar, null);
    });
  });
});
