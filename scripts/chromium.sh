#!/usr/bin/env bash
# Makes sure that the browser tests have Chromium: uses the one on the PATH, else installs Debian's.
set -euo pipefail
for name in chromium chromium-browser google-chrome; do
	if command -v "$name" >/dev/null; then
		echo "Chromium: $(command -v "$name")"
		exit 0
	fi
done
if [ "$(id -u)" != 0 ]; then
	echo "Chromium is missing. As root run: apt-get install chromium" >&2
	exit 1
fi
echo "Chromium: installing Debian's package"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends chromium >/dev/null
command -v chromium >/dev/null
