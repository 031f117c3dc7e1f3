import type * as contract from '@wave-connect/contracts/operations.ts';
import type { Authored, Byline } from '../domain/authors.ts';
import type { Comment } from '../repository/comments.ts';
import type { Publication } from '../repository/publications.ts';

export const presentPublication = (publication: Authored<Publication>): contract.Publication => ({
  id: publication.id,
  text: publication.text,
  user_id: publication.userId,
  time_created: publication.timeCreated.toISOString(),
  author: presentAuthor(publication.author),
  comment_count: publication.commentCount,
});

export const presentComment = (comment: Authored<Comment>): contract.Comment => ({
  id: comment.id,
  pub_id: comment.pubId,
  text: comment.text,
  user_id: comment.userId,
  time_created: comment.timeCreated.toISOString(),
  author: presentAuthor(comment.author),
});

const presentAuthor = (author: Byline | null): contract.Author =>
  author && { username: author.username, avatar_url: author.avatarUrl };
