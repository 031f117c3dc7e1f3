export { chromium, testBrowserUnavailable } from './browser.ts';
export { testKafka, testKafkaUnavailable } from './kafka.ts';
export { type Link, startLink } from './link.ts';
export { type MountedSecret, mountedSecret } from './mounted-secret.ts';
export { testDatabases } from './postgres.ts';
export { type ProfileStandIn, startProfileStandIn } from './profile-stand-in.ts';
export { startTestService, type TestService } from './service.ts';
