import { useEffect, useState } from 'react';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const inMinutes = new Intl.RelativeTimeFormat('en', { style: 'narrow', numeric: 'auto' });
const dayOfYear = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });
const dayAndYear = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' });
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'full', timeStyle: 'short' });
const ofDay = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const wholeDay = new Intl.DateTimeFormat('en', { weekday: 'long', day: 'numeric', month: 'long' });

/** How long ago, and exactly when to those who point at it. */
export function Ago({ time }: { time: string }) {
  const now = useMinutes();
  return (
    <time dateTime={time} title={exact.format(new Date(time))}>
      {ago(new Date(time), now)}
    </time>
  );
}

export function TimeOfDay({ time }: { time: string }) {
  return <time dateTime={time}>{ofDay.format(new Date(time))}</time>;
}

export const dayOf = (time: string): string => wholeDay.format(new Date(time));
export const dateOf = (time: string): string => dayAndYear.format(new Date(time));

function ago(then: Date, now: number): string {
  const age = now - then.getTime();
  if (age < MINUTE) return 'now';
  if (age < HOUR) return inMinutes.format(-Math.floor(age / MINUTE), 'minute');
  if (age < DAY) return inMinutes.format(-Math.floor(age / HOUR), 'hour');
  if (age < 7 * DAY) return inMinutes.format(-Math.floor(age / DAY), 'day');
  return (then.getFullYear() === new Date(now).getFullYear() ? dayOfYear : dayAndYear).format(then);
}

function useMinutes(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE);
    return () => clearInterval(timer);
  }, []);
  return now;
}
