import { callerOf } from '@wave-connect/chassis/http';
import { pageQuery, presentPage } from '@wave-connect/chassis/http/app';
import type { PageQuery } from '@wave-connect/chassis/pagination';
import { Router } from 'express';
import type { Comments } from '../domain/comments.ts';
import type { Publications } from '../domain/publications.ts';
import { singleFlight } from '../domain/single-flight.ts';
import { presentComment, presentPublication } from './present.ts';

/** Routes below /api/feed. */
export function createRouter({ publications, comments }: { publications: Publications; comments: Comments }): Router {
  const router = Router();
  // The same for all callers, so concurrent requests for one page read and present it once.
  const list = singleFlight(async (query: PageQuery) =>
    presentPage(await publications.list(query), presentPublication),
  );

  router.post('/', async (req, res) => {
    const publication = await publications.publish(callerOf(req), req.body.text);
    res.status(201).json(presentPublication(publication));
  });

  router.get('/', async (req, res) => {
    res.json(await list(pageQuery(req)));
  });

  router.get('/user/:userID', async (req, res) => {
    res.json(presentPage(await publications.listOf(req.params.userID, pageQuery(req)), presentPublication));
  });

  router.get('/:id', async (req, res) => {
    res.json(presentPublication(await publications.describe(req.params.id)));
  });

  router.put('/:id', async (req, res) => {
    const publication = await publications.rewrite(callerOf(req), req.params.id, req.body.text);
    res.json(presentPublication(publication));
  });

  router.delete('/:id', async (req, res) => {
    await publications.delete(callerOf(req), req.params.id);
    res.status(204).end();
  });

  router.post('/:pubID/comment', async (req, res) => {
    const comment = await comments.add(callerOf(req), req.params.pubID, req.body.text);
    res.status(201).json(presentComment(comment));
  });

  router.get('/:pubID/comment', async (req, res) => {
    res.json(presentPage(await comments.list(req.params.pubID, pageQuery(req)), presentComment));
  });

  router.delete('/comment/:id', async (req, res) => {
    await comments.remove(callerOf(req), req.params.id);
    res.status(204).end();
  });

  return router;
}
