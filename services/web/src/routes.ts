/** Every address of the web app. The gateway responds to these, and to no others, with `index.html`. */
export const ROUTES = {
  home: '/',
  logIn: '/login',
  signUp: '/signup',
  welcome: '/welcome',
  settings: '/settings',
  messages: '/messages',
  conversation: '/messages/:peerId',
  person: '/people/:username',
  post: '/posts/:id',
} as const;

export const personPath = (username: string): string => `/people/${encodeURIComponent(username)}`;
export const postPath = (id: string): string => `/posts/${id}`;
export const conversationPath = (peerId: string): string => `/messages/${peerId}`;
/** Back to where a person wanted to be before they had to log in. */
export const logInPath = (next: string): string =>
  next === ROUTES.home ? ROUTES.logIn : `${ROUTES.logIn}?next=${encodeURIComponent(next)}`;
