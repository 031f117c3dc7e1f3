import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, temporaryFolder } from '@wave-connect/dev-env/machine';
import { type Server, startListening } from '../programs.ts';
import type { Stage } from './stage.ts';

/** nginx as a plain proxy that asks for no token: what a proxy can do at all here. */
export async function startNginx(stage: Stage, nginx: string, upstream: string): Promise<Server> {
  const folder = await temporaryFolder();
  const port = await freePort();
  const file = join(folder, 'nginx.conf');
  await mkdir(join(folder, 'temp'));
  await writeFile(file, configuration(folder, port, new URL(upstream).host));
  return stage.keep(await startListening(port, nginx, ['-p', folder, '-c', file, '-e', 'stderr']));
}

const configuration = (folder: string, port: number, upstream: string): string => `
daemon off;
worker_processes auto;
worker_rlimit_nofile 16384;
pid ${folder}/nginx.pid;
error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off;
  client_max_body_size 2m;
  keepalive_requests 100000000;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((use) => `${use}_temp_path ${folder}/temp/${use};`).join('\n  ')}
  upstream service {
    server ${upstream};
    keepalive 256;
    keepalive_requests 100000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://service;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_request_buffering off;
    }
  }
}
`;
