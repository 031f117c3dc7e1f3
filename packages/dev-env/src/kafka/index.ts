export { createTopics, type TopicSpec } from './admin.ts';
export { type KafkaBroker, type KafkaOptions, startKafka } from './broker.ts';
export { kafkaUnavailable } from './runtime.ts';
export { createKeystore, setKafkaPassword } from './security.ts';
