CREATE TABLE code (
    container TEXT    NOT NULL,
    id        TEXT    NOT NULL, -- lower-case hex SHA-256 of source
    source    TEXT    NOT NULL,
    kept      INTEGER NOT NULL, -- 1: put for a token without a name, so no task's end removes it
    PRIMARY KEY (container, id)
);

CREATE TABLE tasks (
    container TEXT    NOT NULL,
    name      TEXT    NOT NULL,
    token     TEXT    NOT NULL,
    meta      TEXT    NOT NULL, -- a JSON object of strings
    code_id   TEXT,             -- NULL: the code lives elsewhere
    updated   INTEGER NOT NULL, -- Unix nanoseconds
    PRIMARY KEY (container, name),
    FOREIGN KEY (container, code_id) REFERENCES code (container, id)
);

CREATE INDEX tasks_by_code ON tasks (container, code_id) WHERE code_id IS NOT NULL;

CREATE TABLE revoked (
    jti TEXT PRIMARY KEY
) WITHOUT ROWID;

CREATE TABLE fetched (
    url           TEXT    PRIMARY KEY,
    source        TEXT    NOT NULL,
    etag          TEXT    NOT NULL,
    last_modified TEXT    NOT NULL,
    at            INTEGER NOT NULL -- Unix nanoseconds
);
