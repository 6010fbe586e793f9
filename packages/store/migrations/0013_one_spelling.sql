-- Up Migration
-- One spelling for the kinds of our own security events. Tenant by tenant, because the policy of the table holds for its owner too.
DO $$
DECLARE t text;
BEGIN
  FOR t IN SELECT id FROM tenant LOOP
    PERFORM set_config('app.tenant', t, true);
    UPDATE security_event SET kind = 'duplicate-identity' WHERE kind = 'duplicate identity' AND source = 'csms';
  END LOOP;
END $$;

-- Down Migration
-- Books are never taken down.
