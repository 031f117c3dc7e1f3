import { methodNotAllowed } from '@wave-connect/chassis/http/method-not-allowed.ts';
import { TOKEN_COOKIE, TOKEN_PROFILE } from '@wave-connect/contracts/token-profile.ts';
import { Router } from 'express';
import { type Admission, admitStranger } from './admit.ts';
import { refuseCrossSite } from './cross-site.ts';
import { schemeOf } from './forwarded-headers.ts';

const PATH = '/api/auth/logout';

/**
 * Takes the cookie back that signing in has set. Answered here, for it must work with a token that has expired too,
 * and nothing without a valid one reaches a service.
 */
export function createLogOut(admission: Admission, trustProxy: boolean): Router {
  const router = Router({ caseSensitive: true });
  router.post(PATH, async (req, res) => {
    await admitStranger(req, admission, (headers) => res.set(headers));
    refuseCrossSite(req, admission.trust, { upgrade: false });
    const secure = schemeOf(req, trustProxy) === 'https';
    res
      .clearCookie(TOKEN_PROFILE.cookie, { ...TOKEN_COOKIE, secure })
      .status(204)
      .end();
  });
  router.all(PATH, methodNotAllowed('POST'));
  return router;
}
