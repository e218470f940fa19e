#!/bin/sh
# Makes a wheel for each platform, with the C library in it, and a source
# distribution without; see .ci/release/bindings.
set -eu
python3 -m venv --help >/dev/null 2>&1 || { echo "skipped: no python3 with venv here for the wheels"; exit; }
python3 -m venv venv
venv/bin/pip -q --disable-pip-version-check install setuptools==80.9.0 wheel==0.45.1
wheel() { # LIBRARY PLATFORM
	[ -f "$LIBRARIES/$1" ] || return 0
	rm -rf build src/leasehold/lib
	mkdir src/leasehold/lib
	cp "$LIBRARIES/$1" src/leasehold/lib/
	_PYTHON_HOST_PLATFORM=$2 venv/bin/pip -q --disable-pip-version-check wheel --no-build-isolation --no-deps -w "$3" .
}
wheel linux_amd64/lib/libleasehold.so.1 linux-x86_64 "$1"
wheel linux_arm64/lib/libleasehold.so.1 linux-aarch64 "$1"
wheel windows_amd64/bin/leasehold.dll win-amd64 "$1"
rm -rf build src/leasehold/lib
venv/bin/python setup.py -q sdist
tar -xzf "dist/leasehold-$VERSION.tar.gz" # setuptools notes the time of day in it
"$PACK" "leasehold-$VERSION" "$1/leasehold-$VERSION.tar.gz"
