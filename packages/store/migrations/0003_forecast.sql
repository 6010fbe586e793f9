-- Up Migration
-- The mean beside the quantiles: energy adds up by means, and a model is judged on it (a median of a sparse hour is zero).
ALTER TABLE forecast_point ADD COLUMN mean_wh double precision NOT NULL;
ALTER TABLE forecast_point ADD CONSTRAINT forecast_point_ordered
  CHECK (0 <= p10_wh AND p10_wh <= p50_wh AND p50_wh <= p90_wh AND 0 <= mean_wh);
CREATE INDEX forecast_by_issue ON forecast (tenant_id, site_id, task, issued_at DESC);
CREATE INDEX model_version_by_time ON model_version (tenant_id, site_id, task, trained_at DESC);

-- A site's day is trained once: a run that is started again finds this and does not fit anew.
CREATE UNIQUE INDEX training_run_done ON training_run (tenant_id, site_id, kind, local_date) WHERE outcome IN ('promoted', 'kept');
CREATE INDEX training_run_by_time ON training_run (tenant_id, site_id, started_at DESC);

-- The hourly energy of a site, Wh: what a forecast is fitted on and what it is scored against, so that there is one definition of it.
-- A session's energy is spread evenly from its start to the end of its charging (its end, or its last reading, where that is not known), by the
-- exact overlap with each UTC hour; a running session counts with what it has taken so far. Hours without energy are not returned.
-- Nobody charges for more than 31 days: a session that was never closed counts for so long, which also lets the index find what a window needs.
-- SECURITY INVOKER: the caller's row security holds inside.
CREATE FUNCTION site_load(of_site uuid, window_from timestamptz, window_until timestamptz) RETURNS TABLE (hour_at timestamptz, energy_wh double precision)
LANGUAGE sql STABLE AS $$
  WITH span AS (
    SELECT s.started_at AS a,
           LEAST(s.started_at + interval '31 days', GREATEST(s.started_at, COALESCE(s.charging_ended_at, s.ended_at, s.last_reading_at, s.started_at))) AS b,
           COALESCE(s.energy_wh, s.last_register_wh - s.meter_start_wh) AS wh
    FROM station st JOIN session s ON s.tenant_id = st.tenant_id AND s.station_id = st.id
    WHERE st.site_id = of_site AND s.started_at < window_until AND s.started_at >= window_from - interval '31 days'
  )
  SELECT h.at, sum(CASE WHEN b = a THEN wh
    ELSE wh * extract(epoch FROM LEAST(b, h.at + interval '1 hour') - GREATEST(a, h.at)) / extract(epoch FROM b - a) END)::double precision
  FROM span, LATERAL generate_series(
    date_trunc('hour', GREATEST(a, window_from), 'UTC'), LEAST(b, window_until - interval '1 microsecond'), interval '1 hour') AS h(at)
  WHERE wh > 0 AND b >= window_from AND h.at >= window_from AND h.at < window_until AND (b > h.at OR b = a)
  GROUP BY h.at ORDER BY h.at
$$;
GRANT EXECUTE ON FUNCTION site_load(uuid, timestamptz, timestamptz) TO csms_app;

-- Down Migration
-- Books are never taken down.
