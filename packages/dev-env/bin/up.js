// Plain JavaScript, so that a Node that is too old can still say so.
const NEEDED = 26;
const version = process.versions.node;

if (Number.parseInt(version, 10) < NEEDED) {
  process.stderr.write(
    `Wave Connect needs Node ${NEEDED} or later, and this is ${version}: ` +
      'npm install brings one, node_modules/.bin/node, which make up uses\n',
  );
  process.exitCode = 1;
} else {
  // kafkajs sets a timer in the past whenever it connects, which cannot be mended from here.
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name !== 'TimeoutNegativeWarning') process.stderr.write(`${warning}\n`);
  });
  const { up } = await import('../src/up/up.ts');
  await up();
}
