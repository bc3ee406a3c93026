#!/usr/bin/env bash
# Makes sure that the tests have a PostgreSQL: uses the one of PARVIS_TEST_POSTGRES, else one that
# listens on 127.0.0.1:5432, else installs and starts Debian's. Prints what it does; fails when it cannot.
set -euo pipefail
dsn=${PARVIS_TEST_POSTGRES:-postgres://parvis:parvis@127.0.0.1:5432/parvis_test?sslmode=disable}
if [ -n "${PARVIS_TEST_POSTGRES:-}" ]; then
	echo "PostgreSQL: the server of PARVIS_TEST_POSTGRES is used"
	exit 0
fi
listens() { (exec 3<>/dev/tcp/127.0.0.1/5432) 2>/dev/null; }
answers() { PGCONNECT_TIMEOUT=3 psql -qAt "$dsn" -c 'select 1' >/dev/null 2>&1; }
if command -v psql >/dev/null && listens && answers; then
	echo "PostgreSQL: a server listens on 127.0.0.1:5432 and knows the test database"
	exit 0
fi
if [ "$(id -u)" != 0 ]; then
	echo "PostgreSQL is missing. As root run: scripts/postgres.sh  (or set PARVIS_TEST_POSTGRES to a server where Parvis may create schemas)" >&2
	exit 1
fi
if listens && ! command -v psql >/dev/null; then
	echo "PostgreSQL: a server listens on 127.0.0.1:5432; installing Debian's client to look at it"
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends postgresql-client >/dev/null
	if answers; then
		echo "PostgreSQL: it knows the test database"
		exit 0
	fi
fi
if ! ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then
	echo "PostgreSQL: installing Debian's server"
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends postgresql postgresql-client >/dev/null
fi
if ! listens; then
	echo "PostgreSQL: starting the server"
	service postgresql start >/dev/null
	for _ in $(seq 1 60); do listens && break; sleep 0.5; done
fi
as_postgres() { su postgres -c "psql -qAt -d postgres -c \"$1\""; }
[ "$(as_postgres "select 1 from pg_roles where rolname = 'parvis'")" = 1 ] || as_postgres "create role parvis login createdb password 'parvis'"
[ "$(as_postgres "select 1 from pg_database where datname = 'parvis_test'")" = 1 ] || as_postgres "create database parvis_test owner parvis"
answers || { echo "PostgreSQL listens on 127.0.0.1:5432 but refuses the test account; set PARVIS_TEST_POSTGRES" >&2; exit 1; }
echo "PostgreSQL: ready"
