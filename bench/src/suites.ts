import type { Suite } from './measurement.ts';
import { chat } from './rows/chat.ts';
import { feed } from './rows/feed.ts';
import { gateway } from './rows/gateway.ts';
import { idle } from './rows/idle.ts';
import { login } from './rows/login.ts';
import { post } from './rows/post.ts';
import { upload } from './rows/upload.ts';

export const SUITES: Suite[] = [gateway, post, upload, feed, login, chat, idle];
