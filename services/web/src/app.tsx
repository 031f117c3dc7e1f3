import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { Redirect, Route, Switch, useLocation, useSearchParams } from 'wouter';
import { ChatProvider } from './chat/chat-provider.tsx';
import { CrashBoundary } from './crash-boundary.tsx';
import { FeedPage } from './feed/feed-page.tsx';
import { logInPath, ROUTES } from './routes.ts';
import { createQueryClient } from './session/query-client.ts';
import { session } from './session/session.ts';
import { useMe } from './session/use-me.ts';
import { Page } from './shell/page.tsx';
import { Shell } from './shell/shell.tsx';
import { TEXT } from './text.ts';
import { Announcer } from './ui/announcer.tsx';
import { Empty, ProblemNotice } from './ui/notice.tsx';
import { useStore } from './ui/store.ts';

const LogInPage = lazy(async () => ({ default: (await import('./session/enter-page.tsx')).LogInPage }));
const SignUpPage = lazy(async () => ({ default: (await import('./session/enter-page.tsx')).SignUpPage }));
const WelcomePage = lazy(async () => ({ default: (await import('./session/welcome-page.tsx')).WelcomePage }));
const PostPage = lazy(async () => ({ default: (await import('./feed/post-page.tsx')).PostPage }));
const PersonPage = lazy(async () => ({ default: (await import('./people/person-page.tsx')).PersonPage }));
const MessagesPage = lazy(async () => ({ default: (await import('./chat/messages-page.tsx')).MessagesPage }));
const ConversationPage = lazy(async () => ({
  default: (await import('./chat/conversation-page.tsx')).ConversationPage,
}));
const SettingsPage = lazy(async () => ({ default: (await import('./settings/settings-page.tsx')).SettingsPage }));

export function App() {
  const [queries] = useState(createQueryClient);
  const user = useStore(session.user);
  return (
    <CrashBoundary>
      <QueryClientProvider client={queries}>
        <Suspense>{user === undefined ? <ForGuests /> : <ForMembers key={user} />}</Suspense>
        <Announcer />
      </QueryClientProvider>
    </CrashBoundary>
  );
}

function ForGuests() {
  const [path] = useLocation();
  return (
    <Switch>
      <Route path={ROUTES.logIn} component={LogInPage} />
      <Route path={ROUTES.signUp} component={SignUpPage} />
      <Redirect to={logInPath(path)} replace />
    </Switch>
  );
}

function ForMembers() {
  const me = useMe();
  if (me.isPending) return null;
  if (!me.data) return <ProblemNotice error={me.error} retry={me.refetch} />;
  if (me.data.username === null) {
    return (
      <Switch>
        <Route path={ROUTES.welcome} component={WelcomePage} />
        <Redirect to={ROUTES.welcome} replace />
      </Switch>
    );
  }
  return (
    <ChatProvider>
      <Shell>
        <Switch>
          <Route path={ROUTES.home} component={FeedPage} />
          <Route path={ROUTES.post} component={PostPage} />
          <Route path={ROUTES.person} component={PersonPage} />
          <Route path={ROUTES.messages} component={MessagesPage} />
          <Route path={ROUTES.conversation} component={ConversationPage} />
          <Route path={ROUTES.settings} component={SettingsPage} />
          <Route path={ROUTES.logIn} component={GoOn} />
          <Route path={ROUTES.signUp} component={GoOn} />
          <Route path={ROUTES.welcome} component={GoOn} />
          <Route>
            <Page title={TEXT.problems.notFound.title}>
              <Empty {...TEXT.problems.notFound} />
            </Page>
          </Route>
        </Switch>
      </Shell>
    </ChatProvider>
  );
}

/** To where one wanted to be before one had to log in; never away from this site. */
function GoOn() {
  const [search] = useSearchParams();
  const next = search.get('next') ?? ROUTES.home;
  return <Redirect to={/^\/(?![/\\])/.test(next) ? next : ROUTES.home} replace />;
}
