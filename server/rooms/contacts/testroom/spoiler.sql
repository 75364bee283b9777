-- SPDX-License-Identifier: Apache-2.0
-- What a mistake in the program could try to do to a tie: each must fail.

-- @query spoil_kind exec
UPDATE contacts_tie SET source_kind = 'phone';

-- @query spoil_ref exec
UPDATE contacts_tie SET source_ref = '1';

-- @query spoil_initiator exec
UPDATE contacts_tie SET initiator_id = other_id;

-- @query spoil_since exec
UPDATE contacts_tie SET since_at_ms = 1;

-- @query spoil_owner exec
UPDATE contacts_tie SET owner_id = 77, initiator_id = 77;

-- @query spoil_other exec
UPDATE contacts_tie SET other_id = 77, initiator_id = owner_id;

-- @query spoil_replace exec
INSERT INTO contacts_tie (owner_id, other_id, source_kind, source_ref, initiator_id, since_at_ms,
	remark, tags, is_starred)
SELECT owner_id, other_id, 'phone', '1', initiator_id, 1, '', '[]', 0 FROM contacts_tie WHERE 1 = 1
ON CONFLICT (owner_id, other_id) DO UPDATE SET source_kind = excluded.source_kind;

-- @query spoil_nothing exec
-- @in owner_id u64, other_id u64
INSERT INTO contacts_tie (owner_id, other_id, source_kind, source_ref, initiator_id, since_at_ms,
	remark, tags, is_starred)
VALUES (:owner_id, :other_id, '', '', :owner_id, 1, '', '[]', 0);
