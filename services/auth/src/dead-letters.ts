import { runDeadLetters } from '@wave-connect/chassis/dead-letters';

await runDeadLetters(process.argv.slice(2), [{ service: 'auth', env: process.env }]);
