/**
 * `letta_fold(text)`: a text without regard to case. The collation of the database may fold ASCII only, so the first
 * of those that fold all letters and that this server has is built in.
 */
export const foldFunction = `
  DO $migration$
  DECLARE
    chosen TEXT;
  BEGIN
    SELECT quote_ident(nspname) || '.' || quote_ident(collname) INTO chosen
    FROM pg_collation JOIN pg_namespace ON pg_namespace.oid = collnamespace
    WHERE nspname = 'pg_catalog' AND collencoding IN (-1, pg_char_to_encoding('UTF8'))
      AND collname IN ('pg_c_utf8', 'und-x-icu', 'unicode', 'C.utf8', 'C.UTF-8', 'en_US.utf8')
    ORDER BY array_position(
      ARRAY['pg_c_utf8', 'und-x-icu', 'unicode', 'C.utf8', 'C.UTF-8', 'en_US.utf8']::name[], collname)
    LIMIT 1;
    EXECUTE format(
      'CREATE FUNCTION letta_fold(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS %L',
      format('SELECT lower($1 COLLATE %s)', coalesce(chosen, '"default"')));
  END
  $migration$;
`
