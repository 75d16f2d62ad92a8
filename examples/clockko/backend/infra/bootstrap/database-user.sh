# Makes the application's database user, or gives it a new password: the one in DATABASE_URL. Runs in a container, see database_user.tf.
set -eu
APP_PASSWORD=${DATABASE_URL#*://*:}
export APP_PASSWORD="${APP_PASSWORD%%@*}"

# The password goes through the environment: in an argument every process of the container could read it.
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 <<'SQL'
\getenv name APP_USER
\getenv password APP_PASSWORD
SELECT format('CREATE ROLE %I', :'name') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
ALTER ROLE :"name" LOGIN PASSWORD :'password';
-- Its migrations make the tables: since PostgreSQL 15 the schema is not open to everybody.
GRANT USAGE, CREATE ON SCHEMA public TO :"name";
SQL
echo "The database user $APP_USER is ready."
