import { Fragment } from 'react';
import type { Message } from '../api/client.ts';
import { TEXT } from '../text.ts';
import { More } from '../ui/more.tsx';
import { Empty } from '../ui/notice.tsx';
import { dayOf, TimeOfDay } from '../ui/time.tsx';
import styles from './conversation.module.css';
import type { Outgoing } from './messages.ts';
import { OutgoingMessage } from './outgoing-message.tsx';
import type { useHistory } from './queries.ts';
import { useStayAtEnd } from './use-stay-at-end.ts';

const { chat: words } = TEXT;

type Props = {
  peerId: string;
  name: string;
  messages: readonly Message[];
  outgoing: readonly Outgoing[];
  history: ReturnType<typeof useHistory>;
  onRetry: (each: Outgoing) => void;
  onDiscard: (each: Outgoing) => void;
};

export function MessageList({ peerId, name, messages, outgoing, history, onRetry, onDiscard }: Props) {
  const list = useStayAtEnd(messages, outgoing);
  const lastOfMine = outgoing.length === 0 && messages.at(-1)?.sender !== peerId ? messages.at(-1)?.id : undefined;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section ref={list} className={styles.scroller} tabIndex={0} aria-label={words.with(name)}>
      {history.hasNextPage && <More pages={history} label={words.older} />}
      {messages.length + outgoing.length === 0 && <Empty {...words.noMessages} />}
      <ol className={styles.messages}>
        {messages.map((message, at) => (
          <Fragment key={message.id}>
            <DayBreak message={message} before={messages[at - 1]} />
            <li className={message.sender === peerId ? styles.theirs : styles.mine}>
              <span className="sr-only">{message.sender === peerId ? name : words.you}: </span>
              <span className={styles.bubble}>{message.text}</span>
              <span className={styles.meta}>
                <TimeOfDay time={message.time_sent} />
                {message.id === lastOfMine && ` · ${words.sent}`}
              </span>
            </li>
          </Fragment>
        ))}
        {outgoing.map((each) => (
          <OutgoingMessage
            key={each.clientId}
            outgoing={each}
            onRetry={() => onRetry(each)}
            onDiscard={() => onDiscard(each)}
          />
        ))}
      </ol>
    </section>
  );
}

function DayBreak({ message, before }: { message: Message; before: Message | undefined }) {
  const day = dayOf(message.time_sent);
  if (before && dayOf(before.time_sent) === day) return null;
  return <li className={styles.day}>{day}</li>;
}
