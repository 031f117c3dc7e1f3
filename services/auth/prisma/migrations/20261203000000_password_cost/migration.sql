-- The cost of a bcrypt hash, as in `$2b$10$…`: finds the costliest hash in use without reading them all.
CREATE INDEX "users_password_cost_idx" ON "users"(substring("password_hash" FROM 5 FOR 2));
