DROP TABLE idempotent_answers;
DROP TABLE client_secrets;
DROP TABLE callers;
DROP TABLE audit;
DROP TABLE feed;
DROP TABLE versions;
DROP TABLE base;
