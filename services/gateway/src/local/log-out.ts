import {
  REFRESH_COOKIE,
  REFRESH_COOKIE_NAME,
  TOKEN_COOKIE,
  TOKEN_PROFILE,
} from '@wave-connect/contracts/token-profile.ts';
import { Router } from 'express';
import { type Admission, admitAnonymous } from '../admission/admission.ts';
import { refuseCsrf } from '../admission/csrf.ts';
import { clientScheme } from '../edge/client-address.ts';

const PATH = '/api/auth/logout';

/**
 * Clears the cookies that logging in has set. The gateway does so itself, for it must work with an expired token, too,
 * and no request without a valid one reaches a service.
 */
export function createLogOutRouter(admission: Admission, trustProxy: boolean): Router {
  const router = Router({ caseSensitive: true });
  router.post(PATH, async (req, res) => {
    await admitAnonymous(req, admission, (headers) => res.set(headers));
    refuseCsrf(req, admission.trust, { upgrade: false });
    const secure = clientScheme(req, trustProxy) === 'https';
    res
      .clearCookie(TOKEN_PROFILE.cookies.plain, { ...TOKEN_COOKIE, secure })
      .clearCookie(TOKEN_PROFILE.cookies.secure, { ...TOKEN_COOKIE, secure: true })
      .clearCookie(REFRESH_COOKIE_NAME, { ...REFRESH_COOKIE, secure })
      .status(204)
      .end();
  });
  return router;
}
