import { callerOf, sendProblem } from '@wave-connect/chassis/http';
import { pageQuery, presentPage } from '@wave-connect/chassis/http/app';
import { Router } from 'express';
import type { Conversations } from '../domain/conversations.ts';
import type { Messages } from '../domain/messages.ts';
import { presentConversation, presentMessage } from './present.ts';

/** Routes below /api/chat, the WebSocket aside. */
export function createRouter({
  messages,
  conversations,
}: {
  messages: Messages;
  conversations: Conversations;
}): Router {
  const router = Router();

  router.get('/conversation', async (req, res) => {
    res.json(presentPage(await conversations.list(callerOf(req), pageQuery(req)), presentConversation));
  });

  router.get('/conversation/:peerID', async (req, res) => {
    const { peerID } = req.params;
    const { after } = req.query;
    const page =
      typeof after === 'string'
        ? await conversations.since(callerOf(req), peerID, after, pageQuery(req))
        : await conversations.history(callerOf(req), peerID, pageQuery(req));
    res.json(presentPage(page, presentMessage));
  });

  router.put('/conversation/:peerID/read', async (req, res) => {
    await conversations.markRead(callerOf(req), req.params.peerID);
    res.status(204).end();
  });

  router.get('/ws', (_req, res) => {
    const detail = 'This path speaks WebSocket only.';
    const headers = { Upgrade: 'websocket', Connection: 'Upgrade' };
    sendProblem(res, { status: 426, code: 'upgrade-required', detail, headers });
  });

  router.post('/', async (req, res) => {
    const { receiver, text } = req.body;
    res.status(201).json(presentMessage(await messages.send({ sender: callerOf(req), receiver, text })));
  });

  router.get('/:id', async (req, res) => {
    res.json(presentMessage(await messages.describe(callerOf(req), req.params.id)));
  });

  router.put('/:id', async (req, res) => {
    res.json(presentMessage(await messages.rewrite(callerOf(req), req.params.id, req.body.text)));
  });

  router.delete('/:id', async (req, res) => {
    await messages.delete(callerOf(req), req.params.id);
    res.status(204).end();
  });

  return router;
}
