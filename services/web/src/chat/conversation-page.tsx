import { Link, useParams } from 'wouter';
import { Avatar } from '../people/avatar.tsx';
import { useProfile } from '../people/queries.ts';
import { personPath, ROUTES } from '../routes.ts';
import { Back } from '../shell/back.tsx';
import { Page } from '../shell/page.tsx';
import { TEXT } from '../text.ts';
import { ProblemNotice } from '../ui/notice.tsx';
import { RowSkeletons } from '../ui/skeleton.tsx';
import { useChat } from './chat-provider.tsx';
import { ConnectionNote } from './connection-note.tsx';
import styles from './conversation.module.css';
import { MessageForm } from './message-form.tsx';
import { MessageList } from './message-list.tsx';
import { useMarkAsRead } from './read-marks.ts';
import { useConversation } from './use-conversation.ts';

export function ConversationPage() {
  const { peerId = '' } = useParams();
  const { data: peer } = useProfile(peerId);
  const name = peer?.username ?? TEXT.feed.newMember;
  const face = <Avatar userId={peerId} name={peer?.username} url={peer?.avatar_url} size="small" />;
  return (
    <div className={styles.conversation} data-fills-main>
      <Page
        title={name}
        before={
          <>
            <Back to={ROUTES.messages} />
            {peer?.username ? (
              <Link href={personPath(peer.username)} aria-label={TEXT.nav.profile} className={styles.face}>
                {face}
              </Link>
            ) : (
              face
            )}
          </>
        }
      >
        <Exchange key={peerId} peerId={peerId} name={name} />
      </Page>
    </div>
  );
}

function Exchange({ peerId, name }: { peerId: string; name: string }) {
  const chat = useChat();
  const { history, caughtUp, messages, newest, outgoing, connection } = useConversation(peerId);
  useMarkAsRead(peerId, messages.findLast(({ sender }) => sender === peerId)?.id);
  if (history.isPending) return <RowSkeletons />;
  if (!history.data) return <ProblemNotice error={history.error} retry={history.refetch} />;
  return (
    <>
      <MessageList
        peerId={peerId}
        name={name}
        messages={messages}
        outgoing={outgoing}
        history={history}
        onRetry={(each) => chat.retry(peerId, each, newest)}
        onDiscard={(each) => chat.discard(peerId, each.clientId)}
      />
      {caughtUp.error && <ProblemNotice error={caughtUp.error} retry={caughtUp.refetch} />}
      <ConnectionNote state={connection} />
      <MessageForm name={name} onSend={(text) => chat.send(peerId, text, newest)} />
    </>
  );
}
