-- Up Migration
-- site_load as in 0003, without the sessions whose energy nobody measured: not a number, without end, or beyond 1e12 Wh (a TWh), where energy is the
-- session's own or the difference of its registers. One such row made a sum that is nothing, or that overflows, and with it every forecast of its site.
-- SECURITY INVOKER: the caller's row security holds inside.
CREATE OR REPLACE FUNCTION site_load(of_site uuid, window_from timestamptz, window_until timestamptz) RETURNS TABLE (hour_at timestamptz, energy_wh double precision)
LANGUAGE sql STABLE AS $$
  WITH span AS (
    SELECT s.started_at AS a,
           LEAST(s.started_at + interval '31 days', GREATEST(s.started_at, COALESCE(s.charging_ended_at, s.ended_at, s.last_reading_at, s.started_at))) AS b,
           COALESCE(s.energy_wh, CASE WHEN abs(s.last_register_wh) < 1e12 AND abs(s.meter_start_wh) < 1e12 THEN s.last_register_wh - s.meter_start_wh END) AS wh
    FROM station st JOIN session s ON s.tenant_id = st.tenant_id AND s.station_id = st.id
    WHERE st.site_id = of_site AND s.started_at < window_until AND s.started_at >= window_from - interval '31 days'
  )
  SELECT h.at, sum(CASE WHEN b = a THEN wh
    ELSE wh * extract(epoch FROM LEAST(b, h.at + interval '1 hour') - GREATEST(a, h.at)) / extract(epoch FROM b - a) END)::double precision
  FROM span, LATERAL generate_series(
    date_trunc('hour', GREATEST(a, window_from), 'UTC'), LEAST(b, window_until - interval '1 microsecond'), interval '1 hour') AS h(at)
  WHERE wh > 0 AND wh < 1e12 AND b >= window_from AND h.at >= window_from AND h.at < window_until AND (b > h.at OR b = a)
  GROUP BY h.at ORDER BY h.at
$$;

-- Down Migration
-- Books are never taken down.
