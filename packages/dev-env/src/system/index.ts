export { databaseName, EVENTS_DATABASE, startBroker, startDatabases } from './backing.ts';
export { readableLine } from './log-lines.ts';
export { type Env, runMigrations, type ServiceProcess, startService } from './service-process.ts';
export {
  DATA_SERVICES,
  type DataServiceName,
  dataServiceEnv,
  gatewayEnv,
  PORT_NAMES,
  type PortName,
  type Ports,
  SERVICES,
  type ServiceName,
  USUAL_PORTS,
} from './service-settings.ts';
export { type System, startSystem } from './system.ts';
