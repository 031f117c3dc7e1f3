import { useEffect, useLayoutEffect, useRef } from 'react';
import type { Message } from '../api/client.ts';
import type { Outgoing } from './messages.ts';

/** px from the end within which one still reads along. */
const NEAR = 120;

/**
 * A list that shows its end, and goes on to with each new message unless one has scrolled away to read. What is added
 * before does not move what one reads.
 */
export function useStayAtEnd(messages: readonly Message[], outgoing: readonly Outgoing[]) {
  const list = useRef<HTMLElement>(null);
  const wasNear = useRef(true);
  const height = useRef(0);
  const first = useRef<string>(undefined);

  useEffect(() => {
    const element = list.current;
    if (!element) return;
    const note = () => {
      wasNear.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
    };
    const follow = new ResizeObserver(() => wasNear.current && element.scrollTo(0, element.scrollHeight));
    element.addEventListener('scroll', note, { passive: true });
    follow.observe(element);
    return () => {
      element.removeEventListener('scroll', note);
      follow.disconnect();
    };
  }, []);

  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    const grownBefore = first.current !== undefined && first.current !== messages[0]?.id;
    if (wasNear.current || outgoing.length > 0) element.scrollTo(0, element.scrollHeight);
    else if (grownBefore) element.scrollTop += element.scrollHeight - height.current;
    first.current = messages[0]?.id;
    height.current = element.scrollHeight;
  }, [messages, outgoing]);

  return list;
}
