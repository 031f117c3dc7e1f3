import { randomUUID } from 'node:crypto';
import { acknowledged, changed, run, type Sabotage, type Scene } from './sabotage.ts';

/** A publication that stays untouched by the other sabotages, by its place among those that are there. */
const publication = (scene: Scene, n: number, condition = 'true') =>
  changed(scene, 'feed', `SELECT id FROM publications WHERE ${condition} ORDER BY id OFFSET ${n} LIMIT 1`);

const someoneGone = ({ target }: Scene) =>
  changed({ target } as Scene, 'profile', 'SELECT user_id FROM deleted_accounts ORDER BY user_id LIMIT 1');

/** Rows that are not as the people of the load left them. */
export const SPOILED_ROWS: Sabotage[] = [
  {
    name: 'a message that is gone',
    finds: { kind: 'lost', what: 'an acknowledged message is not there' },
    async commit(scene) {
      const { id, marker } = acknowledged(scene, 'message', 2);
      await changed(scene, 'chat', `DELETE FROM messages WHERE id = '${id}' RETURNING id`);
      return marker;
    },
  },
  {
    name: 'a message that is there twice',
    finds: { kind: 'doubled', what: 'a message is there 2 times' },
    async commit(scene) {
      const { id, marker } = acknowledged(scene, 'message', 3);
      await run(
        scene,
        'chat',
        `INSERT INTO messages (text, sender, receiver) SELECT text, sender, receiver FROM messages WHERE id = '${id}'`,
      );
      return marker;
    },
  },
  {
    name: 'an unread message that is counted twice',
    finds: { kind: 'doubled', what: 'an unread message is counted twice' },
    async commit(scene) {
      const { by, about } = acknowledged(scene, 'message', -1);
      return changed(
        scene,
        'chat',
        `UPDATE conversations SET unread_count = unread_count + 1
          WHERE user_id = '${about}' AND peer_id = '${by}' RETURNING user_id`,
      );
    },
  },
  {
    name: 'a read that is undone',
    finds: { kind: 'lost', what: 'an acknowledged read has no effect' },
    commit: (scene) =>
      changed(
        scene,
        'chat',
        `UPDATE conversations SET unread_count = 1000, read_up_to = NULL WHERE (user_id, peer_id) IN (
          SELECT user_id, peer_id FROM conversations WHERE read_up_to IS NOT NULL LIMIT 1) RETURNING user_id`,
      ),
  },
  {
    name: 'a comment that is there twice',
    finds: { kind: 'doubled', what: 'a comment is there 2 times' },
    commit: (scene) =>
      changed(
        scene,
        'feed',
        `INSERT INTO comments (pub_id, text, user_id) SELECT pub_id, text, user_id FROM comments
          ORDER BY id LIMIT 1 RETURNING text`,
      ),
  },
  {
    name: 'a comment count that is one too many',
    finds: { kind: 'wrong', what: 'a comment count is off' },
    async commit(scene) {
      const id = await publication(scene, 0, 'comment_count = 0');
      return changed(scene, 'feed', `UPDATE publications SET comment_count = 1 WHERE id = '${id}' RETURNING id`);
    },
  },
  {
    name: 'a publication that is gone',
    finds: { kind: 'lost', what: 'an acknowledged post is not there' },
    async commit(scene) {
      const id = await publication(scene, 1, 'comment_count = 0');
      return changed(scene, 'feed', `DELETE FROM publications WHERE id = '${id}' RETURNING split_part(text, ' ', 1)`);
    },
  },
  {
    name: 'a publication that is edited back',
    finds: { kind: 'lost', what: 'the text of' },
    async commit(scene) {
      const id = await publication(scene, 0, "text LIKE '% %'");
      return changed(
        scene,
        'feed',
        `UPDATE publications SET text = split_part(text, ' ', 1) WHERE id = '${id}' RETURNING id`,
      );
    },
  },
  {
    name: 'a deleted publication that is back',
    finds: { kind: 'lost', what: 'what was deleted is there' },
    async commit(scene) {
      const { about, by } = acknowledged(scene, 'post-deletion');
      return changed(
        scene,
        'feed',
        `INSERT INTO publications (id, user_id, text) VALUES ('${about}', '${by}', 'back') RETURNING id`,
      );
    },
  },
  {
    name: 'a publication of somebody who is deleted',
    finds: { kind: 'wrong', what: 'a row of publications belongs to nobody' },
    async commit(scene) {
      const gone = await someoneGone(scene);
      return changed(
        scene,
        'feed',
        `INSERT INTO publications (user_id, text) VALUES ('${gone}', 'still here') RETURNING id`,
      );
    },
  },
  {
    name: 'an author of long ago',
    finds: { kind: 'wrong', what: 'feed shows another author than the profile' },
    commit: (scene) =>
      changed(
        scene,
        'feed',
        `UPDATE authors SET username = 'of_long_ago' WHERE user_id = (
          SELECT user_id FROM authors WHERE username IS NOT NULL ORDER BY user_id LIMIT 1) RETURNING user_id`,
      ),
  },
  {
    name: 'a profile at an earlier version',
    finds: { kind: 'lost', what: 'the profile of' },
    async commit(scene) {
      const { by, marker, username } = acknowledged(scene, 'profile');
      return changed(
        scene,
        'profile',
        `UPDATE profiles SET bio = '${marker}', username = '${username}' WHERE id = '${by}' RETURNING bio`,
      );
    },
  },
  {
    name: 'a tombstone of somebody who lives',
    finds: { kind: 'wrong', what: 'chat takes an account for deleted that is there' },
    async commit(scene) {
      const { by } = acknowledged(scene, 'profile', 1);
      return changed(scene, 'chat', `INSERT INTO deleted_accounts (user_id) VALUES ('${by}') RETURNING user_id`);
    },
  },
  {
    name: 'a deletion that one service has not heard of',
    finds: { kind: 'lost', what: 'profile does not know of a deletion' },
    async commit(scene) {
      const gone = await someoneGone(scene);
      return changed(scene, 'profile', `DELETE FROM deleted_accounts WHERE user_id = '${gone}' RETURNING user_id`);
    },
  },
  {
    name: 'an account that is gone',
    finds: { kind: 'lost', what: 'an account that nobody deleted is gone' },
    async commit(scene) {
      const { session } = scene.ledger.people.findLast(({ left }) => !left) ?? {};
      return changed(scene, 'auth', `DELETE FROM users WHERE id = '${session?.id}' RETURNING id`);
    },
  },
  {
    name: 'a device that missed a message',
    finds: { kind: 'lost', what: 'a message did not reach a device' },
    async commit(scene) {
      const { id = '', about } = acknowledged(scene, 'message', 5);
      scene.ledger.people.find(({ session }) => session.id === about)?.received.messages.delete(id);
      return id;
    },
  },
  {
    name: 'a socket that brought a message twice',
    finds: { kind: 'doubled', what: 'a device was told something odd' },
    async commit(scene) {
      const { id = '', marker: text, by: sender, about: receiver } = acknowledged(scene, 'message', 6);
      const message = { id, text, sender, receiver, time_sent: '' };
      const device = scene.ledger.people.find(({ session }) => session.id === receiver)?.received;
      const socket = new Set<string>();
      device?.live(message, socket);
      device?.live(message, socket);
      return id;
    },
  },
  {
    name: 'a device that got a message which was rolled back',
    finds: { kind: 'wrong', what: 'a device got a message that is not there' },
    async commit(scene) {
      const { by: sender, about: receiver } = acknowledged(scene, 'message', 7);
      const message = { id: randomUUID(), text: 'hello', sender, receiver, time_sent: '' };
      scene.ledger.people.find(({ session }) => session.id === receiver)?.received.live(message, new Set());
      return message.id;
    },
  },
];
