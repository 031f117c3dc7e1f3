-- comments_user_id_pub_id_idx does its work.
DROP INDEX "comments_user_id_idx";
