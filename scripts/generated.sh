#!/usr/bin/env bash
# The committed *_templ.go are those of the *.templ beside them.
set -euo pipefail
cd "$(dirname "$0")/.."
before=$(git ls-files -co --exclude-standard '*_templ.go' | xargs -r sha256sum)
go tool -modfile=tools/go.mod templ generate -log-level error
after=$(git ls-files -co --exclude-standard '*_templ.go' | xargs -r sha256sum)
if [ "$before" != "$after" ]; then
	echo "Generated pages are stale: run make generate and commit the result." >&2
	diff <(echo "$before") <(echo "$after") >&2 || true
	exit 1
fi
