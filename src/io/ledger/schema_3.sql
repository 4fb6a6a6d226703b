-- What analysts may build on: ids and times as text, and the words of results.csv. Each computed column is cast, so
-- that tools which ask for its type are told one. docs/ledger.md tells them one by one.

CREATE VIEW v_runs AS
SELECT
    CAST(lower(substr(hex(run_id), 1, 8) || '-' || substr(hex(run_id), 9, 4) || '-' || substr(hex(run_id), 13, 4)
        || '-' || substr(hex(run_id), 17, 4) || '-' || substr(hex(run_id), 21)) AS TEXT) AS run_id,
    number,
    command,
    version,
    CAST(CASE WHEN finished_at IS NULL OR exit_code IS NULL THEN 'not_finished' ELSE 'finished' END AS TEXT) AS state,
    CAST(strftime('%Y-%m-%dT%H:%M:%SZ', started_at, 'unixepoch') AS TEXT) AS started_at,
    CAST(strftime('%Y-%m-%dT%H:%M:%SZ', finished_at, 'unixepoch') AS TEXT) AS finished_at,
    exit_code,
    CAST(json_extract(summary, '$.rows') AS INTEGER) AS rows,
    CAST(iif(sums IS NULL, NULL, coalesce(json_extract(sums, '$.confirmed'), 0)) AS INTEGER) AS confirmed,
    CAST(iif(sums IS NULL, NULL, coalesce(json_extract(sums, '$.scheduled'), 0)) AS INTEGER) AS scheduled,
    CAST(iif(sums IS NULL, NULL, coalesce(json_extract(sums, '$.sms_waiting'), 0)) AS INTEGER) AS sms_waiting,
    CAST(iif(sums IS NULL, NULL, coalesce(json_extract(sums, '$.already_done'), 0)) AS INTEGER) AS already_done,
    CAST(iif(sums IS NULL, NULL, coalesce(json_extract(sums, '$.duplicate'), 0)) AS INTEGER) AS duplicate,
    CAST(iif(sums IS NULL, NULL, coalesce(json_extract(sums, '$.rejected'), 0)) AS INTEGER) AS rejected,
    CAST(iif(sums IS NULL, NULL, coalesce(json_extract(sums, '$.failed'), 0)) AS INTEGER) AS failed,
    CAST(iif(sums IS NULL, NULL, coalesce(json_extract(sums, '$.sms_failed'), 0)) AS INTEGER) AS sms_failed,
    CAST(iif(sums IS NULL, NULL, coalesce(json_extract(sums, '$.expired'), 0)) AS INTEGER) AS expired,
    CAST(iif(sums IS NULL, NULL, coalesce(json_extract(sums, '$.pending'), 0)) AS INTEGER) AS pending,
    CAST(iif(sums IS NULL, NULL, coalesce(json_extract(sums, '$.in_doubt'), 0)) AS INTEGER) AS in_doubt,
    CAST(iif(sums IS NULL, NULL, coalesce(json_extract(sums, '$.sms_in_doubt'), 0)) AS INTEGER) AS sms_in_doubt,
    summary
FROM (SELECT *, json_extract(summary, '$.by_status') AS sums FROM runs);

