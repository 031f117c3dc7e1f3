-- When the avatar was set within the hour before its last change, so that replicas count together.
ALTER TABLE "profiles" ADD COLUMN "avatar_changes" TIMESTAMPTZ(3)[] NOT NULL DEFAULT '{}';