CREATE VIEW v_callbacks AS
SELECT
    CAST(lower(substr(hex(callback_id), 1, 8) || '-' || substr(hex(callback_id), 9, 4) || '-'
        || substr(hex(callback_id), 13, 4) || '-' || substr(hex(callback_id), 17, 4) || '-'
        || substr(hex(callback_id), 21)) AS TEXT) AS callback_id,
    CAST('+' || phone AS TEXT) AS phone,
    campaign AS campaign_id,
    language,
    CAST(strftime('%Y-%m-%dT%H:%M:%SZ', window_start, 'unixepoch') AS TEXT) AS window_start,
    CAST(strftime('%Y-%m-%dT%H:%M:%SZ', window_end, 'unixepoch') AS TEXT) AS window_end,
    offset_minutes AS utc_offset_minutes,
    CAST(strftime('%Y-%m-%dT%H:%M:%SZ', dispatch_at, 'unixepoch') AS TEXT) AS dispatch_at,
    CAST(CASE WHEN progress IN ('confirmed', 'scheduled', 'sms_waiting', 'failed', 'sms_failed', 'expired', 'in_doubt',
        'sms_in_doubt') THEN progress ELSE 'pending' END AS TEXT) AS status,
    progress,
    code,
    CAST(nullif(detail, '') AS TEXT) AS detail,
    contact_id,
    sms_session_id,
    attempts,
    CAST(strftime('%Y-%m-%dT%H:%M:%SZ', contact_at, 'unixepoch') AS TEXT) AS contact_at,
    CAST(strftime('%Y-%m-%dT%H:%M:%SZ', sms_at, 'unixepoch') AS TEXT) AS sms_at,
    CAST(lower(substr(hex(run_id), 1, 8) || '-' || substr(hex(run_id), 9, 4) || '-' || substr(hex(run_id), 13, 4)
        || '-' || substr(hex(run_id), 17, 4) || '-' || substr(hex(run_id), 21)) AS TEXT) AS run_id,
    CAST((SELECT strftime('%Y-%m-%dT%H:%M:%fZ', at_ms / 1000.0, 'unixepoch') FROM entries
        WHERE entries.callback_id = callbacks.callback_id ORDER BY seq DESC LIMIT 1) AS TEXT) AS updated_at
FROM callbacks;

-- The status is that of the callback after the entry. Most entries lead to one status, wherever they come from. `left`
-- leaves a callback where it was: that is sms_waiting, or else pending. Where a person's word leads hangs on what was
-- in doubt, and the entry before says it: the contact, or its text.
CREATE VIEW v_entries AS
SELECT
    CAST(lower(substr(hex(callback_id), 1, 8) || '-' || substr(hex(callback_id), 9, 4) || '-'
        || substr(hex(callback_id), 13, 4) || '-' || substr(hex(callback_id), 17, 4) || '-'
        || substr(hex(callback_id), 21)) AS TEXT) AS callback_id,
    seq,
    CAST(strftime('%Y-%m-%dT%H:%M:%fZ', at_ms / 1000.0, 'unixepoch') AS TEXT) AS at,
    CAST(lower(substr(hex(run_id), 1, 8) || '-' || substr(hex(run_id), 9, 4) || '-' || substr(hex(run_id), 13, 4)
        || '-' || substr(hex(run_id), 17, 4) || '-' || substr(hex(run_id), 21)) AS TEXT) AS run_id,
    kind AS entry,
    code,
    CAST(nullif(detail, '') AS TEXT) AS detail,
    value,
    CAST(CASE kind
        WHEN 'expired' THEN 'expired'
        WHEN 'contact_doubted' THEN 'in_doubt'
        WHEN 'contact_existed' THEN 'sms_in_doubt'
        WHEN 'contact_failed' THEN 'failed'
        WHEN 'sms_deferred' THEN 'sms_waiting'
        WHEN 'sms_dropped' THEN 'scheduled'
        WHEN 'sms_accepted' THEN 'confirmed'
        WHEN 'sms_doubted' THEN 'sms_in_doubt'
        WHEN 'sms_failed' THEN 'sms_failed'
        WHEN 'left' THEN iif('sms_deferred' = (
            SELECT before.kind FROM entries AS before
            WHERE before.callback_id = entries.callback_id AND before.seq < entries.seq AND before.kind <> 'left'
            ORDER BY before.seq DESC LIMIT 1), 'sms_waiting', 'pending')
        WHEN 'settled_sent' THEN iif('contact_doubted' = (
            SELECT before.kind FROM entries AS before
            WHERE before.callback_id = entries.callback_id AND before.seq < entries.seq
            ORDER BY before.seq DESC LIMIT 1), 'pending', 'confirmed')
        WHEN 'settled_not_sent' THEN iif('contact_doubted' = (
            SELECT before.kind FROM entries AS before
            WHERE before.callback_id = entries.callback_id AND before.seq < entries.seq
            ORDER BY before.seq DESC LIMIT 1), 'failed', 'sms_failed')
        ELSE 'pending' END AS TEXT) AS status
FROM entries;
